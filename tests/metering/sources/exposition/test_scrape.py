"""Exporters asked directly: several, some down, some with a clock of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import chosen, collect
from metering.database.findings import findings
from metering.errors import SourceError
from metering.settings.source_options.exposition import Targets
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.scrape import HELD, Asking, scrape, scrapes
from metering.sources.exposition.source import read_targets
from metering.sources.read import count_inputs, read
from metering.sources.reading.batch import Batch, Note
from tests.builders.servers.patient_server import PatientServer
from tests.builders.sites.metering_site import cluster, ground
from tests.metering.sources.exposition.test_exposition_text import (
    AT,
    ENGINE,
    POWER,
    UTIL,
    site_with,
)

DATED = "Tue, 30 Sep 2025 15:00:00 GMT"  # AT
HOLD_MS = 60_000
LINE = f'{POWER}{{UUID="G1"}} 5\n'


@contextmanager
def exporter(
    *answers: int, text: str = LINE, dated: str | None = DATED, token: str = ""
) -> Iterator[str]:
    """An exporter on loopback that answers with these codes, one after another, the last for ever.

    With a token it refuses whoever does not bear it.
    """
    codes = list(answers)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = codes.pop(0) if len(codes) > 1 else codes[0]
            if token and self.headers.get("Authorization") != f"Bearer {token}":
                code = 401
            self.send_response_only(code)
            if dated:
                self.send_header("Date", dated)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test looks at what was read."""

    with PatientServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/metrics"
        finally:
            server.shutdown()
            thread.join()


def away() -> str:
    """An address where nobody answers."""
    with PatientServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return f"http://127.0.0.1:{server.server_port}/metrics"


def at(instant_ms: int) -> Asking:
    """The world as a test wants it: no waiting, and this instant here."""
    return Asking(lambda wait_s: None, lambda: instant_ms * 1_000_000)


def asked(tmp_path: Path, *urls: str, now_ms: int = AT) -> list[Batch]:
    options = Targets(tuple(Endpoint(url) for url in urls))
    source = SourceConfig("dcgm", "exposition", "sample", family="dcgm", options=options)
    site = site_with(tmp_path, source)
    assert site.clusters[0].hold_ms == HOLD_MS
    assert count_inputs(source, site, Period(0, 1)) == len(urls)
    return list(read_targets(source, site.clusters[0], site, at(now_ms)))


def notes(batches: list[Batch]) -> list[tuple[str, str]]:
    return [(note.kind, note.subject) for batch in batches for note in batch.notes]


def test_a_scrape_is_of_the_instant_that_the_exporter_gives_it(tmp_path: Path) -> None:
    with exporter(200) as url:
        (batch,) = asked(tmp_path, url)
        options = Targets((Endpoint(url),))
        source = SourceConfig("dcgm", "exposition", "sample", family="dcgm", options=options)
        site = site_with(tmp_path, source)
        (same,) = read(source, site.clusters[0], site, Period(0, 1))
    (row,) = batch.table.to_pylist()
    assert (row["device_uid"], row["sampled_ms"], row["power_mw"]) == ("G1", AT, 5_000)
    assert (batch.origin, batch.notes) == (url, ())
    assert replace(same, notes=()) == batch


def test_a_scrape_without_a_date_is_refused_line_by_line(tmp_path: Path) -> None:
    for dated in (None, "yesterday"):
        with exporter(200, dated=dated) as url:
            (batch,) = asked(tmp_path, url)
        assert batch.table.num_rows == 0
        assert [one.place for one in batch.quarantined] == [f"{url}:1"]


def test_an_exporter_is_asked_three_times() -> None:
    pauses: list[float] = []
    asking = replace(at(AT), pause=pauses.append)
    with exporter(503, 502, 200) as url:
        assert scrape(Endpoint(url), Path(), asking).text == LINE.encode()
    with exporter(503) as url:
        assert "does not answer: status 503" in scrape(Endpoint(url), Path(), asking).failure
    with exporter(404) as url:
        assert "refuses: status 404" in scrape(Endpoint(url), Path(), asking).failure
    assert pauses == [1, 4, 1, 4]


def test_an_exporter_may_want_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTER_TOKEN", "sesame")
    with exporter(200, token="sesame") as url:
        assert "status 401" in scrape(Endpoint(url), Path(), at(AT)).failure
        signed = Endpoint(url, bearer_env="EXPORTER_TOKEN")
        assert scrape(signed, Path(), at(AT)).failure == ""


def test_a_target_that_is_down_stops_no_other(tmp_path: Path) -> None:
    gone = away()
    with exporter(200) as one, exporter(200, text=LINE.replace("G1", "G2")) as other:
        batches = asked(tmp_path, one, gone, other)
    uids = [batch.table["device_uid"].to_pylist() for batch in batches]
    assert uids == [["G1"], ["G2"], []]
    assert notes(batches) == [("target_down", gone)]
    assert batches[-1].notes[0].severity == "warn"
    assert gone in batches[-1].notes[0].detail


