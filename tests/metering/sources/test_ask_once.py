"""A source asked once: by its own reader, of every kind that a server gives, and nothing landed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.settings.source_options.kubernetes import Kubernetes
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.ask_once import ASKED_MS, Answered, ask_once
from tests.builders.servers import cloud_api
from tests.builders.servers.cloud_api import KEYS, Naver, Nhn, meter, naver_source, nhn_source
from tests.builders.servers.replayed_answers import Asked, Replay, replaying
from tests.builders.sites.metering_site import MIDNIGHT, cluster
from tests.metering.sources.prometheus.test_prometheus_source import matrix, site_in

NOW = MIDNIGHT + 12 * 3_600_000
PODS = "kube_pod_container_resource_requests"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def asked_of_cloud(source: SourceConfig, folder: Path) -> Answered:
    return ask_once(source, cloud_api.store(source), site_in(folder), NOW)


def asked_of_cluster(source: SourceConfig, folder: Path) -> Answered:
    return ask_once(source, cluster(source), site_in(folder), NOW)


def test_nhn_is_asked_for_the_meters_of_today(tmp_path: Path) -> None:
    cloud = Nhn()
    with cloud_api.serving(cloud):
        source = nhn_source(cloud.url)
        cloud.rows = [meter(1, 2), meter(2, 3), meter(30, 9)]
        assert asked_of_cloud(source, tmp_path).rows_read == 2  # the third is of tomorrow
        cloud.rows[0]["counterUnit"] = "HOURS?"
        answered = asked_of_cloud(source, tmp_path)
        assert (answered.rows_read, answered.refused) == (2, 1)
        assert answered.first_refusal
        cloud.asked.clear()
        cloud.busy = [503] * 9
        with pytest.raises(SourceError, match="does not answer: status 503"):
            asked_of_cloud(source, tmp_path)
        assert len(cloud.asked) == 1


def test_naver_is_asked_with_a_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Naver()
    with cloud_api.serving(cloud):
        source = naver_source(cloud.url)
        assert asked_of_cloud(source, tmp_path) == Answered(1)
        monkeypatch.setenv("NCP_SECRET", "another")
        with pytest.raises(SourceError, match="Authentication Failed"):
            asked_of_cloud(source, tmp_path)
        monkeypatch.delenv("NCP_SECRET")
        with pytest.raises(SourceError, match="NCP_SECRET"):
            asked_of_cloud(source, tmp_path)


@contextmanager
def pods(status: int = 200) -> Iterator[tuple[Replay, SourceConfig]]:
    def answer(asked: Asked) -> tuple[int, bytes]:
        return (status, b"no") if status != 200 else matrix()

    with replaying(answer) as replay:
        options = Kubernetes(Prometheus(), 60_000, {"nvidia_com_gpu": ("gpu", "h100")})
        yield (
            replay,
            SourceConfig(
                "pods", "kubernetes", "allocation", endpoint=Endpoint(replay.url), options=options
            ),
        )


def test_a_server_without_kube_state_metrics_is_told(tmp_path: Path) -> None:
    with pods() as (replay, source):
        with pytest.raises(SourceError):
            asked_of_cluster(source, tmp_path)
        assert replay.asked
    with pods(403) as (replay, source), pytest.raises(SourceError, match="status 403"):
        asked_of_cluster(source, tmp_path)


def test_prometheus_is_asked_for_the_last_minutes(tmp_path: Path) -> None:
    labels = {"UUID": "G1", "Hostname": "n1", "modelName": "NVIDIA H100 80GB HBM3"}

    def answer(asked: Asked) -> tuple[int, bytes]:
        if "DCGM_FI_DEV_GPU_UTIL" not in asked.form["query"]:
            return matrix()
        return matrix(("DCGM_FI_DEV_GPU_UTIL", labels, [(NOW - 1000, "97")]))

    with replaying(answer) as replay:
        endpoint = Endpoint(replay.url, timeout_s=300)
        source = SourceConfig(
            "dcgm", "prometheus", "sample", "dcgm", endpoint=endpoint, options=Prometheus()
        )
        assert asked_of_cluster(source, tmp_path).rows_read == 1
        times = {asked.form["time"] for asked in replay.asked}
        assert {int(float(time)) for time in times} <= {
            *range((NOW - ASKED_MS) // 1000, NOW // 1000 + 301)
        }
        assert endpoint.tries == 3  # the source itself is as it was
