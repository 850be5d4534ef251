"""Reading what somebody wants to promise, and refusing what cannot be kept."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import Invalid
from accounts.models import Organisation, Team, User
from products.models import Product
from sla.business_time import BeyondHorizon, Calendar, second
from sla.calendar_documents import CalendarError
from sla.choosing import MATCHES
from sla.defaults import PAUSE, WARNINGS
from sla.happenings import METRICS, RESTART, RESUME
from sla.models import ANY_CATEGORY, Agreement
from sla.models import Calendar as KnownCalendar
from tickets.actions.triage import clean_tags
from tickets.errors import BadFilter
from tickets.filters import conditions
from tickets.models import Category, Priority
from tickets.models.tickets import LIVE

Targets = Mapping[str, Mapping[str, Mapping[str, int | str]]]
ACTIONS = ("notify", "raise_priority", "assign", "add_tags")
NOTIFIED = ("assignee", "team", "account_manager")  # besides people by their key
MOST_STEPS = 20
LONGEST_AMOUNT = 20  # characters
FURTHEST_STEP = 366 * 86400
_ROW = {"any": ANY_CATEGORY}  # as pointers and the API call the row of any category
_ROWS: Mapping[str, tuple[type[Model], str]] = {
    "organisation": (Organisation, "pk"), "team": (Team, "pk"), "product": (Product, "key"),
}  # fmt: skip
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # none of the conditions depends on it
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600}
_FIELDS = {
    "match", "pause", "on_reopen", "reopen_minimum_percent", "change_minimum_percent", "steps",
    "calendars",
}  # fmt: skip


def read_targets(
    targets: Targets, calendars: Mapping[str, Calendar], at: datetime
) -> list[dict[str, Any]]:
    """Turn metric → category → priority → amount into rows of targets.

    :param calendars: on which each metric is counted; it says how long a business day is.
    :raises Invalid: a name is unknown, an amount is no time, or a row is missing (T8).
    """
    if not targets:
        raise Invalid(_("Promise at least one thing."), pointer="targets")
    rows = []
    for metric, by_category in targets.items():
        _known(metric, METRICS, "targets")
        named = {_ROW.get(name, name): row for name, row in by_category.items()}
        missing = set(Priority.values) - set(named.get(ANY_CATEGORY, {}))
        if missing:
            raise Invalid(
                _("Promise something for any category and every priority."),
                pointer=f"targets.{metric}",
            )
        for category, by_priority in named.items():
            _known(category, [ANY_CATEGORY, *Category.values], f"targets.{metric}")
            for priority, amount in by_priority.items():
                place = f"targets.{metric}.{category or 'any'}.{priority}"
                _known(priority, Priority.values, place)
                rows.append({
                    "metric": metric, "category": category, "priority": priority,
                    "seconds": read_amount(amount, calendars[metric], at, place),
                    "written": amount.strip() if isinstance(amount, str) else "",
                })  # fmt: skip
    return rows


def read_amount(amount: int | str, calendar: Calendar, at: datetime, place: str) -> int:
    """Turn seconds, or "30m", "4h", "2d" of this calendar, into seconds.

    :raises Invalid: it is no time, nothing, or lies too many years ahead; `pointer` is `place`.
    """
    try:
        seconds = amount if isinstance(amount, int) else _in_words(amount, calendar)
        if seconds <= 0:
            raise Invalid(_("A target is longer than nothing."), pointer=place)
        calendar.opening_hours("UTC").add(second(at), 2 * seconds)
    except CalendarError as error:
        raise Invalid(_(error.sentence) % error.values, pointer=place) from error
    except BeyondHorizon as error:
        raise Invalid(_("This target lies too many years ahead."), pointer=place) from error
    except ValueError as error:
        raise Invalid(_("Give a time such as 30m, 4h or 2d."), pointer=place) from error
    return seconds


def read_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Check the rules of a policy and fill in the usual ones.

    :raises Invalid: with the pointer of what is wrong.
    """
    for name in document:
        _known(name, _FIELDS, "document")
    return {
        "match": _match(document.get("match", {})),
        "pause": _pause(document.get("pause", PAUSE)),
        "on_reopen": _known(document.get("on_reopen", RESUME), (RESUME, RESTART), "on_reopen"),
        "reopen_minimum_percent": _percent(document, "reopen_minimum_percent"),
        "change_minimum_percent": _percent(document, "change_minimum_percent"),
        "steps": {
            _known(metric, METRICS, "steps"): list(_steps(steps, f"steps.{metric}"))
            for metric, steps in document.get("steps", WARNINGS).items()
        },
        "calendars": _calendars(document.get("calendars", {})),
    }


