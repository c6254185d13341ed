"""Shards of kube-state-metrics: pods of one that is not heard have not ended."""

from pathlib import Path

import pytest

from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    MINUTE_MS,
    answering_for,
    asks,
    lives,
    points,
    read_from,
    runs,
)
from tests.builders.servers.prometheus import Written
from tests.builders.sites.metering_site import MIDNIGHT


def shard(ordinal: int, last: int = 60, total: int = 2) -> list[Written]:
    """What one shard says of itself up to a minute."""
    own = f'instance="ksm-{ordinal}"'
    return [
        Written("kube_state_metrics_shard_ordinal", f'{own},shard_ordinal="{ordinal}"',
                points(-10, last, str(ordinal))),
        Written("kube_state_metrics_total_shards", own, points(-10, last, str(total))),
    ]  # fmt: skip


def batch(folder: Path, *shards: list[Written], last: int = 60) -> Batch:
    """A pod of the first shard, told of to the end, and one of the second."""
    first = [asks("a", -10, 60), *lives("a", -10, 60)]
    second = [asks("b", -10, last), *lives("b", -10, last)]
    with answering_for([*first, *second, *(own for several in shards for own in several)]) as at:
        return read_from(at, folder)


def test_pods_of_a_shard_that_fell_silent_go_on_and_nothing_is_complete_beyond(
    tmp_path: Path,
) -> None:
    made = batch(tmp_path, shard(0), shard(1, 30), last=30)
    assert runs(made) == {"a": (1000, -90, None), "b": (1000, -90, None)}
    assert made.complete_to_ms == MIDNIGHT + 30 * MINUTE_MS
    (note,) = made.notes
    assert (note.severity, note.kind, note.subject) == ("warn", "silent_scheduler", "state 1/2")


def test_a_shard_that_is_never_heard_stops(tmp_path: Path) -> None:
    made = batch(tmp_path, shard(0))
    (note,) = made.notes
    assert (note.severity, note.subject) == ("fail", "state 1/2")


@pytest.mark.parametrize("shards", [[], [shard(0, total=1)]])
def test_one_shard_that_loses_a_pod_has_seen_its_end(
    tmp_path: Path, shards: list[list[Written]]
) -> None:
    made = batch(tmp_path, *shards, last=30)
    assert runs(made) == {"a": (1000, -90, None), "b": (1000, -90, 30)}
    assert (made.notes, made.complete_to_ms) == ((), MIDNIGHT + 60 * MINUTE_MS)


def test_shards_that_are_no_more_are_not_waited_for(tmp_path: Path) -> None:
    """Two became one: the first tells of all pods since."""
    alone = Written("kube_state_metrics_total_shards", 'instance="ksm-new"', points(31, 60, "1"))
    made = batch(tmp_path, [shard(0)[0], alone], shard(1, 30))
    assert (made.notes, made.complete_to_ms) == ((), MIDNIGHT + 60 * MINUTE_MS)
