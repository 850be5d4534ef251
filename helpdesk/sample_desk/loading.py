"""Making the sample desk through the same actions that everybody uses."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actions import groups, people
from accounts.actor import Actor
from accounts.models import Organisation, Team, User
from helpdesk.sample_desk import macros, plans
from helpdesk.sample_desk.stories import STORIES, Step, Story
from products.actions import save_component, save_product, save_release
from products.models import Component, Product, Release
from tickets import actions, custom_fields, publishing
from tickets.models import FieldDefinition, Ticket

ADMIN, AGENT = "robin@desk.example", "mia@desk.example"
CUSTOMER, OTHER_CUSTOMER = "ana@acme.example", "noor@borealis.example"
INTEGRATION = "monitor"
STILL_NEWS = timedelta(hours=1)

_STAFF = {
    "robin": (ADMIN, "Robin Vega", User.Role.ADMIN),
    "mia": (AGENT, "Mia Berger", User.Role.AGENT),
    "tom": ("tom@desk.example", "Tom Okafor", User.Role.AGENT),
    "lea": ("lea@desk.example", "Lea Novak", User.Role.AGENT),
}
_TEAMS = {
    "First line": (("mia", "tom"), False, "Kind regards\nYour first line"),
    "Security": (("lea",), True, "Kind regards\nThe security team"),
}
_ORGANISATIONS = {
    "Acme": ("acme.example", "Europe/Vienna"),
    "Borealis Clinics": ("borealis.example", "America/New_York"),
    "Harbour Freight": ("harbour.example", "Asia/Singapore"),
}
_CUSTOMERS = {
    "ana": (CUSTOMER, "Ana Duarte", False),
    "ben": ("ben@acme.example", "Ben Acheson", True),
    "kwame": ("kwame@acme.example", "Kwame Mensah", False),
    "noor": (OTHER_CUSTOMER, "Noor Haddad", True),
    "jan": ("jan@borealis.example", "Jan Lindqvist", False),
    "priya": ("priya@harbour.example", "Priya Raman", True),
    "mei": ("mei@harbour.example", "Mei Tan", False),
    INTEGRATION: ("monitor@acme.example", "Monitoring", False),
}
_PRODUCTS = {
    "ledger": (
        "Ledger",
        ("API", "Export", "Import", "Ledger book", "Sign-in"),
        {"2.4.0": 120, "2.4.1": 80, "2.4.2": 40, "2.4.3": 10, "2.5.0": None},
    ),
    "courier": ("Courier", ("Labels", "Shipping"), {"1.8.0": 200, "1.9.0": 9, "1.10.0": None}),
}


@dataclass
class _Desk:
    now: datetime
    robin: Actor
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        if not name:
            return Actor.system()
        person = self.people[name]
        return Actor.of(person, door="agent" if person.is_staff_member else "web")


def is_loaded() -> bool:
    """Whether the sample desk is there."""
    return User.objects.filter(email=AGENT).exists()


@transaction.atomic
def load(now: datetime) -> None:
    """Make the sample desk, all or nothing; does nothing where it is loaded already.

    What is older than an hour is told to nobody: its mails would be old news.
    """
    if is_loaded():
        return
    desk = _Desk(now, Actor.system())
    _make_people(desk)
    _make_products(desk)
    plans.make(desk.robin, now - timedelta(days=400), now)
    macros.make(desk.robin, now - timedelta(days=400))
    for story in STORIES:
        _tell(desk, story)
    publishing.publish_pending(now)
    publishing.tell_nobody(before=now - STILL_NEWS, at=now)


def _make_people(desk: _Desk) -> None:
    at = desk.now - timedelta(days=400)
    for name, (domain, zone) in _ORGANISATIONS.items():
        if not Organisation.objects.filter(domains__domain=domain).exists():
            groups.save_organisation(
                None, actor=desk.robin, at=at, name=name, time_zone=zone, domains=[domain]
            )
    for key, (email, name, role) in _STAFF.items():
        desk.people[key] = people.create_person(
            email, actor=desk.robin, at=at, role=role, name=name
        )
    for key, (email, name, sees_organisation) in _CUSTOMERS.items():
        desk.people[key] = people.create_person(
            email, actor=desk.robin, at=at, name=name, sees_organisation=sees_organisation
        )
    for name, (members, is_private, signature) in _TEAMS.items():
        desk.teams[name] = groups.save_team(
            None, actor=desk.robin, at=at, name=name, is_private=is_private,
            signature=signature, members=[desk.people[key] for key in members],
        )  # fmt: skip


def _make_products(desk: _Desk) -> None:
    for key, (name, components, releases) in _PRODUCTS.items():
        product = save_product(None, actor=desk.robin, key=key, name=name)
        for component in components:
            save_component(None, actor=desk.robin, product=product, name=component)
        for version, age in releases.items():
            day = None if age is None else (desk.now - timedelta(days=age)).date()
            status = Release.Status.PUBLISHED if day else Release.Status.PLANNED
            save_release(
                None, actor=desk.robin, product=product, version=version, status=status,
                published_on=day,
            )  # fmt: skip
    custom_fields.save_field(
        None, actor=desk.robin, at=desk.now, products=[Product.objects.get(key="ledger")],
        key="environment", label="Environment", type=FieldDefinition.Type.CHOICE,
        choices=["production", "staging", "test"],
    )  # fmt: skip


def _tell(desk: _Desk, story: Story) -> None:
    at = desk.now - _span(story.age)
    person = desk.people[story.who]
    product = Product.objects.get(key=story.product)
    filing = actions.Filing(
        subject=story.subject,
        body=story.body,
        requester=person,
        category=story.category or None,
        product=product,
        component=Component.objects.filter(product=product, name=story.component).first(),
        affected_release=Release.objects.filter(product=product, version=story.release).first(),
        fields={"environment": story.environment} if story.environment else {},
        source=Ticket.Source(story.source),
    )
    ticket = actions.open_ticket(filing, actor=desk.actor(story.who), at=at)
    _sort(desk, ticket, story, at + timedelta(minutes=2))
    for step in story.steps:
        at += _span(step[0])
        _take_step(desk, ticket, step, at)


def _sort(desk: _Desk, ticket: Ticket, story: Story, at: datetime) -> None:
    mia = desk.actor("mia")
    actions.set_priority(ticket.number, story.priority, actor=mia, at=at)
    if story.tags:
        actions.set_tags(ticket.number, story.tags.split(","), actor=mia, at=at)
    if story.emergency:
        actions.set_emergency(ticket.number, emergency=True, actor=mia, at=at)


def _take_step(desk: _Desk, ticket: Ticket, step: Step, at: datetime) -> None:
    _, who, what, words = step
    number, actor = ticket.number, desk.actor(who)
    if what == "confirm":
        actions.confirm_category(number, actor=actor, at=at)
    elif what == "team":
        actions.hand_over(number, desk.teams[words], actor=actor, at=at)
    elif what == "tags":
        actions.set_tags(number, words.split(","), actor=actor, at=at)
    elif what == "fixed_in":
        release = Release.objects.get(product=ticket.product, version=words)
        actions.set_fixed_in(number, release, actor=actor, at=at)
    elif what == "time":
        minutes = _span(words) // timedelta(minutes=1)
        actions.log_time(number, minutes, at.date(), actor=actor, at=at)
    elif what == "hold":
        actions.hold(number, actor=actor, at=at, reason=words)
    elif what in _WITH_WORDS:
        _WITH_WORDS[what](number, words, actor=actor, at=at)
    else:
        _ALONE[what](number, actor=actor, at=at)


_WITH_WORDS = {"reply": actions.reply, "note": actions.note, "answer": actions.reply}
_ALONE = {
    "take": actions.take,
    "pend": actions.pend,
    "resolve": actions.resolve,
    "solved": actions.resolve,
    "close": actions.close,
}


def _span(text: str) -> timedelta:
    units = {"d": "days", "h": "hours", "m": "minutes"}
    return timedelta(**{units[u]: int(n) for n, u in re.findall(r"(\d+)([dhm])", text)})
