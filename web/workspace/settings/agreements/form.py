"""The form of an agreement: days instead of instants, and only people of its organisation."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from products.models import Product
from sla.agreement_days import FURTHEST, DeskDays
from sla.models import Agreement, Policy
from web.workspace.pages import key_in

_MOST = 2_000_000_000
DAYS = {"valid_from": "first_day", "valid_until": "last_day"}  # column → field of the form


class _People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not at run time
    """People by name and address, since two of one organisation may share a name."""

    def label_from_instance(self, obj: User) -> str:
        """Say who it is."""
        return f"{obj.name} ({obj.email})" if obj.name else obj.email


def _day(**more: Any) -> forms.DateField:
    widget = forms.DateInput(
        attrs={"type": "date", "max": FURTHEST.isoformat()}, format="%Y-%m-%d"
    )
    return forms.DateField(widget=widget, **more)


class AgreementForm(forms.Form):
    """What an organisation bought."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.order_by("name", "pk"),
        empty_label="", widget=forms.Select(attrs={"data-reload": ""}),
    )  # fmt: skip
    policy = forms.ModelChoiceField(
        label=_("Plan"), queryset=Policy.objects.none(), empty_label=""
    )
    first_day = _day(label=_("First day"))
    last_day = _day(
        label=_("Last day"), required=False, help_text=_("Empty: it goes on until it is ended.")
    )
    products = forms.ModelMultipleChoiceField(
        label=_("Covered products"), queryset=Product.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None chosen means all of them."),
    )  # fmt: skip
    account_manager = forms.ModelChoiceField(
        label=_("Account manager"), queryset=User.objects.none(), required=False,
        empty_label=_("Nobody"), help_text=_("Is told before the agreement ends."),
    )  # fmt: skip
    contacts = _People(
        label=_("Named contacts"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only their tickets are covered. None chosen means everybody."),
    )  # fmt: skip
    most_contacts = forms.IntegerField(
        label=_("At most so many named contacts"), min_value=1, max_value=_MOST, required=False
    )
    hours_a_month = forms.IntegerField(
        label=_("Included hours a month"), min_value=0, max_value=_MOST, required=False
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=100_000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("For the team only."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, known: Agreement | None, organisation: Organisation | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.days, self.known = DeskDays(), known
        kept = known.policy_id if known else 0
        self._offer("policy", Policy.objects.filter(
            Q(is_plan=True, is_active=True, current__isnull=False) | Q(pk=kept)
        ).order_by("position", "pk"))  # fmt: skip
        self._offer("products", Product.objects.filter(
            Q(is_active=True) | Q(pk__in=known.covers.values("product") if known else [])
        ).order_by("name", "pk"))  # fmt: skip
        self._offer("account_manager", User.objects.working())
        self.people = self._people_of(organisation)
        self._offer("contacts", self.people)
        if known is not None:
            del self.fields["organisation"]
        elif organisation is None and not self.is_bound:
            del self.fields["contacts"], self.fields["most_contacts"]

    def clean_first_day(self) -> date:
        """Refuse days beyond every calendar."""
        return self._near("first_day")

    def clean_last_day(self) -> date | None:
        """Refuse days beyond every calendar; no day is no end."""
        return self._near("last_day") if self.cleaned_data["last_day"] else None

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes; a day that nobody changed keeps its exact instant."""
        clean = {"contacts": [], "most_contacts": None, **self.cleaned_data}
        first, last = clean.pop("first_day"), clean.pop("last_day")
        return {
            **clean,
            "organisation": self.known.organisation if self.known else clean["organisation"],
            "valid_from": self._kept("first", first) or self.days.beginning(first),
            "valid_until": last and (self._kept("last", last) or self.days.after(last)),
        }

    def _kept(self, which: str, day: date) -> datetime | None:
        if self.known is None or getattr(self.days, which)(self.known) != day:
            return None
        return self.known.valid_from if which == "first" else self.known.valid_until

    def _near(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if not date(1970, 1, 2) <= day < FURTHEST:
            raise forms.ValidationError(_("Choose a day between 1970 and 2200."))
        return day

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]  # fields of rows only

    def _people_of(self, organisation: Organisation | None) -> QuerySet[User]:
        """The organisation's people, and who was ticked before another one was chosen."""
        ticked = self.data.getlist("contacts") if self.is_bound else []  # type: ignore[attr-defined]
        keys = [key for key in map(key_in, ticked) if key]
        own = Q(organisation=organisation) if organisation else Q(pk__in=[])
        people = User.objects.filter(role=User.Role.CUSTOMER, merged_into=None)
        named = self.known.contacts.values("pk") if self.known else []
        return User.objects.filter(
            Q(pk__in=people.filter(own, is_active=True).values("pk"))
            | Q(pk__in=people.filter(pk__in=keys).values("pk"))
            | Q(pk__in=named)
        ).order_by("name", "pk")  # fmt: skip


def begun(agreement: Agreement, days: DeskDays) -> dict[str, Any]:
    """Give what the form of an agreement begins with."""
    return {
        "policy": agreement.policy_id,
        "first_day": days.first(agreement), "last_day": days.last(agreement),
        "products": [each.product_id for each in agreement.covers.all() if each.product_id],
        "account_manager": agreement.account_manager_id,
        "contacts": list(agreement.contacts.values_list("pk", flat=True)),
        "most_contacts": agreement.most_contacts, "hours_a_month": agreement.hours_a_month,
        "notes": agreement.notes,
    }  # fmt: skip
