"""Contracts, queries and checks of every table as sql/<table>/ has them, and rows held to one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from metering.errors import ContractError
from metering.finding import Severity
from metering.lake.digest import hour_digests as _hour_digests
from metering.lake.digest import row_digest as row_digest
from metering.paths import SQL
from metering.yaml_loader import read_strictly

TYPES: Mapping[str, pa.DataType] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "int16": pa.int16(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "decimal38": pa.decimal128(38, 0),
}
OWNERS = ("metering", "billing")
SLICE_ROWS = 1 << 20
SHOWN = 3  # bad rows that a message names


@dataclass(frozen=True, slots=True)
class Column:
    """A column as promised: its Arrow type, whether it may be null, its bounds (both allowed)."""

    name: str
    kind: pa.DataType
    null: bool
    low: int | None
    high: int | None
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Check:
    """A query that selects `subject` and `detail` of what is wrong."""

    name: str  # the kind of its findings
    severity: Severity
    sql: str


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises. `grain` tells rows of a partition apart and is their order."""

    table: str
    description: str
    owner: str
    reads: tuple[str, ...]
    partition: tuple[str, ...]
    grain: tuple[str, ...]
    hour: str | None
    columns: tuple[Column, ...]
    schema: pa.Schema = field(init=False, repr=False, compare=False)  # in contract order

    def __post_init__(self) -> None:
        schema = pa.schema([(column.name, column.kind) for column in self.columns])
        object.__setattr__(self, "schema", schema)

    def conform(self, table: pa.Table, partition: Mapping[str, str] | None = None) -> pa.Table:
        """The table with exactly the contract's columns, sorted by grain.

        Nothing is cast; strings may be dictionary-encoded. With `partition`, its columns may be
        left out, and hold that partition's values. ContractError says all that is wrong.
        """
        constants = {} if partition is None else _constants(self, partition)
        wanted = {column.name: column for column in self.columns}
        problems = _names(self, table, constants)
        body: dict[str, pa.ChunkedArray] = {}
        there = set(table.column_names)
        for name in (name for name in wanted if name in there):
            column, wrong = _conform_column(wanted[name], table.column(name), constants.get(name))
            problems += wrong
            body[name] = column
        if problems:
            raise ContractError(_message(self, table, problems))
        own = pa.table({name: body[name] for name in wanted if name not in constants})
        own = _ordered(self, own)
        return pa.Table.from_arrays(
            [
                _repeat(constants[name], table.num_rows) if name in constants else own.column(name)
                for name in wanted
            ],
            schema=self.schema,
        )


def hour_digests(table: pa.Table, contract: Contract) -> dict[int, str]:
    """Row digests, without the partition's columns, of each UTC hour (by its start in ms).

    Empty for a table whose contract names no hour.
    """
    if contract.hour is None:
        return {}
    own = [name for name in table.column_names if name not in contract.partition]
    return _hour_digests(table.select(own), contract.hour)


