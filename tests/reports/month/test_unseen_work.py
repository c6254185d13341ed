"""What nobody saw at work is `-` on every document and never 0; what was seen to be idle is 0."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from io import BytesIO

from openpyxl import load_workbook

from billing.draft.capacity_used import Resource
from billing.draft.unseen_use import unseen_days, watched_clusters
from billing.records import Usage
from metering.finding import Finding
from reports.government.monthly_tables import companies_table
from reports.month.capacity import seen_capacity
from reports.month.daily_rows import by_company
from reports.month.month_view import CapacityView, MonthView
from reports.month.usage_statement import usage_statement_xlsx
from tests.builders.report_month import view

DAY, NEXT = date(2025, 10, 6), date(2025, 10, 7)


def used(day: date, cluster: str = "hpc", busy_ns: int = 0) -> Usage:
    return Usage(
        day, "C-1", "P-1", cluster, "gpu.h100", 3_600_000_000, "device_us", busy_ns, 0, False, False
    )


def dark(day: date, cluster: str = "hpc") -> Finding:
    return Finding("warn", "dark", "meter", cluster, day, "h100", "장비 8대에서 …")


def resource(cluster: str, busy_ns: int | None) -> Resource:
    return Resource(cluster, cluster, "h100", 8, 0, 1, 0, 7, busy_ns, busy_ns)


def test_a_day_is_unseen_where_there_is_no_exporter_or_all_was_dark() -> None:
    assert watched_clusters([resource("hpc", 0), resource("edge", None)]) == {"hpc"}
    rows = [used(DAY), used(NEXT), used(DAY, "edge", 5)]
    both = {"hpc", "edge"}
    assert unseen_days(rows, {"hpc"}, []) == {("edge", DAY, "gpu.h100")}
    assert unseen_days(rows, both, [dark(DAY)]) == {("hpc", DAY, "gpu.h100")}
    a100 = replace(used(DAY, busy_ns=1), sku="gpu.a100")  # another model, which was seen to work
    assert unseen_days([*rows, a100], both, [dark(DAY)]) == {("hpc", DAY, "gpu.h100")}
    assert unseen_days(rows, both, [dark(DAY, "edge")]) == frozenset()  # some of it was seen
    assert unseen_days([*rows, used(DAY, busy_ns=1)], both, [dark(DAY)]) == frozenset()
    assert unseen_days([], {"hpc"}, [dark(DAY)]) == frozenset()


def of_fifth(month: MonthView) -> frozenset[tuple[str, date, str]]:
    fifth = date(2025, 10, 5)
    return frozenset((u.source, u.day, u.sku) for u in month.usages if u.day == fifth)


def test_a_model_of_which_nobody_saw_any_work_has_none_in_the_report() -> None:
    row = CapacityView("hpc", "HPC", "h100", 8, 4, 0, 0, 0, None)
    unknown = replace(row, busy_ns=None, energy_uj=None)
    rows, at = [used(DAY), used(NEXT)], {("hpc", day, "gpu.h100") for day in (DAY, NEXT)}
    assert seen_capacity([row], rows, at) == (unknown,)
    assert seen_capacity([row], rows, {("hpc", DAY, "gpu.h100")}) == (row,)  # seen idle on the 7th
    assert seen_capacity([row], [], at) == (row,)  # nobody used it: 0 is right
    other = replace(row, model="a100")
    assert seen_capacity([other], rows, at) == (other,)


def daily(month: MonthView) -> dict[datetime, tuple[object, object]]:
    """Work and energy of each day in the first company's statement; the total under None."""
    content = usage_statement_xlsx(month, by_company(month)["C-001"])
    rows = load_workbook(BytesIO(content))["일별 사용"].iter_rows(min_row=3, values_only=True)
    total, _, *days = rows
    return {row[0]: (row[7], row[8]) for row in days} | {None: (total[7], total[8])}


def test_a_statement_prints_a_dash_for_the_unseen_day_and_for_the_sum_it_is_in() -> None:
    month = view()
    idle = replace(month, usages=tuple(replace(u, busy_ns=0, energy_uj=0) for u in month.usages))
    blind = replace(idle, unseen=of_fifth(month))
    fifth, ninth = datetime(2025, 10, 5), datetime(2025, 10, 9)  # noqa: DTZ001
    assert (daily(idle)[fifth], daily(idle)[ninth], daily(idle)[None][1]) == ((0, 0), (0, 0), 0)
    assert (daily(blind)[fifth], daily(blind)[ninth]) == (("-", "-"), (0, 0))
    assert daily(blind)[None][1] == "-"


def test_the_report_knows_no_sum_of_which_it_does_not_know_a_part() -> None:
    month = view()
    blind = replace(month, unseen=of_fifth(month))
    at = [column.title for column in companies_table(month).columns].index("사용")
    seen = [row.values[at] for row in companies_table(month).rows]
    assert all(isinstance(hours, Fraction) and hours > 0 for hours in seen)
    unseen = [row.values[at] for row in companies_table(blind).rows]
    assert unseen[-1] is None  # 합계
    assert None in unseen[:-1]
    known = [pair for pair in zip(seen, unseen, strict=True) if pair[1] is not None]
    assert known
    assert all(before == after for before, after in known)
