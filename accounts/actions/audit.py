"""The audit log: one row for each change outside tickets."""

from datetime import datetime
from typing import Any

from accounts.actor import Actor
from accounts.models import AuditEntry


def note(actor: Actor, what: str, subject: str, at: datetime, **details: Any) -> None:
    """Write who did what to whom; `details` must be plain JSON values."""
    AuditEntry.objects.create(
        at=at,
        actor=actor.user,
        actor_name=actor.name or "desk",
        what=what,
        subject=subject[:254],
        details=details,
    )
