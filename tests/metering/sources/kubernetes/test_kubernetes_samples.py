"""The recorded shapes of pods, shared boards and claims: what each holds, as their list says."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.settings.source_options.kubernetes import ResourceClaims
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import GPU, OPTIONS, SCRAPE_MS, answering_for, read_from
from tests.builders.servers.prometheus import Written
from tests.builders.sites.metering_site import cluster, ground

pytestmark = pytest.mark.shared_data
BEGIN_MS = 1_793_577_600_000  # when the pods of the samples are scheduled
WINDOW = Period(BEGIN_MS, BEGIN_MS + HOUR_MS)
LINE = re.compile(r"(?P<metric>\w+)\{(?P<labels>.*)\} (?P<value>\S+)")
HPC = cluster(model="h100")


def points(value: str, first: int = 1, last: int = 120) -> list[tuple[int, str]]:
    return [(BEGIN_MS + scrape * SCRAPE_MS, value) for scrape in range(first, last + 1)]


def sample(path: Path) -> list[Written]:
    """A text as if it had been scraped all the hour."""
    lines = [LINE.fullmatch(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Written(m["metric"], m["labels"], points(m["value"])) for m in lines if m is not None]


def running(*pods: str) -> list[Written]:
    """Phases and schedulings of pods, `namespace/name`, that the text leaves out."""
    series = []
    for pod in pods:
        namespace, _, name = pod.partition("/")
        own = f'namespace="{namespace}",pod="{name}",uid="p-{name}"'
        at = str(BEGIN_MS // 1000)
        series.append(Written("kube_pod_status_phase", f'{own},phase="Running"', points("1")))
        series.append(Written("kube_pod_status_scheduled_time", own, points(at)))
    return series


def batch(folder: Path, *series: Sequence[Written], **options: object) -> Batch:
    listed = [own for several in series for own in several]
    with answering_for(listed) as endpoint:
        told = replace(OPTIONS, **options)  # type: ignore[arg-type]
        return read_from(endpoint, folder, told, window=WINDOW, hpc=HPC)


def held(made: Batch) -> dict[str, int]:
    return {
        row["workload"].partition("/")[2]: row["quantity_milli"] for row in made.table.to_pylist()
    }


@pytest.fixture
def formats2(shared: Path) -> Path:
    return shared / "data" / "formats2"


def test_traps_of_pods(formats2: Path, tmp_path: Path) -> None:
    before = Written("kube_pod_status_phase",
                     'namespace="team-a",pod="evict-0",uid="p-evict-0",phase="Running"',
                     points("1", 1, 20))  # fmt: skip
    late = [
        Written(own.metric, own.labels, points("1", 21))
        if 'phase="Failed"' in own.labels else own
        for own in sample(formats2 / "ksm_pods_traps.prom")
    ]  # fmt: skip
    made = batch(tmp_path, late, [before])
    assert held(made) == {"side-0": 3000, "half-0": 1000, "evict-0": 1000, "term-0": 1000}
    ends = {row["workload"].partition("/")[2]: row["ended_ms"] for row in made.table.to_pylist()}
    evicted_ms = BEGIN_MS + 20 * SCRAPE_MS
    assert ends == {"side-0": None, "half-0": None, "evict-0": evicted_ms, "term-0": None}
    assert [(note.kind, note.subject) for note in made.notes] == [
        ("unknown_init_order", "team-a/side-0")  # two or three
    ]


def test_shared_boards(formats2: Path, tmp_path: Path) -> None:
    pods = ("team-a/ts-0", "team-a/ts-1", "team-a/frac-0", "team-b/frac-1")
    reserved = 'namespace="kai-resource-reservation",pod="gpu-reservation-gpu04-abcde",uid="p-resv"'
    at = str(BEGIN_MS // 1000)
    made = batch(
        tmp_path, sample(formats2 / "ksm_shared_gpu.prom"), running(*pods),
        [
            Written("kube_pod_status_phase", f'{reserved},phase="Running"', points("1")),
            Written("kube_pod_status_scheduled_time", reserved, points(at)),
        ],
        board_mib=81_559,
    )  # fmt: skip
    assert held(made) == {"ts-0": 250, "ts-1": 250, "frac-0": 500, "frac-1": 250}
    assert (made.skipped, made.notes) == ({"reservation": 1}, ())


@pytest.mark.parametrize(
    ("name", "shares"),
    [("hami_2.6.prom", {"h-0": 250}), ("hami_2.10.prom", {"h-0": 250, "h-1": 500})],
)
def test_vgpus_of_hami(formats2: Path, tmp_path: Path, name: str, shares: dict[str, int]) -> None:
    pods = {"h-0": "team-a/h-0", "h-1": "team-b/h-1"}
    asked = [
        Written("kube_pod_container_resource_requests",
                f'namespace="{pods[pod].partition("/")[0]}",pod="{pod}",uid="p-{pod}",'
                f'container="main",node="gpu05",resource="{GPU}"', points("1"))
        for pod in shares
    ]  # fmt: skip
    told = running(*(pods[pod] for pod in shares))
    made = batch(tmp_path, sample(formats2 / name), asked, told)
    assert (held(made), made.notes) == (shares, ())


def test_claims_that_kube_state_metrics_tells_of_stop_without_a_list(
    formats2: Path, tmp_path: Path
) -> None:
    made = batch(
        tmp_path, sample(formats2 / "ksm_dra.prom"), running("team-a/train-0", "team-a/nb-1")
    )
    assert held(made) == {}
    assert [(note.severity, note.kind, note.subject) for note in made.notes] == [
        ("fail", "unknown_claim", "team-a")
    ]


def test_lists_of_claims_and_slices(formats2: Path, tmp_path: Path) -> None:
    listed_ms = BEGIN_MS + HOUR_MS // 2
    for kind in ("resourceclaims", "resourceslice"):
        shutil.copyfile(formats2 / f"{kind}.json", tmp_path / f"{kind}.{listed_ms}.json")
    source = SourceConfig(
        "dra", "kubernetes", "allocation", paths=("resource*.json",),
        options=ResourceClaims({"gpu.nvidia.com": ("gpu", "")}),
    )  # fmt: skip
    hpc = cluster(source)
    (made,) = read(source, hpc, ground(tmp_path, hpc).opened.site, WINDOW)
    rows = {row["allocation_id"]: row for row in made.table.to_pylist()}
    assert {
        name.removeprefix("c-").removesuffix("/claim"): (row["model"], row["quantity_milli"])
        for name, row in rows.items()
    } == {
        "train-0-gpus-x7k2p": ("h100", 2000),
        "shared-gpu": ("h100", 1000),
        "mig-claim-9d2": ("h100.mig-1g.10gb", 1000),
        "part-of-gpu": ("h100", 251),  # 20,480 of 81,559 MiB
        "old-style-0-extended-resources-4xk9": ("h100", 1000),
    }
    assert rows["c-part-of-gpu/claim"]["started_ms"] == listed_ms  # no instant of its own
    assert rows["c-shared-gpu/claim"]["started_ms"] == BEGIN_MS
    assert (made.skipped, made.quarantined) == ({"idle_claim": 1, "admin_access": 1}, ())
