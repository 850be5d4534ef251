"""On the first of a month account managers hear how the last one was: once, whoever rings."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import DeskSettings
from channels import letters, tasks
from channels.models import Outgoing
from channels.service_reports import tell
from sla.models import ReportNotice
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import agree, amounts, save_policy
from tickets import actions

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIRST = datetime(2026, 5, 31, 22, tzinfo=UTC)  # the first instant of June in Vienna
MAY = date(2026, 5, 1)


@pytest.fixture
def mia(db):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Vienna"})
    return AgentFactory(name="Mia", email="mia@desk.example")


@pytest.fixture
def plan(mia):
    return save_policy(targets={"resolution": amounts("4h")})


@pytest.fixture
def acme(mia, plan):
    acme = OrganisationFactory(name="Acme")
    agree(acme, plan, account_manager=mia)
    return acme


def told():
    mails = Outgoing.objects.filter(kind="report").order_by("report__month", "recipient")
    return [(mail.report.organisation.name, mail.report.month, mail.recipient.name)
            for mail in mails]  # fmt: skip


def test_each_month_is_told_once_however_often_it_is_looked_at(acme):
    for at in (FIRST - MINUTE, FIRST, FIRST + HOUR, FIRST + DAY, FIRST + 40 * DAY):
        tell(at)
    april = ("Acme", date(2026, 4, 1), "Mia")
    assert told() == [("Acme", MAY, "Mia")]
    tell(FIRST - 29 * DAY)
    assert told() == [april, ("Acme", MAY, "Mia")]


def test_days_of_downtime_are_made_up_for_but_not_weeks(acme):
    tell(FIRST + 7 * DAY)
    assert told() == []
    tell(FIRST + 7 * DAY - MINUTE)
    assert told() == [("Acme", MAY, "Mia")]


def test_the_mail_leaves_in_the_morning_once_the_month_is_over_everywhere(acme, plan, mia):
    far = OrganisationFactory(name="Far", time_zone="Pacific/Honolulu")
    agree(far, plan, account_manager=mia)
    tell(FIRST)
    times = dict(Outgoing.objects.values_list("report__organisation__name", "next_at"))
    assert times == {
        "Acme": datetime(2026, 6, 1, 6, tzinfo=UTC), "Far": datetime(2026, 6, 1, 10, tzinfo=UTC),
    }  # fmt: skip


def test_only_agreements_of_that_month_count(plan, mia):
    over, ahead, bare = (OrganisationFactory(name=name) for name in ("Over", "Ahead", "Bare"))
    agree(over, plan, account_manager=mia, valid_until=FIRST - 31 * DAY)
    agree(ahead, plan, account_manager=mia, valid_from=FIRST)
    agree(bare, plan)
    agree(OrganisationFactory(name="Last day"), plan, account_manager=mia, valid_until=FIRST)
    gone = AgentFactory()
    agree(OrganisationFactory(name="Gone"), plan, account_manager=gone)
    gone.is_active = False
    gone.save()
    tell(FIRST)
    assert [name for name, _month, _who in told()] == ["Last day"]


def test_every_account_manager_of_an_organisation_gets_one_mail(acme, mia, plan):
    ledger, courier = ProductFactory(), ProductFactory()
    other, ben = OrganisationFactory(name="Other"), AgentFactory(name="Ben")
    agree(other, plan, account_manager=mia, products=[ledger], valid_until=FIRST - 10 * DAY)
    agree(other, plan, account_manager=mia, products=[ledger], valid_from=FIRST - 10 * DAY)
    agree(other, plan, account_manager=ben, products=[courier])
    tell(FIRST)
    assert sorted(told()) == [("Acme", MAY, "Mia"), ("Other", MAY, "Ben"), ("Other", MAY, "Mia")]


def test_the_mail_says_the_figures_and_leads_to_the_report(acme, mia):
    kim = UserFactory(organisation=acme)
    for hours in (1, 5):
        ticket = file_ticket(kim, at=FIRST - 9 * DAY, category="support")
        actions.resolve(ticket.pk, actor=as_agent(), at=FIRST - 9 * DAY + hours * HOUR)
    file_ticket(kim, at=FIRST - HOUR)
    file_ticket(kim, at=FIRST)
    tell(FIRST)
    written = letters.write(Outgoing.objects.get(kind="report"), FIRST + HOUR)
    assert written.letter.subject == "Service report of Acme, May 2026"
    assert "Tickets filed: 3, solved: 2, open at the end: 1." in written.text
    assert "SLA targets met: 1 of 2, 50 %." in written.text
    assert f"/agent/organisations/{acme.pk}/report/2026-05/" in written.text


def test_a_quiet_month_is_told_as_such(acme):
    tell(FIRST)
    written = letters.write(Outgoing.objects.get(), FIRST)
    assert "Tickets filed: 0, solved: 0, open at the end: 0." in written.text
    assert "No SLA target ended in this month." in written.text


def test_who_left_the_desk_meanwhile_gets_none(acme, mia):
    tell(FIRST)
    mia.is_active = False
    mia.save()
    assert letters.write(Outgoing.objects.get(), FIRST + HOUR) is None


def test_who_handed_the_organisation_over_meanwhile_gets_none(acme, mia, plan):
    agree(OrganisationFactory(), plan, account_manager=mia)
    old = agree(acme, plan, account_manager=mia, valid_from=FIRST - 400 * DAY,
                valid_until=FIRST - 370 * DAY)  # fmt: skip
    tell(FIRST)
    mail = Outgoing.objects.get(report__organisation=acme)
    assert letters.write(mail, FIRST + HOUR) is not None
    acme.agreements.exclude(pk=old.pk).update(account_manager=AgentFactory())
    assert letters.write(mail, FIRST + HOUR) is None


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_tell_once(acme):
    ready = threading.Barrier(2)

    def look():
        ready.wait()
        tell(FIRST)
        connection.close()

    workers = [threading.Thread(target=look) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert told() == [("Acme", MAY, "Mia")]
    assert ReportNotice.objects.count() == 1


def test_the_task_tells_by_itself(acme, clock):
    clock.set(FIRST + HOUR)
    tasks.tell_reports()
    assert told() == [("Acme", MAY, "Mia")]
