"""The one pattern of the settings pages: a list with its rows, and a form that saves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from web.workspace.pages import attempt, page, say

Words = str | Promise


@dataclass(frozen=True)
class Row:
    """One line of a list: what it is called, where it leads, and its other cells."""

    name: Words
    href: str
    cells: list[Words] = field(default_factory=list)
    badge: Words = ""


def listing(
    request: HttpRequest,
    *,
    title: Words,
    about: Words,
    columns: Iterable[Words],
    rows: Iterable[Row],
    new: str = "",
    new_words: Words = "",
) -> HttpResponse:
    """Show a list of settings with the way to add one, if there is one."""
    context = {
        "up": at_settings("settings"), "up_name": _("Settings"),
        "title": title, "about": about, "columns": list(columns), "rows": list(rows),
        "new": new, "new_words": new_words, "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/list.html", context)


def editing(
    request: HttpRequest,
    form: Form,
    save: Callable[[dict[str, Any]], Any],
    *,
    title: Words,
    up: str,
    up_name: Words,
    template: str = "workspace/settings/form.html",
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it was sent and `save` takes it, go back to the list.

    A refusal keeps everything that was typed and stands at its field.
    """
    if request.method == "POST" and attempt(form, save) is not None:
        say(request, _("Saved"))
        return redirect(up)
    context = {
        "form": form, "title": title, "up": up, "up_name": up_name, "here": "settings",
        **(more or {}),
    }  # fmt: skip
    return page(request, template, context, status=422 if form.errors else 200)


def at_settings(name: str, *args: Any) -> str:
    """Give the address of a settings page by its name."""
    return reverse(f"workspace:{name}", args=args)
