"""Parts of a board: slots of time-slicing and MPS, the vGPUs of HAMi, the fractions of KAI."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.source_options.kubernetes import Kubernetes
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    GPU,
    OPTIONS,
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

SHARED = "nvidia_com_gpu_shared"
MIG_SHARED = "nvidia_com_mig_1g_10gb_shared"
GIB = 1024**3


def batch(folder: Path, *series: Sequence[Written], options: Kubernetes = OPTIONS) -> Batch:
    with answering_for(together(*series)) as endpoint:
        return read_from(endpoint, folder, options)


def pod(uid: str, many: str = "1", resource: str = GPU, namespace: str = "lab") -> list[Written]:
    return [
        asks(uid, -10, 60, many, resource=resource, namespace=namespace),
        *lives(uid, -10, 60, namespace=namespace),
    ]


def node(**labels: str) -> list[Written]:
    """A node's labels of GPU feature discovery; of a MIG slice the name says which."""
    said = "".join(f',label_nvidia_com_{name}="{value}"' for name, value in labels.items())
    return [Written("kube_node_labels", f'node="n1"{said}', points(-10, 60))]


def stops(made: Batch, kind: str = "unknown_share") -> str:
    """The subject of the one finding, which stops; nothing landed."""
    assert runs(made) == {}
    (note,) = made.notes
    assert (note.severity, note.kind) == ("fail", kind)
    return note.subject


H100, H100_SHARED = "NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3-SHARED"


@pytest.mark.parametrize(
    ("resource", "labels", "many", "milli"),
    [
        (SHARED, {"gpu_replicas": "4", "gpu_product": H100}, "1", 250),
        (SHARED, {"gpu_replicas": "3", "gpu_sharing_strategy": "mps"}, "1", 333),
        (SHARED, {"gpu_replicas": "3", "gpu_sharing_strategy": "mps"}, "3", 1000),
        (SHARED, {"gpu_replicas": "1000"}, "1", 1),
        # not renamed: only the product or the strategy says that a slot is no board
        (GPU, {"gpu_replicas": "4", "gpu_product": H100_SHARED}, "1", 250),
        (GPU, {"gpu_replicas": "2", "gpu_sharing_strategy": "time-slicing"}, "1", 500),
        (
            GPU,
            {"gpu_replicas": "1", "gpu_product": H100, "gpu_sharing_strategy": "none"},
            "2",
            2000,
        ),
    ],
)
def test_a_slot_is_a_part_of_a_board(
    tmp_path: Path, resource: str, labels: dict[str, str], many: str, milli: int
) -> None:
    made = batch(tmp_path, pod("p", many, resource), node(**labels))
    assert runs(made) == {"p": (milli, -90, None)}
    assert made.notes == ()


def test_slots_of_a_slice_are_parts_of_the_slice(tmp_path: Path) -> None:
    mapped = {**OPTIONS.resources, "nvidia_com_mig_1g_10gb": ("gpu", "h100.mig-1g.10gb")}
    made = batch(
        tmp_path, pod("p", "1", MIG_SHARED),
        node(mig_1g_10gb_replicas="2", gpu_replicas="4", gpu_product=H100),
        options=replace(OPTIONS, resources=mapped),
    )  # fmt: skip
    (row,) = made.table.to_pylist()
    assert (row["model"], row["quantity_milli"]) == ("h100.mig-1g.10gb", 500)


