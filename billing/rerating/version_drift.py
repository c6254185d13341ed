"""Owns differences that no recorded cause explains: a month rated again from what it was made from
comes to something else, so another version of the program made it. They are findings, never
amendments (SETTLEMENT 24)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import read_bundle, read_index
from billing.bundle.versions import PROGRAM, versions
from billing.ledger import adjustment_ledger as own
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import Adjustment
from billing.month.pure_month import MonthResult
from billing.records import Claim, Invoice
from billing.rerating.adjustment_bundle import Recomputed, recompute, stood_as
from billing.rerating.correction import Ground
from billing.rerating.rerate_company import together
from billing.rerating.result_rows import amounts, line_amounts
from billing.rerating.standing_month import RatedOtherwise, Stood, rated_otherwise
from metering.calendar import Calendar, month_first_day
from metering.database.findings import replace_findings
from metering.errors import CheckError
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

STAGE = "program"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What this program makes of a company's month more than the one that rated it, in won."""

    month: str
    company_id: str
    company: str  # its name
    made_with: str  # the program's version then
    charge_krw: int
    subsidy_krw: int
    company_krw: int
    vat_krw: int
    now: RatedOtherwise  # its documents as this program makes them


def of_issued(
    opened: OpenSite, months: Sequence[str], months_before: Sequence[Stood]
) -> tuple[Unexplained, ...]:
    """Issued months, whose newest state is given, against the same inputs rated by this program: a
    month as the close rated it, and each company that was corrected as its adjustment did."""
    with opened.database.read() as connection:
        issued = {
            month_state.month: month_state.bundle for month_state in ledger.month_states(connection)
        }
        reached = {
            adjustment: own.bundles_of(connection, adjustment.sequence)
            for adjustment in own.adjustments(connection)
        }
    corrections = {adjustment: _Made(opened.lake, adjustment) for adjustment in reached}
    drifts: list[Unexplained] = []
    for month, newest in zip(months, months_before, strict=True):
        done = [adjustment for adjustment, bundles in reached.items() if month in bundles]
        first = stood_as(opened.lake, str(issued[month])) if done else newest
        again = together(first.truth, first.truth, (), first.closing.opening)
        with_version = _version(opened.lake, str(issued[month]))
        odd = differing(month, with_version, first.closing, again)
        for adjustment in done:
            odd = [left for left in odd if not corrections[adjustment].corrected(left.company_id)]
            odd += corrections[adjustment].differing(month, reached[adjustment][month])
        drifts += odd
    return tuple(drifts)


def of_other_versions(opened: OpenSite) -> dict[str, str]:
    """The issued months that another version of the program rated last, with that version."""
    with opened.database.read() as connection:
        bundles = own.standing_bundles(connection)
    made_with = {month: _version(opened.lake, bundles[month]) for month in sorted(bundles)}
    return {
        month: version for month, version in made_with.items() if version != versions()[PROGRAM]
    }


def _version(lake: Lake, bundle: str) -> str:
    return str(read_index(lake, bundle)["versions"].get(PROGRAM, "-"))


@dataclass(slots=True)
class _Made:
    """What an adjustment made; it is computed again only where another version made it."""

    lake: Lake
    done: Adjustment
    again: Recomputed | None = None
    companies: frozenset[str] | None = None

    def corrected(self, company_id: str) -> bool:
        """Whether it rated a company anew; a cascade rates everybody."""
        if self.companies is None:
            named = read_bundle(self.lake, self.done.bundle).documents["differences"]
            self.companies = frozenset(difference["company_id"] for difference in named)
        return self.done.cascade or company_id in self.companies

    def differing(self, month: str, bundle: str) -> list[Unexplained]:
        """Those of its companies that this program would have left otherwise."""
        if read_index(self.lake, bundle)["versions"] == versions():
            return []
        if self.again is None:
            self.again = recompute(self.lake, self.done)
        (draft,) = [draft for draft in self.again.correction.drafts if draft.month == month]
        left = stood_as(self.lake, bundle).closing
        odd = differing(month, _version(self.lake, bundle), left, draft.closing)
        return [drift for drift in odd if self.corrected(drift.company_id)]


