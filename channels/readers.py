"""Who may read about a ticket: asked when somebody is to be told, and again when a mail leaves."""

from collections.abc import Iterable

from accounts.actor import Actor
from accounts.models import User
from tickets.models import Ticket


class Readers:
    """Answers for some tickets at once, with one query for each colleague asked about."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        self._numbers = {ticket.pk for ticket in tickets}
        self._seen: dict[int, frozenset[int]] = {}

    def sees(self, person: User, ticket: Ticket) -> bool:
        """Whether the person may read the ticket now: the desk's one visibility rule.

        The requester is written to before the address is proven: the mail is what proves it.
        """
        if not person.is_active or person.is_blocked:
            return False
        if person.pk == ticket.requester_id or is_copied(person, ticket):
            return True
        return person.is_staff_member and ticket.pk in self._visible_to(person)

    def _visible_to(self, person: User) -> frozenset[int]:
        if person.pk not in self._seen:
            seen = Ticket.objects.visible_to(Actor.of(person, door="email"))
            numbers = seen.filter(pk__in=self._numbers).values_list("pk", flat=True)
            self._seen[person.pk] = frozenset(numbers)
        return self._seen[person.pk]


def is_copied(person: User, ticket: Ticket) -> bool:
    """Whether the customer is copied on the ticket; for many, its copies are prefetched."""
    copied = (copy.person_id for copy in ticket.copies.all())
    return not person.is_staff_member and person.pk in copied


def sees(person: User, ticket: Ticket) -> bool:
    """Whether the person may read this one ticket now."""
    return Readers([ticket]).sees(person, ticket)
