"""Forms of the workspace: what shape a value has; whether it may be so is the actions' to say."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team, User
from products.models import Component, Product, Release
from tickets.models import Category, FieldDefinition, Priority
from web import custom_fields
from web.workspace.tags import TagsInput
from web.zones import ZoneField


class NewTicket(forms.Form):
    """A ticket that an agent opens for somebody."""

    requester = forms.EmailField(label=_("Requester’s e-mail"), max_length=254)
    requester_name = forms.CharField(
        label=_("Name"), max_length=200, required=False,
        help_text=_("Only for somebody who is new here."),
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject"), max_length=250)
    body = forms.CharField(
        label=_("What is it about?"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("Not classed")), *Category.choices]
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL
    )
    assignee = forms.ModelChoiceField(
        label=_("Assignee"), queryset=User.objects.none(), required=False, empty_label=_("Nobody")
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False,
        empty_label=_("None"), widget=forms.Select(attrs={"data-reload": ""}),
    )  # fmt: skip
    component = forms.ModelChoiceField(
        label=_("Component"), queryset=Component.objects.none(), required=False,
        empty_label=_("None"),
    )  # fmt: skip
    affected_release = forms.ModelChoiceField(
        label=_("Seen in"), queryset=Release.objects.none(), required=False, empty_label=_("None")
    )
    tags = forms.CharField(
        label=_("Tags"), max_length=500, required=False, help_text=_("Separated by commas."),
        widget=TagsInput(),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        product: Product | None,
        teams: QuerySet[Team],
        fields: list[FieldDefinition],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requester"].widget.attrs |= {"list": "people", "autocomplete": "off"}
        self.fields["assignee"].queryset = User.objects.working()  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        active = Product.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["product"].queryset = active  # type: ignore[attr-defined]
        if product is None:
            del self.fields["component"], self.fields["affected_release"]
        else:
            self.fields["component"].queryset = product.components.order_by("name")  # type: ignore[attr-defined]
            newest = product.releases.order_by("-published_on", "-pk")
            self.fields["affected_release"].queryset = newest  # type: ignore[attr-defined]
        custom_fields.offer(self, fields)


class Person(forms.Form):
    """A customer."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.order_by("name", "pk"),
        required=False, empty_label=_("None"),
    )  # fmt: skip
    sees_organisation = forms.BooleanField(
        label=_("Sees all tickets of the organisation"), required=False
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    time_zone = ZoneField(
        label=_("Time zone"), required=False, first=lambda: [("", _("As the organisation"))]
    )
    is_blocked = forms.BooleanField(
        label=_("Blocked"), required=False, help_text=_("Nothing more is taken from this person.")
    )


class OrganisationForm(forms.Form):
    """An organisation and its mail domains."""

    name = forms.CharField(label=_("Name"), max_length=200)
    domains = forms.CharField(
        label=_("Mail domains"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. Whoever proves an address there joins this organisation."),
    )  # fmt: skip
    time_zone = ZoneField(
        label=_("Time zone"), required=False, first=lambda: [("", _("As the desk"))]
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For the team only."),
    )  # fmt: skip


class Profile(forms.Form):
    """What an agent decides about themselves."""

    name = forms.CharField(label=_("Name"), max_length=200)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    time_zone = ZoneField(
        label=_("Time zone"), required=False, first=lambda: [("", _("As the desk"))]
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False,
        choices=[("", _("As the browser")), ("en", "English"), ("de", "Deutsch")],
    )  # fmt: skip
    is_away = forms.BooleanField(
        label=_("I am away"), required=False,
        help_text=_("Teams that share tickets out give you none."),
    )  # fmt: skip
    single_keys = forms.BooleanField(
        label=_("Single keys"), required=False,
        help_text=_("j, k, r and the others act without ctrl. Switch off for speech input."),
    )  # fmt: skip
    theme = forms.ChoiceField(
        label=_("Colours"),
        choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
