"""Which tickets a policy is for: its conditions as plain fields, in the words of the lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team
from products.models import Product
from sla.choosing import MATCHES
from sla.models import Agreement
from tickets.models import Category, Priority, Ticket

LONG = 12  # more than this many choices can be narrowed by typing
Choices = list[tuple[str, str | Promise]]
LABELS: Mapping[str, str | Promise] = {
    "agreement": _("Agreement"),
    "organisation": _("Organisation"),
    "product": _("Product"),
    "category": _("Category"),
    "priority": _("Priority"),
    "team": _("Team"),
    "tag": _("Tag"),
    "source": _("Source"),
    "emergency": _("Emergency"),
}


@dataclass(frozen=True)
class Asked:
    """One condition as the page shows it: its field, and what is chosen in words."""

    field: BoundField
    words: str
    is_long: bool


def choices() -> dict[str, Choices]:
    """List what each condition may name, a query for each kind of row."""
    agreements = Agreement.objects.select_related("organisation", "policy")
    return {
        "agreement": [
            ("any", _("Any agreement")), ("none", _("No agreement")),
            *(
                (str(row.pk), f"{row.organisation.name} · {row.policy.name} · {row.valid_from:%Y}")
                for row in agreements.order_by("organisation__name", "pk")
            ),
        ],
        "organisation": [
            ("none", _("No organisation")),
            *_rows(Organisation.objects.order_by("name", "pk").values_list("pk", "name")),
        ],
        "product": [
            ("none", _("No product")),
            *_rows(Product.objects.order_by("name", "pk").values_list("key", "name")),
        ],
        "category": [*Category.choices, ("none", _("Not classed"))],
        "priority": list(reversed(Priority.choices)),
        "team": [
            ("none", _("No team")),
            *_rows(Team.objects.order_by("name", "pk").values_list("pk", "name")),
        ],
        "source": list(Ticket.Source.choices),
        "emergency": [("true", _("Only emergencies")), ("false", _("No emergencies"))],
    }  # fmt: skip


def fields(match: Mapping[str, str]) -> dict[str, forms.Field]:
    """Make a field for each condition; what is named but gone stays to be seen."""
    known = choices()
    return {f"match.{name}": _field(name, known, match.get(name, "")) for name in MATCHES}


def initial(match: Mapping[str, str]) -> dict[str, Any]:
    """Give what the fields show for a document."""
    return {
        f"match.{name}": value if name in {"tag", "emergency"} else value.split(",")
        for name, value in match.items()
    }


def read(clean: Mapping[str, Any]) -> dict[str, str]:
    """Give the document that the fields say; an empty one asks nothing."""
    said = {name: clean[f"match.{name}"] for name in MATCHES}
    return {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in said.items()
        if value
    }


def rows(form: forms.Form) -> list[Asked]:
    """Put a form's conditions together as the page shows them."""
    return [_asked(form[f"match.{name}"]) for name in MATCHES]


def _asked(field: BoundField) -> Asked:
    value, offered = field.value(), getattr(field.field, "choices", None)
    if offered is None:
        return Asked(field, str(value or ""), is_long=False)
    chosen = set(value if isinstance(value, list) else [value or ""])
    words = ", ".join(str(word) for key, word in offered if key and key in chosen)
    return Asked(field, words, is_long=len(offered) > LONG)


def _field(name: str, known: Mapping[str, Choices], value: str) -> forms.Field:
    label: Any = LABELS[name]
    if name == "tag":
        return forms.CharField(
            label=label, required=False, max_length=1000,
            help_text=_("One of them is enough. Separated by commas."),
        )  # fmt: skip
    if name == "emergency":
        return forms.ChoiceField(
            label=label, required=False, choices=[("", _("Does not matter")), *known[name]]
        )
    offered = {key for key, _word in known[name]}
    gone = [(word, word) for word in value.split(",") if word and word not in offered]
    return forms.MultipleChoiceField(
        label=label, required=False, choices=[*known[name], *gone],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


def _rows(rows: Iterable[tuple[Any, str]]) -> Choices:
    return [(str(key), name) for key, name in rows]
