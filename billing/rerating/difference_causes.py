"""Owns the comparison: issued months as they stand against what is known now, company by company;
a shared budget never lowers what another company was given, except by a cascade (SETTLEMENT 26)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from billing.ledger.amendments import AmountDifference, ClaimRestatement, Key, Stage
from billing.month.invoices import party
from billing.month.pure_month import MonthResult, prove
from billing.records import Charge, Claim, Invoice, Settled, Subsidy
from billing.rerating.rerate_company import Cause, CompanyRerating, Truth, budgets_used, changes
from billing.rulebook.amendment_reasons import AmendmentRules, Kind
from billing.subsidy.balance import Balance, BalanceKey
from metering.registry.registry import Registry

Joint = Callable[[int, Balance], MonthResult]  # the month at a place, everybody rated together


@dataclass(frozen=True, slots=True)
class Stood:
    """An issued month as it stands, earlier adjustments included, and what it was rated from."""

    truth: Truth
    closing: MonthResult


@dataclass(frozen=True, slots=True)
class Comparison:
    """What corrected months come to: every month whole, why it differs, and what that makes."""

    closings: tuple[MonthResult, ...]
    differences: tuple[AmountDifference, ...]
    stages: tuple[Stage, ...]
    claims: tuple[ClaimRestatement, ...]


@dataclass(slots=True)
class _Run:
    """A comparison under way."""

    stood: Sequence[Stood]
    now: Sequence[Truth]
    opening: Balance
    before: Sequence[Claim]  # of the months before
    kinds: Mapping[Cause, Kind]
    printed: Collection[str]  # companies of which the documents say something wrong
    rated: dict[str, tuple[MonthResult, ...]] = field(default_factory=dict)  # by company
    differences: list[AmountDifference] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def correct(self, change: CompanyRerating) -> None:
        """Rates a company's months anew if anything that they follow from makes a difference."""
        company_id, causes = change.company_id, change.causes()
        opening = self._opening(company_id)
        final = change.rated(causes, opening) if causes else ()
        by_reason: dict[int, list[Kind]] = {}
        if not causes or _rows(final) == _rows(change.rated((), opening)):
            causes = ()
        else:
            by_reason = self._by_reason(change, causes, final, opening)
            self.rated[company_id] = final
        if company_id in self.printed:
            by_reason.setdefault(self._rules().causes["printed"], []).insert(0, "printed")
        wanted: list[Cause] = []
        for reason in sorted(by_reason):
            kinds = tuple(by_reason[reason])
            wanted += [
                cause for cause in causes if self._rules().causes[self.kinds[cause]] == reason
            ]
            if kinds == ("printed",):
                issued = self._issued(company_id)
                invoices = {key: self._named(invoice) for key, invoice in issued.items()}
            elif reason == max(by_reason):
                invoices = _by_key(final)
            else:
                invoices = _by_key(change.rated(wanted, opening))
            rule = self._rules().reasons[reason]
            self.stages.append(Stage(rule, kinds, company_id, invoices))

    def _by_reason(
        self,
        change: CompanyRerating,
        causes: Sequence[Cause],
        final: Sequence[MonthResult],
        opening: Balance,
    ) -> dict[int, list[Kind]]:
        """The causes that change anything, by the reason that they have."""
        by_reason: dict[int, list[Kind]] = {}
        left = _by_key([month.closing for month in self.stood], change.company_id)
        for at, cause in enumerate(causes, start=1):
            rated = final if at == len(causes) else change.rated(causes[:at], opening)
            right, kind = _by_key(rated), self.kinds[cause]
            if self._differ(change.company_id, kind, left, right):
                by_reason.setdefault(self._rules().causes[kind], []).append(kind)
            left = right
        return by_reason

    def _rules(self) -> AmendmentRules:
        """By what is known now."""
        return self.now[-1].book.amendments

    def _named(self, invoice: Invoice) -> Invoice:
        if invoice.company_id not in self.printed:
            return invoice
        now = self.now[-1]
        company = party(now.registry, invoice.company_id)
        return replace(invoice, company=company, issuer=now.issuer)

    def _opening(self, company_id: str) -> Balance:
        """Its own quotas and caps as the month before left them; of budgets all is used that others
        have of any issued month, so that nobody's is lowered."""
        own = {key: krw for key, krw in self.opening.used.items() if key[0] != "budget"}
        mine = [claim for claim in self.before if claim.company_id == company_id]
        others = [claim for claim in self._claims() if claim.company_id != company_id]
        return Balance({**own, **budgets_used([*mine, *others], self.now[0].book)})

    def _claims(self) -> Iterable[Claim]:
        yield from self.before
        for at, month in enumerate(self.stood):
            yield from (
                claim for claim in month.closing.claims if claim.company_id not in self.rated
            )
            for rated in self.rated.values():
                yield from rated[at].claims

    def _issued(self, company_id: str) -> dict[Key, Invoice]:
        return _by_key([month.closing for month in self.stood], company_id)

    def _differ(
        self,
        company_id: str,
        kind: Kind,
        left: Mapping[Key, Invoice],
        right: Mapping[Key, Invoice],
    ) -> bool:
        """Notes what one cause changes; whether it changes anything."""
        some = False
        for key in sorted({*left, *right}):
            before, after = left.get(key), right.get(key)
            more = [b - a for a, b in zip(amounts(before), amounts(after), strict=True)]
            some |= any(more) or line_amounts(before) != line_amounts(after)
            if any(more):
                self.differences.append(AmountDifference(key[2], company_id, key[1], kind, *more))
        return some

    def result(self, at: int, opening: Balance) -> MonthResult:
        """A month with the companies that were rated anew, and all others as they stand."""
        before, now = self.stood[at].closing, self.now[at]
        own = [results[at] for results in self.rated.values()]
        charges: list[Charge] = [c for c in before.charges if c.company_id not in self.rated]
        subsidies: list[Subsidy] = [s for s in before.subsidies if s.company_id not in self.rated]
        invoices = [self._named(i) for i in before.invoices if i.company_id not in self.rated]
        claims: list[Claim] = [c for c in before.claims if c.company_id not in self.rated]
        for month in own:
            charges += month.charges
            subsidies += month.subsidies
            invoices += month.invoices
            claims += month.claims
        result = replace(
            before,
            usages=now.usages,
            charges=tuple(sorted(charges, key=_charge_key)),
            subsidies=tuple(sorted(subsidies, key=_subsidy_key)),
            invoices=tuple(sorted(invoices, key=lambda i: (i.company_id, i.tax_class))),
            claims=tuple(sorted(claims, key=lambda c: (c.programme, c.funding, c.company_id))),
            opening=opening,
            balance=self._balance(at),
            rules_digest=now.book.digest,
        )
        prove(result)
        return result

    def _balance(self, at: int) -> Balance:
        """What a month leaves: own limits of those rated anew, budgets by all claims so far."""
        truths = (self.stood[at].truth.registry, self.now[at].registry)
        used: dict[BalanceKey, int] = {}
        for key, amount in self.stood[at].closing.balance.used.items():
            if key[0] != "budget" and _owner(key, truths) not in self.rated:
                used[key] = amount
        for company_id, results in self.rated.items():
            for key, amount in results[at].balance.used.items():
                if key[0] != "budget" and _owner(key, truths) == company_id:
                    used[key] = amount
        month = self.now[at].month
        claims = [claim for claim in self._claims() if claim.month <= month]
        return Balance({**used, **budgets_used(claims, self.now[at].book)})

    def share_out(self, results: Sequence[MonthResult]) -> None:
        """Notes what rating everybody together changes beside the causes of each company."""
        every = {invoice.company_id for month in results for invoice in month.invoices}
        every |= {invoice.company_id for month in self.stood for invoice in month.closing.invoices}
        reason = self._rules().reason("shared")
        for company_id in sorted(every):
            rated = self.rated.get(company_id)
            left = _by_key(rated) if rated is not None else self._issued(company_id)
            right = _by_key(results, company_id)
            if not self._differ(company_id, "shared", left, right):
                continue
            at = [i for i, stage in enumerate(self.stages) if stage.company_id == company_id]
            if at and self.stages[at[-1]].reason == reason:
                stage = self.stages.pop(at[-1])
                causes = (*stage.causes, "shared")
            else:
                causes = ("shared",)
            self.stages.append(Stage(reason, causes, company_id, right))


