"""SETTLEMENT 39: limits change between months, and what was used counts under every shape: a draft
equals what a correction finds right after its issue, which is nothing."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

import pytest

from billing.records import Usage
from billing.rulebook.rule_book import RuleBook
from metering.registry.records import Award
from tests.builders.rules_and_usage import (
    WHY,
    award,
    book,
    caps,
    dated,
    price,
    programme,
    source,
    used,
)
from tests.builders.year_of_corrections import COMPANIES, MONTHS, Year, inputs_of, year

pytestmark = pytest.mark.breadth

FEW, MANY = range(1), [pytest.param(seed, marks=pytest.mark.soak) for seed in range(100, 160)]
# how many of a unit an hour of most cards is, in hundredths; of levels, a day's hours are one
UNITS = {
    "device_hours": 100, "pf_hours": 7, "device_hours:cards": 100,
    "devices": 4, "pf": 1, "devices:cards": 4,
}  # fmt: skip
EQUALS = {
    "swap.yaml": f"equals:\n  cards:\n    gpu.h100: {dated('1')}\n    gpu.a100: {dated('4')}\n"
}
GB_DAY = 10**9 * 86_400 // 2**20  # mib_s
YEARS = ("2025", "2025-2026", "2024-2025")
SPLITS = (("1", ""), ("0.7", "0.3"))


@dataclass(frozen=True)
class Limits:
    """What is known at one time: use is known from the start, limits are not."""

    rows: dict[int, Usage]
    awards: tuple[Award, ...]
    texts: tuple[dict[str, str], ...]

    def book(self) -> RuleBook:
        storage = price("storage.parallel", "120.5", "gb_month")
        return book(price("gpu.a100", "2500.5"), storage, EQUALS, *self.texts)


def drawn_use(seed: int) -> dict[int, Usage]:
    """Devices as a year has them, and storage of two projects of each company."""
    draw = Random(seed)
    truth, _, _ = year(seed, a_month=3)
    rows = dict(truth.rows)
    for month in MONTHS:
        for company in COMPANIES:
            for project in draw.sample((f"{company}-1", f"{company}-2"), draw.randint(0, 2)):
                day = f"{month}-{draw.randint(1, 28):02d}"
                held = used(
                    day, project, draw.randint(1, 90_000) * GB_DAY, "storage.parallel", "mib_s"
                )
                rows[len(rows) + 1] = held
    return rows


def drawn_awards(draw: Random, scale: int) -> tuple[Award, ...]:
    """An award of P and one of Q for each company, of all its projects or of one: a quota in any
    unit, a cap, or none."""
    held = []
    for company in COMPANIES:
        for name in "PQ":
            unit = draw.choice((None, *UNITS))
            hours = draw.randint(20, 400) * scale
            project = f"{company}-{draw.randint(1, 2)}" if draw.random() < 0.3 else ""
            held.append(
                award(
                    f"{name}{company}", name, company, project,
                    quota=None if unit is None else str(hours * UNITS[unit] // 100 + 1),
                    quota_unit=unit,
                    cap_krw=draw.choice((None, draw.randint(100_000, 2_000_000) * scale)),
                )
            )  # fmt: skip
    return tuple(held)


def drawn_rules(draw: Random, scale: int, sources: tuple[str, str]) -> tuple[dict[str, str], ...]:
    """P is paid by one or two sources, Q by one: budgets of different years, or none."""

    def budget() -> dict[str, int] | None:
        krw = draw.randint(300_000, 3_000_000) * scale
        return draw.choice((None, {draw.choice(YEARS): krw}))

    first, second = sources
    funding = [source("national", first, budget())]
    funding += [source("city", second, budget())] if second else []

    def levels() -> str:
        """What the programme gives whoever has no quota of their own: storage, cards at once."""
        per = draw.choice(("award", "project"))
        amounts = {"gb": draw.randint(1, 60_000) * scale, "devices": draw.randint(1, 3) * scale}
        chosen = draw.sample(sorted(amounts), draw.randint(0, 2))
        rules = ", ".join(
            f"{{unit: {unit}, amount: {dated(str(amounts[unit]))}, per: {{value: {per}, {WHY}}}}}"
            for unit in chosen
        )
        return f"quotas: [{rules}]\n" if rules else ""

    yearly = draw.choice(("", caps(company_year=draw.randint(300_000, 3_000_000) * scale)))
    national = (source("national", "1", budget()),)
    return (
        programme("P", "0.2", order=10, funding=funding, more=yearly + levels()),
        programme("Q", "0", order=20, funding=national, more=levels()),
    )


@pytest.mark.parametrize("seed", [*FEW, *MANY])
def test_a_draft_is_what_a_correction_finds_right_after_its_issue(seed: int) -> None:
    draw = Random(seed)
    sources = draw.choice(SPLITS)
    known = Limits(drawn_use(seed), drawn_awards(draw, 1), drawn_rules(draw, 1, sources))
    own_year = Year()
    for at, month in enumerate(MONTHS):
        own_year.issue(known)  # type: ignore[arg-type]
        assert looked(own_year, known) == set(), (seed, month)
        other = replace(
            known,
            awards=drawn_awards(draw, 1 + 4 * at) if draw.random() < 0.7 else known.awards,
            texts=drawn_rules(draw, 1 + 4 * at, sources) if draw.random() < 0.5 else known.texts,
        )
        if not looked(own_year, other):  # a limit below what was used would change issued months
            known = other


def looked(own_year: Year, known: Limits) -> set[str]:
    """The issued months that would be corrected; nothing is."""
    both = [own_year.look(known, cascade) for cascade in (False, True)]  # type: ignore[arg-type]
    return {month for correction in both for month in correction.touched()}


@pytest.mark.breadth
@pytest.mark.parametrize("cascade", [False, True])
@pytest.mark.parametrize("seed", [*FEW, *MANY])
def test_limits_that_are_corrected_leave_ledger_claims_and_documents_alike(
    seed: int, cascade: bool
) -> None:
    """Limits of issued months lowered, raised and reshaped; each group of postings sums to zero."""
    draw = Random(seed)
    sources = draw.choice(SPLITS)
    known = Limits(drawn_use(seed), drawn_awards(draw, 2), drawn_rules(draw, 2, sources))
    own_year = Year()
    for _ in MONTHS[:6]:
        inputs = inputs_of(known, MONTHS[len(own_year.stood)])  # type: ignore[arg-type]
        if not own_year.can_open(inputs):
            break  # nobody can say what was used of a quota: the draft would stop
        own_year.issue(known)  # type: ignore[arg-type]
        scale = draw.choice((1, 2, 12))
        known = replace(
            known,
            awards=drawn_awards(draw, scale) if draw.random() < 0.7 else known.awards,
            texts=drawn_rules(draw, scale, sources) if draw.random() < 0.5 else known.texts,
        )
        own_year.correct(known, cascade)  # type: ignore[arg-type]
        agree(own_year)
        again = own_year.look(known, cascade)  # type: ignore[arg-type]
        assert again.touched() == set(), "what was corrected is not corrected again"


def agree(own_year: Year) -> None:
    groups: Counter[str] = Counter()
    for posting in own_year.postings:
        groups[posting.group] += posting.amount_krw
    assert not any(groups.values()), "every group of postings sums to zero"
    assert own_year.due() == own_year.truth(), "every chain of documents sums to the truth"
    claimed: Counter[str] = Counter()
    for claim in own_year.claims():
        claimed[f"receivable:programme:{claim.programme}:{claim.funding}"] += claim.claim_krw
    booked = {name: krw for name, krw in own_year.accounts().items() if ":programme:" in name}
    assert booked == {name: krw for name, krw in claimed.items() if krw}, "the ledger has claims"
