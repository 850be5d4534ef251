"""Secrets that are shown once and stored as SHA-256 digests."""

import hashlib
import secrets


def new_secret() -> str:
    """Make 256 random bits as text that fits a URL."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Give the SHA-256 of a secret as 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()
