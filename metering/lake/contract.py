"""Contracts, queries and checks of every table, as sql/<table>/ has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import pyarrow as pa
import yaml

from metering.errors import ContractError
from metering.finding import Severity
from metering.lake.conform import conform
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
        return conform(self, table, partition)


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
        _column(f"{where}: {name}", name, body) for name, body in document["columns"].items()
    )
    made = Contract(
        table=table,
        description=document["description"],
        owner=document["owner"],
        reads=tuple(document.get("reads", ())),
        partition=tuple(document["partition"]),
        grain=tuple(document["grain"]),
        hour=document.get("hour"),
        columns=columns,
    )
    _sound(where, made)
    return made


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
    found = []
    severities: Sequence[Severity] = ("fail", "warn")
    for severity in severities:
        for path in sorted((SQL / contract(table).table).glob(f"{severity}_*.sql")):
            name = path.stem.removeprefix(f"{severity}_")
            found.append(Check(name, severity, path.read_text(encoding="utf-8")))
    return tuple(found)


def tables() -> tuple[str, ...]:
    """The names of all tables that have a contract."""
    return tuple(sorted(path.parent.name for path in SQL.glob("*/table.yaml")))


def _keys(where: str, found: object, needed: str, allowed: str) -> None:
    if not isinstance(found, dict):
        raise ContractError(f"{where}: write keys and values")
    missing = set(needed.split()) - set(found)
    unknown = set(found) - set(needed.split()) - set(allowed.split())
    if missing or unknown:
        raise ContractError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _column(where: str, name: str, body: object) -> Column:
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


def _sound(where: str, made: Contract) -> None:
    """Refuse a contract that contradicts itself."""
    known = {column.name: column for column in made.columns}
    if made.owner not in OWNERS:
        raise ContractError(f"{where}: owner {made.owner!r} is none of {', '.join(OWNERS)}")
    for name in (*made.grain, *([made.hour] if made.hour else [])):
        if name not in known or known[name].null:
            raise ContractError(f"{where}: {name} orders rows and must be a column without nulls")
    for name in made.partition:
        if name in known and (known[name].null or known[name].kind == pa.bool_()):
            raise ContractError(f"{where}: {name} names partitions and cannot be null or bool")
