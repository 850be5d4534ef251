"""The shapes of answers, as the schema tells them; web/api/v1/present.py fills them."""

from functools import cache
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, inline_serializer
from rest_framework import serializers

from accounts.models import Team, User
from products.models import Release
from sla.models import CoverState
from tickets.models import (
    BulkLine,
    Category,
    Event,
    FieldDefinition,
    Message,
    Priority,
    Relation,
    Status,
    Ticket,
)


class PersonRef(serializers.Serializer[Any]):
    """A person in short; customers read names of agents, not addresses."""

    id = serializers.IntegerField()
    email = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class NamedRef(serializers.Serializer[Any]):
    """A row in short."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ClockBrief(serializers.Serializer[Any]):
    """One clock of a ticket, in short."""

    metric = serializers.CharField()
    seq = serializers.IntegerField()
    state = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    target_seconds = serializers.IntegerField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)


class TicketOut(serializers.Serializer[Any]):
    """A ticket."""

    number = serializers.IntegerField()
    url = serializers.CharField()
    subject = serializers.CharField()
    category = serializers.ChoiceField(Category.choices, allow_null=True)
    category_confirmed = serializers.BooleanField()
    priority = serializers.ChoiceField(Priority.choices)
    status = serializers.ChoiceField(Status.choices)
    hold_reason = serializers.CharField(allow_blank=True)
    emergency = serializers.BooleanField()
    source = serializers.ChoiceField(Ticket.Source.choices)  # type: ignore[assignment]
    requester = PersonRef()
    organisation = NamedRef(allow_null=True)
    assignee = PersonRef(allow_null=True)
    team = NamedRef(allow_null=True)
    product = serializers.CharField(allow_null=True)
    component = serializers.CharField(allow_null=True)
    affected_release = serializers.CharField(allow_null=True)
    fixed_in = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    fields = serializers.DictField()  # type: ignore[assignment]  # a column of ours
    external_source = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    follows_up = serializers.IntegerField(allow_null=True)
    merged_into = serializers.IntegerField(allow_null=True)
    is_spam = serializers.BooleanField(allow_null=True)
    snoozed_at = serializers.DateTimeField(allow_null=True)
    snoozed_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    cover = serializers.ChoiceField(CoverState.choices, allow_null=True)
    agreement = serializers.IntegerField(allow_null=True)
    sla = ClockBrief(many=True)
    version = serializers.IntegerField()


class AttachmentOut(serializers.Serializer[Any]):
    """A file on a message."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()
    media_type = serializers.CharField()
    url = serializers.CharField()
    redacted_at = serializers.DateTimeField(allow_null=True)


class MessageOut(serializers.Serializer[Any]):
    """A reply or a note."""

    id = serializers.IntegerField()
    ticket = serializers.IntegerField()
    kind = serializers.ChoiceField(Message.Kind.choices)
    author = PersonRef(allow_null=True)
    author_name = serializers.CharField(allow_blank=True)
    by = serializers.ChoiceField(["customer", "agent", "bot", "third_party"])
    channel = serializers.ChoiceField(Message.Channel.choices)
    body = serializers.CharField(allow_blank=True)
    mentions = PersonRef(many=True)
    attachments = AttachmentOut(many=True)
    created_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    redacted_at = serializers.DateTimeField(allow_null=True)


MessageOrFollowUp = PolymorphicProxySerializer(  # a closed ticket gives the ticket that goes on
    component_name="MessageOrFollowUp",
    serializers=[MessageOut, TicketOut],
    resource_type_field_name=None,
)


class EventOut(serializers.Serializer[Any]):
    """One change of a ticket."""

    ticket = serializers.IntegerField()
    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(Event.Kind.choices)
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True)
    spoken_by = serializers.CharField(allow_blank=True)
    door = serializers.CharField()
    before = serializers.DictField()
    after = serializers.DictField()
    message = serializers.IntegerField(allow_null=True)
    request_id = serializers.CharField(allow_blank=True)


class TicketRef(serializers.Serializer[Any]):
    """A ticket in short."""

    number = serializers.IntegerField()
    subject = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)


class LinkOut(serializers.Serializer[Any]):
    """What a ticket is to another one."""

    id = serializers.IntegerField()
    relation = serializers.ChoiceField(Relation.choices)
    ticket = TicketRef()
    created_at = serializers.DateTimeField()


class UploadOut(serializers.Serializer[Any]):
    """A file that waits to be sent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    media_type = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PersonOut(serializers.Serializer[Any]):
    """A person."""

    id = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(User.Role.choices)
    organisation = NamedRef(allow_null=True)
    sees_organisation = serializers.BooleanField()
    time_zone = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    is_blocked = serializers.BooleanField()
    email_verified_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class OrganisationOut(serializers.Serializer[Any]):
    """An organisation."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    domains = serializers.ListField(child=serializers.CharField())
    time_zone = serializers.CharField(allow_blank=True)
    notes = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class TeamOut(serializers.Serializer[Any]):
    """A team."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    is_private = serializers.BooleanField()
    signature = serializers.CharField(allow_blank=True)
    sharing = serializers.ChoiceField(Team.Sharing.choices)
    members = NamedRef(many=True)


class ReleaseOut(serializers.Serializer[Any]):
    """A release of a product."""

    id = serializers.IntegerField()
    product = serializers.CharField()
    version = serializers.CharField()
    status = serializers.ChoiceField(Release.Status.choices)
    published_on = serializers.DateField(allow_null=True)


class ComponentOut(serializers.Serializer[Any]):
    """A component of a product."""

    id = serializers.IntegerField()
    product = serializers.CharField()
    name = serializers.CharField()


class ProductOut(serializers.Serializer[Any]):
    """A product."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()


