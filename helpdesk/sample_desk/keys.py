"""The keys to the sample desk: one-time sign-in links, and tokens that stay the same."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings

from accounts.actions.signing_in import make_sign_in_link
from accounts.actions.tokens import create_token, find_token
from accounts.actor import Actor
from accounts.models import SCOPES, User
from channels import links
from helpdesk.sample_desk.loading import ADMIN, AGENT, CUSTOMER, OTHER_CUSTOMER

PEOPLE = {
    "admin": ADMIN, "agent": AGENT, "customer": CUSTOMER, "other_customer": OTHER_CUSTOMER,
}  # fmt: skip
_AGENT_SCOPES = [scope for scope in SCOPES if scope not in {"admin", "webhooks:manage"}]
_CUSTOMER_SCOPES = ["tickets:read", "tickets:write"]
_TOKENS = {
    "admin": (ADMIN, list(SCOPES)),
    "agent": (AGENT, _AGENT_SCOPES),
    "customer": (CUSTOMER, _CUSTOMER_SCOPES),
    "integration": (None, _AGENT_SCOPES),
}


def sign_in_links(at: datetime) -> dict[str, dict[str, str]]:
    """Make a fresh one-time link for each sample person: `{"admin": {"email", "sign_in_url"}}`."""
    people = User.objects.in_bulk(list(PEOPLE.values()), field_name="email")
    return {
        role: {
            "email": email,
            "sign_in_url": links.for_sign_in(make_sign_in_link(people[email], at=at)),
        }
        for role, email in PEOPLE.items()
    }


def tokens(at: datetime) -> dict[str, str]:
    """Give the sample tokens by role; they are kept in the data folder and made when missing."""
    kept = settings.DATA_DIR / "sample_tokens.json"
    texts: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    lost = [role for role in _TOKENS if find_token(texts.get(role, ""), at=at) is None]
    for role in lost:
        email, scopes = _TOKENS[role]
        user = User.objects.get(email=email) if email else None
        _, texts[role] = create_token(
            f"Sample {role}", scopes, actor=Actor.system(), at=at, user=user
        )
    if lost:
        _keep(kept, texts)
    return {role: texts[role] for role in _TOKENS}


def _keep(path: Path, texts: dict[str, str]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(texts) + "\n")
