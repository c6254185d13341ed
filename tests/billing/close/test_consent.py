"""Consent: a yes is to one digest, two people where the site wants them, taken back until issue."""

from dataclasses import replace
from datetime import date

import pytest

from billing.close.approve_month import approval_of, approve, look_at
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.withdraw import withdraw_acknowledgement, withdraw_approval, withdraw_waiver
from billing.ledger.month_history import Who, drafter
from metering.database.audit_trail import trail
from metering.database.decisions import acknowledge, acknowledgements, waive, waived_days
from metering.errors import CloseError, JeongsanError
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close, fail, state_of
from tests.builders.sites.close_site import (
    FIRST,
    HOUR_US,
    MONTH,
    ON,
    put_day,
    put_findings,
    used,
    usual,
)

KIM, LEE = Who("김정산", 1, "kim"), Who("이승인", 2, "lee")
AGAIN = Who("김정산", 3, "kim")


def more_use(opened: OpenSite) -> None:
    """An hour more of the company that nothing supports."""
    day = usual(FIRST)
    extra = used(FIRST, 3, "gpu.h100", day["gpu"][2].quantity + HOUR_US)
    put_day(opened, FIRST, {**day, "gpu": [*day["gpu"][:2], extra]})


def test_an_approval_of_another_draft_is_refused_and_says_what_changed(opened: OpenSite) -> None:
    seen = draft(opened, MONTH, KIM)
    more_use(opened)
    draft(opened, MONTH, KIM)  # a night later, by somebody who told nobody
    with pytest.raises(CloseError, match="has changed since it was drafted") as refused:
        approve(opened, MONTH, "이승인", seen.digest)
    assert f"{seen.digest[:12]} was looked at" in str(refused.value)
    assert "+6,600 won to pay (회사3 usage +6,600)" in str(refused.value)
    assert state_of(opened).state == "draft"


def test_an_approval_of_a_draft_that_has_changed_by_now_is_refused_too(opened: OpenSite) -> None:
    seen = draft(opened, MONTH)
    more_use(opened)  # and nobody has drafted since
    with pytest.raises(CloseError, match="has changed since it was drafted"):
        look_at(opened, MONTH)
    with pytest.raises(CloseError, match=r"\+6,600 won to pay"):
        approve(opened, MONTH, "이승인", seen.digest)
    assert state_of(opened).state == "draft"


def test_a_digest_is_named_by_its_first_twelve_letters_at_least(opened: OpenSite) -> None:
    seen = draft(opened, MONTH)
    with pytest.raises(CloseError, match="too short"):
        approve(opened, MONTH, "이승인", seen.digest[:11])
    with pytest.raises(CloseError, match="has changed since"):
        approve(opened, MONTH, "이승인", "0" * 64)
    assert approve(opened, MONTH, "이승인", seen.digest[:12]).state == "approved"
    assert look_at(opened, MONTH) == replace(seen, state="approved")


def test_a_second_approval_leaves_the_first_and_tells_whose_it_is(opened: OpenSite) -> None:
    draft(opened, MONTH)
    assert approval_of(opened, MONTH) is None
    for who in (KIM, LEE):
        approve(opened, MONTH, who.by, None, who.at_ms, who.account)
    kept = approval_of(opened, MONTH)
    assert kept is not None
    assert (kept.by, kept.at_ms, kept.account) == ("김정산", 1, "kim")


@pytest.mark.parametrize(("account", "may"), [("lee", True), ("kim", False), ("", False)])
def test_only_the_logins_that_the_site_names_may_approve(
    opened: OpenSite, account: str, may: bool
) -> None:
    named = replace(opened, site=replace(opened.site, approvers=("lee", "park")))
    draft(named, MONTH, KIM)
    if may:
        approve(named, MONTH, "이승인", account=account)
    else:
        with pytest.raises(CloseError, match="only lee, park may approve here"):
            approve(named, MONTH, "이승인", account=account)
    assert state_of(opened).state == ("approved" if may else "draft")


def two_people(opened: OpenSite) -> OpenSite:
    """The same site, which wants two people for an approval."""
    return replace(opened, site=replace(opened.site, four_eyes=True))


@pytest.mark.parametrize(
    ("approver", "refused"),
    [
        (LEE, False),
        (Who("김정산", 2, "lee"), True),  # the same name from another login
        (Who("이승인", 2, "kim"), True),  # another name from the same login
        (Who("이승인", 2, ""), False),
    ],
)
def test_who_drafts_does_not_approve_where_the_site_wants_two_people(
    opened: OpenSite, approver: Who, refused: bool
) -> None:
    strict = two_people(opened)
    draft(strict, MONTH, KIM)
    said = (approver.by, None, approver.at_ms, approver.account)
    if refused:
        with pytest.raises(CloseError, match=r"김정산 \(kim\) made it, .* four_eyes"):
            approve(strict, MONTH, *said)
        assert state_of(opened).state == "draft"
        approve(opened, MONTH, *said)  # a site that does not ask for it
    else:
        approve(strict, MONTH, *said)
    assert state_of(opened).state == "approved"


