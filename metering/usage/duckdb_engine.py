"""The engine: runs one SELECT over registered tables in bounded memory; DuckDB stays in here."""

import tempfile
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import duckdb
import pyarrow as pa

from metering.calendar import Period
from metering.errors import ContractError, JeongsanError
from metering.lake.contract import contract, query

if TYPE_CHECKING:
    from pyarrow import dataset

# rows, or Parquet files of the table of that name: where they lie, or (of a bucket) their bytes
Input: TypeAlias = pa.Table | Sequence[str | pa.Buffer]
PERIOD = {"period_start", "period_end"}
SAID = ("subject", "detail")  # by every check
INEXACT = ("DOUBLE", "FLOAT", "HUGEINT")  # also as parts of a type, as in DOUBLE[]
# A relation would spare a copy of the rows and plan every statement twice; a day's statements are
# long and their rows few, so that planning is most of what they take.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


class Engine:
    """DuckDB within one memory limit; beyond it, it spills to a directory of its own.

    Every query sees its own inputs only, so threads may share an engine.
    """

    def __init__(
        self, memory_limit: str = "1GB", threads: int = 2, spill: Path | None = None
    ) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="jeongsan-", dir=spill)
        self._instance = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory_limit,
                "threads": threads,
                "temp_directory": self._spill.name,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,  # a Python variable is not a table
            },
        )
        self._instance.execute("SET GLOBAL TimeZone = 'UTC'")

    def close(self) -> None:
        """Give memory and disk back."""
        self._instance.close()
        self._spill.cleanup()

    def run(self, table: str, period: Period, inputs: Mapping[str, Input]) -> pa.Table:
        """The rows of a table for a period, as its contract has them; `inputs` is all it reads."""
        kept = contract(table)
        if set(inputs) != set(kept.reads):
            raise ContractError(
                f"table {table} reads {', '.join(kept.reads)}; given were {', '.join(inputs)}"
            )
        return kept.conform(self._select(f"sql/{table}/query.sql", query(table), period, inputs))

    def check(self, sql: str, period: Period, inputs: Mapping[str, Input]) -> pa.Table:
        """What a check selects of each thing that is wrong, as text: `subject`, `detail` and, where
        it knows how much usage that is about, `stake` (null where one of them does not)."""
        wrong = self._select("a check", sql, period, inputs)
        wanted = f"a check selects {' and '.join(SAID)} as text"
        if wrong.schema.names not in (list(SAID), [*SAID, "stake"]) or any(
            not pa.types.is_string(field.type) for field in wrong.schema
        ):
            raise ContractError(f"{wanted}, not\n{wrong.schema}")
        if any(wrong.column(name).null_count for name in SAID):
            raise ContractError(f"{wanted}, of every row")
        return wrong.sort_by([(name, "ascending") for name in SAID])

    def _select(
        self, where: str, sql: str, period: Period, inputs: Mapping[str, Input]
    ) -> pa.Table:
        cursor = self._instance.cursor()
        try:
            parsed = _parsed(where, sql)
            if unlisted := parsed.reads - set(inputs):
                raise ContractError(f"{where}: reads {', '.join(sorted(unlisted))}, not listed")
            for name in parsed.reads:  # a check is given all that its table reads
                _register(cursor, name, inputs[name])
            return _fetch(cursor, where, sql, period, parsed.parameters)
        except duckdb.Error as error:
            raise JeongsanError(f"{where}: {error}") from error
        finally:
            cursor.close()


def _register(cursor: duckdb.DuckDBPyConnection, name: str, rows: Input) -> None:
    """Give rows the name of a view. Partition values are columns already, not read from paths."""
    if isinstance(rows, pa.Table):
        cursor.register(name, rows)
    elif not rows:
        cursor.register(name, contract(name).schema.empty_table())
    elif any(isinstance(file, pa.Buffer) for file in rows):
        cursor.register(name, _in_memory(name, rows))
    else:
        cursor.register(name, cursor.read_parquet(list(rows), hive_partitioning=False))


def _in_memory(name: str, files: Sequence[str | pa.Buffer]) -> "dataset.Dataset":
    """The bytes of Parquet files, of which only the columns asked for are decoded."""
    from pyarrow import dataset  # slow to load, and of no use beside local files

    form = dataset.ParquetFileFormat()
    parts = [form.make_fragment(file) for file in files]
    return dataset.FileSystemDataset(parts, contract(name).schema, form)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What a statement's text alone says."""

    parameters: frozenset[str]
    reads: frozenset[str]


@cache
def _parsed(where: str, sql: str) -> _Parsed:
    """One SELECT's parameters and tables; ContractError where it is something else. A month runs
    the same few texts thousands of times."""
    with duckdb.connect(":memory:") as empty:  # which has no view to take for a query's own table
        statements = empty.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ContractError(f"{where}: is not one SELECT")
        wanted = frozenset(statements[0].named_parameters)
        if wanted - PERIOD:
            raise ContractError(
                f"{where}: only $period_start and $period_end are bound, not"
                f" {sorted(wanted - PERIOD)}"
            )
        plain = sql.replace("$period_start", "0").replace("$period_end", "0")
        return _Parsed(wanted, frozenset(empty.get_table_names(plain)))


def _fetch(
    cursor: duckdb.DuckDBPyConnection,
    where: str,
    sql: str,
    period: Period,
    parameters: Collection[str],
) -> pa.Table:
    instants = {"period_start": period.start_ms, "period_end": period.end_ms}
    result = cursor.execute(sql, {name: instants[name] for name in parameters})
    inexact = [
        f"{name} is {kind}"
        for name, kind, *_ in result.description or ()
        if any(word in str(kind) for word in INEXACT)
    ]
    if inexact:
        raise ContractError(f"{where}: cast what is not exact: {', '.join(inexact)}")
    return result.to_arrow_table()