def compare(
    months_before: Sequence[Stood],
    now: Sequence[Truth],
    opening: Balance,
    before: Sequence[Claim],
    kinds: Mapping[Cause, Kind],
    joint: Joint | None = None,
    printed: Collection[str] = (),
) -> Comparison:
    """Issued months in a row, up to the last one issued, against what is known of them now.
    `opening` and `before` are what stands of the months before; `joint` is given for a cascade;
    the documents of the companies in `printed` say something wrong of a party."""
    run = _Run(months_before, now, opening, before, kinds, printed)
    for change in changes([month.truth for month in months_before], now):
        run.correct(change)
    results: list[MonthResult] = []
    left = opening
    for at in range(len(months_before)):
        results.append(joint(at, left) if joint else run.result(at, left))
        left = results[-1].balance
    if joint:
        run.share_out(results)
    claims = _restated([month.closing for month in months_before], results)
    return Comparison(tuple(results), tuple(run.differences), tuple(run.stages), claims)


def _owner(key: BalanceKey, registries: Iterable[Registry]) -> str:
    """The company that a limit is of; an award's is today's, where it has one."""
    if key[0] == "company_year":
        return key[2]
    of = {award.award_id: award.company_id for held in registries for award in held.awards}
    return of.get(key[1], "")


def _by_key(results: Iterable[MonthResult], company_id: str = "") -> dict[Key, Invoice]:
    return {
        (invoice.company_id, invoice.tax_class, invoice.month): invoice
        for result in results
        for invoice in result.invoices
        if company_id in ("", invoice.company_id)
    }


