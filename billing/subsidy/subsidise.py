"""Owns subsidies: who pays which part of a day's charges, in the order of SETTLEMENT 8."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter, itemgetter

from billing.garbage_collection import uncollected
from billing.record_columns import from_rows
from billing.records import Charge, Filed, Subsidy
from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.award_terms import AwardInForce, Terms, grants, terms
from billing.subsidy.balance import Balance
from billing.subsidy.budget_drawdown import SubsidyRow, commit, limit_budget, limit_filed
from billing.subsidy.caps import RunningUse, limit_krw
from billing.subsidy.company_part import FeePart
from billing.subsidy.eligibility import Verdict
from billing.subsidy.entitlement import NoMarketPriceError, NoPfError, NoSwapError, claim_award
from billing.subsidy.flat_fee import fee_left, unused
from billing.subsidy.segment import Claimed, Segment, SegmentedCharge
from metering.calendar import Calendar, month_of
from metering.finding import Finding
from metering.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class Subsidised:
    """The subsidies of a month in order of day, charges for capacity that was paid for and not
    used, the state to carry on, and what was wrong."""

    subsidies: tuple[Subsidy, ...]
    unused: tuple[Charge, ...]
    balance: Balance
    findings: tuple[Finding, ...]


@uncollected()
def subsidise(
    charges: Iterable[Charge],
    book: RuleBook,
    registry: Registry,
    opening: Balance,
    month: str,
    calendar: Calendar,
    filed: Iterable[Filed] = (),
) -> Subsidised:
    """The subsidies of a whole month of charges, from the balance at its start and what was filed
    of it with the state."""
    in_force, findings = grants(registry, book, calendar.month_days(month))
    run = MonthRun(book, in_force, RunningUse.opening(opening, filed))
    subsidies = run.advance(charges)
    left = unused(in_force, run.standing, registry, month)
    balance = run.standing.balance()
    return Subsidised(subsidies, left, balance, (*findings, *run.findings.values()))


# by company, project, SKU, programme and award; sources in the order of the programme
_BY_CHARGE = itemgetter(1, 2, 3, 4, 5)
Scope = tuple[str, str]  # company and project; every project of the company where that is ''


def _scope(grant: AwardInForce) -> Scope:
    return grant.company.company_id, grant.award.project_id


@dataclass(slots=True)
class MonthRun:
    """A month under way: it can be taken forward in one step, or in several at any day."""

    book: RuleBook
    found: Sequence[AwardInForce]
    standing: RunningUse
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    by_programme: dict[str, list[AwardInForce]] = field(default_factory=lambda: defaultdict(list))
    by_company: dict[str, list[AwardInForce]] = field(default_factory=lambda: defaultdict(list))
    _terms: dict[tuple[str, int, tuple[str, ...], date], Terms] = field(default_factory=dict)
    _scopes: dict[tuple[str, str, str], tuple[Scope, ...]] = field(default_factory=dict)
    _covers: dict[str, frozenset[str]] = field(default_factory=dict)  # SKUs, by programme

    def __post_init__(self) -> None:
        for grant in self.found:
            self.by_programme[grant.programme.programme].append(grant)
            self.by_company[grant.company.company_id].append(grant)
        for programme in self.book.programmes:
            covered = frozenset(sku for sku in self.book.prices if programme.covers(sku))
            self._covers[programme.programme] = covered

    def advance(self, charges: Iterable[Charge]) -> tuple[Subsidy, ...]:
        """Subsidies of the charges of further days."""
        by_day: dict[date, list[Charge]] = defaultdict(list)
        for charge in charges:
            by_day[charge.day].append(charge)
        subsidies: list[SubsidyRow] = []
        for day in sorted(by_day):
            rows = self._rows(by_day[day], day)
            of_day: list[SubsidyRow] = []
            refused: list[Claimed] = []
            for programme in self.book.programmes:
                claims = self._claim(programme, self.by_programme[programme.programme], rows, day)
                if programme.excess == "refused":
                    refused += [claim for claim in claims if claim.over_quota]
                if claims:
                    of_day += self._settle(programme, claims, day)
            self._find_refused(refused, day)
            of_day.sort(key=_BY_CHARGE)
            subsidies += of_day
        return tuple(from_rows(Subsidy, subsidies))

    def _rows(self, charges: list[Charge], day: date) -> dict[Scope, list[SegmentedCharge]]:
        """The charges of a day in order of project and SKU, where awards look for them; most
        charges of most companies are looked for by none and need no row."""
        rows: dict[Scope, list[SegmentedCharge]] = defaultdict(list)
        exempt: dict[str, bool] = {}
        charges.sort(key=attrgetter("company_id", "project_id", "sku"))
        for charge in charges:
            key = (charge.company_id, charge.project_id, charge.sku)
            scopes = self._scopes.get(key)
            if scopes is None:
                scopes = self._scopes[key] = self._scopes_of(charge)
            if not scopes or not self.found[0].registry.runs(charge.project_id, day):
                continue  # outside a project's days nothing is supported (SETTLEMENT 43)
            if charge.sku not in exempt:
                exempt[charge.sku] = self.book.prices[charge.sku].tax_class.on(day) == "exempt"
            first = Segment(charge.quantity, charge.charge_krw)
            row = SegmentedCharge(charge, exempt[charge.sku], [first])
            for scope in scopes:
                rows[scope].append(row)
        return rows

    def _scopes_of(self, charge: Charge) -> tuple[Scope, ...]:
        """The scopes of the awards that may ever claim a charge."""
        scopes = {
            _scope(grant)
            for grant in self.by_company[charge.company_id]
            if grant.award.project_id in ("", charge.project_id)
            and charge.sku in self._covers[grant.programme.programme]
        }
        return tuple(sorted(scopes))

    def _claim(
        self,
        programme: Programme,
        of_programme: list[AwardInForce],
        rows: dict[Scope, list[SegmentedCharge]],
        day: date,
    ) -> list[Claimed]:
        """Entitlements after each award's own limits, awards by (start, id)."""
        claims: list[Claimed] = []
        self.standing.taken.clear()
        if not programme.in_force(day):
            return claims
        covered = self._covers[programme.programme]
        for grant in of_programme:
            mine = rows.get(_scope(grant))
            if not mine:
                continue
            verdict = grant.judgement_on(day)
            if isinstance(verdict, str):
                continue
            mine = [row for row in mine if row.charge.sku in covered]
            of_award = self._terms_on(programme, verdict, day)
            if isinstance(of_award.part, FeePart):
                fee_left(grant, self.standing, month_of(day))
            try:
                claims += claim_award(grant, of_award, mine, self.standing, self.book, day)
            except NoPfError as error:
                self._find("no_pf", str(error), f"{error}의 PF 값이 pf.yaml에 없습니다.", day)
            except NoSwapError as error:
                table, _, sku = str(error).partition(":")
                detail = f"{sku}이(가) 환산표 {table}에 없습니다(swap.yaml)."
                self._find("no_swap", str(error), detail, day)
            except NoMarketPriceError as error:
                detail = f"{error}의 시장 가격이 market.yaml에 없습니다."
                self._find("no_market_price", str(error), detail, day)
        return claims

    def _settle(self, programme: Programme, claims: list[Claimed], day: date) -> list[SubsidyRow]:
        """Limits wider than an award, then the commit."""
        cap = programme.caps.company_year
        cap_krw = None if cap is None else cap.or_none(day)
        if cap_krw is not None:
            of_company: dict[str, list[Claimed]] = defaultdict(list)
            for claim in claims:
                of_company[claim.row.charge.company_id].append(claim)
            for company_id, members in of_company.items():
                key = ("company_year", programme.programme, company_id, str(day.year))
                left = cap_krw - self.standing.used.get(key, 0)
                limit_krw(members, left, f"cap:company_year:{company_id}")
        limit_filed(programme, claims, self.standing, day)
        without = limit_budget(programme, claims, self.standing, day)
        for source in without:
            subject = f"{programme.programme}:{source}"
            detail = f"{programme.title}의 재원 {source}에 {day.year}년 예산이 없습니다."
            self._find("no_budget", subject, detail, day)
        return commit(programme, claims, self.standing, day)

    def _find_refused(self, claims: list[Claimed], day: date) -> None:
        """Use above a quota that must not be there, unless another programme has paid for it."""
        for claim in claims:
            if any(segment.fresh and segment.quantity for segment in claim.row.segments):
                award, programme = claim.grant.award, claim.grant.programme
                detail = (
                    f"협약 {award.award_id}: {programme.title}은(는) 한도를 넘는 사용을 받지 "
                    f"않습니다. {day}부터 한도를 넘은 {claim.row.charge.sku} 사용이 있습니다. "
                    "정가로 청구하려면 bill로 확인해 주십시오."
                )
                self._find("excess_refused", award.award_id, detail, day)

    def _terms_on(self, programme: Programme, verdict: Verdict, day: date) -> Terms:
        key = (programme.programme, id(verdict.clause), verdict.reductions, day)
        if key not in self._terms:
            self._terms[key] = terms(programme, verdict, day)
        return self._terms[key]

    def _find(self, kind: str, subject: str, detail: str, day: date) -> None:
        """Keeps the first finding of a kind and subject in the month."""
        finding = Finding("fail", kind, "draft", "", day, subject, detail)
        self.findings.setdefault((kind, subject), finding)