def differing(month: str, made_with: str, was: MonthResult, now: MonthResult) -> list[Unexplained]:
    """The companies whose invoices or claims are not what they were."""
    old, new = _by_company(was.invoices, was.claims), _by_company(now.invoices, now.claims)
    names = {invoice.company_id: invoice.company.name for invoice in (*was.invoices, *now.invoices)}
    before, after = _sums(was.invoices), _sums(now.invoices)
    nothing = (0, 0, 0, 0)
    drifts = []
    for company_id in sorted({*old, *new}):
        if old.get(company_id) == new.get(company_id):
            continue
        pairs = zip(before.get(company_id, nothing), after.get(company_id, nothing), strict=True)
        charge_krw, subsidy_krw, company_krw, vat_krw = (right - left for left, right in pairs)
        name = names.get(company_id, company_id)
        invoices = tuple(invoice for invoice in now.invoices if invoice.company_id == company_id)
        rated = RatedOtherwise(month, company_id, invoices)
        more = (charge_krw, subsidy_krw, company_krw, vat_krw)
        drifts.append(Unexplained(month, company_id, name, made_with, *more, rated))
    return drifts


def _by_company(invoices: Iterable[Invoice], claims: Iterable[Claim]) -> dict[str, list[object]]:
    by_company: dict[str, list[object]] = {}
    for invoice in sorted(invoices, key=lambda invoice: (invoice.company_id, invoice.tax_class)):
        amounts_due = (invoice.tax_class, invoice.kind, amounts(invoice), line_amounts(invoice))
        by_company.setdefault(invoice.company_id, []).append(amounts_due)
    for claim in sorted(
        claims, key=lambda claim: (claim.company_id, claim.programme, claim.funding)
    ):
        by_company.setdefault(claim.company_id, []).append(claim)
    return by_company


def _sums(invoices: Iterable[Invoice]) -> dict[str, tuple[int, int, int, int]]:
    sums: dict[str, tuple[int, int, int, int]] = {}
    for invoice in invoices:
        a, b, c, d = sums.get(invoice.company_id, (0, 0, 0, 0))
        w, x, y, z = amounts(invoice)
        sums[invoice.company_id] = (a + w, b + x, c + y, d + z)
    return sums


def keep(
    connection: sa.Connection,
    calendar: Calendar,
    months: Iterable[str],
    drifts: Iterable[Unexplained],
) -> None:
    """Make these the findings of their kind of some months."""
    listed = list(drifts)
    for month in months:
        days: list[date | None] = [*calendar.month_days(month)]
        new = [_finding(drift) for drift in listed if drift.month == month]
        replace_findings(connection, STAGE, "", days, new)


def _finding(odd: Unexplained) -> Finding:
    now = versions()[PROGRAM]
    more = (
        f"정가 {odd.charge_krw:+,}원, 지원 {odd.subsidy_krw:+,}원, 자부담 {odd.company_krw:+,}원, "
        f"부가세 {odd.vat_krw:+,}원"
    )
    return Finding(
        severity="warn",
        kind="program_differs",
        stage=STAGE,
        cluster="",
        day=month_first_day(odd.month),
        subject=odd.company_id,
        detail=(
            f"{odd.month} {odd.company}: 등록부, 사용량, 단가, 규칙이 같은데 지금 프로그램"
            f"({now})으로 다시 셈하면 전에 셈한 것({odd.made_with})과 다릅니다: {more}. "
            "기록된 원인이 없는 차이이므로 이것만으로는 수정 문서를 내지 않습니다."
        ),
    )


def carried(ground: Ground, drifts: Iterable[Unexplained]) -> Ground:
    """A ground whose months say what this program makes otherwise of them, for a correction that a
    person lets carry it."""
    otherwise = [drift.now for drift in drifts]
    months = zip(ground.months, ground.stood, strict=True)
    return replace(
        ground,
        stood=tuple(
            replace(standing, otherwise=rated_otherwise(otherwise, month))
            for month, standing in months
        ),
    )


def refuse(first: str, hit: Sequence[Unexplained]) -> None:
    """CheckError where those who are corrected also differ for no recorded cause, since their
    documents would carry that difference."""
    if not hit:
        return
    lines = [f"the correction of {first} would carry differences that no recorded cause explains:"]
    lines += [
        f"  {drift.month} {drift.company_id}: charge {drift.charge_krw:+,},"
        f" support {drift.subsidy_krw:+,}, company {drift.company_krw:+,},"
        f" VAT {drift.vat_krw:+,} won (made with {drift.made_with})"
        for drift in hit[:SHOWN]
    ]
    if len(hit) > SHOWN:
        lines.append(f"  and {len(hit) - SHOWN} more; `jeongsan status --findings` lists them")
    lines.append(
        "this program rates what was issued otherwise, which alone is no reason of an amendment."
        " Where a rule of computation was amended since, let the correction carry it as a cause of"
        " its own, told apart: add --program and look again. Else issue the correction with version"
        f" {hit[0].made_with}, or find why this one differs"
    )
    raise CheckError("\n".join(lines))
