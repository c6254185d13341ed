"""Every query by cases: tests/sql/<table>/*.yaml give tables as text, expect one or findings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from metering.lake.contract import contract
from metering.usage.duckdb_engine import Engine
from metering.usage.registry_inputs import SCHEMAS
from metering.usage.sql_checks import run_checks
from tests.paths import SQL_CASES
from tests.references.case_tables import DAY, PERIOD, cells, parse, rows_of, schema_of

CASES = sorted(SQL_CASES.glob("*/*.yaml"))
ASKED = ("installed", "ever_installed", "source_state")  # every check may ask for these
KEYS = {"description", "given", "expect", "findings", "stakes"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def tables_of(engine: Engine, wanted: str, given: Mapping[str, str]) -> dict[str, pa.Table]:
    """The table wanted and all that it is made from: given, else counted, else empty."""
    made: dict[str, pa.Table] = {}

    def make(table: str) -> pa.Table:
        if table not in made:
            if table in given:
                made[table] = parse(table, given[table])
            elif table in SCHEMAS or not contract(table).reads or table == "interval":
                made[table] = schema_of(table).empty_table()
            else:
                inputs = {name: make(name) for name in contract(table).reads}
                made[table] = engine.run(table, PERIOD, inputs)
        return made[table]

    make(wanted)
    for name in contract(wanted).reads:
        make(name)
    unread = set(given) - set(made) - set(ASKED)
    assert not unread, f"{wanted} does not read {unread}"
    return made


def parse_or_empty(given: Mapping[str, str], table: str) -> pa.Table:
    return parse(table, given[table]) if table in given else schema_of(table).empty_table()


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case(path: Path, engine: Engine) -> None:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(case) <= KEYS
    assert case["description"].endswith(".")
    table = path.parent.name
    made = tables_of(engine, table, case["given"])
    if "expect" in case:
        names, _ = cells(case["expect"])
        expected = parse(table, case["expect"])
        kept = [name for name in contract(table).grain if name in names]
        order = [(name, "ascending") for name in kept]
        assert rows_of(made[table].sort_by(order), names) == rows_of(expected.sort_by(order), names)
    if "findings" in case:
        reads = {name: made[name] for name in contract(table).reads if name in made}
        for asked in ASKED:
            reads.setdefault(asked, parse_or_empty(case["given"], asked))
        found = run_checks(engine, table, PERIOD, {table: made[table], **reads}, "meter", "a", DAY)
        lines = sorted(f"{one.severity} {one.kind} {one.subject}: {one.detail}" for one in found)
        if "stakes" in case:
            assert sorted(one.stake for one in found if one.stake) == sorted(case["stakes"])
        assert lines == sorted(case["findings"])
