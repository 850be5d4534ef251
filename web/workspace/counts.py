"""Numbers on pages that are counted no further than they need be."""


def up_to(most: int, count: int) -> str:
    """Say a number, or that there are more than that many, such as 99+."""
    return f"{most}+" if count > most else str(count)