def test_a_source_whose_targets_are_all_down_fails(tmp_path: Path) -> None:
    gone = away()
    with pytest.raises(SourceError, match=f"{gone} does not answer"):
        asked(tmp_path, gone, gone)


@pytest.mark.parametrize(
    ("apart_ms", "told"), [(HOLD_MS, False), (-HOLD_MS, False), (HOLD_MS + 1, True)]
)
def test_an_exporters_clock_further_than_hold_from_ours_is_a_finding(
    apart_ms: int, told: bool, tmp_path: Path
) -> None:
    with exporter(200) as url:
        batches = asked(tmp_path, url, now_ms=AT + apart_ms)
    assert batches[0].table.num_rows == 1
    assert notes(batches) == ([("clock_skew", url)] if told else [])


def test_how_far_a_clock_is_off_is_told(tmp_path: Path) -> None:
    with exporter(200) as url:
        (batch,) = asked(tmp_path, url, now_ms=AT - 90_000)
    detail = "수집 대상의 시계가 여기보다 90초 빠릅니다(허용 60초). 시각 동기화를 확인하십시오."
    assert batch.notes == (Note("warn", "clock_skew", url, detail),)


@pytest.mark.parametrize(("apart_ms", "told"), [(HOLD_MS, False), (HOLD_MS + 1, True)])
def test_instants_of_lines_further_than_hold_from_ours_are_a_finding(
    apart_ms: int, told: bool, tmp_path: Path
) -> None:
    lines = f'{LINE}{POWER}{{UUID="G2"}} 5 {AT - apart_ms}\n'
    with exporter(200, text=lines) as url:
        (batch,) = asked(tmp_path, url)
    assert [(note.kind, "지표에" in note.detail) for note in batch.notes] == (
        [("clock_skew", True)] if told else []
    )


def test_an_engine_stuck_at_one_target_is_told_of_that_target(tmp_path: Path) -> None:
    lines = f'{ENGINE}{{UUID="G9"}} 0\n{UTIL}{{UUID="G9"}} 99\n'
    with exporter(200, text=lines) as stuck, exporter(200) as well:
        batches = asked(tmp_path, stuck, well)
    assert [notes([batch]) for batch in batches] == [[("stuck_metric", "G9")], []]


def test_more_targets_than_are_held_come_in_their_order() -> None:
    with exporter(200) as url:
        endpoints = [Endpoint(f"{url}?n={n}") for n in range(HELD + 3)]
        urls = [one.url for one in scrapes(endpoints, Path(), at(AT))]
    assert urls == [endpoint.url for endpoint in endpoints]


def test_collecting_tells_which_target_is_down(tmp_path: Path) -> None:
    with exporter(200) as url, exporter(404) as gone:
        options = Targets((Endpoint(url), Endpoint(gone)))
        source = SourceConfig("dcgm", "exposition", "sample", family="dcgm", options=options)
        made = ground(tmp_path, cluster(source))
        (collected,) = collect(made.opened, Period(AT, AT + HOUR_MS))
    assert not collected.failed
    assert collected.rows == {"sample": 1}
    told = {finding.kind: finding.subject for finding in collected.findings}
    assert (told["target_down"], told["clock_skew"]) == (gone, url)


def test_a_scrape_and_the_hours_of_files_leave_each_other_s_findings(tmp_path: Path) -> None:
    down, files = away(), SourceConfig("files", "exposition", "sample", "dcgm", ("none.prom",))
    options = Targets((Endpoint(down),))
    asked_now = SourceConfig("dcgm", "exposition", "sample", family="dcgm", options=options)
    made = ground(tmp_path, cluster(files, asked_now))
    hour = Period(AT, AT + HOUR_MS)

    def stored() -> set[str]:
        with made.opened.database.read() as connection:
            return {finding.subject for finding in findings(connection, stage="collect")}

    collect(made.opened, hour, None, hour.end_ms, which="others")
    assert stored() == {"files"}
    collect(made.opened, Period(hour.end_ms - 1, hour.end_ms), which="targets")
    assert stored() == {"files", "dcgm"}
    (tmp_path / "none.prom").write_text("", encoding="utf-8")
    collect(made.opened, hour, None, hour.end_ms, which="others")
    assert stored() == {"dcgm"}


def test_each_collect_reads_the_sources_of_its_kind(tmp_path: Path) -> None:
    asked_now = SourceConfig(
        "dcgm", "exposition", "sample", options=Targets((Endpoint("http://x"),))
    )
    files = SourceConfig("files", "exposition", "sample", paths=("*.prom",))
    both = cluster(files, asked_now)
    assert chosen(both, "all") == (files, asked_now)
    assert chosen(both, "targets") == (asked_now,)
    assert chosen(both, "others") == (files,)
