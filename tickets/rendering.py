"""Turning what people wrote into safe HTML, and into one calm line."""

import re
from collections.abc import Iterable

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MOST_CHARACTERS = 200_000
MOST_BRACKETS = 2_000  # the parser goes back for each one that is never closed
_MARKDOWN = MarkdownIt("commonmark", {"breaks": True, "html": False}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "mark",
}  # fmt: skip
_MARKS = re.compile(r"\\([!-/:-@\[-`{-~])|[*_`#>|~]+|!?\[|\]\([^)]*\)")
_DEEP = re.compile(r"^(?:[ \t]*>){20,}|^(?:[ \t]*[-*+] ){20,}", re.MULTILINE)


def to_html(text: str, names: Iterable[str] = ()) -> str:
    """Render Markdown and sanitise the result; images become links, raw HTML stays text.

    Where `@` stands before one of these names it is marked, but not in quotes and code. Text that
    nests absurdly deep, or opens absurdly many links, is shown as it was typed.
    """
    if _is_absurd(text):
        return f"<pre>{nh3.clean_text(text[:MOST_CHARACTERS])}</pre>"
    html = _MARKDOWN.render(_clipped(text), {"names": _calling(names)})
    return nh3.clean(
        html,
        tags=_TAGS,
        allowed_classes={"mark": {"mention"}},
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow ugc",
    )


def called_in(text: str, names: Iterable[str]) -> set[str]:
    """Give in lower case which of these names stand behind an `@`, not in quotes or code."""
    calling = _calling(names)
    if calling is None or _is_absurd(text):
        return set()
    tokens = _MARKDOWN.parse(_clipped(text))
    words = [each.content for inline in _own_words(tokens) for each in inline.children or ()
             if each.type == "text"]  # fmt: skip
    return {call[1:].lower() for each in words for call in calling.findall(each)}


def to_text(text: str) -> str:
    """Give the words without the marks of Markdown, for mails and lists."""
    return _MARKS.sub(lambda mark: mark[1] or "", text)  # what is escaped stands as it is


def snippet_of(text: str) -> str:
    """Give the first words on one line, at most 160 characters."""
    line = " ".join(to_text(text[:1000]).split())
    return line if len(line) <= 160 else f"{line[:159]}…"


def _is_absurd(text: str) -> bool:
    return bool(_DEEP.search(text)) or text.count("[") > MOST_BRACKETS


def _clipped(text: str) -> str:
    return text[:MOST_CHARACTERS].replace("\0", "")


def _calling(names: Iterable[str]) -> re.Pattern[str] | None:
    """Find `@` with one of these names, the longest that fits, and nothing that goes on."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    if not words:
        return None
    return re.compile(rf"(?<![\w@.])@(?:{words})(?![\w@-]|\.\w)", re.IGNORECASE)


def _own_words(tokens: list[Token]) -> Iterable[Token]:
    """Give the runs of words outside quotes."""
    depth = 0
    for token in tokens:
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline" and not depth:
            yield token


def _mark_mentions(state: StateCore) -> None:
    calling: re.Pattern[str] | None = state.env.get("names")
    if calling is None:
        return
    for inline in _own_words(state.tokens):
        inline.children = [
            part for child in inline.children or () for part in _marked(child, calling)
        ]


def _marked(token: Token, calling: re.Pattern[str]) -> Iterable[Token]:
    if token.type != "text":
        yield token
        return
    end = 0
    for call in calling.finditer(token.content):
        yield Token("text", "", 0, content=token.content[end : call.start()])
        yield Token("mention_open", "mark", 1, attrs={"class": "mention"})
        yield Token("text", "", 0, content=call[0])
        yield Token("mention_close", "mark", -1)
        end = call.end()
    yield Token("text", "", 0, content=token.content[end:])


_MARKDOWN.core.ruler.push("mentions", _mark_mentions)
