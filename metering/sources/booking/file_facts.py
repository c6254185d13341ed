"""What a file says of its bookings, as rows: each fact, what came to nothing, what is whole.

Which file is right about a booking is not judged here (collect).
"""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from metering.sources.booking.reservation import Fact
from metering.sources.reading.schemas import table_of

Key = tuple[str, str]  # of which list a booking is (reservations, uses, rows), and its id
NOTHING = "nothing"  # the fact of a booking that came to nothing: cancelled, moved, not billed
WHOLE = "whole"  # the fact that a file lists every booking of a kind from `from_ms` on

BOOKING_FACT = pa.schema(
    [
        ("file", pa.int64()),  # the number of the file, in the order of reading
        ("kind", pa.string()),
        ("account", pa.string()),
        ("equipment", pa.string()),
        ("booking_id", pa.string()),
        ("fact", pa.string()),  # booked, used, missed, late_cancelled, NOTHING or WHOLE
        ("waived", pa.bool_()),
        ("sku", pa.string()),
        ("from_ms", pa.int64()),
        ("until_ms", pa.int64()),  # null while it lasts
        ("ended_ms", pa.int64()),  # of a use that has ended, else null: it cannot lie ahead
    ]
)


def file_table(
    number: int, facts: Mapping[Key, tuple[Fact, ...]], whole: Iterable[tuple[str, int]]
) -> pa.Table:
    """A file's facts (BOOKING_FACT); of what kind it is whole, and from which instant on."""
    rows: list[tuple[object, ...]] = []
    for (kind, booking_id), own in facts.items():
        rows += [(number, kind, *fact, _ended_ms(fact)) for fact in own]
        if not own:
            rows.append((number, kind, "", "", booking_id, NOTHING, False, "", 0, 0, None))
    rows += [
        (number, kind, "", "", "", WHOLE, False, "", from_ms, 0, None) for kind, from_ms in whole
    ]
    return table_of(rows, BOOKING_FACT)


def _ended_ms(fact: Fact) -> int | None:
    return fact.ended_ms if fact.fact == "used" else None
