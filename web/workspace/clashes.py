"""Two people who set the same thing at once: the second one is asked, and sees both values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.http import QueryDict

from accounts.actor import Actor
from accounts.models import Team, User
from products.models import Component, Product, Release
from tickets.models import Event, Ticket
from web import timeline
from web.workspace.pages import key_in

FIELDS = frozenset({
    "subject", "status", "category", "priority", "assignee", "team", "product", "component",
    "affected_release", "fixed_in", "emergency", "tags", "requester", "organisation", "field",
})  # fmt: skip
_ROWS: Mapping[str, type[Model]] = {
    "assignee": User, "team": Team, "product": Product, "component": Component,
    "affected_release": Release, "fixed_in": Release,
}  # fmt: skip


@dataclass(frozen=True)
class Clash:
    """What somebody else set meanwhile, what one was about to set, and the form to send again."""

    what: str
    theirs: timeline.Change
    yours: str
    sent: list[tuple[str, str]]


def clash(number: int, what: str, form: QueryDict, *, actor: Actor) -> Clash | None:
    """Find what another person set in the same place after the page was drawn.

    Other places merge by themselves, since each form sets one thing. A form that says
    `nevertheless`, or sets the same value, asks nothing; nor does one without `since`.
    """
    since = key_in(form.get("since", ""))
    if what not in FIELDS or since is None or form.get("nevertheless"):
        return None
    name = "fields" if what == "field" else what
    later = Event.objects.filter(
        Q(after__has_key=name) | Q(before__has_key=name),
        ticket__in=Ticket.objects.visible_to(actor).filter(pk=number).values("pk"),
        sequence__gt=since,
    ).exclude(actor_user=actor.user)
    event = later.order_by("-sequence").first()
    if event is None or _agrees(event, what, form):
        return None
    sent = [(key, str(form[key])) for key in ("to", "reason", "key", "sure") if key in form]
    return Clash(what, timeline.change_of(event), _yours(what, form), sent)


def _agrees(event: Event, what: str, form: QueryDict) -> bool:
    to = form.get("to", "")
    if what == "field":
        key = form.get("key", "")
        before, after = (kept.get("fields") or {} for kept in (event.before, event.after))
        return before.get(key) == after.get(key) or _same(after.get(key), to)
    return _same(event.after.get(what), to)


def _same(value: Any, to: str) -> bool:
    if isinstance(value, dict):
        return str(value.get("id")) == to
    if isinstance(value, list):
        return sorted(value) == sorted(word.strip() for word in to.split(",") if word.strip())
    return to in {"", "none"} if value is None else str(value) == to


def _yours(what: str, form: QueryDict) -> str:
    to = form.get("to", "")
    if what in _ROWS and (key := key_in(to)):
        row = _ROWS[what]._default_manager.filter(pk=key).first()  # noqa: SLF001 - a public name
        return str(getattr(row, "display_name", "") or row or to)
    return "–" if to in {"", "none"} else timeline.word(what, to)
