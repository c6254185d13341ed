"""How many devices a pod requests: sidecars, init containers, and whose word is taken."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    GPU,
    INIT,
    answering_for,
    asks,
    lives,
    points,
    read_from,
    runs,
    together,
    who,
)
from tests.builders.servers.prometheus import Written

SCHEDULER = "kube_pod_resource_request"
Init = tuple[str, str, bool]  # container, devices, whether it is a sidecar


def pod(main: str, *init: Init, uid: str = "p") -> list[Written]:
    """A pod of one container, with containers that begin before it."""
    series = [asks(uid, -10, 60, main), *lives(uid, -10, 60)]
    for container, many, sidecar in init:
        policy = ',restart_policy="Always"' if sidecar else ""
        series.append(asks(uid, -10, 60, many, container=container, metric=INIT))
        info = f'{who(uid)},container="{container}"{policy}'
        series.append(Written("kube_pod_init_container_info", info, points(-10, 60)))
    return series


def scheduler(
    many: str, first: int = -10, last: int = 60, *, resource: str = "nvidia.com/gpu",
    node: str = "n1",
) -> Written:  # fmt: skip
    """What kube-scheduler counts for the pod."""
    labels = f'namespace="lab",pod="p",node="{node}",scheduler="s",priority="0"'
    return Written(SCHEDULER, f'{labels},resource="{resource}"', points(first, last, many))


def batch(folder: Path, *series: Sequence[Written]) -> Batch:
    with answering_for(together(*series)) as endpoint:
        return read_from(endpoint, folder)


@pytest.mark.parametrize(
    ("init", "milli"),
    [
        ([("proxy", "1", True)], 2000),  # a sidecar runs on beside the container
        ([("prep", "1", False)], 1000),  # one that is done before needs no more
        ([("prep", "4", False)], 4000),
        ([("proxy", "1", True), ("cache", "2", True)], 4000),
        ([("proxy", "0", True), ("prep", "1", False)], 1000),
        ([], 1000),
    ],
)
def test_sidecars_stay_and_init_containers_go(tmp_path: Path, init: list[Init], milli: int) -> None:
    made = batch(tmp_path, pod("1", *init))
    assert runs(made) == {"p": (milli, -90, None)}
    assert made.notes == ()


def test_sidecars_are_all_taken_to_stand_before_where_nobody_tells_the_order(
    tmp_path: Path,
) -> None:
    made = batch(tmp_path, pod("1", ("proxy", "1", True), ("prep", "2", False)))
    assert runs(made) == {"p": (3000, -90, None)}
    (note,) = made.notes
    assert (note.severity, note.kind, note.subject) == ("warn", "unknown_init_order", "lab/p")
    assert "2개에서 3개까지" in note.detail


@pytest.mark.parametrize("many", ["2", "3"])
def test_the_scheduler_knows_the_order(tmp_path: Path, many: str) -> None:
    asked = pod("1", ("proxy", "1", True), ("prep", "2", False))
    made = batch(tmp_path, asked, [scheduler(many), scheduler("9", resource="rdma/shared")])
    assert runs(made) == {"p": (int(many) * 1000, -90, None)}
    assert made.notes == ()


@pytest.mark.parametrize(
    "said",
    [
        [scheduler("1")],  # fewer than any order asks for
        [scheduler("4")],  # more
        [scheduler("2.5")],
        [scheduler("NaN")],
        [scheduler("2", -10, 10), scheduler("3", 11, 60, node="n2")],  # two words
    ],
)
def test_what_the_scheduler_cannot_mean_is_not_taken(tmp_path: Path, said: list[Written]) -> None:
    made = batch(tmp_path, pod("1", ("proxy", "1", True), ("prep", "2", False)), said)
    assert runs(made) == {"p": (3000, -90, None)}
    assert [note.kind for note in made.notes] == ["unknown_init_order"]


def test_the_scheduler_means_the_pod_that_was_there(tmp_path: Path) -> None:
    """An earlier pod of the same name asked for something else."""
    before = [asks("old", -10, 5, "1"), *lives("old", -10, 5, name="p")]
    later = [
        asks("p", 20, 60), *lives("p", 20, 60, start=19),
        asks("p", 20, 60, "1", container="proxy", metric=INIT),
        asks("p", 20, 60, "2", container="prep", metric=INIT),
        Written("kube_pod_init_container_info",
                f'{who("p")},container="proxy",restart_policy="Always"', points(20, 60)),
    ]  # fmt: skip
    made = batch(
        tmp_path, before, later, [scheduler("3", -10, 5, node="n2"), scheduler("2", 20, 60)]
    )
    assert runs(made)["p"] == (2000, 19, None)


@pytest.mark.parametrize("many", ["0.5", "0", "NaN", "-1"])
def test_what_is_no_whole_number_of_devices_is_refused(tmp_path: Path, many: str) -> None:
    made = batch(tmp_path, pod(many))
    assert runs(made) == {}
    (row,) = made.quarantined
    assert row.reason == "requests no whole number of devices"
    assert row.text.startswith(f"lab/p {GPU}")


def test_a_resource_that_may_be_an_accelerator_stops(tmp_path: Path) -> None:
    odd = [asks("p", -10, 60, resource="furiosa_ai_rngd"), *lives("p", -10, 60)]
    waiting = [
        asks("w", -10, 60, resource="example_com_tpu", node=""),
        *lives("w", -10, 60, start=None, runs=None),
    ]
    made = batch(tmp_path, odd, waiting)
    (note,) = made.notes  # what is not scheduled holds nothing
    assert (note.severity, note.kind, note.subject) == (
        "fail", "unknown_accelerator", "furiosa_ai_rngd",
    )  # fmt: skip
    assert [row.place for row in made.quarantined] == ["pod p"]
    assert made.skipped == {"not_scheduled": 1}


def test_a_server_that_keeps_its_own_names_is_read_as_the_exporter_said(tmp_path: Path) -> None:
    """Without honor_labels Prometheus gives its target's names and moves the exporter's aside."""
    moved = [
        Written(
            series.metric,
            'namespace="monitoring",pod="ksm-0",container="ksm",'
            + series.labels.replace("namespace=", "exported_namespace=")
            .replace("pod=", "exported_pod=").replace("container=", "exported_container="),
            series.points,
        )
        for series in pod("1", ("proxy", "1", True))
    ]  # fmt: skip
    made = batch(tmp_path, moved)
    (row,) = made.table.to_pylist()
    assert (row["workload"], row["account"], row["quantity_milli"]) == ("lab/p", "lab", 2000)
