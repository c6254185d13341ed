"""A real Prometheus server, filled with known samples: each comes, once and exactly."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.errors import SourceError
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.prometheus import Prometheus, pages_of
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.breadth import few
from tests.builders.servers.prometheus import Server, Written, needs_prometheus, rows_of, serving
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT, cluster

SCRAPE_MS, HOURS, DEVICES = 15_000, 2, 4
FIRST_MS = MIDNIGHT - 4 * SCRAPE_MS
COUNT = HOURS * HOUR_MS // SCRAPE_MS + 9
WINDOW = Period(MIDNIGHT, MIDNIGHT + HOURS * HOUR_MS)
VALUES = {
    "DCGM_FI_DEV_FB_USED": lambda d, n: str(4 + 1000 * d + n),
    "DCGM_FI_DEV_POWER_USAGE": lambda d, n: f"{100 + d}.{n:03d}",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": lambda d, n: str(9_007_199_000_000_000 + 1500 * n),
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": lambda d, n: f"0.{d}{n:05d}",
}


def instant(n: int) -> int:
    """Some scrapes are at whole hours, to the millisecond; all others are not."""
    at = FIRST_MS + n * SCRAPE_MS
    return at if at % HOUR_MS == 0 else at + n % 7


def device(n: int) -> str:
    return f'UUID="GPU-{n}",Hostname="gpu{n // 2}",modelName="NVIDIA H100 80GB HBM3"'


def series() -> Iterator[Written]:
    for metric, value in VALUES.items():
        for d in range(DEVICES):
            points = [(instant(n), value(d, n)) for n in range(COUNT)]
            yield Written(metric, device(d), points)


def expected(window: Period, hold_ms: int = 60_000) -> list[dict[str, object]]:
    return [
        {
            "device_uid": f"GPU-{d}", "parent": "", "slice": "", "model": "h100",
            "node": f"gpu{d // 2}", "sampled_ms": instant(n), "busy_ppm": d * 100_000 + n,
            "power_mw": (100 + d) * 1000 + n, "energy_mj": 9_007_199_000_000_000 + 1500 * n,
            "memory_mib": 4 + 1000 * d + n, "workload": "", "health_ok": None,
            "busy_cycles": None, "total_cycles": None,
        }
        for d in range(DEVICES)
        for n in range(COUNT)
        if window.start_ms - hold_ms <= instant(n) <= window.end_ms + hold_ms
    ]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    needs_prometheus()
    with serving(tmp_path_factory.mktemp("prometheus"), [series()]) as running:
        yield running


def taken(server: Server, options: Prometheus, window: Period = WINDOW) -> Iterator[Batch]:
    source = SourceConfig(
        "dcgm", "prometheus", "sample", "dcgm", endpoint=server.endpoint,
        options=options,
    )  # fmt: skip
    issuer = Issuer("", "", "", "", "", "")
    site = Site(
        server.folder, "s", CALENDAR, "", "", "duckdb", "2025-10", issuer, (), (), None, Path()
    )
    return read(source, cluster(source), site, window)


def ordered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: (row["device_uid"], row["sampled_ms"]))  # type: ignore[index]


@pytest.mark.parametrize(
    "options",
    few(
        1,
        [
            Prometheus(),
            Prometheus(at_once=1),
            Prometheus(remote_read=True),
            Prometheus(matchers=('modelName=~"NVIDIA.*"',), pages=pages_of("Hostname", ["gpu0"])),
        ],
    ),
    ids=["plain", "one at a time", "as stored", "in pages"],
)
def test_every_sample_comes_once_and_exactly(server: Server, options: Prometheus) -> None:
    assert ordered(rows_of(taken(server, options))) == expected(WINDOW)


def test_two_windows_give_what_one_gives(server: Server) -> None:
    cut = MIDNIGHT + HOUR_MS // 3
    first = rows_of(taken(server, Prometheus(), Period(MIDNIGHT, cut)))
    second = rows_of(taken(server, Prometheus(), Period(cut, WINDOW.end_ms)))
    assert ordered(first) == expected(Period(MIDNIGHT, cut))
    assert ordered(second) == expected(Period(cut, WINDOW.end_ms))


def test_other_matchers_choose_other_series(server: Server) -> None:
    for remote_read in (False, True):
        options = Prometheus(matchers=('Hostname="gpu1"',), remote_read=remote_read)
        uids = {row["device_uid"] for row in rows_of(taken(server, options))}
        assert uids == {"GPU-2", "GPU-3"}


def test_a_question_that_the_server_does_not_understand_is_an_error(server: Server) -> None:
    with (
        PrometheusServer(server.endpoint, Prometheus(), Path()) as asked,
        pytest.raises(SourceError, match=r"status 400: .*parse error"),
    ):
        asked.samples(SeriesQuery("{", 0, 1))


def test_a_server_that_is_away_is_an_error(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metering.sources.reading.web.PAUSES_S", (0, 0))
    away = Server(server.folder)
    with pytest.raises(SourceError, match=f"{away.url}/api/v1/query does not answer"):
        list(taken(away, Prometheus()))
