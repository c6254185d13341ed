"""The DAGs on a real Airflow, through its REST API: a month from its last day to its documents.

One Airflow and one site, since both take longer to start than all that is asked of them. The steps
stand in the order in which they happen; each says what it proves.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.builders.servers.mail_and_webhook import Hook, webhook_server
from tests.builders.sites.command_line import (
    COMPLETE,
    JOBS,
    MONTH,
    approve,
    run,
    write_jobs,
)
from tests.builders.sites.example_month import copy_site
from tests.dags.conftest import (
    ISSUED_ON,
    LAST_DAY,
    LAST_HOUR,
    OURS,
    announced_elsewhere,
    issued_at,
    state_of,
)

pytest.importorskip("httpx")
from tests.builders.servers.airflow import Airflow, Page, digest_on, running, until

pytestmark = [
    pytest.mark.breadth,
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]
CLOSE = "bill_monthly"
NIGHT = "meter_nightly"
NOTICES = """
[approval]
approvers = ["finance"]

[notices.webhook]
url = "{url}"
"""
LATE = ("9", "two", "2025-10-06T01:00:00", "2025-10-06T03:00:00", "h100=1")
LATER = ("8", "two", "2025-10-07T01:00:00", "2025-10-07T02:00:00", "h100=1")
LATE_KRW = 13_200  # two hours at 6,000 won, and their VAT


def test_a_month_is_issued_with_a_persons_consent_to_what_a_page_showed(
    metered_month: Path, tmp_path: Path
) -> None:
    site = copy_site(metered_month, tmp_path / "site")
    announced_elsewhere(site, 20)
    with webhook_server() as hook:
        with (site / "site.toml").open("a", encoding="utf-8") as toml:
            toml.write(NOTICES.format(url=hook.url))
        with running(tmp_path / "airflow", site) as airflow:
            hour = airflow.trigger("collect_hourly", LAST_HOUR)
            wrong = a_month_that_is_none_is_refused(airflow, hook)
            a_night_announces_what_is_new(airflow)
            an_hour_is_collected(airflow, hour)

            by_itself = the_next_night_opens_the_close(airflow)
            by_hand = airflow.trigger(CLOSE, None, month=MONTH)
            people_are_asked_and_may_reject(airflow, hook, site, by_itself, by_hand)

            old = usage_that_changed_is_not_issued(airflow, site, by_hand)
            a_run_cleared_shows_no_other_draft(airflow, by_hand)
            page = a_page_whose_draft_is_gone_is_void(airflow, site, old)
            shown = only_its_own_page_and_a_day_in_time_issue(airflow, site, page, old)

            an_issued_month_is_not_announced(airflow)
            airflow.finished("report_monthly", airflow.opened_besides("report_monthly", {wrong}))
    issued = issued_at(site)
    assert (issued.digest, str(issued.issued_on)) == (digest_on(shown), ISSUED_ON)
    assert issued.approved_by == "finance"
    the_trail_names_everybody(site)
    the_documents_are_those_of_the_command_line(site, metered_month, tmp_path / "by-hand")


def told(hook: Hook, kind: str) -> dict[str, str]:
    """What people were told of a kind, once they were."""

    def posts() -> list[dict[str, str]]:
        return [document for _, _, document in hook.posts if document["kind"] == kind]

    until(posts, f"notice of {kind}")
    (document,) = posts()
    return document


def a_month_that_is_none_is_refused(airflow: Airflow, hook: Hook) -> str:
    """By the form, and by the first task where no form asks: tried once, and people hear of it.
    Gives the run."""
    for dag, form in (
        (CLOSE, {"month": "2025-13"}),
        (CLOSE, {"month": "202510"}),
        ("report_monthly", {"month": "2025-00"}),
        (NIGHT, {"day": "2025-02-30"}),
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
    return wrong


def an_hour_is_collected(airflow: Airflow, hour: str) -> None:
    airflow.finished("collect_hourly", hour)
    assert "2025-10-31T23:00:00+09:00부터 2025-11-01" in airflow.logs("collect_hourly", hour)


def a_night_announces_what_is_new(airflow: Airflow) -> None:
    """11 days are new to this Airflow: it knows 11 of 31, and opens nothing."""
    night = airflow.trigger(NIGHT, LAST_DAY)
    airflow.finished(NIGHT, night)
    log = airflow.logs(NIGHT, night)
    assert "set_aside hpc 2025-10-31: 청구 제외: 0.75 장비시간" in log
    assert "다 모인 날: 2025-10-21, 2025-10-22, " in log
    assert "다시 알립니다" not in log
    assert airflow.map_names(NIGHT, night, "meter") == {"hpc"}
    assert airflow.runs(CLOSE) == {}


def the_next_night_opens_the_close(airflow: Airflow) -> str:
    """It finds a complete month without a draft, and announces all its days again. Gives the run
    that Airflow opens once it has heard of all of them."""
    night = airflow.trigger(NIGHT, LAST_DAY)
    airflow.finished(NIGHT, night)
    assert f"{MONTH}: 다 모여 알렸는데" in airflow.logs(NIGHT, night)
    return airflow.opened_besides(CLOSE, set())


def people_are_asked_and_may_reject(
    airflow: Airflow, hook: Hook, site: Path, by_itself: str, by_hand: str
) -> None:
    """A run that waits holds back the next one, which asks the same once the first is rejected."""
    page = airflow.asked(by_itself)
    assert airflow.runs(CLOSE) == {by_itself: "running", by_hand: "queued"}
    assert page["subject"] == "2025-10 정산 초안 승인"
    assert "| 기업 | 정가 | 지원 | 자부담 | 청구액 |" in page["body"]
    assert digest_on(page) in page["body"]
    assert [user["id"] for user in page["assigned_users"]] == ["finance"]
    waiting = told(hook, "approvals")
    assert waiting["subject"] == f"{MONTH} 정산 초안 승인 대기"
    assert digest_on(page) in waiting["text"]
    assert waiting["link"].endswith("/tasks/approval/required_actions")

    assert airflow.answer(by_itself, "Reject", page) == 200
    airflow.finished(CLOSE, by_itself)
    assert airflow.states(CLOSE, by_itself)["issue"] == "skipped"
    assert airflow.asked(by_hand)["body"] == page["body"]
    assert state_of(site) == "draft"


def usage_that_changed_is_not_issued(airflow: Airflow, site: Path, closing: str) -> Page:
    """It changes while the page waits, somebody drafts anew, and the page is approved."""
    old = airflow.asked(closing)
    late_jobs(site, LATE)
    assert run(site, "draft", MONTH, "--by", "이초안").code == 0
    assert airflow.answer(closing, "Approve", old, issued_on=ISSUED_ON) == 200
    assert airflow.answer(closing, "Approve", old, issued_on=ISSUED_ON) == 409  # twice
    airflow.finished(CLOSE, closing, "failed")
    refused = airflow.refusal(closing, "issue")
    assert "has changed since it was drafted" in refused
    assert f"{LATE_KRW:+,} won to pay" in refused
    assert state_of(site) == "draft"
    return old


def a_run_cleared_shows_no_other_draft(airflow: Airflow, closing: str) -> None:
    """Cleared with what follows; Airflow would show the old page again."""
    airflow.clear(closing, "draft", followers=True)
    airflow.finished(CLOSE, closing, "failed")
    assert "새로 실행(Trigger)" in airflow.refusal(closing, "draft", 2)
    assert airflow.states(CLOSE, closing)["approval"] == "upstream_failed"


def a_page_whose_draft_is_gone_is_void(airflow: Airflow, site: Path, old: Page) -> Page:
    """A new run has a page of its own; cleared alone, `draft` leaves it waiting, and void."""
    closing = airflow.trigger(CLOSE, None, month=MONTH)
    page = airflow.asked(closing)
    assert digest_on(page) != digest_on(old)
    late_jobs(site, LATE, LATER)
    airflow.clear(closing, "draft", followers=False)
    assert "새로 실행(Trigger)" in airflow.refusal(closing, "draft", 2)
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(CLOSE, closing, "failed")
    assert state_of(site) == "draft"
    return page


def only_its_own_page_and_a_day_in_time_issue(
    airflow: Airflow, site: Path, page: Page, old: Page
) -> Page:
    # what an old window answers a new page with is no consent
    closing = airflow.trigger(CLOSE, None, month=MONTH)
    new = airflow.asked(closing)
    assert digest_on(new) not in (digest_on(page), digest_on(old))
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(CLOSE, closing, "failed")
    assert "이 화면의 초안" in airflow.refusal(closing, "approval")
    assert state_of(site) == "draft"

    # late, and nobody said that this is meant
    airflow.clear(closing, "approval", followers=True)
    page = airflow.asked(closing, 2)
    assert digest_on(page) == digest_on(new)
    assert "세금계산서 발급 기한: 2025-11-10 (넘기면 가산세" in page["body"]
    assert airflow.answer(closing, "Approve", page, issued_on="2025-11-11") == 200
    airflow.finished(CLOSE, closing, "failed")
    assert "the last day for tax invoices" in airflow.refusal(closing, "issue")

    # in time
    airflow.clear(closing, "approval", followers=True)
    page = airflow.asked(closing, 3)
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(CLOSE, closing)
    assert state_of(site) == "issued"
    return page


def an_issued_month_is_not_announced(airflow: Airflow) -> None:
    before = airflow.runs(CLOSE)
    night = airflow.trigger(NIGHT, LAST_DAY)
    airflow.finished(NIGHT, night)
    assert "다시 알립니다" not in airflow.logs(NIGHT, night)
    assert airflow.runs(CLOSE) == before


def late_jobs(site: Path, *late: tuple[str, ...]) -> None:
    """Jobs that nobody knew of come in while an approval waits."""
    write_jobs(site, "hpc", [*JOBS, OURS, *late])
    window = ("--from", "2025-10-06", "--to", "2025-10-08", "--complete-to", COMPLETE)
    for said in (run(site, "collect", *window), run(site, "meter", "2025-10-06..2025-10-07")):
        assert said.code == 0, said.err


def the_trail_names_everybody(site: Path) -> None:
    trail = run(site, "audit", "--month", MONTH, "--json").document["audit"]
    assert [(row["act"], row["by"]) for row in trail] == [
        ("draft", "airflow"),
        ("draft", "이초안"),
        ("draft", "finance"),
        ("approve", "finance"),
        ("issue", "finance"),
    ]
    assert {row["account"] for row in trail if row["by"] == "finance"} == {"finance"}


def the_documents_are_those_of_the_command_line(site: Path, metered: Path, to: Path) -> None:
    """Of a copy of the site, closed there on the same day by the same person."""
    late_jobs(copy_site(metered, to), LATE, LATER)
    for step in (
        lambda: run(to, "draft", MONTH),
        lambda: approve(to, by="finance"),
        lambda: run(to, "issue", MONTH, "--on", ISSUED_ON),
    ):
        said = step()
        assert said.code == 0, said.out + said.err
    made = documents(site)
    assert len(made) == len(issued_at(site).invoices) + 1
    assert made == documents(to)


def documents(site: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site / "documents").rglob("*.pdf")}
