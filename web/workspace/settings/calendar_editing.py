"""Making and changing a calendar: one form, with everything to see before it is saved."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import Invalid
from sla import actions, preview
from sla.models import Calendar, CalendarVersion
from web.policies import policy
from web.workspace.pages import attempt, page, say, who
from web.workspace.settings import calendar_words as words
from web.workspace.settings.calendar_forms import NEW, CalendarForm
from web.workspace.settings.calendars import find
from web.workspace.settings.holiday_filling import Filling, is_unseen, with_ticked
from web.workspace.settings.pattern import at_settings


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def edit_calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a calendar; looking up, taking over and previewing save nothing."""
    editing = _Editing(request, find(pk) if pk else None)
    if editing.do == "save" and request.method == "POST":
        version = attempt(editing.form, editing.save)
        if version is not None:
            say(request, _("Saved"))
            return redirect("workspace:calendar", version.calendar_id)
    shown = editing.calendar
    context = {
        "calendar": shown, "form": editing.form, "filling": editing.filling,
        "notice": editing.notice, "here": "settings",
        "title": _("Change") if shown else _("New calendar"),
        "up": at_settings("calendar", shown.pk) if shown else at_settings("calendars"),
        "up_name": shown.name if shown else _("Calendars"),
        **editing.preview(),
    }  # fmt: skip
    wrong = editing.form.errors or editing.filling.errors
    return page(
        request, "workspace/settings/calendar_form.html", context, status=422 if wrong else 200
    )


class _Editing:
    """What was sent, read as forms that keep every word of it."""

    def __init__(self, request: HttpRequest, calendar: Calendar | None) -> None:
        self.actor, self.at = who(request)
        self.calendar = calendar
        self.current = calendar.current if calendar else None
        self.sent = request.POST.copy() if request.method == "POST" else None
        self.do = request.POST.get("do", "save")
        self.notice = ""
        if self.do == "save" and self.sent is not None and is_unseen(self.sent, request.FILES):
            self.do = "find"
            self.notice = _("Look at what these holidays change, then save.")
        self.filling = self._filling(request)
        self.form = self._form()
        if self.sent is not None:
            self._fill_in(self.sent)
            self.filling = self._filling(request) if self.do != "find" else self.filling

    def save(self, clean: dict[str, Any]) -> CalendarVersion:
        """Save what the form holds; a refusal points at the form's own field."""
        number = self.current.number if self.current else None
        if self.sent is not None and clean["version"] != number:
            self.sent["version"] = str(number)  # so that saving again is meant
            raise Invalid(
                _("Somebody saved version %(number)d in the meantime. Saving again replaces it.")
                % {"number": number}
            )
        try:
            return actions.save_calendar(
                self.calendar, actor=self.actor, at=self.at, name=clean["name"],
                document=self.form.document, counted_from=self.form.since,
            )  # fmt: skip
        except Invalid as refusal:
            raise Invalid(refusal.said, pointer=self.form.field_of(refusal.pointer)) from refusal

    def preview(self) -> dict[str, Any]:
        """The next days and the due times that move, or what stands in the way of them."""
        form = self._form() if self.sent is not None else None
        if form is not None and not form.is_valid():
            return {"trouble": _("As soon as every field can be read, the next days show here.")}
        try:
            read = actions.read_calendar(form.document if form else self._kept)
            seen: dict[str, Any] = {"days": preview.days(read, timezone.localdate(self.at))}
            if self.calendar is not None and form is not None:
                seen["impact"] = preview.of_calendar(
                    self.calendar, read, actor=self.actor, at=self.at, counted_from=form.since
                )
        except Invalid as refusal:
            return {"trouble": str(refusal)}
        return seen

    def _fill_in(self, sent: QueryDict) -> None:
        """Look up holidays, or put those that are ticked into the list."""
        try:
            listed = words.read_holidays(sent.get("holidays", ""))
        except ValidationError:
            return  # the form says which line
        if self.do == "find":
            self.filling.find(listed)
        else:
            taken = with_ticked(listed, sent)
            if taken != listed:
                sent["holidays"] = words.write_holidays(taken)
            sent.setlist("country", [])  # what they say was looked at
        if self.do in {"find", "take"}:  # nothing is judged yet
            self.form = self._form(is_judged=False)

    @property
    def _kept(self) -> Mapping[str, Any]:
        return self.current.document if self.current else NEW

    def _filling(self, request: HttpRequest) -> Filling:
        at = timezone.localtime(self.at)
        return Filling(self.sent, request.FILES, at=at, is_asked=self.do == "find")

    def _form(self, *, is_judged: bool = True) -> CalendarForm:
        begun: dict[str, Any] = {}
        if self.current is not None and self.calendar is not None:
            begun = {"name": self.calendar.name, "version": self.current.number}
        if self.sent is not None and not is_judged:
            begun = {"always_open": False, **self.sent.dict()}
        return CalendarForm(
            self.sent if is_judged else None, document=self._kept, initial=begun,
            is_new=self.calendar is None,
        )  # fmt: skip
