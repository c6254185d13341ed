"""What there is to know of a draft before its approval: coverage, open findings and their worth,
what moved, what is on no invoice and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.bundle.bundle import invoices_of, read_bundle
from billing.close.decide_together import is_decided
from billing.close.draft_history import Redraft
from billing.close.unbilled import NoInvoice, Unbilled, Why, unbilled, without_invoice
from billing.draft.draft import Draft
from billing.month.list_price import worth_krw
from billing.records import Invoice
from billing.rerating.version_drift import STAGE
from billing.rulebook.rule_book import read_rulebook
from metering.database.decisions import acknowledgements
from metering.database.findings import findings
from metering.finding import Finding
from metering.site.open_site import OpenSite
from reports.readiness.coverage import Coverage, coverage
from reports.readiness.redraft_view import last_change

WHY: Mapping[Why, str] = {
    "set_aside": "청구 제외로 등록한 계정",
    "unowned": "소속 과제 없는 계정",
    "no_price": "단가 없음",
    "excluded": "제외(exclude)로 결정",
    "waived": "넘긴 날 (설치 장비 기준)",
    "no_usage": "사용 없음",
}


@dataclass(frozen=True, slots=True)
class CompanyStep:
    """What a company is to pay of a month and of the one before."""

    company: str
    before_krw: int
    now_krw: int

    @property
    def more_krw(self) -> int:
        """How much more it is."""
        return self.now_krw - self.before_krw


@dataclass(frozen=True, slots=True)
class DraftReadiness:
    """What there is to know of a draft before it is approved; each list with the largest first."""

    draft: Draft
    covered: tuple[Coverage, ...]
    days: int
    open: tuple[Finding, ...]  # that nobody decided about
    worth_krw: Mapping[str, int]  # by key, at list price; what is not there is unknown
    steps: tuple[CompanyStep, ...] | None  # None where no month was before
    unbilled: tuple[Unbilled, ...]
    without: tuple[NoInvoice, ...]
    redraft: Redraft | str | None


def ready(opened: OpenSite, draft: Draft) -> DraftReadiness:
    """All of it, of a draft that was just made."""
    book = read_rulebook(opened.site.rules)
    calendar = opened.site.calendar
    days = calendar.month_days(draft.month)
    with opened.database.read() as connection:
        answers = acknowledgements(connection)  # a draft has those about what would stop it
        drifted = findings(connection, stage=STAGE, date_from=days[0], date_to=days[-1])
    left = [f for f in (*draft.findings, *drifted) if not is_decided(f, answers)]
    worth = worth_krw(left, book, calendar)
    left.sort(
        key=lambda finding: (
            -worth.get(finding.key, -1),
            finding.severity,
            finding.kind,
            finding.key,
        )
    )
    lost = unbilled(opened, draft)
    return DraftReadiness(
        draft=draft,
        covered=coverage(opened, draft.month, book),
        days=len(days),
        open=tuple(left),
        worth_krw=worth,
        steps=_steps(opened, draft),
        unbilled=lost,
        without=without_invoice(opened.registry, draft, days, lost),
        redraft=last_change(opened, draft.month),
    )


def _steps(opened: OpenSite, draft: Draft) -> tuple[CompanyStep, ...] | None:
    """What companies pay against what stands of the month before, taxable and exempt together."""
    previous = draft.inputs["previous"]
    if previous is None:
        return None
    before = _payable(invoices_of(read_bundle(opened.lake, str(previous))))
    now = _payable(draft.closing.invoices)
    names = {company_id: name for company_id, (name, _) in {**before, **now}.items()}
    steps = [
        CompanyStep(name, before.get(company_id, ("", 0))[1], now.get(company_id, ("", 0))[1])
        for company_id, name in sorted(names.items())
    ]
    return tuple(sorted((s for s in steps if s.more_krw), key=lambda s: -abs(s.more_krw)))


def _payable(invoices: Sequence[Invoice]) -> dict[str, tuple[str, int]]:
    sums: dict[str, tuple[str, int]] = {}
    for invoice in invoices:
        _, krw = sums.get(invoice.company_id, ("", 0))
        sums[invoice.company_id] = (invoice.company.name, krw + invoice.payable_krw)
    return sums


def hours(held_us: int) -> str:
    """Device time in hours, two decimals cut off."""
    hundredths = held_us // 36_000_000
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"
