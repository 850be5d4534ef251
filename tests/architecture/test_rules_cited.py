"""Every rule and document that the code cites as its source exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "accounts",
    "products",
    "tickets",
    "sla",
    "automation",
    "channels",
    "web",
    "helpdesk",
    "tests",
)
FILES = [
    file
    for app in APPS
    for file in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in file.parts
]
RULE = r"[CKPRTWA]\d+"
CITED = re.compile(rf"sla\.md ({RULE}(?:(?:, | and | to )(?:{RULE}))*)")
DEFINED = set(re.findall(rf"\*\*({RULE})\*\*", (ROOT / "docs/sla.md").read_text("utf-8")))


def test_the_rules_are_numbered_without_gaps():
    for letter, last in {"C": 8, "K": 11, "P": 5, "R": 4, "T": 11, "W": 5, "A": 3}.items():
        assert {f"{letter}{number}" for number in range(1, last + 1)} <= DEFINED
    assert len(DEFINED) == 47


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_rule_cited_is_in_the_documents(file):
    for cited in CITED.findall(file.read_text("utf-8")):
        assert set(re.findall(RULE, cited)) <= DEFINED


def test_every_rule_has_a_test_that_names_it():
    named = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        named |= {
            rule.upper() for rule in re.findall(r"def test_([ckprtwa]\d+)_", file.read_text())
        }
    assert named == DEFINED
