"""THE DOOR: every change of a ticket is one function in here, one transaction, one event."""

from tickets.actions.about import (
    set_affected_release,
    set_component,
    set_fixed_in,
    set_product,
)
from tickets.actions.checklists import add_item, change_item, checklist_of, remove_item
from tickets.actions.copying import add_cc, copied_on, remove_cc, set_cc
from tickets.actions.desk import change_desk
from tickets.actions.drafts import discard_draft, keep_draft
from tickets.actions.effort import change_time, delete_time, log_time
from tickets.actions.linking import link, links_of, unlink
from tickets.actions.merging import merge, refusal_to_merge, unmerge
from tickets.actions.messages import (
    note,
    receive,
    redact_attachment,
    redact_message,
    reply,
    withdraw,
)
from tickets.actions.notices import ask_notice
from tickets.actions.opening import Filing, lock_external_id, open_ticket
from tickets.actions.owners import (
    assign,
    hand_over,
    take,
    unassign,
    unwatch,
    watch,
)
from tickets.actions.people import change_person, save_organisation
from tickets.actions.requesters import (
    confirm_requester,
    make_link,
    merge_people,
    set_organisation,
    set_requester,
    use_link,
)
from tickets.actions.sides import answer_side, close_side, start_side, write_side
from tickets.actions.snoozing import snooze, wake, wake_if_due
from tickets.actions.spam import mark_spam, unmark_spam
from tickets.actions.splitting import split
from tickets.actions.status import (
    close,
    close_if_quiet,
    hold,
    pend,
    reopen,
    resolve,
    set_status,
    start,
)
from tickets.actions.triage import (
    add_tags,
    confirm_category,
    raise_priority,
    set_category,
    set_emergency,
    set_fields,
    set_priority,
    set_subject,
    set_tags,
)
from tickets.actions.undo import revert

__all__ = [
    "Filing",
    "add_cc",
    "add_item",
    "add_tags",
    "answer_side",
    "ask_notice",
    "assign",
    "change_desk",
    "change_item",
    "change_person",
    "change_time",
    "checklist_of",
    "close",
    "close_if_quiet",
    "close_side",
    "confirm_category",
    "confirm_requester",
    "copied_on",
    "delete_time",
    "discard_draft",
    "hand_over",
    "hold",
    "keep_draft",
    "link",
    "links_of",
    "lock_external_id",
    "log_time",
    "make_link",
    "mark_spam",
    "merge",
    "merge_people",
    "note",
    "open_ticket",
    "pend",
    "raise_priority",
    "receive",
    "redact_attachment",
    "redact_message",
    "refusal_to_merge",
    "remove_cc",
    "remove_item",
    "reopen",
    "reply",
    "resolve",
    "revert",
    "save_organisation",
    "set_affected_release",
    "set_category",
    "set_cc",
    "set_component",
    "set_emergency",
    "set_fields",
    "set_fixed_in",
    "set_organisation",
    "set_priority",
    "set_product",
    "set_requester",
    "set_status",
    "set_subject",
    "set_tags",
    "snooze",
    "split",
    "start",
    "start_side",
    "take",
    "unassign",
    "unlink",
    "unmark_spam",
    "unmerge",
    "unwatch",
    "use_link",
    "wake",
    "wake_if_due",
    "watch",
    "withdraw",
    "write_side",
]
