"""What a filter bar offers while somebody types: the values that begin with some letters."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import Team, User
from products.models import Product, Release
from tickets import tagging

MOST = 8
Pair = tuple[str, str | Promise]
Suggest = Callable[[str, Actor], list[Pair]]
PAST: list[Pair] = [
    ("<1d", _("In the last day")), ("<7d", _("In the last 7 days")),
    ("<30d", _("In the last 30 days")), (">7d", _("Longer than 7 days ago")),
    (">30d", _("Longer than 30 days ago")), ("today", _("Today")), ("yesterday", _("Yesterday")),
]  # fmt: skip


def fixed(pairs: Iterable[Pair]) -> Suggest:
    """Offer some known words, found by the word or by what it is called."""
    known = list(pairs)

    def suggest(begun: str, actor: Actor) -> list[Pair]:
        wanted = begun.lower()
        return [
            (value, word)
            for value, word in known
            if value.startswith(wanted) or str(word).lower().startswith(wanted)
        ]

    return suggest


def named(
    rows: Callable[[], QuerySet[Any]], extra: Iterable[Pair] = (), *, is_person: bool = False
) -> Suggest:
    """Offer rows by the beginning of a word of their name, after some known words."""
    offered = fixed(extra)

    def suggest(begun: str, actor: Actor) -> list[Pair]:
        if not actor.is_agent:
            return []
        found = rows().filter(_begins(begun))
        if is_person:
            found = found.filter(is_active=True)
        names = found.order_by("name", "pk").values_list("name", flat=True)[:MOST]
        return [*offered(begun, actor), *((name, name) for name in names if name)]

    return suggest


def teams(begun: str, actor: Actor) -> list[Pair]:
    """Offer the teams whose tickets the actor sees."""
    return named(lambda: Team.objects.visible_to(actor), [("none", _("No team"))])(begun, actor)


def requesters(begun: str, actor: Actor) -> list[Pair]:
    """Offer customers by the beginning of their address."""
    if not actor.is_agent or not begun:
        return []
    found = User.objects.filter(email__startswith=begun.lower(), role=User.Role.CUSTOMER)
    rows = found.order_by("email").values_list("email", "name")[:MOST]
    return [(email, name or email) for email, name in rows]


def products(begun: str, actor: Actor) -> list[Pair]:
    """Offer products by key or name."""
    found = Product.objects.filter(_begins(begun) | Q(key__istartswith=begun), is_active=True)
    return [(row.key, row.name) for row in found.order_by("name", "pk")[:MOST]]


def releases(begun: str, actor: Actor) -> list[Pair]:
    """Offer releases by their version, the newest first."""
    found = Release.objects.filter(version__istartswith=begun).select_related("product")
    return [
        (row.version, f"{row.product.name} {row.version}") for row in found.order_by("-pk")[:MOST]
    ]


def tags(begun: str, actor: Actor) -> list[Pair]:
    """Offer tags that stand on a ticket the actor sees, the most used first."""
    return [(name, name) for name in tagging.offered(begun, actor)[:MOST]]


def _begins(begun: str) -> Q:
    return Q(name__istartswith=begun) | Q(name__icontains=f" {begun}")
