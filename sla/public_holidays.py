"""Public holidays by country and region, only ever used to fill the dates of a calendar."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays as library
from holidays import registry

from sla.calendar_documents import LONGEST_NAME

FIRST_YEAR, LAST_YEAR = 1970, 2099
MOST_YEARS = 20

Named = Mapping[date, str]  # holidays with their names, "" for those that have none


@dataclass(frozen=True)
class Place:
    """A country by its two letters, and a region of it, or all of it."""

    country: str
    region: str = ""

    def __str__(self) -> str:
        return f"{self.country}-{self.region}" if self.region else self.country


@dataclass(frozen=True)
class Difference:
    """What a found list of holidays would change, each as (date, name) in their order."""

    new: Sequence[tuple[date, str]]
    known: Sequence[tuple[date, str]]
    others: Sequence[tuple[date, str]]  # listed in the same years, but not found


@cache
def countries() -> Mapping[str, str]:
    """Give the English name of every known country by its two letters, sorted by name."""
    named = {names[1]: _spaced(names[0]) for names in registry.COUNTRIES.values()}
    return dict(sorted(named.items(), key=lambda item: item[1]))


@cache
def regions(country: str) -> Mapping[str, str]:
    """Give the regions of a country that have holidays of their own: code → name."""
    if country not in countries():
        return {}
    known = library.country_holidays(country)
    names = {code: name for name, code in known.subdivisions_aliases.items()}
    told = {code: f"{names[code]} ({code})" if code in names else code
            for code in known.subdivisions}  # fmt: skip
    return dict(sorted(told.items(), key=lambda item: item[1]))


def find(places: Sequence[Place], years: Iterable[int], language: str) -> Named:
    """List the public holidays of some places; with several, each name says whose it is.

    :param language: such as `de`; where a country's days are not named in it, its own is used.
    """
    years = list(years)
    said: dict[date, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place in dict.fromkeys(places):
        found = library.country_holidays(
            place.country, subdiv=place.region or None, years=years,
            language=_language(place.country, language),
        )  # fmt: skip
        for day in found:
            for name in found.get_list(day):
                said[day][name].append(str(place))
    is_one = len(set(places)) == 1
    return {
        day: " / ".join(
            name if is_one else f"{name} ({', '.join(whose)})" for name, whose in names.items()
        )[:LONGEST_NAME]
        for day, names in sorted(said.items())
        if day.year in years
    }


def compare(listed: Named, found: Named) -> Difference:
    """Say what `found` adds to a calendar's holidays, and what of the same years is not in it."""
    years = {day.year for day in found}
    return Difference(
        new=sorted((day, name) for day, name in found.items() if day not in listed),
        known=sorted((day, name) for day, name in found.items() if day in listed),
        others=sorted(
            (day, name) for day, name in listed.items() if day.year in years and day not in found
        ),
    )


def _language(country: str, wanted: str) -> str | None:
    """The country's spelling of a language, such as `en_US`, or else its own language."""
    known = library.country_holidays(country)
    same = (name for name in known.supported_languages if name.split("_")[0] == wanted[:2])
    return next(same, known.default_language)


def _spaced(name: str) -> str:
    """“UnitedStates” → “United States”."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\b(And|Of|The)\b(?<!^)", lambda word: word[0].lower(), spaced)
