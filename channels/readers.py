"""Who may read about a ticket by mail: asked when a mail is owed and again when it is sent."""

from accounts.actor import Actor
from accounts.models import User
from tickets.models import Ticket


def sees(person: User, ticket: Ticket) -> bool:
    """Whether the person may read the ticket now: the desk's one visibility rule.

    The requester is written to before the address is proven: the mail is what proves it.
    """
    if not person.is_active or person.is_blocked:
        return False
    if person.pk == ticket.requester_id:
        return True
    if not person.is_staff_member:
        return False
    return Ticket.objects.visible_to(Actor.of(person, door="email")).filter(pk=ticket.pk).exists()
