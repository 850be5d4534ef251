"""What a ticket's page tells: messages, and between them what happened, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from sla.models.policies import Metric
from tickets import attachments
from tickets.models import (
    UNDO_WINDOW,
    Attachment,
    Category,
    Event,
    Message,
    Priority,
    Relation,
    SideConversation,
    Status,
)
from web import words

Kind = Event.Kind
_NAMES_ANOTHER = {Kind.MERGED, Kind.UNMERGED, Kind.MERGED_IN, Kind.MERGED_OUT, Kind.SPLIT}
_OF_TIME = {Kind.TIME_LOGGED, Kind.TIME_CHANGED, Kind.TIME_DELETED}
_SAID_BY_ITS_MESSAGE = {
    Kind.MESSAGE_ADDED, Kind.SIDE_STARTED, Kind.SIDE_WRITTEN, Kind.SIDE_ANSWERED,
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """One attachment as a page shows it."""

    key: str
    name: str
    size: int
    href: str
    is_picture: bool
    redacted_at: datetime | None


@dataclass(frozen=True)
class Change:
    """One event in words: who did what, from what to what, when."""

    who: str
    what: str
    detail: str
    at: datetime


@dataclass
class Entry:
    """A message (`kind` customer, agent or note), a run of `changes`, or the `talk` of a
    conversation with a third party (`kind` side).

    `split_into` is the ticket that was made of the message.
    """

    kind: str
    at: datetime
    message: Message | None = None
    files: list[File] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    undo_until: datetime | None = None
    split_into: int | None = None
    side: SideConversation | None = None
    talk: list["Entry"] = field(default_factory=list)

    @property
    def actors(self) -> str:
        """Who made the changes of a run, each named once."""
        return ", ".join(dict.fromkeys(change.who for change in self.changes))


def entries(
    messages: Iterable[Message],
    events: Iterable[Event],
    *,
    viewer: User | None,
    at: datetime,
) -> list[Entry]:
    """Weave messages (with their attachments) and events into one list, oldest first.

    Both must be limited to what the viewer may see. A withdrawn message is left to its events.
    """
    events = list(events)
    opening = {event.message_id for event in events if event.kind == Kind.OPENED}
    split = {
        event.after["message"]: event.after["ticket"]
        for event in events
        if event.kind == Kind.SPLIT
    }
    said = [
        _entry(message, opening, split, viewer, at)
        for message in sorted(messages, key=lambda each: (each.created_at, each.pk))
        if message.withdrawn_at is None
    ]
    told: list[tuple[datetime, int, Entry | Change]] = [
        (entry.at, entry.message.pk if entry.message else 0, entry) for entry in _gathered(said)
    ]
    told += [
        (event.at, event.pk, change_of(event))
        for event in events
        if event.kind not in _SAID_BY_ITS_MESSAGE
    ]
    told.sort(key=lambda item: (item[0], isinstance(item[2], Entry), item[1]))
    woven: list[Entry] = []
    for moment, _key, item in told:
        if isinstance(item, Entry):
            woven.append(item)
        elif woven and woven[-1].kind == "changes":
            woven[-1].changes.append(item)
        else:
            woven.append(Entry("changes", moment, changes=[item]))
    return woven


def _gathered(said: Iterable[Entry]) -> list[Entry]:
    """Gather what was said with a third party where that conversation began."""
    kept: list[Entry] = []
    talks: dict[int, Entry] = {}
    for entry in said:
        side = entry.message.side if entry.message else None
        if side is None:
            kept.append(entry)
        elif side.pk in talks:
            talks[side.pk].talk.append(entry)
        else:
            whole = Entry("side", entry.at, message=entry.message, side=side, talk=[entry])
            talks[side.pk] = whole
            kept.append(whole)
    return kept


def change_of(event: Event) -> Change:
    """Put one event into words; every kind has some."""
    who = event.actor_name or _("The desk")
    if event.spoken_by:
        who = _("%(name)s, through %(token)s") % {"name": who, "token": event.spoken_by}
    return Change(who, str(Kind(event.kind).label), _detail(event), event.at)


def _entry(
    message: Message, opening: set[int | None], split: dict[int, int], viewer: User | None,
    at: datetime,
) -> Entry:  # fmt: skip
    kind = "note" if message.is_note else "agent" if message.author_is_agent else "customer"
    is_own = viewer is not None and message.author_id == viewer.pk
    may_undo = is_own and message.pk not in opening and message.is_in_undo_window(at)
    until = message.created_at + UNDO_WINDOW
    return Entry(
        kind,
        message.created_at,
        message=message,
        files=[_file(each) for each in message.attachments.all()],
        undo_until=until if may_undo else None,
        split_into=split.get(message.pk),
    )


def _file(attachment: Attachment) -> File:
    return File(
        key=attachment.key,
        name=attachment.name,
        size=attachment.size,
        href=reverse("file", args=[attachment.key]),
        is_picture=attachment.media_type in attachments.SHOWN_INLINE,
        redacted_at=attachment.redacted_at,
    )


def _detail(event: Event) -> str:
    if event.kind == Kind.FIELDS_SET:
        return _fields(event.before.get("fields") or {}, event.after.get("fields") or {})
    if event.kind == Kind.CHECKLIST_CHANGED:
        return _checklist(event.before, event.after)
    if event.kind in {Kind.LINKED, Kind.UNLINKED}:
        said = event.after or event.before
        return f"{Relation(said['relation']).label} #{said['ticket']}"
    if event.kind in _NAMES_ANOTHER:
        other = event.after.get("merged_into") or event.before.get("merged_into")
        return f"#{other['id'] if other else event.after['ticket']}"
    if event.kind == Kind.SNOOZED:
        until = word("due_at", event.after.get("snoozed_until"))
        return _("until %(time)s") % {"time": until} if until else _("until the customer answers")
    if event.kind == Kind.SLA_DUE_SET:
        metric = word("metric", event.after["metric"])
        return f"{metric}: {_from_to('due_at', event.before['due_at'], event.after['due_at'])}"
    if event.kind in _OF_TIME:
        return _time(event)
    for name in _SHOWN.get(event.kind, ()):
        if name in event.after or name in event.before:
            said = _from_to(name, event.before.get(name), event.after.get(name))
            how = word("how", event.after.get("how"))
            return f"{said} ({how})" if how else said
    return ""


def _checklist(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Say what became of an item: at once renamed and ticked, it is said to be done."""
    if before and after and before["item"] == after["item"] and before["place"] != after["place"]:
        return _("%(item)s: moved") % after
    if before and after and before["is_done"] != after["is_done"]:
        return (_("%(item)s: done") if after["is_done"] else _("%(item)s: to be done")) % after
    return _from_to("item", before.get("item"), after.get("item"))


