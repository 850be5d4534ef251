"""What workers do for tickets; every task may run twice."""

from celery import shared_task
from django.utils import timezone

from accounts.database_time import database_time
from tickets import attachments, bulk, housekeeping, publishing, search, tallies, vocabulary


@shared_task(name="tickets.publish")
def publish() -> None:
    """Publish what was committed and tell the subscribers."""
    now = timezone.now()
    publishing.publish_pending(now)
    publishing.deliver_pending(now)


@shared_task(name="tickets.change_many")
def change_many() -> None:
    """Go on with changing many tickets."""
    bulk.go_on(timezone.now)


@shared_task(name="tickets.close_resolved")
def close_resolved() -> None:
    """Close tickets that stayed resolved for the days the desk allows."""
    housekeeping.close_resolved(timezone.now())


@shared_task(name="tickets.wake_snoozed")
def wake_snoozed() -> None:
    """Wake tickets whose snooze is over by the database's time."""
    housekeeping.wake_snoozed(database_time())


@shared_task(name="tickets.clear_uploads")
def clear_uploads() -> None:
    """Forget files that nobody sent within a day, and what is old besides."""
    attachments.clear_old_uploads(timezone.now())
    housekeeping.forget_old(timezone.now())
    bulk.forget_old(timezone.now())


@shared_task(name="tickets.reindex")
def reindex() -> None:
    """Let tickets be found by new names of organisations and in new languages of search."""
    search.reindex()


@shared_task(name="tickets.count_words")
def count_words() -> None:
    """Keep the words by which mistyped ones are put right, for some seconds at a time."""
    vocabulary.go_on(timezone.now)


@shared_task(name="tickets.follow_tallies")
def follow_tallies() -> None:
    """Keep the counts that reports add up true to what changed, until nothing is left."""
    while tallies.follow(timezone.now()).is_behind:
        pass
