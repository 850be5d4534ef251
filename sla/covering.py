"""Whether what an organisation bought covers a ticket, and if not, why not (docs/sla.md T10)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from sla.models import Cover, CoverState
from tickets.models import Ticket


@dataclass(frozen=True)
class Bought:
    """One agreement for one product, or for all when `product` is None."""

    agreement: int
    policy: int
    product: int | None
    valid_from: datetime
    valid_until: datetime | None
    contacts: frozenset[int]  # none named: everybody of the organisation

    def is_valid(self, at: datetime) -> bool:
        """Whether it holds at that instant; `valid_until` is the first one without it."""
        return self.valid_from <= at and (self.valid_until is None or self.valid_until > at)


@dataclass(frozen=True)
class Verdict:
    """What became of the question, and the agreement that it is about."""

    state: CoverState
    bought: Bought | None = None

    @property
    def agreement(self) -> int | None:
        """The agreement that covers the ticket."""
        return self.bought.agreement if self.bought and self.is_covered else None

    @property
    def is_covered(self) -> bool:
        """Whether an agreement covers the ticket."""
        return self.state == CoverState.COVERED


UNKNOWN = Verdict(CoverState.NONE)


def bought_by(organisations: Iterable[int | None]) -> Mapping[int, Sequence[Bought]]:
    """Read what these organisations ever bought, in one query (none when there are none)."""
    wanted = {organisation for organisation in organisations if organisation is not None}
    found: dict[int, list[Bought]] = defaultdict(list)
    if not wanted:
        return found
    rows = (
        Cover.objects.filter(organisation__in=wanted)
        .annotate(
            named=ArrayAgg(
                "agreement__contacts", filter=Q(agreement__contacts__isnull=False), default=[]
            )
        )
        .order_by("id")
        .values_list(
            "organisation", "agreement", "agreement__policy", "product", "valid_from",
            "valid_until", "named",
        )
    )  # fmt: skip
    for organisation, agreement, policy, product, valid_from, valid_until, named in rows:
        bought = Bought(agreement, policy, product, valid_from, valid_until, frozenset(named))
        found[organisation].append(bought)
    return found


def judge(ticket: Ticket, bought: Sequence[Bought], at: datetime) -> Verdict:
    """Say whether one of the organisation's agreements covers the ticket at that instant."""
    if not bought:
        return UNKNOWN
    valid = [each for each in bought if each.is_valid(at)]
    if not valid:
        ended = [each for each in bought if each.valid_until and each.valid_until <= at]
        if ended:
            last = max(ended, key=lambda each: (each.valid_until or at, each.agreement))
            return Verdict(CoverState.EXPIRED, last)
        return Verdict(CoverState.AHEAD, min(bought, key=lambda each: each.valid_from))
    fitting = [each for each in valid if each.product in (None, ticket.product_id)]
    if not fitting:
        return Verdict(CoverState.PRODUCT, valid[0])
    if fitting[0].contacts and ticket.requester_id not in fitting[0].contacts:
        return Verdict(CoverState.CONTACT, fitting[0])
    return Verdict(CoverState.COVERED, fitting[0])
