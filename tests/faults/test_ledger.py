"""What clients were told was accepted is there, once and in order, whatever was killed meanwhile.

Each client keeps a ledger of what it was answered, and repeats with the same key what it was not.
The names I1 to I11 are those of docs/architecture.md, Trust. DRILL=1 makes it ten minutes long.
"""

import http.client
import json
import os
import random
import re
import signal
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest

from tests.conftest import IS_DRILL, MailSink
from tests.stack import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
ROUNDS, PAUSE = (10, (8.0, 16.0)) if IS_DRILL else (1, (2.0, 5.0))
CLIENTS = 4
PARTS = {
    "web": "gunicorn", "worker": "-A helpdesk worker", "beat": "-A helpdesk beat",
    "postgres": "/bin/postgres ", "valkey": "valkey-server",
}  # fmt: skip
SETUP = f"""
import json
from django.utils import timezone
from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.models import User
from tickets import actions
from tickets.models import FieldDefinition
now = timezone.now()
FieldDefinition.objects.create(key="counter", label="Counter", type="number")
def token(name, role):
    person = User.objects.create(
        email=f"{{name}}@acme.example", role=role, password="!", created_at=now)
    scopes = ["tickets:read", "tickets:write"]
    return create_token(name, scopes, actor=Actor.system(), at=now, user=person)[1]
tokens = {{name: token(name, "agent") for name in ("agent",)}}
tokens |= {{f"c{{n}}": token(f"c{{n}}", "customer") for n in range({CLIENTS})}}
kim = User.objects.get(email="c0@acme.example")
filing = actions.Filing(subject="Shared", body="All count here.", requester=kim)
shared = actions.open_ticket(filing, actor=Actor.of(kim, door="web"), at=now)
print(json.dumps({{"shared": shared.number, "tokens": tokens}}))
"""
WORD = re.compile(r"c\d-\w+-\w+-[0-9a-f]{32}")
NOT_NOW = {0, 409, 429, 503, 504}  # no answer, the first call still runs, or not at present


@dataclass
class Answer:
    """What came back: status 0 is no answer at all."""

    status: int
    body: Any = None
    etag: str = ""


