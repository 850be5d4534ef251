"""Logging what work on a ticket took, correcting it and taking it back.

An entry stays with its ticket when that is merged; the sum of the other shows both.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.actions._door import lock
from tickets.errors import Invalid, NotAllowed, NotFound
from tickets.events import record
from tickets.models import Category, Event, Message, Ticket, TimeEntry
from tickets.models.effort import MOST_MINUTES

Kind = Event.Kind
MOST_WORDS = 500
AHEAD = timedelta(days=1)  # it is tomorrow already in the zones before UTC
_TOLD = ("minutes", "worked_on", "category", "is_billable", "words")


@transaction.atomic
def log_time(
    number: int, minutes: int, worked_on: date, *, actor: Actor, at: datetime,
    category: str | None = None, is_billable: bool = True, words: str = "",
) -> Event:  # fmt: skip
    """Log minutes of work on a day; without a category it is of the ticket's own.

    :raises Invalid: no time, more than a day, a day to come, or too many words.
    """
    ticket = lock(number, actor, "log_time")
    entry = TimeEntry(
        ticket=ticket, author=actor.user, author_name=actor.name, minutes=minutes,
        worked_on=worked_on, category=category or None, is_billable=is_billable,
        words=words.strip(), created_at=at,
    )  # fmt: skip
    _check(entry, at)
    entry.save()
    after = {"entry": entry.pk, **_told(entry)}
    return record(ticket, Kind.TIME_LOGGED, actor=actor, at=at, after=after)


@transaction.atomic
def change_time(
    number: int, entry_id: int, *, actor: Actor, at: datetime, **values: Any
) -> Event | None:
    """Correct an entry: `minutes`, `worked_on`, `category`, `is_billable`, `words`.

    :raises NotFound: the ticket has no such entry.
    :raises NotAllowed: somebody else logged it.
    :raises Invalid: no time, more than a day, a day to come, or too many words.
    """
    ticket = lock(number, actor, "log_time")
    entry = _entry(ticket, entry_id, actor)
    before = _told(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.category, entry.words = entry.category or None, entry.words.strip()
    _check(entry, at)
    after = _told(entry)
    changed = [name for name in _TOLD if before[name] != after[name]]
    if not changed:
        return None
    entry.save(update_fields=changed)
    return record(
        ticket, Kind.TIME_CHANGED, actor=actor, at=at,
        before={name: before[name] for name in changed},
        after={"entry": entry.pk, **{name: after[name] for name in changed}},
    )  # fmt: skip


@transaction.atomic
def delete_time(number: int, entry_id: int, *, actor: Actor, at: datetime) -> Event:
    """Take an entry away; the history keeps what it was.

    :raises NotFound: the ticket has no such entry.
    :raises NotAllowed: somebody else logged it.
    """
    ticket = lock(number, actor, "log_time")
    return _delete(ticket, _entry(ticket, entry_id, actor), actor, at)


def delete_time_sent_with(ticket: Ticket, message: Message, *, actor: Actor, at: datetime) -> None:
    """Take away what was logged by the request that sent a message which is taken back."""
    sent = ticket.events.filter(message=message, kind=Kind.MESSAGE_ADDED).first()
    if sent is None or not sent.request_id:
        return
    logged = ticket.events.filter(
        sequence__gt=sent.sequence, request_id=sent.request_id, kind=Kind.TIME_LOGGED
    ).values_list("after__entry", flat=True)
    for entry in ticket.time_entries.filter(pk__in=list(logged)).order_by("pk"):
        _delete(ticket, entry, actor, at)


def _delete(ticket: Ticket, entry: TimeEntry, actor: Actor, at: datetime) -> Event:
    before = {"entry": entry.pk, "author": entry.author_name, **_told(entry)}
    entry.delete()
    return record(ticket, Kind.TIME_DELETED, actor=actor, at=at, before=before)


def _entry(ticket: Ticket, entry_id: int, actor: Actor) -> TimeEntry:
    entry = ticket.time_entries.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    if not entry.is_changed_by(actor):
        raise NotAllowed
    return entry


def _told(entry: TimeEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _TOLD} | {
        "worked_on": entry.worked_on.isoformat()
    }


def _check(entry: TimeEntry, at: datetime) -> None:
    if not 0 < entry.minutes <= MOST_MINUTES:
        raise Invalid(_("Give a time from one minute to 24 hours."), pointer="minutes")
    if entry.worked_on > (at + AHEAD).date():
        raise Invalid(_("This day is still to come."), pointer="worked_on")
    if entry.category is not None and entry.category not in Category.values:
        raise Invalid(_("Choose one of the listed values."), pointer="category")
    if len(entry.words) > MOST_WORDS:
        raise Invalid(_("These are too many words."), pointer="words")
