"""Every word that people read is in the German catalogue, and what is compiled is what stands."""

import ast
import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "locale/de/LC_MESSAGES"
APPS = ("accounts", "products", "tickets", "sla", "channels", "web", "helpdesk")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
IN_TEMPLATES = re.compile(r"""{% translate (?:"([^"]+)"|'([^']+)')|_\("([^"]+)"\)""")


def written():
    """The entries of the .po file: {msgid: [texts]}."""
    entries, field = [], ""
    for line in (CATALOGUE / "django.po").read_text("utf-8").splitlines():
        if found := re.fullmatch(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")', line):
            field = found[1]
            if field == "msgid":
                entries.append({})
            entries[-1][field] = ast.literal_eval(found[2])
        elif line.startswith('"'):
            entries[-1][field] += ast.literal_eval(line)
    return {
        entry["msgid"]: [text for name, text in entry.items() if name.startswith("msgstr")]
        for entry in entries
        if entry["msgid"]
    }


def said_in_code():
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
                    first = node.args[0] if node.args else None
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value


def said_in_templates():
    for file in (ROOT / "templates").rglob("*.*"):
        for found in IN_TEMPLATES.findall(file.read_text("utf-8")):
            yield next(text for text in found if text)


@pytest.mark.parametrize("said", [said_in_code, said_in_templates])
def test_no_word_is_missing(said):
    known = written()
    assert sorted({text for text in said() if not known.get(text)}) == []


def test_every_word_is_translated_and_none_is_a_guess():
    assert all(all(texts) for texts in written().values())
    assert "#, fuzzy" not in (CATALOGUE / "django.po").read_text("utf-8")


def test_what_is_compiled_is_what_stands():
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, translations in written().items():
        if len(translations) == 1:
            assert compiled.gettext(text) == translations[0]
        else:
            plural = [compiled.ngettext(text, "", number) for number in (1, 2)]
            assert plural == translations


def test_placeholders_survive():
    for text, translations in written().items():
        names = set(re.findall(r"%\(\w+\)", text))
        for translation in translations:
            assert set(re.findall(r"%\(\w+\)", translation)) == names
