"""Naming colleagues in notes: who can be named, who was, and what of it is news to whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.models import Team, User
from tickets.models import Mention, Seen, Ticket
from tickets.rendering import called_in


@dataclass(frozen=True)
class Named:
    """A colleague and the word by which a note names them."""

    person: User
    name: str


def colleagues(team: Any) -> QuerySet[User]:
    """List by name who sees the tickets of a team, which is a key, a reference to one, or None."""
    private = Team.objects.filter(pk=team, is_private=True)
    is_inside = Q(role=User.Role.ADMIN) | Q(Exists(private.filter(members=OuterRef("pk"))))
    return User.objects.working().filter(is_inside | ~Exists(private))


def offered(people: Iterable[User]) -> list[Named]:
    """Give the word that names each of these alone: the name, or the address of namesakes."""
    known = list(people)
    bearers: dict[str, int] = defaultdict(int)
    for person in known:
        bearers[person.display_name.lower()] += 1
    return [
        Named(person, person.display_name if bearers[person.display_name.lower()] == 1
              else person.email)
        for person in known
    ]  # fmt: skip


def named_in(body: str, ticket: Ticket, author: User | None) -> list[Named]:
    """Find whom a note names by `@` and a name or an address; its author is nobody to tell.

    Who does not see the ticket is not found, and a name that several bear names all of them.
    """
    if "@" not in body:
        return []
    people = colleagues(ticket.team_id)
    others = [person for person in people if person != author]
    called = called_in(body, {word for each in others for word in (each.display_name, each.email)})
    found = []
    for person in others:
        words = [word for word in (person.display_name, person.email) if word.lower() in called]
        if words:
            found.append(Named(person, words[0]))
    return found


def unseen_by(user: User, actor: Actor) -> QuerySet[Mention]:
    """List where a colleague was named since last looking at the ticket, the newest first."""
    has_seen = Seen.objects.filter(
        user=user, ticket=OuterRef("message__ticket"), version__gte=OuterRef("sequence")
    )
    tickets = Ticket.objects.visible_to(actor).filter(is_spam=False)
    return (
        Mention.objects.filter(
            ~Exists(has_seen), user=user, message__ticket__in=tickets.values("pk"),
            message__withdrawn_at__isnull=True, message__redacted_at__isnull=True,
        )
        .select_related("message__ticket")
        .order_by("-id")
    )  # fmt: skip
