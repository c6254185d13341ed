"""The commands of a night: sources that are damaged or missing, windows, names from outside."""

from pathlib import Path

import pytest

from metering.collect.watermark import watermarks
from metering.site.open_site import open_site
from tests.builders.sites.command_line import (
    COMPLETE,
    EDGE_JOBS,
    JOBS,
    MONTH,
    collect,
    failing,
    flat,
    run,
    write_jobs,
)

NOW_MS = 1_764_720_000_000  # 09:00 of the 3rd of December 2025


def test_a_damaged_source_is_a_finding_and_the_other_clusters_go_on(site: Path) -> None:
    (site / "incoming" / "hpc.psv").write_bytes(b"\xff\xfe\x00 no dump\n" * 5)
    said = collect(site, "--json")
    assert said.code == 1
    assert failing(said) == [("source_unavailable", "hpc", "sacct")]
    assert said.document["collected"] == [
        {
            "section": "edge", "record": "allocation", "rows": 1, "landed": 1, "left_out": {},
            "quarantined": 0,
        }
    ]  # fmt: skip
    assert run(site, "meter", "2025-10-20", "--cluster", "edge").code == 0
    write_jobs(site, "hpc", JOBS)  # mended: the finding goes
    assert failing(collect(site, "--json")) == []


def test_a_source_that_is_missing_is_a_finding_and_nothing_is_taken_for_zero(site: Path) -> None:
    (site / "incoming" / "edge.psv").unlink()
    said = collect(site)
    assert said.code == 1
    assert "원천을 읽지 못함 (source_unavailable)" in said.out
    assert "incoming/edge.psv" in said.out
    run(site, "meter", "2025-10-20")
    status = run(site, "status", "--json").document
    marks = {row["section"]: row["days"][19] for row in status["coverage"]}
    assert marks == {"hpc": "●", "edge": "◐"}


def test_too_many_bad_rows_fail_the_source_and_few_are_quarantined(site: Path) -> None:
    bad = ("9", "one", "2025-10-05T01:00:00", "2025-10-04T01:00:00", "h100=1")
    write_jobs(site, "hpc", [*JOBS, bad])
    said = collect(site, "--json")
    assert failing(said) == [("source_unavailable", "hpc", "sacct")]
    many = [(str(n), *JOBS[0][1:]) for n in range(100, 220)]
    write_jobs(site, "hpc", [*many, bad])
    said = collect(site, "--json")
    assert said.document["collected"][0] == {
        "section": "hpc", "record": "allocation", "rows": 121, "landed": 120, "left_out": {},
        "quarantined": 1,
    }  # fmt: skip


def test_every_row_that_was_read_is_landed_left_out_by_reason_or_refused(site: Path) -> None:
    early = ("7", "one", "2025-09-05T01:00:00", "2025-09-05T02:00:00", "h100=1")
    none = ("8", "one", "2025-10-05T01:00:00", "2025-10-05T01:00:00", "h100=1")
    write_jobs(site, "hpc", [*JOBS, early, none])
    said = collect(site, "--json")
    assert said.document["collected"][0] == {
        "section": "hpc", "record": "allocation", "rows": 5, "landed": 3,
        "left_out": {"no_time": 1, "outside_window": 1}, "quarantined": 0,
    }  # fmt: skip
    assert "0초 1, 기간 밖 1" in collect(site).out


def reached(site: Path) -> dict[str, str]:
    opened = open_site(site)
    with opened.database.read() as connection:
        return {
            name: opened.site.calendar.iso(ms)
            for name in ("hpc", "edge")
            for ms in watermarks(connection, name).values()
        }


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-10-01", "2025-11-01"),
        ("2025-10-01T00:00:00+09:00", "2025-11-01T00:00+09:00"),
        ("2025-09-30T15:00:00Z", "2025-10-31T15:00Z"),
        ("2025-09-30", "2025-10-31T15:00:00+00:00"),
    ],
)
def test_a_window_is_days_or_instants_with_their_offset(site: Path, first: str, last: str) -> None:
    said = run(site, "collect", "--from", first, "--to", last, "--complete-to", COMPLETE, "--json")
    assert said.code == 0
    assert [row["rows"] for row in said.document["collected"]] == [3, 1]
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-01T00:00:00+09:00")


@pytest.mark.parametrize(
    "window",
    [[], ["--from", "2025-10-01"], ["--to", COMPLETE], ["--from", "2025-10-01", "--to", COMPLETE]],
    ids=["neither", "from", "to", "both"],
)
def test_a_window_left_open_begins_where_sources_stand_and_ends_where_they_are_complete(
    site: Path, window: list[str]
) -> None:
    said = run(site, "collect", *window, "--complete-to", COMPLETE)
    assert said.code == 0
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-01T00:10:00+09:00")
    later = "2025-11-02T12:00+09:00"
    write_jobs(site, "edge", [*EDGE_JOBS, ("6", "two", *["2025-11-01T20:00:00"] * 2, "a100=1")])
    assert run(site, "collect", "--complete-to", later).code == 0  # from there on
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-02T12:00:00+09:00")


def test_nobody_is_taken_to_have_said_that_a_dump_is_complete(site: Path) -> None:
    said = run(site, "collect", "--from", "2025-10-01", "--to", "2025-11-01", "--json")
    assert (said.code, len(failing(said))) == (1, 2)
    assert "--complete-to" in said.document["findings"][0]["detail"]


def test_names_from_outside_are_shown_as_they_are(metered: Path) -> None:
    said = run(metered, "draft", MONTH)
    assert "[red]빨강[/red] :dog:" in said.out
    stray = ("5", "[bold]s[/bold]", "2025-10-20T06:00:00", "2025-10-20T07:00:00", "a100=1")
    write_jobs(metered, "edge", [*EDGE_JOBS, stray])
    collect(metered, "--cluster", "edge")
    said = run(metered, "meter", "2025-10-20")
    assert "edge/[bold]s[/bold]" in said.out


@pytest.mark.parametrize(
    "window",
    [
        ("--to", "2025-11-01", "--complete-to", "2025-12-03T09:00:01+09:00"),
        ("--to", "2026-11-01"),
        ("--complete-to", "2026-11-01T00:10+09:00"),
    ],
)
def test_nothing_is_complete_to_an_instant_that_has_not_come(
    site: Path, monkeypatch: pytest.MonkeyPatch, window: tuple[str, ...]
) -> None:
    """What is complete never goes back: days without any dump would be days without use."""
    monkeypatch.setattr("jeongsan.night.now_ms", lambda: NOW_MS)
    said = run(site, "collect", "--from", "2025-10-01", *window)
    assert (said.code, "has not come (it is 2025-12-03T09:00:00+09:00)" in flat(said.err)) == (
        2, True,
    )  # fmt: skip
    with open_site(site).database.read() as connection:
        assert watermarks(connection, "hpc") == {}
    until_now = ("--to", "2025-12-03T09:00:00+09:00", "--complete-to", "2025-12-03T09:00:00+09:00")
    assert run(site, "collect", "--from", "2025-10-01", *until_now, "--cluster", "hpc").code == 0
