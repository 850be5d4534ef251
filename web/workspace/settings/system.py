"""The system page: is everything running, what waits, and what the last audit found."""

import platform
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Heartbeat
from channels import smtp
from sla import auditing
from sla.calendar_documents import zone_version
from sla.models import AuditRun, Drift
from sla.progress import highest_number, percent_of
from web import health
from web.policies import policy
from web.workspace.pages import page, say, who
from web.workspace.settings.waiting import queues

SHOWN_RUNS = 8


@dataclass(frozen=True)
class Part:
    """One part of the desk: whether it is well, in a sentence, and when it was last seen."""

    name: str | Promise
    is_well: bool
    sentence: str | Promise
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One difference of an audit: the ticket, what is wrong in plain words, and in full."""

    ticket: int
    sentence: str
    said: str


@require_safe
@policy("admin")
def system(request: HttpRequest) -> HttpResponse:
    """Show how the desk is."""
    _actor, at = who(request)
    context = {
        "parts": _parts(at), "queues": list(queues(at)), "versions": _versions(),
        **_audits(at), "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/system.html", context)


@require_safe
@policy("admin")
def audit(request: HttpRequest) -> HttpResponse:
    """Draw the audits again, while one is under way."""
    _actor, at = who(request)
    return render(request, "workspace/settings/_audit.html", _audits(at))


@require_POST
@policy("admin")
def begin_audit(request: HttpRequest) -> HttpResponse:
    """Begin an audit without waiting for the night."""
    actor, at = who(request)
    auditing.begin(actor=actor, at=at)
    say(request, _("The audit has begun."))
    return redirect("workspace:system")


def _parts(at: datetime) -> list[Part]:
    found = health.look(at)
    seen = dict(Heartbeat.objects.order_by("pk").values_list("pk", "at"))
    has_mail = smtp.current() is not None
    return [
        Part(_("Database"), found.database == "ok", _DATABASE[found.database]),
        Part(_("Broker"), found.broker == "ok", _BROKER[found.broker]),
        Part(_("Worker"), found.worker == "ok", _WORKER[found.worker], seen.get("worker")),
        Part(_("Beat"), found.beat == "ok", _BEAT[found.beat], seen.get("beat")),
        Part(
            _("Outgoing mail"), has_mail,
            _("A mail server is set.") if has_mail
            else _("No mail server is set: mails wait in the outbox."),
        ),
    ]  # fmt: skip


def _versions() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    return [
        (_("Helpdesk"), settings.VERSION), ("Python", platform.python_version()),
        ("Django", django.get_version()), ("PostgreSQL", postgres.split()[0]),
        (_("Time zone rules"), zone_version()),
    ]  # fmt: skip


def _audits(at: datetime) -> dict[str, Any]:
    runs = list(AuditRun.objects.order_by("-began_at", "-pk")[:SHOWN_RUNS])
    running = next((run for run in runs if run.ended_at is None), None)
    ended = [run for run in runs if run.ended_at is not None]
    return {
        "running": running,
        "percent": percent_of(highest_number(), running.last_number) if running else 0,
        "last": ended[0] if ended else None,
        "earlier": ended[1:],
        "findings": [Finding(number, _way(way), said) for number, way, said in ended[0].found]
        if ended else [],
        "next_audit": auditing.next_night(at),
    }  # fmt: skip


def _way(way: str) -> str:
    return str(Drift(way).label) if way in Drift.values else way


_DATABASE = {
    "ok": gettext_lazy("It answers, and its tables are those of this version."),
    "missing": gettext_lazy("It cannot be reached."),
    "not migrated": gettext_lazy("Its tables are of an older version: run manage.py migrate."),
}
_BROKER = {
    "ok": gettext_lazy("It hands work to the worker, and answers."),
    "missing": gettext_lazy(
        "It hands work to the worker, but cannot be reached: tickets are accepted, mails wait."
    ),
}
_WORKER = {
    "ok": gettext_lazy("It does the work in the background, such as sending mails."),
    "silent": gettext_lazy(
        "It does the work in the background. No sign of life for 90 seconds: mails and"
        " deadlines wait."
    ),
}
_BEAT = {
    "ok": gettext_lazy(
        "It is the desk's clock: every few seconds it lets the worker look for what is due."
    ),
    "silent": gettext_lazy(
        "It is the desk's clock. No sign of life for 90 seconds: deadlines are not watched."
    ),
}
