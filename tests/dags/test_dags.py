"""The timetables and what their tasks run, without a running Airflow."""

import ast
import json
import os
import re
import socket
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from billing.close.issued_month import issued_month
from billing.ledger.ledger import month_state
from dags import stages, standalone
from example.generate import TEMPLATE
from metering.calendar import Calendar, Period
from metering.errors import CheckError, TimeError
from metering.site.open_site import open_site
from tests.builders.explained_month import metered_site
from tests.builders.servers.mail_and_webhook import webhook_server
from tests.builders.sites.command_line import MONTH
from tests.builders.sites.example_month import copy_site
from tests.dags.conftest import python, source
from tests.paths import ROOT

TIMETABLES = [
    "bill_monthly", "check_weekly", "collect_hourly", "meter_nightly", "report_monthly",
    "scrape_targets",
]  # fmt: skip
SEOUL = Calendar("Asia/Seoul")
HOUR_MS = 3_600_000
ISSUED_ON = "2025-11-03"
needs_airflow = [
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]

FACTS = """
import importlib, json
from dags import stages
facts = {}
for name in %r:
    made = getattr(importlib.import_module(f"dags.{name}"), name)()
    facts[made.dag_id] = {
        "catchup": made.catchup,
        "runs at a time": made.max_active_runs,
        "retries": {one.task_id: one.retries for one in made.tasks},
    }
    assert all(one.retry_policy for one in made.tasks), name
    assert {one.owner for one in made.tasks} <= {"운영", "재무"}, name
    assert made.doc_md.startswith(("한 달", "매", "Prometheus")), made.doc_md
    assert made.dag_display_name == stages.TITLES[name]
    assert bool(made.on_failure_callback) == (name != "scrape_targets")
print(json.dumps(facts))
"""
APPROVAL = """
import json
from dags.bill_monthly import bill_monthly
dag = bill_monthly()
asked = dag.get_task("approval")
print(json.dumps({
    "options": asked.options,
    "taken when nobody answers": asked.defaults,
    "waits at most": str(asked.response_timeout) if asked.response_timeout else None,
    "is skipped after": sorted(asked.downstream_task_ids),
}))
"""
TRIED_AGAIN = """
import json, sqlite3
from dags.defaults import RETRY
from metering.errors import *
raised = [
    SourceError("no answer"), ConflictError("somebody else was first"),
    OSError(28, "no room"), sqlite3.OperationalError("locked"),
    JeongsanError("wrong"), TimeError("no month"), CloseError("not in order"),
    CheckError("blocked"), Mistakes([]), ContractError("no contract"), ValueError("no key"),
]
print(json.dumps({type(e).__name__: RETRY.evaluate(e, 1, 2).action.value for e in raised}))
"""
WITHOUT_AIRFLOW = """
import importlib, pkgutil, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "airflow":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Block())
refused = []
def take(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        assert error.name.partition(".")[0] == "airflow", error
        refused.append(name)
for folder in ("metering", "billing", "reports", "example", "dags"):
    package = importlib.import_module(folder)
    for found in pkgutil.walk_packages(package.__path__, f"{folder}."):
        if ".migrations" not in found.name:
            take(found.name)
take("jeongsan")
print(sorted(refused))
"""


@pytest.mark.parametrize("name", [*TIMETABLES, "defaults", "stages"])
def test_a_timetable_imports_only_airflow_when_it_is_read(name: str) -> None:
    wanted = set()
    for node in source(name).body:
        if isinstance(node, ast.Import):
            wanted |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            wanted.add((node.module or "").partition(".")[0])
    assert wanted - set(sys.stdlib_module_names) <= {"airflow", "dags"}


@pytest.mark.breadth
def test_only_the_timetables_need_airflow(tmp_path: Path) -> None:
    refused = python(WITHOUT_AIRFLOW, tmp_path)
    needing = sorted([*TIMETABLES, "defaults", "ready_workers"])
    assert refused == str([f"dags.{name}" for name in needing])


