"""What the timeline says of each kind of event: from what to what, in words and local times."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from tickets.models import Event
from web.timeline import change_of

Kind = Event.Kind
MIA, JON = {"id": 1, "name": "Mia"}, {"id": 2, "name": "Jon"}
TOLD: dict[Event.Kind, tuple[dict[str, Any], dict[str, Any], str]] = {
    Kind.OPENED: ({}, {"by": "customer", "status": "new"}, ""),
    Kind.FOLLOWED_UP: ({}, {"follow_up": 7}, ""),
    Kind.MESSAGE_ADDED: ({}, {"kind": "reply"}, ""),
    Kind.MESSAGE_WITHDRAWN: ({}, {"kind": "reply"}, ""),
    Kind.MESSAGE_REDACTED: ({}, {"kind": "note"}, ""),
    Kind.ATTACHMENT_REDACTED: ({}, {"kind": "note"}, ""),
    Kind.STATUS_CHANGED: ({"status": "open"}, {"status": "on_hold"}, "Offen → Zurückgestellt"),
    Kind.RESOLVED: ({"status": "open"}, {"status": "resolved"}, "Offen → Gelöst"),
    Kind.REOPENED: ({"status": "resolved"}, {"status": "open"}, "Gelöst → Offen"),
    Kind.CLOSED: ({"status": "resolved"}, {"status": "closed"}, "Gelöst → Geschlossen"),
    Kind.CATEGORY_SET: ({"category": None}, {"category": "corrective"}, "Korrektiv"),
    Kind.CATEGORY_CONFIRMED: ({"category_confirmed_at": None}, {}, ""),
    Kind.PRIORITY_SET: ({"priority": "normal"}, {"priority": "high"}, "Normal → Hoch"),
    Kind.EMERGENCY_SET: ({"emergency": False}, {"emergency": True}, "nein → ja"),
    Kind.TEAM_SET: ({"team": None}, {"team": {"id": 1, "name": "Bank"}}, "Bank"),
    Kind.ASSIGNED: ({"assignee": MIA}, {"assignee": JON}, "Mia → Jon"),
    Kind.UNASSIGNED: ({"assignee": MIA}, {"assignee": None}, "Mia → –"),
    Kind.PRODUCT_SET: ({"product": None}, {"product": {"id": 1, "name": "Ledger"}}, "Ledger"),
    Kind.COMPONENT_SET: ({"component": None}, {"component": {"id": 1, "name": "UI"}}, "UI"),
    Kind.AFFECTED_RELEASE_SET: (
        {"affected_release": None}, {"affected_release": {"id": 1, "name": "2.4"}}, "2.4"),
    Kind.FIXED_IN_SET: ({"fixed_in": None}, {"fixed_in": {"id": 1, "name": "2.5"}}, "2.5"),
    Kind.SUBJECT_SET: ({"subject": "Old"}, {"subject": "New"}, "Old → New"),
    Kind.TAGGED: ({"tags": ["a"]}, {"tags": ["a", "b"]}, "a → a, b"),
    Kind.FIELDS_SET: ({"fields": {"os": "x"}}, {"fields": {"os": "y"}}, "os: x → y"),
    Kind.REQUESTER_SET: ({"requester": MIA}, {"requester": JON}, "Mia → Jon"),
    Kind.REQUESTER_CONFIRMED: ({}, {}, ""),
    Kind.ORGANISATION_SET: ({"organisation": None}, {"organisation": {"name": "Acme"}}, "Acme"),
    Kind.CC_SET: ({"cc": [MIA]}, {"cc": [MIA, JON]}, "Mia → Mia, Jon"),
    Kind.SPAM_MARKED: ({"status": "open"}, {"status": "closed"}, ""),
    Kind.SPAM_UNMARKED: ({"status": "closed"}, {"status": "open"}, ""),
    Kind.SIDE_STARTED: ({}, {"side": 1, "with": ["s@supplier.example"]}, "s@supplier.example"),
    Kind.SIDE_WRITTEN: ({}, {"side": 1, "with": ["a@b.example", "c@d.example"]},
                        "a@b.example, c@d.example"),
    Kind.SIDE_ANSWERED: ({}, {"side": 1, "with": ["s@supplier.example"]}, "s@supplier.example"),
    Kind.SIDE_CLOSED: ({}, {"side": 1, "with": ["s@supplier.example"]}, "s@supplier.example"),
    Kind.CHECKLIST_CHANGED: (
        {"id": 1, "item": "Ask", "is_done": False, "place": 1},
        {"id": 1, "item": "Ask", "is_done": True, "place": 1}, "Ask: erledigt",
    ),
    Kind.TIME_LOGGED: (
        {}, {"entry": 1, "minutes": 90, "worked_on": "2026-01-05", "words": "Call"},
        "1 h 30 min, 5. Jan 2026, Call"),
    Kind.TIME_CHANGED: (
        {"minutes": 90, "is_billable": True}, {"entry": 1, "minutes": 45, "is_billable": False},
        "Zeit: 1 h 30 min → 45 min; abrechenbar: ja → nein"),
    Kind.TIME_DELETED: (
        {"entry": 1, "minutes": 45, "worked_on": "2026-01-05", "words": "", "author": "Jon"}, {},
        "45 min, 5. Jan 2026, Jon"),
    Kind.LINKED: ({}, {"relation": "blocks", "ticket": 7}, "blockiert #7"),
    Kind.UNLINKED: ({"relation": "child_of", "ticket": 7}, {}, "Teil von #7"),
    Kind.MERGED: ({"merged_into": None}, {"merged_into": {"id": 7, "name": "#7"}}, "#7"),
    Kind.UNMERGED: ({"merged_into": {"id": 7, "name": "#7"}}, {"merged_into": None}, "#7"),
    Kind.MERGED_IN: ({}, {"ticket": 7, "since": None}, "#7"),
    Kind.MERGED_OUT: ({}, {"ticket": 7, "since": None}, "#7"),
    Kind.SPLIT: ({}, {"ticket": 7, "message": 3}, "#7"),
    Kind.SNOOZED: (
        {"snoozed_at": None, "snoozed_until": None},
        {"snoozed_at": "2026-01-04T09:00:00Z", "snoozed_until": "2026-01-05T08:00:00Z"},
        "bis Mo 5. Jan 2026, 09:00 CET"),
    Kind.WOKEN: ({"snoozed_at": "2026-01-04T09:00:00Z"}, {"snoozed_at": None}, ""),
    Kind.WATCHED: ({}, {"user": MIA}, ""),
    Kind.UNWATCHED: ({"user": MIA}, {}, ""),
    Kind.SLA_WARNED: ({}, {"metric": "first_response"}, "Erste Antwort"),
    Kind.SLA_BREACHED: ({}, {"metric": "resolution"}, "Lösung"),
    Kind.SLA_ESCALATED: ({}, {"metric": "next_response"}, "Nächste Antwort"),
    Kind.NOTICE_ASKED: ({}, {"to": ["team"], "why": "Lösung: bald"}, "Lösung: bald"),
    Kind.SLA_REVOKED: ({}, {"metric": "update"}, "Zwischenstand"),
    Kind.SLA_DUE_SET: (
        {"metric": "resolution", "due_at": "2026-01-05T09:00:00Z"},
        {"metric": "resolution", "due_at": "2026-07-06T09:30:00Z"},
        "Lösung: Mo 5. Jan 2026, 10:00 CET → Mo 6. Jul 2026, 11:30 CEST"),
}  # fmt: skip


def test_every_kind_is_told():
    assert set(TOLD) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_changed_stands_in_the_readers_words_and_zone(kind):
    before, after, wanted = TOLD[kind]
    event = Event(kind=kind, actor_name="Mia", before=before, after=after, door="agent")
    with translation.override("de"), timezone.override(ZoneInfo("Europe/Berlin")):
        line = change_of(event)
        assert (line.who, line.what) == ("Mia", str(kind.label))
        assert line.detail == wanted
