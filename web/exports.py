"""What leaves the desk as a file that a spreadsheet opens."""

_COMMANDS = ("=", "+", "-", "@", "\t", "\r")


def neutral(text: str) -> str:
    """Take from a cell what a spreadsheet would run (docs/architecture.md, Trust)."""
    return f"'{text}" if text.startswith(_COMMANDS) else text
