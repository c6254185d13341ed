"""Checks: every finding at once, named by its file, in one order."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

import metering.lake.contract
from metering.calendar import Period
from metering.errors import ContractError
from metering.finding import Finding
from metering.lake.contract import checks, contract, query
from metering.usage.duckdb_engine import Engine
from metering.usage.sql_checks import run_checks

PERIOD = Period(0, 10)
LAMP = """\
description: Lamps.
owner: metering
partition: [cluster]
grain: [lamp]
columns:
  lamp: {type: string, meaning: name}
  lit_ms: {type: int64, meaning: instant}
"""


@pytest.fixture
def lamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "lamp").mkdir()
    (tmp_path / "lamp" / "table.yaml").write_text(LAMP, encoding="utf-8")
    monkeypatch.setattr(metering.lake.contract, "SQL", tmp_path)
    for cached in (contract, query, checks):
        cached.cache_clear()
    yield tmp_path / "lamp"
    for cached in (contract, query, checks):
        cached.cache_clear()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine(memory_limit="100MB", threads=1)
    yield made
    made.close()


def run(engine: Engine, rows: dict[str, int]) -> list[Finding]:
    lamps = pa.table(
        {"lamp": pa.array(list(rows), pa.string()), "lit_ms": pa.array(rows.values(), pa.int64())}
    )
    return run_checks(engine, "lamp", PERIOD, {"lamp": lamps}, "meter", "a", date(2025, 10, 1))


def test_a_table_without_checks_has_no_findings(lamp: Path, engine: Engine) -> None:
    assert run(engine, {"x": 1}) == []


def test_every_check_runs_and_each_row_is_a_finding(lamp: Path, engine: Engine) -> None:
    late = "SELECT lamp AS subject, lamp || ' 늦음' AS detail FROM lamp WHERE lit_ms >= $period_end"
    (lamp / "warn_late_lamp.sql").write_text(late, encoding="utf-8")
    dark = "SELECT lamp AS subject, '꺼짐' AS detail FROM lamp WHERE lit_ms < $period_start"
    (lamp / "fail_dark_lamp.sql").write_text(dark, encoding="utf-8")
    place = {"stage": "meter", "cluster": "a", "day": date(2025, 10, 1)}
    assert run(engine, {"z": 10, "b": -1, "a": -2, "y": 9, "x": 11}) == [
        Finding("fail", "dark_lamp", subject="a", detail="꺼짐", **place),
        Finding("fail", "dark_lamp", subject="b", detail="꺼짐", **place),
        Finding("warn", "late_lamp", subject="x", detail="x 늦음", **place),
        Finding("warn", "late_lamp", subject="z", detail="z 늦음", **place),
    ]
    assert run(engine, {"y": 0}) == []


def test_a_check_that_does_not_select_text_is_refused_even_when_it_finds_nothing(
    lamp: Path, engine: Engine
) -> None:
    (lamp / "fail_x.sql").write_text("SELECT lit_ms FROM lamp WHERE FALSE", encoding="utf-8")
    with pytest.raises(ContractError, match="subject and detail"):
        run(engine, {})
