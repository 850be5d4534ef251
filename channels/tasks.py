"""What workers do for mail; every task may run twice."""

import time

from celery import shared_task
from django.utils import timezone

from channels import expiry, post, service_reports, smtp

LONGEST_ROUND = 100  # seconds; what is left waits for the next ring


@shared_task(name="channels.send")
def send() -> None:
    """Send the mails that are due over one connection; without a mail server they wait.

    One process sends at a time: many mails, or a slow server, must not keep all of them from
    publishing and from watching the deadlines.
    """
    server = smtp.current()
    if server is None:
        return
    with post.only_sender() as is_ours:
        if is_ours:
            _send_round(server)


@shared_task(name="channels.tell_expiries")
def tell_expiries() -> None:
    """Tell account managers which agreements are about to end."""
    expiry.tell(timezone.now())


@shared_task(name="channels.tell_reports")
def tell_reports() -> None:
    """Tell account managers how their organisations were served last month."""
    service_reports.tell(timezone.now())


def _send_round(server: smtp.Server) -> None:
    until = time.monotonic() + LONGEST_ROUND
    with smtp.Connection(server) as connection:
        while time.monotonic() < until and post.send_next(connection, timezone.now()):
            pass
