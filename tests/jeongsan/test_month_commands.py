"""The commands of a month, step by step, and what people decide on the way."""

import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from jeongsan import clock
from metering.site.open_site import open_site
from tests.builders.sites.command_line import (
    COMPLETE,
    EDGE_JOBS,
    JOBS,
    MONTH,
    Said,
    adjust,
    approve,
    collect,
    failing,
    flat,
    run,
    write_jobs,
    write_site,
)

LATE = ("9", "two", "2025-10-06T01:00:00", "2025-10-06T03:00:00", "h100=1")
BY = ("--by", "김정산")


def test_an_unowned_account_stops_the_month_until_it_is_decided(metered: Path) -> None:
    stray = ("5", "stray", "2025-10-20T06:00:00", "2025-10-20T07:00:00", "a100=1")
    write_jobs(metered, "edge", [*EDGE_JOBS, stray])
    assert collect(metered, "--cluster", "edge").code == 0
    said = run(metered, "meter", "2025-10-20", "--json")
    assert (said.code, failing(said)) == (1, [("unowned_usage", "edge", "edge/stray")])
    key = next(row["key"] for row in said.document["findings"] if row["severity"] == "fail")
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (1, [key])
    refused = approve(metered)
    assert (refused.code, "belongs to no project" in refused.err) == (1, True)

    decide = ("acknowledge", key, "--effect", "exclude", "--reason", "시험 작업")
    assert run(metered, *decide, "--by", " ").code == 1  # nobody's name
    assert run(metered, *decide, "--by", "김정산").code == 0
    assert key not in {row["key"] for row in run(metered, "status", "--json").document["findings"]}
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (0, [])
    assert approve(metered).code == 0


@pytest.mark.breadth
def test_a_day_that_is_not_complete_keeps_a_month_from_issue_until_it_is_waived(
    tmp_path: Path, month: Path
) -> None:
    late = write_site(tmp_path / "site")
    shutil.copytree(month, late, dirs_exist_ok=True)
    with open_site(late).database.begin() as connection:  # as if the last hour had not come yet
        from metering.database.tables import watermark

        calendar = open_site(late).site.calendar
        early = calendar.day(date(2025, 10, 31)).end_ms - 3_600_000
        connection.execute(
            watermark.update().where(watermark.c.cluster == "hpc").values(complete_to_ms=early)
        )
    assert run(late, "meter", "2025-10-31").code == 0
    drafted = run(late, "draft", MONTH)
    assert "hpc 2025-10-31" in drafted.out
    assert "jeongsan waive" in drafted.out
    approve(late)
    refused = run(late, "issue", MONTH, "--on", "2025-11-03")
    assert (refused.code, "hpc 2025-10-31" in refused.err) == (1, True)

    assert run(late, "waive", "hpc", "2025-10-31", "--reason", "정전", "--by", "김정산").code == 0
    marks = run(late, "status", "--json").document["coverage"][0]
    assert (marks["days"][-1], marks["complete"]) == ("–", "30/31")
    assert run(late, "draft", MONTH).code == 0
    assert approve(late).code == 0
    assert run(late, "issue", MONTH, "--on", "2025-11-03").code == 0


def test_a_month_goes_its_steps_in_order_and_status_tells_where_it_is(metered: Path) -> None:
    def state() -> list[str]:
        return [row["state"] for row in run(metered, "status", "--json").document["months"]]

    assert state() == []
    for early in (["approve", MONTH, "--by", "b"], ["issue", MONTH], ["report", MONTH]):
        said = run(metered, *early)
        assert (said.code, f"jeongsan draft {MONTH}" in said.err) == (1, True)
    assert run(metered, "draft", MONTH).code == 0
    assert state() == ["draft"]
    assert approve(metered).code == 0
    assert state() == ["approved"]
    first = run(metered, "issue", MONTH, "--on", "2025-11-03", "--json").document
    assert state() == ["issued"]
    again = run(metered, "issue", MONTH, "--on", "2025-11-04", "--json").document
    assert again == first
    assert [invoice["number"] for invoice in first["invoices"]] == ["T2025-000001", "T2025-000002"]
    assert run(metered, "draft", MONTH).code == 1
    assert run(metered, "draft", "2025-12").code == 1  # November comes first

    Path(first["documents"][0]).write_bytes(b"somebody else's")
    said = run(metered, "verify", MONTH)
    assert (said.code, first["documents"][0] in said.out) == (1, True)
    assert run(metered, "report", MONTH, "--only", "invoice").code == 0
    assert run(metered, "verify", MONTH).code == 0


