"""What site.toml may say of a Slurm source."""

from pathlib import Path

import pytest

from metering.calendar import Period
from metering.settings.site_toml import read_site
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
    ],
)
def test_a_wrong_setting_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    told = mistakes_of(tmp_path, HEAD + text)
    assert any(message in one for one in told), told
