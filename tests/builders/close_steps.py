"""A month through the steps of its close, what state it is in, and a finding that stops it."""

from datetime import date

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger import ledger
from metering.finding import Finding
from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import MONTH, ON


def state_of(opened: OpenSite, month: str = MONTH) -> ledger.MonthState:
    with opened.database.read() as connection:
        return ledger.month_state(connection, month)


def close(opened: OpenSite, month: str = MONTH, on: date = ON) -> None:
    draft(opened, month)
    approve(opened, month, "박승인")
    issue(opened, month, on)


def fail(day: date, subject: str, kind: str = "over_capacity") -> Finding:
    return Finding("fail", kind, "meter", "gpu", day, subject, f"{subject}: 3대 초과")
