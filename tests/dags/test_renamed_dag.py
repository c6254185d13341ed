"""The DAG that closes a month gets another name, under a running Airflow, amid the month."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.builders.sites.command_line import MONTH, run
from tests.dags.conftest import ISSUED_ON, LAST_DAY, collected_month, state_of
from tests.paths import ROOT

pytest.importorskip("httpx")
from tests.builders.servers.airflow import DAGS, Airflow, running, until

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.breadth,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]
OLD, NEW, NIGHT = "bill_monthly", "close_monthly", "meter_nightly"
REREAD_S = 20  # between two readings of a DAG file


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return collected_month(tmp_path / "site")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the DAGs, whose files a test may change."""
    shutil.copytree(ROOT / "dags", tmp_path / "root" / "dags")
    return tmp_path / "root"


def test_what_was_announced_to_the_old_name_reaches_the_new_one(
    site: Path, root: Path, tmp_path: Path
) -> None:
    metered(site, "2025-10-01..2025-10-19")
    with running(tmp_path / "airflow", site, root, REREAD_S) as airflow:
        assert "다 모인 날: 2025-10-01, " in night(airflow, "2025-10-20")
        renamed(airflow, root)
        metered(site, "2025-10-21..2025-10-30")

        # the last 11 days are all that the new name hears of
        assert "다시 알립니다" not in night(airflow, LAST_DAY)
        assert airflow.runs(NEW) == {}

        assert f"{MONTH}: 다 모여 알렸는데" in night(airflow, LAST_DAY)
        closing = airflow.opened_besides(NEW, set())
        issued(airflow, site, closing)
        assert airflow.runs(OLD) == {}


def test_an_answer_to_the_old_name_issues_nothing_and_status_says_that_the_draft_waits(
    site: Path, root: Path, tmp_path: Path
) -> None:
    metered(site, "2025-10-01..2025-10-31")
    with running(tmp_path / "airflow", site, root, REREAD_S) as airflow:
        night(airflow, LAST_DAY)
        waiting = airflow.opened_besides(OLD, set())
        page = airflow.asked(waiting)
        renamed(airflow, root)
        airflow.close_dag = OLD
        assert airflow.answer(waiting, "Approve", page, issued_on=ISSUED_ON) == 200  # says Airflow

        # the month has a draft, so that no night announces it again: a person starts the new name
        assert "다시 알립니다" not in night(airflow, LAST_DAY)
        assert airflow.runs(NEW) == {}
        assert state_of(site) == "draft"
        assert f"jeongsan approve {MONTH} --by" in run(site, "--lang", "ko", "status").out
        airflow.close_dag = NEW
        issued(airflow, site, airflow.trigger(NEW, None, month=MONTH))


def issued(airflow: Airflow, site: Path, closing: str) -> None:
    page = airflow.asked(closing)
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(NEW, closing)
    assert state_of(site) == "issued"


def metered(site: Path, days: str) -> None:
    said = run(site, "meter", days)
    assert said.code == 0, said.err


def night(airflow: Airflow, day: str) -> str:
    """What a night logged."""
    started = airflow.trigger(NIGHT, day)
    airflow.finished(NIGHT, started)
    return airflow.logs(NIGHT, started)


def renamed(airflow: Airflow, root: Path) -> None:
    """As who renames the function of a DAG, until Airflow knows the new name alone."""
    file = root / "dags" / "bill_monthly.py"
    text = file.read_text(encoding="utf-8")
    for call in (f"def {OLD}(", f"\n{OLD}()"):
        assert text.count(call) == 1
        text = text.replace(call, call.replace(OLD, NEW))
    file.write_text(text, encoding="utf-8")
    wanted = sorted({*DAGS, NEW} - {OLD})
    until(lambda: airflow.dags() == wanted, "DAG of the new name alone")
    airflow.close_dag = NEW