class TestWithAirflow:
    pytestmark = needs_airflow

    def test_a_timetable_runs_once_at_a_time_and_tries_again(self, tmp_path: Path) -> None:
        def facts(**retries: int) -> dict[str, object]:
            return {"catchup": False, "runs at a time": 1, "retries": retries}

        assert json.loads(python(FACTS % TIMETABLES, tmp_path)) == {
            "bill_monthly": facts(meter=1, draft=1, approval=0, issue=1),
            "check_weekly": facts(check=1),
            "collect_hourly": facts(sections=3, collect=3),
            "meter_nightly": facts(
                sections=2, meter=2, announce=2, record=2, alarm=2, sweep=2, failed=0
            ),
            "report_monthly": facts(report=2),
            "scrape_targets": facts(scrape=1),
        }

    def test_only_what_passes_by_itself_is_tried_again(self, tmp_path: Path) -> None:
        assert json.loads(python(TRIED_AGAIN, tmp_path)) == {
            **dict.fromkeys(("SourceError", "ConflictError"), "retry"),
            **dict.fromkeys(("OSError", "OperationalError"), "default"),
            **dict.fromkeys(
                ("JeongsanError", "TimeError", "CloseError", "CheckError", "Mistakes",
                 "ContractError", "ValueError"),
                "fail",
            ),
        }  # fmt: skip

    def test_an_approval_waits_as_long_as_it_takes_and_silence_approves_nothing(
        self, tmp_path: Path
    ) -> None:
        assert json.loads(python(APPROVAL, tmp_path)) == {
            "options": ["Approve", "Reject"],
            "taken when nobody answers": None,
            "waits at most": None,
            "is skipped after": ["issue"],
        }

    def test_airflow_is_not_started_on_a_taken_port(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(SystemExit, match=f"포트 {port}: .* 다른 --port 를 고르십시오"):
                standalone.main(["--home", str(tmp_path / "home"), "--port", str(port)])
        assert list(tmp_path.iterdir()) == []

    def test_airflow_is_not_started_over_a_directory_that_is_no_site(self, tmp_path: Path) -> None:
        with pytest.raises(SystemExit, match=r"site\.toml 이 없습니다. `jeongsan init` 으로"):
            standalone.main(["--site", str(tmp_path), "--port", "0"])


def test_the_example_is_that_of_the_demo_once_its_month_has_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home, demo = tmp_path / "home", tmp_path / "demo"
    assert standalone.example_site(home) == home / "example"
    demo.mkdir()
    (demo / "site.toml").write_bytes(TEMPLATE.read_bytes())
    assert standalone.example_site(home) == home / "example"  # it is being made
    (demo / "documents" / MONTH).mkdir(parents=True)
    assert standalone.example_site(home) == demo
    (home / "example").mkdir(parents=True)
    assert standalone.example_site(home) == home / "example"  # as it was before
    (home / "example").rmdir()
    (demo / "site.toml").write_text("[site]\n", encoding="utf-8")
    assert standalone.example_site(home) == home / "example"  # somebody's own


def test_a_run_is_of_its_partition_key_or_else_of_what_was_given_by_hand() -> None:
    assert stages.day_of("2025-10-31", {"day": None}) == "2025-10-31"
    assert stages.day_of(None, {"day": "2025-10-01"}) == "2025-10-01"
    assert stages.month_of("2025-10", {"month": "2025-11"}) == "2025-10"
    assert stages.month_of(None, {"month": "2025-11"}) == "2025-11"


@pytest.mark.parametrize("key", ["2025-10", "2025-10-31T00", "2025-10-32", "yesterday"])
def test_a_key_that_is_no_day_is_refused(key: str) -> None:
    with pytest.raises(TimeError):
        stages.day_of(key, {})


@pytest.mark.parametrize("key", ["2025-10-01", "2025-13", "2025"])
def test_a_key_that_is_no_month_is_refused(key: str) -> None:
    with pytest.raises(TimeError):
        stages.month_of(key, {})


def test_a_run_without_a_key_says_what_to_give() -> None:
    with pytest.raises(ValueError, match="give the day in the form, or as the partition key"):
        stages.day_of(None, {"day": None})


def test_an_hour_is_of_the_sites_clock() -> None:
    october = SEOUL.month("2025-10")
    first = stages.hours_of("2025-10-01T00", {}, SEOUL)
    last = stages.hours_of("2025-10-31T23", {}, SEOUL)
    assert first == Period(october.start_ms, october.start_ms + HOUR_MS)
    assert last == Period(october.end_ms - HOUR_MS, october.end_ms)


def test_what_was_given_by_hand_goes_before_the_hour() -> None:
    given = {"from": "2025-10-01", "to": "2025-11-01T00:00+09:00"}
    assert stages.hours_of("2026-01-01T00", given, SEOUL) == SEOUL.month("2025-10")


@pytest.mark.parametrize("given", [{}, {"from": "2025-10-01"}, {"to": "2025-10-01"}])
def test_half_a_window_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="partition key"):
        stages.hours_of(None, given, SEOUL)


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site's month. Copy it before changing it."""
    return metered_site(tmp_path_factory.mktemp("dags") / "site")


