"""Resource claims (DRA) out of lists: the devices that each holds, once, while it is allocated."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import collect
from metering.collect.watermark import watermarks
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.source_options.kubernetes import ResourceClaims
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import OPTIONS, answering_for, lives, points, read_from, who
from tests.builders.servers.pods import source as pods_source
from tests.builders.servers.prometheus import Written
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT, cluster, ground

DRIVER = "gpu.nvidia.com"
H100 = "NVIDIA H100 80GB HBM3"
WINDOW = Period(MIDNIGHT, MIDNIGHT + 4 * HOUR_MS)
CLAIMS = ResourceClaims({DRIVER: ("gpu", "")}, ("dra.net",))
Body = Mapping[str, Any]


def iso(hour: float) -> str:
    return CALENDAR.iso(MIDNIGHT + int(hour * HOUR_MS))


def result(device: str, driver: str = DRIVER, **more: object) -> Body:
    return {"request": "gpu", "driver": driver, "pool": "n1", "device": device, **more}


def claim(
    uid: str, *results: Body, at: float | None = None, pods: Sequence[str] = (),
    owner: str = "", extended: bool = False, namespace: str = "lab",
) -> Body:  # fmt: skip
    """A claim with the devices that it was given; without any it is not allocated."""
    metadata: dict[str, Any] = {"namespace": namespace, "name": f"claim-{uid}", "uid": uid}
    if owner:
        metadata["ownerReferences"] = [{"kind": "Pod", "name": owner, "uid": "u"}]
    if extended:
        metadata["annotations"] = {"resource.kubernetes.io/extended-resource-claim": "true"}
    status: dict[str, Any] = {}
    if results:
        status["allocation"] = {"devices": {"results": list(results)}}
        status["reservedFor"] = [{"resource": "pods", "name": name} for name in pods]
        if at is not None:
            status["allocation"]["allocationTimestamp"] = iso(at)
    return {"kind": "ResourceClaim", "metadata": metadata, "spec": {}, "status": status}


def device(name: str, *counters: tuple[str, str], **attributes: str) -> Body:
    said = {"type": "gpu", "productName": H100, **attributes}
    body: dict[str, Any] = {
        "name": name,
        "attributes": {key: {"string": value} for key, value in said.items()},
        "capacity": {"memory": {"value": "80Gi"}},
    }
    if counters:
        taken = {key: {"value": value} for key, value in counters}
        body["consumesCounters"] = [{"counterSet": "board", "counters": taken}]
    return body


DEVICES = (
    device("gpu-0"), device("gpu-1"), device("gpu-2"),
    device("gpu-0-mig", ("slices", "1"), type="mig", profile="1g.10gb"),
    device("gpu-0-half", ("slices", "4"), ("cores", "66"), type="part"),
)  # fmt: skip


def slices(
    *devices: Body, generation: int = 3, count: int = 2, driver: str = DRIVER, name: str = "a"
) -> Body:
    spec = {
        "driver": driver, "nodeName": "n1",
        "pool": {"name": "n1", "generation": generation, "resourceSliceCount": count},
        "devices": list(devices),
    }  # fmt: skip
    return {"kind": "ResourceSlice", "metadata": {"name": name}, "spec": spec}


COUNTERS = slices(name="b")
COUNTERS["spec"]["sharedCounters"] = [
    {"name": "board", "counters": {"slices": {"value": "8"}, "cores": {"value": "132"}}}
]
POOL = (slices(*DEVICES), COUNTERS)


def listed(folder: Path, hour: float, *bodies: Body, name: str = "claims", **more: object) -> None:
    """A file of what was there at an hour of the window."""
    folder.mkdir(exist_ok=True)
    text = json.dumps({"kind": "List", "apiVersion": "v1", "items": list(bodies), **more})
    (folder / f"{name}.{MIDNIGHT + int(hour * HOUR_MS)}.json").write_text(text, encoding="utf-8")


def batch(folder: Path, options: ResourceClaims = CLAIMS, hpc: Cluster | None = None,
          window: Period = WINDOW) -> Batch:  # fmt: skip
    source = SourceConfig(
        "dra", "kubernetes", "allocation", paths=("lists/*.json",), options=options
    )
    site = ground(folder, hpc or cluster(source)).opened.site
    (made,) = read(source, hpc or cluster(source), site, window)
    return made


def held(made: Batch) -> dict[str, tuple[object, ...]]:
    """Model, thousandths, and hours of start and end, by the claim's uid."""

    def hour(ms: int | None) -> float | None:
        return None if ms is None else (ms - MIDNIGHT) / HOUR_MS

    return {
        row["allocation_id"].removesuffix("/claim"): (
            row["model"], row["quantity_milli"], hour(row["started_ms"]), hour(row["ended_ms"])
        )
        for row in made.table.to_pylist()
    }  # fmt: skip


