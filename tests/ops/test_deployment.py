"""docker-compose.yml, Dockerfile and .env.example say the same as the project itself."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.urls import resolve
from django.utils import timezone

from accounts.heartbeat import PARTS, seen
from helpdesk import embedded
from helpdesk import settings as source
from helpdesk.supervisor import COMMANDS

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
README = (PROJECT / "README.md").read_text()
OTHER_SETTINGS = {"SITE_URL", "DATABASE_URL", "REDIS_URL"}
OF_COMPOSE_ALONE = {"PUBLISH", "POSTGRES_PASSWORD"}


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_containers_start_the_commands_that_up_starts(part: str) -> None:
    command = SERVICES[part]["command"]
    assert command[0] == "python"
    assert tuple(command[1 : 1 + len(COMMANDS[part])]) == COMMANDS[part]
    assert command[1 + len(COMMANDS[part]) :] == (
        ["--bind", "0.0.0.0:8000"] if part == "web" else []
    )


def test_the_image_alone_serves_the_pages() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text()
    command = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert command is not None
    assert yaml.safe_load(command[1]) == SERVICES["web"]["command"]
    assert "USER helpdesk" in dockerfile
    assert "--require-hashes -r requirements.txt" in dockerfile


def test_no_secret_has_a_default() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    for secret in ("HELPDESK_SECRET_KEY", "POSTGRES_PASSWORD", "SITE_URL"):
        assert re.search(rf"\$\{{{secret}:-", text) is None
        assert f"${{{secret}:?" in text


def test_every_variable_of_the_readme_reaches_the_containers() -> None:
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert listed == source.KNOWN | OTHER_SETTINGS | OF_COMPOSE_ALONE
    for name in ("setup", "web", "worker", "beat"):
        given = set(SERVICES[name]["environment"])
        expected = listed - OF_COMPOSE_ALONE - {"HELPDESK_DEBUG"}  # no place for a real desk
        assert given == expected | {"PGPASSWORD"}


def test_a_password_of_any_characters_reaches_the_database() -> None:
    environment = SERVICES["web"]["environment"]
    assert "POSTGRES_PASSWORD" not in environment["DATABASE_URL"]
    assert environment["PGPASSWORD"] == SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]


def test_one_service_builds_the_image_that_four_use() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"] == "helpdesk"}
    assert ours == {"setup", "web", "worker", "beat"}
    assert [name for name, service in SERVICES.items() if "build" in service] == ["setup"]
    assert {SERVICES[name]["pull_policy"] for name in ours} == {"never"}


def test_the_image_holds_what_it_needs_and_no_tests(tmp_path: Path) -> None:
    left_out = (PROJECT / ".dockerignore").read_text().split()
    assert {"tests", ".ci", ".env", "var"} <= set(left_out)
    image = tmp_path / "app"
    shutil.copytree(PROJECT, image, ignore=shutil.ignore_patterns(*left_out, "__pycache__"))
    for command in ("check", "collectstatic --dry-run --no-input --verbosity 0"):
        ran = subprocess.run(
            [sys.executable, "manage.py", *command.split()], cwd=image, env=os.environ,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr


def test_every_command_of_the_readme_can_be_typed_as_it_stands() -> None:
    quoted = re.findall(r"`([^`\n]*\bmanage\.py [^`\n]+)`", README)
    assert len(quoted) > 10
    for line in quoted:
        typed, _, command = line.removeprefix("HELPDESK_DATA=/srv/desk ").partition("manage.py ")
        assert typed in {".venv/bin/python ", "docker compose exec web python "}, line
        assert command.split()[0] in get_commands(), line


def test_an_empty_variable_counts_as_not_set() -> None:
    code = "from helpdesk import settings; print(settings.LOGGING['root']['level'])"
    empty = dict.fromkeys(source.KNOWN - {"HELPDESK_DATA"}, "")
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env={**os.environ, **empty},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout == "INFO\n"


def test_a_desk_over_tls_speaks_for_its_own_name_alone() -> None:
    code = (
        "import django; django.setup(); from django.test import Client;"
        " answer = Client().get('/healthz', secure=True, HTTP_HOST='desk.example');"
        " print(answer.headers['Strict-Transport-Security'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True,
        env={**os.environ, "SITE_URL": "https://desk.example"},
    )  # fmt: skip
    assert ran.stdout == "max-age=31536000\n"


def test_the_back_up_names_the_files_that_are_there(tmp_path: Path) -> None:
    embedded.make_secret_key(tmp_path)
    (tmp_path / Path(source.MEDIA_ROOT).name).mkdir()
    (copied,) = re.findall(r'^tar czf \S+ -C "\$HELPDESK_DATA" (.+)$', README, re.MULTILINE)
    assert set(copied.split()) == {path.name for path in tmp_path.iterdir()}
    assert (
        f"mkdir -p $$HELPDESK_DATA/{source.MEDIA_ROOT.name} &&" in SERVICES["setup"]["command"][-1]
    )
    data = SERVICES["web"]["environment"]["HELPDESK_DATA"]
    assert f"docker compose exec -T web tar cz -C {data} {source.MEDIA_ROOT.name} >" in README


def test_the_example_names_every_variable_that_compose_reads() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "docker-compose.yml").read_text()))
    example = (PROJECT / ".env.example").read_text()
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(named) == read
    assert named["HELPDESK_SECRET_KEY"] == named["POSTGRES_PASSWORD"] == ""


def test_every_service_is_checked_and_what_matters_lies_on_a_volume() -> None:
    for name, service in SERVICES.items():
        if name != "setup":
            assert service["healthcheck"]["test"][0] == "CMD", name
    web = SERVICES["web"]["healthcheck"]["test"][-1]
    path = re.search(r"http://localhost:8000(/\w+)", web)
    assert path is not None
    assert resolve(path[1]).func.__name__ == "healthz"
    for name in PARTS:
        assert SERVICES[name]["healthcheck"]["test"][1:] == [
            *shlex.split("python manage.py doctor --part"), name,
        ]  # fmt: skip
    assert set(COMPOSE["volumes"]) == {"data", "postgres", "redis"}
    assert SERVICES["web"]["volumes"] == ["data:/var/lib/helpdesk/data"]
    assert SERVICES["web"]["environment"]["HELPDESK_DATA"] == "/var/lib/helpdesk/data"
    assert "--appendonly yes" in " ".join(SERVICES["redis"]["command"])


def test_web_waits_until_the_database_is_migrated() -> None:
    assert "migrate" in SERVICES["setup"]["command"][-1]
    assert "collectstatic" in SERVICES["setup"]["command"][-1]
    for part in ("web", "worker", "beat"):
        needed = SERVICES[part]["depends_on"]
        assert needed["setup"]["condition"] == "service_completed_successfully"
        assert needed["postgres"]["condition"] == "service_healthy"


@pytest.mark.django_db
def test_a_silent_part_fails_its_health_check() -> None:
    with pytest.raises(CommandError, match="silent"):
        call_command("doctor", part="worker")
    seen("worker", timezone.now())
    call_command("doctor", part="worker")
