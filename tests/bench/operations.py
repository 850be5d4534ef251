"""What is measured of the workspace: each operation as one call of a person."""

import html
import itertools
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.bench.client import Client

MANY = 8
CALLS_AT_ONCE = 8
FILINGS_AN_HOUR = 30  # from one address
DEEP = 200
RUN = secrets.token_hex(8)
FILING = {
    "subject": "Export fails with a 500", "body": "Since 2.4.1 …", "category": "corrective",
    "product": "ledger",
}  # fmt: skip
REPORTED_DAYS = 395  # 13 months


@dataclass(frozen=True)
class Desk:
    """What is the same for everybody: tickets to read and to write on, words, the deep page."""

    readable: list[int]
    writable: list[int]
    words: dict[str, str]
    deep: str


class Person:
    """An agent with a browser, a customer's browser beside it, and a token."""

    filed = itertools.count(1)

    def __init__(
        self, desk: Desk, page: Client, api: Client, port: int, place: int, opened: str
    ) -> None:
        self.desk, self.page, self.api = desk, page, api
        self._port = port
        self._readable = itertools.cycle(desk.readable[place::MANY])
        self._writable = itertools.cycle(desk.writable[place::MANY])
        self._turned: int | None = None
        self._visitor, self._may_file, self._opened = page, 0, opened

    def prepare(self) -> None:
        """Open the customers' form as somebody new, before that address has filed too often."""
        if self._may_file >= CALLS_AT_ONCE:
            return
        turn = next(self.filed)
        self._visitor = Client(self._port, address=f"127.1.{turn // 250}.{1 + turn % 250}")
        self._visitor.call("GET", "/new/")
        self._may_file = FILINGS_AN_HOUR

    def read(self, path: str) -> Client:
        """Open a page."""
        return _good(self.page, *self.page.call("GET", path))

    def ticket(self) -> Client:
        """Open the page of a ticket."""
        return self.read(f"/agent/tickets/{next(self._readable)}/")

    def reply(self) -> Client:
        """Send a reply."""
        said = {"kind": "reply", "body": "The next release has the correction."}
        path = f"/agent/tickets/{next(self._writable)}/send/"
        return _good(self.page, *self.page.send(path, said))

    def status(self) -> Client:
        """Let a ticket wait for its customer, or the one from before go on."""
        turned = self._turned or next(self._writable)
        to = "open" if self._turned else "pending"
        self._turned = None if self._turned else turned
        path = f"/agent/tickets/{turned}/change/status/"
        return _good(self.page, *self.page.send(path, {"to": to}))

    def form(self) -> Client:
        """File a ticket by the customers' form."""
        self._may_file -= 1
        turn = next(self.filed)
        said = {
            **FILING, "name": "Ana", "email": f"ana{turn % 500}@bench.example",
            "form_key": f"{RUN}-{turn}", "opened": self._opened, "website": "",
        }  # fmt: skip
        return _good(self._visitor, *self._visitor.send("/new/", said))

    def list(self) -> Client:
        """List 50 tickets over REST."""
        return _good(self.api, *self.api.call("GET", "/api/v1/tickets/?limit=50"))

    def create(self) -> Client:
        """File a ticket over REST."""
        said = json.dumps({**FILING, "requester": {"email": "ana@acme.example"}})
        answer = self.api.call("POST", "/api/v1/tickets/", said, Content_Type="application/json")
        return _good(self.api, *answer)


@dataclass(frozen=True)
class Operation:
    """One line of the table; `times` is the most it may take in reference pages at a million."""

    name: str
    call: Callable[[Person], Client]
    times: float | None = None


def operations(desk: Desk) -> list[Operation]:
    """List what is measured, the reference page first."""
    today = datetime.now(UTC).date()
    period = f"first={today - timedelta(days=REPORTED_DAYS)}&last={today}"
    return [
        Operation("reference page", _page("/reference/")),
        Operation("the queue's SQL alone", _page("/reference/queue/?view=all")),
        Operation("queue", _page("/agent/?view=all"), 4),
        Operation("cursor page 200", _page(desk.deep), 4),
        Operation("ticket page", Person.ticket, 4),
        Operation("search, rare word", _page(f"/agent/search/?q={desk.words['rare']}"), 4),
        Operation("search, middling word", _page(f"/agent/search/?q={desk.words['middling']}")),
        Operation("search, common word", _page(f"/agent/search/?q={desk.words['common']}"), 10),
        Operation("dashboard", _page("/agent/home/"), 4),
        Operation("reports, 13 months", _page(f"/agent/reports/?{period}")),
        Operation("reply", Person.reply),
        Operation("status change", Person.status),
        Operation("form", Person.form),
        Operation("rail counts, uncached", _page("/reference/counts/"), 4),
        Operation("REST list of 50", Person.list, 2),
        Operation("REST create", Person.create, 3),
    ]


GROWTH = {  # from 10,000 to 1,000,000 tickets
    **dict.fromkeys(
        ("queue", "cursor page 200", "ticket page", "reply", "status change", "form",
         "REST list of 50"), 1.5,
    ),
    **dict.fromkeys(
        ("search, rare word", "search, middling word", "search, common word", "dashboard"), 3.0
    ),
    "reports, 13 months": 5.0,
}  # fmt: skip


def deep_page(page: Client) -> str:
    """Follow the queue to its page 200, or its last; gives the address of that page."""
    path = "/agent/?view=all"
    for _ in range(DEEP - 1):
        _, text = page.call("GET", path)
        found = re.search(r'href="([^"]+)" data-next-page', text)
        if found is None:
            break
        path = html.unescape(found[1])
    return path


def offered(page: Client) -> dict[str, list[str]]:
    """Ask the bar for every filter that it knows; gives for each name what it offers to type."""
    _, text = page.call("GET", "/agent/filters/")
    examples = re.findall(r"<dt><code>(.*?)</code>", text)
    found: dict[str, list[str]] = {}
    for example in map(html.unescape, examples):
        name = example.removeprefix("-").partition(":")[0]
        if name.startswith("fields."):
            continue  # an example; the desk's own follow
        offers = _offers(page, f"{name}:")
        found[name] = [example] if not offers else [f"{name}:{offer}" for offer in offers]
    for name in (each for each in _offers(page, "fields.") if each.startswith("fields.")):
        found[name.rstrip(":")] = [f"{name}{offer}" for offer in _offers(page, name)]
    return {name: typed for name, typed in found.items() if typed}


def _offers(page: Client, text: str) -> list[str]:
    _, said = page.call("GET", f"/agent/filters/suggest/?{urlencode({'text': text})}")
    offers: list[dict[str, Any]] = json.loads(said)["offers"]
    return [offer["text"] for offer in offers]


def _page(path: str) -> Callable[[Person], Client]:
    return lambda person: person.read(path)


def _good(client: Client, status: int, body: str) -> Client:
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
    assert status in {200, 201, 302}, f"{status} {said[:2000]}"
    return client