def test_a_claim_holds_its_devices_whoever_uses_them(tmp_path: Path) -> None:
    """One of two pods' own counts once; admin access counts nothing, nor does a waiting claim."""
    listed(
        tmp_path / "lists", 3, *POOL,
        claim("two", result("gpu-0"), result("gpu-1"), at=-2, owner="train-0"),
        claim("shared", result("gpu-2"), at=1, pods=["nb-2", "nb-1"]),
        claim("watch", result("gpu-0", adminAccess=True), at=-2, pods=["watcher"]),
        claim("later"),
    )  # fmt: skip
    made = batch(tmp_path)
    assert held(made) == {"two": ("h100", 2000, -2, None), "shared": ("h100", 1000, 1, None)}
    assert made.skipped == {"admin_access": 1, "idle_claim": 1}
    rows = {row["allocation_id"]: row for row in made.table.to_pylist()}
    named = ("source", "workload", "account", "partition", "resource", "node", "state")
    assert [rows["shared/claim"][name] for name in named] == [
        "pod", "lab/nb-1", "lab", "lab", "gpu", "n1", "RUNNING",
    ]  # fmt: skip
    assert rows["two/claim"]["workload"] == "lab/train-0"
    assert made.complete_to_ms == MIDNIGHT + 3 * HOUR_MS


def test_slices_and_parts_are_told_by_the_driver(tmp_path: Path) -> None:
    shared = result("gpu-1", shareID="s", consumedCapacity={"memory": "20Gi"})
    listed(
        tmp_path / "lists", 1, *POOL,
        claim("mig", result("gpu-0-mig"), at=0),
        claim("half", result("gpu-0-half"), at=0),
        claim("quarter", shared, at=0),
    )  # fmt: skip
    assert held(batch(tmp_path)) == {
        "mig": ("h100.mig-1g.10gb", 1000, 0, None),
        "half": ("h100", 500, 0, None),  # of the counters the one it takes most of
        "quarter": ("h100", 250, 0, None),
    }


@pytest.mark.parametrize(
    "more",
    [
        {"shareID": "s"},
        {"shareID": "s", "consumedCapacity": {"memory": "0"}},  # an unlimited share takes none
        {"consumedCapacity": {"cores": "4"}},  # of which the device has none
        {"consumedCapacity": {"memory": "81Gi"}},
    ],
)
def test_a_share_of_unknown_size_stops(tmp_path: Path, more: Mapping[str, object]) -> None:
    listed(tmp_path / "lists", 1, *POOL, claim("c", result("gpu-1", **more)))
    made = batch(tmp_path)
    assert held(made) == {}
    assert [(note.severity, note.kind) for note in made.notes] == [("fail", "unknown_share")]


