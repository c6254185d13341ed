"""Owns a correction as plain values: what stood and what is known now go in; whole months, amended
documents, claims and postings come out. `verify` calls the same function."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.document import digest_of
from billing.draft.draft import (
    Draft,
    issuer_party,
    priced_usage,
    result_document,
    settle,
    usage_digest,
)
from billing.draft.month_inputs import Inputs
from billing.ledger.amendments import Amendment, Key, Stage
from billing.ledger.postings import Funded, post_amended
from billing.month.due_at_issue import due_at_issue, least_days
from billing.month.invoices import due_day, party
from billing.month.pure_month import MonthResult
from billing.records import Claim, Invoice, Posting
from billing.rerating.amended_documents import AdjustmentDate, amend
from billing.rerating.difference_causes import Comparison, compare
from billing.rerating.rerate_company import CAUSES, Cause, Truth
from billing.rerating.standing_month import Stood
from billing.rulebook.amendment_reasons import Kind
from billing.subsidy.balance import Balance
from metering.calendar import month_last_day, month_of
from metering.finding import Finding

PLAIN: Mapping[Cause, Kind] = {cause: cause for cause in CAUSES}


@dataclass(frozen=True, slots=True)
class Ground:
    """What an adjustment is made from: issued months in a row up to the last one issued.

    `stood` is what stands of them, out of `bundles`; `inputs` are what is known of them now (their
    opening balances follow); `previous` and `opening` are what the month before the first left,
    `before` what sources bear of all months before; `chains` are the documents issued so far.
    """

    sequence: int
    months: tuple[str, ...]
    bundles: tuple[str, ...]
    stood: tuple[Stood, ...]
    inputs: tuple[Inputs, ...]
    opening: Balance
    previous: str | None
    before: tuple[Claim, ...]
    chains: Mapping[Key, Sequence[Amendment]]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a ground comes to. `drafts` are its months whole, as they would stand; `digest` names
    everything that goes in and comes out but for the day of issue."""

    ground: Ground
    cascade: bool
    kinds: Mapping[Cause, Kind]
    printed: tuple[str, ...]
    comparison: Comparison
    drafts: tuple[Draft, ...]
    digest: str

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The fails of its months that nobody acknowledged."""
        return tuple(finding for draft in self.drafts for finding in draft.blocking)

    @property
    def provisional(self) -> tuple[tuple[str, date], ...]:
        """The cluster-days whose usage may still change and that nobody waived."""
        return tuple(place for draft in self.drafts for place in draft.provisional)

    @property
    def by_program(self) -> bool:
        """Whether a person lets it carry what only this program makes otherwise."""
        return any(month.otherwise for month in self.ground.stood)

    @property
    def payable_krw(self) -> int:
        """What its documents ask companies to pay, less what they give back."""
        differences = self.comparison.differences
        return sum(difference.company_krw + difference.vat_krw for difference in differences)

    def amendments(self, on: date) -> tuple[Amendment, ...]:
        """Its documents without numbers, issued on a day."""
        last = self.ground.inputs[-1]
        tax, calendar = last.book.tax, last.calendar
        due_on = due_day(tax.due.on(on), month_of(on), calendar)
        due_on = due_at_issue(due_on, tax, on, calendar)
        dated = AdjustmentDate(self.ground.sequence, on, due_on, least_days(tax, on) is not None)
        return amend(self.ground.chains, self.comparison.stages, dated)

    def renamed(self, on: date) -> tuple[str, ...]:
        """The companies that its documents call otherwise than the registry does of their days:
        they keep the parties of their originals (SETTLEMENT 42)."""
        known = self.ground.inputs[-1].registry
        invoices = (document.invoice for document in self.amendments(on))
        return tuple(
            sorted(
                {
                    i.company_id
                    for i in invoices
                    if i.company != party(known, i.company_id, i.written_on)
                    and i.company_id not in self.printed
                }
            )
        )

    def touched(self) -> set[str]:
        """The months of which anything that is due, claimed or left changes."""
        comparison = self.comparison
        documents = self.amendments(month_last_day(self.ground.months[-1]))
        parts = (
            comparison.differences,
            comparison.claims,
            [document.invoice for document in documents],
        )
        return set(comparison.moved).union(*({record.month for record in part} for part in parts))

    def postings(self, invoices: Iterable[Invoice]) -> dict[str, tuple[Posting, ...]]:
        """By month, what its numbered documents and restated claims mean in double entry."""
        listed = list(invoices)
        postings = {}
        for at, month in enumerate(self.ground.months):
            before, after = self.ground.stood[at].closing, self.drafts[at].closing
            postings[month] = post_amended(
                self.ground.sequence,
                month,
                [invoice for invoice in listed if invoice.month == month],
                _paid_more(before, after),
                [claim for claim in self.comparison.claims if claim.month == month],
            )
        return postings


def correct(
    ground: Ground,
    cascade: bool,
    kinds: Mapping[Cause, Kind] = PLAIN,
    printed: Collection[str] = (),
) -> Correction:
    """The correction that follows from a ground, the same on every machine. What a party is called
    is corrected of the companies in `printed` alone, as a name may also have changed since."""
    names = tuple(sorted(printed))
    settled: dict[int, Draft] = {}

    def joint(at: int, opening: Balance) -> MonthResult:
        settled[at] = settle(replace(ground.inputs[at], opening=opening, previous=None))
        return settled[at].closing

    now = [truth_of(inputs) for inputs in ground.inputs]
    together = joint if cascade else None
    comparison = compare(ground.stood, now, ground.opening, ground.before, kinds, together, names)
    drafts: list[Draft] = []
    left = ground.opening
    for at, result in enumerate(comparison.closings):
        if not cascade:
            joint(at, left)
        drafts.append(standing_as(settled[at], result, None))
        left = result.balance
    said: dict[str, object] = {"cascade": cascade, "kinds": kinds}
    said |= {"printed": names} if names else {}
    otherwise = [rated for month in ground.stood for rated in month.otherwise]
    said |= {"program": otherwise} if otherwise else {}
    digest = _digest(ground, said, comparison, drafts)
    return Correction(ground, cascade, kinds, names, comparison, tuple(drafts), digest)


def truth_of(inputs: Inputs) -> Truth:
    """What a month is rated from."""
    return Truth(
        inputs.month, priced_usage(inputs), inputs.registry, inputs.book,
        issuer_party(inputs.issuer), inputs.calendar, usage_digest(inputs), inputs.filed,
    )  # fmt: skip


def standing_as(draft: Draft, result: MonthResult, previous: str | None) -> Draft:
    """A month's draft with the result that stands for it: its findings, another result."""
    digests = result_document(result)
    named = {**draft.inputs, "previous": previous}
    return replace(
        draft,
        closing=replace(result, findings=draft.closing.findings),
        digest=digest_of({"inputs": named, "result": digests}),
        inputs=named,
        result=digests,
    )


