"""The lake: what was put is what is read; a rerun changes no byte."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from metering.database.connection import Database, open_database
from metering.database.tables import manifest_head
from metering.errors import ContractError, DamageError
from metering.lake.contract import contract, row_digest
from metering.lake.lake import Lake
from tests.builders.lakes import files, named, names, put, shard


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path, database: Database) -> Lake:
    return Lake(tmp_path / "lake", database)


def test_what_was_put_is_read_with_its_partition(lake: Lake) -> None:
    put(lake, "x", "y")
    assert lake.read("workload").to_pylist() == [
        {
            "cluster": "a",
            "date": date(2025, 10, 1),
            "shard": 0,
            "workload_id": number,
            "kind": "slurm",
            "name": name,
        }
        for number, name in ((1, "x"), (2, "y"))
    ]


def test_nothing_there_reads_as_no_rows_of_the_contracts_schema(lake: Lake) -> None:
    assert lake.read("usage_day", cluster="a") == contract("usage_day").schema.empty_table()
    assert lake.partitions("usage_day") == []
    assert lake.paths("usage_day") == []
    assert lake.manifest("usage_day", cluster="a", date="2025-10-01") is None


def test_partitions_are_found_by_their_keys_and_an_inclusive_range_of_days(lake: Lake) -> None:
    with lake.change() as change:
        for cluster in ("a", "a-b", "ab"):
            for day in ("2025-09-30", "2025-10-01", "2025-10-31", "2025-11-01"):
                for number in (0, 10):
                    change.replace("workload", shard(day, number, cluster), named("x"))
    partitions = lake.partitions(
        "workload", cluster="a", date_from="2025-10-01", date_to="2025-10-31"
    )
    assert partitions == [
        {"cluster": "a", "date": day, "shard": number}
        for day in ("2025-10-01", "2025-10-31")
        for number in ("0", "10")
    ]
    days = {"date_from": date(2025, 10, 31), "date_to": date(2025, 10, 31)}
    assert lake.partitions("workload", shard=10, **days) == [
        {"cluster": cluster, "date": "2025-10-31", "shard": "10"} for cluster in ("a", "a-b", "ab")
    ]
    assert len(lake.partitions("workload", cluster="a")) == 8
    assert len(lake.partitions("workload", cluster="a", date=date(2025, 11, 1))) == 2
    assert len(lake.partitions("workload", date_to="2025-09-30")) == 6
    assert len(lake.partitions("workload")) == 24


def test_a_filter_that_is_no_partition_key_is_refused(lake: Lake) -> None:
    with pytest.raises(ContractError, match="no partition key colour"):
        lake.read("workload", colour="red")


@pytest.mark.parametrize("cluster", ["../a", "", "a/b", "a=b", ".a", "가", "a\n", "a" * 101])
def test_a_partition_value_cannot_be_a_path(lake: Lake, cluster: str) -> None:
    with pytest.raises(ContractError, match="partition cluster="):
        put(lake, "x", cluster=cluster)


def test_a_partition_needs_exactly_its_keys(lake: Lake) -> None:
    with (
        pytest.raises(ContractError, match="partitioned by cluster, date, shard"),
        lake.change() as change,
    ):
        change.replace("workload", {"cluster": "a", "date": "2025-10-01"}, named("x"))


def test_rows_that_break_the_contract_change_nothing(lake: Lake, tmp_path: Path) -> None:
    put(lake, "x")
    before = files(tmp_path / "lake")
    with pytest.raises(ContractError), lake.change() as change:
        change.replace("workload", shard(), named("y").drop_columns(["kind"]))
    assert files(tmp_path / "lake") == before
    assert names(lake) == ["x"]


def test_the_manifest_says_what_was_written(lake: Lake) -> None:
    with lake.change() as change:
        made = change.replace("workload", shard(), named("x", "y"), {"b": "2", "a": "1"})
    kept = lake.manifest("workload", **shard())
    [path] = lake.paths("workload")
    assert kept == made
    assert (made.rows, made.inputs, made.hours) == (2, {"a": "1", "b": "2"}, {})
    assert made.row_digest == row_digest(lake.read("workload"))
    assert made.size == Path(path).stat().st_size
    assert path.endswith(
        f"workload/cluster=a/date=2025-10-01/shard=0/{made.files[0].sha256}.parquet"
    )
    assert Path(path).with_name(f"{made.digest}.json").read_bytes() == made.document()


def test_a_selection_stays_readable_after_a_later_change(lake: Lake) -> None:
    put(lake, "x")
    selected = lake.select("workload")
    put(lake, "y")
    assert selected.read().column("name").to_pylist() == ["x"]
    assert selected.digests() == {
        "workload/cluster=a/date=2025-10-01/shard=0": row_digest(selected.read())
    }
    assert names(lake) == ["y"]


def test_a_partition_without_rows_is_in_force_all_the_same(lake: Lake) -> None:
    made = put(lake)
    assert (made.rows, made.files) == (0, ())
    assert lake.partitions("workload") == [{"cluster": "a", "date": "2025-10-01", "shard": "0"}]
    assert names(lake) == []


def test_a_removed_partition_is_gone_and_can_come_back(lake: Lake) -> None:
    put(lake, "x")
    with lake.change() as change:
        change.remove("workload", shard())
    assert lake.partitions("workload") == []
    put(lake, "x")
    assert names(lake) == ["x"]


def test_the_same_rows_again_change_no_byte_of_lake_or_database(
    lake: Lake, database: Database, tmp_path: Path
) -> None:
    put(lake, "x", "y")
    with database.read() as connection:
        heads = connection.execute(sa.select(manifest_head)).all()
    before = files(tmp_path / "lake")
    with lake.change() as change:
        change.replace("workload", shard(), named("x", "y"))
        change.remove("workload", shard("2025-10-02"))
    assert files(tmp_path / "lake") == before
    with database.read() as connection:
        assert connection.execute(sa.select(manifest_head)).all() == heads


def test_other_inputs_of_the_same_rows_make_a_manifest_but_no_file(lake: Lake) -> None:
    first = put(lake, "x")
    with lake.change() as change:
        second = change.replace("workload", shard(), named("x"), {"sample": "1"})
    assert second.files == first.files
    assert second.digest != first.digest
    assert lake.manifest("workload", **shard()) == second


def test_two_lakes_of_the_same_rows_have_the_same_bytes(tmp_path: Path) -> None:
    for root in (tmp_path / "1", tmp_path / "2"):
        with open_database(f"sqlite:///{root}/jeongsan.db") as database:
            lake = Lake(root / "lake", database)
            put(lake, *(["x", "y"] if root.name == "1" else ["z"]))
            put(lake, "x", "y")
    first, second = ({n: c for n, (_, c) in files(tmp_path / r / "lake").items()} for r in "12")
    assert first.items() <= second.items()


def test_a_lost_file_is_named_and_a_rerun_writes_it_again(lake: Lake) -> None:
    put(lake, "x")
    [path] = lake.paths("workload")
    Path(path).unlink()
    with pytest.raises(DamageError, match=r"\.parquet: is missing"):
        lake.read("workload")
    put(lake, "x")
    assert names(lake) == ["x"]


def test_a_file_whose_bytes_changed_is_not_read(lake: Lake) -> None:
    put(lake, "x")
    [path] = lake.paths("workload")
    content = bytearray(Path(path).read_bytes())
    content[40] ^= 1
    Path(path).write_bytes(content)
    with pytest.raises(DamageError, match="its bytes were changed"):
        lake.read("workload")


def test_a_manifest_whose_bytes_changed_is_not_read(lake: Lake, tmp_path: Path) -> None:
    made = put(lake, "x")
    [path] = (tmp_path / "lake").rglob(f"{made.digest}.json")
    path.write_bytes(path.read_bytes().replace(b'"rows":1', b'"rows":2'))
    with pytest.raises(DamageError, match="its bytes were changed"):
        Lake(tmp_path / "lake", lake.database).read("workload")


def test_partition_values_are_columns_of_the_file(lake: Lake) -> None:
    put(lake, "x")
    [path] = lake.paths("workload")
    assert pq.ParquetFile(path).read().to_pylist() == lake.read("workload").to_pylist()


def test_a_lake_lies_beside_its_site(tmp_path: Path, database: Database) -> None:
    class Site:
        directory = tmp_path
        lake = "deep/lake"

    put(Lake(Site(), database), "x")
    assert names(Lake(tmp_path / "deep" / "lake", database)) == ["x"]