def _in_words(amount: str, calendar: Calendar) -> int:
    """Read "30m", "4h" or "2d"; a bare number could mean anything.

    :raises ValueError: it is nothing of the kind.
    """
    written = _AMOUNT.fullmatch(amount.strip().lower())
    if written is None or len(amount) > LONGEST_AMOUNT:
        raise ValueError(amount)
    if written[2] == "d":
        return calendar.seconds_of_days(float(written[1]))  # docs/sla.md C4
    return round(float(written[1]) * _UNITS[written[2]])


def _calendars(calendars: Mapping[str, Any]) -> dict[str, int]:
    clean = {}
    for metric, pk in calendars.items():
        place = f"calendars.{_known(metric, METRICS, 'calendars')}"
        _refuse_missing(KnownCalendar, "pk", str(pk), place, but=())
        clean[metric] = int(pk)
    return clean


def _match(match: Mapping[str, Any]) -> dict[str, str]:
    """Take conditions in the words of tickets.filters, and refuse what names nothing."""
    clean = {}
    for name, value in match.items():
        place = f"match.{_known(name, MATCHES, 'match')}"
        clean[name] = ",".join(filter(None, (word.strip() for word in str(value).split(","))))
        if not clean[name]:
            raise Invalid(_("Say which tickets it is for."), pointer=place)
        if name == "agreement":
            _refuse_missing(Agreement, "pk", clean[name], place, but=("any", "none"))
            continue
        try:
            conditions([(name, clean[name])], actor=Actor.system(), at=_ANY_TIME)
        except BadFilter as refusal:
            raise Invalid(refusal.said, pointer=place) from refusal
        if name in _ROWS:
            model, column = _ROWS[name]
            _refuse_missing(model, column, clean[name], place, but=("none",))
    return clean


def _refuse_missing(
    model: type[Model], column: str, value: str, place: str, *, but: Sequence[str]
) -> None:
    wanted = {word for word in value.split(",") if word not in but}
    if column == "pk" and not all(_is_key(word) for word in wanted):
        raise Invalid(_("This value cannot be read."), pointer=place)
    known = model._default_manager.filter(**{f"{column}__in": wanted})  # noqa: SLF001 - a public name
    missing = wanted - {str(found) for found in known.values_list(column, flat=True)}
    if missing:
        named = {"missing": ", ".join(sorted(missing))}
        raise Invalid(_("There is no such thing here: %(missing)s.") % named, pointer=place)


