"""Times, lengths of time and products in a table, each read exactly."""

from pathlib import Path

import pytest

from metering.settings.source_options.source_config import SourceConfig
from tests.metering.sources.table.test_table import (
    AT,
    DAY,
    HEADERS,
    HOUR_MS,
    JOBS,
    batch_of,
    map_of,
    mapped,
    refusals,
    table,
)


@pytest.mark.parametrize(
    ("source", "cell", "expected_ms"),
    [
        (mapped(JOBS, time_unit="s"), "1759244400.5", AT + 500),
        (mapped(JOBS, time_unit="ms"), str(AT), AT),
        (mapped(JOBS, time_unit="s", epoch_ms=AT), "3600", AT + HOUR_MS),
        (mapped(JOBS, time_unit="ms", epoch_ms=AT), "0", AT),
        (JOBS, "2025-10-01T00:00:00+09:00", AT),
        (JOBS, "2025-09-30T15:00:00Z", AT),
        (mapped(JOBS, naive="utc"), "2025-09-30 15:00:00", AT),
        (mapped(JOBS, naive="site"), "2025-10-01T00:00:00", AT),
    ],
)
def test_times_are_relative_absolute_or_written_out(
    tmp_path: Path, source: SourceConfig, cell: str, expected_ms: int
) -> None:
    batch = table(tmp_path, source, f"1,acc,{cell},,1")
    assert refusals(batch) == []
    assert batch.table["started_ms"].to_pylist() == [expected_ms]


def test_lengths_of_time_are_read_as_clocks_or_numbers(tmp_path: Path) -> None:
    columns = {**map_of(JOBS).columns, "suspended_ms": "paused"}
    path = tmp_path / "in.csv"
    path.write_text(f"{HEADERS['allocation']},paused\n1,a,{AT},,1,1-00:00:01\n2,a,{AT},,1,90\n")
    for unit, expected in (("ms", [86_401_000, 90]), ("s", [86_401_000, 90_000])):
        epoch = -AT * 1000 + AT if unit == "s" else None
        source = mapped(JOBS, columns=columns, time_unit=unit, epoch_ms=epoch)
        assert batch_of(path, source).table["suspended_ms"].to_pylist() == expected


def test_columns_multiply_exactly(tmp_path: Path) -> None:
    source = mapped(
        JOBS,
        columns={k: v for k, v in map_of(JOBS).columns.items() if k != "quantity_milli"},
        multiply={"quantity_milli": ("cards", "share")},
        scale={},
    )
    path = tmp_path / "in.csv"
    path.write_text(f"{HEADERS['allocation']},share\n1,a,{DAY},2,460\n2,a,{DAY},0,\n3,a,{DAY},,\n")
    batch = batch_of(path, source)
    assert batch.table["quantity_milli"].to_pylist() == [920]
    assert refusals(batch) == [
        ("in.csv:3", "quantity_milli '' is no number"),
        ("in.csv:4", "quantity_milli is empty"),
    ]
