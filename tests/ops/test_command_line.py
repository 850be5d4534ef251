"""A command that cannot run says so in one sentence, whatever keeps it from running."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import free_port

PROJECT = Path(__file__).resolve().parents[2]


def refusal(arguments: str, **environment: str) -> str:
    """Run a command that must end with 1 and nothing on its output; give what it says."""
    ran = subprocess.run(
        [sys.executable, "manage.py", *arguments.split()], cwd=PROJECT,
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == ""
    return ran.stderr


@pytest.mark.parametrize(
    "command", ["sign_in_link a@b.example", "token list", "sla_audit", "doctor --part beat"]
)
def test_a_command_on_a_stopped_desk_asks_whether_it_runs(command: str, tmp_path: Path) -> None:
    said = refusal(command, HELPDESK_DATA=str(tmp_path), DATABASE_URL="")
    assert said == "PostgreSQL cannot be reached: is the helpdesk running?\n"


def test_a_database_of_ones_own_that_is_away_is_named() -> None:
    away = f"postgresql://desk:secret@127.0.0.1:{free_port()}/desk"
    said = refusal("token list", DATABASE_URL=away)
    assert said == "PostgreSQL cannot be reached: is it running, is DATABASE_URL right?\n"


def test_the_trace_is_shown_to_who_asks_for_it() -> None:
    away = f"postgresql://127.0.0.1:{free_port()}/desk"
    assert "Traceback" in refusal("sla_audit --traceback", DATABASE_URL=away)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("HELPDESK_FOO", "1", "Unknown setting HELPDESK_FOO. README.md lists every setting"),
        ("HELPDESK_WEB_WORKERS", "x", "must be a whole number, not 'x'."),
        ("HELPDESK_WEB_WORKERS", "²", "must be a whole number, not '²'."),
        ("HELPDESK_WEB_WORKERS", "0", "must be at least 1, not 0."),
        ("HELPDESK_WEB_THREADS", "0", "must be at least 1, not 0."),
        ("HELPDESK_WORKER_PROCESSES", "0", "must be at least 1, not 0."),
        ("HELPDESK_SWEEP_SECONDS", "0", "must be at least 1, not 0."),
        ("HELPDESK_READS_PER_MINUTE", "0", "must be at least 1, not 0."),
        ("HELPDESK_WRITES_PER_MINUTE", "0", "must be at least 1, not 0."),
        ("HELPDESK_TRUSTED_PROXIES", "-1", "must be a whole number, not '-1'."),
        ("HELPDESK_MAX_FILE_MB", "abc", "must be a whole number, not 'abc'."),
        ("HELPDESK_DEBUG", "maybe", "must be 1 (on) or 0 (off), not 'maybe'."),
        ("HELPDESK_LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR, not 'loud'."),
        ("HELPDESK_SMTP_URL", "foo", "must look like smtp://user:password@host:587"),
        ("HELPDESK_SMTP_URL", "smtp://host:mail", "must look like smtp://user:password@host:587"),
        ("HELPDESK_MAIL_FROM", "foo", "must be an e-mail address such as help@desk.example"),
        ("SITE_URL", "desk", "must be a whole address such as https://desk.example."),
        ("SITE_URL", "https:///desk", "must be a whole address such as https://desk.example."),
        ("SITE_URL", "http://desk:web", "must be a whole address such as https://desk.example."),
        ("DATABASE_URL", "mysql://x", "must be a whole address such as postgresql://"),
        ("REDIS_URL", "foo", "must be a whole address such as redis://host:6379/0."),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, text: str, sentence: str) -> None:
    said = refusal("up --empty", **{name: text})
    assert name in said
    assert sentence in said
    assert said.count("\n") == 1


def test_a_port_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path) -> None:
    said = refusal("up --port 70000", HELPDESK_DATA=str(tmp_path), SITE_URL="")
    assert said == "CommandError: The port must be from 1 to 65535, not 70000.\n"


def test_what_is_right_is_taken_as_it_stands() -> None:
    names = "s.DEBUG, s.LOG_LEVEL, s.SMTP_URL, s.MAIL_FROM, s.REDIS_URL, s.ALLOWED_HOSTS"
    given = {
        "HELPDESK_DEBUG": "0",
        "HELPDESK_LOG_LEVEL": "debug",
        "HELPDESK_SMTP_URL": "smtps://me:p%40ss@mail.example",
        "HELPDESK_MAIL_FROM": "desk@desk.example",
        "REDIS_URL": "rediss://:word@cache.example/0",
        "SITE_URL": "http://[2001:db8::1]:80",
    }
    said = subprocess.run(
        [sys.executable, "-c", f"from helpdesk import settings as s; print({names})"],
        cwd=PROJECT, env={**os.environ, **given}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said == (
        "False DEBUG smtps://me:p%40ss@mail.example desk@desk.example"
        " rediss://:word@cache.example/0 ['127.0.0.1', '[2001:db8::1]', '[::1]', 'localhost']\n"
    )
