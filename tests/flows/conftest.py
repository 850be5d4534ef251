"""A whole desk behind a real browser: pages, mail and the work of the background."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from accounts.actions.signing_in import make_sign_in_link
from accounts.models import DeskSettings, User
from channels import tasks as channels_tasks
from sla import audit, defaults, tasks
from tests.conftest import Clock, MailSink
from tickets import tasks as tickets_tasks


@dataclass
class Desk:
    """Where the desk answers, its clock, and what its mail server took."""

    url: str
    clock: Clock
    mail: MailSink
    missing: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Do what worker and beat do: publish, tell, send."""
        tickets_tasks.publish()
        channels_tasks.send()

    def link_in_last_mail(self, address: str, path: str) -> str:
        """Give the link under a path from the last mail that went to an address."""
        body = self.mail.to(address)[-1].get_body(("plain",))
        assert body is not None
        found = re.search(rf"\S+{path}\S+", body.get_content())
        assert found, body.get_content()
        return re.sub(r"^https?://[^/]+", self.url, found[0])

    def sign_in(self, page: Page, person: User) -> None:
        """Sign a person in by a one-time link, as from a mail."""
        page.on("response", self._note_missing)
        page.goto(f"{self.url}/signin/link/{make_sign_in_link(person, at=self.clock.now)}/")
        page.get_by_role("button", name=re.compile("Sign in as")).click()
        page.wait_for_load_state()

    def _note_missing(self, response: Response) -> None:
        """Keep the address of a script, style or icon that is not there."""
        asked = response.request.resource_type
        if response.status == 404 and asked not in {"document", "xhr", "fetch"}:
            self.missing.append(response.url)


@pytest.fixture(autouse=True)
def _no_drift(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each flow the stored clocks are those that the history gives (docs/sla.md)."""
    request.getfixturevalue("transactional_db")
    yield
    tasks.sweep()
    assert list(audit.drift()) == []


@pytest.fixture(autouse=True)
def _no_page_stays_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the browser's pages while their database is there: an open one goes on asking."""
    request.getfixturevalue("transactional_db")
    yield
    if "browser" in request.fixturenames:
        browser: Browser = request.getfixturevalue("browser")
        for context in browser.contexts:
            context.close()


@pytest.fixture
def desk(
    transactional_db: None, live_server: Any, clock: Clock, mail_sink: MailSink, settings: Any
) -> Iterator[Desk]:
    """The desk; whatever page a flow opened, no script, style or icon of it was missing."""
    defaults.ensure()
    DeskSettings.current()
    settings.SITE_URL = live_server.url
    desk = Desk(live_server.url, clock, mail_sink)
    yield desk
    assert desk.missing == []