@pytest.fixture
def site(metered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = copy_site(metered, tmp_path / "site")
    monkeypatch.setenv("JEONGSAN_SITE", str(made))
    return made


def state_of(site: Path) -> str:
    with open_site(site).database as database, database.read() as connection:
        return month_state(connection, MONTH).state


def test_a_draft_that_nobody_approves_issues_nothing(site: Path) -> None:
    drafted = stages.draft(MONTH)
    assert drafted is not None
    assert drafted["month"] == MONTH
    assert drafted["digest"] in drafted["body"]
    assert (state_of(site), list(site.rglob("*.pdf"))) == ("draft", [])


def test_an_issue_tried_again_issues_nothing_more(site: Path) -> None:
    drafted = stages.draft(MONTH)
    assert drafted is not None
    seen = []
    for _ in range(2):  # the first answer was lost on its way to Airflow
        stages.approve_and_issue(MONTH, drafted["digest"], "finance", ISSUED_ON)
        opened = open_site(site)
        with opened.database:
            issued = issued_month(opened, MONTH)
        seen.append((issued.bundle, [invoice.number for invoice in issued.invoices]))
    assert seen[0] == seen[1]
    assert stages.draft(MONTH) is None  # nothing is left to draft


def test_marks_that_limits_reach_are_told_once(site: Path) -> None:
    stages.alarm()  # nobody is named
    with webhook_server() as hook:
        toml = (site / "site.toml").read_text(encoding="utf-8")
        named = f'[quota]\nmarks = [1]\n\n[notices.webhook]\nurl = "{hook.url}"\n'
        (site / "site.toml").write_text(f"{toml}\n{named}", encoding="utf-8")
        stages.alarm()
        stages.alarm()
    assert len(hook.posts) == 1


@pytest.mark.parametrize(
    ("dag", "title"), [("bill_monthly", "월 정산 마감"), ("close_monthly", "close_monthly")]
)
def test_people_hear_of_a_failure_of_a_timetable_that_was_renamed_too(
    site: Path, dag: str, title: str
) -> None:
    with webhook_server() as hook:
        toml = (site / "site.toml").read_text(encoding="utf-8")
        named = f'[notices.webhook]\nurl = "{hook.url}"\n'
        (site / "site.toml").write_text(f"{toml}\n{named}", encoding="utf-8")
        run = {"dag": dag, "of": MONTH, "run": "manual__1", "link": "http://127.0.0.1/1"}
        stages.tell_failed(run, "draft")
    ((_, _, post),) = hook.posts
    assert post["subject"] == f"{title} {MONTH} 실패"


def test_what_nothing_names_goes_a_week_after_it_was_written(site: Path) -> None:
    kept = sorted((site / "lake").rglob("*.parquet"))
    stray = [kept[0].with_name(f"{letter * 64}.parquet") for letter in "ab"]
    for file in stray:
        file.write_bytes(b"nobody names me")
    week_ago = time.time() - 7 * 24 * 3600
    for file, age in zip(stray, (week_ago - 60, week_ago + 3600), strict=True):
        os.utime(file, (age, age))
    stages.sweep()
    assert sorted((site / "lake").rglob("*.parquet")) == sorted([*kept, stray[1]])


def test_a_broken_file_fails_the_weekly_check_by_name(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stages.check()
    broken = sorted((site / "lake" / "usage_day").rglob("*.parquet"))[0]
    broken.write_bytes(broken.read_bytes()[:-1])
    with pytest.raises(CheckError, match="1 files are broken: `jeongsan repair`"):
        stages.check()
    named = broken.relative_to(site / "lake").as_posix()
    (told,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.getMessage().startswith(f"{named}: ")


def test_a_site_of_another_zone_than_the_timetables_is_refused(site: Path) -> None:
    toml = (site / "site.toml").read_text(encoding="utf-8")
    assert 'timezone = "Asia/Seoul"' in toml
    for zone in ("Asia/Tokyo", "UTC"):
        told = toml.replace('timezone = "Asia/Seoul"', f'timezone = "{zone}"')
        (site / "site.toml").write_text(told, encoding="utf-8")
        for task in (stages.sections, stages.days_to_announce):
            with pytest.raises(
                TimeError, match=f"timezone {zone}: the timetables .* of Asia/Seoul"
            ):
                task()


@pytest.mark.parametrize("name", TIMETABLES)
def test_every_timetable_is_of_one_zone(name: str) -> None:
    text = (ROOT / "dags" / f"{name}.py").read_text(encoding="utf-8")
    assert set(re.findall(r'timezone="([^"]*)"', text)) <= {stages.ZONE}


def test_a_report_gives_the_paths_of_all_documents(site: Path) -> None:
    drafted = stages.draft(MONTH)
    assert drafted is not None
    stages.approve_and_issue(MONTH, drafted["digest"], "finance", ISSUED_ON)
    written = {str(path) for path in (site / "documents").rglob("*") if path.is_file()}
    assert written == set()
    paths = stages.report(MONTH)
    assert set(paths) == {str(p) for p in (site / "documents").rglob("*") if p.is_file()}
