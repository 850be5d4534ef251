"""The customers' forms."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from products.models import Product, Release
from tickets.custom_fields import fields_for
from tickets.models import Category
from web import custom_fields

FASTEST = 1  # seconds in which no person fills in the form
NOT_SURE = ""


class FilingForm(forms.Form):
    """File an issue: what happened, to what, in whose name."""

    category = forms.ChoiceField(label=_("What is it about?"), required=False)
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, to_field_name="key"
    )
    affected_release = forms.ChoiceField(label=_("Version"), required=False)
    subject = forms.CharField(label=_("In one line"), max_length=250)
    body = forms.CharField(
        label=_("What happened?"),
        max_length=200_000,
        help_text=_("What did you do, what did you expect, what did you see instead?"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("We answer to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    opened = forms.CharField(max_length=200, widget=forms.HiddenInput)
    zone = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput(attrs={"data-zone": ""})
    )
    website = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, actor: Actor, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        if actor.user is not None:
            del self.fields["name"], self.fields["email"]
        words = [(each.value, each.plain_words) for each in Category]
        self._choices("category").choices = [*words, (NOT_SURE, _("Not sure"))]
        self._offer_products()
        custom_fields.offer(self, fields_for(self.chosen_product, actor=actor))

    @property
    def is_from_robot(self) -> bool:
        """Whether it fell into a trap that no person sees."""
        return bool({"website", "opened"} & set(self.errors))

    def about_fields(self) -> list[forms.BoundField]:
        """List what depends on the product: its versions and its own fields."""
        versions = [self["affected_release"]] if self.releases else []
        return [*versions, *custom_fields.bound(self)]

    def clean_website(self) -> str:
        """Turn away what fills in a field that nobody sees."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Leave this field empty."), code="honeypot")
        return ""

    def clean_opened(self) -> str:
        """Turn away what answers faster than a person types."""
        try:
            opened = float(signing.loads(self.cleaned_data["opened"], salt="filing"))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise forms.ValidationError(_("Please send the form again."), code="stale") from error
        if self.at.timestamp() - opened < FASTEST:
            raise forms.ValidationError(_("That was fast. Please send it again."), code="too_fast")
        return str(opened)

    def _chosen_product(self) -> Product | None:
        key = self.data.get("product") if self.is_bound else self.initial.get("product")
        return Product.objects.filter(key=key, is_active=True).first() if key else None

    def _offer_products(self) -> None:
        products = Product.objects.filter(is_active=True).order_by("name", "pk")
        offered = cast("forms.ModelChoiceField[Product]", self.fields["product"])
        offered.queryset = products
        offered.empty_label = _("Not sure, or none of these")
        self.chosen_product = self._chosen_product()
        self.releases = Release.objects.filter(
            product=self.chosen_product, status=Release.Status.PUBLISHED
        ).order_by("-published_on", "-pk")
        self._choices("affected_release").choices = [
            ("", _("Not sure")),
            *((release.version, release.version) for release in self.releases),
        ]

    def _choices(self, name: str) -> forms.ChoiceField:
        return cast("forms.ChoiceField", self.fields[name])


class ObjectionForm(forms.Form):
    """What is still wrong with a ticket that was called solved."""

    body = forms.CharField(
        label=_("What is still wrong?"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnswerForm(forms.Form):
    """What a customer writes on a ticket."""

    body = forms.CharField(
        label=_("Your answer"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
