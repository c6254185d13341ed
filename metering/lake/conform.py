"""How a table is held to its contract: columns, types, nulls, ranges, unique grain and order."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metering.errors import ContractError

if TYPE_CHECKING:
    from metering.lake.contract import Column, Contract

SLICE_ROWS = 1 << 20
SHOWN = 3  # bad rows that a message names


def conform(contract: "Contract", table: pa.Table, partition: Mapping[str, str] | None) -> pa.Table:
    """See Contract.conform."""
    constants = {} if partition is None else _constants(contract, partition)
    wanted = {column.name: column for column in contract.columns}
    problems = _names(contract, table, constants)
    body: dict[str, pa.ChunkedArray] = {}
    there = set(table.column_names)
    for name in (name for name in wanted if name in there):
        column, wrong = _column(wanted[name], table.column(name), constants.get(name))
        problems += wrong
        body[name] = column
    if problems:
        raise ContractError(_message(contract, table, problems))
    own = pa.table({name: body[name] for name in wanted if name not in constants})
    own = _ordered(contract, own)
    return pa.Table.from_arrays(
        [
            _repeat(constants[name], table.num_rows) if name in constants else own.column(name)
            for name in wanted
        ],
        schema=contract.schema,
    )


class _Problem:
    """What is wrong, and at which rows of the table as it was given."""

    def __init__(self, text: str, rows: np.ndarray | None = None) -> None:
        self.text = text
        self.rows = rows


def _message(contract: "Contract", table: pa.Table, problems: list[_Problem]) -> str:
    lines = [f"table {contract.table} does not keep its contract (sql/{contract.table}/table.yaml)"]
    for problem in problems:
        lines.append(f"  {problem.text}")
        if problem.rows is None:
            continue
        shown = [name for name in contract.grain if name in table.column_names]
        for row in problem.rows[:SHOWN]:
            values = ", ".join(f"{name}={table.column(name)[int(row)].as_py()!r}" for name in shown)
            lines.append(f"    row {int(row)}: {values}")
        if len(problem.rows) > SHOWN:
            lines.append(f"    and {len(problem.rows) - SHOWN} more rows")
    return "\n".join(lines)


def _constants(contract: "Contract", partition: Mapping[str, str]) -> dict[str, pa.Scalar]:
    """The partition's values as columns of the contract; keys that are no column are left out."""
    if tuple(partition) != contract.partition:
        raise ContractError(
            f"table {contract.table} is partitioned by {contract.partition}, not {tuple(partition)}"
        )
    kinds = {column.name: column.kind for column in contract.columns}
    return {
        name: _scalar(name, text, kinds[name]) for name, text in partition.items() if name in kinds
    }


def _scalar(name: str, text: str, kind: pa.DataType) -> pa.Scalar:
    try:
        if pa.types.is_date32(kind):
            return pa.scalar(date.fromisoformat(text), type=kind)
        return pa.scalar(int(text) if pa.types.is_integer(kind) else text, type=kind)
    except (ValueError, OverflowError, pa.ArrowInvalid) as error:
        raise ContractError(f"partition {name}={text} is not a {kind}") from error


def _repeat(value: pa.Scalar, rows: int) -> pa.ChunkedArray:
    """A column of one value; its chunks share one piece of memory."""
    chunk = pa.repeat(value, min(rows, SLICE_ROWS))
    chunks = [chunk] * (rows // SLICE_ROWS if rows else 0)
    return pa.chunked_array([*chunks, chunk.slice(0, rows % SLICE_ROWS)], type=value.type)


def _names(
    contract: "Contract", table: pa.Table, constants: Mapping[str, pa.Scalar]
) -> list[_Problem]:
    wanted = [column.name for column in contract.columns]
    given = Counter(table.column_names)
    problems = [
        _Problem(f"{name}: the column is missing")
        for name in wanted
        if name not in given and name not in constants
    ]
    for name in sorted(given):
        if name not in wanted:
            problems.append(_Problem(f"{name}: the contract has no such column"))
        elif given[name] > 1:
            raise ContractError(f"table {contract.table}: column {name} is there twice")
    return problems


def _column(
    promise: "Column", column: pa.ChunkedArray, constant: pa.Scalar | None
) -> tuple[pa.ChunkedArray, list[_Problem]]:
    """A column as its contract wants it, and what is wrong with it."""
    kind = column.type
    if pa.types.is_dictionary(kind) and kind.value_type == promise.kind == pa.string():
        column = column.cast(pa.string())
    elif kind != promise.kind:
        return column, [_Problem(f"{promise.name}: is {kind}, the contract says {promise.kind}")]
    problems = []
    if column.null_count and not promise.null:
        problems.append(_Problem(f"{promise.name}: null is not allowed", _rows(pc.is_null(column))))
    if constant is not None:
        wrong = pc.not_equal(column, constant)
        if pc.any(wrong).as_py():
            text = f"{promise.name}: is not the partition's {constant.as_py()}"
            problems.append(_Problem(text, _rows(wrong)))
    return column, problems + _bounds(promise, column)


def _bounds(promise: "Column", column: pa.ChunkedArray) -> list[_Problem]:
    """The values below and above what is promised."""
    if promise.low is None and promise.high is None:
        return []
    reach = pc.min_max(column).as_py()
    if reach["min"] is None:
        return []
    problems = []
    if promise.low is not None and reach["min"] < promise.low:
        wrong = pc.less(column, pa.scalar(promise.low).cast(promise.kind))
        problems.append(_Problem(f"{promise.name}: below {promise.low}", _rows(wrong)))
    if promise.high is not None and reach["max"] > promise.high:
        wrong = pc.greater(column, pa.scalar(promise.high).cast(promise.kind))
        problems.append(_Problem(f"{promise.name}: above {promise.high}", _rows(wrong)))
    return problems


def _rows(mask: pa.ChunkedArray) -> np.ndarray:
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy())


def _ordered(contract: "Contract", table: pa.Table) -> pa.Table:
    """The table sorted by grain; rows that share a grain are refused."""
    same = _falls(table, contract.grain)
    if same:
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in contract.grain])
        table = table.take(order)
        same = _falls(table, contract.grain)
    if same:
        twice = _Problem(
            f"{', '.join(contract.grain)}: {len(same)} rows repeat the row before them",
            np.array(same),
        )
        raise ContractError(_message(contract, table, [twice]))
    return table


def _falls(table: pa.Table, grain: tuple[str, ...]) -> list[int]:
    """The rows that do not lie strictly above the row before them (at most 1000)."""
    found: list[int] = []
    for start in range(0, table.num_rows - 1, SLICE_ROWS):
        count = min(SLICE_ROWS, table.num_rows - 1 - start)
        above: pa.ChunkedArray | None = None
        for name in reversed(grain):
            before = table.column(name).slice(start, count)
            after = table.column(name).slice(start + 1, count)
            rises = pc.less(before, after)
            if above is not None:
                rises = pc.or_(rises, pc.and_(pc.equal(before, after), above))
            above = rises
        if above is not None and not pc.all(above).as_py():
            found += [start + 1 + int(row) for row in _rows(pc.invert(above))]
            if len(found) > 1000:
                break
    return found[:1000]