def test_a_hold_is_as_long_as_lists_show_it(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    stamped, bare = claim("stamped", result("gpu-0"), at=0.5), claim("bare", result("gpu-1"))
    listed(folder, 1, *POOL, stamped, bare)
    listed(folder, 2, *POOL, stamped, bare)
    listed(folder, 3, *POOL, claim("stamped"))  # kept for later, the other is gone
    assert held(batch(tmp_path)) == {
        "stamped": ("h100", 1000, 0.5, 2),
        "bare": ("h100", 1000, 1, 2),
    }


@pytest.mark.parametrize(
    ("minutes", "details"),
    [(5, []), (60, ["클레임이 2건", "최대 3.00 장치시간"])],
)
def test_what_ended_between_two_lists_far_apart_is_told(
    tmp_path: Path, minutes: int, details: list[str]
) -> None:
    folder = tmp_path / "lists"
    two = claim("two", result("gpu-0"), result("gpu-1"), at=0)
    listed(folder, 1, *POOL, two, claim("brief", result("gpu-2"), at=1))
    listed(folder, 1 + minutes / 60)
    made = batch(tmp_path)
    assert len(made.notes) == bool(details)
    for detail in details:
        assert detail in made.notes[0].detail
    assert all(note.kind == "silent_scheduler" for note in made.notes)


def test_an_empty_list_ends_them_all(tmp_path: Path) -> None:
    listed(tmp_path / "lists", 1, *POOL, claim("c", result("gpu-0"), at=0))
    listed(tmp_path / "lists", 2, name="slices")  # says nothing of claims
    made = batch(tmp_path)
    assert (held(made)["c"][3], made.complete_to_ms) == (None, MIDNIGHT + HOUR_MS)
    listed(tmp_path / "lists", 3)
    made = batch(tmp_path)
    assert (held(made)["c"][3], made.complete_to_ms) == (1, MIDNIGHT + 3 * HOUR_MS)


@pytest.mark.parametrize(
    "second", [claim("c", result("gpu-0"), at=2), claim("c", result("gpu-1"), at=0)]
)
def test_a_claim_that_is_allocated_anew_is_another_hold(tmp_path: Path, second: Body) -> None:
    listed(tmp_path / "lists", 1, *POOL, claim("c", result("gpu-0"), at=0))
    listed(tmp_path / "lists", 3, *POOL, second)
    assert len(batch(tmp_path).table) == 2


def test_what_no_list_of_the_window_touches_is_left_out(tmp_path: Path) -> None:
    listed(tmp_path / "lists", 1, *POOL, claim("early", result("gpu-0"), at=0))
    listed(tmp_path / "lists", 2, *POOL, claim("late", result("gpu-0"), at=2))
    made = batch(tmp_path, window=Period(MIDNIGHT + HOUR_MS, MIDNIGHT + 2 * HOUR_MS))
    assert (held(made), made.skipped) == ({}, {"outside_window": 2})


def test_a_day_is_known_by_the_first_list_after_it_and_nobody_has_to_say_so(
    tmp_path: Path,
) -> None:
    """A claim that the list after the day shows goes on at its end; nothing that is over ends
    later than what was asked for."""
    folder = tmp_path / "lists"
    going, brief = claim("going", result("gpu-0"), at=0), claim("brief", result("gpu-1"), at=0.5)
    listed(folder, 1, *POOL, going, brief)
    listed(folder, 5, *POOL, going)
    listed(folder, 6, *POOL, claim("late", result("gpu-2"), at=3))
    source = SourceConfig(
        "dra", "kubernetes", "allocation", paths=("lists/*.json",), options=CLAIMS
    )
    site = ground(tmp_path, cluster(source))
    site.complete(MIDNIGHT)
    collect(site.opened, WINDOW)
    rows = site.lake.read("allocation").to_pylist()
    assert {row["allocation_id"]: (row["ended_ms"] - MIDNIGHT) / HOUR_MS for row in rows} == {
        "going/claim": 4, "brief/claim": 1,
    }  # fmt: skip
    with site.opened.database.read() as connection:
        assert watermarks(connection, "hpc") == {"dra": WINDOW.end_ms}
    collect(site.opened, Period(WINDOW.end_ms, MIDNIGHT + 7 * HOUR_MS))
    rows = site.lake.read("allocation").to_pylist()
    assert {row["allocation_id"]: (row["ended_ms"] - MIDNIGHT) / HOUR_MS for row in rows} == {
        "going/claim": 5, "brief/claim": 1, "late/claim": 6,
    }  # fmt: skip
    with site.opened.database.read() as connection:
        assert watermarks(connection, "hpc") == {"dra": MIDNIGHT + 6 * HOUR_MS}


def test_an_extended_resource_counts_once(tmp_path: Path) -> None:
    """The scheduler makes a claim of a pod's request, which kube-state-metrics tells as well."""
    listed(tmp_path / "lists", 1, *POOL, claim("old-style", result("gpu-0"), at=0, extended=True))
    alone = batch(tmp_path)
    assert held(alone) == {"old-style": ("h100", 1000, 0, None)}
    with answering_for([]) as endpoint:
        hpc = cluster(pods_source(endpoint))
        (tmp_path / "b").mkdir()
        (tmp_path / "lists").rename(tmp_path / "b" / "lists")
        beside = batch(tmp_path / "b", hpc=hpc)
    assert (held(beside), beside.skipped) == ({}, {"requested_by_pod": 1})


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ((slices(*DEVICES),), "whose slices are not all known"),
        ((*POOL, slices(*DEVICES, generation=4)), "whose slices are not all known"),
        ((), "whose slices are not all known"),
        ((slices(device("gpu-9"), count=1),), "which has no such device"),
    ],
)
def test_devices_that_are_not_known_whole_stop(
    tmp_path: Path, bodies: Sequence[Body], reason: str
) -> None:
    listed(tmp_path / "lists", 1, *bodies, claim("c", result("gpu-0"), at=0))
    made = batch(tmp_path)
    assert held(made) == {}
    assert made.quarantined[0].reason.endswith(reason)
    assert [(note.severity, note.kind, note.subject) for note in made.notes] == [
        ("fail", "unknown_claim", f"{DRIVER}/n1")
    ]


