"""What a form asks is done once, however often it is sent: double clicks, reloads, two tabs."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import StoredAnswer


@transaction.atomic
def once(owner: str, path: str, key: str, act: Callable[[], int], *, at: datetime) -> int:
    """Act, or give the number that acting gave when the same was asked before; twins wait.

    `key` names what is asked, as `fingerprint` does, and on which drawing of the page.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [f"{owner} {path} {key}"]
        )
    name = {"owner": owner, "method": "POST", "path": path, "key": key}
    stored = StoredAnswer.objects.filter(**name).first()
    if stored is not None:
        return int(stored.body)
    number = act()
    StoredAnswer.objects.create(**name, status=302, body=str(number), created_at=at)
    return number


def fingerprint(said: Any) -> str:
    """Give a short name of what a form says."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
