"""The forms of the way in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import DeskSettings
from web.zones import ZoneField


class LinkForm(forms.Form):
    """Ask for a one-time link."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class PasswordForm(LinkForm):
    """Sign in by password."""

    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(forms.Form):
    """Choose a password."""

    password = forms.CharField(
        label=_("New password"),
        max_length=500,
        strip=False,
        help_text=_("At least 10 characters; not one that many people use."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SetUpForm(NewPasswordForm):
    """Make the first admin and settle the desk."""

    company = forms.CharField(label=_("Company"), max_length=200)
    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)
    time_zone = ZoneField(label=_("Time zone"))
    smtp_host = forms.CharField(
        label=_("Mail server"),
        max_length=253,
        required=False,
        help_text=_("Leave empty to do this later; until then mails wait."),
    )
    smtp_port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=587, required=False
    )
    smtp_security = forms.ChoiceField(
        label=_("Encryption"), choices=DeskSettings.Security.choices, required=False
    )
    smtp_user = forms.CharField(label=_("User at the mail server"), max_length=254, required=False)
    smtp_password = forms.CharField(
        label=_("Password at the mail server"),
        max_length=254,
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )
    mail_from = forms.EmailField(label=_("Mails come from"), max_length=254, required=False)
    samples = forms.BooleanField(label=_("Load a sample desk to look around in"), required=False)

    field_order = (
        "company", "name", "email", "password", "time_zone", "smtp_host", "smtp_port",
        "smtp_security", "smtp_user", "smtp_password", "mail_from", "samples",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Your password")
        if not self.is_bound:  # the browser's zone is chosen until somebody chooses
            self.fields["time_zone"].widget.attrs["data-zone"] = ""

    def desk_values(self) -> dict[str, Any]:
        """Give what belongs to the desk rather than to the admin."""
        names = (
            "company", "time_zone", "smtp_host", "smtp_user", "smtp_password", "mail_from",
        )  # fmt: skip
        values = {name: self.cleaned_data[name] for name in names}
        values["smtp_port"] = self.cleaned_data["smtp_port"] or 587
        values["smtp_security"] = (
            self.cleaned_data["smtp_security"] or DeskSettings.Security.STARTTLS
        )
        return values