def _is_key(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19


def _pause(pause: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        _known(metric, METRICS, "pause"): [
            _known(status, LIVE, f"pause.{metric}") for status in statuses
        ]
        for metric, statuses in pause.items()
    }


def _percent(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name, 0)
    if not isinstance(value, int) or not 0 <= value <= 100:
        raise Invalid(_("Give a share from 0 to 100."), pointer=name)
    return value


def _steps(steps: Sequence[Mapping[str, Any]], metric: str) -> Iterator[dict[str, Any]]:
    if len(steps) > MOST_STEPS:
        raise Invalid(_("At most 20 steps for each."), pointer=metric)
    names: set[str] = set()
    for step in steps:
        name = str(step.get("name", ""))
        if not 0 < len(name) <= 50 or "~" in name or name in names:
            raise Invalid(_("Give every step a name of its own."), pointer=metric)
        names.add(name)
        place = f"{metric}.{name}"
        _when(step, place)
        actions = [_action(action, place) for action in step.get("actions", ())]
        yield {**step, **({"actions": actions} if actions else {})}


def _when(step: Mapping[str, Any], place: str) -> None:
    """Refuse a step that does not say when it is due (docs/sla.md W1)."""
    for name in step:
        _known(name, ("name", "percent", "offset", "wall", "actions"), place)
    if ("percent" in step) == ("offset" in step):
        raise Invalid(_("Say either a share of the target or a time."), pointer=place)
    if not all(type(step.get(name, 0)) is int for name in ("percent", "offset")):
        raise Invalid(_("Give a whole number."), pointer=place)
    if not 0 < step.get("percent", 1) <= 1000:
        raise Invalid(_("Give a share from 1 to 1000."), pointer=place)
    if abs(step.get("offset", 0)) > FURTHEST_STEP:
        raise Invalid(_("A step lies at most a year before or after due."), pointer=place)
    if step.get("offset", 0) % 60:
        raise Invalid(_("A step lies whole minutes before or after due."), pointer=place)
    if step.get("wall") and "percent" in step:
        raise Invalid(_("A share of the target is always business time."), pointer=place)


def _action(action: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Take one thing that a step does, in the words of tickets.steps (docs/sla.md W5)."""
    does = _known(action.get("do"), ACTIONS, place)
    wanted = {"do", "to"} if does != "raise_priority" else {"do"}
    if set(action) != wanted:
        raise Invalid(_("Say what is to be done, and to whom or what."), pointer=place)
    if "to" not in wanted:
        return {"do": does}
    return {"do": does, "to": _ACTION_TO[does](action["to"], place)}


def _told(to: Any, place: str) -> list[str | int]:
    wanted = list(to) if isinstance(to, Sequence) and not isinstance(to, str) else []
    if not wanted:
        raise Invalid(_("Say who is to be told."), pointer=place)
    people = [str(one) for one in wanted if one not in NOTIFIED]
    if not all(_is_key(one) for one in people):
        raise Invalid(_("Say who is to be told."), pointer=place)
    _refuse_strangers(people, place)
    return [one if one in NOTIFIED else int(one) for one in wanted]


def _assignee(to: Any, place: str) -> int:
    word = str(to)
    if not _is_key(word):
        raise Invalid(_("Say to whom."), pointer=place)
    _refuse_strangers([word], place)
    return int(word)


def _refuse_strangers(people: Sequence[str], place: str) -> None:
    """Only colleagues can have tickets, and hear of the desk's own affairs.

    Who has left may stay named: the step goes on without that person.
    """
    names = {str(person.pk): person for person in User.objects.filter(pk__in=people)}
    strangers = [
        names[key].display_name if key in names else key
        for key in people
        if key not in names or not names[key].is_staff_member
    ]
    if strangers:
        named = {"strangers": ", ".join(strangers)}
        raise Invalid(
            _("Only colleagues can be named here, not %(strangers)s.") % named, pointer=place
        )


def _tags(to: Any, place: str) -> list[str]:
    try:
        tags = clean_tags(to if isinstance(to, Sequence) and not isinstance(to, str) else [])
    except Invalid as refusal:
        raise Invalid(refusal.said, pointer=place) from refusal
    if not tags:
        raise Invalid(_("Name a tag."), pointer=place)
    return tags


_ACTION_TO = {"notify": _told, "assign": _assignee, "add_tags": _tags}


def _known(name: Any, known: Any, place: str) -> str:
    if name not in known:
        raise Invalid(_("“%(name)s” is not known here.") % {"name": str(name)[:60]}, pointer=place)
    return str(name)
