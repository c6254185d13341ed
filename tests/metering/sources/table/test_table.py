"""Tables by a map of columns: exact cells, times of every kind, and what is refused where."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ColumnMap
from metering.sources.reading import exact_numbers
from metering.sources.reading.batch import Batch
from metering.sources.table.cells import columns_of
from metering.sources.table.sheet import sheets
from metering.sources.table.source import parse

CALENDAR = Calendar("Asia/Seoul")
AT = CALENDAR.instant("2025-10-01T00:00:00+09:00")
HOUR_MS = 3_600_000
JOBS = SourceConfig(
    "jobs", "table", "allocation", paths=("jobs.csv",), options=ColumnMap(columns={
        "allocation_id": "job", "account": "account", "started_ms": "from", "ended_ms": "to",
        "quantity_milli": "cards",
    },
    constants={"resource": "npu", "model": "rngd"},
    scale={"quantity_milli": 1000}),
)  # fmt: skip
CARDS = SourceConfig(
    "cards", "table", "sample", paths=("cards.csv",), options=ColumnMap(time_unit="ms", columns={
        "device_uid": "card", "sampled_ms": "at", "busy_ppm": "percent", "power_mw": "watts",
        "memory_mib": "mib", "workload": "job",
    },
    constants={"model": "rngd", "workload_kind": "slurm"},
    scale={"busy_ppm": 10_000, "power_mw": 1000}),
)  # fmt: skip
SNAPSHOTS = SourceConfig(
    "snapshots", "table", "reading", paths=("snapshots.csv",), options=ColumnMap(columns={
        "account": "account", "started_ms": "from", "ended_ms": "to", "quantity": "mib",
        "resource_id": "set",
    },
    constants={"sku": "storage.parallel", "unit": "mib"}),
)  # fmt: skip
NODES = SourceConfig(
    "nodes", "table", "node_state", paths=("nodes.csv",), options=ColumnMap(
        columns={"node": "node", "started_ms": "from", "ended_ms": "to", "state": "state"}
    ),
)  # fmt: skip
HEADERS = {
    "allocation": "job,account,from,to,cards",
    "sample": "card,at,percent,watts,mib,job",
    "reading": "account,set,from,to,mib",
    "node_state": "node,from,to,state",
}
DAY = "2025-10-01T00:00:00+09:00,2025-10-02T00:00:00+09:00"


def map_of(source: SourceConfig) -> ColumnMap:
    assert isinstance(source.options, ColumnMap)
    return source.options


def mapped(source: SourceConfig, **other: object) -> SourceConfig:
    """The source with another map."""
    return replace(source, options=replace(map_of(source), **other))  # type: ignore[arg-type]


def batch_of(
    path: Path, source: SourceConfig, window: Period | None = None, cluster: Cluster | None = None
) -> Batch:
    own = cluster or Cluster("farm", hold_ms=60_000)
    (sheet,) = sheets(path.name, path, columns_of(map_of(source)))
    return parse(sheet, source, own, CALENDAR, window)


def table(tmp_path: Path, source: SourceConfig, *lines: str, window: Period | None = None) -> Batch:
    path = tmp_path / "in.csv"
    path.write_text("\n".join([HEADERS[source.record], *lines]) + "\n", encoding="utf-8")
    return batch_of(path, source, window)


def refusals(batch: Batch) -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in batch.quarantined]


def test_an_allocation_is_read_by_its_map(tmp_path: Path) -> None:
    batch = table(tmp_path, JOBS, f"7,acc,{DAY},2")
    assert refusals(batch) == []
    assert batch.table.to_pylist() == [
        {
            "allocation_id": "7", "source": "slurm", "workload": "7", "account": "acc",
            "user": "", "partition": "", "resource": "npu", "model": "rngd",
            "quantity_milli": 2000, "submitted_ms": AT, "started_ms": AT,
            "ended_ms": AT + 24 * HOUR_MS, "suspended_ms": 0, "state": "", "node": "",
        }
    ]  # fmt: skip


def test_a_sample_is_read_by_its_map(tmp_path: Path) -> None:
    batch = table(tmp_path, CARDS, f"c1,{AT},97,38.5004,1024,7", f"c2,{AT},,,,")
    empty = {"parent": "", "slice": "", "model": "rngd", "node": "", "sampled_ms": AT,
             "energy_mj": None, "health_ok": None, "busy_cycles": None,
             "total_cycles": None}  # fmt: skip
    assert refusals(batch) == []
    assert batch.table.to_pylist() == [
        {"device_uid": "c1", **empty, "busy_ppm": 970_000, "power_mw": 38_500,
         "memory_mib": 1024, "workload": "slurm:7"},
        {"device_uid": "c2", **empty, "busy_ppm": None, "power_mw": None,
         "memory_mib": None, "workload": ""},
    ]  # fmt: skip


def test_a_reading_is_read_by_its_map_and_its_source_is_the_section(tmp_path: Path) -> None:
    batch = table(tmp_path, SNAPSHOTS, f"acc,/lustre/a,{DAY},1048576")
    assert refusals(batch) == []
    assert batch.table.to_pylist() == [
        {
            "source": "farm", "account": "acc", "sku": "storage.parallel",
            "resource_id": "/lustre/a", "started_ms": AT, "ended_ms": AT + 24 * HOUR_MS,
            "quantity": 1_048_576, "unit": "mib",
        }
    ]  # fmt: skip


def test_a_node_state_is_read_by_its_map(tmp_path: Path) -> None:
    batch = table(tmp_path, NODES, f"n1,{DAY},DOWN", "n2,2025-10-01T00:00:00Z,,drained", "n3,,,up")
    assert batch.table.to_pylist() == [
        {"node": "n1", "started_ms": AT, "ended_ms": AT + 24 * HOUR_MS, "state": "down"},
        {"node": "n2", "started_ms": AT + 9 * HOUR_MS, "ended_ms": None, "state": "drained"},
    ]
    assert refusals(batch) == [("in.csv:4", "started_ms is empty")]


def test_an_allocation_without_start_devices_or_time_is_counted_and_no_row(tmp_path: Path) -> None:
    start = DAY.split(",")[0]
    batch = table(tmp_path, JOBS, "1,acc,,,x", f"2,acc,{DAY},0", f"3,acc,{start},{start},1")
    assert refusals(batch) == []
    assert (batch.rows_read, batch.table.num_rows) == (3, 0)
    assert batch.skipped == {"not_started": 1, "no_device": 1, "no_time": 1}


def test_an_allocation_without_an_end_runs(tmp_path: Path) -> None:
    batch = table(tmp_path, JOBS, f"1,acc,{DAY.split(',')[0]},,1")
    assert batch.table["ended_ms"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"1,acc,{DAY}", "has 4 cells instead of 5"),
        (f",acc,{DAY},1", "allocation_id is empty"),
        (f"1,,{DAY},1", "account is empty"),
        (f"1,acc,{DAY},", "quantity_milli is empty"),
        (f"1,acc,{DAY},one", "quantity_milli 'one' is no number"),
        (f"1,acc,{DAY},-1", "quantity_milli -1 is out of range"),
        (f"1,acc,{DAY},0.3333", "quantity_milli 0.3333 is no whole number"),
        (f"1,acc,{DAY},1e17", "quantity_milli 1e17 is out of range"),
        (f"1,acc,{DAY},1e99", "quantity_milli '1e99' is no number"),
        (f"1,a\u202eb,{DAY},1",
         "account 'a\\u202eb': character 2 (U+202E) cannot be printed; remove it"),
        ("1,acc,2025-10-02T00:00:00Z,2025-10-01T00:00:00Z,1", "ends before it starts"),
        ("1,acc,2025-10-02T00:00:00,,1",
         "started_ms: '2025-10-02T00:00:00' has no offset: add one, like +09:00 or Z"),
        ("1,acc,1970-01-01T00:00:00Z,,1",
         "started_ms '1970-01-01T00:00:00Z' is an impossible instant"),
    ],
)  # fmt: skip
def test_a_bad_cell_costs_its_row_and_says_where(tmp_path: Path, line: str, reason: str) -> None:
    batch = table(tmp_path, JOBS, f"8,acc,{DAY},1", line, f"9,acc,{DAY},0.5")
    assert refusals(batch) == [("in.csv:3", reason)]
    assert batch.table["allocation_id"].to_pylist() == ["8", "9"]
    assert batch.table["quantity_milli"].to_pylist() == [1000, 500]
    assert batch.rows_read == 3


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("101,1,1", "busy_ppm 101 is out of range"),
        ("1,-43,1", "power_mw -43 is out of range"),
        ("1,1000000.001,1", "power_mw 1000000.001 is out of range"),
        ("1,1,2147483648", "memory_mib 2147483648 is out of range"),
        ("many,1,1", "busy_ppm 'many' is no number"),
    ],
)
def test_a_measure_out_of_range_is_refused(tmp_path: Path, cells: str, reason: str) -> None:
    limits = (f"c1,{AT},100,1000000,2147483647,", f"c2,{AT},0,0,0,")
    batch = table(tmp_path, CARDS, *limits, f"c3,{AT},{cells},")
    assert refusals(batch) == [("in.csv:4", reason)]
    assert batch.table.num_rows == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("acc,a,2025-10-01T00:00:00.5Z,,1", "started_ms is no whole second"),
        ("acc,a,2025-10-01T00:00:00Z,2025-10-01T01:00:00.001Z,1", "ended_ms is no whole second"),
        ("acc,a,2025-10-01T00:00:00Z,,", "quantity is empty"),
    ],
)
def test_a_reading_counts_in_whole_seconds(tmp_path: Path, line: str, reason: str) -> None:
    assert refusals(table(tmp_path, SNAPSHOTS, line)) == [("in.csv:2", reason)]


def test_a_word_that_is_none_of_the_allowed_is_refused(tmp_path: Path) -> None:
    unit = mapped(SNAPSHOTS, constants={"sku": "s", "unit": "gib"})
    assert refusals(table(tmp_path, unit, f"acc,a,{DAY},1")) == [
        ("in.csv:2", "unit is none of mib, milli_device")
    ]
    assert refusals(table(tmp_path, NODES, f"n1,{DAY},asleep")) == [
        ("in.csv:2", "state is none of down, drained, up")
    ]
    tpu = mapped(JOBS, constants={"resource": "tpu", "source": "lsf"})
    assert refusals(table(tmp_path, tpu, f"1,acc,{DAY},1")) == [
        ("in.csv:2", "resource is none of gpu, npu")
    ]


def test_an_untyped_device_takes_its_model_from_site_toml(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"{HEADERS['allocation']},queue\n1,a,{DAY},1,q\n2,a,{DAY},1,z\n")
    source = mapped(JOBS, columns={**map_of(JOBS).columns, "partition": "queue"}, constants={})
    batch = batch_of(path, source, cluster=Cluster("farm", partition_models={"q": "h100"}))
    assert batch.table["model"].to_pylist() == ["h100", ""]
    assert batch.table["resource"].to_pylist() == ["gpu", "gpu"]


def test_bytes_that_are_no_text_cost_only_their_row(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    head = b"\xef\xbb\xbf" + HEADERS["allocation"].encode()  # as spreadsheets write it
    path.write_bytes(b"\n".join([head, f"1,\xff,{DAY},1".encode("latin-1"),
                                 f"2,기업,{DAY},1".encode()]))  # fmt: skip
    batch = batch_of(path, JOBS)
    assert refusals(batch) == [("in.csv:2", "is neither UTF-8 nor CP949")]
    assert batch.table["account"].to_pylist() == ["기업"]


def test_a_missing_or_repeated_column_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("job,account,from,to\n")
    with pytest.raises(SourceError, match=r"in\.csv: has no column cards"):
        batch_of(path, JOBS)
    path.write_text("job,account,from,to,cards,cards\n")
    with pytest.raises(SourceError, match=r"in\.csv: has two columns cards"):
        batch_of(path, JOBS)


def test_a_table_without_rows_gives_none(tmp_path: Path) -> None:
    for source in (JOBS, CARDS, SNAPSHOTS, NODES):
        batch = table(tmp_path, source)
        assert (batch.table.num_rows, batch.rows_read, batch.skipped) == (0, 0, {})


def test_only_rows_that_touch_the_window_are_given(tmp_path: Path) -> None:
    lines = [f"1,acc,{DAY},1", "2,acc,2025-10-02T00:00:00+09:00,,1"]
    day = CALENDAR.day(CALENDAR.day_of(AT))
    batch = table(tmp_path, JOBS, *lines, window=day)
    assert batch.table["allocation_id"].to_pylist() == ["1"]
    assert batch.skipped == {"outside_window": 1}
    after = table(tmp_path, JOBS, *lines, window=Period(day.end_ms, day.end_ms + 1))
    assert after.table["allocation_id"].to_pylist() == ["2"]


def test_samples_come_with_hold_on_both_sides_of_the_window(tmp_path: Path) -> None:
    instants = [AT - 60_001, AT - 60_000, AT + 60_001, AT + 60_002]
    lines = [f"c1,{at},1,1,1," for at in instants]
    batch = table(tmp_path, CARDS, *lines, window=Period(AT, AT + 1))
    assert batch.table["sampled_ms"].to_pylist() == instants[1:3]


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_csv_packed_csv_and_parquet_give_the_same(tmp_path: Path, ending: str) -> None:
    rows = [("c1", AT, "97.5", 38.5, 1024, "7"), ("c2", AT, None, None, None, None)]
    path = tmp_path / f"in{ending}"
    if ending == ".parquet":
        columns = list(zip(*rows, strict=True))
        names = HEADERS["sample"].split(",")
        pq.write_table(pa.table(dict(zip(names, columns, strict=True))), path)
    else:
        text = "\n".join([HEADERS["sample"], f"c1,{AT},97.5,38.5,1024,7", f"c2,{AT},,,,"])
        packed = ending.endswith("gz")
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    values = batch_of(path, CARDS).table.select(
        ["device_uid", "sampled_ms", "busy_ppm", "power_mw", "memory_mib", "workload"]
    )
    assert values.to_pylist() == [
        {"device_uid": "c1", "sampled_ms": AT, "busy_ppm": 975_000, "power_mw": 38_500,
         "memory_mib": 1024, "workload": "slurm:7"},
        {"device_uid": "c2", "sampled_ms": AT, "busy_ppm": None, "power_mw": None,
         "memory_mib": None, "workload": ""},
    ]  # fmt: skip


def test_parquets_instants_and_dictionaries_are_read(tmp_path: Path) -> None:
    moment = datetime(2025, 9, 30, 15, 0, 0, 500_000, tzinfo=UTC)
    columns: Mapping[str, object] = {
        "job": pa.array([7], pa.int64()),
        "account": pa.array(["acc"]).dictionary_encode(),
        "from": pa.array([moment], pa.timestamp("us", "UTC")),
        "to": pa.array([None], pa.timestamp("us", "UTC")),
        "cards": pa.array([2], pa.int8()),
    }
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table(dict(columns)), path)
    batch = batch_of(path, JOBS)
    assert refusals(batch) == []
    (run,) = batch.table.to_pylist()
    assert (run["allocation_id"], run["account"], run["started_ms"]) == ("7", "acc", AT + 500)
    assert (run["ended_ms"], run["quantity_milli"]) == (None, 2000)


@given(st.integers(0, 2**62), st.integers(0, 6), st.integers(1, 10**6))
def test_a_decimal_text_is_multiplied_as_on_paper(digits: int, places: int, factor: int) -> None:
    text = f"{digits // 10**places}.{digits % 10**places:0{places}d}" if places else str(digits)
    value = exact_numbers.number(text)
    assert value is not None
    assert exact_numbers.floored(value, factor) == digits * factor // 10**places


@pytest.mark.shared_data
def test_a_real_trace_of_shared_gpus_gives_its_own_gpu_hours(traces: Path) -> None:
    pods = SourceConfig(
        "pods", "table", "allocation", options=ColumnMap(time_unit="s",
        epoch_ms=CALENDAR.instant("2026-01-01T00:00:00+09:00"),
        columns={
            "allocation_id": "name", "account": "qos", "submitted_ms": "creation_time",
            "started_ms": "scheduled_time", "ended_ms": "deletion_time", "state": "pod_phase",
        },
        constants={"source": "pod", "model": "v100"},
        multiply={"quantity_milli": ("num_gpu", "gpu_milli")}),
    )  # fmt: skip
    batch = batch_of(traces / "alibaba-openb-2023" / "openb_pod_list_default.csv.gz", pods)
    assert refusals(batch) == []
    assert batch.rows_read == 8_152
    assert batch.skipped == {"not_started": 897, "no_device": 1_052}
    held_us = sum(
        run["quantity_milli"] * (run["ended_ms"] - run["started_ms"])
        for run in batch.table.to_pylist()
    )
    assert round(held_us / 36_000_000) == 5_147_067  # hundredths of GPU-hours
