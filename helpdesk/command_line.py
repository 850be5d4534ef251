"""Run a command of manage.py, and say in one sentence what keeps it from running at all."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def run(arguments: list[str]) -> None:
    """Run the command; a wrong setting or an unreachable database ends it with one sentence.

    `--traceback` shows where it came from instead, as for any command of Django.
    """
    try:
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        _refuse(str(error), error, arguments)
    except OperationalError as error:
        if _was_answered(error):
            raise
        _refuse(unreachable(), error, arguments)


def unreachable() -> str:
    """Say that PostgreSQL does not answer, and what to look at."""
    if os.environ.get("DATABASE_URL"):
        return "PostgreSQL cannot be reached: is it running, is DATABASE_URL right?"
    return "PostgreSQL cannot be reached: is the helpdesk running?"


def _was_answered(error: OperationalError) -> bool:
    """Whether the server itself refused a statement; then it was there."""
    return getattr(error.__cause__, "pgcode", None) is not None


def _refuse(sentence: str, error: Exception, arguments: list[str]) -> None:
    if "--traceback" in arguments:
        raise error
    sys.stderr.write(f"{sentence}\n")
    sys.exit(1)
