"""Durations, remainders, values that are no number and bounds of a table's quantities."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.sections import Store
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading import bounds
from metering.sources.reading.batch import Batch
from metering.sources.reading.exact_numbers import INT64_MAX
from metering.sources.table.cells import columns_of
from metering.sources.table.sheet import sheets
from metering.sources.table.source import parse
from tests.metering.sources.table.test_table import (
    AT,
    CALENDAR,
    CARDS,
    DAY,
    HOUR_MS,
    JOBS,
    NODES,
    SNAPSHOTS,
    batch_of,
    map_of,
    mapped,
    refusals,
    table,
)

START = DAY.split(",")[0]
CORES = mapped(
    SNAPSHOTS,
    constants={"sku": "cpu.core", "unit": "milli_device"},
    scale={"quantity": 1000},
)


def lasting(source: SourceConfig, unit: str = "clock") -> SourceConfig:
    columns = dict(map_of(source).columns)
    columns["duration"] = columns.pop("ended_ms")
    return mapped(source, columns=columns, duration_unit=unit)


def stored(tmp_path: Path, source: SourceConfig, most: int, *lines: str) -> Batch:
    path = tmp_path / "in.csv"
    path.write_text("\n".join(["account,set,from,to,mib", *lines]), encoding="utf-8")
    (sheet,) = sheets(path.name, path, columns_of(map_of(source)))
    return parse(sheet, source, Store("disk", capacity_bytes=most * 1024**2), CALENDAR, None)


@pytest.mark.parametrize(
    ("unit", "cell", "length_ms"),
    [
        ("clock", "01:30:00", 90 * 60_000),
        ("clock", "2-00:00:01.5", 48 * HOUR_MS + 1_500),
        ("clock", "100:00:00", 100 * HOUR_MS),
        ("s", "3600", HOUR_MS),
        ("s", "0.001", 1),
        ("s", "01:00:00", HOUR_MS),
        ("min", "90", 90 * 60_000),
        ("h", "1.5", 90 * 60_000),
        ("ms", "1", 1),
    ],
)
def test_a_row_may_say_how_long_it_lasted(
    tmp_path: Path, unit: str, cell: str, length_ms: int
) -> None:
    batch = table(tmp_path, lasting(JOBS, unit), f"1,acc,{START},{cell},1")
    assert refusals(batch) == []
    assert batch.table["ended_ms"].to_pylist() == [AT + length_ms]


@pytest.mark.parametrize(
    ("unit", "cell", "reason"),
    [
        ("clock", "3600", "duration '3600' is no [D-]HH:MM:SS"),
        ("clock", "01:30", "duration '01:30' is no [D-]HH:MM:SS"),  # hours or minutes?
        ("clock", "01:60:00", "duration '01:60:00' is no [D-]HH:MM:SS"),
        ("clock", "01:00:60", "duration '01:00:60' is no [D-]HH:MM:SS"),
        ("s", "0.0001", "duration '0.0001' is no number of s"),
        ("h", "-1", "duration '-1' is no number of h"),
        ("h", "1000000", "ends at an impossible instant"),
        ("s", "", "duration is empty"),
    ],
)
def test_a_length_that_could_be_two_or_is_none_is_refused(
    tmp_path: Path, unit: str, cell: str, reason: str
) -> None:
    batch = table(tmp_path, lasting(JOBS, unit), f"1,acc,{START},{cell},1")
    assert refusals(batch) == [("in.csv:2", reason)]


def test_readings_and_node_states_may_last_too(tmp_path: Path) -> None:
    for source, line in ((SNAPSHOTS, f"acc,a,{START},24,5"), (NODES, f"n1,{START},24,down")):
        batch = table(tmp_path, lasting(source, "h"), line)
        assert batch.table["ended_ms"].to_pylist() == [AT + 24 * HOUR_MS]


def test_a_run_of_no_length_is_no_time_and_one_without_a_start_has_not_started(
    tmp_path: Path,
) -> None:
    batch = table(tmp_path, lasting(JOBS, "s"), f"1,acc,{START},0,1", "2,acc,,,1")
    assert (batch.skipped, refusals(batch)) == ({"no_time": 1, "not_started": 1}, [])


def test_a_remainder_below_the_unit_is_told_with_what_it_comes_to(tmp_path: Path) -> None:
    ten = "2025-10-01T00:00:00+09:00,2025-10-01T10:00:00+09:00"
    then = "2025-10-01T10:00:00+09:00,2025-10-01T20:00:00+09:00"
    batch = table(tmp_path, CORES, f"a,,{ten},0.0009", f"a,,{then},1.9999", f"b,,{ten},1.5")
    assert batch.table["quantity"].to_pylist() == [0, 1_999, 1_500]
    (note,) = batch.notes
    assert (note.severity, note.kind, note.subject) == ("warn", "below_unit", "in.csv")
    assert note.detail.startswith(
        "행 2건의 수량에서 단위(milli_device)에 못 미치는 나머지를 내렸습니다. "
        "내린 양은 모두 18.000 단위·시간, 처음은 in.csv:2."
    )


def test_a_finer_unit_keeps_all_of_it_and_nothing_is_told(tmp_path: Path) -> None:
    batch = table(tmp_path, mapped(CORES, scale={"quantity": 10_000}), f"a,,{DAY},0.0009")
    assert (batch.table["quantity"].to_pylist(), batch.notes) == ([9], ())


def test_what_falls_of_a_row_that_is_refused_is_not_told(tmp_path: Path) -> None:
    batch = table(tmp_path, CORES, f",,{DAY},0.0009")
    assert (refusals(batch), batch.notes) == ([("in.csv:2", "account is empty")], ())


def test_a_long_number_keeps_every_digit_of_what_falls(tmp_path: Path) -> None:
    cell = "123456789012345.6789012345678901234567890"
    batch = stored(tmp_path, SNAPSHOTS, 2**62, f"a,,{DAY},{cell}")
    assert batch.table["quantity"].to_pylist() == [123_456_789_012_345]
    assert "16.294 단위·시간" in batch.notes[0].detail  # 24 h of 0.6789..., rounded up


@pytest.mark.parametrize("cell", ["NaN", "nan", "-Inf", "Infinity"])
def test_a_measure_that_is_no_number_is_left_out_alone_and_told(tmp_path: Path, cell: str) -> None:
    batch = table(tmp_path, CARDS, f"c1,{AT},{cell},38.5,1024,7", f"c2,{AT},97,{cell},{cell},")
    assert refusals(batch) == []
    assert [
        (row["busy_ppm"], row["power_mw"], row["memory_mib"]) for row in batch.table.to_pylist()
    ] == [(None, 38_500, 1024), (970_000, None, None)]
    (note,) = batch.notes
    assert (note.kind, note.detail[:7]) == ("not_a_number", "값 3개가 N")


def test_a_quantity_that_is_no_number_costs_its_row(tmp_path: Path) -> None:
    batch = table(tmp_path, SNAPSHOTS, f"a,,{DAY},NaN", f"b,,{DAY},5")
    assert refusals(batch) == [("in.csv:2", "quantity 'NaN' is no number")]
    assert batch.table["account"].to_pylist() == ["b"]


@pytest.mark.parametrize(
    ("most", "reason"),
    [
        (2**40, "quantity is more than any section holds, 1,099,511,627,776 mib"),
        (500, "quantity is more than disk holds by `capacity`, 500 mib"),
    ],
)
def test_a_level_beyond_what_its_store_holds_is_refused_with_its_row(
    tmp_path: Path, most: int, reason: str
) -> None:
    lines = [f"a,1,{DAY},{most}", f"a,2,{DAY},{most + 1}", f"a,3,{DAY},{9 * 10**18}"]
    batch = stored(tmp_path, SNAPSHOTS, most, *lines)
    assert batch.table["quantity"].to_pylist() == [most]
    assert refusals(batch) == [("in.csv:3", reason), ("in.csv:4", reason)]


def test_more_devices_than_anybody_has_are_refused(tmp_path: Path) -> None:
    batch = table(tmp_path, JOBS, f"1,acc,{DAY},1000000", f"2,acc,{DAY},1000000.001")
    assert batch.table["quantity_milli"].to_pylist() == [10**9]
    assert refusals(batch) == [
        ("in.csv:3", "quantity_milli is more than any section holds, 1,000,000,000 milli_device")
    ]


def test_what_stands_at_once_is_refused_where_its_sum_passes_64_bits(tmp_path: Path) -> None:
    whole, rest = divmod(INT64_MAX // 3600, 2**40)
    before = "2025-09-29T00:00:00+09:00,2025-09-30T00:00:00+09:00"
    lines = [f"a,{number},{DAY},{2**40}" for number in range(whole)]
    lines += [f"b,rest,{DAY},{rest}", f"c,over,{DAY},1", f"d,before,{before},{2**40}"]
    batch = stored(tmp_path, SNAPSHOTS, 2**40, *lines)
    assert batch.table["resource_id"].to_pylist()[whole:] == ["rest", "before"]
    place = f"in.csv:{whole + 3}"
    assert refusals(batch) == [(place, "with it more mib stands at once than 64 bits add")]


def test_rows_that_follow_one_another_do_not_stand_at_once() -> None:
    limit = INT64_MAX // HOUR_MS
    spans = [(0, HOUR_MS), (2 * HOUR_MS, None), (3 * HOUR_MS, 4 * HOUR_MS)]
    assert bounds.overflowing(spans, [limit, limit, 1], "milli_device") == [2]
    assert bounds.overflowing([(0, 1), (1, 2)], [limit, 1], "milli_device") == [1]  # one hour
    assert bounds.fits([limit], "milli_device")
    assert not bounds.fits([limit, 1], "milli_device")


def test_rows_of_another_cluster_are_left_out_before_they_are_judged(tmp_path: Path) -> None:
    columns = {**map_of(JOBS).columns, "cluster": "where"}
    path = tmp_path / "in.csv"
    path.write_text(
        "\n".join(
            ["job,account,from,to,cards,where", f"1,a,{DAY},1,farm", f"2,,{DAY},x,hpc-old",
             f"3,a,{DAY},1,", f"4,a,{DAY},1,Farm"]
        ),
        encoding="utf-8",
    )  # fmt: skip
    batch = batch_of(path, mapped(JOBS, columns=columns))
    assert batch.table["allocation_id"].to_pylist() == ["1"]
    assert (batch.skipped, refusals(batch)) == (
        {"other_cluster": 2}, [("in.csv:4", "cluster is empty")]
    )  # fmt: skip
    named = replace(JOBS, options=replace(map_of(JOBS), columns=columns, cluster_name="hpc-old"))
    assert batch_of(path, named).skipped == {"other_cluster": 2}
