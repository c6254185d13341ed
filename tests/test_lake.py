"""The lake: all of a change or none of it, no lost update, no byte changed by a rerun."""

import errno
import io
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import lake_crash
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from lake_crash import named
from pyarrow import fs

from metering.contract import contract, row_digest
from metering.database import Database, open_database
from metering.errors import ConflictError, ContractError, JeongsanError
from metering.lake import Lake
from metering.manifest import Manifest
from metering.schema import manifest_head, watermark
from metering.store import ObjectStore

DAY_MS = 86_400_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path, database: Database) -> Lake:
    return Lake(tmp_path / "lake", database)


def shard(day: str = "2025-10-01", number: int = 0, cluster: str = "a") -> dict[str, object]:
    return {"cluster": cluster, "date": day, "shard": number}


def put(lake: Lake, *names: str, **place: object) -> Manifest:
    with lake.change() as change:
        return change.replace("workload", shard(**place), named(*names))


def names(lake: Lake, **filters: object) -> list[str]:
    return lake.read("workload", **filters).column("name").to_pylist()


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file under a directory with its inode and content: a file written again is another."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


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
    found = lake.partitions("workload", cluster="a", date_from="2025-10-01", date_to="2025-10-31")
    assert found == [
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


def test_a_change_that_fails_leaves_the_old_state(lake: Lake) -> None:
    put(lake, "x")

    def fail() -> None:
        with lake.change() as change:
            change.replace("workload", shard(), named("y"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(lake) == ["x"]


def test_what_is_recorded_stands_or_falls_with_the_partitions(
    lake: Lake, database: Database
) -> None:
    def mark(connection: sa.Connection) -> None:
        row = {"cluster": "a", "source": "s", "complete_to_ms": 1}
        connection.execute(sa.insert(watermark), [row])

    def put_and_mark(name: str) -> None:
        with lake.change() as change:
            change.replace("workload", shard(), named(name))
            change.record(mark)

    put_and_mark("x")
    with pytest.raises(sa.exc.IntegrityError):
        put_and_mark("y")
    assert names(lake) == ["x"]
    with database.read() as connection:
        assert connection.execute(sa.select(watermark.c.complete_to_ms)).all() == [(1,)]


def test_a_change_may_record_without_touching_a_partition(lake: Lake, database: Database) -> None:
    row = {"cluster": "a", "source": "s", "complete_to_ms": 1}
    with lake.change() as change:
        change.record(lambda connection: connection.execute(sa.insert(watermark), [row]))
    with database.read() as connection:
        assert len(connection.execute(sa.select(watermark)).all()) == 1


@pytest.mark.parametrize("first", ["put", "remove", "none"])
@pytest.mark.parametrize("second", ["put", "remove"])
@pytest.mark.parametrize("kept", [False, True])
def test_a_writer_that_lost_is_told_and_changes_nothing(
    lake: Lake, first: str, second: str, kept: bool
) -> None:
    """Also where it left the partition as it was (`kept`): as it was is not as it is."""
    if first != "none":
        put(lake, "old")
    if first == "remove":
        with lake.change() as change:
            change.remove("workload", shard())
    slow = lake.change()
    losing = slow.__enter__()
    losing.replace("workload", shard("2025-10-02"), named("slow"))
    losing.replace("workload", shard(), named(*["old"] * (kept and first == "put") or ["slow"]))
    put(lake, "fast")
    if second == "remove":
        with lake.change() as change:
            change.remove("workload", shard())
    with pytest.raises(ConflictError, match=r"workload/cluster=a/date=2025-10-01/shard=0 was"):
        slow.__exit__(None, None, None)
    assert names(lake) == (["fast"] if second == "put" else [])


def test_a_writer_that_comes_second_with_the_same_rows_has_lost_too(lake: Lake) -> None:
    """Two that count up from the same state make the same rows; one of them has to count again."""
    slow = lake.change()
    losing = slow.__enter__()
    put(lake, "x")
    with pytest.raises(ConflictError, match="was changed by another run"):
        losing.replace("workload", shard(), named("x"))
    with pytest.raises(ConflictError, match="was changed by another run"):
        losing.remove("workload", shard())


def count_up(root: Path, times: int) -> None:
    """Add rows to one partition, one at a time, reading again after each lost race."""
    with open_database(f"sqlite:///{root}/jeongsan.db") as database:
        lake = Lake(root / "lake", database)
        done = 0
        while done < times:
            try:
                with lake.change() as change:
                    rows = lake.read("workload").num_rows
                    change.replace("workload", shard(), named(*["x"] * (rows + 1)))
                done += 1
            except ConflictError:
                continue


def test_two_processes_that_race_lose_no_update(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/jeongsan.db").close()
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=count_up, args=(tmp_path, 15)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0, 0]
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        assert Lake(tmp_path / "lake", database).read("workload").num_rows == 30


def state(root: Path) -> tuple[list[str], list[str], int]:
    with open_database(f"sqlite:///{root}/jeongsan.db") as database:
        lake = Lake(root / "lake", database)
        days = [partition["date"] for partition in lake.partitions("workload")]
        with database.read() as connection:
            mark = connection.execute(sa.select(watermark.c.complete_to_ms)).scalar_one()
        return days, names(lake), mark


def test_a_process_killed_between_any_two_writes_leaves_the_old_state_or_the_new(
    tmp_path: Path,
) -> None:
    lake_crash.make(tmp_path / "base", ("old",), 1)
    old = (list(lake_crash.SETS), ["old"] * 3, 1)
    new = (list(lake_crash.SETS[:2]), ["new-1", "new-2"] * 2, 2)
    assert state(tmp_path / "base") == old
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    crash = [sys.executable, lake_crash.__file__, str(tmp_path)]
    subprocess.run(crash, check=True, env=environment)
    roots = sorted(path for path in tmp_path.iterdir() if path.name != "base")
    found = [state(root) for root in roots]
    turned = found.index(new)
    assert found == [old] * turned + [new] * (len(found) - turned)
    assert len(found) - turned == 2  # killed just after the transaction, and not killed
    assert turned > 2 * 2 * 4  # two files a partition, four boundaries a file, and the transaction
    for root in roots:
        lake_crash.make(root, ("new-1", "new-2"), 2)
        assert state(root) == new


def test_a_killed_writers_leavings_are_swept(tmp_path: Path, lake: Lake) -> None:
    put(lake, "x")
    before = files(tmp_path / "lake")

    def stop(boundary: str) -> None:
        if boundary.startswith("written") and boundary.endswith("json"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(Lake(tmp_path / "lake", lake.database, stop), "y")
    left = sorted(files(tmp_path / "lake").keys() - before.keys())
    assert [name.rpartition(".")[2] for name in left] == ["part", "parquet"]
    old = min((tmp_path / "lake" / name).stat().st_mtime_ns for name in left) // 1_000_000
    assert lake.sweep(7 * DAY_MS, old + 7 * DAY_MS) == []
    assert sorted(lake.sweep(7 * DAY_MS, age_ms(tmp_path) + 7 * DAY_MS + 1)) == left
    assert files(tmp_path / "lake") == before


def age_ms(root: Path) -> int:
    """When the newest file of the lake was written."""
    return max(
        path.stat().st_mtime_ns // 1_000_000
        for path in (root / "lake").rglob("*")
        if path.is_file()
    )


def test_sweeping_keeps_what_is_in_force_or_kept_by_name(lake: Lake, tmp_path: Path) -> None:
    bundled = put(lake, "bundled")
    stray = put(lake, "stray")
    current = put(lake, "current")
    gone = lake.sweep(0, age_ms(tmp_path) + 1, keep={bundled.digest})
    assert {Path(path).stem for path in gone} == {stray.digest, stray.files[0].sha256}
    assert lake.rows(bundled).column("name").to_pylist() == ["bundled"]
    assert lake.rows(current).column("name").to_pylist() == ["current"]


def test_sweeping_leaves_alone_what_is_no_tables(lake: Lake, tmp_path: Path) -> None:
    put(lake, "x")
    stranger = tmp_path / "lake" / "bundle" / f"{'0' * 64}.json"
    stranger.parent.mkdir()
    stranger.write_text("{}", encoding="utf-8")
    assert lake.sweep(0, age_ms(tmp_path) + 1) == []


def test_a_file_swept_before_its_change_ended_is_a_conflict(lake: Lake, tmp_path: Path) -> None:
    put(lake, "x")

    def put_slowly() -> None:
        with lake.change() as change:
            change.replace("workload", shard(), named("y"))
            assert len(lake.sweep(0, age_ms(tmp_path) + 1)) == 2

    with pytest.raises(ConflictError, match="was swept meanwhile"):
        put_slowly()
    assert names(lake) == ["x"]


def test_a_lost_file_is_named_and_a_rerun_writes_it_again(lake: Lake) -> None:
    put(lake, "x")
    [path] = lake.paths("workload")
    Path(path).unlink()
    with pytest.raises(JeongsanError, match=r"\.parquet"):
        lake.read("workload")
    put(lake, "x")
    assert names(lake) == ["x"]


def test_a_file_whose_bytes_changed_is_not_read(lake: Lake) -> None:
    put(lake, "x")
    [path] = lake.paths("workload")
    content = bytearray(Path(path).read_bytes())
    content[40] ^= 1
    Path(path).write_bytes(content)
    with pytest.raises(ContractError, match="its bytes were changed or lost"):
        lake.read("workload")


def test_a_manifest_whose_bytes_changed_is_not_read(lake: Lake, tmp_path: Path) -> None:
    made = put(lake, "x")
    [path] = (tmp_path / "lake").rglob(f"{made.digest}.json")
    path.write_bytes(path.read_bytes().replace(b'"rows":1', b'"rows":2'))
    with pytest.raises(ContractError, match="its bytes were changed or lost"):
        Lake(tmp_path / "lake", lake.database).read("workload")


def test_a_lake_that_cannot_be_written_says_so_and_leaves_nothing_behind(
    lake: Lake, tmp_path: Path
) -> None:
    put(lake, "x")
    before = files(tmp_path / "lake")

    def full(boundary: str) -> None:
        if boundary.startswith("opened") and boundary.endswith("json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(JeongsanError, match=r"No space left on device; nothing was changed"):
        put(Lake(tmp_path / "lake", lake.database, full), "y")
    assert [name.endswith(".part") for name in files(tmp_path / "lake").keys() - before] == [False]
    assert names(lake) == ["x"]


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


class Bucket(fs.FileSystemHandler):
    """A bucket in memory that does no more than the lake may ask: whole puts, gets, a listing."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_type_name(self) -> str:
        return "bucket"

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        return [
            fs.FileInfo(path, fs.FileType.File, size=len(self.objects[path]), mtime_ns=0)
            if path in self.objects
            else fs.FileInfo(path, fs.FileType.NotFound)
            for path in paths
        ]

    def get_file_info_selector(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        under = [path for path in self.objects if path.startswith(selector.base_dir)]
        return self.get_file_info(under[::-1])

    def open_output_stream(self, path: str, metadata: object) -> pa.NativeFile:
        bucket = self

        class Upload(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    bucket.objects[path] = self.getvalue()
                super().close()

        return pa.PythonFile(Upload(), mode="w")

    def open_input_stream(self, path: str) -> pa.NativeFile:
        return pa.BufferReader(self.objects[path])

    def delete_file(self, path: str) -> None:
        del self.objects[path]

    def refuse(self, *_: object) -> None:
        raise NotImplementedError

    copy_file = create_dir = delete_dir = delete_dir_contents = refuse
    delete_root_dir_contents = move = normalize_path = refuse
    open_append_stream = open_input_file = refuse


def test_a_bucket_needs_no_more_than_puts_gets_and_the_sweeps_listing(database: Database) -> None:
    bucket = Bucket()
    lake = Lake("unused", database)
    lake.store = ObjectStore(fs.PyFileSystem(bucket), "centre/lake", "s3://centre/lake?region=x")
    made = put(lake, "x")
    put(lake, "y")
    again = put(lake, "y")
    assert names(lake) == ["y"]
    folder = "s3://centre/lake/workload/cluster=a/date=2025-10-01/shard=0"
    assert lake.paths("workload") == [f"{folder}/{again.files[0].sha256}.parquet?region=x"]
    assert {Path(path).stem for path in lake.sweep(0, 1)} == {made.digest, made.files[0].sha256}
    assert names(lake) == ["y"]


def test_a_bucket_that_keeps_other_bytes_than_were_sent_is_refused(database: Database) -> None:
    class Framing(Bucket):
        def open_output_stream(self, path: str, metadata: object) -> pa.NativeFile:
            self.objects[path] = b"framed"
            return pa.PythonFile(io.BytesIO(), mode="w")

    lake = Lake("unused", database)
    lake.store = ObjectStore(fs.PyFileSystem(Framing()), "centre/lake", "s3://centre/lake")
    with pytest.raises(JeongsanError, match="keeps 6 of"):
        put(lake, "x")
    assert lake.partitions("workload") == []