def test_slices_may_lie_in_files_of_their_own(tmp_path: Path) -> None:
    listed(tmp_path / "lists", 1, claim("c", result("gpu-0"), at=0))
    listed(tmp_path / "lists", 2, *POOL, name="slices")
    assert held(batch(tmp_path)) == {"c": ("h100", 1000, 0, None)}


def test_a_driver_that_may_be_of_accelerators_stops(tmp_path: Path) -> None:
    odd = slices(device("x"), count=1, driver="npu.example.com", name="c")
    nic = slices(device("nic"), count=1, driver="dra.net", name="d")
    listed(tmp_path / "lists", 1, odd, nic, claim("c", result("x", "npu.example.com")),
           claim("n", result("nic", "dra.net")))  # fmt: skip
    made = batch(tmp_path)
    assert [(note.severity, note.kind, note.subject) for note in made.notes] == [
        ("fail", "unknown_accelerator", "npu.example.com")
    ]
    assert made.skipped == {"ignored_driver": 1}


@pytest.mark.parametrize(
    ("options", "model"),
    [
        (ResourceClaims({DRIVER: ("gpu", "")}, models={H100: "h100-sxm"}), "h100-sxm"),
        (ResourceClaims({DRIVER: ("gpu", "h100-pcie")}), "h100-pcie"),
        (ResourceClaims({DRIVER: ("gpu", "")}), "h100"),
    ],
)
def test_the_site_may_name_the_model_of_a_product(
    tmp_path: Path, options: ResourceClaims, model: str
) -> None:
    listed(tmp_path / "lists", 1, *POOL, claim("c", result("gpu-0"), at=0))
    assert held(batch(tmp_path, options))["c"][0] == model


def test_a_list_that_is_a_part_is_refused_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    going = claim("c", result("gpu-0"), at=0)
    listed(folder, 1, *POOL, going)
    listed(folder, 2, metadata={"continue": "next"})
    (folder / "claims.json").write_text("{}", encoding="utf-8")
    (folder / f"claims.{MIDNIGHT + 3 * HOUR_MS}.json").write_text("[", encoding="utf-8")
    made = batch(tmp_path)
    assert held(made) == {"c": ("h100", 1000, 0, None)}
    assert [row.reason.split(":")[0] for row in made.quarantined] == [
        "says itself that it is a part of a list (continue)",
        "is not written as a list of claims or slices",
        "has no instant in the file's name (<epoch_ms>)",
    ]
    assert (made.rows_read, made.complete_to_ms) == (6, MIDNIGHT + HOUR_MS)


def test_one_bad_claim_is_one_bad_claim_and_ends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    listed(folder, 1, *POOL, claim("c", result("gpu-0"), at=0))
    broken = claim("d", {"driver": DRIVER}, at=0)
    listed(folder, 2, *POOL, broken, claim("e", result("gpu-1"), at=2))
    made = batch(tmp_path)
    assert held(made) == {"c": ("h100", 1000, 0, None)}
    assert made.skipped == {"not_yet": 1}
    (row,) = made.quarantined
    assert row.place == f"lists/claims.{MIDNIGHT + 2 * HOUR_MS}.json:3"


def test_no_list_of_claims_is_an_error(tmp_path: Path) -> None:
    listed(tmp_path / "lists", 1, *POOL)
    with pytest.raises(SourceError, match="no file lists resource claims"):
        batch(tmp_path)


def test_a_list_beside_kube_state_metrics_tells_what_that_does_not(tmp_path: Path) -> None:
    claimed = Written("kube_pod_resourceclaim_info", f'{who("p")},claim_name="g"', points(-10, 60))
    lists = SourceConfig("dra", "kubernetes", "allocation", paths=("x",), options=CLAIMS)
    with answering_for([claimed, *lives("p", -10, 60)]) as endpoint:
        made = read_from(endpoint, tmp_path, OPTIONS, hpc=cluster(pods_source(endpoint), lists))
    assert made.notes == ()
