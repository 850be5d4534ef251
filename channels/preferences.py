"""Who wants to hear of what, by mail and at the bell; both, unless somebody says otherwise."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed
from accounts.models import User
from channels.models import CHOSEN, Preference


class Preferences:
    """The choices of some people, read in one query."""

    def __init__(self, people: Iterable[User]) -> None:
        staff = {person.pk for person in people if person.is_staff_member}
        self._chosen = {
            (choice.user_id, choice.kind): choice
            for choice in (Preference.objects.filter(user__in=staff) if staff else ())
        }

    def wants_mail(self, person: User, kind: str) -> bool:
        """Whether a mail of this kind is welcome; customers get every mail meant for them."""
        chosen = self._chosen.get((person.pk, kind))
        return chosen is None or chosen.mail

    def wants_bell(self, person: User, kind: str) -> bool:
        """Whether the bell shall ring; only colleagues have one."""
        chosen = self._chosen.get((person.pk, kind))
        return person.is_staff_member and kind in CHOSEN and (chosen is None or chosen.bell)


def of(person: User) -> dict[str, tuple[bool, bool]]:
    """Give what a colleague hears of: kind → (mail, bell), in the order of the profile page."""
    wishes = Preferences([person])
    return {
        kind.value: (wishes.wants_mail(person, kind), wishes.wants_bell(person, kind))
        for kind in CHOSEN
    }


@transaction.atomic
def choose(wanted: Mapping[str, tuple[bool, bool]], *, actor: Actor) -> None:
    """Store one's own choices: kind → (mail, bell).

    :raises NotAllowed: nobody of the desk asks.
    :raises Invalid: a kind is unknown; `pointer` names it.
    """
    if actor.user is None or not actor.is_agent:
        raise NotAllowed
    for kind, (mail, bell) in wanted.items():
        if kind not in CHOSEN:
            raise Invalid(pointer=kind)
        Preference.objects.update_or_create(
            user=actor.user, kind=kind, defaults={"mail": mail, "bell": bell}
        )