@pytest.mark.parametrize(
    ("resource", "labels"),
    [
        (SHARED, {}),
        (SHARED, {"gpu_product": H100}),
        (SHARED, {"gpu_replicas": "0", "gpu_product": H100}),
        (SHARED, {"gpu_replicas": "1001", "gpu_product": H100}),
        (GPU, {"gpu_product": H100_SHARED}),
        (GPU, {"gpu_product": H100, "gpu_sharing_strategy": "mps"}),
    ],
)
def test_a_slot_of_nobody_knows_what_stops_until_the_site_says_it(
    tmp_path: Path, resource: str, labels: dict[str, str]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    told = pod("p", "1", resource), node(**labels)
    assert stops(batch(tmp_path / "a", *told)) == resource
    made = batch(tmp_path / "b", *told, options=replace(OPTIONS, slots={resource: 8}))
    assert runs(made) == {"p": (125, -90, None)}


def hami(version: str, name: str, core: str, held: str, namespace: str = "lab") -> list[Written]:
    """What HAMi tells of a pod's part of a board, in the names of a version."""
    if version == "2.6":
        own = f'podnamespace="{namespace}",podname="{name}",containeridx="0",deviceuuid="GPU-1"'
        own += ',namespace="hami-system",pod="hami-scheduler-0"'
        names = "vGPUCorePercentage", "vGPUPodsDeviceAllocated"
    else:
        own = f'namespace="{namespace}",pod="{name}",container_index="0",device_uuid="GPU-1"'
        names = {
            "2.8": ("vGPUCoreAllocated", "vGPUMemoryAllocated"),
            "2.10": ("hami_vgpu_core_allocated_ratio", "hami_vgpu_memory_allocated_bytes"),
        }[version]
    return [
        Written(metric, own, points(-10, 60, value))
        for metric, value in zip(names, (core, held), strict=True)
    ]


def board(version: str) -> list[Written]:
    old = version == "2.6"
    label = "deviceuuid" if old else "device_uuid"
    metric = "GPUDeviceMemoryLimit" if old else "hami_gpu_memory_limit_bytes"
    return [Written(metric, f'{label}="GPU-1",deviceidx="0"', points(-10, 60, str(80 * GIB)))]


@pytest.mark.parametrize("version", ["2.6", "2.8", "2.10"])
@pytest.mark.parametrize(
    ("core", "gib", "milli"), [("25", 20, 250), ("0", 40, 500), ("30", 20, 300), ("100", 1, 1000)]
)
def test_a_vgpu_of_hami_is_the_larger_of_its_cores_and_its_memory(
    tmp_path: Path, version: str, core: str, gib: int, milli: int
) -> None:
    told = hami(version, "p", core, str(gib * GIB))
    cores = asks("p", -10, 60, "20480", resource="nvidia_com_gpumem")
    made = batch(tmp_path, pod("p"), told, board(version), [cores])
    assert runs(made) == {"p": (milli, -90, None)}
    assert made.notes == ()


def test_versions_that_tell_both_names_tell_one_share(tmp_path: Path) -> None:
    both = [*hami("2.6", "p", "25", str(20 * GIB)), *hami("2.8", "p", "25", str(20 * GIB))]
    assert runs(batch(tmp_path, pod("p"), both, board("2.6"))) == {"p": (250, -90, None)}


def test_parts_of_several_boards_are_added(tmp_path: Path) -> None:
    first = hami("2.10", "p", "25", str(20 * GIB))
    second = [
        Written(own.metric, own.labels.replace("GPU-1", "GPU-2"), own.points)
        for own in [*hami("2.10", "p", "50", str(10 * GIB)), *board("2.10")]
    ]
    made = batch(tmp_path, pod("p", "2"), first, second, board("2.10"))
    assert runs(made) == {"p": (750, -90, None)}


@pytest.mark.parametrize(
    "part", ["nvidia_com_gpumem", "nvidia_com_gpumem_percentage", "nvidia_com_gpucores"]
)
def test_a_pod_that_asks_for_a_part_and_of_whom_hami_says_nothing_stops(
    tmp_path: Path, part: str
) -> None:
    """Also where the site ignores the part: the board beside it would count whole."""
    wanted = asks("p", -10, 60, "25", resource=part)
    made = batch(
        tmp_path, pod("p"), [wanted], hami("2.10", "q", "25", "1"), board("2.10"),
        options=replace(OPTIONS, ignored=(part,)),
    )  # fmt: skip
    assert stops(made) == GPU


def test_memory_of_a_board_of_unknown_size_stops(tmp_path: Path) -> None:
    assert stops(batch(tmp_path, pod("p"), hami("2.10", "p", "0", str(GIB)))) == "GPU-1"


@pytest.mark.parametrize(("core", "gib"), [("101", 1), ("-1", 1), ("0", 81)])
def test_a_share_that_is_none_is_refused(tmp_path: Path, core: str, gib: int) -> None:
    made = batch(tmp_path, pod("p"), hami("2.10", "p", core, str(gib * GIB)), board("2.10"))
    (row,) = made.quarantined
    assert row.reason == "holds a share of GPU-1 that is not from 0 to 1"


KAI = "kai-resource-reservation"


def fraction(uid: str, group: str = "g1", namespace: str = "lab", **said: str) -> list[Written]:
    """A pod that requests no device: annotations tell its part of one, and no metric but info
    where it runs."""
    own = who(uid, namespace=namespace)
    notes = "".join(f',annotation_gpu_{name}="{value}"' for name, value in said.items())
    return [
        *lives(uid, -10, 60, namespace=namespace),
        Written("kube_pod_annotations", own + notes, points(-10, 60)),
        Written("kube_pod_labels", f'{own},label_runai_gpu_group="{group}"', points(-10, 60)),
        Written("kube_pod_info", f'{own},node="n1"', points(-10, 60)),
    ]


def reservation(namespace: str = KAI, node: str = "n1") -> list[Written]:
    name = f"gpu-reservation-{node}-abcde"
    return [
        asks("r", -10, 60, name=name, namespace=namespace, node=node),
        *lives("r", -10, 60, name=name, namespace=namespace),
    ]


@pytest.mark.parametrize(
    ("said", "milli"),
    [
        ({"fraction": "0.5"}, 500),
        ({"fraction": "1"}, 1000),
        ({"fraction": "0.5", "fraction_num_devices": "2"}, 1000),
        ({"memory": "20000"}, 250),  # of 81,559 MiB: 0.2454, in hundredths rounded up
        ({"memory": "20375"}, 250),  # KAI takes the board for 81,500 MiB
        ({"memory": "20376"}, 260),
    ],
)
def test_a_fraction_of_kai_counts_and_its_reservation_does_not(
    tmp_path: Path, said: dict[str, str], milli: int
) -> None:
    made = batch(
        tmp_path, reservation(), fraction("p", **said), node(gpu_memory="81559", gpu_product=H100)
    )
    (row,) = made.table.to_pylist()
    assert (row["account"], row["model"], row["quantity_milli"]) == ("lab", "h100", milli)
    assert (made.skipped, made.notes) == ({"reservation": 1}, ())


def test_the_site_may_say_how_much_memory_a_board_has(tmp_path: Path) -> None:
    made = batch(tmp_path, reservation(), fraction("p", memory="20000"),
                 options=replace(OPTIONS, board_mib=40_960))  # fmt: skip
    assert runs(made) == {"p": (490, -90, None)}


def test_memory_of_a_board_that_nobody_knows_stops(tmp_path: Path) -> None:
    made = batch(tmp_path, fraction("p", memory="20000"))
    assert stops(made) == GPU


@pytest.mark.parametrize("namespace", [KAI, "runai-reservation"])
def test_a_board_that_is_reserved_for_nobody_stops(tmp_path: Path, namespace: str) -> None:
    """Without --metric-annotations-allowlist tenants would hold nothing, in silence."""
    made = batch(tmp_path, reservation(namespace))
    assert stops(made) == "n1"
    assert "--metric-annotations-allowlist" in made.notes[0].detail


def test_a_pod_of_that_name_elsewhere_is_somebodys(tmp_path: Path) -> None:
    assert runs(batch(tmp_path, reservation("lab"))) == {"r": (1000, -90, None)}


@pytest.mark.parametrize(("second", "kinds"), [("0.5", []), ("0.51", ["shares_over_device"])])
def test_a_group_is_one_board(tmp_path: Path, second: str, kinds: list[str]) -> None:
    made = batch(
        tmp_path, reservation(), fraction("p", fraction="0.5"),
        fraction("q", namespace="other", fraction=second), fraction("r2", "g2", fraction="0.9"),
    )  # fmt: skip
    assert [note.kind for note in made.notes] == kinds


@pytest.mark.parametrize("text", ["0", "1.01", "-0.5", "half", "0.0001"])
def test_what_is_no_fraction_is_refused(tmp_path: Path, text: str) -> None:
    made = batch(tmp_path, fraction("p", fraction=text))
    assert (runs(made), [row.place for row in made.quarantined]) == ({}, ["pod p"])


def claim(uid: str, **life: int | None) -> list[Written]:
    own = f'{who(uid)},claim_name="gpu",resourceclaim_name="x"'
    return [
        Written("kube_pod_resourceclaim_info", own, points(-10, 60)),
        *lives(uid, -10, 60, **life),  # type: ignore[arg-type]
    ]


def test_a_claim_of_devices_that_no_list_tells_of_stops(tmp_path: Path) -> None:
    assert stops(batch(tmp_path, claim("p"), claim("q")), "unknown_claim") == "lab"


def test_a_claim_of_a_pod_that_is_not_scheduled_holds_nothing(tmp_path: Path) -> None:
    made = batch(tmp_path, claim("p", start=None, runs=None))
    assert made.notes == ()
