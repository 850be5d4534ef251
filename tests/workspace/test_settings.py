"""The settings pages: lists and forms that go through the actions, for admins only."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.tokens import find_token
from accounts.models import DeskSettings, Team, Token, User
from channels.models import Outgoing
from products.models import Product
from tests.factories import AgentFactory, ProductFactory, TeamFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import FieldDefinition, Reindexing

pytestmark = pytest.mark.usefixtures("clock")
PAGES = (
    "general", "agents", "invite", "teams", "new_team", "products", "new_product",
    "fields", "new_field", "tokens", "new_token", "outgoing_mail",
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_settings_are_for_admins(desk: Client, admins_desk: Client, name: str):
    assert desk.get(reverse(f"workspace:{name}")).status_code == 403
    assert admins_desk.get(reverse(f"workspace:{name}")).status_code == 200


def test_an_agent_is_invited_changed_closed_and_opened_again(
    admins_desk: Client, admin: User, clock
):
    team = TeamFactory()
    admins_desk.post(
        reverse("workspace:invite"),
        {"name": "Tom", "email": "tom@desk.example", "role": "agent", "teams": [team.pk]},
    )
    tom = User.objects.get(email="tom@desk.example")
    assert (tom.role, list(tom.teams.all())) == ("agent", [team])
    assert Outgoing.objects.get(recipient=tom).kind == "invitation"
    ticket = file_ticket()
    actions.assign(ticket.number, tom, actor=as_agent(admin), at=clock.now)
    address = reverse("workspace:agent", args=[tom.pk])
    admins_desk.post(address, {"name": "Tom O.", "email": "tom@desk.example", "role": "admin"})
    tom.refresh_from_db()
    assert (tom.name, tom.role, tom.teams.count()) == ("Tom O.", "admin", 0)
    admins_desk.post(reverse("workspace:close_agent", args=[tom.pk]))
    ticket.refresh_from_db()
    tom.refresh_from_db()
    assert (tom.is_active, ticket.assignee) == (False, None)
    admins_desk.post(reverse("workspace:reopen_agent", args=[tom.pk]))
    tom.refresh_from_db()
    assert tom.is_active


def test_the_last_admin_stays(admins_desk: Client, admin: User):
    address = reverse("workspace:agent", args=[admin.pk])
    answer = admins_desk.post(address, {"name": "R", "email": admin.email, "role": "agent"})
    assert answer.status_code == 422
    assert "At least one active admin must remain." in text_of(answer)
    closing = admins_desk.post(reverse("workspace:close_agent", args=[admin.pk]), follow=True)
    assert "At least one active admin must remain." in text_of(closing)


def test_a_team_is_made_and_changed(admins_desk: Client):
    member = AgentFactory()
    admins_desk.post(
        reverse("workspace:new_team"),
        {
            "name": "Security", "is_private": "on", "members": [member.pk], "signature": "Sec",
            "sharing": "load",
        },
    )  # fmt: skip
    team = Team.objects.get()
    assert team.sharing == Team.Sharing.LOAD
    listed = admins_desk.get(reverse("workspace:teams"))
    assert f"{member.display_name} (away)" not in text_of(listed)
    User.objects.filter(pk=member.pk).update(is_away=True)
    listed = admins_desk.get(reverse("workspace:teams"))
    assert f"{member.display_name} (away)" in text_of(listed)
    assert (team.name, team.is_private, list(team.members.all())) == ("Security", True, [member])
    answer = admins_desk.post(reverse("workspace:team", args=[team.pk]), {"name": ""})
    assert answer.status_code == 422
    TeamFactory(name="Sales")
    taken = admins_desk.post(
        reverse("workspace:team", args=[team.pk]), {"name": "SALES", "sharing": "off"}
    )
    assert taken.context["form"].errors["name"] == ["This name is already used."]


def test_a_product_has_components_and_releases(admins_desk: Client):
    admins_desk.post(
        reverse("workspace:new_product"), {"name": "Ledger", "key": "ledger", "is_active": "on"}
    )
    product = Product.objects.get()
    admins_desk.post(reverse("workspace:new_component", args=[product.pk]), {"name": "Export"})
    form = {"version": "2.4.0", "status": "published", "published_on": "2026-02-01"}
    admins_desk.post(reverse("workspace:new_release", args=[product.pk]), form)
    page = text_of(admins_desk.get(reverse("workspace:product", args=[product.pk])))
    assert "Export" in page
    assert "2.4.0" in page
    undated = admins_desk.post(
        reverse("workspace:new_release", args=[product.pk]),
        {"version": "2.5.0", "status": "published"},
    )
    assert undated.context["form"].errors["published_on"] == ["Say on which day it was published."]
    other = ProductFactory()
    release = product.releases.get()
    foreign = reverse("workspace:release", args=[other.pk, release.pk])
    assert admins_desk.get(foreign).status_code == 404


def test_a_field_is_made_and_its_type_stays(admins_desk: Client):
    product = ProductFactory()
    form = {
        "label": "Environment", "key": "environment", "type": "choice",
        "choices": "production\ntest\n", "products": [product.pk], "is_active": "on",
    }  # fmt: skip
    admins_desk.post(reverse("workspace:new_field"), form)
    field = FieldDefinition.objects.get()
    assert field.choices == ["production", "test"]
    assert list(field.products.all()) == [product]
    answer = admins_desk.post(
        reverse("workspace:field", args=[field.pk]), {**form, "type": "text"}
    )
    assert "type" in answer.context["form"].errors


def test_refusals_and_choices_of_the_settings_speak_the_readers_language(admin: User):
    admin.language = "de"
    admin.save()
    desk = signed_in(admin)
    page = text_of(desk.get(reverse("workspace:new_token")))
    assert "Tickets, Nachrichten, Ereignisse und Fristen sehen" in page
    form = {"name": "Acme", "domains": "no domain", "time_zone": ""}
    answer = desk.post(reverse("workspace:new_organisation"), form)
    assert "„no domain“ ist keine Mail-Domain." in text_of(answer)
    answer = desk.get(reverse("workspace:queue"), {"q": "+"})
    assert "Suchen Sie nach einem bis zwanzig Wörtern." in text_of(answer)
    assert '<html lang="de" ' in text_of(desk.get("/agent/nowhere/"))


def test_a_tokens_text_is_shown_once_and_it_can_be_closed(admins_desk: Client, clock):
    answer = admins_desk.post(
        reverse("workspace:new_token"), {"name": "Pipeline", "scopes": ["tickets:read"]}
    )
    found = re.search(r"hd_\w{8}_[\w-]+", text_of(answer))
    assert found
    assert answer["Cache-Control"] == "no-store"
    assert find_token(found[0], at=clock.now) is not None
    listed = text_of(admins_desk.get(reverse("workspace:tokens")))
    assert "Pipeline" in listed
    assert found[0] not in listed
    admins_desk.post(reverse("workspace:revoke_token", args=[Token.objects.get().pk]))
    assert find_token(found[0], at=clock.now) is None
    none = admins_desk.post(reverse("workspace:new_token"), {"name": "Nothing"})
    assert none.status_code == 422


def test_the_desk_is_named_and_keeps_its_mail_password(admins_desk: Client, mail_sink, settings):
    settings.SMTP_URL = ""
    form = {
        "company": "Tidal Software", "time_zone": "Europe/Lisbon", "autoclose_days": "14",
        "smtp_host": "127.0.0.1", "smtp_port": mail_sink.port, "smtp_security": "none",
        "smtp_password": "secret", "mail_from": "desk@desk.example",
    }  # fmt: skip
    address = reverse("workspace:general")
    admins_desk.post(address, form)
    admins_desk.post(address, {**form, "smtp_password": ""})
    assert DeskSettings.current().smtp_password == "secret"
    page = text_of(admins_desk.get(address))
    assert "Tidal Software" in page
    assert "secret" not in page
    assert admins_desk.post(address, {**form, "autoclose_days": "0"}).status_code == 422


def test_the_languages_of_search_are_chosen_by_their_names_in_ones_own_language(
    admins_desk: Client, admin: User
):
    address = reverse("workspace:general")
    admin.language = "de"
    admin.save()
    page = text_of(admins_desk.get(address))
    names = re.findall(r'name="search_languages"[^>]*><span>(\w+)</span>', page)
    assert names == sorted(names)
    assert {"Deutsch", "Ungarisch"} <= set(names)
    assert re.search(r'value="english"[^>]*checked', page)
    assert len(re.findall(r'name="search_languages"[^>]*checked', page)) == 1
    form = {
        "company": "T", "time_zone": "UTC", "autoclose_days": "7", "smtp_port": "25",
        "smtp_security": "none", "search_languages": ["german", "english"],
    }  # fmt: skip
    assert admins_desk.post(address, form).status_code == 302
    assert set(DeskSettings.current().search_languages) == {"german", "english"}
    assert Reindexing.objects.get().organisation is None
    many = {**form, "search_languages": ["german", "english", "greek", "tamil", "hindi"]}
    assert admins_desk.post(address, many).status_code == 422


def test_a_test_mail_says_what_became_of_it(admins_desk: Client, admin: User, mail_sink):
    sent = admins_desk.post(reverse("workspace:test_mail"), follow=True)
    assert "A mail is on its way" in text_of(sent)
    assert mail_sink.to(admin.email)
    assert DeskSettings.current().mail_tested_at is not None
    mail_sink.answer = "550 no"
    assert "550" in text_of(admins_desk.post(reverse("workspace:test_mail"), follow=True))


def test_the_outbox_shows_each_mail_without_its_secrets(admins_desk: Client, clock):
    admins_desk.post(
        reverse("workspace:invite"), {"name": "T", "email": "t@desk.example", "role": "agent"}
    )
    mail = Outgoing.objects.get()
    listed = text_of(admins_desk.get(reverse("workspace:outgoing_mail")))
    assert "t@desk.example" in listed
    shown = text_of(admins_desk.get(reverse("workspace:mail", args=[mail.pk])))
    assert "made-when-sent" in shown
    mail.dead_at = clock.now
    mail.save()
    dead = text_of(admins_desk.get(reverse("workspace:outgoing_mail"), {"state": "dead"}))
    assert "given up" in dead
    admins_desk.post(reverse("workspace:retry_mail", args=[mail.pk]))
    mail.refresh_from_db()
    assert mail.dead_at is None


def test_agents_find_what_they_may_look_at_and_nothing_else(desk):
    page = desk.get("/agent/settings/").content.decode()
    for name in ("calendars", "policies", "agreements", "rollouts"):
        assert f'href="/agent/settings/{name}/"' in page
        assert desk.get(f"/agent/settings/{name}/").status_code == 200
    for name in ("general", "agents", "tokens", "outgoing-mail"):
        assert f'href="/agent/settings/{name}/"' not in page


def test_the_style_page_shows_every_colour_and_icon_there_is(admins_desk: Client, desk: Client):
    page = text_of(admins_desk.get("/agent/settings/style/"))
    for name in re.findall(r"--([a-z_-]+): light-dark", Path("static/css/tokens.css").read_text()):
        assert f"<code>--{name}</code>" in page
    for name in re.findall(r'<symbol id="([^"]+)"', Path("static/icons.svg").read_text()):
        assert f"<code>{name}</code>" in page
    assert "Enter a valid email address." in page  # a field with what is wrong with it
    assert desk.get("/agent/settings/style/").status_code == 403
