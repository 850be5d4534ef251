"""Signing in by one-time link or password, and out again."""

from datetime import datetime
from typing import cast

from allauth.account.utils import perform_login
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import throttle
from accounts.actions.signing_in import peek_sign_in_link, set_password, use_sign_in_link
from accounts.errors import LinkSpent
from accounts.models import User
from channels import post
from tickets import actions
from web.addresses import address_of
from web.attempts import attempt
from web.policies import policy
from web.signin.forms import LinkForm, NewPasswordForm, PasswordForm

QUARTER = 900  # seconds: the window in which attempts are counted
GET_OR_POST = ("GET", "HEAD", "POST")


@require_http_methods(GET_OR_POST)
@policy("public")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an address and mail a one-time link; the answer is the same for any address."""
    if request.method != "POST":
        return _page(request, "signin/sign_in.html", LinkForm())
    form = LinkForm(request.POST)
    now = timezone.now()
    sent = attempt(form, lambda values: _send_link(request, values["email"], now))
    if sent is None:
        return _page(request, "signin/sign_in.html", form, status=422)
    return render(request, "signin/sent.html", {"email": form.cleaned_data["email"]})


@sensitive_post_parameters("password")
@require_http_methods(GET_OR_POST)
@policy("public")
def password(request: HttpRequest) -> HttpResponse:
    """Sign in by address and password."""
    if request.method != "POST":
        return _page(request, "signin/password.html", PasswordForm())
    form = PasswordForm(request.POST)
    now = timezone.now()
    person = attempt(form, lambda values: _by_password(request, form, now))
    if person is None:
        return _page(request, "signin/password.html", form, status=422)
    if person.email_verified_at is not None:
        actions.confirm_requester(person, at=now)
    return _enter(request, person, _next(request), now)


@require_http_methods(GET_OR_POST)
@policy("public")
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a button; pressing it spends the link, proves the address and signs in."""
    now = timezone.now()
    try:
        if request.method != "POST":
            found = peek_sign_in_link(secret, at=now)
            return render(
                request, "signin/link.html", {"person": found.user, "next": _next(request)}
            )
        spent = use_sign_in_link(secret, at=now)
    except LinkSpent as refusal:
        return render(request, "signin/spent.html", {"sentence": str(refusal)}, status=410)
    actions.confirm_requester(spent.user, at=now)
    wanted = spent.next_path or _next(request)
    if spent.is_invitation:
        wanted = "/signin/new-password/"
    return _enter(request, spent.user, wanted, now)


@sensitive_post_parameters("password")
@require_http_methods(GET_OR_POST)
@policy("person")
def new_password(request: HttpRequest) -> HttpResponse:
    """Choose a password, after which the session goes on under a new key."""
    if request.method != "POST":
        return _page(request, "signin/new_password.html", NewPasswordForm())
    form = NewPasswordForm(request.POST)
    now, person = timezone.now(), cast("User", request.user)  # the policy lets nobody else in

    def change(values: dict[str, str]) -> bool:
        set_password(person, values["password"], at=now)
        return True

    if attempt(form, change) is None:
        return _page(request, "signin/new_password.html", form, status=422)
    return _enter(request, person, "/", now)


@require_POST
@policy("public")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("portal:start")


def _send_link(request: HttpRequest, email: str, at: datetime) -> bool:
    throttle.refuse_after(20, f"link:{address_of(request)}", at=at, seconds=QUARTER)
    address = email.strip().lower()
    throttle.refuse_after(5, f"link-to:{address}", at=at, seconds=QUARTER)
    person = User.objects.filter(email=address).select_related("merged_into").first()
    person = person.merged_into or person if person else None
    if person and person.is_active:
        post.queue_sign_in(person, at=at, next_path=_next(request))
    return True


def _by_password(request: HttpRequest, form: PasswordForm, at: datetime) -> User | None:
    address = form.cleaned_data["email"].strip().lower()
    throttle.refuse_after(30, f"password:{address_of(request)}", at=at, seconds=QUARTER)
    throttle.refuse_after(10, f"password-of:{address}", at=at, seconds=QUARTER)
    person = authenticate(request, email=address, password=form.cleaned_data["password"])
    if person is None:
        form.add_error(None, _("Address and password do not match."))
        return None
    found: User = person
    return found


def _enter(request: HttpRequest, person: User, wanted: str, at: datetime) -> HttpResponse:
    """Sign in through allauth's stages, so that a second factor is never skipped."""
    links = None if request.user.is_authenticated else request.session.get("links")
    answer: HttpResponse = perform_login(
        request, person, email_verification="none", redirect_url=wanted or "/"
    )
    if links:
        request.session["links"] = links
    return answer


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted[:500] if is_ours and wanted.startswith("/") else ""


def _page(
    request: HttpRequest, template: str, form: LinkForm | NewPasswordForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "next": _next(request)}
    return render(request, template, context, status=status)
