"""A year of months in memory: issued with what is known, corrected as more becomes known.

A seed makes the whole truth, hides parts of it, and says when each comes to light: a late row, one
of the wrong company or twice, a price mistyped, an award signed late, a rule read wrong.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from billing.draft.draft import settle
from billing.draft.month_inputs import Inputs, UsagePart
from billing.ledger.amendments import Amendment, Key, original
from billing.ledger.postings import check_postings, post
from billing.month.use_before import Opening, PastMonth, opening_under
from billing.records import Claim, Invoice, Posting, Usage
from billing.rerating.amended_documents import numbered
from billing.rerating.correction import Correction, Ground, correct, truth_of
from billing.rerating.standing_month import Stood
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance
from metering.calendar import month_last_day
from metering.registry.records import Award
from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    caps,
    price,
    programme,
    registry,
    source,
    used,
)
from tests.builders.sites.close_site import ISSUER

MONTHS = tuple(f"2025-{number:02d}" for number in range(1, 13))
COMPANIES = "ABC"
LETTER = {"tax": "T", "statement": "S"}


@dataclass(frozen=True)
class Known:
    """What is known at one time; rows carry a number, so that one can be hidden or wrong."""

    rows: Mapping[int, Usage]
    prices: Mapping[str, str]  # of gpu.h100, by day
    share: str  # that the companies pay under P
    awards: tuple[Award, ...]
    budget_krw: int
    truncates: bool = False  # the claims on P's national source

    def book(self) -> RuleBook:
        """Two programmes: P pays first, out of a budget of two sources; Q has a quota of hours."""
        return book(
            price("gpu.h100", dict(self.prices)),
            price("gpu.a100", "2500.5"),
            programme(
                "P", self.share, order=10, more=caps(award=900_000, award_month=150_000),
                funding=(
                    source(
                        "national", "0.7", {"2025": self.budget_krw * 7 // 10},
                        truncate=str(self.truncates).lower(),
                    ),
                    source("city", "0.3", {"2025": self.budget_krw * 3 // 10}),
                ),
            ),
            programme(
                "Q", "0.25", order=20, vat_base="GROSS",
                funding=(source("national", "1", {"2025": self.budget_krw // 2}),),
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class Event:
    """Something that comes to light after a month was issued."""

    after: int  # months issued by then
    what: str  # row, price, award, share
    row: int = 0
    usage: Usage | None = None  # as it is; None: there was none
    award: Award | None = None
    companies: frozenset[str] = frozenset(COMPANIES)  # whose own truth it changes

    def told(self, known: Known, truth: Known) -> Known:
        """What is known once it has come to light."""
        match self.what:
            case "row":
                rows = {number: row for number, row in known.rows.items() if number != self.row}
                return replace(known, rows=rows | ({self.row: self.usage} if self.usage else {}))
            case "price":
                return replace(known, prices=truth.prices)
            case "share":
                return replace(known, share=truth.share, truncates=truth.truncates)
            case _:
                return replace(
                    known, awards=tuple(a for a in truth.awards if a in {*known.awards, self.award})
                )


def _rows(draw: Random, a_month: int) -> dict[int, Usage]:
    drawn: dict[int, Usage] = {}
    for month in MONTHS:
        for company in COMPANIES:
            for _ in range(draw.randint(0, a_month)):
                day = f"{month}-{draw.randint(1, 28):02d}"
                quantity = draw.randint(1, 40 * HOUR_US)
                sku = draw.choice(("gpu.h100", "gpu.h100", "gpu.a100"))
                project = f"{company}-{draw.randint(1, 2)}"
                drawn[len(drawn) + 1] = used(day, project, quantity, sku)
    return drawn


def year(seed: int, a_month: int = 1, events: int = 5) -> tuple[Known, Known, list[Event]]:
    """The truth, what is known at first, and what comes to light, in order."""
    draw = Random(seed)
    step = f"2025-{draw.randint(2, 11):02d}-{draw.randint(1, 28):02d}"
    awards = tuple(
        award(
            f"{name}{company}", name, company, start=date(2025, draw.randint(1, 4), 1),
            until=date(2026, 1, 1), cap_krw=draw.choice((None, 300_000)) if name == "P" else None,
            quota=draw.choice(("20", "60")) if name == "Q" else None,
            quota_unit="device_hours" if name == "Q" else None,
        )
        for company in COMPANIES
        for name in draw.choice((("P",), ("P", "Q"), ("Q",)))
    )  # fmt: skip
    truth = Known(
        _rows(draw, a_month), {"2025-01-01": "6000", step: draw.choice(("5500", "6333.3"))},
        draw.choice(("0.2", "0.5")), awards, draw.choice((400_000, 1_000_000, 3_000_000)),
        truncates=seed % 2 == 1,
    )  # fmt: skip
    known, hidden = truth, []
    for what in draw.choices(("row", "row", "row", "price", "award", "share"), k=events):
        if any(event.what == what != "row" for event in hidden):
            continue
        known, hidden_event = _hidden(draw, what, known, {event.row for event in hidden})
        hidden.append(hidden_event)
    hidden.sort(key=lambda event: event.after)
    return truth, known, hidden


def _hidden(draw: Random, what: str, known: Known, gone: set[int]) -> tuple[Known, Event]:
    """One part of the truth out of sight, or wrong, until some months are issued."""
    after = draw.randint(1, len(MONTHS))
    match what:
        case "price":
            wrong = {day: draw.choice(("6600", krw)) for day, krw in known.prices.items()}
            return replace(known, prices=wrong), Event(after, what)
        case "share":
            wrong_rule = replace(known, share="0.35", truncates=not known.truncates)
            return wrong_rule, Event(after, what)
        case "award":
            changed = draw.choice(known.awards)
            left = tuple(each for each in known.awards if each is not changed)
            return replace(known, awards=left), Event(
                after, what, award=changed, companies=frozenset(changed.company_id)
            )
    number = draw.choice(sorted({*known.rows} - gone))
    right: Usage | None = known.rows[number]
    assert right is not None
    rows = dict(known.rows)
    companies = {right.company_id}
    match draw.choice(("late", "wrong", "owner", "twice")):
        case "late":
            del rows[number]
        case "wrong":
            rows[number] = replace(right, quantity=right.quantity * 3 // 2)
        case "owner":
            other = draw.choice([name for name in COMPANIES if name != right.company_id])
            rows[number] = replace(right, company_id=other, project_id=f"{other}-1")
            companies.add(other)
        case _:
            number, right = max(rows) + 1, None
            rows[number] = replace(known.rows[draw.choice(sorted(known.rows))])
            companies = {rows[number].company_id}
    return replace(known, rows=rows), Event(after, "row", number, right, None, frozenset(companies))


def inputs_of(known: Known, month: str) -> Inputs:
    """What a month is closed from."""
    by_day: dict[date, list[Usage]] = {}
    for row in known.rows.values():
        if str(row.day).startswith(month):
            by_day.setdefault(row.day, []).append(row)
    parts = []
    for day, rows in sorted(by_day.items()):
        rows.sort(key=lambda row: (row.project_id, row.sku, row.quantity))
        digest = str(rows)
        parts.append(UsagePart("gpu", day, digest, digest, tuple(rows)))
    return Inputs(
        month=month, site="시험", timezone="Asia/Seoul", issuer=ISSUER,
        registry=registry(known.awards), book=known.book(), opening=Balance(), previous=None,
        usage=tuple(parts), resources=(), findings=(), acknowledged=(), waived=(), holidays={},
    )  # fmt: skip


@dataclass
class Year:
    """The months issued so far, as a ledger would hold them."""

    stood: list[Stood] = field(default_factory=list)
    chains: dict[Key, list[Amendment]] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)
    given: Counter[str] = field(default_factory=Counter)
    sequence: int = 0
    first: int = 0  # the place of its first month

    def opening(self, inputs: Inputs) -> Balance:
        """What the months so far leave to the next one, by what is known of it."""
        opening = self._opening(inputs)
        assert opening.unknown == ()
        return opening.balance

    def can_open(self, inputs: Inputs) -> bool:
        """Whether what was used of every limit can be worked out."""
        return not self._opening(inputs).unknown

    def _opening(self, inputs: Inputs) -> Opening:
        if not self.stood:
            return Opening(Balance())
        past = [
            PastMonth(
                stood.truth.month, stood.truth.registry, stood.truth.book, stood.truth.calendar,
                lambda closing=stood.closing: (closing.opening, closing.balance),
                lambda closing=stood.closing: (closing.charges, closing.subsidies),
            )
            for stood in self.stood
        ]  # fmt: skip
        left = self.stood[-1].closing.balance
        return opening_under(left, past, inputs.registry, inputs.book, inputs.month)

    def _numbered(self, invoices: list[Invoice], on: date) -> list[Invoice]:
        numbered_invoices = []
        for invoice in invoices:
            self.given[invoice.kind] += 1
            number = f"{LETTER[invoice.kind]}{self.given[invoice.kind]:06d}"
            numbered_invoices.append(replace(invoice, number=number, issued_on=on))
        return numbered_invoices

    def issue(self, known: Known) -> None:
        """The next month, as it is known."""
        month = MONTHS[self.first + len(self.stood)]
        inputs = inputs_of(known, month)
        inputs = replace(inputs, opening=self.opening(inputs))
        result = settle(inputs).closing
        invoices = self._numbered(list(result.invoices), month_last_day(month) + timedelta(9))
        for document in map(original, invoices):
            self.chains.setdefault(document.key, []).append(document)
        self.postings += post(month, invoices, result.subsidies, result.claims)
        self.stood.append(Stood(truth_of(inputs), result))

    def look(self, known: Known, cascade: bool) -> Correction:
        """What a correction of all issued months would come to, as they are known now."""
        months = MONTHS[self.first :][: len(self.stood)]
        ground = Ground(
            self.sequence + 1, months, months, tuple(self.stood),
            tuple(inputs_of(known, month) for month in months), Balance(), None, (), self.chains,
        )  # fmt: skip
        return correct(ground, cascade)

    def correct(self, known: Known, cascade: bool) -> Correction:
        """All issued months, as they are known now."""
        correction = self.look(known, cascade)
        ground = correction.ground
        if not correction.touched():
            return correction
        self.sequence += 1
        on = month_last_day(ground.months[-1]) + timedelta(20)
        bare = correction.amendments(on)
        invoices = self._numbered([document.invoice for document in bare], on)
        for document in numbered(bare, invoices):
            self.chains.setdefault(document.key, []).append(document)
        postings = [posting for of in correction.postings(invoices).values() for posting in of]
        check_postings(postings, sum(invoice.charge_krw for invoice in invoices))
        self.postings += postings
        self.stood = [
            Stood(truth_of(inputs), draft.closing)
            for inputs, draft in zip(ground.inputs, correction.drafts, strict=True)
        ]
        return correction

    def claims(self) -> list[Claim]:
        """Every claim, as it stands."""
        return [claim for month in self.stood for claim in month.closing.claims]

    def subsidies(self) -> Counter[tuple[str, str]]:
        """What each company was given, by month."""
        sums: Counter[tuple[str, str]] = Counter()
        for (company, month, _, _), krw in self.borne().items():
            sums[company, month] += krw
        return sums

    def borne(self) -> Counter[tuple[str, str, str, str]]:
        """What sources bear, asked for or not, by company, month, programme and source."""
        sums: Counter[tuple[str, str, str, str]] = Counter()
        for month in self.stood:
            for row in month.closing.subsidies:
                key = (row.company_id, month.truth.month, row.programme, row.funding)
                sums[key] += row.subsidy_krw
        return sums

    def accounts(self) -> dict[str, int]:
        """The balance of every account; what a company owes and is owed is one."""
        sums: Counter[str] = Counter()
        for posting in self.postings:
            sums[posting.account.replace("payable:company", "receivable:company")] += (
                posting.amount_krw
            )
        return {name: krw for name, krw in sums.items() if krw}

    def due(self) -> dict[Key, tuple[int, ...]]:
        """What every chain of documents sums to, where it is not nothing."""
        due = {}
        for key, chain in self.chains.items():
            sums = amounts_of(document.invoice for document in chain)
            if any(sums):
                due[key] = sums
        return due

    def truth(self) -> dict[Key, tuple[int, ...]]:
        """What every chain has to sum to."""
        return {
            (invoice.company_id, invoice.tax_class, invoice.month): _amounts(invoice)
            for month in self.stood
            for invoice in month.closing.invoices
            if any(_amounts(invoice))
        }


def amounts_of(invoices: Iterable[Invoice]) -> tuple[int, ...]:
    """The sums of some documents."""
    return tuple(map(sum, zip(*map(_amounts, invoices), strict=True)))


def _amounts(invoice: Invoice) -> tuple[int, ...]:
    return (
        invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw, invoice.taxable_krw,
        invoice.vat_krw, invoice.payable_krw,
    )  # fmt: skip
