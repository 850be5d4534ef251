"""What calls may send; unknown and read-only keys are refused (docs/api.md, Strict input)."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.zones import validate_zone
from products.models import Release
from tickets.models import Category, FieldDefinition, Message, Priority, Relation, Status

Fields = serializers.Serializer[Any]


class Strict(Fields):
    """A shape that takes exactly its own keys."""

    def to_internal_value(self, data: Any) -> Any:
        """Check keys first, so that nothing sent is silently dropped."""
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail("There is no such key.", "unknown_key")]
                     for name in unknown}
                )  # fmt: skip
        return super().to_internal_value(data)


def read(shape: type[Strict], request: Any) -> dict[str, Any]:
    """Check a request's body against a shape and give its values.

    :raises ValidationError: a key or value is not right.
    """
    checked = shape(data=request.data)
    checked.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(checked.validated_data)
    return values


class PersonIn(Strict):
    """Somebody by address."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)


class TicketIn(Strict):
    """A new ticket."""

    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(max_length=200_000, trim_whitespace=False)
    requester = PersonIn(required=False)
    category = serializers.ChoiceField(Category.choices, required=False, allow_null=True)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    product = serializers.CharField(max_length=60, required=False, allow_null=True)
    component = serializers.CharField(max_length=120, required=False, allow_null=True)
    affected_release = serializers.CharField(max_length=60, required=False, allow_null=True)
    team = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    assignee = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=30, required=False
    )
    fields = serializers.DictField(required=False)  # type: ignore[assignment]  # a column of ours
    emergency = serializers.BooleanField(required=False)
    external_source = serializers.CharField(max_length=60, required=False, allow_null=True)
    external_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, required=False
    )


class ExternalTicketIn(TicketIn):
    """A ticket named by its external id; on a repeated call only what is given changes."""

    subject = serializers.CharField(max_length=250, required=False)
    body = serializers.CharField(max_length=200_000, required=False, trim_whitespace=False)
    external_source = None  # type: ignore[assignment]  # stands in the address
    external_id = None  # type: ignore[assignment]


class TicketPatch(Strict):
    """Changes of a ticket; what is left out stays."""

    subject = serializers.CharField(max_length=250, required=False)
    requester = PersonIn(required=False)
    organisation = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    category = serializers.ChoiceField(Category.choices, required=False, allow_null=True)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    status = serializers.ChoiceField(Status.choices, required=False)
    hold_reason = serializers.CharField(max_length=250, required=False)
    product = serializers.CharField(max_length=60, required=False, allow_null=True)
    component = serializers.CharField(max_length=120, required=False, allow_null=True)
    affected_release = serializers.CharField(max_length=60, required=False, allow_null=True)
    fixed_in = serializers.CharField(max_length=60, required=False, allow_null=True)
    team = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    assignee = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=30, required=False
    )
    fields = serializers.DictField(required=False)  # type: ignore[assignment]  # a column of ours
    emergency = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the reason of a hold beside its status."""
        if "hold_reason" in attrs and attrs.get("status") != Status.ON_HOLD:
            raise serializers.ValidationError(
                {"hold_reason": "It goes with the status on_hold."}, "without_hold"
            )
        return attrs


class MessageIn(Strict):
    """A reply or a note."""

    kind = serializers.ChoiceField(Message.Kind.choices)
    body = serializers.CharField(
        max_length=200_000, required=False, allow_blank=True, trim_whitespace=False
    )
    author = PersonIn(required=False)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, required=False
    )


class SpamIn(Strict):
    """A mark as spam."""

    block_sender = serializers.BooleanField(required=False)


class MergeTicketIn(Strict):
    """The ticket that this one is merged into."""

    into = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class SplitIn(Strict):
    """The message that becomes a ticket; without a subject its first words are it."""

    message = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    subject = serializers.CharField(max_length=250, required=False)


class SnoozeIn(Strict):
    """Until when a ticket is snoozed; null or nothing is until the customer answers."""

    until = serializers.DateTimeField(required=False, allow_null=True)


class LinkIn(Strict):
    """What this ticket is to another one."""

    relation = serializers.ChoiceField(Relation.choices)
    ticket = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class DueIn(Strict):
    """A due time set by hand; null lets the policy say it again."""

    due_at = serializers.DateTimeField(allow_null=True)


class UploadIn(Strict):
    """One file, as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True, max_length=1000)


class AttachmentIn(UploadIn):
    """One file that becomes a message."""

    kind = serializers.ChoiceField(Message.Kind.choices)
    body = serializers.CharField(max_length=200_000, required=False, allow_blank=True)


