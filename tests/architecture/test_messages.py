"""Every sentence of the source has its German one, and the compiled sentences are those."""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_house import sources

ROOT = Path(__file__).resolve().parents[2]
GERMAN = Path("locale/de/LC_MESSAGES/django.po")
LEFT_OUT = ("tests", "static", "docs", "var", "node_modules", "__pycache__")
FOR_BUILDERS = {"ValueError", "ImproperlyConfigured", "CommandError"}
IN_ENGLISH = ("web/api/", "helpdesk/")  # docs/api.md, Errors; commands speak to admins


def run(*words: str | Path, cwd: Path = ROOT) -> str:
    """What a command prints, run without the settings of the helpdesk."""
    env = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_of_the_source(folder: Path) -> None:
    """Copy what makemessages reads, so that it may write there."""
    for top in ROOT.iterdir():
        if top.is_dir() and not top.name.startswith(".") and top.name not in LEFT_OUT:
            keep_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(top, folder / top.name, ignore=keep_out)


def sentences(compiled: Path) -> dict[object, str]:
    """The compiled sentences without the header, which only tells dates."""
    with compiled.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog
    return {source: german for source, german in catalog.items() if source}


def test_every_sentence_is_translated(tmp_path):
    copy_of_the_source(tmp_path)
    run(
        sys.executable, "-m", "django", "makemessages", "-l", "de",
        "--no-obsolete", "--no-location", "-e", "html,jinja,py,txt", cwd=tmp_path,
    )  # fmt: skip
    german = tmp_path / GERMAN
    for kind in ("--untranslated", "--only-fuzzy"):
        left = run("msgattrib", kind, "--no-wrap", german)
        names = re.findall(r'^msgid "(.+)"$', left, re.MULTILINE)
        assert not left, f"run make messages, then translate in {GERMAN}: {names}"


def test_what_is_compiled_is_what_is_written(tmp_path):
    fresh = tmp_path / "django.mo"
    run("msgfmt", "--check-format", "-o", fresh, ROOT / GERMAN)
    kept = (ROOT / GERMAN).with_suffix(".mo")
    assert kept.exists(), f"{kept.name} is missing: run make messages"
    assert sentences(kept) == sentences(fresh), (
        f"{kept.name} is not what {GERMAN} says: run make messages"
    )


def bare_sentences(tree: ast.Module) -> Iterator[int]:
    """Lines that raise an error of the desk with a literal that no translator sees."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            literals = (ast.Constant, ast.JoinedStr)
            said = [arg for arg in node.exc.args if isinstance(arg, literals)]
            if ast.unparse(node.exc.func) not in FOR_BUILDERS and any(
                " " in ast.unparse(arg) for arg in said
            ):
                yield node.lineno


def test_what_is_refused_is_refused_in_the_readers_language():
    found = [
        f"{name}:{line}"
        for name, tree in sources()
        if not name.startswith(IN_ENGLISH)
        for line in bare_sentences(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        ('raise Invalid("Give a name.", pointer="name")', True),
        ('raise Invalid(f"“{name}” is no name.")', True),
        ('raise CalendarError("weekly", "Give the hours.")', True),
        ('raise Invalid(_("Give a name."), pointer="name")', False),
        ("raise Invalid(error.sentence)", False),
        ("raise NotFound", False),
    ],
)
def test_the_guard_of_refusals_sees_bare_sentences(text, is_bare):
    assert bool(list(bare_sentences(ast.parse(text)))) is is_bare
