"""What an admin does in the outbox: try a dead mail again."""

from datetime import datetime

from django.db import transaction

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.permissions import require
from channels import post
from channels.models import Outgoing


@transaction.atomic
def retry(pk: int, *, actor: Actor, at: datetime) -> Outgoing:
    """Put a mail that was given up back into the outbox, with a fresh count of attempts.

    :raises NotFound: there is no such dead mail.
    :raises NotAllowed: the actor is no admin.
    """
    require(actor, "mail.read")
    mail = (
        Outgoing.objects.select_for_update(of=("self",))
        .select_related("recipient")
        .filter(pk=pk, dead_at__isnull=False)
        .first()
    )
    if mail is None:
        raise NotFound
    mail.dead_at = None
    mail.attempts = 0
    mail.next_at = at
    mail.save(update_fields=["dead_at", "attempts", "next_at"])
    audit.note(actor, "mail.retried", mail.goes_to, at, mail=mail.pk)
    transaction.on_commit(post.ring)
    return mail
