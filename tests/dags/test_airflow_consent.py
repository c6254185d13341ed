"""Consent on a real Airflow: nothing is issued that the page which was answered did not show."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.builders.sites.command_line import COMPLETE, JOBS, MONTH, run, write_jobs
from tests.dags.conftest import ISSUED_ON, LAST_DAY, issued_at, state_of

pytest.importorskip("httpx")
from tests.builders.servers.airflow import Airflow

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]
DAG = "bill_monthly"
OURS = ("5", "ops", f"{LAST_DAY}T08:00:00", f"{LAST_DAY}T08:45:00", "h100=1")
LATE = ("9", "two", "2025-10-06T01:00:00", "2025-10-06T03:00:00", "h100=1")
LATER = ("8", "two", "2025-10-07T01:00:00", "2025-10-07T02:00:00", "h100=1")
LATE_KRW = 13_200  # two hours at 6,000 won, and their VAT


def late_jobs(site: Path, *late: tuple[str, ...]) -> None:
    """Jobs that nobody knew of come in while the approval waits."""
    write_jobs(site, "hpc", [*JOBS, OURS, *late])
    window = ("--from", "2025-10-05", "--to", "2025-11-01", "--complete-to", COMPLETE)
    for said in (run(site, "collect", *window), run(site, "meter", "2025-10-05..2025-10-31")):
        assert said.code == 0, said.err


def digest_on(page: dict[str, object]) -> str:
    return str(page["params"]["digest"]["value"])  # type: ignore[index]


def test_an_approval_issues_what_its_page_showed_or_nothing(
    airflow: Airflow, billed_site: Path
) -> None:
    closing = airflow.trigger(DAG, None, month=MONTH)
    old = airflow.asked(closing)
    assert digest_on(old) in old["body"]

    # usage changes while the page waits, somebody drafts anew, and the page is approved
    late_jobs(billed_site, LATE)
    assert run(billed_site, "draft", MONTH, "--by", "이초안").code == 0
    assert airflow.answer(closing, "Approve", old, issued_on=ISSUED_ON) == 200
    assert airflow.answer(closing, "Approve", old, issued_on=ISSUED_ON) == 409  # twice
    airflow.finished(DAG, closing, "failed")
    refused = airflow.refusal(closing, "issue")
    assert "has changed since it was drafted" in refused
    assert f"{LATE_KRW:+,} won to pay" in refused
    assert state_of(billed_site) == "draft"

    # cleared with what follows; Airflow would show the old page again
    airflow.clear(closing, "draft", followers=True)
    airflow.finished(DAG, closing, "failed")
    assert "새로 실행(Trigger)" in airflow.refusal(closing, "draft", 2)
    assert airflow.states(DAG, closing)["approval"] == "upstream_failed"

    # a new run has a page of its own; cleared alone, `draft` leaves it waiting, and void
    closing = airflow.trigger(DAG, None, month=MONTH)
    page = airflow.asked(closing)
    assert digest_on(page) != digest_on(old)
    late_jobs(billed_site, LATE, LATER)
    airflow.clear(closing, "draft", followers=False)
    assert "새로 실행(Trigger)" in airflow.refusal(closing, "draft", 2)
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(DAG, closing, "failed")
    assert state_of(billed_site) == "draft"

    # what an old window answers a new page with is no consent
    closing = airflow.trigger(DAG, None, month=MONTH)
    new = airflow.asked(closing)
    assert digest_on(new) not in (digest_on(page), digest_on(old))
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(DAG, closing, "failed")
    assert "이 화면의 초안" in airflow.refusal(closing, "approval")
    assert state_of(billed_site) == "draft"

    # late, and nobody said that this is meant
    airflow.clear(closing, "approval", followers=True)
    page = airflow.asked(closing, 2)
    assert digest_on(page) == digest_on(new)
    assert "세금계산서 발급 기한: 2025-11-10 (넘기면 가산세" in page["body"]
    assert airflow.answer(closing, "Approve", page, issued_on="2025-11-11") == 200
    airflow.finished(DAG, closing, "failed")
    assert "the last day for tax invoices" in airflow.refusal(closing, "issue")

    # in time
    airflow.clear(closing, "approval", followers=True)
    page = airflow.asked(closing, 3)
    assert airflow.answer(closing, "Approve", page, issued_on=ISSUED_ON) == 200
    airflow.finished(DAG, closing)
    issued = issued_at(billed_site)
    assert (issued.digest, str(issued.issued_on)) == (digest_on(new), ISSUED_ON)
    trail = run(billed_site, "audit", "--month", MONTH, "--json").document["audit"]
    assert [(row["act"], row["by"]) for row in trail] == [
        ("draft", "finance"),
        ("draft", "이초안"),
        ("draft", "finance"),
        ("approve", "finance"),
        ("issue", "finance"),
    ]
    assert {row["account"] for row in trail if row["by"] == "finance"} == {"finance"}
