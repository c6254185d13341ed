"""Where a site keeps things: what can be no store is refused, and a secret is told nowhere."""

from pathlib import Path

import pytest

from metering.settings.site_toml import read_site
from tests.metering.settings.test_site_toml import HEAD, SLURM, mistakes_of, write


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('database = "postgresql://u:secret@host/db"', "holds a password"),
        ('database = "postgrsql:/u:s3cret-1@host/db"', "holds a password"),
        ('database = "postgresql://u@host/db?password=s3cret-1"', "in its parameter password"),
        ('lake = "s3://KEY:s3cret-1@bucket/x"', "holds a password"),
        ('lake = "ftp://u:s3cret-1@host/x"', "holds a password"),
        ('database_env = "s3cret-1"', "must be the name of an environment variable"),
        ('database_env = "BROKEN"', "holds a line break"),
        ('database_file = "shared"', "(mode 0640); type: chmod 600"),
        ('database_env = "NOT_SET"', "the environment has no NOT_SET"),
        ('database_file = "nowhere"', "nowhere cannot be read"),
        ('database = "sqlite:///a.db"\ndatabase_env = "DB"', "stands beside `database`"),
        ('lake = "ftp://host/x"', "must be a directory or s3://bucket/prefix"),
        ('rules = "nowhere"', "is no directory"),
        ('engine = "pandas"', "must be one of duckdb"),
    ],
)
def test_a_store_that_cannot_be_is_refused(tmp_path: Path, line: str, message: str) -> None:
    text = HEAD.replace("[issuer]", f"{line}\n[issuer]") + SLURM
    (tmp_path / "shared").write_text("sqlite:///b.db\n", encoding="utf-8")
    (tmp_path / "shared").chmod(0o640)
    broken = "postgresql://u:s3cret-1\n@host/db"
    mistakes = mistakes_of(tmp_path, text, DB="sqlite:///b.db", BROKEN=broken)
    assert len(mistakes) == 1
    assert message in mistakes[0]
    assert "s3cret-1" not in mistakes[0]


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    url = "postgresql://u:secret@host/db"
    (tmp_path / "secret").touch(0o600)
    (tmp_path / "secret").write_text(f"{url}\n", encoding="utf-8")
    named = HEAD.replace("[issuer]", 'database_env = "DB"\n[issuer]') + SLURM
    kept = HEAD.replace("[issuer]", 'database_file = "secret"\n[issuer]') + SLURM
    assert read_site(write(tmp_path, named), {"DB": f"{url}\n"}).database == url
    site = read_site(write(tmp_path, kept), {})
    assert site.database == url
    assert url not in repr(site)


def test_a_token_that_can_be_none_is_a_mistake_of_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
[cluster.gpu]
scrape = "30s"
[[cluster.gpu.source]]
name = "dcgm"
kind = "exposition"
record = "sample"
family = "dcgm"
url = "https://host/metrics"
bearer_env = "GPU_TOKEN"
"""
    place = "site.toml:21: cluster.gpu.source.bearer_env: the environment variable GPU_TOKEN holds "
    for token, flaw in (("s3cret\nmore", "a line break"), ("s3cret-토큰", "letters that no token")):
        monkeypatch.setenv("GPU_TOKEN", token)
        (mistake,) = mistakes_of(tmp_path, HEAD + source)
        assert mistake.startswith(f"{place}{flaw}")
        assert "s3cret" not in mistake
    monkeypatch.setenv("GPU_TOKEN", "s3cret-1\n")
    assert read_site(write(tmp_path, HEAD + source)).clusters[0].sources
    header = source.replace('bearer_env = "GPU_TOKEN"', 'headers = { X = "Bearer s3cret-1" }')
    (mistake,) = mistakes_of(tmp_path, HEAD + header)
    assert ("must not hold a secret" in mistake, "s3cret" in mistake) == (True, False)
    (mistake,) = mistakes_of(tmp_path, HEAD + source.replace("GPU_TOKEN", "eyJ0.s3cret"))
    assert ("must be the name of" in mistake, "s3cret" in mistake) == (True, False)
