"""Whose series a server gives: those of other clusters are left out and counted (METERING 34)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.builders.servers.pods import (
    HPC,
    OPTIONS,
    WINDOW,
    answering_for,
    asks,
    lives,
    points,
    read_from,
    runs,
    together,
)
from tests.builders.servers.prometheus import Written, needs_prometheus, serving
from tests.builders.sites.metering_site import ground

READY = 'condition="Ready",status="true"'
PROD, DEV = 'cluster="prod"', 'cluster="dev"'
POWER = "DCGM_FI_DEV_POWER_USAGE"


def of(label: str, *series: Sequence[Written]) -> list[Written]:
    """Series as a server has them that keeps several clusters apart by a label."""
    more = f",{label}" if label else ""
    return [
        Written(own.metric, own.labels + more, own.points) for several in series for own in several
    ]


def node(name: str, value: str = "1") -> list[Written]:
    return [Written("kube_node_status_condition", f'node="{name}",{READY}', points(-10, 60, value))]


def board(uuid: str) -> list[Written]:
    labels = f'UUID="{uuid}",Hostname="n1",modelName="NVIDIA H100 80GB HBM3"'
    return [Written(POWER, labels, points(-10, 60, "100"))]


def centre(ours: str = PROD, theirs: str = DEV) -> list[Written]:
    """Two clusters, whose nodes have one name: ours is ready, theirs is not."""
    return together(
        of(ours, [asks("mine", -10, 60)], lives("mine", -10, 60), node("n1"), board("G1")),
        of(theirs, [asks("other", -10, 60)], lives("other", -10, 60), node("n1", "0")),
        of(theirs, board("G2")),
    )


def batch(endpoint: Endpoint, folder: Path, label: tuple[str, str] | None,
          record: str = "allocation") -> Batch:  # fmt: skip
    server = Prometheus(cluster_label=label)
    if record != "sample":
        options = replace(OPTIONS, server=server)
        return read_from(endpoint, folder, options, record)  # type: ignore[arg-type]
    source = SourceConfig(
        "dcgm", "prometheus", "sample", family="dcgm", endpoint=endpoint, options=server
    )
    site = ground(folder, HPC).opened.site
    (made,) = read(source, HPC, site, WINDOW)
    return made


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with answering_for(centre()) as answering:
        yield answering


def test_pods_of_other_clusters_are_left_out_and_counted(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """reframe issue 3559 and its kin: 9.98 GPU-h, not 19.97."""
    made = batch(endpoint, tmp_path, ("cluster", "prod"))
    assert runs(made) == {"mine": (1000, -90, None)}
    assert made.skipped == {"other_cluster": 12}  # six series of the other pod, two hours
    assert made.rows_read == 1 + 12  # what was read is what landed and what was left out


def test_a_node_of_another_cluster_does_not_put_ours_down(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    made = batch(endpoint, tmp_path, ("cluster", "prod"), "node_state")
    assert [(row["node"], row["state"]) for row in made.table.to_pylist()] == [("n1", "up")]
    assert made.skipped == {"other_cluster": 2}
    alone = batch(endpoint, tmp_path, ("cluster", "dev"), "node_state")
    assert made.rows_read - 2 == alone.rows_read - 2 > 0  # each one's own are read beside them


def test_samples_of_other_clusters_are_left_out_and_counted(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    made = batch(endpoint, tmp_path, ("cluster", "prod"), "sample")
    assert {row["device_uid"] for row in made.table.to_pylist()} == {"G1"}
    assert made.skipped == {"other_cluster": made.table.num_rows}


@pytest.mark.parametrize("record", ["allocation", "node_state", "sample"])
def test_several_names_and_nothing_said_is_refused(
    endpoint: Endpoint, tmp_path: Path, record: str
) -> None:
    with pytest.raises(SourceError, match=r"several clusters, cluster is 'dev', 'prod': say which"):
        batch(endpoint, tmp_path, None, record)


@pytest.mark.parametrize("label", ["k8s_cluster_name", "cluster_name"])
def test_a_series_without_a_name_is_of_another_cluster_than_one_with(
    tmp_path: Path, label: str
) -> None:
    with (
        answering_for(centre("", f'{label}="dev"')) as endpoint,
        pytest.raises(SourceError, match=f"{label} is '', 'dev'"),
    ):
        batch(endpoint, tmp_path, None)


@pytest.mark.parametrize("record", ["allocation", "node_state", "sample"])
def test_one_name_need_not_be_said(tmp_path: Path, record: str) -> None:
    with answering_for(of(PROD, [asks("mine", -10, 60)], lives("mine", -10, 60), node("n1"),
                          board("G1"))) as endpoint:  # fmt: skip
        made = batch(endpoint, tmp_path, None, record)
    assert made.table.num_rows > 0
    assert not made.skipped


@pytest.mark.parametrize("record", ["allocation", "node_state"])
def test_a_name_that_nobody_has_is_told(endpoint: Endpoint, tmp_path: Path, record: str) -> None:
    with pytest.raises(SourceError, match='cluster="prd"'):
        batch(endpoint, tmp_path, ("cluster", "prd"), record)


def test_a_real_server_gives_what_ours_did(tmp_path: Path) -> None:
    needs_prometheus()
    with serving(tmp_path / "server", [centre()]) as server:
        made = batch(server.endpoint, tmp_path, ("cluster", "prod"))
    assert runs(made) == {"mine": (1000, -90, None)}
    assert made.skipped == {"other_cluster": 12}
