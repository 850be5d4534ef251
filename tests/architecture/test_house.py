"""The house keeps its rules: one door, no signals, every route a policy, every event told."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tickets.models import Ticket
from web.api.v1.doors import Door
from web.policies import Policy

APPS = ("accounts", "products", "tickets", "sla", "automation", "channels", "web", "helpdesk")
WRITES = {"update", "delete", "bulk_update", "bulk_create", "create", "update_or_create",
          "get_or_create"}  # fmt: skip
COLUMNS = {field.name for field in Ticket._meta.get_fields()}
FOREIGN_POLICIES = {"healthz", "readyz"}  # the two that a load balancer asks


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            if "migrations" not in path.parts:
                name = str(path.relative_to(settings.BASE_DIR))
                yield name, ast.parse(path.read_text())


def is_door(name: str) -> bool:
    return name.startswith("tickets/actions/") or name == "tickets/events.py"


def writes_to_tickets(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            root = ast.unparse(node.func.value)
            on_tickets = root.startswith("Ticket.objects") or root.split(".")[-1] == "tickets"
            if node.func.attr in WRITES and on_tickets:
                yield node.lineno
            if node.func.attr == "save" and root.split(".")[-1] == "ticket":
                yield node.lineno
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and ast.unparse(target.value).split(".")[-1] == "ticket"
                    and target.attr in COLUMNS
                ):
                    yield node.lineno


def test_tickets_are_written_behind_the_one_door_only():
    found = [
        f"{name}:{line}"
        for name, tree in sources()
        if not is_door(name)
        for line in writes_to_tickets(tree)
    ]
    assert found == []


def test_the_guard_of_the_door_sees_writes():
    for text in (
        "Ticket.objects.filter(pk=1).update(status='open')", "ticket.save()",
        "ticket.priority = 'high'", "person.tickets.update(x=1)", "event.ticket.status = 'x'",
    ):  # fmt: skip
        assert list(writes_to_tickets(ast.parse(text))), text


def test_when_a_ticket_is_due_is_stored_by_the_ledger_alone():
    importers = [
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        and "tickets.actions.promises" in ast.unparse(node).replace(" import ", ".")
    ]
    assert importers == ["sla/ledger.py"]


def test_there_are_no_signals_of_ours():
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith("django.db.models.signals"), name
                assert node.module != "django.dispatch", name


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, object]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from routes(entry, path)


def policy_of(view: object) -> str | None:
    known = getattr(view, "policy", None)
    return known or getattr(getattr(view, "view_class", None), "policy", None)


def test_every_route_declares_a_policy():
    known = set(Policy.__args__)
    bare = [
        path
        for path, view in routes()
        if policy_of(view) not in known and path.strip("/") not in FOREIGN_POLICIES
    ]
    assert bare == []


def test_every_post_of_the_api_can_be_repeated():
    doors = {view.view_class for _path, view in routes() if hasattr(view, "view_class")}
    doors = {door for door in doors if issubclass(door, Door)}
    assert len(doors) > 15
    for door in doors:
        if hasattr(door, "post"):
            assert getattr(door.post, "is_idempotent", False), door


def test_every_call_of_the_api_names_its_scopes():
    for _path, view in routes():
        door = getattr(view, "view_class", None)
        if door is None or not issubclass(door, Door):
            continue
        if hasattr(door, "get"):
            assert door.read_scope is not None, door
        if any(hasattr(door, method) for method in ("post", "put", "patch", "delete")):
            assert door.write_scope is not None, door


def test_files_stay_readable():
    for name, _tree in sources():
        lines = (Path(settings.BASE_DIR) / name).read_text().count("\n")
        assert lines <= 450, f"{name} has {lines} lines"
