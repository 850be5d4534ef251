"""Turning what people wrote into safe HTML, and into one calm line."""

import re

import nh3
from markdown_it import MarkdownIt

MOST_CHARACTERS = 200_000
MOST_BRACKETS = 2_000  # the parser goes back for each one that is never closed
_MARKDOWN = MarkdownIt("commonmark", {"breaks": True, "html": False}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_MARKS = re.compile(r"\\([!-/:-@\[-`{-~])|[*_`#>|~]+|!?\[|\]\([^)]*\)")
_DEEP = re.compile(r"^(?:[ \t]*>){20,}|^(?:[ \t]*[-*+] ){20,}", re.MULTILINE)


def to_html(text: str) -> str:
    """Render Markdown and sanitise the result; images become links, raw HTML stays text.

    Text that nests absurdly deep, or opens absurdly many links, is shown as it was typed.
    """
    if _DEEP.search(text) or text.count("[") > MOST_BRACKETS:
        return f"<pre>{nh3.clean_text(text[:MOST_CHARACTERS])}</pre>"
    html = _MARKDOWN.render(text[:MOST_CHARACTERS].replace("\0", ""))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow ugc",
    )


def to_text(text: str) -> str:
    """Give the words without the marks of Markdown, for mails and lists."""
    return _MARKS.sub(lambda mark: mark[1] or "", text)  # what is escaped stands as it is


def snippet_of(text: str) -> str:
    """Give the first words on one line, at most 160 characters."""
    line = " ".join(to_text(text[:1000]).split())
    return line if len(line) <= 160 else f"{line[:159]}…"
