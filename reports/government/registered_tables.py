"""Tables of a month's report that the registry's sheets tell: agreements and partner bodies (Ⅲ),
outcomes (Ⅵ), plans (Ⅶ). Where nothing is registered they say so; none is left blank."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import get_args

from metering.registry.records import OutcomeKind, ProjectOutcome
from reports.government.monthly_tables import NOTHING_TOLD, none_row
from reports.layout.report_table import ReportColumn, ReportRow, ReportTable
from reports.month.month_view import MonthView
from reports.month.sums import support_by_company
from reports.wording.labels import OUTCOMES


def agreements_table(view: MonthView) -> ReportTable:
    """Ⅲ: the agreements with companies, oldest first."""
    columns = (
        ReportColumn("협약번호", "text", 60),
        ReportColumn("체결일", "date", 28),
        ReportColumn("기업", "text", 100),
        ReportColumn("협력기관", "text", 79),
    )
    signed = sorted(view.agreements, key=lambda each: (each.signed_on, each.number))
    rows = tuple(
        ReportRow(
            (
                each.number,
                each.signed_on,
                view.companies[each.company_id].name,
                each.partner or "-",
            )
        )
        for each in signed
    )
    return ReportTable("업무협약", columns, rows or (none_row(columns, NOTHING_TOLD),))


def partners_table(view: MonthView) -> ReportTable:
    """Ⅲ: what partner bodies brought: companies, and the month's support of those."""
    columns = (
        ReportColumn("협력기관", "text", 79),
        ReportColumn("기업", "count", 20),
        ReportColumn("당월 지원금", "krw", 40),
        ReportColumn("기업명", "text", 128),
    )
    brought: dict[str, list[str]] = defaultdict(list)
    for referral in view.referrals:
        brought[referral.partner].append(referral.company_id)
    paid = support_by_company(view)
    rows = tuple(
        ReportRow(
            (
                partner,
                len(companies),
                sum(paid.get(company, 0) for company in companies),
                ", ".join(view.companies[company].name for company in companies),
            )
        )
        for partner, companies in sorted(brought.items())
    )
    return ReportTable("협력기관별 추천 기업", columns, rows or (none_row(columns, NOTHING_TOLD),))


def outcomes_table(view: MonthView) -> ReportTable:
    """Ⅵ: by kind, what was reached in the month and so far, over how many projects."""
    columns = (
        ReportColumn("구분", "text", 60),
        ReportColumn("당월", "count", 40),
        ReportColumn("누계", "count", 40),
        ReportColumn("과제", "count", 40),
    )
    if not view.outcomes:
        return ReportTable("", columns, (none_row(columns, NOTHING_TOLD),))
    of_kind = _by_kind(view)
    rows = tuple(
        ReportRow(
            (
                OUTCOMES[kind],
                sum(each.amount for each in of_kind[kind] if each.reached_on in view.days),
                sum(each.amount for each in of_kind[kind]),
                len({each.project_id for each in of_kind[kind]}),
            )
        )
        for kind in get_args(OutcomeKind)
    )
    return ReportTable("", columns, rows)


def month_outcomes_table(view: MonthView) -> ReportTable:
    """Ⅵ: every outcome of the month with its day and what shows it."""
    columns = (
        ReportColumn("과제", "text", 58),
        ReportColumn("구분", "text", 32),
        ReportColumn("날", "date", 24),
        ReportColumn("수량", "count", 26),
        ReportColumn("근거", "text", 40),
    )
    own = [each for each in view.outcomes if each.reached_on in view.days]
    rows = tuple(
        ReportRow(
            (
                f"[{each.project_id}] {view.projects[each.project_id].name}",
                OUTCOMES[each.kind],
                each.reached_on,
                each.amount,
                each.evidence,
            )
        )
        for each in sorted(own, key=lambda each: (each.reached_on, each.project_id, each.kind))
    )
    return ReportTable("당월 성과", columns, rows or (none_row(columns, NOTHING_TOLD),))


def plans_table(view: MonthView) -> ReportTable:
    """Ⅶ: what is planned for the month after."""
    columns = (
        ReportColumn("일정", "text", 36),
        ReportColumn("내용", "text", 100),
        ReportColumn("비고", "text", 44),
    )
    plans = sorted(view.plans, key=lambda plan: [int(n) for n in re.findall(r"\d+", plan.when)])
    rows = tuple(ReportRow((plan.when, plan.what, plan.note or "-")) for plan in plans)
    return ReportTable("", columns, rows or (none_row(columns, NOTHING_TOLD),))


def _by_kind(view: MonthView) -> Mapping[str, list[ProjectOutcome]]:
    of_kind: dict[str, list[ProjectOutcome]] = defaultdict(list)
    for each in view.outcomes:
        of_kind[each.kind].append(each)
    return of_kind
