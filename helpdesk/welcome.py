"""What `up` says when the desk is ready: how to get in."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.actions.signing_in import make_setup_link
from accounts.models import User
from helpdesk.sample_desk import keys, loading


def greeting(at: datetime, *, empty: bool) -> str:
    """Load the samples into a new desk, unless it shall be empty, and say how to get in."""
    if not empty and not User.objects.exists():
        loading.load(at)
    if loading.is_loaded():
        return to_samples(at)
    secret = make_setup_link()
    if secret is None:
        return f"Sign in at {settings.SITE_URL}{reverse('signin:sign_in')}"
    url = f"{settings.SITE_URL}{reverse('signin:set_up', args=[secret])}"
    return f"This desk is empty. Set it up once with this link:\n  {url}"


def to_samples(at: datetime) -> str:
    """Say how to sign in to the sample desk, and how to call its API."""
    links = keys.sign_in_links(at)
    token = keys.tokens(at)["integration"]
    rows = [
        f"  {role:<9}  {links[role]['sign_in_url']}" for role in ("admin", "agent", "customer")
    ]
    return "\n".join([
        "Sign in to the sample desk (each link works once, within 15 minutes):",
        *rows,
        "",
        f"API token  {token}",
        f"  curl -H 'Authorization: Bearer {token}' {settings.SITE_URL}/api/v1/tickets/",
        "",
    ])  # fmt: skip
