"""Owns the register of numbers: a row of entries, one for each issue and adjustment, each naming
the one before, in the database and in the lake alike. A database that is restored from before an
issue finds the entry in the lake, so that no number is given again (SETTLEMENT 35).

An entry is written to the lake before the transaction commits, under its sequence and digest: it is
meant. After the commit it is written under its sequence alone: it is given, and only now documents
are drawn. A run that is killed in between leaves what is meant, which the next run puts right."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Row, func, insert, select

from billing.document import canonical, from_document, parse, sha256_hex
from billing.ledger.tables import invoice as invoice_table
from billing.ledger.tables import month_state as state_table
from billing.ledger.tables import number_register as table
from metering.database.audit_chain import chain_end
from metering.database.audit_trail import Who, keep
from metering.database.connection import Database
from metering.errors import CloseError, JeongsanError
from metering.lake.lake import Lake

FOLDER = "register"
SHOWN = 3  # entries that a message names
SO_FAR = "so far"
TAKEN_OVER = "register"


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """A number and the document that has it, by the sha256 of its canonical text."""

    issuer: str
    series: str
    number: str
    month: str
    document: str


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What one issue gave. what: `issue 2025-10`, `adjustment 3`, or `so far`, of a site that had
    no register. before: the digest of the entry before. bundle: '' for `so far`."""

    sequence: int
    before: str | None
    what: str
    bundle: str
    issued_on: date | None
    at_ms: int | None
    numbers: tuple[NumberGiven, ...]
    trail: str = ""  # row_hash of the audit trail's last row; '' where it had none, or no chain

    @property
    def text(self) -> str:
        """What is written of it; of no trail nothing, so that entries of before are the same."""
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        if not self.trail:
            del document["trail"]
        return canonical(document)

    @property
    def digest(self) -> str:
        """What names it."""
        return sha256_hex(self.text.encode())

    def is_same(self, other: "RegisterEntry") -> bool:
        """Whether both gave the same numbers to the same documents, at whatever instant, after
        whichever decisions and from whichever bundle: what is beside the documents may be stored
        otherwise by then."""
        own, his = (replace(entry, at_ms=None, bundle="", trail="") for entry in (self, other))
        return own == his


@dataclass(frozen=True, slots=True)
class Apart:
    """The database and the lake are not of one time. behind: the older of the two; entries: what it
    lacks, none where each has an entry of its own in one place."""

    behind: str
    sequence: int
    entries: tuple[RegisterEntry, ...]

    @property
    def text(self) -> str:
        """What is wrong, and what to do."""
        if self.behind == "lake":
            return (
                f"the lake is older than the database: it lacks entry {self.sequence} of the "
                f"register of numbers ({path_of(self.sequence)}). Restore the lake as it was when "
                "the database was saved, or later; nothing is issued until then"
            )
        if not self.entries:
            return (
                f"the database and the lake are of two sites: entry {self.sequence} of the "
                f"register of numbers ({path_of(self.sequence)}) is another one in each. Restore "
                "the database that belongs to the lake; nothing is issued until then"
            )
        named = "; ".join(_named(entry) for entry in self.entries[:SHOWN])
        more = len(self.entries) - SHOWN
        return (
            "the database is older than the lake: it does not know what was issued after it was "
            f"saved ({named}{f'; and {more} more' if more > 0 else ''}). Restore the database of "
            "after that. If it is lost, issue the same again on the same day: the same documents "
            "get their own numbers back, and anything else is refused"
        )


def path_of(sequence: int, digest: str = "") -> str:
    """Where an entry lies in the lake once it is given; with its digest, while it is meant."""
    return f"{FOLDER}/{sequence:08d}{f'-{digest}' if digest else ''}.json"


def enter(
    connection: Connection,
    lake: Lake,
    what: str,
    bundle: str,
    issued_on: date | None,
    at_ms: int | None,
    numbers: Iterable[NumberGiven],
) -> None:
    """Put an issue into the register, as the last step of its own transaction, after what the audit
    trail keeps of it. CloseError where the lake has another one in its place, or lacks the one
    before. One that the lake has already came after decisions that this database has lost: where
    their trail ended is kept in this one, so that it is told."""
    if (apart := ends_apart(connection, lake)) is not None and apart.behind == "lake":
        raise CloseError(apart.text)
    last = _last(connection)
    sequence, before = (last.sequence + 1, last.digest) if last else (1, None)
    listed = tuple(sorted(numbers, key=lambda given: (given.issuer, given.number)))
    trail = chain_end(connection).row_hash
    entry = RegisterEntry(sequence, before, what, bundle, issued_on, at_ms, listed, trail)
    given = _given(lake, sequence)
    if given is not None and not entry.is_same(given):
        raise CloseError(Apart("database", sequence, _from(lake, sequence)).text)
    entry = given or entry
    if given is None:
        _put(lake, path_of(sequence, entry.digest), entry)
    elif entry.trail != trail:
        taken_over = f"{TAKEN_OVER} {sequence}"
        keep(connection, "chain", Who(at_ms=at_ms), subject=taken_over, digest=entry.trail)
    values = {"sequence": sequence, "digest": entry.digest, "document": entry.text}
    connection.execute(insert(table).values(**values))


