"""The one condition language for lists of tickets: a name and a value become a condition."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import Exact
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import DeskSettings
from tickets import search
from tickets.errors import BadFilter
from tickets.models import Category, FieldDefinition, Priority, Status, Ticket
from tickets.models.tickets import LIVE, UNTRIAGED

Parser = Callable[[str, Actor, datetime], Q]


@dataclass(frozen=True)
class Condition:
    """How one filter reads its value; `agents_only` ones do not exist for customers."""

    parse: Parser
    agents_only: bool = False
    help: str = ""


def conditions(given: Iterable[tuple[str, str]], *, actor: Actor, at: datetime) -> Q:
    """Turn (name, value) pairs into one condition; all must hold.

    :raises BadFilter: a name is unknown to this actor, or a value makes no sense; `pointer`
        is the name.
    """
    known = known_filters()
    together = Q()
    for name, value in given:
        condition = known.get("fields." if name.startswith("fields.") else name)
        if condition is None or (condition.agents_only and not (actor.is_agent or actor.is_admin)):
            raise BadFilter(_("There is no filter “%(name)s”.") % {"name": name}, pointer=name)
        if "\0" in value or len(value) > 1000:
            raise BadFilter(_("This value cannot be read."), pointer=name)
        try:
            together &= (
                _custom(name.removeprefix("fields."), value, actor)
                if name.startswith("fields.")
                else condition.parse(value, actor, at)
            )
        except BadFilter as refusal:
            refusal.pointer = name
            raise
    return together


@cache
def known_filters() -> Mapping[str, Condition]:
    """Gather the filters that the apps named in settings define, once."""
    return {
        name: condition
        for path in settings.TICKET_FILTERS
        for name, condition in import_string(path).items()
    }


def words(value: str, allowed: Iterable[str]) -> list[str]:
    """Split a comma list of known words.

    :raises BadFilter: a word is not among them.
    """
    known = list(allowed)
    wanted = [word.strip() for word in value.split(",")]
    for word in wanted:
        if word not in known:
            raise BadFilter(
                _("“%(word)s” is not one of: %(known)s.")
                % {"word": word[:60], "known": ", ".join(known)}
            )
    return wanted


def moment(value: str) -> datetime:
    """Read an RFC 3339 instant, or a day as its start in UTC.

    :raises BadFilter: it is neither, or outside the years 1970 to 9000.
    """
    try:
        day = parse_date(value)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(value)
        if at is not None and at.tzinfo is not None and 1970 <= at.year <= 9000:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadFilter(_("Give an instant such as 2026-03-31T09:00:00Z."))


def truth(value: str) -> bool:
    """Read `true` or `false`.

    :raises BadFilter: it is neither.
    """
    if value not in {"true", "false"}:
        raise BadFilter(_("Say true or false."))
    return value == "true"


def number(value: str) -> int:
    """Read a key of a row.

    :raises BadFilter: it is not a positive whole number that a key could have.
    """
    if not (value.isascii() and value.isdigit() and len(value) < 19) or int(value) == 0:
        raise BadFilter(_("Give a number."))
    return int(value)


def _status(value: str, actor: Actor, at: datetime) -> Q:
    wanted = set(words(value, [*Status.values, "live", "any"]))
    if "any" in wanted:
        return Q()
    if "live" in wanted:
        wanted = (wanted - {"live"}) | set(LIVE)
    return Q(status__in=sorted(wanted))


def _category(value: str, actor: Actor, at: datetime) -> Q:
    wanted = words(value, [*Category.values, "none"])
    condition = Q(category__in=[word for word in wanted if word != "none"])
    return condition | Q(category__isnull=True) if "none" in wanted else condition


def _priority(value: str, actor: Actor, at: datetime) -> Q:
    return Q(priority__in=words(value, Priority.values))


def _source(value: str, actor: Actor, at: datetime) -> Q:
    return Q(source__in=words(value, Ticket.Source.values))


def _row(column: str) -> Parser:
    def parse(value: str, actor: Actor, at: datetime) -> Q:
        condition = Q()
        for word in value.split(","):
            if word == "none":
                condition |= Q(**{f"{column}__isnull": True})
            elif word == "me" and column in {"assignee", "requester"}:
                condition |= _own(column, actor)
            else:
                condition |= Q(**{column: number(word)})
        return condition

    return parse


def _own(column: str, actor: Actor) -> Q:
    return Q(**{column: actor.user}) if actor.user else Q(pk__in=[])


def _requester(value: str, actor: Actor, at: datetime) -> Q:
    if "@" in value:
        return Q(requester__email=value.strip().lower())
    return _row("requester")(value, actor, at)


def _product(value: str, actor: Actor, at: datetime) -> Q:
    keys = [word.strip() for word in value.split(",")]
    condition = Q(product__key__in=[key for key in keys if key != "none"])
    return condition | Q(product__isnull=True) if "none" in keys else condition


def _release(value: str, actor: Actor, at: datetime) -> Q:
    versions = [word.strip() for word in value.split(",")]
    return Q(affected_release__version__in=versions) | Q(fixed_in__version__in=versions)


def _tag(value: str, actor: Actor, at: datetime) -> Q:
    names = [word.strip().lower() for word in value.split(",")]
    through = Ticket.tags.through.objects.filter(tag__name__in=names)
    return Q(pk__in=through.values("ticket_id"))


def _text(value: str, actor: Actor, at: datetime) -> Q:
    return search.matching(value, actor=actor)


def _untriaged(value: str, actor: Actor, at: datetime) -> Q:
    return UNTRIAGED if truth(value) else ~UNTRIAGED


def _waiting(value: str, actor: Actor, at: datetime) -> Q:
    return Q(waiting_since__isnull=not truth(value))


def _watched(value: str, actor: Actor, at: datetime) -> Q:
    words(value, ["me"])
    return _own("watches__user", actor)


def _spam(value: str, actor: Actor, at: datetime) -> Q:
    return Q(is_spam=truth(value))


def _emergency(value: str, actor: Actor, at: datetime) -> Q:
    return Q(emergency=truth(value))


def _external_source(value: str, actor: Actor, at: datetime) -> Q:
    return Q(external_source=value)


def _external_id(value: str, actor: Actor, at: datetime) -> Q:
    return Q(external_id=value)


def _since(column: str, lookup: str) -> Parser:
    def parse(value: str, actor: Actor, at: datetime) -> Q:
        seen = "public_updated_at" if column == "updated_at" and not actor.is_agent else column
        return Q(**{f"{seen}__{lookup}": moment(value)})

    return parse


def _classed(value: str, actor: Actor, at: datetime) -> Q:
    wanted = words(value, [*Category.values, "none"])
    condition = Q(category_confirmed_at__isnull=False, category__in=wanted)
    return condition | Q(category_confirmed_at__isnull=True) if "none" in wanted else condition


def _filed_at(value: str, actor: Actor, at: datetime) -> Q:
    weekday, _dash, hour = value.partition("-")
    if weekday not in set("1234567") or hour not in {str(each) for each in range(24)}:
        raise BadFilter(_("Say a weekday from 1, Monday, to 7, and an hour: 1-9."))
    zone = ZoneInfo(DeskSettings.current().time_zone)
    return Q(
        Exact(ExtractIsoWeekDay("created_at", tzinfo=zone), int(weekday)),
        Exact(ExtractHour("created_at", tzinfo=zone), int(hour)),
    )


def _custom(key: str, value: str, actor: Actor) -> Q:
    definition = FieldDefinition.objects.visible_to(actor).filter(key=key).first()
    if definition is None:
        raise BadFilter(_("There is no field “%(key)s”.") % {"key": key[:60]})
    if value == "none":
        return ~Q(fields__has_key=key)
    if definition.type == FieldDefinition.Type.BOOLEAN:
        return Q(fields__contains={key: truth(value)})
    if definition.type == FieldDefinition.Type.NUMBER:
        return _custom_number(key, value)
    return Q(fields__contains={key: value})


def _custom_number(key: str, value: str) -> Q:
    try:
        parsed = float(value)
    except ValueError as error:
        raise BadFilter(_("Give a number.")) from error
    if parsed != parsed or abs(parsed) > 10**15:
        raise BadFilter(_("Give a number."))
    return Q(fields__contains={key: int(parsed) if parsed.is_integer() else parsed})


FIELDS: dict[str, Condition] = {
    "status": Condition(_status),
    "category": Condition(_category),
    "priority": Condition(_priority),
    "assignee": Condition(_row("assignee"), agents_only=True),
    "team": Condition(_row("team"), agents_only=True),
    "organisation": Condition(_row("organisation")),
    "requester": Condition(_requester),
    "product": Condition(_product),
    "release": Condition(_release),
    "tag": Condition(_tag, agents_only=True),
    "source": Condition(_source),
    "emergency": Condition(_emergency),
    "external_source": Condition(_external_source, agents_only=True),
    "external_id": Condition(_external_id, agents_only=True),
    "created_after": Condition(_since("created_at", "gte")),
    "created_before": Condition(_since("created_at", "lt")),
    "resolved_after": Condition(_since("resolved_at", "gte")),
    "resolved_before": Condition(_since("resolved_at", "lt")),
    "classed": Condition(_classed, agents_only=True),
    "filed_at": Condition(_filed_at, agents_only=True),
    "updated_after": Condition(_since("updated_at", "gte")),
    "updated_before": Condition(_since("updated_at", "lt")),
    "untriaged": Condition(_untriaged, agents_only=True),
    "waiting": Condition(_waiting, agents_only=True),
    "watched": Condition(_watched, agents_only=True),
    "spam": Condition(_spam, agents_only=True),
    "q": Condition(_text),
    "fields.": Condition(lambda value, actor, at: Q()),
}
