"""What a correction is made from, read from the stores: what stands of issued months, and what is
known of them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from billing.adjust.restatement import Restatement, restatements
from billing.bundle.bundle import read_index
from billing.bundle.opening import opening_of
from billing.close.draft_month import inputs_now
from billing.close.issued_month import next_step
from billing.draft.month_inputs import InputsInForce, standing
from billing.ledger import adjustment_ledger as own
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import Adjustment
from billing.rerating.adjustment_bundle import stood_as
from billing.rerating.correction import Ground
from billing.rulebook.rule_book import read_rulebook
from billing.subsidy.balance import Balance
from metering.calendar import Calendar, previous_month
from metering.database.decisions import Acknowledgement, acknowledgements
from metering.errors import CloseError
from metering.site.open_site import OpenSite, Progress


@dataclass(frozen=True, slots=True)
class CorrectionInputs:
    """A ground as it was read; issuing checks that the database still says the same."""

    ground: Ground
    calendar: Calendar
    standings: tuple[InputsInForce, ...]
    bundles: Mapping[str, str]  # that stand for every issued month
    restatements: tuple[Restatement, ...]  # of its months


def read_ground(opened: OpenSite, first: str, progress: Progress) -> CorrectionInputs:
    """The ground of a correction from an issued month on; CloseError where usage of a month wants
    metering or a day has none."""
    with opened.database.read() as connection:
        bundles = own.standing_bundles(connection)
        sequence = own.last_sequence(connection) + 1
        months = tuple(month for month in sorted(bundles) if month >= first)
        chains = own.chains(connection, months)
        earlier = [month for month in sorted(bundles) if month < first]
        before = [claim for month in earlier for claim in own.borne_standing(connection, month)]
    previous = bundles.get(previous_month(first))
    before_each, inputs, standings = [], [], []
    for at, month in enumerate(months):
        progress("달", at, len(months))
        before_each.append(stood_as(opened.lake, bundles[month]))
        known, where = inputs_now(opened, month, Balance(), None)
        inputs.append(known)
        standings.append(where)
    progress("달", len(months), len(months))
    known = inputs[0]
    opening = opening_of(opened.lake, previous, known.registry, known.book, first).balance
    ground = Ground(
        sequence=sequence,
        months=months,
        bundles=tuple(bundles[month] for month in months),
        stood=tuple(before_each),
        inputs=tuple(inputs),
        opening=opening,
        previous=previous,
        before=tuple(before),
        chains=chains,
    )
    changed = tuple(
        restatement for restatement in restatements(opened) if restatement.month >= first
    )
    return CorrectionInputs(ground, opened.site.calendar, tuple(standings), bundles, changed)


def still_so(connection: sa.Connection, read: CorrectionInputs) -> bool:
    """Whether everything that a ground was read from stands as it did."""
    ground = read.ground
    if own.last_sequence(connection) + 1 != ground.sequence:
        return False
    if own.standing_bundles(connection) != read.bundles:
        return False
    read_again = (standing(connection, read.calendar, month) for month in ground.months)
    return tuple(read_again) == read.standings


def reaches(opened: OpenSite, month: str) -> str:
    """The month itself; CloseError if it is not issued."""
    with opened.database.read() as connection:
        state = ledger.month_state(connection, month)
    if state.bundle is None:
        raise CloseError(
            f"{month} is {state.state} and needs no correction, its draft follows what is known; "
            f"{next_step(state)}"
        )
    return month


def earliest(opened: OpenSite, cascade: bool, printed: bool = False) -> str | None:
    """The first issued month of which something that an amount follows from is not what it was;
    for a cascade also the first that was corrected company by company. Of what documents say of
    their parties any month may be wrong."""
    registry, book = opened.registry.digest, read_rulebook(opened.site.rules).digest
    with opened.database.read() as connection:
        bundles = own.standing_bundles(connection)
        decided = acknowledgements(connection)
        alone = corrected_alone(own.adjustments(connection)) if cascade else set()
    if printed:
        return min(bundles, default=None)
    days = {restatement.month for restatement in restatements(opened)}
    for month in sorted(bundles):
        named = read_index(opened.lake, bundles[month])["inputs"]
        if month in days | alone or (named["registry"], named["rules"]) != (registry, book):
            return month
        if decided_anew(named, decided):
            return month
    return None


def corrected_alone(done: Sequence[Adjustment]) -> set[str]:
    """The months from which companies were corrected one by one, where no cascade has reached so
    far back since."""
    months: set[str] = set()
    for adjustment in done:
        if adjustment.cascade:
            months = {month for month in months if month < adjustment.first_month}
        else:
            months.add(adjustment.first_month)
    return months


def decided_anew(
    named: Mapping[str, Any], decided: Mapping[str, Acknowledgement]
) -> tuple[str, ...]:
    """The fails that a month had and that people decide otherwise about by now."""
    then = {answer["finding_key"]: answer["effect"] for answer in named["acknowledged"]}
    now = {
        key: decided[key].effect
        for key, detail in named["fails"].items()
        if key in decided and decided[key].detail == detail
    }
    return tuple(sorted(key for key in {*then, *now} if then.get(key) != now.get(key)))
