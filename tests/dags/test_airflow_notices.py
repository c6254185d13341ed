"""A real Airflow whose database is new, and what it tells people: nobody is left waiting."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from metering.site.open_site import open_site
from metering.usage.complete_days import complete_days, record_announced
from tests.builders.servers.mail_and_webhook import Hook, webhook_server
from tests.builders.sites.command_line import MONTH
from tests.builders.sites.example_month import copy_site
from tests.dags.conftest import ISSUED_ON, LAST_DAY, state_of

pytest.importorskip("httpx")
from tests.builders.servers.airflow import Airflow, until

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]
NOTICES = """
[approval]
approvers = ["finance"]

[notices.webhook]
url = "{url}"
"""


def announced_elsewhere(site: Path, days: int) -> None:
    """The first days were announced to an Airflow that is no more, or to a DAG of another name."""
    opened = open_site(site)
    with opened.database:
        known = complete_days(opened)
        record_announced(opened, {day: known[day] for day in sorted(known)[:days]})


def told(hook: Hook, kind: str) -> dict[str, str]:
    """What people were told of a kind, once they were."""

    def posts() -> list[dict[str, str]]:
        return [document for _, _, document in hook.posts if document["kind"] == kind]

    until(posts, f"notice of {kind}")
    (document,) = posts()
    return document


def test_a_month_that_nobody_drafted_is_announced_again_and_people_hear_of_it(
    metered_month: Path, tmp_path: Path
) -> None:
    site = copy_site(metered_month, tmp_path / "site")
    announced_elsewhere(site, 20)
    with webhook_server() as hook:
        with (site / "site.toml").open("a", encoding="utf-8") as toml:
            toml.write(NOTICES.format(url=hook.url))
        airflow = Airflow(tmp_path / "airflow", site)
        try:
            airflow.sign_in()
            closes_the_month(airflow, hook, site)
        finally:
            airflow.close()


def closes_the_month(airflow: Airflow, hook: Hook, site: Path) -> None:
    # what is no month or day is refused by the form, and by the first task where no form asks
    for dag, form in (
        ("bill_monthly", {"month": "2025-13"}),
        ("bill_monthly", {"month": "202510"}),
        ("report_monthly", {"month": "2025-00"}),
        ("meter_nightly", {"day": "2025-02-30"}),
        ("collect_hourly", {"from": "2025-10-32"}),
        ("collect_hourly", {"to": "2025-10-01T00:00"}),  # whose clock?
    ):
        assert airflow.refused(dag, form) == 400, (dag, form)
    wrong = airflow.trigger("report_monthly", "2025-13")
    airflow.finished("report_monthly", wrong, "failed")
    assert airflow.tries("report_monthly", wrong, "report") == 1
    failed = told(hook, "failures")
    assert failed["subject"] == "월 문서 작성 2025-13 실패"
    assert "실패한 작업: report" in failed["text"]
    assert f"/dags/report_monthly/runs/{wrong.split(':')[0]}" in failed["link"]

    # 11 days are new to this Airflow: it knows 11 of 31, and opens nothing
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    assert airflow.runs("bill_monthly") == {}
    assert "다시 알립니다" not in airflow.logs("meter_nightly", night)
    assert airflow.map_names("meter_nightly", night, "meter") == {"hpc"}

    # the next night finds a complete month without a draft
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    assert f"{MONTH}: 다 모여 알렸는데" in airflow.logs("meter_nightly", night)
    closing = airflow.opened_besides("bill_monthly", set())
    page = airflow.asked(closing)
    waiting = told(hook, "approvals")
    assert waiting["subject"] == f"{MONTH} 정산 초안 승인 대기"
    assert str(page["params"]["digest"]["value"]) in waiting["text"]
    assert waiting["link"].endswith("/tasks/approval/required_actions")
    assert [user["id"] for user in page["assigned_users"]] == ["finance"]
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished("bill_monthly", closing)
    assert state_of(site) == "issued"

    # a month that is issued is not announced again
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    assert "다시 알립니다" not in airflow.logs("meter_nightly", night)
    assert set(airflow.runs("bill_monthly")) == {closing}
