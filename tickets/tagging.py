"""Which tags are offered while somebody types: those in use, the most used of late first."""

from collections import Counter

from django.db.models import Case, Value, When

from accounts.actor import Actor
from tickets.models import Tag, Ticket

MOST = 12
RECENT = 2_000  # of the newest uses: all of a small desk's, and no walk over a large one's


def offered(begun: str, actor: Actor) -> list[str]:
    """Give tags that hold these letters and stand on a ticket the actor sees, at most twelve;
    what was typed whole comes first."""
    wanted = begun.strip().lower()
    fitting = Tag.objects.visible_to(actor).filter(name__contains=wanted)
    uses = Ticket.tags.through.objects.order_by("-pk").values_list("tag_id", flat=True)[:RECENT]
    ranks = [When(name=wanted, then=Value(-RECENT - 1))]
    ranks += [When(pk=key, then=Value(-count)) for key, count in Counter(uses).most_common(100)]
    ranked = fitting.annotate(rank=Case(*ranks, default=Value(0)))
    return list(ranked.order_by("rank", "name").values_list("name", flat=True)[:MOST])
