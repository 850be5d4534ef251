"""What every page of the workspace does first and last: who, when, the rail, and refusals."""

from datetime import datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed
from accounts.models import User
from web.attempts import attempt
from web.workspace import views

__all__ = ["attempt", "back", "chosen", "key_in", "me", "page", "regret", "say", "who"]

Row = TypeVar("Row", bound=Model)


def who(request: HttpRequest) -> tuple[Actor, datetime]:
    """Give who acts and the instant at which the request is judged."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by web.middleware.Viewer
    return actor, timezone.now()


def me(request: HttpRequest) -> User:
    """Give the person who is signed in; behind a policy there always is one.

    :raises NotAllowed: nobody is.
    """
    user = who(request)[0].user
    if user is None:
        raise NotAllowed
    return user


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    view: str = "",
    team: str = "",
) -> HttpResponse:
    """Draw a page inside the frame with its rail."""
    actor, at = who(request)
    if "rail" not in context:
        context["rail"] = views.rail(actor, at, view=view, team=team)
    return render(request, template, context, status=status)


def key_in(text: str) -> int | None:
    """Read a row's number from a form or an address; None when no row could have it."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def back(request: HttpRequest, otherwise: str) -> str:
    """Give the address that the form names in `next`, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    return otherwise


def chosen(rows: "QuerySet[Row]", key: str) -> Row | None:
    """Give the row that a list was set to; "none" and nothing are no row.

    :raises Invalid: it is not, or no longer, one of these rows.
    """
    if key in {"", "none"}:
        return None
    row = rows.filter(pk=key).first() if key.isdecimal() and len(key) <= 18 else None
    if row is None:
        raise Invalid(_("Choose one of the listed values."))
    return row


def say(request: HttpRequest, sentence: str, *, undo: str = "") -> None:
    """Show a sentence on the next page; `undo` is where a button beside it posts to."""
    messages.success(request, sentence, extra_tags=undo)


def regret(request: HttpRequest, sentence: str) -> None:
    """Show a refusal on the next page."""
    messages.error(request, sentence)
