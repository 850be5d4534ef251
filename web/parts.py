"""The parts of pages that are drawn most, by Jinja2: Django's own templates took half of a page.

They stand beside the pages as `.jinja`, draw with the same tags and filters (`templatetags.desk`),
and are called by `{% part %}`. Everything else is a template of Django's.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.template import defaultfilters, defaulttags
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from jinja2 import ChainableUndefined, Environment, pass_context

from web.templatetags import desk

TAGS = (
    desk.icon, desk.status, desk.category, desk.priority, desk.avatar, desk.assignee,
    desk.initials, desk.sla_badge, pass_context(desk.when), pass_context(desk.ago),
)  # fmt: skip


def environment(**options: Any) -> Environment:
    """Give the parts what Django's templates have; what a page lacks is empty there as here."""
    made = Environment(**{**options, "undefined": ChainableUndefined})  # noqa: S701 - see options
    made.globals.update({tag.__name__: tag for tag in TAGS})
    made.globals.update({"_": gettext, "url": _address, "static": static, "querystring": _changed})
    made.filters.update(desk.register.filters)
    made.filters.update(date=_dated, truncatechars=defaultfilters.truncatechars)
    return made


@lru_cache(maxsize=512)  # a page has fifty addresses, most of them those of every page
def _address(name: str, *args: object) -> str:
    return reverse(name, args=args)


def _changed(query: QueryDict, **changes: object) -> str:
    return str(defaulttags.querystring(None, query, **changes))  # type: ignore[arg-type]


def _dated(moment: date | datetime, form: str) -> str:
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return str(defaultfilters.date(local, form))
