"""The DAGs on a real Airflow: a night and a month to `issued` through its REST API."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.builders.sites.command_line import (
    MONTH,
    approve,
    run,
)
from tests.builders.sites.example_month import copy_site
from tests.dags.conftest import ISSUED_ON, LAST_DAY, LAST_HOUR, issued_at, state_of

pytest.importorskip("httpx")
from tests.builders.servers.airflow import Airflow

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]


def test_a_day_and_a_month_run_to_issued_with_a_persons_approval(
    airflow: Airflow, billed_site: Path, metered_month: Path, tmp_path: Path
) -> None:
    hour = airflow.trigger("collect_hourly", LAST_HOUR)
    by_hand = airflow.trigger("bill_monthly", None, month=MONTH)
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    log = airflow.logs("meter_nightly", night)
    assert "set_aside hpc 2025-10-31: 청구 제외: 0.75 장비시간" in log
    assert "다 모인 날: 2025-10-01, 2025-10-02, " in log

    airflow.finished("collect_hourly", hour)
    assert "2025-10-31T23:00:00+09:00부터 2025-11-01" in airflow.logs("collect_hourly", hour)

    # the 31st day completes the month, whose run opens by itself and waits for the one by hand
    asked = airflow.asked(by_hand)
    assert asked["subject"] == "2025-10 정산 초안 승인"
    assert "| 기업 | 정가 | 지원 | 자부담 | 청구액 |" in asked["body"]
    by_itself = airflow.opened_besides("bill_monthly", {by_hand})
    assert airflow.runs("bill_monthly") == {by_hand: "running", by_itself: "queued"}

    assert airflow.answer(by_hand, "Reject", asked) == 200
    airflow.finished("bill_monthly", by_hand)
    assert airflow.states("bill_monthly", by_hand)["issue"] == "skipped"
    again = airflow.asked(by_itself)
    assert again["body"] == asked["body"]
    assert state_of(billed_site) == "draft"

    assert airflow.answer(by_itself, "Approve", again, issued_on=ISSUED_ON) == 200
    airflow.finished("bill_monthly", by_itself)
    airflow.finished("report_monthly", airflow.opened_besides("report_monthly", set()))

    issued = issued_at(billed_site)
    assert (str(issued.issued_on), issued.approved_by) == (ISSUED_ON, "finance")
    made = documents(billed_site)
    assert len(made) == len(issued.invoices) + 1
    assert made == documents(closed_on_the_command_line(metered_month, tmp_path / "by-hand"))


def documents(site: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site / "documents").rglob("*.pdf")}


def closed_on_the_command_line(metered: Path, to: Path) -> Path:
    """A copy of the site, closed on the command line on the same day by the same person."""
    copy_site(metered, to)
    for step in (
        lambda: run(to, "meter", LAST_DAY),
        lambda: run(to, "draft", MONTH),
        lambda: approve(to, by="finance"),
        lambda: run(to, "issue", MONTH, "--on", ISSUED_ON),
    ):
        said = step()
        assert said.code == 0, said.out + said.err
    return to
