"""Invented lives of tickets, lived through the same actions that everybody uses.

They are the originals that `helpdesk.sample_desk.copying` makes a large desk from. Their
organisations lie in zones without daylight saving time, so that a life that is moved by whole
weeks counts exactly the same opening hours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from accounts.actions import groups, people
from accounts.actor import Actor
from accounts.models import Organisation, Team, User
from products.models import Product
from sla.actions import save_agreement
from sla.models import Clock, Policy
from sla.sweep import look_at
from tickets import actions
from tickets.models import Category, Priority, Ticket

LONG_AGO = timedelta(days=5 * 365)
LONGEST = timedelta(days=21)  # from the filing to the closing of a finished one
_LOGGED, _BILLABLE = 0.4, 0.8  # the shares of answers and solutions, and of the time for them
_ZONES = ("UTC", "Asia/Kolkata", "Africa/Lagos", "America/Phoenix", "Asia/Tokyo")
_PLANS = ("Standard", "Business", "Premium", None)
_SUBJECTS = (
    "Export stops half way", "Cannot sign in since the update", "Totals differ by one cent",
    "Please add a column to the report", "Certificate expires next month", "Import is slow",
    "How do I change the address of an invoice?", "Error 500 after saving", "New tax rate",
    "Printed labels are cut off", "Search finds nothing", "Two accounts for one person",
)  # fmt: skip
_QUESTIONS = (
    "It worked last week. What changed?", "The log says nothing that I understand.",
    "Three of our people see it, two do not.", "We need it before the end of the month.",
)  # fmt: skip
_ANSWERS = (
    "Thank you. I can see it here as well.", "Could you send me the file with the names removed?",
    "The next release has the correction.", "Please clear the cache and try once more.",
)  # fmt: skip


@dataclass
class Cast:
    """Who takes part: customers of many organisations, the agents with their teams, products."""

    customers: list[User]
    agents: list[User]
    teams: list[Team]
    products: list[Product]


@transaction.atomic
def cast(now: datetime, organisations: int) -> Cast:
    """Make the people of the large desk, or find those made before."""
    desk, since = Actor.system(), now - LONG_AGO
    teams = [_team(desk, since, number) for number in range(1, 5)]
    for number in range(1, organisations + 1):
        name = f"Customer {number:03d}"
        if not Organisation.objects.filter(name=name).exists():
            _organisation(desk, since, number, name)
    return Cast(
        customers=list(
            User.objects.filter(email__endswith=".sample.example").select_related("organisation")
        ),
        agents=list(User.objects.filter(teams__in=teams).distinct().order_by("pk")),
        teams=teams,
        products=list(Product.objects.order_by("pk")),
    )


def live(cast: Cast, random: Random, *, now: datetime, is_open: bool) -> Ticket:
    """Let one ticket be filed and go its way until `now`; a finished one is closed by then."""
    age = timedelta(seconds=random.randrange(7 * 86400))
    at = (now - age if is_open else now - LONGEST - age).replace(microsecond=0)
    requester = random.choice(cast.customers)
    filing = actions.Filing(
        subject=random.choice(_SUBJECTS),
        body=random.choice(_QUESTIONS),
        requester=requester,
        category=random.choice([*Category.values, None]),
        product=random.choice([*cast.products, None]),
        source=random.choice([Ticket.Source.WEB, Ticket.Source.API]),
    )
    ticket = actions.open_ticket(filing, actor=Actor.of(requester, door="web"), at=at)
    for pause, step in _steps(ticket, cast, random, is_open=is_open):
        at += pause
        if at > now:
            break
        _watch(ticket, at)
        step(at)
    _watch(ticket, now)
    return ticket


def _watch(ticket: Ticket, until: datetime) -> None:
    """Do what the sweep would have done until then, five seconds after each time was up."""
    while True:
        clocks = Clock.objects.filter(ticket=ticket, next_fire_at__lt=until - _SWEPT)
        first = clocks.order_by("next_fire_at").values_list("next_fire_at", flat=True).first()
        if first is None:
            return
        with transaction.atomic():
            locked = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
            look_at([locked], first + _SWEPT)


_SWEPT = timedelta(seconds=5)
_Step = tuple[timedelta, Callable[[datetime], object]]


def _steps(ticket: Ticket, cast: Cast, random: Random, *, is_open: bool) -> Iterator[_Step]:
    """What is done to it, and how long after the step before."""
    person = random.choice(cast.agents)
    team = next(team for team in cast.teams if person in team.members.all())
    agent = Actor.of(person, door="agent")
    customer = Actor.of(ticket.requester, door="web")
    number = ticket.number

    def by(actor: Actor, action: Callable[..., object], *given: object) -> Callable[..., object]:
        return lambda at: action(number, *given, actor=actor, at=at)

    def in_minutes(least: int, most: int) -> timedelta:
        return timedelta(minutes=random.randint(least, most), seconds=random.randrange(60))

    priority = random.choices(Priority.values, weights=[2, 5, 2, 1])[0]
    yield in_minutes(2, 200), by(agent, actions.set_priority, priority)
    if random.random() < 0.9:
        yield in_minutes(1, 9), by(agent, actions.hand_over, team)
    if is_open and random.random() < 0.3:
        return  # nobody has had the time
    yield in_minutes(1, 300), by(agent, actions.take)
    category = ticket.category or random.choice(Category.values)
    yield in_minutes(1, 5), by(agent, actions.set_category, category)
    yield in_minutes(2, 300), by(agent, actions.reply, random.choice(_ANSWERS))
    yield from _work(number, agent, random)
    if random.random() < 0.4:
        yield in_minutes(1, 2), by(agent, actions.pend)
        yield in_minutes(60, 2000), by(customer, actions.reply, random.choice(_QUESTIONS))
        yield in_minutes(5, 900), by(agent, actions.reply, random.choice(_ANSWERS))
    if random.random() < 0.2:
        yield in_minutes(5, 90), by(agent, actions.note, "Known from the spring release.")
    if is_open:
        return
    yield from _work(number, agent, random)
    yield in_minutes(30, 2000), by(agent, actions.resolve)
    if random.random() < 0.1:
        yield in_minutes(30, 900), by(customer, actions.reply, "It is not solved here.")
        yield in_minutes(30, 900), by(agent, actions.resolve)
    yield timedelta(days=7), by(Actor.system(), actions.close)


def _work(number: int, agent: Actor, random: Random) -> Iterator[_Step]:
    """The time that was logged, now and then."""
    if random.random() < _LOGGED:
        yield timedelta(minutes=random.randint(1, 60)), lambda at: actions.log_time(
            number, random.randrange(5, 90, 5), at.date(), actor=agent, at=at,
            category=random.choice([None, None, None, *Category.values]),
            is_billable=random.random() < _BILLABLE,
        )  # fmt: skip


def _team(desk: Actor, at: datetime, number: int) -> Team:
    found = Team.objects.filter(name=f"Sample team {number}").first()
    if found is not None:
        return found
    members = [
        people.create_person(
            f"agent{number}{one}@desk.sample-desk.example", actor=desk, at=at,
            name=f"Agent {number}{one}", role=User.Role.AGENT,
        )
        for one in "abcde"
    ]  # fmt: skip
    return groups.save_team(
        None, actor=desk, at=at, name=f"Sample team {number}", members=members,
        is_private=number == 4,
    )  # fmt: skip


def _organisation(desk: Actor, at: datetime, number: int, name: str) -> None:
    domain = f"customer{number:03d}.sample.example"
    organisation = groups.save_organisation(
        None, actor=desk, at=at, name=name, time_zone=_ZONES[number % len(_ZONES)],
        domains=[domain],
    )  # fmt: skip
    for one in range(1, 5):
        people.create_person(
            f"person{one}@{domain}", actor=desk, at=at, name=f"Person {number:03d}-{one}"
        )
    plan = _PLANS[number % len(_PLANS)]
    if plan:
        save_agreement(
            None, actor=desk, at=at, organisation=organisation, valid_from=at,
            policy=Policy.objects.get(name=plan),
        )  # fmt: skip