@pytest.fixture
def kim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is `kim`, and it is the 3rd of December 2025."""
    monkeypatch.setattr(clock, "login", lambda: "kim")
    monkeypatch.setattr("jeongsan.invocation.now_ms", lambda: 1_764_720_000_000)
    monkeypatch.setattr("jeongsan.clock.now_ms", lambda: 1_764_720_000_000)


@pytest.fixture
def drafted(kim: None, metered: Path) -> Path:
    assert run(metered, "draft", MONTH, "--by", "이초안").code == 0
    return metered


def at_terminal(monkeypatch: pytest.MonkeyPatch, answer: bool) -> list[str]:
    """Lets a person sit there who answers every question; the questions that were asked."""
    questions: list[str] = []

    def confirm(question: str) -> bool:
        questions.append(question)
        return answer

    monkeypatch.setattr("typer.confirm", confirm)
    monkeypatch.setattr("jeongsan.invocation.at_terminal", lambda: True)
    return questions


def more_use(site: Path) -> None:
    write_jobs(site, "hpc", [*JOBS, LATE])
    window = ("--from", "2025-10-05", "--to", "2025-11-01", "--complete-to", COMPLETE)
    for said in (
        run(site, "collect", *window),
        run(site, "meter", LATE[2][:10], "--cluster", "hpc"),
    ):
        assert said.code == 0, said.err


def state(site: Path) -> str:
    months = run(site, "status", "--json").document["months"]
    return str(months[0]["state"])


def test_without_a_terminal_an_approval_names_what_was_looked_at(drafted: Path) -> None:
    said = run(drafted, "approve", MONTH, *BY, "--json")
    assert (said.code, "--digest" in said.document["error"]) == (2, True)
    assert state(drafted) == "draft"
    digest = run(drafted, "draft", MONTH, "--json").document["digest"]
    done = run(drafted, "approve", MONTH, "--digest", digest[:12], *BY, "--json").document
    assert done == {"approved": digest, "approved_by": "김정산", "again": False}
    again = run(drafted, "approve", MONTH, "--digest", digest, "--by", "박승인", "--json").document
    assert again == {"approved": digest, "approved_by": "김정산", "again": True}
    told = run(drafted, "approve", MONTH, "--digest", digest, "--by", "박승인")
    assert "이미 승인한 초안입니다: 김정산, kim, 2025-12-03 09:00" in told.out


@pytest.mark.breadth
def test_at_a_terminal_the_draft_is_shown_and_asked_about(
    drafted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = run(drafted, "draft", MONTH, "--json").document["digest"]
    asked = at_terminal(monkeypatch, answer=False)
    said = run(drafted, "approve", MONTH, *BY)
    assert (said.code, digest in said.out, "nothing was decided" in said.err) == (1, True, True)
    assert asked == [f"{MONTH} 초안 {digest[:12]} 을 승인합니까?"]
    assert state(drafted) == "draft"
    at_terminal(monkeypatch, answer=True)
    assert run(drafted, "approve", MONTH, *BY).code == 0
    assert state(drafted) == "approved"


@pytest.mark.breadth
def test_what_was_looked_at_is_not_approved_once_it_is_otherwise(drafted: Path) -> None:
    digest = run(drafted, "draft", MONTH, "--json").document["digest"]
    more_use(drafted)
    assert run(drafted, "draft", MONTH).code == 0  # by a night that told nobody
    said = run(drafted, "approve", MONTH, "--digest", digest, *BY)
    assert (said.code, "+13,200 won to pay" in said.err) == (1, True), said.err
    assert state(drafted) == "draft"


def issue(site: Path, *more: str) -> Said:
    return run(site, "issue", MONTH, "--on", "2025-12-03", *more)


@pytest.mark.breadth
def test_a_late_issue_is_asked_about_or_said_to_be_meant(
    drafted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert approve(drafted).code == 0
    future = run(drafted, "issue", MONTH, "--on", "2025-12-04")
    assert (future.code, "today is 2025-12-03" in future.err) == (1, True)
    refused = issue(drafted)
    assert (refused.code, "say --yes" in refused.err) == (1, True)
    asked = at_terminal(monkeypatch, answer=False)
    assert (issue(drafted).code, state(drafted)) == (1, "approved")
    assert "발급 기한은 2025-11-10" in asked[0]
    assert "가산세" in asked[0]
    assert issue(drafted, "--yes").code == 0
    assert state(drafted) == "issued"


def test_an_approval_a_decision_and_a_waived_day_are_taken_back(drafted: Path) -> None:
    assert approve(drafted).code == 0
    why = ("--reason", "단가를 다시 봄")
    said = run(drafted, "withdraw", MONTH, *BY, *why, "--json")
    assert said.document == {"approved_by": "김정산", "withdrawn": MONTH}
    assert state(drafted) == "draft"
    assert run(drafted, "waive", "hpc", "2025-10-09", *BY, "--reason", "정전").code == 0
    assert run(drafted, "withdraw", "hpc", "2025-10-09", *BY, *why).code == 0
    again = run(drafted, "withdraw", "hpc", "2025-10-09", *BY, *why)
    assert (again.code, "nobody waived hpc 2025-10-09" in again.err) == (1, True)
    assert run(drafted, "withdraw", "cafe", *BY, *why).code == 1


def test_a_correction_is_approved_by_the_digest_that_was_shown(drafted: Path) -> None:
    assert approve(drafted).code == 0
    assert issue(drafted, "--yes").code == 0
    more_use(drafted)
    seen = run(drafted, "adjust", "--json").document["digest"]
    reason = ("--reason", "늦은 작업", "--on", "2025-12-03")
    unnamed = run(drafted, "adjust", "--approve", *BY, *reason)
    assert (unnamed.code, f"--digest {seen[:12]}" in flat(unnamed.err)) == (2, True)
    other = run(drafted, "adjust", "--approve", "--digest", "0" * 64, *BY, *reason)
    assert (other.code, "is not what was looked at any more" in other.err) == (1, True)
    assert adjust(drafted, *BY, *reason).code == 0


@pytest.mark.breadth
def test_the_audit_trail_is_one_list_of_all_that_was_decided(drafted: Path) -> None:
    assert run(drafted, "load").code == 0  # nothing new
    assert approve(drafted).code == 0
    assert run(drafted, "withdraw", MONTH, *BY, "--reason", "다시 봄").code == 0
    assert approve(drafted, by="박승인").code == 0
    assert issue(drafted, "--yes").code == 0
    more_use(drafted)
    assert adjust(drafted, *BY, "--reason", "늦은 작업", "--on", "2025-12-03").code == 0
    rows = run(drafted, "audit", "--json").document["audit"]
    assert [(row["act"], row["by"], row["account"], row["reason"]) for row in rows[2:]] == [
        ("draft", "이초안", "kim", None),
        ("approve", "김정산", "kim", None),
        ("withdraw", "김정산", "kim", "다시 봄"),
        ("approve", "박승인", "kim", None),
        ("issue", "kim", "kim", None),
        ("look", "kim", "kim", None),
        ("adjust", "김정산", "kim", "늦은 작업"),
    ]
    assert [row["act"] for row in rows[:2]] == ["load", "rules"]
    assert {row["at"] for row in rows[2:]} == {"2025-12-03T09:00:00+09:00"}
    of_month = run(drafted, "audit", "--month", MONTH)
    assert "승인 철회" not in of_month.out
    assert of_month.out.count("다시 봄") == 1
    assert "등록부 저장" not in of_month.out
    well = run(drafted, "audit", "--check", "--json")
    assert (well.code, well.document["decisions"]) == (0, len(rows))
    assert run(drafted, "audit", "--check", "--month", MONTH).code == 2
    with sqlite3.connect(drafted / "jeongsan.db") as database:
        database.execute("DROP TRIGGER audit_trail_never_changes")
        database.execute("UPDATE audit_trail SET by_whom = '최' WHERE act = 'adjust'")
    changed = run(drafted, "audit", "--check", "--json")
    named = [row["place"] for row in changed.document["differences"]]
    assert (changed.code, named) == (
        1,
        [f"audit trail: entry {len(rows)}: row_hash", "adjustment 1"],
    )


def test_a_settlement_is_filed_by_the_digest_that_was_shown(drafted: Path) -> None:
    assert approve(drafted).code == 0
    assert issue(drafted, "--yes").code == 0
    year = ("grant", "AICA-2025R", "2025")
    digest = run(drafted, *year, "--json").document["digest"]
    unnamed = run(drafted, *year, "--file", *BY, "--on", "2025-12-03")
    assert (unnamed.code, f"--digest {digest[:12]}" in flat(unnamed.err)) == (2, True)
    other = run(drafted, *year, "--file", "--digest", "0" * 64, *BY, "--on", "2025-12-03")
    assert other.code == 1
