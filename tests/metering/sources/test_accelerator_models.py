"""Which model a device has that a scheduler counts without a type: the nearest that names one."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.sections import Cluster
from metering.settings.site_toml import read_site
from metering.sources.reading.accelerator_models import Models
from tests.metering.settings.test_site_toml import HEAD, write

HPC = Cluster(
    "hpc",
    model="h100",
    partition_models={"long": "a100"},
    node_models={"n1": "h200", "n2": "b200"},
)


@pytest.mark.parametrize(
    ("partition", "nodes", "model"),
    [
        ("long", "n1", "h200"),
        ("long", "n[1-2]", "a100"),  # the nodes do not agree
        ("long", "n3", "a100"),
        ("short", "n3", "h100"),  # the cluster's own is the last to be asked
        ("", "", "h100"),
    ],
)
def test_a_cluster_may_name_its_one_model(partition: str, nodes: str, model: str) -> None:
    assert Models(HPC).of(partition, nodes) == model


def test_a_cluster_that_names_none_leaves_it_open() -> None:
    assert Models(replace(HPC, model="")).of("short", "n3") == ""


def test_the_model_of_a_cluster_stands_in_site_toml(tmp_path: Path) -> None:
    sacct = 'name = "sacct"\nkind = "slurm"\nrecord = "allocation"\npaths = ["x"]\n'
    write(tmp_path, f'{HEAD}\n[cluster.hpc]\nmodel = "h100"\n\n[[cluster.hpc.source]]\n{sacct}')
    (hpc,) = read_site(tmp_path).sections
    assert isinstance(hpc, Cluster)
    assert hpc.model == "h100"
