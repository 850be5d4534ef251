"""Names and titles as they stand in a heading, a list and the header of a mail: on one line."""

import re

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def one_line(text: str) -> str:
    """Give the text with each run of white space and control characters as one space."""
    return _BREAKS.sub(" ", text).strip()