def numbers_of(connection: Connection, month: str, adjustment: int | None) -> list[NumberGiven]:
    """The numbers that a month's issue gave, or that an adjustment gave for any month."""
    column = invoice_table.c
    made_by = column.adjustment.is_not_distinct_from(adjustment)
    wanted = made_by if adjustment else made_by & (column.month == month)
    return _numbers(connection, wanted)


def settle(database: Database, lake: Lake) -> Apart | None:
    """Put right what a run that was killed has left: an entry that is in the database is given, and
    a site that had no register has one. None where database and lake say the same then; else what
    is wrong, which is also every command's to tell."""
    with database.read() as connection:
        apart = ends_apart(connection, lake)
        last = _last(connection)
        unregistered = last is None and _issued(connection)
    if unregistered:
        return _begin(database, lake)
    if apart is None and last is not None and lake.store.size(path_of(last.sequence)) is None:
        _put(lake, path_of(last.sequence), _entry(last))
    return apart


def ends_apart(connection: Connection, lake: Lake) -> Apart | None:
    """Whether the database and the lake end with another entry, asked without putting anything
    right. Three small reads, however many entries there are."""
    last = _last(connection)
    sequence = last.sequence if last else 0
    if last is not None:
        kept = kept_in_lake(lake, sequence)
        if kept is None and lake.store.size(path_of(sequence, last.digest)) is None:
            return Apart("lake", sequence, ())
        if kept not in (None, last.digest):
            return Apart("database", sequence, ())
    if lake.store.size(path_of(sequence + 1)) is not None:
        return Apart("database", sequence + 1, _from(lake, sequence + 1))
    return None


def entries(connection: Connection) -> tuple[RegisterEntry, ...]:
    """Every entry of the database, in order; a changed one is a JeongsanError."""
    rows = connection.execute(select(table).order_by(table.c.sequence))
    return tuple(_entry(row) for row in rows)


def kept_in_lake(lake: Lake, sequence: int) -> str | None:
    """The digest of what the lake keeps of an entry; None where it has none."""
    if lake.store.size(path_of(sequence)) is None:
        return None
    return sha256_hex(lake.store.get(path_of(sequence)).to_pybytes())


def all_numbers(connection: Connection) -> list[NumberGiven]:
    """Every number of the ledger with the digest of the document that has it there."""
    return _numbers(connection, invoice_table.c.number.is_not(None))


def _begin(database: Database, lake: Lake) -> Apart | None:
    """Enters all that a site gave before it had a register."""
    with database.begin() as connection:
        if _last(connection) is None:
            given = _given(lake, 1)
            numbers = all_numbers(connection)
            entry = RegisterEntry(1, None, SO_FAR, "", None, None, tuple(numbers))
            if given is not None and not entry.is_same(given):
                return Apart("database", 1, _from(lake, 1))
            enter(connection, lake, SO_FAR, "", None, None, numbers)
    return settle(database, lake)


def _issued(connection: Connection) -> bool:
    count = select(func.count()).where(state_table.c.state == "issued")
    return bool(connection.execute(count).scalar())


def _numbers(connection: Connection, wanted: object) -> list[NumberGiven]:
    column = invoice_table.c
    rows = select(column.issuer, column.kind, column.number, column.month, column.digest)
    ordered = rows.where(wanted).order_by(column.issuer, column.number)  # type: ignore[arg-type]
    return [NumberGiven(*row) for row in connection.execute(ordered)]


def _last(connection: Connection) -> Row[Any] | None:
    query = select(table).order_by(table.c.sequence.desc()).limit(1)
    return connection.execute(query).one_or_none()


def _entry(row: Row[Any]) -> RegisterEntry:
    return _read(row.document, row.digest, f"entry {row.sequence} of the register of numbers")


def _read(text: str, digest: str, place: str) -> RegisterEntry:
    if sha256_hex(text.encode()) != digest:
        raise JeongsanError(f"{place}: was changed")
    return _of_text(text, place)


def _of_text(text: str, place: str) -> RegisterEntry:
    document = parse(text, place)
    whole = {"trail": "", **document} if isinstance(document, dict) else document
    return from_document(RegisterEntry, whole, place)


def _given(lake: Lake, sequence: int) -> RegisterEntry | None:
    """An entry as the lake has it; None where it was not given."""
    path = path_of(sequence)
    if lake.store.size(path) is None:
        return None
    text = lake.store.get(path).to_pybytes().decode()
    return _of_text(text, path)


def _from(lake: Lake, sequence: int) -> tuple[RegisterEntry, ...]:
    """The entries of the lake from one on."""
    given: list[RegisterEntry] = []
    while (entry := _given(lake, sequence + len(given))) is not None:
        given.append(entry)
    return tuple(given)


def _put(lake: Lake, path: str, entry: RegisterEntry) -> None:
    lake.store.put(path, pa.py_buffer(entry.text.encode()), lake.fault)


def _named(entry: RegisterEntry) -> str:
    numbers = [given.number for given in entry.numbers]
    spread = f"{numbers[0]} to {numbers[-1]}" if numbers else "no document"
    day = f" on {entry.issued_on}" if entry.issued_on else ""
    return f"{entry.what}{day}: {spread}"