def _time(event: Event) -> str:
    """Say a time entry, or each thing about it that was corrected."""
    if event.kind == Kind.TIME_CHANGED:
        return "; ".join(
            f"{label}: {_from_to(name, event.before[name], event.after[name])}"
            for name, label in _TIME_LABELS.items()
            if name in event.before
        )
    said = event.after or event.before
    parts = [word(name, said.get(name)) for name in ("minutes", "worked_on", "words", "author")]
    return ", ".join(part for part in parts if part)


def _from_to(name: str, before: Any, after: Any) -> str:
    old, new = word(name, before), word(name, after)
    return f"{old} → {new}" if old and new else new or f"{old} → –"


def word(name: str, value: Any) -> str:
    """Say a value of an event, or of a form, in the reader's words."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, dict):
        return str(value.get("name", ""))
    if isinstance(value, list):
        return ", ".join(word(name, each) for each in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "due_at":
        return words.full(datetime.fromisoformat(value))
    if name == "minutes":
        return words.hours(value * words.MINUTE)
    if name == "worked_on":
        return words.day(date.fromisoformat(value))
    choices = _CHOICES.get(name)
    return str(choices(value).label) if choices and value in choices.values else str(value)


def _fields(before: dict[str, Any], after: dict[str, Any]) -> str:
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return "; ".join(
        f"{key}: {_from_to(key, before.get(key), after.get(key))}" for key in sorted(keys)
    )


_CHOICES: dict[str, Any] = {
    "status": Status, "category": Category, "priority": Priority, "metric": Metric,
    "how": Team.Sharing,
}  # fmt: skip
_TIME_LABELS = {
    "minutes": gettext_lazy("time"),
    "worked_on": gettext_lazy("day"),
    "category": gettext_lazy("category"),
    "is_billable": gettext_lazy("billable"),
    "words": gettext_lazy("words"),
}
_SHOWN: dict[str, tuple[str, ...]] = {
    Kind.STATUS_CHANGED: ("status", "hold_reason"),
    Kind.RESOLVED: ("status",),
    Kind.REOPENED: ("status",),
    Kind.CLOSED: ("status",),
    Kind.CATEGORY_SET: ("category",),
    Kind.PRIORITY_SET: ("priority",),
    Kind.EMERGENCY_SET: ("emergency",),
    Kind.TEAM_SET: ("team",),
    Kind.ASSIGNED: ("assignee",),
    Kind.UNASSIGNED: ("assignee",),
    Kind.PRODUCT_SET: ("product",),
    Kind.COMPONENT_SET: ("component",),
    Kind.AFFECTED_RELEASE_SET: ("affected_release",),
    Kind.FIXED_IN_SET: ("fixed_in",),
    Kind.SUBJECT_SET: ("subject",),
    Kind.TAGGED: ("tags",),
    Kind.REQUESTER_SET: ("requester",),
    Kind.ORGANISATION_SET: ("organisation",),
    Kind.SIDE_STARTED: ("with",),
    Kind.SIDE_WRITTEN: ("with",),
    Kind.SIDE_ANSWERED: ("with",),
    Kind.SIDE_CLOSED: ("with",),
    Kind.CC_SET: ("cc",),
    Kind.SLA_WARNED: ("metric",),
    Kind.SLA_BREACHED: ("metric",),
    Kind.SLA_ESCALATED: ("metric",),
    Kind.SLA_REVOKED: ("metric",),
    Kind.NOTICE_ASKED: ("why",),
}
