"""How site.toml says what a Kubernetes source is: pods, nodes and resource claims."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.site_toml import read_site
from metering.settings.source_options.kubernetes import Kubernetes, ResourceClaims
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from tests.builders.servers.pods import OPTIONS
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write

GOOD = """
[cluster.hpc]
scrape = "30s"

[[cluster.hpc.source]]
name = "pods"
kind = "kubernetes"
record = "allocation"
url = "http://prometheus:9090"
scrape = "30s"
account = "namespace_label:label_project"
resources = {nvidia_com_gpu = "gpu", rebellions_ai_ATOM = "npu:atom"}
ignored = ["rdma_shared"]

[[cluster.hpc.source]]
name = "nodes"
kind = "kubernetes"
record = "node_state"
url = "http://prometheus:9090"
scrape = "100s"
"""


MORE = """
cluster_label = {cluster = "prod"}
pods_count_from = "running"
slots = {nvidia_com_gpu_shared = 1000}
board_mib = 81559
ignored ="""
CLAIMS = """
[[cluster.hpc.source]]
name = "claims"
kind = "kubernetes"
record = "allocation"
paths = ["incoming/claims/*.json"]
drivers = {"gpu.nvidia.com" = "gpu", "npu.example.com" = "npu:atom"}
ignored = ["dra.net"]
models = {"NVIDIA H100 80GB HBM3" = "h100"}
"""


def test_a_source_of_pods_says_more(tmp_path: Path) -> None:
    write(tmp_path, HEAD + GOOD.replace("\nignored =", MORE, 1))
    pods, _ = read_site(tmp_path).section("hpc").sources
    assert pods.options == Kubernetes(
        Prometheus(cluster_label=("cluster", "prod")), 120_000, OPTIONS.resources, ("rdma_shared",),
        "namespace_label:label_project", "running", {"nvidia_com_gpu_shared": 1000}, 81_559,
    )  # fmt: skip


def test_a_source_of_claims_reads_as_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, HEAD + GOOD + CLAIMS)
    *_, claims = read_site(tmp_path).section("hpc").sources
    assert claims.paths == ("incoming/claims/*.json",)
    assert claims.options == ResourceClaims(
        {"gpu.nvidia.com": ("gpu", ""), "npu.example.com": ("npu", "atom")},
        ("dra.net",),
        {"NVIDIA H100 80GB HBM3": "h100"},
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("drivers =", "other =", "needs `drivers`"),
        ('"gpu.nvidia.com" = "gpu"', '"gpu.nvidia.com" = "tpu"', 'write "gpu", "npu"'),
        ('"npu:atom"', '"npu:"', 'write "gpu", "npu"'),
        ('["dra.net"]', '["gpu.nvidia.com"]', "stands in `drivers` as well"),
        ('"allocation"', '"node_state"', "holds resource claims"),
    ],
)
def test_what_is_written_wrongly_of_claims_is_told(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in CLAIMS
    mistakes = mistakes_of(tmp_path, HEAD + GOOD + CLAIMS.replace(old, new, 1))
    assert any(message in mistake for mistake in mistakes), mistakes


def test_a_source_reads_as_it_is_written(tmp_path: Path) -> None:
    write(tmp_path, HEAD + GOOD)
    pods, nodes = read_site(tmp_path).section("hpc").sources
    assert pods.options == replace(OPTIONS, account="namespace_label:label_project")
    assert nodes.options == Kubernetes(Prometheus(), 300_000)
    assert pods.endpoint == Endpoint("http://prometheus:9090")
    assert (pods.record, nodes.record) == ("allocation", "node_state")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('url = "http', 'paths = ["x"]\nurl = "http', "stands beside `url`"),
        ('scrape = "30s"\naccount', "account", "needs `scrape`"),
        ('scrape = "30s"\naccount', 'scrape = "151s"\naccount', "150000 ms at most"),
        ('"npu:atom"', '"npu:"', 'write "gpu", "npu" or "gpu:<model>"'),
        ('"npu:atom"', '"tpu"', 'write "gpu", "npu" or "gpu:<model>"'),
        ("rebellions_ai_ATOM", '"rebellions.ai/ATOM"', "with _"),
        ("namespace_label:label_project", "owner", '"pod_label:label_<name>"'),
        ("resources = {", "other = {", "needs `resources`"),
        ('scrape = "30s"\naccount', 'scrape = "30s"\ncluster_label = "prod"\naccount', "a table"),
        ("ignored =", "cluster_label = {}\nignored =", 'like {cluster = "prod"}'),
        ("ignored =", 'cluster_label = {a = "x", b = "y"}\nignored =', 'like {cluster = "prod"}'),
        ("ignored =", 'cluster_label = {"a-b" = "x"}\nignored =', 'like {cluster = "prod"}'),
        ("ignored =", 'cluster_label = {cluster = ""}\nignored =', 'like {cluster = "prod"}'),
        ("ignored =", 'pods_count_from = "started"\nignored =', "one of running, scheduled"),
        ("ignored =", "slots = {nvidia_com_gpu_shared = 0}\nignored =", "from 1 to 1000"),
        ("ignored =", "slots = {nvidia_com_gpu_shared = 1001}\nignored =", "from 1 to 1000"),
        ("ignored =", 'slots = {"nvidia.com/gpu" = 4}\nignored =', "with _"),
        ("ignored =", "board_mib = 0\nignored =", "1 or more"),
    ],
)
def test_what_is_written_wrongly_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    mistakes = mistakes_of(tmp_path, HEAD + GOOD.replace(old, new, 1))
    assert any(message in mistake for mistake in mistakes), mistakes
