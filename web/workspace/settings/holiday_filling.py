"""Filling in holidays by country or from a file: a difference to look at before it is taken."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused
from sla import holiday_files, public_holidays
from sla.public_holidays import Difference, Place
from web.workspace.settings import calendar_words as words

MOST_PLACES = 10


class Filling(forms.Form):
    """Where the holidays come from, and for which years."""

    first_year = forms.IntegerField(
        label=_("From year"),
        min_value=public_holidays.FIRST_YEAR, max_value=public_holidays.LAST_YEAR,
    )  # fmt: skip
    last_year = forms.IntegerField(
        label=_("To year"),
        min_value=public_holidays.FIRST_YEAR, max_value=public_holidays.LAST_YEAR,
    )  # fmt: skip
    file = forms.FileField(
        label=_("iCalendar file"), required=False, allow_empty_file=True,
        help_text=_("An .ics file of all-day events, up to 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )  # fmt: skip

    def __init__(
        self, sent: QueryDict | None, files: Any, *, at: datetime, is_asked: bool
    ) -> None:
        begun: dict[str, Any] = {"first_year": at.year, "last_year": at.year + 1}
        if sent is not None:
            begun = {name: sent.get(name, year) for name, year in begun.items()}
        super().__init__(sent if is_asked else None, files if is_asked else None, initial=begun)
        self.places = _places(sent) if sent is not None else []
        self.difference: Difference | None = None
        self.left_out = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The chosen places with the regions of their countries, and an empty place."""
        empty = [Place("")] if len(self.places) < MOST_PLACES else []
        return [
            {"place": place, "regions": public_holidays.regions(place.country)}
            for place in [*self.places, *empty]
        ]

    @property
    def countries(self) -> Mapping[str, str]:
        """Every country to choose from."""
        return public_holidays.countries()

    def clean(self) -> dict[str, Any]:
        """Keep the years in order and few."""
        first, last = self.cleaned_data.get("first_year"), self.cleaned_data.get("last_year")
        if first and last and not 0 <= last - first < public_holidays.MOST_YEARS:
            self.add_error(
                "last_year",
                _("Choose up to %(most)d years, the first one first.")
                % {"most": public_holidays.MOST_YEARS},
            )
        return self.cleaned_data

    def find(self, listed: Mapping[str, str]) -> None:
        """Compare what the file or the countries say with what is listed."""
        if not self.is_valid():
            return
        first, last = self.cleaned_data["first_year"], self.cleaned_data["last_year"]
        file = self.cleaned_data["file"]
        try:
            if file:
                read = holiday_files.read(file.read(holiday_files.MOST_BYTES + 1), first, last)
                found: public_holidays.Named = read.days
                self.left_out = _left_out(read)
            else:
                found = public_holidays.find(
                    self.places, range(first, last + 1), get_language() or "en"
                )
        except Refused as refusal:
            self.add_error("file", str(refusal))
            return
        if found:
            dated = {date.fromisoformat(day): name for day, name in listed.items()}
            self.difference = public_holidays.compare(dated, found)


def is_unseen(sent: QueryDict, files: Any) -> bool:
    """Say whether something was chosen of which no difference was shown yet."""
    return bool(files.get("file")) or bool(_places(sent) and "found" not in sent)


def with_ticked(listed: Mapping[str, str], sent: QueryDict) -> dict[str, str]:
    """Put what is ticked in the difference into a list of holidays."""
    try:
        added = words.read_holidays("\n".join(sent.getlist("add")))
    except ValidationError:  # no tick of ours says this
        added = {}
    dropped = set(sent.getlist("drop"))
    return {**{day: name for day, name in listed.items() if day not in dropped}, **added}


def _places(sent: QueryDict) -> list[Place]:
    """The countries and regions that were chosen, without those that do not exist."""
    chosen = zip_longest(sent.getlist("country"), sent.getlist("region"), fillvalue="")
    places = [
        Place(country, region if region in public_holidays.regions(country) else "")
        for country, region in chosen
        if country in public_holidays.countries()
    ]
    return list(dict.fromkeys(places))[:MOST_PLACES]


def _left_out(read: holiday_files.Found) -> str:
    sentences = []
    if read.timed:
        sentences.append(
            ngettext(
                "%(n)d event with a time of day was left out.",
                "%(n)d events with a time of day were left out.",
                read.timed,
            )
            % {"n": read.timed}
        )
    if read.unread:
        sentences.append(
            ngettext(
                "%(n)d event was left out: it is broken, or repeats in a way that is not read.",
                "%(n)d events were left out: broken, or repeating in a way that is not read.",
                read.unread,
            )
            % {"n": read.unread}
        )
    return " ".join(sentences)
