"""The one condition language for lists of tickets: views, addresses, REST and policies."""

from tickets.filters import suggestions
from tickets.filters.conditions import (
    Condition,
    Parser,
    conditions,
    known_filters,
    names_of,
    of_tree,
    read,
)
from tickets.filters.dates import dated
from tickets.filters.effort import OF_TIME
from tickets.filters.fields import FIELDS
from tickets.filters.naming import named, settled
from tickets.filters.values import Values, moment, number, truth, whole, words

__all__ = [
    "FIELDS",
    "OF_TIME",
    "Condition",
    "Parser",
    "Values",
    "conditions",
    "dated",
    "known_filters",
    "moment",
    "named",
    "names_of",
    "number",
    "of_tree",
    "read",
    "settled",
    "suggestions",
    "truth",
    "whole",
    "words",
]
