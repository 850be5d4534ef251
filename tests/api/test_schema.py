"""The schema is true: generated calls never break the API, and a generated client works."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.models import SCOPES
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    ProductFactory,
    ReleaseFactory,
    UserFactory,
    file_ticket,
)
from tickets.filters import known_filters
from tickets.models import FieldDefinition

EXAMPLES = 200 if os.environ.get("DRILL") == "1" else 3
PHASES = "examples,coverage,fuzzing" if EXAMPLES > 10 else "fuzzing"
PROJECT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


@pytest.fixture
def filled(transactional_db: None, settings: Any) -> dict[str, str]:
    """A few rows of everything, and a token of each role."""
    settings.READS_PER_MINUTE = settings.WRITES_PER_MINUTE = 1_000_000
    product = ProductFactory(key="ledger", name="Ledger")
    ReleaseFactory(product=product, version="2.4.1")
    FieldDefinition.objects.create(key="environment", label="Environment", type="text")
    customer = UserFactory()
    for _ in range(3):
        file_ticket(customer, category="corrective", product=product)
    people = {
        "admin": AdminFactory(), "agent": AgentFactory(), "customer": customer,
        "integration": None,
    }  # fmt: skip
    return {
        role: create_token(
            role,
            ["tickets:read", "tickets:write"] if role == "customer" else sorted(SCOPES),
            actor=Actor.system(), at=MONDAY, user=person,
        )[1]
        for role, person in people.items()
    }  # fmt: skip


@pytest.mark.drill
@pytest.mark.parametrize("role", ["admin", "agent", "customer", "integration"])
def test_generated_calls_get_answers_as_the_schema_says(role, filled, live_server, tmp_path):
    done = subprocess.run(
        [
            TOOLS / "schemathesis", "run", f"{live_server.url}/api/v1/schema/",
            "--header", f"Authorization: Bearer {filled[role]}",
            "--max-examples", str(EXAMPLES), "--phases", PHASES,
            "--checks", ("not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_schema_conformance"),
            "--suppress-health-check", "all",
            "--seed", "1", "--no-color", "--max-failures", "5", "--request-timeout", "30",
        ],
        capture_output=True, text=True, cwd=tmp_path, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]


def test_a_generated_client_creates_and_lists_tickets(filled, live_server, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(_schema(live_server)))
    subprocess.run(
        [
            TOOLS / "openapi-python-client", "generate", "--path", schema, "--meta", "none",
            "--output-path", tmp_path / "desk_client",
        ],
        check=True, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    program = tmp_path / "use.py"
    program.write_text(CLIENT)
    done = subprocess.run(
        [sys.executable, program, live_server.url, filled["integration"]],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "201 4"


@pytest.mark.parametrize("door", ["messages", "attachments"])
def test_the_schema_says_that_a_closed_ticket_answers_with_its_follow_up(client, door):
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    created = schema["paths"][f"/api/v1/tickets/{{number}}/{door}/"]["post"]["responses"]["201"]
    name = created["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shapes = [each["$ref"] for each in schema["components"]["schemas"][name]["oneOf"]]
    assert shapes == ["#/components/schemas/MessageOut", "#/components/schemas/TicketOut"]


def test_the_schema_and_the_documentation_name_every_filter(client):
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    listed = schema["paths"]["/api/v1/tickets/"]["get"]["parameters"]
    named = {parameter["name"] for parameter in listed}
    documentation = (PROJECT / "docs" / "api.md").read_text()
    for name in known_filters():
        assert name in named | {"fields."}
        assert f"`{name}" in documentation


def _schema(live_server: Any) -> Any:
    wanted = {"Accept": "application/vnd.oai.openapi+json"}
    request = urllib.request.Request(f"{live_server.url}/api/v1/schema/", headers=wanted)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


CLIENT = """
import sys
from desk_client import AuthenticatedClient
from desk_client.api.tickets import create_ticket, list_tickets
from desk_client.models import PersonInRequest, TicketInRequest

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
body = TicketInRequest(
    subject="By a generated client", body="It works.",
    requester=PersonInRequest(email="ana@acme.example"),
)
created = create_ticket.sync_detailed(client=client, body=body)
listed = list_tickets.sync(client=client, limit=50)
print(created.status_code.value, len(listed.data))
"""
