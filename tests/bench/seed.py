"""Many tickets out of few: every row that hangs on a sample ticket is copied with new keys."""

from typing import Any

# table → columns that point at copied rows (its own key included)
TABLES = {
    "tickets_ticket": ("number",),
    "tickets_message": ("id", "ticket_id"),
    "tickets_event": ("id", "ticket_id", "message_id", "position"),
    "tickets_searchdocument": ("id", "ticket_id"),
    "sla_choice": ("id", "ticket_id"),
    "sla_clock": ("id", "ticket_id", "choice_id"),
}
APART = "7 minutes"  # between one copy of the sample desk and the next older one


def multiply(cursor: Any, wanted: int) -> int:
    """Copy the sample tickets until about `wanted` are there, each copy older; say how many."""
    cursor.execute("SELECT count(*) FROM tickets_ticket")
    copies = max(wanted // cursor.fetchone()[0], 1) - 1
    cursor.execute("SET session_replication_role = replica")  # foreign keys hold by construction
    for table, keys in TABLES.items():
        _copy(cursor, table, keys, copies)
    cursor.execute("SET session_replication_role = DEFAULT")
    cursor.execute("ANALYZE")
    cursor.execute("SELECT count(*) FROM tickets_ticket")
    return int(cursor.fetchone()[0])


def _copy(cursor: Any, table: str, keys: tuple[str, ...], copies: int) -> None:
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER' AND table_schema = 'public'",
        [table],
    )
    columns = dict(cursor.fetchall())
    source = [_column(name, kind, keys) for name, kind in columns.items()]
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(source)}"
        f" FROM {table} CROSS JOIN generate_series(1, %s) AS copy",
        [copies],
    )
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{keys[0]}'), max({keys[0]}))"
        f" FROM {table}"
    )


def _column(name: str, kind: str, keys: tuple[str, ...]) -> str:
    if name in keys:
        return f'"{name}" + copy * 10000'  # no sample key comes near it
    if kind == "timestamp with time zone":
        return f"\"{name}\" - copy * interval '{APART}'"
    return f'"{name}"'
