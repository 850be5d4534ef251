"""What lists may ask about tickets themselves; `sla.filters` adds what it knows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import DeskSettings, Organisation, Team, User
from products.models import Component, Product, Release
from tickets import search
from tickets.errors import BadFilter
from tickets.filters import suggestions
from tickets.filters.conditions import Condition, Parser
from tickets.filters.dates import dated
from tickets.filters.values import (
    Values,
    any_of,
    is_key,
    moment,
    nearest,
    number,
    truth,
    whole,
    words,
)
from tickets.models import Category, Priority, Status, Tag, Ticket, Watch
from tickets.models.tickets import LIVE, UNTRIAGED
from tickets.seen import unread_by


def _status(values: Values, actor: Actor, at: datetime) -> Q:
    wanted = set(words(values, [*Status.values, "live", "any"]))
    if "any" in wanted:
        return Q()
    if "live" in wanted:
        wanted = (wanted - {"live"}) | set(LIVE)
    return Q(status__in=sorted(wanted))


def _category(values: Values, actor: Actor, at: datetime) -> Q:
    wanted = words(values, [*Category.values, "none"])
    condition = Q(category__in=[word for word in wanted if word != "none"])
    return condition | Q(category__isnull=True) if "none" in wanted else condition


def _priority(values: Values, actor: Actor, at: datetime) -> Q:
    ranks = [Priority(word).rank for word in words(values, Priority.values)]
    return Q(priority_rank__in=ranks)  # the column that lists are ordered by


def _source(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(source__in=words(values, Ticket.Source.values))


def _row(column: str, named: Callable[[], QuerySet[Any]] | None = None) -> Parser:
    """Make the parser of a column that points at a row: its key, `none`, `me`, or a name.

    Names are for agents alone: to others the answer would tell which names exist.
    """

    def parse(values: Values, actor: Actor, at: datetime) -> Q:
        names = [word for word in values if not is_key(word) and word not in {"none", "me"}]
        if names and named is not None and actor.is_agent:
            keys = keys_of(named(), names)
            others = [_one_row(column, word, actor) for word in values if word not in names]
            return any_of([Q(**{f"{column}__in": keys}), *others])
        return any_of(_one_row(column, word, actor) for word in values)

    return parse


def _one_row(column: str, word: str, actor: Actor) -> Q:
    if word == "none":
        return Q(**{f"{column}__isnull": True})
    if word == "me" and column in {"assignee", "requester"}:
        return Q(**{column: actor.user}) if actor.user else Q(pk__in=[])
    return Q(**{column: number(word)})


def keys_of(rows: QuerySet[Any], names: list[str]) -> list[int]:
    """Find rows by their names, or people by their addresses, whatever the capitals.

    :raises BadFilter: nothing is called so; the sentence names the nearest.
    """
    columns = ("name", "email") if rows.model is User else ("name",)
    asked = any_of(Q(**{f"{each}__iexact": name}) for each in columns for name in names)
    found = list(rows.filter(asked).values_list("pk", *columns))
    known = {text.lower() for _pk, *texts in found for text in texts}
    for name in names:
        if name.lower() not in known:
            raise BadFilter(
                _("There is no “%(name)s” here.") % {"name": name[:60]},
                nearest=_nearest_name(rows, name),
            )
    return [pk for pk, *_texts in found]


def _nearest_name(rows: QuerySet[Any], name: str) -> str:
    told: dict[str, str] = {
        text.lower(): text for text in rows.values_list("name", flat=True)[:500]
    }
    return told.get(nearest(name, told), "")


def staff() -> QuerySet[User]:
    """Give who works at the desk, by name."""
    return User.objects.filter(role__in=User.STAFF).order_by("name", "pk")


def _requester(values: Values, actor: Actor, at: datetime) -> Q:
    if all("@" in value for value in values):
        addresses = [value.lower() for value in _stripped(values)]
        return Q(requester__in=_keys(User.objects.filter(email__in=addresses), actor))
    return _row("requester")(values, actor, at)


def _product(values: Values, actor: Actor, at: datetime) -> Q:
    names = _stripped(values)
    condition = Q(product__in=_keys(Product.objects.filter(key__in=names), actor))
    return condition | Q(product__isnull=True) if "none" in names else condition


def _release(values: Values, actor: Actor, at: datetime) -> Q:
    return _affected(values, actor, at) | _fixed_in(values, actor, at)


def _affected(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(
        affected_release__in=_keys(Release.objects.filter(version__in=_stripped(values)), actor)
    )


def _fixed_in(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(fixed_in__in=_keys(Release.objects.filter(version__in=_stripped(values)), actor))


def _component(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(component__in=_keys(Component.objects.filter(name__in=_stripped(values)), actor))


def _stripped(values: Values) -> list[str]:
    return [word.strip() for word in values]


def _keys(named: QuerySet[Any], actor: Actor) -> QuerySet[Any] | list[int]:
    """Look the rows up first, so that PostgreSQL knows how many tickets of a list have them.

    The desk itself asks about one ticket, for many rules at once: in the same statement.
    """
    keys = named.values_list("pk", flat=True)
    return keys if actor.is_system else list(keys)


def _tag(values: Values, actor: Actor, at: datetime) -> Q:
    tags = Tag.objects.filter(name__in=[name.lower() for name in _stripped(values)])
    through = Ticket.tags.through.objects.filter(tag__in=_keys(tags, actor), ticket=OuterRef("pk"))
    return Q(Exists(through))


def _text(values: Values, actor: Actor, at: datetime) -> Q:
    return search.matching(whole(values), actor=actor)


def _untriaged(values: Values, actor: Actor, at: datetime) -> Q:
    return UNTRIAGED if truth(values) else ~UNTRIAGED


def _snoozed(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(snoozed_at__isnull=not truth(values))


def _unread(values: Values, actor: Actor, at: datetime) -> Q:
    is_wanted = truth(values)
    if actor.user is None:
        return Q(pk__in=[])
    return unread_by(actor.user) if is_wanted else ~unread_by(actor.user)


def _waiting(values: Values, actor: Actor, at: datetime) -> Q:
    if whole(values) in {"true", "false"}:
        return Q(waiting_since__isnull=not truth(values))
    return dated("waiting_since")(values, actor, at)


def _watched(values: Values, actor: Actor, at: datetime) -> Q:
    words(values, ["me"])
    if actor.user is None:
        return Q(pk__in=[])
    return Q(pk__in=Watch.objects.filter(user=actor.user).values("ticket"))


def _classed(values: Values, actor: Actor, at: datetime) -> Q:
    wanted = set(words(values, [*Category.values, "none"]))
    nobody = Q(category_confirmed_at__isnull=True)
    if wanted == {"none"}:
        return nobody
    classed = Q(category_confirmed_at__isnull=False, category__in=sorted(wanted - {"none"}))
    return classed | nobody if "none" in wanted else classed


def _filed_at(values: Values, actor: Actor, at: datetime) -> Q:
    weekday, _dash, hour = whole(values).partition("-")
    if weekday not in set("1234567") or hour not in {str(each) for each in range(24)}:
        raise BadFilter(_("Say a weekday from 1, Monday, to 7, and an hour: 1-9."))
    zone = ZoneInfo(DeskSettings.current().time_zone)
    # One number: of two equations PostgreSQL expects the product of what it knows of neither.
    filed = ExtractIsoWeekDay("created_at", tzinfo=zone) * 24
    filed += ExtractHour("created_at", tzinfo=zone)
    return Q(Exact(filed, int(weekday) * 24 + int(hour)))


def _spam(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(is_spam=truth(values))


def _merged(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(merged_into__isnull=not truth(values))


def _emergency(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(emergency=truth(values))


def _external_source(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(external_source=whole(values)) & ~Q(external_id="")  # one is never without the other


def _external_id(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(external_id=whole(values))


def _since(column: str, lookup: str) -> Parser:
    def parse(values: Values, actor: Actor, at: datetime) -> Q:
        seen = "public_updated_at" if column == "updated_at" and not actor.is_agent else column
        return Q(**{f"{seen}__{lookup}": moment(whole(values))})

    return parse


def _number(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(number__in=[number(word.removeprefix("#")) for word in values])


NAMED_ROWS: dict[str, Callable[[], QuerySet[Any]]] = {
    "assignee": staff, "worked_by": staff, "team": Team.objects.all,
    "organisation": Organisation.objects.all,
}  # fmt: skip
WHEN = suggestions.fixed(suggestions.PAST)
YES_NO = suggestions.fixed([("true", _("Yes")), ("false", _("No"))])
FIELDS: dict[str, Condition] = {
    "status": Condition(
        _status, example="status:open,pending", help=_("How far along it is; also live and any."),
        suggest=suggestions.fixed(
            [("live", _("Not finished")), *Status.choices, ("any", _("Any"))]
        ),
    ),
    "category": Condition(
        _category, example="category:corrective", help=_("Which kind of maintenance; also none."),
        suggest=suggestions.fixed([*Category.choices, ("none", _("Not classed"))]),
    ),
    "priority": Condition(
        _priority, example="priority:urgent,high", help=_("How urgent it is."),
        suggest=suggestions.fixed(Priority.choices[::-1]),
    ),
    "assignee": Condition(
        _row("assignee", NAMED_ROWS["assignee"]), agents_only=True, example="assignee:me",
        help=_("Who has it: me, none, a name, an address or an id."),
        suggest=suggestions.named(
            staff, [("me", _("Me")), ("none", _("Nobody"))], is_person=True
        ),
    ),
    "team": Condition(
        _row("team", NAMED_ROWS["team"]), agents_only=True, example='team:"Second level"',
        help=_("Which team has it: a name, an id or none."),
        suggest=suggestions.teams,
    ),
    "organisation": Condition(
        _row("organisation", NAMED_ROWS["organisation"]), example="organisation:Acme",
        help=_("Whose customer: a name, an id or none."),
        suggest=suggestions.named(Organisation.objects.all, [("none", _("None"))]),
    ),
    "requester": Condition(
        _requester, example="requester:ana@acme.example",
        help=_("Who asked: an e-mail address, an id or me."),
        suggest=suggestions.requesters,
    ),
    "product": Condition(
        _product, example="product:ledger", help=_("Which product, by its key; also none."),
        suggest=suggestions.products,
    ),
    "component": Condition(
        _component, example="component:Export", help=_("Which part of the product.")
    ),
    "release": Condition(
        _release, example="release:2.4.1", help=_("Which release it hit, or that repairs it."),
        suggest=suggestions.releases,
    ),
    "affected": Condition(
        _affected, example="affected:2.4.1", help=_("Which release it hit."),
        suggest=suggestions.releases,
    ),
    "fixed_in": Condition(
        _fixed_in, example="fixed_in:2.5.0", help=_("Which release repairs it."),
        suggest=suggestions.releases,
    ),
    "tag": Condition(
        _tag, agents_only=True, example="-tag:spam", help=_("Which tags stand on it."),
        suggest=suggestions.tags,
    ),
    "source": Condition(
        _source, example="source:email,web", help=_("Through which channel it came."),
        suggest=suggestions.fixed(Ticket.Source.choices),
    ),
    "emergency": Condition(
        _emergency, example="emergency:true", help=_("Whether it is an emergency."),
        suggest=YES_NO,
    ),
    "external_source": Condition(
        _external_source, agents_only=True, example="external_source:sentry",
        help=_("Which other system knows it."),
    ),
    "external_id": Condition(
        _external_id, agents_only=True, example="external_id:42",
        help=_("What that system calls it."),
    ),
    "number": Condition(_number, example="number:1042,1043", help=_("Which numbers it has.")),
    "created": Condition(
        dated("created_at"), example="created:<7d", help=_("When it was filed."),
        suggest=WHEN,
    ),
    "updated": Condition(
        dated("updated_at"), example="updated:>30d", help=_("When something last happened."),
        suggest=WHEN,
    ),
    "resolved": Condition(
        dated("resolved_at", may_lack=True), example="resolved:2026-03-01..2026-03-31",
        help=_("When it was resolved; also none and any."), suggest=WHEN,
    ),
    "closed": Condition(
        dated("closed_at", may_lack=True), example="closed:<4w",
        help=_("When it was closed; also none and any."), suggest=WHEN,
    ),
    "created_after": Condition(
        _since("created_at", "gte"), example="created_after:2026-03-01",
        help=_("Filed at this instant or later; a day begins in UTC."),
    ),
    "created_before": Condition(
        _since("created_at", "lt"), example="created_before:2026-03-01",
        help=_("Filed before this instant."),
    ),
    "updated_after": Condition(
        _since("updated_at", "gte"), example="updated_after:2026-03-01",
        help=_("Changed at this instant or later."),
    ),
    "updated_before": Condition(
        _since("updated_at", "lt"), example="updated_before:2026-03-01",
        help=_("Not changed since this instant."),
    ),
    "resolved_after": Condition(
        _since("resolved_at", "gte"), example="resolved_after:2026-03-01",
        help=_("Resolved at this instant or later."),
    ),
    "resolved_before": Condition(
        _since("resolved_at", "lt"), example="resolved_before:2026-03-01",
        help=_("Resolved before this instant."),
    ),
    "classed": Condition(
        _classed, agents_only=True, example="classed:corrective",
        help=_("Which kind of maintenance an agent has confirmed; also none."),
        suggest=suggestions.fixed([*Category.choices, ("none", _("Not classed"))]),
    ),
    "filed_at": Condition(
        _filed_at, agents_only=True, example="filed_at:1-9",
        help=_("At which weekday, from 1 for Monday, and hour it was filed, in the desk’s zone."),
    ),
    "untriaged": Condition(
        _untriaged, agents_only=True, example="untriaged:true",
        help=_("Whether nobody has confirmed its category yet."), suggest=YES_NO,
    ),
    "waiting": Condition(
        _waiting, agents_only=True, example="waiting:>2d",
        help=_("Whether, or since when, the customer waits for us."), suggest=YES_NO,
    ),
    "snoozed": Condition(
        _snoozed, agents_only=True, example="snoozed:true",
        help=_("Whether it is put aside until a time or the customer’s answer."), suggest=YES_NO,
    ),
    "unread": Condition(
        _unread, agents_only=True, example="unread:true",
        help=_("Whether something on it is new to you."), suggest=YES_NO,
    ),
    "watched": Condition(
        _watched, agents_only=True, example="watched:me", help=_("What you watch."),
        suggest=suggestions.fixed([("me", _("Me"))]),
    ),
    "spam": Condition(
        _spam, agents_only=True, example="spam:true", help=_("Whether it is spam."),
        suggest=YES_NO,
    ),
    "merged": Condition(
        _merged, agents_only=True, example="merged:false",
        help=_("Whether it was merged into another."), suggest=YES_NO,
    ),
    "q": Condition(
        _text, example='q:"export fails"', help=_("Words, as if they stood alone.")
    ),
    "fields.": Condition(
        lambda values, actor, at: Q(), example="fields.seats:>50",
        help=_("A field of the desk’s own: a value, for numbers and dates also < and >, or none."),
    ),
}  # fmt: skip
