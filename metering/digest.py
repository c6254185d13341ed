"""Canonical digests of rows: the same rows in the same order give the same text everywhere."""

import hashlib
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HOUR_MS = 3_600_000
SLICE_ROWS = 1 << 20


class _Hash(Protocol):
    def update(self, piece: memoryview | bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def row_digest(table: pa.Table) -> str:
    """The sha256 of a table's columns (name, type, values, nulls), in hexadecimal.

    Chunks and dictionary encoding make no difference; the order of rows and columns does.
    """
    whole = hashlib.sha256(b"jeongsan rows 1\n")
    whole.update(str(table.num_rows).encode())
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        whole.update(f"\n{name} {kind} {_column_digest(column)}".encode())
    return whole.hexdigest()


def hour_digests(table: pa.Table, instant: str) -> dict[int, str]:
    """The row digest of every UTC hour's rows, by its start in ms; `instant` names the column."""
    if table.num_rows == 0:
        return {}
    hours = np.floor_divide(table.column(instant).to_numpy(), HOUR_MS)
    first = int(hours.min())
    numbers = hours - first
    if int(numbers.max()) < 1 << 15:
        numbers = numbers.astype(np.int16)  # a radix sort, which takes linear time
    order = np.argsort(numbers, kind="stable")
    sorted_table = table.take(pa.array(order))
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    return {
        (first + int(numbers[order[start]])) * HOUR_MS: row_digest(
            sorted_table.slice(int(start), int(end - start))
        )
        for start, end in zip(starts, ends, strict=True)
    }


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
    return pa.scalar("" if pa.types.is_string(kind) else 0, type=pa.int64()).cast(kind)


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
