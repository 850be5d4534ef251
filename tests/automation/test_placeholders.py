"""Placeholders take a value's place as plain words, and nothing else happens in a macro's text."""

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Invalid
from accounts.models import DeskSettings
from automation.placeholders import TABLE, Scene, check, fill, literal
from sla import defaults
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    ReleaseFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tickets.rendering import to_html, to_text

NASTY = st.text(
    st.one_of(st.sampled_from("\\`*_[]()<>#~|!&;:{}+-=.1a \"'"), st.characters(codec="utf-8")),
    max_size=40,
)


def words_of(markup: str) -> str:
    """What a reader sees of a rendered text."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@given(NASTY)
def test_whatever_a_value_holds_is_read_as_it_stands(value):
    value = on_one_line(value)
    assert words_of(to_html(f"Hello {literal(value)}!")) == f"Hello {value}!".strip()
    rendered = to_html(literal(value))
    assert words_of(rendered) == value
    assert set(re.findall(r"<(\w+)", rendered)) <= {"p"}


def test_a_mail_in_plain_text_shows_the_value_without_our_escapes():
    assert to_text(f"Dear {literal('A_*B*_ [x](y) C:/d')}") == "Dear A_*B*_ [x](y) C:/d"


@pytest.mark.django_db
def test_every_name_has_its_value(clock):
    defaults.ensure()
    desk = DeskSettings.current()
    desk.company = "Example & Co"
    desk.save()
    product = ProductFactory(name="Ledger")
    person = UserFactory(
        name="Ana", email="ana@acme.example", time_zone="Europe/Vienna",
        organisation=OrganisationFactory(name="Acme"),
    )  # fmt: skip
    ticket = file_ticket(
        person, at=clock.now, category="corrective", product=product, subject="It fails",
        affected_release=ReleaseFactory(product=product, version="2.4.1"),
    )  # fmt: skip
    ticket.fixed_in = ReleaseFactory(product=product, version="2.4.2")
    scene = Scene(ticket, as_agent(AgentFactory(name="Mia Berger")), clock.now)
    filled = {name: fill(f"{{{{ {name} }}}}", scene).text for name in TABLE}
    due = filled.pop("sla.next_due")
    assert re.fullmatch(r"\w{3} \d+ Mar, \d\d:\d\d \(CET\)", due), due
    assert filled == {
        "requester.name": "Ana", "requester.email": "ana@acme.example",
        "organisation.name": "Acme", "ticket.number": str(ticket.number),
        "ticket.subject": "It fails", "ticket.category": "Corrective",
        "ticket.priority": "Normal", "product.name": "Ledger", "release.affected": "2.4.1",
        "release.fixed": "2.4.2", "agent.name": "Mia Berger", "desk.name": "Example & Co",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_value_is_never_looked_at_again_and_a_missing_one_leaves_a_gap():
    ticket = file_ticket(UserFactory(name="{{ agent.name }}"))
    scene = Scene(ticket, as_agent(AgentFactory(name="Mia")), datetime(2026, 1, 5, tzinfo=UTC))
    filled = fill("{{requester.name}} of {{ organisation.name }}, {{product.name }}", scene)
    assert filled.text == "{{ agent.name }} of …, …"
    assert filled.missing == ["organisation.name", "product.name"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{ requester.nam }}", "Did you mean {{ requester.name }}?"),
        ("{{ ticket.requester.password }}", "There is no placeholder"),
        ("{{ }}", "There is no placeholder"),
        ("{{ __class__ }}", "There is no placeholder {{ __class__ }}."),
        ("{{ requester.name|safe }}", "Did you mean"),
    ],
)
def test_an_unknown_name_is_explained(text, sentence):
    with pytest.raises(Invalid, match=re.escape(sentence)):
        check(text)


def test_known_names_and_other_braces_are_taken():
    check("{{ requester.name }} {{ticket.number}} {x} {% if %} }} {{ }".replace("{{ }", "{"))
