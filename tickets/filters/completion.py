"""What could stand where somebody types in a filter: names first, then the values of a name."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise

from accounts.actor import Actor
from tickets import language
from tickets.filters.conditions import CUSTOM, names_of
from tickets.models import FieldDefinition

MOST = 12
_AT_VALUE = re.compile(
    r'([^\W\d][\w.-]*):(?:(?:"(?:[^"\\]|\\.)*"|[^\s,()"]+),)*("[^"]*|[^\s,()"]*)$'
)
_AT_NAME = re.compile(r"(?:^|[\s(-])([^\W\d][\w.-]*)?$")
_Type = FieldDefinition.Type


class Offer(NamedTuple):
    """What would be written, and what it is called."""

    text: str
    words: str


class Completion(NamedTuple):
    """What could replace the text from `begin` to the caret."""

    begin: int
    offers: list[Offer]


def complete(text: str, caret: int, actor: Actor) -> Completion:
    """Offer what may stand at a caret (counted from 0) of an unfinished filter."""
    head = text[:caret]
    if at_value := _AT_VALUE.search(head):
        begun = at_value[2].removeprefix('"')
        pairs = _values(at_value[1], begun, actor)
        offers = [Offer(language.written(value), str(words)) for value, words in pairs]
        return Completion(at_value.start(2), offers[:MOST])
    if at_name := _AT_NAME.search(head):
        begun = at_name[1] or ""
        return Completion(len(head) - len(begun), _names(begun.lower(), actor)[:MOST])
    return Completion(caret, [])


def _names(begun: str, actor: Actor) -> list[Offer]:
    known = [
        Offer(f"{name}:", str(each.help))
        for name, each in names_of(actor).items()
        if name.startswith(begun) and name != CUSTOM
    ]
    if not begun.startswith(CUSTOM[: max(1, len(begun))]):
        return known
    fields = FieldDefinition.objects.visible_to(actor).filter(is_active=True)
    rows = fields.order_by("order", "key").values_list("key", "label")
    return known + [
        Offer(f"{CUSTOM}{key}:", label)
        for key, label in rows
        if f"{CUSTOM}{key}".startswith(begun)
    ]


def _values(name: str, begun: str, actor: Actor) -> Iterable[tuple[str, str | Promise]]:
    if name.startswith(CUSTOM):
        return _of_field(name.removeprefix(CUSTOM), begun, actor)
    known = names_of(actor).get(name.lower())
    return known.suggest(begun, actor) if known and known.suggest else []


def _of_field(key: str, begun: str, actor: Actor) -> list[tuple[str, str]]:
    field = FieldDefinition.objects.visible_to(actor).filter(key=key).first()
    if field is None:
        return []
    values = ["true", "false"] if field.type == _Type.BOOLEAN else field.choices
    return [(value, value) for value in values if value.lower().startswith(begun.lower())]