@cache
def contract(table: str) -> Contract:
    """The contract of a table, read strictly from sql/<table>/table.yaml."""
    path = SQL / table / "table.yaml"
    if not table.isidentifier() or not path.is_file():
        raise ContractError(f"no table {table!r} under sql/")
    where = f"sql/{table}/table.yaml"
    try:
        document = read_strictly(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ContractError(f"{where}: {error}") from error
    _keys(where, document, "description owner partition grain columns", "reads hour")
    columns = tuple(
        _read_column(f"{where}: {name}", name, body) for name, body in document["columns"].items()
    )
    read = Contract(
        table=table,
        description=document["description"],
        owner=document["owner"],
        reads=tuple(document.get("reads", ())),
        partition=tuple(document["partition"]),
        grain=tuple(document["grain"]),
        hour=document.get("hour"),
        columns=columns,
    )
    _sound(where, read)
    return read


@cache
def query(table: str) -> str:
    """The one SELECT that makes a table."""
    path = SQL / contract(table).table / "query.sql"
    if not path.is_file():
        raise ContractError(f"table {table} has no query: it is landed, not computed")
    return path.read_text(encoding="utf-8")


@cache
def checks(table: str) -> tuple[Check, ...]:
    """The checks of a table by name, those that stop the stage first."""
    listed = []
    severities: Sequence[Severity] = ("fail", "warn")
    for severity in severities:
        for path in sorted((SQL / contract(table).table).glob(f"{severity}_*.sql")):
            name = path.stem.removeprefix(f"{severity}_")
            listed.append(Check(name, severity, path.read_text(encoding="utf-8")))
    return tuple(listed)


def tables() -> tuple[str, ...]:
    """The names of all tables that have a contract."""
    return tuple(sorted(path.parent.name for path in SQL.glob("*/table.yaml")))


def _keys(where: str, document: object, needed: str, allowed: str) -> None:
    if not isinstance(document, dict):
        raise ContractError(f"{where}: write keys and values")
    missing = set(needed.split()) - set(document)
    unknown = set(document) - set(needed.split()) - set(allowed.split())
    if missing or unknown:
        raise ContractError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _read_column(where: str, name: str, body: object) -> Column:
    _keys(where, body, "type meaning", "unit null min max")
    given = cast("dict[str, object]", body)
    if given["type"] not in TYPES:
        raise ContractError(f"{where}: type {given['type']!r} is none of {', '.join(TYPES)}")
    bounds = [given.get("min"), given.get("max")]
    if any(bound is not None and type(bound) is not int for bound in bounds):
        raise ContractError(f"{where}: bounds are integers")
    if type(given.get("null", False)) is not bool:
        raise ContractError(f"{where}: null is true or false")
    low, high = cast("list[int | None]", bounds)
    kind = TYPES[str(given["type"])]
    unit, meaning = str(given.get("unit", "")), str(given["meaning"])
    return Column(name, kind, given.get("null") is True, low, high, unit, meaning)


def _sound(where: str, read: Contract) -> None:
    """Refuse a contract that contradicts itself."""
    known = {column.name: column for column in read.columns}
    if read.owner not in OWNERS:
        raise ContractError(f"{where}: owner {read.owner!r} is none of {', '.join(OWNERS)}")
    for name in (*read.grain, *([read.hour] if read.hour else [])):
        if name not in known or known[name].null:
            raise ContractError(f"{where}: {name} orders rows and must be a column without nulls")
    for name in read.partition:
        if name in known and (known[name].null or known[name].kind == pa.bool_()):
            raise ContractError(f"{where}: {name} names partitions and cannot be null or bool")


class _Problem:
    """What is wrong, and at which rows of the table as it was given."""

    def __init__(self, text: str, rows: np.ndarray | None = None) -> None:
        self.text = text
        self.rows = rows


def _message(promised: Contract, table: pa.Table, problems: list[_Problem]) -> str:
    lines = [f"table {promised.table} does not keep its contract (sql/{promised.table}/table.yaml)"]
    for problem in problems:
        lines.append(f"  {problem.text}")
        if problem.rows is None:
            continue
        shown = [name for name in promised.grain if name in table.column_names]
        for row in problem.rows[:SHOWN]:
            values = ", ".join(f"{name}={table.column(name)[int(row)].as_py()!r}" for name in shown)
            lines.append(f"    row {int(row)}: {values}")
        if len(problem.rows) > SHOWN:
            lines.append(f"    and {len(problem.rows) - SHOWN} more rows")
    return "\n".join(lines)


def _constants(promised: Contract, partition: Mapping[str, str]) -> dict[str, pa.Scalar]:
    """The partition's values as columns of the contract; keys that are no column are left out."""
    if tuple(partition) != promised.partition:
        raise ContractError(
            f"table {promised.table} is partitioned by {promised.partition}, not {tuple(partition)}"
        )
    kinds = {column.name: column.kind for column in promised.columns}
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
    promised: Contract, table: pa.Table, constants: Mapping[str, pa.Scalar]
) -> list[_Problem]:
    wanted = [column.name for column in promised.columns]
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
            raise ContractError(f"table {promised.table}: column {name} is there twice")
    return problems


def _conform_column(
    promise: Column, column: pa.ChunkedArray, constant: pa.Scalar | None
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


def _bounds(promise: Column, column: pa.ChunkedArray) -> list[_Problem]:
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


def _ordered(promised: Contract, table: pa.Table) -> pa.Table:
    """The table sorted by grain; rows that share a grain are refused."""
    same = _falls(table, promised.grain)
    if same:
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in promised.grain])
        table = table.take(order)
        same = _falls(table, promised.grain)
    if same:
        twice = _Problem(
            f"{', '.join(promised.grain)}: {len(same)} rows repeat the row before them",
            np.array(same),
        )
        raise ContractError(_message(promised, table, [twice]))
    return table


def _falls(table: pa.Table, grain: tuple[str, ...]) -> list[int]:
    """The rows that do not lie strictly above the row before them (at most 1000)."""
    repeats: list[int] = []
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
            repeats += [start + 1 + int(row) for row in _rows(pc.invert(above))]
            if len(repeats) > 1000:
                break
    return repeats[:1000]
