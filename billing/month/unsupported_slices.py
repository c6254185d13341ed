"""Owns MIG slices of a card that a programme supports, and that it does not support: they are told,
so that no use is without support in silence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from billing.money import format_krw
from billing.records import Charge, Subsidy
from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook
from metering.finding import Finding
from metering.registry.registry import Award, Registry

SLICE = ".mig-"  # parts a slice's SKU from its card's


def unsupported_slices(
    charges: Iterable[Charge], subsidies: Iterable[Subsidy], book: RuleBook, registry: Registry
) -> tuple[Finding, ...]:
    """A finding for each award and slice that somebody used under it and nobody paid anything of,
    with the first day and the charge of the month."""
    sliced = [charge for charge in charges if SLICE in charge.sku and charge.charge_krw]
    if not sliced:
        return ()
    paid = {(row.day, row.project_id, row.sku) for row in subsidies if row.subsidy_krw}
    awards: dict[str, list[Award]] = defaultdict(list)
    for award in registry.awards:
        awards[award.company_id].append(award)
    programmes = {programme.programme: programme for programme in book.programmes}
    unpaid: dict[tuple[str, str], list[Charge]] = defaultdict(list)
    for charge in sliced:
        if (charge.day, charge.project_id, charge.sku) not in paid:
            for award in awards[charge.company_id]:
                if _beside(award, charge, programmes):
                    unpaid[award.award_id, charge.sku].append(charge)
    of = {award.award_id: programmes.get(award.programme) for award in registry.awards}
    return tuple(_finding(*key, of[key[0]], used) for key, used in sorted(unpaid.items()))


def _beside(award: Award, charge: Charge, programmes: Mapping[str, Programme]) -> bool:
    """Whether an award would support the card of which a slice was used, and not the slice."""
    programme = programmes.get(award.programme)
    if programme is None or not award.holds(charge.day) or not programme.in_force(charge.day):
        return False
    card = charge.sku.partition(SLICE)[0]
    return (
        award.project_id in ("", charge.project_id)
        and programme.covers(card)
        and not programme.covers(charge.sku)
    )


def _finding(
    award_id: str, sku: str, programme: Programme | None, used: Sequence[Charge]
) -> Finding:
    assert programme is not None, "the award was found by its programme"
    first: date = min(charge.day for charge in used)
    detail = (
        f"협약 {award_id}: {programme.title}은(는) {sku.partition(SLICE)[0]} 카드를 지원하지만 "
        f"조각 {sku}은(는) 지원하지 않습니다. {first}부터 정가 "
        f"{format_krw(sum(charge.charge_krw for charge in used))}원이 지원 없이 청구됩니다."
    )
    return Finding("warn", "slice_unsupported", "draft", "", first, f"{award_id}:{sku}", detail)
