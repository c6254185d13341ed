"""Canonical digests of rows: the same rows in the same order give the same text everywhere."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HOUR_MS = 3_600_000
SLICE_ROWS = 1 << 20


def row_digest(table: pa.Table) -> str:
    """The sha256 of a table's columns (name, type, values, nulls), in hexadecimal.

    Chunks and dictionary encoding make no difference; the order of rows and columns does.
    """
    return _whole(
        table.num_rows,
        [(_title(field), _column_digest(table.column(field.name))) for field in table.schema],
    )


def hour_digests(table: pa.Table, instant: str) -> dict[int, str]:
    """The row digest of every UTC hour's rows, by its start in ms; `instant` names the column."""
    if table.num_rows == 0:
        return {}
    order, starts, hours = _by_hour(table.column(instant).to_numpy())
    ends = [*starts[1:], table.num_rows]
    columns: list[tuple[str, list[str]]] = []
    for field in table.schema:  # one at a time, so that one column is copied and not the table
        laid = _laid_out(table.column(field.name).take(order).combine_chunks())
        digests = [_digest([laid.part(*piece)]) for piece in zip(starts, ends, strict=True)]
        columns.append((_title(field), digests))
    return {
        hour: _whole(end - start, [(title, digests[number]) for title, digests in columns])
        for number, (hour, start, end) in enumerate(zip(hours, starts, ends, strict=True))
    }


def _by_hour(instants: np.ndarray) -> tuple[pa.Array, list[int], list[int]]:
    """The order that brings each hour's rows together, where each begins in it, and the hours."""
    numbers = np.floor_divide(instants, HOUR_MS)
    first = int(numbers.min())
    numbers -= first
    if int(numbers.max()) < 1 << 15:
        numbers = numbers.astype(np.int16)  # which numpy sorts in linear time
    order = np.argsort(numbers, kind="stable")
    sorted_numbers = numbers[order]
    starts = np.flatnonzero(np.diff(sorted_numbers, prepend=sorted_numbers.dtype.type(-1)))
    hours = [(first + int(sorted_numbers[start])) * HOUR_MS for start in starts]
    return pa.array(order), starts.tolist(), hours


def _title(field: pa.Field) -> str:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return f"{field.name} {kind}"


def _whole(rows: int, columns: list[tuple[str, str]]) -> str:
    lines = [f"jeongsan rows 1: {rows}", *(f"{title} {digest}" for title, digest in columns)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _column_digest(column: pa.ChunkedArray) -> str:
    return _digest(
        _laid_out(chunk)
        for start in range(0, len(column), SLICE_ROWS)
        for chunk in column.slice(start, SLICE_ROWS).chunks
    )


@dataclass(frozen=True, slots=True)
class _LaidOut:
    """A column's bytes as they are digested: a null's own count as zero, and beside them stands
    whether each row has a value (None where all have). `offsets` are of text only."""

    values: memoryview
    width: int
    offsets: np.ndarray | None
    valid: np.ndarray | None

    def part(self, start: int, end: int) -> "_LaidOut":
        """The rows from start to end."""
        valid = None if self.valid is None else self.valid[start:end]
        if valid is not None and valid.all():
            valid = None
        if self.offsets is None:
            values = self.values[start * self.width : end * self.width]
            return _LaidOut(values, self.width, None, valid)
        offsets = self.offsets[start : end + 1]
        return _LaidOut(self.values, self.width, offsets, valid)


def _digest(parts: Iterable[_LaidOut]) -> str:
    """The digest of a column's values, with its nulls and lengths of text beside them."""
    values, nulls, lengths = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    rows, null = 0, False
    for part in parts:
        if part.offsets is None:
            count = len(part.values) // part.width
            values.update(part.values)
        else:
            count = len(part.offsets) - 1
            lengths.update(np.diff(part.offsets).data)
            values.update(part.values[int(part.offsets[0]) : int(part.offsets[-1])])
        if part.valid is not None and not null:
            null = True
            nulls.update(np.ones(rows, np.uint8).data)  # of the parts before
        if null:
            valid = np.ones(count, np.uint8) if part.valid is None else part.valid
            nulls.update(valid.data)
        rows += count
    return f"{values.hexdigest()} {nulls.hexdigest()} {lengths.hexdigest()}"


def _laid_out(array: pa.Array) -> _LaidOut:
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    valid = None
    if plain.null_count:
        valid = pc.is_valid(plain).cast(pa.uint8()).to_numpy()
        plain = pc.fill_null(plain, _zero(plain.type))
    if not pa.types.is_string(plain.type):
        values = _bytes(plain)
        return _LaidOut(values, len(values) // len(plain) if len(plain) else 1, None, valid)
    if len(plain) == 0:
        return _LaidOut(memoryview(b""), 1, np.zeros(1, np.int32), valid)
    offsets = np.frombuffer(plain.buffers()[1], dtype=np.int32)
    offsets = offsets[plain.offset : plain.offset + len(plain) + 1]
    return _LaidOut(memoryview(plain.buffers()[2] or b""), 1, offsets, valid)


def _zero(kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_date32(kind):
        return pa.scalar(0, type=kind)
    return pa.scalar("" if pa.types.is_string(kind) else 0).cast(kind)


def _bytes(array: pa.Array) -> memoryview:
    """The values of a fixed-width array without nulls, little endian."""
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    width = array.type.bit_width // 8
    return memoryview(array.buffers()[1])[
        array.offset * width : (array.offset + len(array)) * width
    ]