def amounts(invoice: Invoice | None) -> tuple[int, int, int, int]:
    """Charge, support, self-pay and VAT; nothing where there is no invoice."""
    if invoice is None:
        return 0, 0, 0, 0
    return invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw, invoice.vat_krw


def line_amounts(invoice: Invoice | None) -> list[tuple[object, ...]]:
    """What is due of every line, and who pays it."""
    return [
        (line.project_id, line.sku, line.charge_krw, line.company_krw, line.taxable_krw, line.parts)
        for line in (invoice.lines if invoice is not None else ())
    ]


def _rows(results: Iterable[MonthResult]) -> list[object]:
    """All that is due and claimed of some months, without where the rules say so."""
    return [
        (
            [(_charge_key(c), c.quantity, c.charge_krw) for c in result.charges],
            [(_subsidy_key(s), s.subsidy_krw, s.vat_base) for s in result.subsidies],
            [amounts(i) for i in result.invoices],
        )
        for result in results
    ]


def _charge_key(c: Charge) -> tuple[object, ...]:
    return c.day, c.company_id, c.project_id, c.sku, c.unit


def _subsidy_key(s: Subsidy) -> tuple[object, ...]:
    return s.day, s.company_id, s.project_id, s.sku, s.programme, s.award_id, s.funding


ClaimKey = tuple[str, str, str, str, Settled]


def _restated(
    before: Iterable[MonthResult], after: Iterable[MonthResult]
) -> tuple[ClaimRestatement, ...]:
    sums: dict[ClaimKey, int] = {}
    for sign, results in ((-1, before), (1, after)):
        for claim in (claim for result in results for claim in result.claims):
            key = (claim.month, claim.programme, claim.funding, claim.company_id, claim.settled)
            sums[key] = sums.get(key, 0) + sign * claim.claim_krw
    return tuple(ClaimRestatement(*key, krw) for key, krw in sorted(sums.items()) if krw)
