"""Changes of the lake: all of one or none of it, whoever else writes and whenever it is killed."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from metering.database.connection import Database, open_database
from metering.database.tables import watermark
from metering.errors import ConflictError
from metering.lake.lake import Lake
from tests.builders.lakes import named, names, put, shard
from tests.builders.servers.fork_server import run_forked
from tests.crash import kill_lake_change


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path, database: Database) -> Lake:
    return Lake(tmp_path / "lake", database)


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


@pytest.mark.breadth
def test_two_processes_that_race_lose_no_update(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/jeongsan.db").close()
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=count_up, args=(tmp_path, 8)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0, 0]
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        assert Lake(tmp_path / "lake", database).read("workload").num_rows == 16


def test_threads_that_race_lose_no_update(tmp_path: Path) -> None:
    """Two threads of one process may write one and the same file at once."""
    racers = [Thread(target=count_up, args=(tmp_path, 5)) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as database:
        assert Lake(tmp_path / "lake", database).read("workload").num_rows == 15


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
    kill_lake_change.make(tmp_path / "base", ("old",), 1)
    old = (list(kill_lake_change.SETS), ["old"] * 3, 1)
    new = (list(kill_lake_change.SETS[:2]), ["new-1", "new-2"] * 2, 2)
    assert state(tmp_path / "base") == old
    run_forked("tests.crash.kill_lake_change", tmp_path)
    roots = sorted(path for path in tmp_path.iterdir() if path.name != "base")
    found = [state(root) for root in roots]
    turned = found.index(new)
    assert found == [old] * turned + [new] * (len(found) - turned)
    assert len(found) - turned == 2  # killed just after the transaction, and not killed
    assert turned > 2 * 2 * 4  # two files a partition, four boundaries a file, and the transaction
    for root in roots:
        kill_lake_change.make(root, ("new-1", "new-2"), 2)
        assert state(root) == new
