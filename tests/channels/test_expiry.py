"""The account manager is told 30 and 7 days before an agreement ends, once each."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import DeskSettings
from channels import letters, tasks
from channels.expiry import tell
from channels.models import Outgoing
from sla import actions
from sla.models import ExpiryNotice
from tests.factories import AgentFactory, OrganisationFactory, ProductFactory
from tests.sla.promises import SYSTEM, agree, save_policy

END = datetime(2026, 6, 30, 22, tzinfo=UTC)  # the last day is the 30th in Berlin


@pytest.fixture
def mia(db):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Berlin"})
    return AgentFactory(name="Mia", email="mia@desk.example")


@pytest.fixture
def agreement(mia):
    acme = OrganisationFactory(name="Acme")
    return agree(acme, save_policy(), account_manager=mia, valid_until=END)


def before(**span):
    return END - timedelta(**span)


def told():
    return list(ExpiryNotice.objects.order_by("pk").values_list("days", flat=True))


def test_each_of_the_two_notices_goes_once_however_often_it_is_looked_at(agreement, mia):
    for span in ({"days": 31}, {"days": 30}, {"days": 29}, {"days": 7}, {"days": 6}, {"hours": 1}):
        tell(before(**span))
        tell(before(**span))
    tell(END)
    assert told() == [30, 7]
    mails = Outgoing.objects.filter(kind="expiry", recipient=mia, event=None)
    assert [mail.expiry.days for mail in mails.order_by("pk")] == [30, 7]


def test_who_comes_late_tells_only_the_nearest(agreement):
    tell(before(days=3))
    tell(before(days=2))
    assert told() == [7]


def test_the_mail_waits_for_the_morning_of_the_desk(agreement):
    tell(datetime(2026, 6, 1, 0, 30, tzinfo=UTC))
    assert Outgoing.objects.get().next_at == datetime(2026, 6, 1, 6, tzinfo=UTC)
    tell(datetime(2026, 6, 24, 10, tzinfo=UTC))
    assert Outgoing.objects.latest("pk").next_at == datetime(2026, 6, 24, 10, tzinfo=UTC)


def test_the_mail_says_who_and_when_and_leads_to_the_agreement(agreement):
    tell(before(days=30))
    written = letters.write(Outgoing.objects.get(), before(days=29))
    assert written.letter.subject == "The agreement of Acme ends on 30 Jun 2026"
    assert f"/agent/settings/agreements/{agreement.pk}/" in written.text
    message = letters.as_message(Outgoing.objects.get(), written, "desk@desk.example")
    assert (message["To"], message["Auto-Submitted"]) == (
        "Mia <mia@desk.example>", "auto-generated",
    )  # fmt: skip


def test_nobody_is_told_where_another_agreement_follows_or_it_ended_early(agreement):
    following = agree(agreement.organisation, agreement.policy, valid_from=END)
    tell(before(days=20))
    following.delete()
    actions.end_agreement(
        agreement, actor=SYSTEM, at=before(days=60), valid_until=before(days=50)
    )  # fmt: skip
    tell(before(days=20))
    assert told() == []


@pytest.mark.parametrize("change", ["prolonged", "followed", "ended", "manager_gone"])
def test_a_notice_that_is_no_longer_true_is_not_sent(agreement, mia, change):
    tell(before(days=30))
    if change == "followed":
        agree(agreement.organisation, agreement.policy, valid_from=END)
    elif change == "manager_gone":
        mia.is_active = False
        mia.save()
    else:
        moved = END + timedelta(days=300 if change == "prolonged" else -40)
        actions.end_agreement(agreement, actor=SYSTEM, at=before(days=50), valid_until=moved)
    assert letters.write(Outgoing.objects.get(), before(days=29)) is None


def test_an_agreement_that_was_prolonged_is_told_of_again(agreement):
    tell(before(days=7))
    later = END + timedelta(days=365)
    actions.end_agreement(agreement, actor=SYSTEM, at=before(days=5), valid_until=later)
    tell(later - timedelta(days=30))
    assert told() == [7, 30]


def test_a_part_that_nothing_follows_is_told_of(mia):
    ledger, courier, acme = ProductFactory(), ProductFactory(), OrganisationFactory()
    plan = save_policy()
    agree(acme, plan, account_manager=mia, valid_until=END, products=[ledger, courier])
    agree(acme, plan, valid_from=END, products=[ledger])
    tell(before(days=30))
    assert told() == [30]


def test_without_an_account_manager_the_notice_waits_for_one(agreement, mia):
    agreement.account_manager = None
    agreement.save()
    tell(before(days=29))
    assert told() == []
    agreement.account_manager = mia
    agreement.save()
    tell(before(days=28))
    assert told() == [30]


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_tell_once(agreement):
    ready = threading.Barrier(2)

    def look():
        ready.wait()
        tell(before(days=30))
        connection.close()

    workers = [threading.Thread(target=look) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert told() == [30]
    assert Outgoing.objects.count() == 1


def test_the_task_tells_by_itself(agreement, clock):
    clock.forward(days=95)
    tasks.tell_expiries()
    assert told() == [30]
