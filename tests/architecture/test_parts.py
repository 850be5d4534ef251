"""Parts of pages escape what people wrote, and every one of them can be drawn."""

import re
from pathlib import Path

import pytest
from django.template import engines

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PARTS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja"))
UNESCAPED = re.compile(r"(?<!\"\))\|\s*safe\b|autoescape")  # only our own sentences are safe


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_read_by_jinja_and_escapes_all_but_our_own_sentences(name: str):
    engines["jinja2"].get_template(name)
    assert not UNESCAPED.search((TEMPLATES / name).read_text(encoding="utf-8"))


def test_what_people_wrote_is_escaped():
    drawn = engines["jinja2"].get_template("components/notice.jinja").render({"text": "<b>&"})
    assert "&lt;b&gt;&amp;" in drawn


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ('{{ _("to %(name)s &lt;%(email)s&gt;")|safe|format(name=x) }}', False),
        ("{{ ticket.subject|safe }}", True),
        ("{{ ticket.subject | safe }}", True),
        ("{% autoescape false %}", True),
    ],
)
def test_the_guard_sees_what_is_not_escaped(text: str, is_wrong: bool):
    assert bool(UNESCAPED.search(text)) is is_wrong
