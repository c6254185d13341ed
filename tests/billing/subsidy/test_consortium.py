"""A consortium of NPU-DEMO: a public body, a cloud operator and a chip maker, each with an award of
its own under one agreement number, at full support out of one budget."""

from datetime import date

from billing.subsidy.balance import Balance
from tests.builders.rule_cases import packaged
from tests.builders.rules_and_usage import HOUR_US, award, close, company, due, registry, rows, used

MEMBERS = {
    "C": ("public", "none", "광주"),
    "K": ("mid", "mid", "서울"),
    "F": ("sme", "medium", "경기"),
}
AGREEMENT = "2025-NPU-07"
HELD = registry(
    [
        award(f"N-{name}", "NPU-DEMO", name, agreement_number=AGREEMENT, start=date(2025, 10, 1))
        for name in MEMBERS
    ],
    [
        company(name, org_type=kind, size=size, place=place)
        for name, (kind, size, place) in MEMBERS.items()
    ],
)
USE = [
    used("2025-10-20", "C-1", 300 * HOUR_US, "npu.atom-max"),  # the city's CCTV control centre
    used("2025-10-20", "K-1", 100 * HOUR_US, "npu.rngd"),
    used("2025-10-20", "F-1", 100 * HOUR_US, "npu.x330"),
]


def test_every_member_is_supported_in_full() -> None:
    result = close(USE, packaged(), HELD)
    assert rows(result) == [
        ("N-C", "national", 270_000, ""),
        ("N-F", "national", 90_000, ""),
        ("N-K", "national", 90_000, ""),
    ]
    assert (due(result), result.findings) == ({"C": 0, "F": 0, "K": 0}, ())


def test_a_budget_that_ends_is_shared_by_the_members_of_a_day() -> None:
    """300,000 of 40 billion are left for 450,000: two thirds for each."""
    opening = Balance({("budget", "NPU-DEMO", "national", "2025-2027"): 39_999_700_000})
    result = close(USE, packaged(), HELD, opening=opening)
    assert [row[2] for row in rows(result)] == [180_000, 60_000, 60_000]
    assert due(result) == {"C": 90_000, "F": 30_000, "K": 30_000}
