"""Owns what funders are asked for: a month's subsidies as claims."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from billing.records import Claim, Filed, Subsidy
from billing.rulebook.rule_book import RuleBook
from metering.calendar import month_last_day

SourceKey = tuple[str, str, str]  # programme, funding, company


def claims(subsidies: Iterable[Subsidy], book: RuleBook, month: str) -> tuple[Claim, ...]:
    """What each funding source of a programme is asked for of each company's month: what it bears,
    cut to whole tens of won where its rule says so (SETTLEMENT 29). VAT is never part of it; only
    what is `claimed` or `advanced` is anybody else's money."""
    of_funders: list[Claim] = []
    for (name, funding, company_id), krw in sorted(_borne(subsidies).items()):
        programme = book.programme(name)
        assert programme is not None, "a subsidy names a programme of its rule book"
        asked_krw = krw - krw % programme.step_krw(funding, month_last_day(month))
        if asked_krw:
            settled = programme.settled(funding)
            of_funders.append(Claim(month, name, funding, company_id, settled, asked_krw))
    return tuple(of_funders)


def untruncated(
    standing: Iterable[Claim], subsidies: Iterable[Subsidy], month: str
) -> tuple[Claim, ...]:
    """Claims with what was cut off them put back: what each source bears, which is what uses its
    budget. A source that was asked for nothing, as it bears less than one step, is there too."""
    asked = {(claim.programme, claim.funding, claim.company_id): claim for claim in standing}
    return tuple(
        replace(asked[key], claim_krw=krw) if key in asked else Claim(month, *key, "claimed", krw)
        for key, krw in sorted(_borne(subsidies).items())
        if krw
    )


def asked_anew(
    standing: Iterable[Claim],
    subsidies: Iterable[Subsidy],
    now: RuleBook,
    month: str,
    filed: Iterable[Filed] = (),
) -> tuple[Claim, ...]:
    """Claims of subsidies that stand, by how the rules let a source be asked now: how it settles,
    and whether it truncates. What was filed with the state was asked for as it was."""
    asked = tuple(standing)
    before = {(claim.programme, claim.funding, claim.company_id): claim for claim in asked}
    settled = {settlement.programme for settlement in filed}
    anew: list[Claim] = []
    for whole in untruncated(asked, subsidies, month):
        programme = now.programme(whole.programme)
        key = (whole.programme, whole.funding, whole.company_id)
        if programme is None or key[0] in settled or not programme.has_source(whole.funding):
            anew += [before[key]] if key in before else []
            continue
        cut_krw = whole.claim_krw % programme.step_krw(whole.funding, month_last_day(month))
        if krw := whole.claim_krw - cut_krw:
            anew.append(replace(whole, settled=programme.settled(whole.funding), claim_krw=krw))
    return tuple(anew)


def _borne(subsidies: Iterable[Subsidy]) -> dict[SourceKey, int]:
    sums: dict[SourceKey, int] = defaultdict(int)
    for subsidy in subsidies:
        sums[subsidy.programme, subsidy.funding, subsidy.company_id] += subsidy.subsidy_krw
    return sums