@dataclass
class Client:
    """A customer and an agent at the API, and the ledger of what they were answered."""

    name: str
    stack: Stack
    tokens: dict[str, str]
    shared: int
    tickets: dict[int, str] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=dict)
    priorities: dict[int, str] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.name)  # the same acts in the same order each time

    def work(self, stop: threading.Event) -> None:
        """Act until told to stop; everything that is said is one of a kind."""
        self.file()
        acts = (self.file, self.ask, self.answer, self.note, self.change, self.count)
        while not stop.wait(0.2):  # as somebody who reads before the next act
            self.dice.choice(acts)()

    def file(self) -> None:
        """Open a ticket as the customer."""
        said = self._word(self.name, "ticket")
        answer = self._certain("POST", "/tickets/", self.name, {"subject": said, "body": said})
        self.tickets[answer.body["number"]] = said
        self.words[answer.body["number"]] = [said]

    def ask(self) -> None:
        """Write as the customer."""
        self._write(self.name, "reply")

    def answer(self) -> None:
        """Reply as the agent."""
        self._write("agent", "reply")

    def note(self) -> None:
        """Write what the team alone reads."""
        self._write("agent", "note")

    def change(self) -> None:
        """Set the priority; nobody else does on these tickets."""
        number, priority = self._ticket(), self.dice.choice(["low", "high", "urgent"])
        self._certain("PATCH", f"/tickets/{number}/", "agent", {"priority": priority})
        self.priorities[number] = priority

    def count(self) -> None:
        """Add one to the number that all clients count in, unless another was faster."""
        path = f"/tickets/{self.shared}/"
        now = self._certain("GET", path, "agent")
        body = {"fields": {"counter": now.body["fields"].get("counter", 0) + 1}}
        name = self._word("agent", "count")
        answer = self._call("PATCH", path, "agent", body, If_Match=now.etag, X_Request_ID=name)
        if answer.status == 200:
            self.counted.append(name)

    def _write(self, who: str, kind: str) -> None:
        number, said = self._ticket(), self._word(who, kind)
        path = f"/tickets/{number}/messages/"
        self._certain("POST", path, who, {"kind": kind, "body": said})
        self.words[number].append(said)

    def _ticket(self) -> int:
        return self.dice.choice(list(self.tickets))

    def _word(self, who: str, kind: str) -> str:
        return f"{self.name}-{who}-{kind}-{uuid.uuid4().hex}"

    def _certain(self, method: str, path: str, who: str, body: Any = None) -> Answer:
        """Repeat the call with its key until the answer is known."""
        key = uuid.uuid4().hex
        answer = Answer(0)

        def is_known() -> bool:
            nonlocal answer
            answer = self._call(method, path, who, body, Idempotency_Key=key)
            return answer.status not in NOT_NOW

        until(is_known, 120)
        assert answer.status in {200, 201}, f"{method} {path}: {answer}"
        return answer

    def _call(self, method: str, path: str, who: str, body: Any = None, **headers: str) -> Answer:
        request = urllib.request.Request(
            f"http://localhost:{self.stack.port}/api/v1{path}", method=method,
            data=json.dumps(body).encode() if body else None,
            headers={name.replace("_", "-"): value for name, value in headers.items()}
            | {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, json.load(answer), answer.headers.get("ETag", ""))
        except urllib.error.HTTPError as error:
            with error:
                if error.code >= 500 and error.code not in NOT_NOW:
                    self.broken.append(f"{method} {path}: {error.code}")
                    return Answer(0)
                return Answer(error.code)
        except (
            OSError,
            ValueError,
            http.client.HTTPException,
        ):  # refused, cut off, or half an answer
            return Answer(0)


@pytest.fixture
def clients(stack: Stack, mail_sink: MailSink) -> list[Client]:
    """The desk, and everybody who is about to call it."""
    stack.start(
        "--empty", HELPDESK_SMTP_URL=mail_sink.url, HELPDESK_SWEEP_SECONDS="2",
        HELPDESK_READS_PER_MINUTE="100000", HELPDESK_WRITES_PER_MINUTE="100000",
    )  # fmt: skip
    made = json.loads(stack.manage("shell", "--verbosity", "0", "--command", SETUP))
    return [Client(f"c{n}", stack, made["tokens"], made["shared"]) for n in range(CLIENTS)]


def kill_everything_in_turn(stack: Stack) -> Counter[str]:
    """Kill each part so many times in a random order; the supervisor brings each back."""
    dice = random.Random(ROUNDS)
    killed: Counter[str] = Counter()
    moment = threading.Event()
    for _ in range(ROUNDS):
        for part, words in dice.sample(sorted(PARTS.items()), len(PARTS)):
            moment.wait(dice.uniform(*PAUSE))  # nobody sets it: the load goes on meanwhile
            until(lambda: any(words in line for line in stack.pids().values()), 60)  # noqa: B023
            os.kill(stack.pid_of(words), signal.SIGKILL)
            killed[part] += 1
    return killed


def under_load(clients: list[Client], stack: Stack) -> Counter[str]:
    """Let all clients work while everything is killed in turn."""
    stop = threading.Event()
    troubles: list[BaseException] = []

    def work(client: Client) -> None:
        try:
            client.work(stop)
        except BaseException as trouble:  # noqa: BLE001 -- shown by the test
            troubles.append(trouble)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    killed = kill_everything_in_turn(stack)
    stop.set()
    for thread in threads:
        thread.join(180)
    assert troubles == []
    return killed


def test_nothing_accepted_is_lost_doubled_or_told_to_others_while_everything_is_killed(
    stack: Stack, clients: list[Client], mail_sink: MailSink
) -> None:
    until(stack.is_ready, 60)
    killed = under_load(clients, stack)
    assert killed == dict.fromkeys(PARTS, ROUNDS)
    assert stack.output.count("it starts again in") >= ROUNDS * len(PARTS) - 1
    until(stack.is_ready, 120)
    until(lambda: work_left(stack) == 0, 120)  # I9

    assert [call for client in clients for call in client.broken] == []  # I11
    check_tickets(stack, clients)
    check_words(stack, clients)
    check_counting(stack, clients)
    check_histories(stack)
    check_mails(stack, clients, mail_sink)
    assert "no drift" in stack.manage("sla_audit").lower()  # I6
    status, _body = stack.get(f"/api/v1/tickets/{clients[0].shared}/", clients[0].tokens["agent"])
    assert status == 200


def work_left(stack: Stack) -> int:
    """Rows that still wait to be published, told or sent."""
    [(count,)] = stack.sql(
        "SELECT (SELECT count(*) FROM tickets_event WHERE delivered_at IS NULL)"
        " + (SELECT count(*) FROM channels_outgoing WHERE sent_at IS NULL"
        " AND dropped_at IS NULL AND dead_at IS NULL)"
    )
    return int(str(count))


def check_tickets(stack: Stack, clients: list[Client]) -> None:
    """I1 each accepted create is exactly one ticket; I7 the last accepted change stands."""
    filed = {number: said for client in clients for number, said in client.tickets.items()}
    assert len(filed) >= CLIENTS
    stored = stack.sql(
        "SELECT number, subject FROM tickets_ticket WHERE subject LIKE '%-ticket-%'"
    )
    assert dict(stored) == filed
    priorities = dict(stack.sql("SELECT number, priority FROM tickets_ticket"))
    for client in clients:
        assert {number: priorities[number] for number in client.priorities} == client.priorities


def check_words(stack: Stack, clients: list[Client]) -> None:
    """I2 each accepted reply and note exists once, in its client's order."""
    stored: dict[Any, list[Any]] = {}
    for number, body in stack.sql(
        "SELECT ticket_id, body FROM tickets_message ORDER BY ticket_id, created_at, id"
    ):
        stored.setdefault(number, []).append(body)
    for client in clients:
        assert {number: stored[number] for number in client.words} == client.words


def check_counting(stack: Stack, clients: list[Client]) -> None:
    """I7 of changes at the same time none overwrites another."""
    shared = clients[0].shared
    counted = stack.sql(
        "SELECT request_id, (after->'fields'->>'counter')::int FROM tickets_event"
        f" WHERE ticket_id = {shared} AND kind = 'ticket.fields_set' ORDER BY sequence"
    )
    assert [value for _name, value in counted] == list(range(1, len(counted) + 1))
    told = {name for client in clients for name in client.counted}
    assert told
    assert told <= {name for name, _value in counted}


def check_histories(stack: Stack) -> None:
    """I8 the sequence of each ticket has no gap, and its state is what the events say."""
    gaps = stack.sql(
        "SELECT number FROM tickets_ticket JOIN tickets_event ON ticket_id = number"
        " GROUP BY number HAVING (min(sequence), max(sequence), count(*))"
        " IS DISTINCT FROM (1, version, version::bigint)"
    )
    assert gaps == []
    for column in ("status", "priority", "subject"):
        other = stack.sql(
            f"SELECT number FROM tickets_ticket, LATERAL (SELECT after->>'{column}' AS told"
            f" FROM tickets_event WHERE ticket_id = number AND jsonb_exists(after, '{column}')"
            f" ORDER BY sequence DESC LIMIT 1) last WHERE told <> {column}"
        )
        assert other == [], column


def check_mails(stack: Stack, clients: list[Client], sink: MailSink) -> None:
    """I3 each mail that is due arrived, all its copies alike; I4 and said nothing it must not."""
    owed = stack.sql(
        "SELECT message_id, email FROM channels_outgoing mail"
        " JOIN accounts_user ON accounts_user.id = recipient_id WHERE dropped_at IS NULL"
    )
    assert {(mail["Message-ID"], parseaddr(mail["To"])[1]) for mail in sink.mails} == set(owed)
    told = {name: words_in(sink.to(f"{name}@acme.example")) for name in clients[0].tokens}
    for client in clients:
        said = {word for words in client.words.values() for word in words}
        public = {word for word in said if "-note-" not in word}
        by_agent = {word for word in public if "-agent-" in word}
        filed = set(client.tickets.values())
        assert by_agent | filed <= told[client.name] <= public
        assert public - by_agent <= told["agent"]
    assert [word for word in told["agent"] if "-note-" in word] == []


def words_in(mails: list[EmailMessage]) -> set[str]:
    """Everything of the clients' words that stands in these mails."""
    found: set[str] = set()
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        found.update(WORD.findall(f"{mail['Subject']} {body.get_content()}"))
    return found
