"""What programs are told of a site and of its runs: health, figures, the log."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from metering.database.connection import open_database
from metering.database.findings import replace_findings
from metering.finding import Finding
from reports.operations.metrics import RUN_FIGURES, SITE_FIGURES, Exposition, seconds
from tests.builders.sites.command_line import MONTH, collect, run
from tests.paths import ROOT

DASHBOARD = ROOT / "docs" / "use" / "grafana-dashboard.json"
FIGURE = re.compile(r'([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? (-?\d+(?:\.\d{3})?)')


def figures(text: str) -> dict[str, str]:
    """Every figure by its name and labels; a line of another shape is none of the format."""
    by_name = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            parts = FIGURE.fullmatch(line)
            assert parts is not None, line
            by_name[f"{parts[1]}{parts[2] or ''}"] = parts[3]
    return by_name


def vitals(site: Path) -> dict[str, bool]:
    said = run(site, "health", "--json")
    wells = {row["what"]: row["ok"] for row in said.document["vitals"]}
    assert (said.code, said.document["healthy"]) == (int(not all(wells.values())),
                                                     all(wells.values()))  # fmt: skip
    return wells


@pytest.mark.breadth
def test_health_says_what_the_site_cannot_work_without(issued: Path, tmp_path: Path) -> None:
    assert all(vitals(issued).values())
    # while somebody writes a probe neither waits nor is in the way
    with closing(sqlite3.connect(issued / "jeongsan.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert all(vitals(issued).values())
        writer.execute("ROLLBACK")
    register = issued / "lake" / "register" / "00000001.json"
    (issued / "lake" / "register" / "00000002.json").write_bytes(register.read_bytes())
    assert vitals(issued) == {
        "settings": True, "database": True, "lake": True, "numbers": False, "room": True
    }  # fmt: skip
    (issued / "jeongsan.db").write_bytes(b"no database")
    assert vitals(issued) == {"settings": True, "database": False, "room": True}
    (issued / "site.toml").unlink()
    assert vitals(issued) == {"settings": False}


def test_figures_follow_the_site(metered: Path) -> None:
    shown = figures(run(metered, "metrics").out)
    assert shown['jeongsan_coverage_days{section="hpc",state="complete"}'] == "31"
    assert shown['jeongsan_findings_worth_krw{severity="fail"}'] == "0"
    assert 'jeongsan_month{month="2025-10",state="draft"}' not in shown
    at_stake = Finding(
        "fail", "over_capacity", "meter", "hpc", None, 'a"b\\', "x", "gpu.h100:device_us:1"
    )
    url = f"sqlite:///{metered / 'jeongsan.db'}"
    with open_database(url) as database, database.begin() as connection:
        replace_findings(connection, "meter", "hpc", [None], [at_stake])
        connection.execute(sa.text("DELETE FROM watermark WHERE cluster = 'edge'"))
    run(metered, "draft", MONTH)
    shown = figures(run(metered, "metrics").out)
    place = '{severity="fail",kind="over_capacity",section="hpc"}'
    assert shown[f"jeongsan_findings{place}"] == "1"
    assert shown['jeongsan_findings_unpriced{severity="fail"}'] == "1"  # of no day: unknown
    assert shown['jeongsan_source_collected{section="edge",source="sacct"}'] == "0"
    assert 'jeongsan_source_lag_seconds{section="edge",source="sacct"}' not in shown


def test_figures_are_written_whole(metered: Path, tmp_path: Path) -> None:
    target = tmp_path / "textfile" / "jeongsan.prom"
    assert run(metered, "metrics", "--to", str(target)).code == 0
    assert figures(target.read_text(encoding="utf-8"))
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_figure_keeps_to_the_format() -> None:
    shown = Exposition({"x": "what"})
    shown.add("x", seconds(-1_002), {"a": 'q"b\\\n'})
    assert shown.text == '# HELP x what\n# TYPE x gauge\nx{a="q\\"b\\\\\\n"} -1.002\n'
    with pytest.raises(KeyError):
        shown.add("y", 1)


def test_the_dashboard_asks_for_figures_that_are_given_and_for_all_of_them() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for query in asked for name in re.findall(r"\bjeongsan_\w+", query)}
    assert named == {*SITE_FIGURES, *RUN_FIGURES}


def test_a_run_leaves_its_lines_and_figures(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEONGSAN_LOG", "json")
    monkeypatch.setenv("JEONGSAN_METRICS", str(tmp_path / "figures"))
    said = collect(site)
    lines = [json.loads(line) for line in said.err.splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == ["begin", "end"]
    assert len({line["run"] for line in lines}) == 1
    assert (lines[1]["ok"], lines[1]["rows"]["hpc"]) == (True, {"allocation": 3})
    left = (tmp_path / "figures" / "jeongsan_run_collect_hpc.prom").read_text(encoding="utf-8")
    labels = 'command="collect",section="hpc"'
    assert figures(left)[f"jeongsan_run_succeeded{{{labels}}}"] == "1"
    assert figures(left)[f'jeongsan_run_rows{{{labels},record="allocation"}}'] == "3"
    failed = run(site, "draft", "2025-13")
    end = json.loads(failed.err.splitlines()[0 if failed.err.startswith("{") else -1])
    assert end["command"] == "draft"
    assert (
        figures((tmp_path / "figures" / "jeongsan_run_draft_all.prom").read_text("utf-8"))[
            'jeongsan_run_succeeded{command="draft",section=""}'
        ]
        == "0"
    )
    # who cannot be told stops nothing
    monkeypatch.setenv("JEONGSAN_METRICS", str(site / "site.toml"))
    assert run(site, "status").code == 0
