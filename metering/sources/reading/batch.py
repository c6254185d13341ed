"""What a source gives: rows of one record, and the rows that it could not take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import pyarrow as pa

from metering.calendar import Period

TEXT_MAX = 500  # characters of a refused row that are kept


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that could not be taken: its place (file:line), why, and the row as it came."""

    place: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader has to say of its source; collecting makes a finding of it."""

    severity: Literal["fail", "warn"]
    kind: str
    subject: str
    detail: str  # in Korean, for who mends it
    day: date | None = None  # the accounting day whose input it is about; None: the source


@dataclass(frozen=True, slots=True)
class Whole:
    """That the rows of a source are all that it has of a SKU in a period: what of it is in force
    there and does not come is gone. `voids` are stretches, before the period too, in which a
    resource is known to hold nothing."""

    sku: str
    period: Period
    voids: Sequence[tuple[str, int, int]] = ()  # resource_id, from, to


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one input, in the schema of its record (metering/sources/reading/schemas.py).

    `rows_read` counts what the input had: each was taken, or left out, or refused (`unaccounted`).
    `skipped` counts, by reason, what is rightly no row: job steps, runs that never started or held
    no device, rows outside the window asked for. `taken` counts the others, of which one may make
    several rows of `table`, or several one.
    `digest` is of an input's content, '' of an answer; `places` tells of each row of `table` where
    it stands. Of runs, `corrections` are rows (ALLOCATION_RUN) that bill nothing of what was asked
    for and still may correct what is in force: runs outside the window, and with quantity_milli 0
    runs that hold nothing, or never started. `one_start` is an input that has a submission once.
    A source that is read in order of time says with `complete_to_ms` that it has given all before;
    the last of its batches that it fell silent there, if that is before the window's end.
    """

    record: str
    table: pa.Table
    quarantined: tuple[Quarantined, ...]
    rows_read: int
    origin: str  # the input's name, relative to the site
    skipped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    complete_to_ms: int | None = None
    digest: str = ""
    places: Sequence[str] = ()
    corrections: pa.Table | None = None
    one_start: bool = False
    clusters: frozenset[str] = (
        frozenset()
    )  # whose rows these are, where nobody says how ours is called
    whole: Whole | None = None
    taken: int = 0

    @property
    def unaccounted(self) -> int:
        """How many rows were read of which nothing became, less those that became too much: 0."""
        became = self.taken + sum(self.skipped.values()) + len(self.quarantined)
        return self.rows_read - became


def shown(text: str) -> str:
    """A refused row as it is kept: printable and of bounded length."""
    return text[:TEXT_MAX].encode("utf-8", "backslashreplace").decode("utf-8")
