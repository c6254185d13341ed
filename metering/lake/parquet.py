"""How rows become Parquet: one layout, each column's encoding measured on the rows themselves."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from metering.errors import ContractError
from metering.lake.contract import Contract

ROW_GROUP_ROWS = 122_880  # what DuckDB takes at a time
FEW_ROWS = 4_096  # of which a file is small in any encoding
MEASURED_ROWS = 20_480
STRETCHES = 4
DICTIONARY = "DICTIONARY"


def write(table: pa.Table, contract: Contract) -> pa.Buffer:
    """The Parquet bytes of conformed rows; their encodings follow from the rows alone."""
    chosen = _encodings(table)
    strict = pa.schema(
        [pa.field(column.name, column.kind, nullable=column.null) for column in contract.columns]
    )
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, strict, **_options(chosen)) as writer:
        for start in range(0, table.num_rows, ROW_GROUP_ROWS):
            part = table.slice(start, ROW_GROUP_ROWS)
            writer.write_table(part.cast(strict), row_group_size=ROW_GROUP_ROWS)
    return sink.getvalue()


def read(content: pa.Buffer, contract: Contract) -> pa.Table:
    """The rows of a file without its partition's columns; it must have been written as promised."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        schema = file.schema_arrow
        if schema.names != contract.schema.names or schema.types != contract.schema.types:
            raise ContractError(f"table {contract.table} has another contract now than\n{schema}")
        own = [name for name in schema.names if name not in contract.partition]
        return file.read(columns=own, use_threads=file.metadata.num_rows >= FEW_ROWS)
    except (pa.ArrowInvalid, OSError) as error:
        raise ContractError(f"table {contract.table}: not a Parquet file: {error}") from error


def _options(chosen: Mapping[str, str]) -> dict[str, object]:
    return {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": [name for name, encoding in chosen.items() if encoding == DICTIONARY],
        "column_encoding": {
            name: encoding for name, encoding in chosen.items() if encoding != DICTIONARY
        },
        "store_schema": False,
        "write_statistics": True,
        "version": "2.6",
    }


def _encodings(table: pa.Table) -> dict[str, str]:
    """For each column the first candidate that is as good as smallest on measured stretches."""
    if table.num_rows < FEW_ROWS:
        return {field.name: _candidates(field.type)[0] for field in table.schema}
    size = min(MEASURED_ROWS, table.num_rows)
    last = table.num_rows - size
    starts = sorted({last * number // (STRETCHES - 1) for number in range(STRETCHES)})
    stretches = pa.concat_tables([table.slice(start, size) for start in starts])
    return {name: _encoding(stretches.select([name])) for name in stretches.column_names}


def _encoding(column: pa.Table) -> str:
    candidates = _candidates(column.schema.field(0).type)
    if len(candidates) == 1:
        return candidates[0]
    sizes = [_size(column, encoding) for encoding in candidates]
    good = min(sizes) + column.num_rows // 64  # the earlier ones are faster to scan
    return next(encoding for encoding, size in zip(candidates, sizes, strict=True) if size <= good)


def _size(column: pa.Table, encoding: str) -> int:
    """The bytes that a column takes under an encoding."""
    sink = pa.BufferOutputStream()
    pq.write_table(column, sink, **_options({column.column_names[0]: encoding}))
    return int(sink.tell())


def _candidates(kind: pa.DataType) -> tuple[str, ...]:
    if pa.types.is_integer(kind) or pa.types.is_date32(kind):
        return (DICTIONARY, "DELTA_BINARY_PACKED", "PLAIN")
    if pa.types.is_string(kind):
        return (DICTIONARY, "DELTA_BYTE_ARRAY")
    return (DICTIONARY,) if pa.types.is_decimal(kind) else ("PLAIN",)
