"""Many tickets out of few: every row that hangs on an original is copied inside the database.

A copy is the original moved by whole weeks into the past, with keys and words of its own. As the
originals lived through the real actions, and opening hours repeat by the week where no clock is
changed and no holiday lies, each copy is what the actions would have left (sla_audit says so).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from sla.models import Choice, Clock, Outcome, Record, Standing
from tickets import search
from tickets.models import Event, Message, Ticket, TimeEntry

# In the order in which they point at each other, with the way from a row to its ticket.
COPIED: dict[type[models.Model], str] = {
    Ticket: "number",
    Message: "ticket_id",
    TimeEntry: "ticket_id",
    Event: "ticket_id",
    Choice: "ticket_id",
    Standing: "ticket_id",
    Clock: "ticket_id",
    Outcome: "(SELECT ticket_id FROM sla_clock WHERE id = clock_id)",
    Record: "(SELECT ticket_id FROM sla_clock WHERE id = clock_id)",
}
WEEKS = 150  # how far the past of finished tickets reaches
AT_ONCE = 20  # copies in one statement
_VARIED = {(Ticket, "subject"), (Ticket, "snippet"), (Message, "body")}
# Inside of events: moments and days, and keys of rows that are copied, too.
_MOMENT, _DAY = 'YYYY-MM-DD"T"HH24:MI:SS"Z"', "YYYY-MM-DD"
_MOMENTS = {
    "due_at": _MOMENT, "resolved_at": _MOMENT, "closed_at": _MOMENT,
    "category_confirmed_at": _MOMENT, "worked_on": _DAY,
}  # fmt: skip
_KEYS: dict[str, type[models.Model]] = {"message": Message, "entry": TimeEntry}
_WORDS = (
    "abacus archive badge batch beacon branch bridge budget button cache canvas carrier catalogue "
    "channel cluster column contract counter courier cursor customs delivery deposit desk device "
    "docket driver engine entry export factor feed filter folder gateway handle header import "
    "index invoice journal kernel label ledger lookup margin matrix module notice offset packet "
    "parcel payroll pending pixel policy portal printer queue ratio record refund render report "
    "router salary sample scanner schema script sensor server session shelf signal socket stamp "
    "stock switch table tariff template terminal thread ticket token tracker trigger upload "
    "vendor voucher wallet warehouse widget window worker zone"
)

Say = Callable[[str], None]


def copy(originals: Sequence[int], wanted: int, *, weeks: int, say: Say) -> None:
    """Copy these tickets until about `wanted` of them are there, all or nothing.

    :param weeks: over how many weeks back the copies are spread; 0 leaves them where they are.
    """
    copies = -(-wanted // len(originals)) - 1
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        statements = _Statements(cursor, originals, weeks)
        with _without_indexes(cursor, [*map(_table, COPIED)]):
            for first in range(1, copies + 1, AT_ONCE):
                last = min(first + AT_ONCE - 1, copies)
                for statement in statements.inserts:
                    cursor.execute(statement, [first, last, len(originals), wanted])
                say(f"{min((last + 1) * len(originals), wanted)} tickets")
            say("building the indexes")
        with _without_indexes(cursor, ["tickets_searchdocument"]):
            cursor.execute("ANALYZE tickets_message")
            say("making the words searchable")
            for number in range(1, copies + 1):
                apart = number * statements.strides[Ticket]
                search.index(original + apart for original in originals)
        statements.finish()


class _Statements:
    """The statement for each table that copies its rows, `copy` being the copy's number."""

    def __init__(self, cursor: Any, originals: Sequence[int], weeks: int) -> None:
        self.cursor = cursor
        self.back = f"(copy %% {weeks} + 1) * interval '7 days'" if weeks else ""
        cursor.execute(
            "CREATE TEMPORARY TABLE original AS SELECT number AS ticket, place - 1 AS place"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS each (number, place)",
            [list(originals)],
        )
        self.strides = {model: self._most(model, _key(model)) for model in COPIED}
        self.published = self._most(Event, "position")
        for model, ticket in COPIED.items():
            cursor.execute(
                f"CREATE TEMPORARY TABLE old_{_table(model)} AS SELECT {_table(model)}.*, place"  # noqa: S608 - names of our own tables
                f" FROM {_table(model)} JOIN original ON original.ticket = {ticket}"
            )
        self.inserts = [self._insert(model) for model in COPIED]

    def finish(self) -> None:
        """Let new keys come after the copied ones, and drop what was only for copying."""
        for model in COPIED:
            table, key = _table(model), _key(model)
            self.cursor.execute(
                f"SELECT setval(keys, (SELECT max({key}) FROM {table}))"  # noqa: S608
                f" FROM pg_get_serial_sequence('{table}', '{key}') AS keys"
                " WHERE keys IS NOT NULL"
            )
            self.cursor.execute(f"DROP TABLE old_{table}")
        self.cursor.execute("DROP TABLE original")

    def _most(self, model: type[models.Model], column: str) -> int:
        self.cursor.execute(f"SELECT coalesce(max({column}), 0) FROM {_table(model)}")  # noqa: S608
        return int(self.cursor.fetchone()[0])

    def _insert(self, model: type[models.Model]) -> str:
        fields = [
            field
            for field in model._meta.concrete_fields  # noqa: SLF001 - a public name
            if not isinstance(field, models.GeneratedField)
        ]
        names = ", ".join(f'"{field.column}"' for field in fields)
        values = ", ".join(self._value(model, field) for field in fields)
        return (
            f"INSERT INTO {_table(model)} ({names}) SELECT {values}"  # noqa: S608
            " FROM generate_series(%s, %s) AS copy CROSS JOIN LATERAL ("
            f"  SELECT * FROM old_{_table(model)} WHERE place + copy * %s < %s"
            f"  ORDER BY {_key(model)}) AS old"
        )

    def _value(self, model: type[models.Model], field: "models.Field[Any, Any]") -> str:
        old = f'old."{field.column}"'
        target = field.related_model if field.is_relation else model if field.primary_key else None
        if isinstance(target, type) and target in self.strides:
            return f"{old} + copy * {self.strides[target]}"
        if field.column == "position":
            return f"{old} + copy * {self.published}"
        if isinstance(field, models.DateField):  # a moment is one, too
            return f"{old} - {self.back}" if self.back else old
        if (model, field.column) in _VARIED:
            return f"left({old}, 100) || {self._words(f'old.{COPIED[model]}')}"
        if (model, field.column) == (Event, "after"):
            return self._event(old)
        return old

    def _words(self, ticket: str) -> str:
        """Three words and a code that follow from the copy's number, as people differ."""
        number = f"({ticket} + copy * {self.strides[Ticket]})"
        words = _WORDS.split()
        three = " || ' ' || ".join(
            f"(ARRAY{words})[1 + ({number} * {prime} %% {len(words)})::int]"
            for prime in (31, 101, 997)
        )
        return f"' (' || {three} || ' E' || {number} || ')'"

    def _event(self, after: str) -> str:
        """What an event says, about the copy: the keys of other rows, moments and days."""
        said = after
        for name, model in _KEYS.items():
            key = f"(said->>'{name}')::bigint + copy * {self.strides[model]}"
            said = _replaced(said, name, "number", f"to_jsonb({key})")
        for name, form in _MOMENTS.items() if self.back else ():
            moved = f"((said->>'{name}')::timestamptz - {self.back}) AT TIME ZONE 'UTC'"
            said = _replaced(said, name, "string", f"to_jsonb(to_char({moved}, '{form}'))")
        return said


