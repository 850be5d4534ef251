"""Reading JSON strictly: what is doubtful is refused, never guessed."""

import codecs
import json
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class BodyTooLarge(APIException):
    """More than 1 MB of JSON; files go another way."""

    status_code = 413
    default_code = "too_large"
    default_detail = "A request may have at most 1 MB; send files by /uploads/."


class StrictJSONParser(BaseParser):
    """Parse `application/json`; refuse duplicate keys, NUL, lone surrogates and depth > 32."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Give the parsed document.

        :raises BodyTooLarge: it passes 1 MB.
        :raises ParseError: it is not JSON, or not strictly so.
        """
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        _refuse_deep(body)
        try:
            text = codecs.decode(body, "utf-8")
            document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"This is not valid JSON: {str(error)[:200]}") from error
        _refuse_odd_text(document)
        return document


def _refuse_deep(body: bytes) -> None:
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise ParseError(f"This JSON is nested deeper than {DEEPEST} levels.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _value in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twin!r} stands twice")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_odd_text(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or _SURROGATE.search(value):
            raise ParseError("A text holds a NUL or half a surrogate pair.")
    elif isinstance(value, dict):
        for name, part in value.items():
            _refuse_odd_text(name)
            _refuse_odd_text(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_odd_text(part)
