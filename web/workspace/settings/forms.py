"""Forms of the settings pages: what shape a value has."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import SCOPES, DeskSettings, SearchLanguage, Team, User
from products.models import Product, Release
from tickets.models import FieldDefinition
from web.zones import ZoneField


class Agent(forms.Form):
    """Somebody who works at the desk."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(User.Role.AGENT, _("Agent")), (User.Role.ADMIN, _("Admin"))],
        help_text=_("Agents answer tickets. Admins change settings and see private teams, too."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.order_by("name", "pk"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class TeamForm(forms.Form):
    """A team and its members."""

    name = forms.CharField(label=_("Name"), max_length=100)
    is_private = forms.BooleanField(
        label=_("Private"), required=False,
        help_text=_("Its tickets are seen by its members and by admins only."),
    )  # fmt: skip
    members = forms.ModelMultipleChoiceField(
        label=_("Members"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    sharing = forms.ChoiceField(
        label=_("Share tickets out"), choices=Team.Sharing.choices,
        help_text=_(
            "A ticket that comes without an assignee goes to a member who is not away: to one"
            " after the other, or to who has fewest tickets."
        ),
    )  # fmt: skip
    signature = forms.CharField(
        label=_("Signature"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands under every mail about this team’s tickets."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = User.objects.working()  # type: ignore[attr-defined]


class ProductForm(forms.Form):
    """A product."""

    name = forms.CharField(label=_("Name"), max_length=120)
    key = forms.SlugField(
        label=_("Key"), max_length=60,
        help_text=_("Its name in the API: small letters, digits and hyphens."),
    )  # fmt: skip
    is_active = forms.BooleanField(
        label=_("Active"), required=False, initial=True,
        help_text=_("Tickets can be about it, and customers can choose it."),
    )  # fmt: skip


class ComponentForm(forms.Form):
    """A part of a product."""

    name = forms.CharField(label=_("Name"), max_length=120)


class ReleaseForm(forms.Form):
    """A version of a product."""

    version = forms.CharField(label=_("Version"), max_length=60)
    status = forms.ChoiceField(label=_("Status"), choices=Release.Status.choices)
    published_on = forms.DateField(
        label=_("Published on"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class FieldForm(forms.Form):
    """A field that tickets have besides ours."""

    label = forms.CharField(label=_("Label"), max_length=100)
    key = forms.SlugField(label=_("Key"), max_length=40, help_text=_("Its name in the API."))
    type = forms.ChoiceField(label=_("Type"), choices=FieldDefinition.Type.choices)
    choices = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For the type “Choice”: one a line."),
    )  # fmt: skip
    help_text = forms.CharField(label=_("Hint under the field"), max_length=250, required=False)
    products = forms.ModelMultipleChoiceField(
        label=_("Only for these products"), queryset=Product.objects.order_by("name", "pk"),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all of them."),
    )  # fmt: skip
    is_required = forms.BooleanField(label=_("Must be filled in"), required=False)
    is_customer_visible = forms.BooleanField(
        label=_("Customers see it"), required=False, initial=True
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)
    order = forms.IntegerField(
        label=_("Position"), min_value=0, max_value=999, initial=0, required=False
    )


class TokenForm(forms.Form):
    """A key to the API."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What uses it: “Deploy pipeline”.")
    )
    user = forms.ModelChoiceField(
        label=_("Speaks as"), queryset=User.objects.none(), required=False,
        empty_label=_("An integration, in its own name"),
        help_text=_("An integration’s words are no response for the SLA."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.working()  # type: ignore[attr-defined]


class General(forms.Form):
    """What holds for the whole desk, and how its mail leaves."""

    company = forms.CharField(label=_("Company"), max_length=200)
    time_zone = ZoneField(label=_("Time zone"))
    signature = forms.CharField(
        label=_("Signature"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Under mails about tickets of no team."),
    )  # fmt: skip
    autoclose_days = forms.IntegerField(
        label=_("Close resolved tickets after"), min_value=1, max_value=365,
        help_text=_("Days in which the customer may still object."),
    )  # fmt: skip
    search_languages = forms.MultipleChoiceField(
        label=_("Languages of search"), choices=SearchLanguage.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Words in these languages are found inflected, too: “crashes” by “crash”. Up to four;"
            " tickets that are there already follow within minutes."
        ),
    )  # fmt: skip
    smtp_host = forms.CharField(label=_("Mail server"), max_length=253, required=False)
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=DeskSettings.Security.choices)
    smtp_user = forms.CharField(label=_("User"), max_length=254, required=False)
    smtp_password = forms.CharField(
        label=_("Password"), max_length=254, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty to keep the one that is stored."),
    )  # fmt: skip
    mail_from = forms.EmailField(label=_("Sender’s address"), max_length=254, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = sorted(SearchLanguage.choices, key=lambda choice: str(choice[1]))
        self.fields["search_languages"].choices = offered  # type: ignore[attr-defined]

    @property
    def is_fixed_by_environment(self) -> bool:
        """Whether the environment names the mail server, which wins."""
        return bool(settings.SMTP_URL)
