"""Policies as calls send and get them, in the words of sla.policy_documents."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sla.happenings import METRICS, RESTART, RESUME
from sla.models import PolicyVersion
from sla.policy_documents import ACTIONS, LONGEST_AMOUNT, MOST_STEPS
from sla.simulation import KINDS, MOST_MOMENTS
from tickets.models import Category, Priority
from tickets.models.tickets import LIVE
from web.api.v1.inputs import Strict
from web.api.v1.present import Row, instant

KEY: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
DOCUMENT = (
    "match", "pause", "on_reopen", "reopen_minimum_percent", "change_minimum_percent", "steps",
    "calendars",
)  # fmt: skip


@extend_schema_field(
    {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": LONGEST_AMOUNT}]}
)
class AmountIn(serializers.Field):  # type: ignore[type-arg]
    """Seconds, or a time such as "30m", "4h", "2d"."""

    def to_internal_value(self, data: Any) -> int | str:
        """Take a whole number or a short text; what it means is sla.policy_documents' to say."""
        if type(data) is int and abs(data) < 2**40:
            return data
        if isinstance(data, str) and len(data) <= LONGEST_AMOUNT:
            return data
        raise serializers.ValidationError("Give a time such as 30m, 4h or 2d.")

    def to_representation(self, value: Any) -> Any:
        """Give it as it was put."""
        return value


class ActionIn(Strict):
    """What a step does; `to` names whom or what."""

    do = serializers.ChoiceField(ACTIONS)
    to = serializers.JSONField(required=False)


class StepIn(Strict):
    """A warning or escalation: `percent` of the target, or `offset` seconds from due."""

    name = serializers.CharField(max_length=50)
    percent = serializers.IntegerField(required=False, min_value=-(2**31), max_value=2**31)
    offset = serializers.IntegerField(required=False, min_value=-(2**31), max_value=2**31)
    wall = serializers.BooleanField(required=False)
    actions = serializers.ListField(child=ActionIn(), max_length=10, required=False)


class TermsIn(Strict):
    """What a policy promises: its calendar, targets and rules."""

    calendar = serializers.IntegerField(**KEY)
    targets = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=AmountIn()))
    )
    match = serializers.DictField(child=serializers.CharField(max_length=1000), required=False)
    pause = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(LIVE), max_length=4),
        required=False,
    )
    on_reopen = serializers.ChoiceField([RESUME, RESTART], required=False)
    reopen_minimum_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    change_minimum_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    steps = serializers.DictField(
        child=serializers.ListField(child=StepIn(), max_length=MOST_STEPS), required=False
    )
    calendars = serializers.DictField(child=serializers.IntegerField(**KEY), required=False)


class PolicyIn(TermsIn):
    """A new policy."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=250, required=False, allow_blank=True)
    is_plan = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class PolicyPatch(PolicyIn):
    """Changes of a policy; what is left out stays as it is."""

    name = serializers.CharField(max_length=100, required=False)
    calendar = serializers.IntegerField(**KEY, required=False)
    targets = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=AmountIn())),
        required=False,
    )


class MoveIn(Strict):
    """The place in the order, 1 being the first."""

    to = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class MomentIn(Strict):
    """Something that happens to the imagined ticket."""

    kind = serializers.ChoiceField(KINDS)
    at = serializers.DateTimeField()


class ImaginedIn(Strict):
    """The imagined ticket."""

    created_at = serializers.DateTimeField()
    category = serializers.ChoiceField(Category.choices, required=False, allow_null=True)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    organisation = serializers.IntegerField(**KEY, required=False, allow_null=True)


class SimulationIn(Strict):
    """A policy that is not saved, a ticket, and what happens to it in this order."""

    policy = TermsIn()
    ticket = ImaginedIn()
    events = serializers.ListField(child=MomentIn(), max_length=MOST_MOMENTS, required=False)


class PolicyOut(serializers.Serializer[Any]):
    """A policy in its current version; `targets` as they were put, `target_seconds` in seconds."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    position = serializers.IntegerField()
    is_default = serializers.BooleanField()
    is_plan = serializers.BooleanField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()
    version_created_at = serializers.DateTimeField()
    version_created_by = serializers.CharField(allow_blank=True)
    calendar = serializers.IntegerField()
    targets = serializers.DictField()
    target_seconds = serializers.DictField()
    match = serializers.DictField()
    pause = serializers.DictField()
    on_reopen = serializers.ChoiceField([RESUME, RESTART])
    reopen_minimum_percent = serializers.IntegerField()
    change_minimum_percent = serializers.IntegerField()
    steps = serializers.DictField()
    calendars = serializers.DictField()


class SimulatedClock(serializers.Serializer[Any]):
    """One clock as it stands after the last event."""

    metric = serializers.ChoiceField(METRICS)
    seq = serializers.IntegerField()
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)
    target_seconds = serializers.IntegerField()
    elapsed_seconds = serializers.IntegerField()
    segments = serializers.ListField(child=serializers.DictField())


class StoryLine(serializers.Serializer[Any]):
    """Something that happened, or will if nothing else does (`is_ahead`)."""

    at = serializers.DateTimeField()
    what = serializers.CharField()
    metric = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField(allow_null=True)
    step = serializers.CharField(allow_null=True)
    is_ahead = serializers.BooleanField()


class SimulationOut(serializers.Serializer[Any]):
    """The clocks of the imagined ticket, and its story."""

    zone = serializers.CharField()
    clocks = SimulatedClock(many=True)
    story = StoryLine(many=True)


def policy(version: PolicyVersion) -> Row:
    """Give a policy in this version."""
    row, document = version.policy, version.document
    return {
        "id": row.pk,
        "name": row.name,
        "description": row.description,
        "position": row.position,
        "is_default": row.is_default,
        "is_plan": row.is_plan,
        "is_active": row.is_active,
        "version": version.number,
        "version_created_at": instant(version.created_at),
        "version_created_by": version.created_by,
        "calendar": version.calendar_id,
        "targets": targets(version, written=True),
        "target_seconds": targets(version),
        "match": document.get("match") or {},
        "pause": document["pause"],
        "on_reopen": document.get("on_reopen", RESUME),
        "reopen_minimum_percent": document.get("reopen_minimum_percent", 0),
        "change_minimum_percent": document.get("change_minimum_percent", 0),
        "steps": document.get("steps", {}),
        "calendars": document.get("calendars", {}),
    }


def targets(version: PolicyVersion, *, written: bool = False) -> dict[str, dict[str, Row]]:
    """Give the table: metric → category or `any` → priority → amount."""
    table: dict[str, dict[str, Row]] = {}
    for row in sorted(version.targets.all(), key=lambda each: each.pk):
        cells = table.setdefault(row.metric, {}).setdefault(row.category or "any", {})
        cells[row.priority] = (written and row.written) or row.seconds
    return table