def test_a_draft_that_nobody_is_known_to_have_made_is_made_again(opened: OpenSite) -> None:
    strict = two_people(opened)
    seen = draft(strict, MONTH)
    with pytest.raises(CloseError, match="who made it is not recorded"):
        approve(strict, MONTH, "이승인")
    draft(strict, MONTH, KIM)  # the same draft, which now has a maker
    with opened.database.read() as connection:
        assert drafter(connection, MONTH, seen.digest) == KIM
    approve(strict, MONTH, "이승인", None, 2, "lee")
    assert state_of(opened).approved_by == "이승인"


def test_an_approval_is_taken_back_until_the_issue(opened: OpenSite) -> None:
    draft(opened, MONTH, KIM)
    with pytest.raises(CloseError, match="draft: there is no approval to take back"):
        withdraw_approval(opened, MONTH, "단가를 다시 봄", LEE)
    approve(opened, MONTH, "이승인", None, 2, "lee")
    for by, reason in ((" ", "단가를 다시 봄"), ("이승인", " ")):
        with pytest.raises(CloseError, match="needs its reason and the name"):
            withdraw_approval(opened, MONTH, reason, Who(by))
    before = withdraw_approval(opened, MONTH, "단가를 다시 봄", AGAIN)
    assert (before.approved_by, state_of(opened).state) == ("이승인", "draft")
    assert approval_of(opened, MONTH) is None
    with pytest.raises(CloseError, match="is draft; run `jeongsan approve"):
        issue(opened, MONTH, ON)
    approve(opened, MONTH, "이승인", None, 4, "lee")
    issue(opened, MONTH, ON)
    with pytest.raises(CloseError, match="is issued, and nothing of it is taken back"):
        withdraw_approval(opened, MONTH, "늦음", LEE)
    with opened.database.read() as connection:
        kept = [(entry.act, entry.who.by, entry.reason) for entry in trail(connection, MONTH)]
    assert kept == [
        ("draft", "김정산", ""),
        ("approve", "이승인", ""),
        ("withdraw", "김정산", "단가를 다시 봄"),
        ("approve", "이승인", ""),
        ("issue", "", ""),
    ]


def test_what_was_decided_of_findings_and_days_is_taken_back_until_the_issue(
    opened: OpenSite,
) -> None:
    finding, day = fail(FIRST, "h100"), date(2025, 10, 9)
    put_findings(opened, "gpu", finding)
    with pytest.raises(JeongsanError, match="nobody decided about a finding"):
        withdraw_acknowledgement(opened, finding.key, "잘못 눌렀음", LEE)
    with pytest.raises(JeongsanError, match="nobody waived gpu 2025-10-09"):
        withdraw_waiver(opened, "gpu", day, "잘못 눌렀음", LEE)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "확인함", "김정산", 1, "kim")
        waive(connection, "gpu", day, "정전", "김정산", 1, "kim")
    draft(opened, MONTH)
    approved = approve(opened, MONTH, "박승인")
    withdraw_acknowledgement(opened, finding.key, "잘못 눌렀음", LEE)
    withdraw_waiver(opened, "gpu", day, "정전이 아님", LEE)
    with opened.database.read() as connection:
        assert (acknowledgements(connection), waived_days(connection)) == ({}, [])
    with pytest.raises(CloseError, match="has changed since its approval"):
        issue(opened, MONTH, ON)  # which the approval was of
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "bill", "확인함", "김정산", 5, "kim")
        waive(connection, "gpu", day, "정전", "김정산", 5, "kim")
    close(opened)
    assert state_of(opened).digest == approved.digest
    for take_back in (
        lambda: withdraw_acknowledgement(opened, finding.key, "늦음", LEE),
        lambda: withdraw_waiver(opened, "gpu", day, "늦음", LEE),
    ):
        with pytest.raises(CloseError, match="is issued, and nothing of it is taken back"):
            take_back()
    with opened.database.read() as connection:
        kept = [entry for entry in trail(connection) if entry.act in ("withdraw", "waive")]
    assert [(entry.subject, entry.who, entry.reason) for entry in kept] == [
        ("gpu 2025-10-09", Who("김정산", 1, "kim"), "정전"),
        (f"{finding.key} bill (김정산)", LEE, "잘못 눌렀음"),
        ("gpu 2025-10-09 (김정산)", LEE, "정전이 아님"),
        ("gpu 2025-10-09", Who("김정산", 5, "kim"), "정전"),
    ]


def test_what_is_decided_after_the_issue_is_in_no_document_and_is_taken_back(
    opened: OpenSite,
) -> None:
    close(opened)
    day, finding = date(2025, 10, 9), fail(FIRST, "GPU-9")
    put_findings(opened, "gpu", finding)
    with opened.database.begin() as connection:
        acknowledge(connection, finding.key, "exclude", "확인함", "김정산", 5, "kim")
        waive(connection, "gpu", day, "정전", "김정산", 5, "kim")
    withdraw_acknowledgement(opened, finding.key, "잘못 눌렀음", LEE)
    withdraw_waiver(opened, "gpu", day, "다른 달이었음", LEE)
    with opened.database.read() as connection:
        assert (acknowledgements(connection), waived_days(connection)) == ({}, [])
