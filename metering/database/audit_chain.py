"""Owns the chain of the audit trail: each row holds the hash of the row before, and its own over
that and over all that it says. A row that is changed, taken out or put in by hand breaks it.

Who may write the database and knows this module can make a chain anew; so each entry of the
register of numbers in the lake names where the chain ended (billing/ledger/number_register.py)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from metering.database.tables import audit_trail as table

BEGINNING = ""  # what the first row holds of the row before
FIELDS = (
    "place", "act", "subject", "month", "by_whom", "account", "at_ms", "reason", "digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The last row of the chain; place 0 and no hash where nothing was decided yet."""

    place: int = 0
    row_hash: str = BEGINNING


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A row that does not follow from what it says and from the row before."""

    place: int
    part: str  # row_hash: what it says was changed; before_hash: another row stood before it
    expected: str
    stored: str


def row_hash(before: str, row: Mapping[str, Any]) -> str:
    """sha256, in hex, of one JSON text: the hash of the row before and the row's FIELDS."""
    said = [before, *(row[name] for name in FIELDS)]
    text = json.dumps(said, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chain_end(connection: sa.Connection) -> ChainEnd:
    """Where the chain ends; who adds to it holds the database's one lock of writers."""
    columns = table.c.place, table.c.row_hash
    query = sa.select(*columns).order_by(table.c.place.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return ChainEnd() if row is None else ChainEnd(*row)


def broken_links(connection: sa.Connection) -> Iterator[BrokenLink]:
    """Every row that does not hold, in order; each is held to the rows as they are stored."""
    before = BEGINNING
    for row in connection.execute(sa.select(table).order_by(table.c.place)):
        if row.before_hash != before:
            yield BrokenLink(row.place, "before_hash", before, row.before_hash)
        own = row_hash(row.before_hash, row._asdict())
        if row.row_hash != own:
            yield BrokenLink(row.place, "row_hash", own, row.row_hash)
        before = row.row_hash
