"""Whose address a request comes from."""

from typing import Any

from django.conf import settings


def address_of(request: Any) -> str:
    """Give the caller's address; forwarded ones count only from configured proxies."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies and forwarded[-proxies]:
        return str(forwarded[-proxies])[:45]
    return str(request.META.get("REMOTE_ADDR", ""))
