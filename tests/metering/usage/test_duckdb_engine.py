"""The engine: one exact SELECT over the inputs that a contract lists, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest

import metering.lake.contract
from metering.calendar import Period
from metering.database.connection import open_database
from metering.errors import ContractError, JeongsanError
from metering.lake.contract import checks, contract, query
from metering.lake.lake import Lake
from metering.usage.duckdb_engine import Engine

PERIOD = Period(1_000, 2_000)

SPENT = """\
description: Light spent.
owner: metering
reads: [workload, plan]
partition: [cluster]
grain: [name]
columns:
  name: {type: string, meaning: name}
  spent: {type: int64, min: 0, meaning: light}
"""
SELECT = """\
-- Light spent, by name.
SELECT
  workload.name,
  CAST(SUM(plan.light) AS BIGINT) AS spent
FROM workload
JOIN plan
  ON plan.kind = workload.kind
  AND plan.lit_ms >= $period_start
  AND plan.lit_ms < $period_end
GROUP BY workload.name
"""
PLAN = pa.table({"kind": ["pod"] * 3, "lit_ms": [999, 1_000, 1_999], "light": [1, 10, 100]})


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(memory_limit="200MB", threads=2)
    yield made
    made.close()


@pytest.fixture
def spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder sql/spent beside the project's sql/workload."""
    root = tmp_path / "sql"
    (root / "spent").mkdir(parents=True)
    (root / "workload").symlink_to(metering.lake.contract.SQL / "workload")
    (root / "spent" / "table.yaml").write_text(SPENT, encoding="utf-8")
    (root / "spent" / "query.sql").write_text(SELECT, encoding="utf-8")
    monkeypatch.setattr(metering.lake.contract, "SQL", root)
    for cached in (contract, query, checks):
        cached.cache_clear()
    yield root / "spent"
    for cached in (contract, query, checks):
        cached.cache_clear()


def workload(*names: str) -> pa.Table:
    kinds = {"kind": ["pod"] * len(names), "name": list(names)}
    return pa.table({"workload_id": pa.array(range(1, len(names) + 1), pa.int32())} | kinds)


def test_a_table_is_made_of_its_inputs_within_the_period(engine: Engine, spent: Path) -> None:
    made = engine.run("spent", PERIOD, {"workload": workload("b", "a"), "plan": PLAN})
    assert made == pa.table({"name": ["a", "b"], "spent": [110, 110]})


def test_files_of_the_lake_are_read_without_their_folders_names(
    engine: Engine, spent: Path, tmp_path: Path
) -> None:
    """The folder shard=07 would be a column of its own to an engine that reads names of folders."""
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        lake = Lake(tmp_path / "lake", database)
        for cluster in ("a", "b"):
            with lake.change() as change:
                place = {"cluster": cluster, "date": "2025-10-01", "shard": 7}
                change.replace("workload", place, workload(f"{cluster}-1"))
        inputs = {"workload": lake.paths("workload"), "plan": PLAN}
        made = engine.run("spent", PERIOD, inputs)
        assert made.column("name").to_pylist() == ["a-1", "b-1"]
        held = [pa.py_buffer(Path(path).read_bytes()) for path in lake.paths("workload")]
        assert engine.run("spent", PERIOD, {"workload": held, "plan": PLAN}) == made
        sql = """
        SELECT cluster AS subject, typeof(shard) || ' ' || typeof(date) AS detail FROM workload
        """
        seen = engine.check(sql, PERIOD, {"workload": lake.paths("workload")})
        assert seen.column("detail").to_pylist() == ["SMALLINT DATE"] * 2
        assert engine.check(sql, PERIOD, {"workload": held}) == seen


def test_no_files_are_no_rows(engine: Engine, spent: Path) -> None:
    made = engine.run("spent", PERIOD, {"workload": [], "plan": PLAN})
    assert made == contract("spent").schema.empty_table()


@pytest.mark.parametrize("given", [{"workload"}, {"workload", "plan", "sample"}, set()])
def test_inputs_are_exactly_what_the_contract_reads(
    engine: Engine, spent: Path, given: set[str]
) -> None:
    with pytest.raises(ContractError, match="table spent reads workload, plan"):
        engine.run("spent", PERIOD, dict.fromkeys(given, PLAN))


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("SUM(plan.light)", "HUGEINT"),
        ("AVG(plan.light)", "DOUBLE"),
        ("SUM(plan.light) / 2", "DOUBLE"),
        ("CAST(MAX(plan.light) AS FLOAT)", "FLOAT"),
        ("CAST(1 AS DECIMAL(9, 2)) / 3", "DOUBLE"),
        ("LIST(CAST(plan.light AS DOUBLE))", r"DOUBLE\[\]"),
    ],
)
def test_a_result_that_is_not_exact_is_refused(
    engine: Engine, spent: Path, expression: str, kind: str
) -> None:
    inexact = SELECT.replace("CAST(SUM(plan.light) AS BIGINT)", expression)
    (spent / "query.sql").write_text(inexact, encoding="utf-8")
    with pytest.raises(ContractError, match=rf"cast what is not exact: spent is {kind}$"):
        engine.run("spent", PERIOD, {"workload": workload("a"), "plan": PLAN})


