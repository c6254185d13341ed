"""Owns the comparison: issued months as they stand against what is known now, company by company;
a shared budget never lowers what another company was given, except by a cascade (SETTLEMENT 26)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from billing.ledger.amendments import AmountDifference, ClaimRestatement, Key, Stage
from billing.month.claims import asked_anew, untruncated
from billing.month.invoices import party
from billing.month.limit_shapes import QuotaShape, quota_shape
from billing.month.pure_month import MonthResult, prove
from billing.records import Charge, Claim, Invoice, Settled, Subsidy
from billing.rerating.rerate_company import Cause, CompanyRerating, Truth, budgets_used, changes
from billing.rerating.result_rows import (
    amounts,
    charge_key,
    line_amounts,
    rows_of_results,
    shared_alike,
    subsidy_key,
)
from billing.rerating.standing_month import Stood
from billing.rulebook.amendment_reasons import PROGRAM, AmendmentRules, Kind
from billing.subsidy.balance import Balance, BalanceKey
from metering.registry.registry import Registry

ClaimKey = tuple[str, str, str, str, Settled]
Joint = Callable[[int, Balance], MonthResult]  # the month at a place, everybody rated together


@dataclass(frozen=True, slots=True)
class Comparison:
    """What corrected months come to: every month whole, why it differs, and what that makes."""

    closings: tuple[MonthResult, ...]
    differences: tuple[AmountDifference, ...]
    stages: tuple[Stage, ...]
    claims: tuple[ClaimRestatement, ...]
    moved: frozenset[str]  # the months that use otherwise much of a limit that they too counted


@dataclass(slots=True)
class _Run:
    """A comparison under way."""

    stood: Sequence[Stood]
    now: Sequence[Truth]
    opening: Balance
    before: Sequence[Claim]  # what sources bear of the months before
    kinds: Mapping[Cause, Kind]
    printed: Collection[str]  # companies of which the documents say something wrong
    rated: dict[str, tuple[MonthResult, ...]] = field(default_factory=dict)  # by company
    # of companies whose limits have another shape and whose amounts are what they were
    reshaped: dict[str, tuple[MonthResult, ...]] = field(default_factory=dict)
    differences: list[AmountDifference] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    _parties: dict[tuple[str, str, str], Invoice] = field(default_factory=dict)
    _borne: list[tuple[Claim, ...]] = field(default_factory=list)  # of each month that stands
    _borne_anew: list[list[Claim]] = field(default_factory=list)  # of companies rated anew

    def __post_init__(self) -> None:
        self._borne += [_borne_of(month.closing) for month in self.stood]
        self._borne_anew += [[] for _ in self.stood]
        for invoice in (i for month in self.stood for i in month.closing.invoices):
            for tax_class in (invoice.tax_class, ""):
                key = (invoice.company_id, invoice.month, tax_class)
                self._parties.setdefault(key, invoice)

    def correct(self, change: CompanyRerating) -> None:
        """Rates a company's months anew if anything that they follow from makes a difference."""
        company_id, causes = change.company_id, change.causes()
        opening = self._opening(company_id)
        final = self._printed_as(change.rated(causes, opening)) if causes else ()
        by_reason: dict[int, list[Kind]] = {}
        if not causes or self._same(change, causes, final, opening):
            causes = ()
            if final:
                self.reshaped[company_id] = final
        else:
            by_reason = self._by_reason(change, causes, final, opening)
            self.rated[company_id] = final
            for borne, result in zip(self._borne_anew, final, strict=True):
                borne += _borne_of(result)
        if company_id in self.printed:
            by_reason.setdefault(self._rules().causes["printed"], []).insert(0, "printed")
        wanted: list[Cause] = []
        for reason in sorted(by_reason):
            kinds = tuple(by_reason[reason])
            wanted += [
                cause for cause in causes if self._rules().causes[self.kinds[cause]] == reason
            ]
            if reason == max(by_reason) and final:
                invoices = _by_key(final)
            elif not wanted:
                issued = self._issued(company_id)
                if PROGRAM in kinds:
                    issued = self._by_this_program(company_id, issued)
                invoices = {key: self._named(invoice) for key, invoice in issued.items()}
            else:
                invoices = _by_key(self._printed_as(change.rated(wanted, opening)))
            self._add(Stage(self._rules().reasons[reason], kinds, company_id, invoices))

    def _same(
        self,
        change: CompanyRerating,
        causes: Sequence[Cause],
        final: Sequence[MonthResult],
        opening: Balance,
    ) -> bool:
        """Whether nothing that a company's amounts follow from makes a difference. Limits that have
        another shape may come to what was issued, with the support that they have among others."""
        before = change.rated((), opening)
        if rows_of_results(final) == rows_of_results(before):
            return True
        if not {"registry", "rule"} >= {*causes}:
            return False
        name = change.company_id
        alone = change.rated_each(self._opened_with(name))
        months = zip(final, before, alone, self.stood, strict=True)
        return all(
            rows_of_results([now]) in (rows_of_results([then]), rows_of_results([each]))
            or shared_alike(month.closing, now, name)
            for now, then, each, month in months
        )

    def _by_reason(
        self,
        change: CompanyRerating,
        causes: Sequence[Cause],
        final: Sequence[MonthResult],
        opening: Balance,
    ) -> dict[int, list[Kind]]:
        """The causes that change anything, by the reason that they have."""
        by_reason: dict[int, list[Kind]] = {}
        issued = self._issued(change.company_id)
        left = self._by_this_program(change.company_id, issued)
        by_program = self._differ(change.company_id, PROGRAM, issued, left)
        for at, cause in enumerate(causes, start=1):
            rated = final if at == len(causes) else change.rated(causes[:at], opening)
            right, kind = _by_key(rated), self.kinds[cause]
            if self._differ(change.company_id, kind, left, right):
                by_reason.setdefault(self._rules().causes[kind], []).append(kind)
            left = right
        if by_program:  # whatever is rated again is rated by this program, so it comes first
            code = min((self._rules().code(PROGRAM), *by_reason))
            by_reason.setdefault(code, []).insert(0, PROGRAM)
        return by_reason

    def _by_this_program(
        self, company_id: str, issued: Mapping[Key, Invoice]
    ) -> dict[Key, Invoice]:
        """A company's documents of months that stand, where another program rated some of them, as
        this one makes those."""
        otherwise = [
            rated
            for month in self.stood
            for rated in month.otherwise
            if rated.company_id == company_id
        ]
        months = {rated.month for rated in otherwise}
        kept = {key: invoice for key, invoice in issued.items() if key[2] not in months}
        anew = [invoice for rated in otherwise for invoice in rated.invoices]
        return kept | {(company_id, i.tax_class, i.month): self._named(i) for i in anew}

    def _add(self, stage: Stage) -> None:
        self.stages.append(replace(stage, reasons=self._rules().reasons))

    def _rules(self) -> AmendmentRules:
        """By what is known now."""
        return self.now[-1].book.amendments

    def _printed_as(self, results: Iterable[MonthResult]) -> tuple[MonthResult, ...]:
        """Months with what their documents say of their parties (SETTLEMENT 42)."""
        return tuple(
            replace(result, invoices=tuple(self._named(invoice) for invoice in result.invoices))
            for result in results
        )

    def _named(self, invoice: Invoice) -> Invoice:
        """An invoice with the parties of what stands of its company and month, unless a person
        says that these are wrong; where nothing stands, as the registry has them on its day."""
        if invoice.company_id in self.printed:
            now = self.now[-1]
            company = party(now.registry, invoice.company_id, invoice.written_on)
            return replace(invoice, company=company, issuer=now.issuer)
        key = (invoice.company_id, invoice.month)
        as_issued = self._parties.get((*key, invoice.tax_class)) or self._parties.get((*key, ""))
        if as_issued is None:
            return invoice
        return replace(invoice, company=as_issued.company, issuer=as_issued.issuer)

    def _opening(self, company_id: str) -> Balance:
        """Its own quotas and caps as the month before left them; of budgets all is used that others
        have of any issued month, so that nobody's is lowered."""
        own = {key: krw for key, krw in self.opening.used.items() if key[0] != "budget"}
        mine = [claim for claim in self.before if claim.company_id == company_id]
        others = [claim for claim in self._all_borne() if claim.company_id != company_id]
        return Balance({**own, **budgets_used([*mine, *others], self.now[0].book)})

    def _opened_with(self, company_id: str) -> list[Balance]:
        """What each of its issued months opened with, by the limits that held then."""
        openings = []
        others = [claim for claim in self._all_borne() if claim.company_id != company_id]
        mine = [claim for claim in self.before if claim.company_id == company_id]
        for month, borne in zip(self.stood, self._borne, strict=True):
            used = {k: n for k, n in month.closing.opening.used.items() if k[0] != "budget"}
            openings.append(Balance({**used, **budgets_used([*mine, *others], month.truth.book)}))
            mine += [claim for claim in borne if claim.company_id == company_id]
        return openings

    def _all_borne(self) -> Iterable[Claim]:
        yield from self.before
        for borne, anew in zip(self._borne, self._borne_anew, strict=True):
            yield from (claim for claim in borne if claim.company_id not in self.rated)
            yield from anew

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
        claims = [
            claim
            for claim in asked_anew(before.claims, before.subsidies, now.book, now.month, now.filed)
            if claim.company_id not in self.rated
        ]
        for month in own:
            charges += month.charges
            subsidies += month.subsidies
            invoices += month.invoices
            claims += month.claims
        result = replace(
            before,
            usages=now.usages,
            charges=tuple(sorted(charges, key=charge_key)),
            subsidies=tuple(sorted(subsidies, key=subsidy_key)),
            invoices=tuple(sorted(invoices, key=lambda i: (i.company_id, i.tax_class))),
            claims=tuple(sorted(claims, key=lambda c: (c.programme, c.funding, c.company_id))),
            opening=opening,
            balance=self._balance(at, opening),
            rules_digest=now.book.digest,
        )
        prove(result)
        return result

    def _balance(self, at: int, opening: Balance) -> Balance:
        """What a month leaves: own limits of those rated anew, budgets by all claims so far."""
        issued, now = self.stood[at], self.now[at]
        truths = (issued.truth.registry, now.registry)
        used: dict[BalanceKey, int] = {}
        for key, amount in issued.closing.balance.used.items():
            if key[0] != "budget" and _owner(key, truths) not in {*self.reshaped, *self.rated}:
                used[key] = amount
        for company_id, results in self.rated.items():
            for key, amount in results[at].balance.used.items():
                if key[0] != "budget" and _owner(key, truths) == company_id:
                    used[key] = amount
        for company_id, results in self.reshaped.items():
            for key in {*issued.closing.balance.used, *results[at].balance.used}:
                if key[0] != "budget" and _owner(key, truths) == company_id:
                    same = key[0] != "quota" or _shape(issued.truth, key[1]) == _shape(now, key[1])
                    month = issued.closing if same else results[at]
                    used[key] = opening.of(*key) + month.balance.of(*key) - month.opening.of(*key)
        borne = [claim for claim in self._all_borne() if claim.month <= now.month]
        return Balance({**used, **budgets_used(borne, now.book)})

    def joined(self, result: MonthResult) -> MonthResult:
        """A month of everybody rated together, with the parties of its documents."""
        return self._printed_as([result])[0]

    def share_out(self, results: Sequence[MonthResult]) -> None:
        """Notes what rating everybody together changes beside the causes of each company."""
        every = {invoice.company_id for month in results for invoice in month.invoices}
        every |= {invoice.company_id for month in self.stood for invoice in month.closing.invoices}
        reason = self._rules().reason("shared")
        for company_id in sorted(every):
            rated = self.rated.get(company_id)
            left = _by_key(rated) if rated is not None else self._issued(company_id)
            if rated is None:
                issued, left = left, self._by_this_program(company_id, left)
                if self._differ(company_id, PROGRAM, issued, left):
                    self._add(Stage(self._rules().reason(PROGRAM), (PROGRAM,), company_id, left))
            right = _by_key(results, company_id)
            if not self._differ(company_id, "shared", left, right):
                continue
            at = [i for i, stage in enumerate(self.stages) if stage.company_id == company_id]
            if at and self.stages[at[-1]].reason == reason:
                stage = self.stages.pop(at[-1])
                causes = (*stage.causes, "shared")
            else:
                causes = ("shared",)
            self._add(Stage(reason, causes, company_id, right))


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
    `opening` and `before` are what stands of the months before, the claims untruncated; `joint` is
    given for a cascade; documents of the companies in `printed` say something wrong of a party."""
    run = _Run(months_before, now, opening, before, kinds, printed)
    for change in changes([month.truth for month in months_before], now):
        run.correct(change)
    results: list[MonthResult] = []
    left = opening
    for at in range(len(months_before)):
        results.append(run.joined(joint(at, left)) if joint else run.result(at, left))
        left = results[-1].balance
    if joint:
        run.share_out(results)
    claims = _restated([month.closing for month in months_before], results)
    moved = frozenset(
        month.truth.month
        for month, truth, result in zip(months_before, now, results, strict=True)
        if _moved(month, truth, result)
    )
    return Comparison(tuple(results), tuple(run.differences), tuple(run.stages), claims, moved)


def _borne_of(result: MonthResult) -> tuple[Claim, ...]:
    return untruncated(result.claims, result.subsidies, result.month)


def _moved(issued: Stood, now: Truth, after: MonthResult) -> bool:
    """Whether a month uses otherwise much of an award's or company's limit than it did. A limit of
    another shape is not compared: what was used counts whatever its shape was (SETTLEMENT 39); of
    budgets the claims say it."""
    before = issued.closing
    both = {*before.balance.used, *before.opening.used} & {*after.balance.used, *after.opening.used}
    return any(
        key[0] != "budget"
        and before.balance.of(*key) - before.opening.of(*key)
        != after.balance.of(*key) - after.opening.of(*key)
        and (key[0] != "quota" or _shape(issued.truth, key[1]) == _shape(now, key[1]))
        for key in both
    )


def _shape(truth: Truth, award_id: str) -> QuotaShape | None:
    award = next((award for award in truth.registry.awards if award.award_id == award_id), None)
    return quota_shape(award, truth.book, truth.calendar.month_days(truth.month))


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


def _restated(
    before: Iterable[MonthResult], after: Iterable[MonthResult]
) -> tuple[ClaimRestatement, ...]:
    sums: dict[ClaimKey, int] = {}
    for sign, results in ((-1, before), (1, after)):
        for claim in (claim for result in results for claim in result.claims):
            key = (claim.month, claim.programme, claim.funding, claim.company_id, claim.settled)
            sums[key] = sums.get(key, 0) + sign * claim.claim_krw
    return tuple(ClaimRestatement(*key, krw) for key, krw in sorted(sums.items()) if krw)
