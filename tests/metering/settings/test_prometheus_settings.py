"""A prometheus source in site.toml is read strictly, and asks in pages that leave nothing out."""

from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.settings.site_toml import read_site
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus, pages_of
from metering.settings.source_options.source_config import SourceConfig

SITE = """\
[site]
name = "시험 센터"
first_month = "2025-10"

[issuer]
business_number = "124-81-00998"
name = "공급자"
representative = "홍길동"
address = "광주"
business_type = "서비스업"
business_item = "컴퓨팅"

[cluster.hpc]
scrape = "15s"

[[cluster.hpc.source]]
name = "dcgm"
kind = "prometheus"
record = "sample"
family = "dcgm"
"""
URL = 'url = "http://prometheus:9090"\n'
REST = 'Hostname!~"(?:gpu0.*)|(?:gpu\\\\d)"'


def source(directory: Path, lines: str) -> SourceConfig:
    (directory / "site.toml").write_text(SITE + lines, encoding="utf-8")
    (cluster,) = read_site(directory, {}).clusters
    return cluster.sources[0]


def mistakes(directory: Path, lines: str) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        source(directory, lines)
    prefix = "cluster.hpc.source"
    return [str(mistake).split(prefix, 1)[1].lstrip(".: ") for mistake in raised.value.mistakes]


def test_a_server_needs_no_more_than_its_address(tmp_path: Path) -> None:
    url = "http://prometheus:9090"
    assert source(tmp_path, URL) == SourceConfig(
        "dcgm", "prometheus", "sample", "dcgm", endpoint=Endpoint(url),
        options=Prometheus("prometheus", (), ("",), 4, False),
    )  # fmt: skip


def test_all_that_can_be_said_is_read(tmp_path: Path) -> None:
    made = source(
        tmp_path,
        """\
url = "https://mimir/prometheus/"
flavour = "mimir"
bearer_env = "MIMIR_TOKEN"
headers = { X-Scope-OrgID = "gpu" }
ca = "ca.pem"
timeout = "2min"
selector = 'cluster="a", job=~"dcgm|\\\\d", gpu != "x\\"y"'
pages = { label = "Hostname", values = ["gpu0.*", "gpu\\\\d"] }
at_once = 16
late = "10min"
remote_read = true
""",
    )
    assert made.endpoint == Endpoint(
        "https://mimir/prometheus/", {"X-Scope-OrgID": "gpu"}, "MIMIR_TOKEN", ca="ca.pem",
        timeout_s=120,
    )  # fmt: skip
    assert made.late_ms == 600_000
    assert made.options == Prometheus(
        "mimir",
        ('cluster="a"', 'job=~"dcgm|\\\\d"', 'gpu!="x\\"y"'),
        ('Hostname=~"gpu0.*"', 'Hostname=~"gpu\\\\d"', REST),
        16,
        True,
    )


def test_the_last_page_holds_what_no_other_does() -> None:
    assert pages_of("node", ["a"]) == ('node=~"a"', 'node!~"(?:a)"')


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "needs the key `url`"),
        ('url = "prometheus:9090"\n', "url: must begin with http:// or https:// and a host"),
        (URL + 'paths = ["a.json"]\n', "paths: is not for a server"),
        (URL + 'flavour = "cortex"\n', "flavour: must be one of mimir, prometheus, thanos, vic"),
        (URL + 'flavour = "mimir"\n', "headers: must name the tenant: X-Scope-OrgID"),
        (URL + "at_once = 0\n", "at_once: must be 1 or more, not 0"),
        (URL + "at_once = 17\n", "at_once: must be 16 or less, not 17"),
        (URL + "selector = 'cluster'\n", 'selector: must be like cluster="a"'),
        (URL + 'selector = \'cluster="a" job="b"\'\n', 'selector: must be like cluster="a"'),
        (URL + 'selector = \'a="b"} or {c="d"\'\n', 'selector: must be like cluster="a"'),
        (URL + "selector = '__name__=\"up\"'\n", "selector: must not choose metrics"),
        (URL + 'pages = { label = "Host-name", values = ["a"] }\n', "pages.label: must be the n"),
        (URL + 'pages = { label = "node" }\n', "pages.values: must list expressions"),
        (URL + 'pages = { values = ["a"] }\n', "pages: needs the key `label`"),
        (URL + 'pages = { label = "n", values = ["a", "a"] }\n', "pages.values: names something t"),
        (URL + 'pages = { label = "n", values = ["a"], size = 2 }\n', "pages.size: there is no"),
        (URL + "remote_read = 1\n", "remote_read: must be true or false, not 1"),
        (
            URL + 'flavour = "victoriametrics"\nremote_read = true\n',
            "remote_read: is for prometheus and mimir only",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, lines: str, told: str) -> None:
    (one,) = mistakes(tmp_path, lines)
    assert one.startswith(told)
