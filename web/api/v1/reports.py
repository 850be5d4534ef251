"""Reports: what was filed, answered, resolved and worked in some days, by one breakdown."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from accounts.permissions import require
from products.models import Product
from tickets import filters, reports
from tickets.errors import BadFilter
from tickets.models import Category, TallyState
from tickets.reports import Line, Span, Times
from web.api.v1 import present
from web.api.v1.doors import Door, refuse_unknown
from web.api.v1.schema import described

LONGEST_DAYS = 3660
BREAKDOWNS = (
    "all", "day", "category", "product", "category_product", "team", "agent", "source",
)  # fmt: skip


class TimesOut(serializers.Serializer[Any]):
    """Seconds by the clock on the wall; median and p90 to about a tenth."""

    mean = serializers.IntegerField(allow_null=True)
    median = serializers.IntegerField(allow_null=True)
    p90 = serializers.IntegerField(allow_null=True)


class ReportRow(serializers.Serializer[Any]):
    """One key, "none" for what has none; `effort_seconds` is the time that was logged.

    `answered` are first responses, known of all, by category and by product.
    """

    key = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    filed = serializers.IntegerField()
    answered = serializers.IntegerField()
    resolved = serializers.IntegerField()
    first_response_seconds = TimesOut()
    resolution_seconds = TimesOut()
    effort_seconds = serializers.IntegerField()


class ReportOut(serializers.Serializer[Any]):
    """Days of the desk's zone, both included; `is_counting` says that some are not done yet."""

    first = serializers.DateField()
    last = serializers.DateField()
    zone = serializers.CharField()
    by = serializers.ChoiceField(BREAKDOWNS)
    counted_at = serializers.DateTimeField(allow_null=True)
    is_counting = serializers.BooleanField()
    rows = ReportRow(many=True)


class Report(Door):
    """The numbers of the reports page."""

    read_scope = "reports:read"

    @described("Read a report", gives={200: ReportOut}, filters=["first", "last", "by"])
    def get(self, request: Request) -> Response:
        """Give what the caller may see; times are known by category and product, and of all."""
        refuse_unknown(request, ("first", "last", "by"))
        require(self.actor, "reports.read")
        asked = request.query_params
        span = Span(_day(asked.get("first", ""), "first"), _day(asked.get("last", ""), "last"))
        if not span.first <= span.last or (span.last - span.first).days > LONGEST_DAYS:
            raise BadFilter(
                "Give a day from the first on, at most ten years later.", pointer="last"
            )
        by = _breakdown(asked.get("by", "all"))
        state = TallyState.objects.filter(pk=1).first()
        return Response({
            "first": span.first.isoformat(),
            "last": span.last.isoformat(),
            "zone": state.zone if state else "",
            "by": by,
            "counted_at": present.instant(state.followed_at) if state else None,
            "is_counting": state is None or state.recount_from is not None,
            "rows": self._rows(span, by),
        })  # fmt: skip

    def _rows(self, span: Span, by: str) -> list[dict[str, Any]]:
        tallies = reports.readable(self.actor)
        if by == "day":
            days = reports.by_day(tallies, span)
            return [_row(day.isoformat(), "", line) for day, line in days.items()]
        lines = reports.lines(tallies, span, "balance" if by == "category_product" else by)
        names = self._names(by)
        found = [_row(*names.get(key, (key, "")), line) for key, line in lines.items()]
        return sorted(found, key=lambda row: row["key"])

    def _names(self, by: str) -> Mapping[str, tuple[str, str]]:
        """Give what a key of the tallies, in which 0 is none, is here, and its name."""
        rows: dict[str, QuerySet[Any, Any]] = {
            "product": Product.objects.values_list("pk", "key", "name"),
            "team": Team.objects.visible_to(self.actor).values_list("pk", "pk", "name"),
            "agent": User.objects.exclude(role=User.Role.CUSTOMER).values_list("pk", "pk", "name"),
        }
        if by == "category_product":
            return {
                f"{kind}/{pk}": (f"{kind}/{key}", name)
                for pk, (key, name) in self._names("product").items()
                for kind in (*Category.values, "none")
            }
        if by not in rows:
            return {}
        return {str(pk): (str(key), name) for pk, key, name in rows[by]} | {"0": ("none", "")}


def _row(key: str, name: str, line: Line) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "filed": line.filed,
        "answered": line.answers.count,
        "resolved": line.resolved,
        "first_response_seconds": _times(line.answers),
        "resolution_seconds": _times(line.resolutions),
        "effort_seconds": line.effort,
    }


def _times(times: Times) -> dict[str, int | None]:
    found = {"mean": times.mean, "median": times.quantile(0.5), "p90": times.quantile(0.9)}
    return {name: None if value is None else round(value) for name, value in found.items()}


def _breakdown(text: str) -> str:
    try:
        [by] = filters.words((text,), BREAKDOWNS)
    except BadFilter as error:
        raise BadFilter(str(error), pointer="by") from error
    return by


def _day(text: str, pointer: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 2200:
        raise BadFilter("Give a day such as 2026-03-31.", pointer=pointer)
    return day
