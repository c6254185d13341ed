"""Canonical digests of rows: the same rows in the same order give the same text everywhere."""

import hashlib

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
        sorted_column = table.column(field.name).take(order)
        pieces = zip(starts, ends, strict=True)
        digests = [_column_digest(sorted_column.slice(start, end - start)) for start, end in pieces]
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
    found = numbers[order]
    starts = np.flatnonzero(np.diff(found, prepend=found.dtype.type(-1)))
    hours = [(first + int(found[start])) * HOUR_MS for start in starts]
    return pa.array(order), starts.tolist(), hours


def _title(field: pa.Field) -> str:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return f"{field.name} {kind}"


def _whole(rows: int, columns: list[tuple[str, str]]) -> str:
    lines = [f"jeongsan rows 1: {rows}", *(f"{title} {digest}" for title, digest in columns)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _column_digest(column: pa.ChunkedArray) -> str:
    """The digest of a column's values, its nulls beside them (a null's own bytes count as zero)."""
    values, nulls, lengths = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    has_nulls = column.null_count > 0
    for start in range(0, len(column), SLICE_ROWS):
        for chunk in column.slice(start, SLICE_ROWS).chunks:
            plain = chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk
            if has_nulls:
                nulls.update(_bytes(pc.is_valid(plain).cast(pa.uint8())))
                if plain.null_count:
                    plain = pc.fill_null(plain, _zero(plain.type))
            if pa.types.is_string(plain.type):
                lengths.update(_bytes(pc.binary_length(plain)))
                values.update(_text(plain))
            else:
                values.update(_bytes(plain))
    return f"{values.hexdigest()} {nulls.hexdigest()} {lengths.hexdigest()}"


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


def _text(array: pa.Array) -> memoryview:
    """The bytes of a string array without nulls, one string after another."""
    if len(array) == 0:
        return memoryview(b"")
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)
    return memoryview(array.buffers()[2])[
        int(offsets[array.offset]) : int(offsets[array.offset + len(array)])
    ]
