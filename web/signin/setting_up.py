"""The set-up of a new desk: one page, opened by the one-time link of the console."""

from datetime import datetime
from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.signing_in import is_setup_link, set_up
from accounts.models import User
from channels import smtp
from web.attempts import attempt
from web.context import forget_desk_facts
from web.policies import policy
from web.signin.forms import SetUpForm


@sensitive_post_parameters("password", "smtp_password")
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the form; test the mail server on request; make the admin and sign in."""
    if not is_setup_link(secret):
        facts = {"is_set_up": User.objects.exists()}
        return render(request, "signin/setup_spent.html", facts, status=410)
    if request.method != "POST":
        return render(request, "signin/setup.html", {"form": SetUpForm()})
    form = SetUpForm(request.POST)
    if "test" in request.POST:
        return render(request, "signin/setup.html", {"form": form, "tested": _test(form)})
    now = timezone.now()
    admin = attempt(form, lambda values: _set_up(form, secret, values, now))
    if admin is None:
        return render(request, "signin/setup.html", {"form": form}, status=422)
    forget_desk_facts()
    messages.success(request, _("Welcome. Your desk is ready."))
    answer: HttpResponse = perform_login(
        request, admin, email_verification="none", redirect_url="/agent/"
    )
    return answer


def _set_up(form: SetUpForm, secret: str, values: dict[str, Any], at: datetime) -> User:
    return set_up(
        secret,
        at=at,
        email=values["email"],
        name=values["name"],
        password=values["password"],
        with_samples=values["samples"],
        **form.desk_values(),
    )


def _test(form: SetUpForm) -> str:
    """Send a test mail with what stands in the form; say in a sentence how it went."""
    if not form.is_valid():
        return _("Fill in the form first; the password is not stored yet.")
    values = form.desk_values()
    if not values["smtp_host"]:
        return _("Give the name of a mail server first.")
    server = smtp.Server(
        host=values["smtp_host"],
        port=values["smtp_port"],
        user=values["smtp_user"],
        password=values["smtp_password"],
        security=values["smtp_security"],
        sender=values["mail_from"] or form.cleaned_data["email"],
    )
    trouble = smtp.try_out(server, form.cleaned_data["email"])
    return trouble or _("The mail server took a test mail for you.")
