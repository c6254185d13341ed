"""Owns months in a row as they stand: issued ones out of their bundles, adjustments included, open
ones as metered so far, each opening with what the one before leaves. It only reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from billing.bundle.bundle import Bundle, balance_of, filed_named, inputs_of, read_bundle
from billing.bundle.opening import opening_of
from billing.draft.draft import priced_usage
from billing.draft.lake_rows import from_table
from billing.draft.month_inputs import Inputs, inputs_so_far
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import standing_bundles
from billing.ledger.ledger import State
from billing.month.rating import rate
from billing.records import Charge, Filed, Subsidy, Usage
from billing.rulebook.programme import FlatFee
from billing.rulebook.rule_book import RuleBook, parse_rulebook
from billing.subsidy.award_terms import grants
from billing.subsidy.balance import Balance
from billing.subsidy.subsidise import Subsidised, subsidise
from metering.calendar import Calendar, month_first_day, next_month
from metering.errors import CloseError
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite, Progress, silent


@dataclass(frozen=True, slots=True)
class ChainMonth:
    """A month as it stands. `missing` are the section-days without usage, which in an issued month
    somebody waived; `inputs` are those of an open month, `bundle` is that of an issued one."""

    month: str
    state: State
    calendar: Calendar
    registry: Registry
    book: RuleBook
    opening: Balance
    charges: tuple[Charge, ...]
    days: tuple[date, ...]  # with usage of any section
    missing: tuple[tuple[str, date], ...]
    lake: Lake
    inputs: Inputs | None
    bundle: Bundle | None
    unpriced: tuple[Finding, ...] = ()  # of a month that is not issued
    filed: tuple[Filed, ...] = ()  # what was settled of it with the state when it was made
    _done: list[Subsidised] = field(default_factory=list, compare=False, repr=False)

    def whole_inputs(self) -> Inputs:
        """All that the month follows from; of an issued month out of its bundle alone."""
        if self.bundle is not None:
            return inputs_of(self.lake, self.bundle)
        assert self.inputs is not None, "a month that is not issued has inputs"
        return self.inputs

    def opening_under(self, other: RuleBook) -> Balance:
        """What it would open with under other rules, by what issued months used (SETTLEMENT 39)."""
        inputs = self.bundle.index["inputs"] if self.bundle is not None else None
        previous = inputs["previous"] if inputs is not None else self.whole_inputs().previous
        if previous is None:  # the first month, or one after another that is open
            return self.opening
        return opening_of(self.lake, previous, self.registry, other, self.month).balance

    def usages(self) -> tuple[Usage, ...]:
        """The usage that is priced."""
        return priced_usage(self.whole_inputs())

    def subsidies(self) -> tuple[Subsidy, ...]:
        """What programmes pay: as it was issued, or as it follows from what is there so far."""
        if self.bundle is None:
            return self.subsidised().subsidies
        partition = f"month={self.month}"
        manifest = self.lake.manifest_named("subsidy", partition, self.bundle.index["subsidy"])
        return from_table(Subsidy, self.lake.rows(manifest))

    def balance(self) -> Balance:
        """What it leaves of every limit."""
        return self.subsidised().balance if self.bundle is None else balance_of(self.bundle)

    def subsidised(self) -> Subsidised:
        """What programmes pay of a month that is not issued, worked out once."""
        if not self._done:
            of_month = (self.opening, self.month, self.calendar, self.filed)
            self._done.append(subsidise(self.charges, self.book, self.registry, *of_month))
        return self._done[0]


def chain_month(opened: OpenSite, month: str, progress: Progress = silent) -> ChainMonth:
    """One month as it stands."""
    return next(chain(opened, month, month, progress))


def chain(
    opened: OpenSite, first: str, last: str, progress: Progress = silent
) -> Iterator[ChainMonth]:
    """The months from the first to the last in order. Open months before the first are gone
    through as well, since what they use is gone from every limit; CloseError before the site's
    first month."""
    begins = opened.site.first_month
    if month_first_day(first) < month_first_day(begins):
        raise CloseError(f"{first} is before the first month of the site, {begins}")
    with opened.database.read() as connection:
        states = {state.month: state for state in ledger.month_states(connection)}
        stands = standing_bundles(connection)
    month, opening, previous = first, Balance(), None
    issued = [stand for stand in stands if stand < first]
    if issued and first not in stands:
        bundle = read_bundle(opened.lake, stands[max(issued)])
        month, opening, previous = next_month(max(issued)), balance_of(bundle), bundle.digest
    elif first not in stands:
        month = begins
    wanted = _months(month, last)
    for done, month in enumerate(wanted):
        progress("달", done, len(wanted))
        state = states.get(month, ledger.MonthState(month, "open"))
        if month in stands:
            of_month = issued_as(opened, month, read_bundle(opened.lake, stands[month]))
        else:
            of_month = _open(opened, state, opening, previous)
        if month >= first:
            yield of_month
        if month != last:
            opening = of_month.balance()
            previous = stands.get(month)
    progress("달", len(wanted), len(wanted))


def _months(first: str, last: str) -> list[str]:
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def issued_as(opened: OpenSite, month: str, bundle: Bundle) -> ChainMonth:
    """An issued month as one of its bundles has it: that of its issue, or of an adjustment."""
    named, documents = bundle.index["inputs"], bundle.documents
    calendar = Calendar(named["timezone"])
    manifest = opened.lake.manifest_named("charge", f"month={month}", bundle.index["charge"])
    days = {date.fromisoformat(path.rpartition("date=")[2]) for path in bundle.index["usage"]}
    waived = ((day["cluster"], date.fromisoformat(day["day"])) for day in named["waived"])
    return ChainMonth(
        month=month,
        state="issued",
        calendar=calendar,
        registry=Registry.from_document(documents["registry"]),
        book=parse_rulebook(documents["rules"]),
        opening=Balance.from_document(documents["opening"]),
        charges=from_table(Charge, opened.lake.rows(manifest)),
        days=tuple(sorted(days)),
        missing=tuple(sorted(waived)),
        lake=opened.lake,
        inputs=None,
        bundle=bundle,
        filed=filed_named(bundle),
    )


def _open(
    opened: OpenSite, state: ledger.MonthState, opening: Balance, previous: str | None
) -> ChainMonth:
    inputs, missing = inputs_so_far(opened, state.month, opening, previous)
    if previous is not None:  # what an unknown part of a limit is, only a draft has to know
        own = (inputs.registry, inputs.book, state.month)
        opening = opening_of(opened.lake, previous, *own).balance
        inputs = replace(inputs, opening=opening)
    rated = rate(priced_usage(inputs), inputs.book, state.month, inputs.calendar)
    done = _with_fees(rated.charges, inputs)
    return ChainMonth(
        month=state.month,
        state=state.state,
        calendar=inputs.calendar,
        registry=inputs.registry,
        book=inputs.book,
        opening=opening,
        charges=(*rated.charges, *(charge for fee in done for charge in fee.unused)),
        days=tuple(sorted({part.day for part in inputs.usage})),
        missing=missing,
        lake=opened.lake,
        inputs=inputs,
        bundle=None,
        unpriced=rated.findings,
        filed=inputs.filed,
        _done=done,
    )


def _with_fees(charges: tuple[Charge, ...], inputs: Inputs) -> list[Subsidised]:
    """What programmes pay, were the month over, where there are flat fees: capacity that they leave
    unused is charged too. Most months have no flat fee."""
    in_force, _ = grants(inputs.registry, inputs.book, inputs.calendar.month_days(inputs.month))
    if not any(isinstance(award.programme.basis, FlatFee) for award in in_force):
        return []
    of_month = (inputs.opening, inputs.month, inputs.calendar, inputs.filed)
    return [subsidise(charges, inputs.book, inputs.registry, *of_month)]
