"""What site.toml may say of a Slurm source."""

from pathlib import Path

import pytest

from metering.calendar import Period
from metering.settings.site_toml import read_site
from metering.settings.source_options.slurm import SlurmOptions
from metering.sources.read import read
from tests.metering.settings.test_site_toml import HEAD, SLURM, mistakes_of, write
from tests.metering.sources.slurm.test_sacct_text import NOON, line


@pytest.mark.parametrize(
    ("naive", "shift_ms"), [("", 0), ('naive = "utc"\n', 0), ('naive = "site"\n', -9 * 3_600_000)]
)
def test_times_without_an_offset_are_utc_unless_the_site_says_otherwise(
    tmp_path: Path, naive: str, shift_ms: int
) -> None:
    site = read_site(write(tmp_path, HEAD + SLURM + naive))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sacct.psv").write_text(line())
    cluster = site.section("hpc")
    (batch,) = read(cluster.sources[0], cluster, site, Period(NOON - 10**8, NOON + 10**8))
    assert batch.table["started_ms"].to_pylist() == [NOON + shift_ms]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SLURM + 'naive = "kst"\n', "must be one of site, utc, not 'kst'"),
        (SLURM.replace('paths = ["in/sacct.psv"]\n', ""), "needs the key `paths`"),
        (SLURM.replace('"allocation"', '"sample"'), "a slurm source has "),
        (SLURM.replace('"HPC"', '"HPC"\ngpu_partitions = "gpu"'), "gpu_partitions"),
        (SLURM + "slurm_cluster = 1\n", "slurm_cluster: must be text in quotes"),
        (SLURM + 'ignored_gres = "nic"\n', "ignored_gres: must be a list of texts"),
        (SLURM + 'gres_models = { A_B = "H100" }\n', "A_B: 'H100' may have small letters"),
        (SLURM + 'gres_models = { a_b = "h100", A_B = "h200" }\n', "A_B has two models"),
        (SLURM + 'gres_devices = { rngd = "tpu" }\n', 'rngd: write "gpu", "npu" or'),
        (SLURM + 'gres_devices = { rngd = "npu:" }\n', 'rngd: write "gpu", "npu" or'),
        (SLURM + "shards = 0\n", "shards: must be a whole number from 1 to 1000"),
        (SLURM + "shards = 1001\n", "shards: must be a whole number from 1 to 1000"),
        (SLURM + "shards = { n1 = true }\n", "n1 must be a whole number from 1 to 1000"),
        (SLURM + "mps = true\n", "mps: must be a whole number or a table of them"),
        (SLURM + 'mps = "100"\n', "mps: must be a whole number or a table of them"),
        (
            SLURM.replace('"allocation"', '"node_state"') + "shards = 32\n",
            "shards: there is no such key here",
        ),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    told = mistakes_of(tmp_path, HEAD + text)
    assert any(message in one for one in told), told


def test_every_record_says_whose_rows_are_ours_and_allocations_what_names_mean(
    tmp_path: Path,
) -> None:
    said = 'slurm_cluster = "hpc-1"\n'
    for record in ("allocation", "node_state", "control_total"):
        site = read_site(write(tmp_path, HEAD + SLURM.replace("allocation", record) + said))
        (source,) = site.section("hpc").sources
        assert source.options == SlurmOptions(slurm_cluster="hpc-1")
    more = 'shards = 1\nmps = 1000\ngres_models = { H100_PCIe = "h100-pcie" }\n'
    (source,) = read_site(write(tmp_path, HEAD + SLURM + more)).section("hpc").sources
    assert source.options == SlurmOptions(
        shards={"": 1}, mps={"": 1000}, gres_models={"h100_pcie": "h100-pcie"}
    )
