"""The living style page: every token, glyph and part, in each of its states, as pages use them."""

import re
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tickets.models import Category, Priority, Status
from web.policies import policy
from web.promises import Badge
from web.workspace.pages import page, who

_COLOUR = re.compile(r"--([a-z_-]+): (?:light-dark|oklch)\(")
_ICON = re.compile(r'<symbol id="([a-z0-9_-]+)"')
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


class Sample(forms.Form):
    """A field of each kind; checked, so that its errors show."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As on the door."))
    mail = forms.EmailField(label=gettext_lazy("E-mail"))
    body = forms.CharField(
        label=gettext_lazy("Text"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Category.choices)
    many = forms.MultipleChoiceField(
        label=gettext_lazy("Several"), choices=Priority.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    sure = forms.BooleanField(label=gettext_lazy("Yes or no"), required=False)
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@dataclass(frozen=True)
class Group:
    """Colours of one role, by the names of their tokens."""

    name: str
    tokens: list[str]


@require_safe
@policy("admin")
def style(request: HttpRequest) -> HttpResponse:
    """Show all of it."""
    _actor, at = who(request)
    context = {
        "groups": _groups(),
        "icons": _ICON.findall((settings.BASE_DIR / "static/icons.svg").read_text("utf-8")),
        "statuses": Status.values,
        "priorities": Priority.values,
        "categories": [*Category.values, None],
        "badges": [
            Badge("ok", _("2 d 4 h"), at), Badge("warn", _("18 m"), at), Badge("late", "−1 h", at),
            Badge("paused", _("paused"), None), Badge("met", _("met"), None),
        ],
        "empty_form": Sample(prefix="empty"),
        "wrong_form": Sample({"wrong-mail": "nobody@", "wrong-body": LONG}, prefix="wrong"),
        "long": LONG,
        "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/style.html", context)


def _groups() -> list[Group]:
    """Read the colours from the sheet that defines them, in its order."""
    names = _COLOUR.findall((settings.BASE_DIR / "static/css/tokens.css").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.split("-")[0], []).append(name)
    return [Group(role, tokens) for role, tokens in found.items()]