def _replaced(said: str, name: str, kind: str, value: str) -> str:
    """Put another value in the place of a key where one of that kind stands."""
    return (
        f"(SELECT CASE WHEN jsonb_typeof(said->'{name}') = '{kind}'"  # noqa: S608
        f" THEN jsonb_set(said, '{{{name}}}', {value}) ELSE said END"
        f" FROM (SELECT {said} AS said) AS {name})"
    )


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - a public name


def _key(model: type[models.Model]) -> str:
    key: models.Field[Any, Any] = model._meta.pk  # noqa: SLF001 - a public name
    return str(key.column)


@contextmanager
def _without_indexes(cursor: Any, tables: list[str]) -> Iterator[None]:
    """Take foreign keys and plain indexes away and build them anew afterwards, all at once."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,"
        "        pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)"
        " UNION ALL "
        "SELECT format('DROP INDEX %%I', indexname), indexdef FROM pg_indexes"
        " WHERE tablename = ANY(%s) AND NOT EXISTS (SELECT FROM pg_constraint"
        "  WHERE conname = indexname AND contype IN ('p', 'u', 'x'))",
        [tables, tables],
    )
    both = cursor.fetchall()
    for drop, _ in both:
        cursor.execute(drop)
    yield
    for _, make in both:
        cursor.execute(make)