class FieldOut(serializers.Serializer[Any]):
    """A custom field."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a column of ours
    help_text = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # likewise
    type = serializers.ChoiceField(FieldDefinition.Type.choices)
    choices = serializers.ListField(child=serializers.CharField())
    products = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    is_customer_visible = serializers.BooleanField()
    is_active = serializers.BooleanField()
    order = serializers.IntegerField()


class TagOut(serializers.Serializer[Any]):
    """A tag."""

    name = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    """Who calls, and what the token may do."""

    person = PersonOut(allow_null=True)
    integration = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)


class ProblemError(serializers.Serializer[Any]):
    """One field at fault: a JSON pointer, a code, a sentence."""

    pointer = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField(allow_blank=True)
    errors = ProblemError(many=True)  # type: ignore[assignment]  # RFC 9457 calls it so
    number = serializers.IntegerField(required=False)


@cache
def listed(
    shape: type[serializers.Serializer[Any]], **more: "serializers.Field[Any, Any, Any, Any]"
) -> serializers.Serializer[Any]:
    """Give the shape of a list: `{data, next_cursor, has_more}`, perhaps `count`, and more."""
    return inline_serializer(
        f"{shape.__name__.removesuffix('Out')}List",
        {
            "data": shape(many=True),
            "next_cursor": serializers.CharField(allow_null=True),
            "has_more": serializers.BooleanField(),
            "count": serializers.IntegerField(required=False),
            **more,
        },
    )


class SlaOut(serializers.Serializer[Any]):
    """Why a ticket is due when it is: every clock, its policy and its segments."""

    number = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    clocks = serializers.ListField(child=serializers.DictField())


class CalendarOut(serializers.Serializer[Any]):
    """A calendar with its current document."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    document = serializers.DictField()


class CalendarVersionOut(serializers.Serializer[Any]):
    """One version of a calendar, in short."""

    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    tzdata = serializers.CharField()
    counted_from = serializers.DateTimeField(allow_null=True)


class CalendarWithVersionsOut(CalendarOut):
    """A calendar with its last 100 versions and the policies that ever counted on it."""

    policies = NamedRef(many=True)
    versions = CalendarVersionOut(many=True)


class MoveOut(serializers.Serializer[Any]):
    """A due time that would be another one; null while it is paused."""

    ticket = serializers.IntegerField()
    metric = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    would_be_due_at = serializers.DateTimeField(allow_null=True)


class CalendarDayOut(serializers.Serializer[Any]):
    """When a calendar is open on one day."""

    on = serializers.DateField()
    open = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    name = serializers.CharField(allow_blank=True)


class CalendarPreviewOut(serializers.Serializer[Any]):
    """What an edit of a calendar would do."""

    tickets = serializers.IntegerField()
    has_more_tickets = serializers.BooleanField()
    moves = MoveOut(many=True)
    days = CalendarDayOut(many=True)


class RolloutOut(serializers.Serializer[Any]):
    """A change of promises and how far clocks have followed it."""

    id = serializers.IntegerField()
    what = serializers.CharField(allow_blank=True)
    calendar = serializers.IntegerField(allow_null=True)
    policy = serializers.IntegerField(allow_null=True)
    organisation = serializers.IntegerField(allow_null=True)
    effective_from = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    next_number = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    changed = serializers.IntegerField()
    done_at = serializers.DateTimeField(allow_null=True)


class MacroOut(serializers.Serializer[Any]):
    """A macro."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    team = NamedRef(allow_null=True)
    kind = serializers.ChoiceField(Message.Kind.choices, allow_null=True)
    body = serializers.CharField(allow_blank=True)
    steps = serializers.ListField(child=serializers.DictField())
    position = serializers.IntegerField()
    is_active = serializers.BooleanField()
    used = serializers.IntegerField()
    used_at = serializers.DateTimeField(allow_null=True)


class ChangeOut(serializers.Serializer[Any]):
    """What one step would do; `before` is empty where nothing is replaced."""

    do = serializers.CharField()
    name = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField()


class MacroPreviewOut(serializers.Serializer[Any]):
    """What a macro would do to a ticket; `missing` are placeholders without a value there."""

    kind = serializers.ChoiceField(Message.Kind.choices, allow_null=True)
    body = serializers.CharField(allow_blank=True)
    missing = serializers.ListField(child=serializers.CharField())
    changes = ChangeOut(many=True)
    refusal = serializers.CharField(allow_blank=True)


class BulkLineOut(serializers.Serializer[Any]):
    """What became of one ticket of a job; a refusal has its code and sentence."""

    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(BulkLine.Outcome.choices)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


class JobOut(serializers.Serializer[Any]):
    """A change of many tickets, how far it is, and a page of what became of each."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    state = serializers.ChoiceField(["running", "done", "cancelled"])
    steps = serializers.ListField(child=serializers.DictField())
    dry_run = serializers.BooleanField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    refused = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    may_undo_until = serializers.DateTimeField(allow_null=True)
    undoes = serializers.IntegerField(allow_null=True)
    undone_by = serializers.IntegerField(allow_null=True)
    results = BulkLineOut(many=True)
    next_cursor = serializers.CharField(allow_null=True)
