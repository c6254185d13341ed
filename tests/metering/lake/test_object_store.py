"""Where the lake's bytes lie: full disks, buckets that can do little, and sweeping."""

import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import fs

from metering.database.connection import Database, open_database
from metering.errors import ConflictError, JeongsanError
from metering.lake.lake import Lake
from metering.lake.object_store import LocalStore, ObjectStore
from tests.builders.lakes import Bucket, files, named, names, put, shard

DAY_MS = 86_400_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path, database: Database) -> Lake:
    return Lake(tmp_path / "lake", database)


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


def test_a_place_is_reached_without_a_trace(tmp_path: Path) -> None:
    assert LocalStore(tmp_path / "lake").reach() == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "lake").write_text("a file", encoding="utf-8")
    with pytest.raises(JeongsanError, match="cannot be written"):
        LocalStore(tmp_path / "lake").reach()


def test_a_bucket_is_reached_and_one_that_is_not_there_is_told() -> None:
    class Whole(Bucket):
        def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
            return [
                fs.FileInfo(
                    path, fs.FileType.Directory if path == "centre" else fs.FileType.NotFound
                )
                for path in paths
            ]

    filesystem = fs.PyFileSystem(Whole())
    store = ObjectStore(filesystem, "centre/lake", "s3://centre/lake?region=x")
    assert store.reach() == "writing"  # which is not tried: a bucket would keep it
    with pytest.raises(JeongsanError, match="there is no bucket other"):
        ObjectStore(filesystem, "other", "s3://other").reach()