def documents_of(ground: Ground, stages: Iterable[Stage]) -> list[Amendment]:
    """The documents issued so far to those who are corrected."""
    companies = {stage.company_id for stage in stages}
    keys = sorted(key for key in ground.chains if key[0] in companies)
    return [chain for key in keys for chain in ground.chains[key]]


def _digest(
    ground: Ground, said: Mapping[str, object], comparison: Comparison, drafts: Sequence[Draft]
) -> str:
    documents = documents_of(ground, comparison.stages)
    undated = AdjustmentDate(ground.sequence, date.min, date.min)
    return digest_of(
        {
            "sequence": ground.sequence,
            **said,
            "months": ground.months,
            "stood": ground.bundles,
            "previous": ground.previous,
            "before": ground.before,
            "inputs": [draft.inputs for draft in drafts],
            "result": [draft.result for draft in drafts],
            "chains": documents,
            "differences": comparison.differences,
            "claims": comparison.claims,
            "documents": amend(ground.chains, comparison.stages, undated),
        }
    )


def _paid_more(before: MonthResult, after: MonthResult) -> dict[Funded, int]:
    """How much more each funding source pays for each company."""
    sums: Counter[Funded] = Counter()
    for sign, result in ((-1, before), (1, after)):
        for subsidy in result.subsidies:
            sums[subsidy.company_id, subsidy.programme, subsidy.funding] += (
                sign * subsidy.subsidy_krw
            )
    return {key: krw for key, krw in sums.items() if krw}