class NewPersonIn(Strict):
    """A new person."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(User.Role.choices, required=False)
    organisation = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    sees_organisation = serializers.BooleanField(required=False)
    time_zone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, validators=[validate_zone]
    )
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class PersonPatch(NewPersonIn):
    """Changes of a person."""

    email = serializers.EmailField(max_length=254, required=False)
    is_active = serializers.BooleanField(required=False)
    is_blocked = serializers.BooleanField(required=False)


class MergeIn(Strict):
    """The person who gets everything of another."""

    into = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class TeamIn(Strict):
    """A team; `members` are the ids of all its agents."""

    name = serializers.CharField(max_length=100)
    is_private = serializers.BooleanField(required=False)
    signature = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    sharing = serializers.ChoiceField(Team.Sharing.choices, required=False)
    members = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=1000,
        required=False,
    )


class TeamPatch(TeamIn):
    """Changes of a team."""

    name = serializers.CharField(max_length=100, required=False)


class OrganisationIn(Strict):
    """An organisation."""

    name = serializers.CharField(max_length=200)
    domains = serializers.ListField(
        child=serializers.CharField(max_length=253), max_length=100, required=False
    )
    time_zone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, validators=[validate_zone]
    )
    notes = serializers.CharField(max_length=100_000, required=False, allow_blank=True)


class OrganisationPatch(OrganisationIn):
    """Changes of an organisation."""

    name = serializers.CharField(max_length=200, required=False)


class ProductIn(Strict):
    """A product."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    is_active = serializers.BooleanField(required=False)


class ProductPatch(Strict):
    """Changes of a product; its key stays, because integrations name it so."""

    name = serializers.CharField(max_length=120, required=False)
    is_active = serializers.BooleanField(required=False)


class ComponentIn(Strict):
    """A component."""

    name = serializers.CharField(max_length=120)


class ReleaseIn(Strict):
    """A release."""

    version = serializers.CharField(max_length=60)
    status = serializers.ChoiceField(Release.Status.choices, required=False)
    published_on = serializers.DateField(required=False, allow_null=True)


class ReleasePatch(ReleaseIn):
    """Changes of a release: publishing it sets `status` and `published_on`."""

    version = serializers.CharField(max_length=60, required=False)


class FieldIn(Strict):
    """A custom field."""

    key = serializers.SlugField(max_length=40)
    label = serializers.CharField(max_length=100)  # type: ignore[assignment]  # a column of ours
    help_text = serializers.CharField(  # type: ignore[assignment]  # likewise
        max_length=250, required=False, allow_blank=True
    )
    type = serializers.ChoiceField(FieldDefinition.Type.choices)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=200, required=False
    )
    products = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=200, required=False
    )
    is_required = serializers.BooleanField(required=False)
    is_customer_visible = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    order = serializers.IntegerField(min_value=0, max_value=32767, required=False)


class FieldPatch(FieldIn):
    """Changes of a custom field; key and type stay."""

    key = None  # type: ignore[assignment]
    label = serializers.CharField(max_length=100, required=False)
    type = None  # type: ignore[assignment]


class CalendarPreviewIn(Strict):
    """Opening hours to try out; docs/sla.md says what the document holds."""

    document = serializers.DictField()
    counted_from = serializers.DateTimeField(required=False, allow_null=True)


class CalendarIn(Strict):
    """A calendar."""

    name = serializers.CharField(max_length=100)
    document = serializers.DictField()


class CalendarPatch(CalendarIn):
    """Changes of a calendar; `counted_from` counts used time since then again."""

    name = serializers.CharField(max_length=100, required=False)
    document = serializers.DictField(required=False)
    counted_from = serializers.DateTimeField(required=False, allow_null=True)


class CalendarEdit(CalendarPatch):
    """A whole calendar."""

    name = serializers.CharField(max_length=100)
    document = serializers.DictField()


class StepsField(serializers.ListField):
    """Steps as docs/api.md lists them; what each may hold is said by the desk's own rules."""

    child = serializers.DictField()


class MacroIn(Strict):
    """A macro."""

    name = serializers.CharField(max_length=100)
    team = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, allow_null=True
    )
    kind = serializers.ChoiceField(Message.Kind.choices, required=False, allow_null=True)
    body = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    steps = StepsField(max_length=20, required=False)
    position = serializers.IntegerField(min_value=0, max_value=999, required=False)
    is_active = serializers.BooleanField(required=False)


class MacroPatch(MacroIn):
    """Changes of a macro; `is_active` false retires it."""

    name = serializers.CharField(max_length=100, required=False)


class BulkIn(Strict):
    """Steps for many tickets: those with `numbers`, or all that `filter` finds."""

    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=500,
        required=False,
    )
    filter = serializers.DictField(
        child=serializers.CharField(), allow_empty=False, required=False
    )
    steps = StepsField(min_length=1, max_length=20)
    dry_run = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two ways to name tickets."""
        if ("numbers" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError(
                {"numbers": "Give either numbers or a filter."}, "numbers_or_filter"
            )
        return attrs