def test_a_result_that_breaks_its_contract_is_refused(engine: Engine, spent: Path) -> None:
    smaller = SELECT.replace("AS BIGINT", "AS INTEGER")
    (spent / "query.sql").write_text(smaller, encoding="utf-8")
    with pytest.raises(ContractError, match="spent: is int32, the contract says int64"):
        engine.run("spent", PERIOD, {"workload": workload("a"), "plan": PLAN})


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 'a' AS subject, 'b' AS detail; SELECT 1", "is not one SELECT"),
        ("CREATE TABLE t AS SELECT 1", "is not one SELECT"),
        ("DROP VIEW plan", "is not one SELECT"),
        ("", "is not one SELECT"),
        ("SELECT $cluster AS subject, 'b' AS detail", r"not \['cluster'\]"),
        ("SELECT 'a' AS subject", "a check selects subject and detail as text"),
        ("SELECT 1 AS subject, 'b' AS detail", "a check selects subject and detail as text"),
        ("SELECT NULL::TEXT AS subject, 'b' AS detail", "a check selects subject and detail"),
    ],
)
def test_what_is_no_check_is_refused(engine: Engine, sql: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        engine.check(sql, PERIOD, {"plan": PLAN})


def test_an_error_of_the_engine_says_where_it_arose(engine: Engine) -> None:
    with pytest.raises(JeongsanError, match=r"a check: .*nothing"):
        engine.check("SELECT nothing AS subject, 'b' AS detail FROM plan", PERIOD, {"plan": PLAN})


def test_what_a_query_was_given_is_not_there_for_the_next(engine: Engine) -> None:
    sql = "SELECT kind AS subject, 'b' AS detail FROM plan"
    assert engine.check(sql, PERIOD, {"plan": PLAN}).num_rows == 3
    with pytest.raises(ContractError, match="a check: reads plan, not listed"):
        engine.check(sql, PERIOD, {})


@pytest.mark.parametrize("name", ["'plan.parquet'", "given"])
def test_a_query_reads_nothing_but_its_inputs(engine: Engine, name: str) -> None:
    given = f"SELECT 'a' AS subject, 'b' AS detail FROM plan, {name}"  # noqa: S608
    with pytest.raises(ContractError, match="not listed"):
        engine.check(given, PERIOD, {"plan": PLAN})


def test_the_period_is_bound_whether_all_some_or_none_of_it_is_named(engine: Engine) -> None:
    for sql, expected in (
        ("'x'", "x"),
        ("CAST($period_end AS VARCHAR)", "2000"),
        ("CAST($period_end - $period_start AS VARCHAR)", "1000"),
    ):
        found = engine.check(f"SELECT {sql} AS subject, '' AS detail", PERIOD, {})
        assert found.to_pylist() == [{"subject": expected, "detail": ""}]


def test_time_is_utc_in_every_query(engine: Engine) -> None:
    sql = (
        "SELECT CAST(to_timestamp(0) AS VARCHAR) AS subject, current_setting('TimeZone') AS detail"
    )
    assert engine.check(sql, PERIOD, {}).to_pylist() == [
        {"subject": "1970-01-01 00:00:00+00", "detail": "UTC"}
    ]


def test_extensions_are_not_fetched(engine: Engine) -> None:
    sql = """
    SELECT name AS subject, value AS detail FROM duckdb_settings() WHERE name LIKE 'auto%known%'
    """
    assert engine.check(sql, PERIOD, {}).to_pylist() == [
        {"subject": "autoinstall_known_extensions", "detail": "false"},
        {"subject": "autoload_known_extensions", "detail": "false"},
    ]


def test_threads_share_an_engine_without_seeing_each_others_inputs(engine: Engine) -> None:
    sql = "SELECT kind AS subject, '' AS detail FROM plan"
    found: dict[str, list[str]] = {}

    def ask(kind: str) -> None:
        own = pa.table({"kind": [kind]})
        for _ in range(20):
            subjects = engine.check(sql, PERIOD, {"plan": own}).column("subject").to_pylist()
            found.setdefault(kind, []).extend(subjects)

    threads = [Thread(target=ask, args=(kind,)) for kind in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {kind: [kind] * 20 for kind in ("a", "b", "c")}


def test_more_rows_than_memory_are_spilled_and_the_disk_given_back(tmp_path: Path) -> None:
    engine = Engine(memory_limit="60MB", threads=1, spill=tmp_path)
    sql = """
    SELECT CAST(COUNT(*) AS VARCHAR) AS subject, CAST(SUM(r) AS VARCHAR) AS detail
    FROM (SELECT DISTINCT hash(range) AS r FROM range(3000000))
    """
    assert engine.check(sql, PERIOD, {}).column("subject").to_pylist() == ["3000000"]
    engine.close()
    assert list(tmp_path.iterdir()) == []
