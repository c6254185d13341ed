"""The layout of samples and intervals: bytes a row, encodings chosen from the rows alone."""

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metering.database.connection import open_database
from metering.lake import parquet
from metering.lake.contract import contract, row_digest
from metering.lake.lake import Lake
from tests.builders.telemetry import PARTITION, intervals, samples

BYTES_A_ROW_MAX = 9


@pytest.fixture(scope="module")
def sampled() -> pa.Table:
    return samples(devices=50)


def conformed(table: str, rows: pa.Table) -> pa.Table:
    place = {key: str(value) for key, value in PARTITION.items()}
    return contract(table).conform(rows, place)


@pytest.mark.parametrize("idle_share", [0, 0.3, 1])
@pytest.mark.parametrize("table", ["sample", "interval"])
def test_a_day_of_telemetry_takes_at_most_nine_bytes_a_row(table: str, idle_share: float) -> None:
    rows = samples(devices=50, idle_share=idle_share)
    rows = conformed(table, rows if table == "sample" else intervals(rows))
    written = parquet.write(rows, contract(table))
    assert written.size / rows.num_rows <= BYTES_A_ROW_MAX
    assert parquet.read(written, contract(table)).num_rows == rows.num_rows


def test_encodings_fit_what_the_columns_hold(sampled: pa.Table) -> None:
    written = parquet.write(conformed("sample", sampled), contract("sample"))
    group = pq.ParquetFile(pa.BufferReader(written)).metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    delta = {name for name, one in columns.items() if "DELTA_BINARY_PACKED" in one.encodings}
    assert delta == {"sampled_ms", "power_mw", "energy_mj"}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert group.num_rows == parquet.ROW_GROUP_ROWS
    assert columns["device_id"].statistics.min == 1  # engines skip row groups by it


def test_the_bytes_follow_from_the_rows_alone(sampled: pa.Table) -> None:
    rows = conformed("sample", sampled)
    cuts = [0, 1, 70_000, 122_881, rows.num_rows]
    parts = [rows.slice(low, high - low) for low, high in itertools.pairwise(cuts)]
    rechunked = pa.concat_tables(parts)
    kept = contract("sample")
    assert parquet.write(rechunked, kept).equals(parquet.write(rows, kept))


def test_an_hour_of_a_shard_can_be_told_from_another(tmp_path: Path, sampled: pa.Table) -> None:
    """One changed value changes the digest of its hour and of the whole, and of no other hour."""
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        lake = Lake(tmp_path / "lake", database)
        with lake.change() as change:
            before = change.replace("sample", PARTITION, sampled)
        busy = sampled.column("busy_ppm").to_pylist()
        busy[1000] = 10_000 - busy[1000] if busy[1000] <= 10_000 else busy[1000] - 10_000
        other = sampled.set_column(2, "busy_ppm", pa.array(busy, pa.int32()))
        with lake.change() as change:
            after = change.replace("sample", PARTITION, other)
        assert row_digest(lake.read("sample")) == after.row_digest != before.row_digest
    hour = sampled.column("sampled_ms")[1000].as_py() // 3_600_000 * 3_600_000
    assert len(before.hours) in (24, 25)  # jitter reaches into the hour before the day
    assert {h for h in before.hours if before.hours[h] != after.hours[h]} == {hour}
