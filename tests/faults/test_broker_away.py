"""With the broker gone tickets are still accepted, and what was due goes out when it is back."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.conftest import MailSink
from tests.stack import Stack, free_port, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


class Broker:
    """A Redis that the test takes away and gives back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                   "--appendonly", "yes", "--dir", str(self.folder)]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def broker(home: Path) -> Iterator[Broker]:
    folder = home / "broker"
    folder.mkdir()
    made = Broker(folder)
    yield made
    made.kill()


def file_by_form(stack: Stack, email: str) -> None:
    """File as a stranger does, with cookies and the hidden fields, and read the confirmation.

    The form believes nobody who fills it in within a second, so it may take several tries.
    """
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    url = f"http://localhost:{stack.port}/new/"
    with browser.open(url, timeout=20) as answer:
        page = answer.read().decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    filled = {
        **hidden, "name": "Kim", "email": email, "subject": "By form", "body": "It is broken.",
        "category": "corrective",
    }  # fmt: skip
    data = urllib.parse.urlencode(filled).encode()

    def is_accepted() -> bool:
        request = urllib.request.Request(url, data, headers={"Referer": url})
        try:
            with browser.open(request, timeout=20) as answer:
                return str(answer.url).endswith("/new/sent/")
        except urllib.error.HTTPError as error:
            if error.code != 422:
                raise
            return False

    until(is_accepted, 10)


def file_by_api(stack: Stack, token: str, email: str) -> None:
    body = {"subject": "By API", "body": "It is broken.", "requester": {"email": email}}
    request = urllib.request.Request(
        f"http://localhost:{stack.port}/api/v1/tickets/",
        json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}", "Content-Type": "application/json",
            "Idempotency-Key": email,
        },
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 201


def test_filing_works_and_the_mails_leave_later(
    stack: Stack, broker: Broker, mail_sink: MailSink
) -> None:
    stack.start(REDIS_URL=broker.url, HELPDESK_SMTP_URL=mail_sink.url, HELPDESK_SWEEP_SECONDS="2")
    until(stack.is_ready, 40)
    found = re.search(r"API token\s+(hd_\S+)", stack.output)
    assert found is not None

    broker.kill()
    file_by_form(stack, "form@acme.example")
    file_by_api(stack, found[1], "api@acme.example")
    status, body = stack.get("/readyz")
    assert status == 200
    assert json.loads(body)["broker"] == "missing"
    assert json.loads(body)["status"] == "degraded"
    assert mail_sink.to("form@acme.example") == []
    unpublished = "SELECT count(*) FROM tickets_event WHERE published_at IS NULL"
    assert stack.sql(unpublished) != [(0,)]

    broker.start()
    until(lambda: bool(mail_sink.to("form@acme.example")), 60)
    until(lambda: bool(mail_sink.to("api@acme.example")), 60)
    until(lambda: stack.sql(unpublished) == [(0,)], 20)
    until(stack.is_ready, 120)
    assert len(mail_sink.to("form@acme.example")) == 1
    assert len(mail_sink.to("api@acme.example")) == 1
