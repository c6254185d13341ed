"""Every byte of a lake is held to its digest, on disk and in a bucket, before anybody has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from metering.database.connection import open_database
from metering.errors import DamageError
from metering.lake.inspection import Inspection, Partition
from metering.lake.lake import Lake
from metering.lake.manifest import manifest_path
from metering.lake.object_store import LocalStore
from tests.breadth import few
from tests.builders.lakes import named, names, put, shard
from tests.builders.servers.s3 import s3_bucket

FOLDER = "workload/cluster=a/date=2025-10-01/shard=0"
Change = Callable[[bytes], bytes]
BREAKS: dict[str, Change] = {
    "a bit": lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:],
    "half": lambda content: content[: len(content) // 2],
    "longer": lambda content: content + b"\0",
    "empty": lambda content: b"",
}


@dataclass
class Kept:
    """A lake whose files can be changed behind its back."""

    open: Callable[[], Lake]
    read: Callable[[str], bytes]
    write: Callable[[str, bytes], None]
    lose: Callable[[str], None]


@pytest.fixture(params=["disk", "bucket"])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Kept]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        if request.param == "disk":
            root = tmp_path / "lake"
            yield Kept(
                lambda: Lake(root, database),
                lambda path: (root / path).read_bytes(),
                lambda path, content: (root / path).write_bytes(content) and None,
                lambda path: (root / path).unlink(),
            )
            return
        with s3_bucket(monkeypatch) as bucket:
            yield Kept(
                lambda: Lake(bucket.lake(), database),
                lambda path: bucket.objects[f"lake/{path}"],
                lambda path, content: bucket.objects.update({f"lake/{path}": content}),
                lambda path: bucket.objects.pop(f"lake/{path}") and None,
            )


def readers(lake: Lake) -> list[Callable[[], object]]:
    """Every way in which rows leave a lake."""
    return [
        lambda: lake.read("workload"),
        lambda: lake.paths("workload"),
        lambda: lake.select("workload").files(),
        lambda: [lake.rows(manifest) for manifest in lake.select("workload").manifests],
    ]


@pytest.mark.parametrize("broken", BREAKS)
def test_a_changed_file_is_named_by_every_reader_with_what_mends_it(
    kept: Kept, broken: str
) -> None:
    data, manifest = written(kept.open())
    for path in (data, manifest):
        whole = kept.read(path)
        kept.write(path, BREAKS[broken](whole))
        for reader in readers(kept.open()):
            with pytest.raises(DamageError) as told:
                reader()
            assert str(told.value) == (
                f"{path}: its bytes were changed; `jeongsan repair` says what can be made anew"
            )
        kept.write(path, whole)
        for reader in readers(kept.open()):
            reader()


def test_a_lost_file_is_named_by_every_reader(kept: Kept) -> None:
    for path in written(kept.open()):
        whole = kept.read(path)
        kept.lose(path)
        for reader in readers(kept.open()):
            with pytest.raises(DamageError, match=f"{path}: is missing from the lake; `jeongsan"):
                reader()
        kept.write(path, whole)


def test_files_that_were_swapped_are_both_named(kept: Kept) -> None:
    lake = kept.open()
    here, there = put(lake, "x"), put(lake, "y", day="2025-10-02")
    paths = [f"workload/cluster=a/date=2025-10-0{day}/shard=0" for day in (1, 2)]
    files = [f"{p}/{m.files[0].sha256}.parquet" for p, m in zip(paths, (here, there), strict=True)]
    first, second = (kept.read(path) for path in files)
    kept.write(files[0], second)
    kept.write(files[1], first)
    for day, path in zip(("2025-10-01", "2025-10-02"), files, strict=True):
        with pytest.raises(DamageError, match=path):
            kept.open().read("workload", date=day)


@pytest.mark.parametrize("which", ["data", "manifest", "both"])
@pytest.mark.parametrize("broken", few(2, ["lost", *BREAKS]))
def test_the_same_rows_again_write_what_was_broken_byte_for_byte(
    kept: Kept, broken: str, which: str
) -> None:
    data, manifest = written(kept.open())
    paths = {"data": [data], "manifest": [manifest], "both": [data, manifest]}[which]
    whole = {path: kept.read(path) for path in (data, manifest)}
    for path in paths:
        kept.lose(path) if broken == "lost" else kept.write(path, BREAKS[broken](whole[path]))
    put(kept.open(), "x", "y")
    assert {path: kept.read(path) for path in whole} == whole
    assert names(kept.open()) == ["x", "y"]


def test_other_rows_take_the_place_of_a_broken_partition(kept: Kept) -> None:
    _, manifest = written(kept.open())
    kept.lose(manifest)
    put(kept.open(), "z")
    assert names(kept.open()) == ["z"]
    put(kept.open(), "x", "y")
    assert names(kept.open()) == ["x", "y"]


def test_a_broken_partition_can_be_removed(kept: Kept) -> None:
    _, manifest = written(kept.open())
    kept.lose(manifest)
    with kept.open().change() as change:
        change.remove("workload", shard())
    assert names(kept.open()) == []


def test_a_file_is_held_once_until_it_is_written_again(tmp_path: Path) -> None:
    class Counting(LocalStore):
        read = 0

        def pieces(self, path: str) -> Iterator[bytes]:
            self.read += 1
            return super().pieces(path)

    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        lake = Lake(tmp_path / "lake", database)
        data, _ = written(lake)
        lake.store = store = Counting(tmp_path / "lake")
        for _ in range(3):
            lake.select("workload").files()
        assert store.read == 1
        path = tmp_path / "lake" / data
        path.write_bytes(BREAKS["a bit"](path.read_bytes()))
        with pytest.raises(DamageError):
            lake.select("workload").files()
        assert store.read == 2


def test_what_a_disk_cannot_read_is_told_as_that(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        lake = Lake(tmp_path / "lake", database)
        data, _ = written(lake)
        path = tmp_path / "lake" / data
        path.unlink()
        path.symlink_to("/proc/self/mem")  # which opens, and reads as a bad sector does
        for reader in readers(lake):
            with pytest.raises(DamageError, match=f"{data}: cannot be read: Input/output error"):
                reader()
        path.unlink()
        path.mkdir()
        for reader in readers(lake):
            with pytest.raises(DamageError, match=f"{data}: cannot be read: Is a directory"):
                reader()


def test_looking_through_reads_each_file_once_and_names_what_each_partition_lacks(
    kept: Kept,
) -> None:
    lake = kept.open()
    data, path = written(lake)
    first = lake.manifest("workload", **shard())
    assert first is not None
    with lake.change() as change:  # the same file under another manifest
        second = change.replace("workload", shard(), named("x", "y"), {"sample": "1"})
    partitions = [
        Partition("workload", FOLDER.partition("/")[2], m.digest) for m in (first, second)
    ]
    sizes: list[int] = []
    looked = Inspection(kept.open(), sizes.append)
    for partition in [*partitions, *partitions]:
        looked.partition(partition)
    assert (looked.files, looked.broken) == (3, ())
    assert looked.named == {data, path, manifest_path(second)}
    assert sum(sizes) == looked.size == sum(len(kept.read(name)) for name in looked.named)
    kept.write(data, BREAKS["a bit"](kept.read(data)))
    kept.lose(manifest_path(second))
    looked = Inspection(kept.open(), sizes.append)
    for partition in partitions:
        looked.partition(partition)
    found = {(file.path, file.what): file.partitions for file in looked.broken}
    assert found == {
        (data, "its bytes were changed"): (partitions[0],),
        (manifest_path(second), "is missing from the lake"): (partitions[1],),
    }


def test_an_engine_is_given_the_bytes_of_a_bucket_and_the_names_of_a_disk(kept: Kept) -> None:
    written(kept.open())
    (opened,) = kept.open().select("workload").files()
    if isinstance(opened, pa.Buffer):
        assert opened.to_pybytes() == kept.read(written(kept.open())[0])
    else:
        assert Path(opened).read_bytes() == kept.read(written(kept.open())[0])


def written(lake: Lake) -> tuple[str, str]:
    """The paths of a partition's file and manifest."""
    manifest = put(lake, "x", "y")
    return f"{FOLDER}/{manifest.files[0].sha256}.parquet", manifest_path(manifest)
