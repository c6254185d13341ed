"""Exporters in site.toml: one or several, asked or read, each of a known family."""

from pathlib import Path

import pytest

from metering.settings.site_toml import read_site
from metering.settings.source_options.exposition import Targets
from metering.settings.source_options.location import Endpoint
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write


def exposition(*lines: str) -> str:
    head = ["[cluster.gpu]", 'scrape = "30s"', "[[cluster.gpu.source]]", 'name = "dcgm"']
    kind = ['kind = "exposition"', 'record = "sample"', 'family = "dcgm"']
    return "\n".join(["", *head, *kind, *lines, ""])


def test_an_exposition_source_asks_one_exporter_or_several(tmp_path: Path) -> None:
    def endpoints(*lines: str) -> tuple[Endpoint, ...]:
        (source,) = read_site(write(tmp_path, HEAD + exposition(*lines))).clusters[0].sources
        assert isinstance(source.options, Targets)
        assert source.live
        return source.options.endpoints

    assert endpoints('url = "http://a:9400/metrics"') == (Endpoint("http://a:9400/metrics"),)
    both = 'targets = ["http://a/metrics", "https://b/metrics"]'
    assert endpoints(both, 'bearer_env = "TOKEN"', 'timeout = "10s"') == (
        Endpoint("http://a/metrics", bearer_env="TOKEN", timeout_s=10),
        Endpoint("https://b/metrics", bearer_env="TOKEN", timeout_s=10),
    )


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        (('url = "http://a/"', 'targets = ["http://b/"]'), "targets: stands beside `url`"),
        (('paths = ["x"]', 'targets = ["http://b/"]'), "targets: stands beside `paths`"),
        (('targets = ["b:9400"]',), "targets: must begin with http:// or https:// and a host"),
        (('targets = ["http://u:p@b/"]',), "targets: holds a password; site.toml has no secrets"),
        (('targets = ["http://b/", "http://b/"]',), "targets: "),
        (("targets = []",), "needs the key `paths`"),
        (('targets = ["http://b/"]', 'user = "u"'), "needs `user` and `password_env` together"),
    ],
)
def test_targets_that_cannot_be_asked_are_refused(
    lines: tuple[str, ...], mistake: str, tmp_path: Path
) -> None:
    mistakes = mistakes_of(tmp_path, HEAD + exposition(*lines))
    assert any(f"cluster.gpu.source{'.' if ': ' in mistake else ': '}{mistake}" in one
               for one in mistakes), mistakes  # fmt: skip


def test_an_unknown_family_is_refused(tmp_path: Path) -> None:
    source = """
[cluster.gpu]
scrape = "30s"
[[cluster.gpu.source]]
name = "x"
kind = "exposition"
record = "sample"
family = "dcgn"
url = "http://host:9400/metrics"
"""
    (found,) = mistakes_of(tmp_path, HEAD + source)
    assert found.startswith("site.toml:19: cluster.gpu.source.family: must be one of ")
    assert "dcgm" in found
