"""Rating: SETTLEMENT 1 to 5, each with the example that forces it."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.month.rating import rate
from billing.records import Charge, Usage
from tests.builders.rules_and_usage import HOUR_US, SECOND_US, SEOUL, book, close, price, used

TB_DAY_MIB_S = 10**12 * 86_400 // 2**20


def krw(charges: tuple[Charge, ...]) -> list[int]:
    return [charge.charge_krw for charge in charges]


def test_a_charge_accumulates_across_prices_and_is_floored_as_it_grows() -> None:
    """SETTLEMENT 1: floor(1.67 + 1.39) = 3, not 1 + 1."""
    rules = book(price("gpu.h100", {"2025-01-01": "6000", "2025-10-02": "5000"}))
    usages = [used("2025-10-01", "A-1", SECOND_US), used("2025-10-02", "A-1", SECOND_US)]
    assert krw(rate(usages, rules, "2025-10", SEOUL).charges) == [1, 2]


def test_a_charge_accumulates_across_clusters() -> None:
    """SETTLEMENT 1: two clusters are one charge of a project and SKU."""
    usages = [
        used("2025-10-01", "A-1", SECOND_US, source="one"),
        used("2025-10-01", "A-1", SECOND_US, source="two"),
    ]
    [charge] = rate(usages, book(), "2025-10", SEOUL).charges
    assert charge == Charge(
        date(2025, 10, 1), "A", "A-1", "gpu.h100", 2 * SECOND_US, "device_us", Decimal(6000), 3,
        "prices/gpu.h100.yaml@2025-01-01",
    )  # fmt: skip


def test_projects_and_skus_are_rounded_apart() -> None:
    """SETTLEMENT 1: the key is company, project and SKU."""
    rules = book(price("gpu.a100", "6000"))
    usages = [
        used("2025-10-01", "A-1", SECOND_US),
        used("2025-10-01", "A-2", SECOND_US),
        used("2025-10-01", "A-1", SECOND_US, "gpu.a100"),
    ]
    assert krw(rate(usages, rules, "2025-10", SEOUL).charges) == [1, 1, 1]


def test_no_price_is_a_fail_and_never_free() -> None:
    """SETTLEMENT 2."""
    rules = book(price("gpu.h100", {"2025-10-03": "6000", "2025-10-05": None}))
    usages = [used(f"2025-10-0{day}", "A-1", HOUR_US) for day in range(1, 7)]
    usages.append(used("2025-10-04", "B-1", HOUR_US, "gpu.b300"))
    rated = rate(usages, rules, "2025-10", SEOUL)
    assert [(c.day.day, c.charge_krw) for c in rated.charges] == [(3, 6000), (4, 6000)]
    refused = [(f.severity, f.kind, f.stage, f.subject, f.day) for f in rated.findings]
    assert refused == [
        ("fail", "no_price", "draft", "gpu.b300", date(2025, 10, 4)),
        ("fail", "no_price", "draft", "gpu.h100", date(2025, 10, 1)),
    ]


def test_usage_in_a_unit_that_the_price_does_not_take_is_a_fail() -> None:
    rated = rate([used("2025-10-01", "A-1", 5, unit="mib_s")], book(), "2025-10", SEOUL)
    assert rated.charges == ()
    assert [finding.kind for finding in rated.findings] == ["no_price"]


def test_a_price_of_nothing_is_explicit_and_prints() -> None:
    """SETTLEMENT 2: a price of 0 is on the invoice."""
    result = close([used("2025-10-01", "A-1", HOUR_US)], book(price("gpu.h100", "0")))
    [line] = result.invoices[0].lines
    assert (line.prices_krw, line.charge_krw, line.quantity) == ((Decimal(0),), 0, HOUR_US)
    assert result.findings == ()


def test_a_gb_month_is_a_calendar_month() -> None:
    """SETTLEMENT 4: 120 a GB-month is 3,870 for a TB-day in October and 4,285 in February."""
    rules = book(price("storage.parallel", "120", "gb_month"))

    def tb_day(day: str) -> list[int]:
        usages = [used(day, "A-1", TB_DAY_MIB_S, "storage.parallel", "mib_s")]
        return krw(rate(usages, rules, day[:7], SEOUL).charges)

    assert (tb_day("2025-10-01"), tb_day("2026-02-01")) == ([3870], [4285])


def test_gb_and_gib_and_hours_are_different_units() -> None:
    """SETTLEMENT 4: a price names GB (10^9 bytes) or GiB, and the month or hours."""
    gib_hour = 1024 * 3600
    charged = {}
    for unit in ("gb_hour", "gib_hour", "gb_month", "gib_month"):
        rules = book(price("storage.parallel", "1000", unit))
        usages = [used("2025-10-01", "A-1", gib_hour * 744, "storage.parallel", "mib_s")]
        charged[unit] = krw(rate(usages, rules, "2025-10", SEOUL).charges)
    assert charged == {
        "gb_hour": [798_863],  # 744 h x 1.073741824 GB x 1,000
        "gib_hour": [744_000],
        "gb_month": [1_073],
        "gib_month": [1_000],
    }


def test_a_busy_price_bills_busy_time_only() -> None:
    """SETTLEMENT 5: 10 hours held and 2.5 hours busy are 2.5 hours; dark time is not imputed."""
    usages = [used("2025-10-01", "A-1", 10 * HOUR_US, busy_ns=2500 * HOUR_US)]
    held = rate(usages, book(), "2025-10", SEOUL).charges
    busy = rate(usages, book(price("gpu.h100", "6000", basis="busy")), "2025-10", SEOUL).charges
    assert [(c.quantity, c.charge_krw) for c in held] == [(10 * HOUR_US, 60_000)]
    assert [(c.quantity, c.charge_krw) for c in busy] == [(5 * HOUR_US // 2, 15_000)]


def test_prices_may_have_any_exact_decimal() -> None:
    rules = book(price("gpu.h100", {"2025-01-01": "0.1", "2025-10-11": "0.2"}))
    usages = [used(date(2025, 10, 1) + timedelta(days=n), "A-1", HOUR_US) for n in range(20)]
    assert sum(krw(rate(usages, rules, "2025-10", SEOUL).charges)) == 3  # 10 x 0.1 + 10 x 0.2


USAGES = st.lists(
    st.builds(
        used,
        st.dates(date(2025, 10, 1), date(2025, 10, 31)),
        st.sampled_from(["A-1", "A-2", "B-1"]),
        st.integers(0, 10**12),
        st.sampled_from(["gpu.h100", "gpu.a100"]),
        source=st.sampled_from(["one", "two"]),
    ),
    max_size=40,
)
ODD = book(
    price("gpu.h100", {"2025-01-01": "6000.7", "2025-10-12": "1234.567"}), price("gpu.a100", "0.3")
)


@given(USAGES, st.randoms(use_true_random=False))
def test_the_order_of_usage_does_not_matter(usages: list[Usage], order: object) -> None:
    shuffled = list(usages)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rate(usages, ODD, "2025-10", SEOUL) == rate(shuffled, ODD, "2025-10", SEOUL)


@given(USAGES)
def test_a_month_is_rounded_once_a_key(usages: list[Usage]) -> None:
    """Each key's sum lies less than one won below the exact product."""
    exact: dict[tuple[str, str], int] = {}
    for usage in usages:
        krw_1000 = {"gpu.a100": 300}.get(
            usage.sku, 1_234_567 if usage.day >= date(2025, 10, 12) else 6_000_700
        )
        key = (usage.project_id, usage.sku)
        exact[key] = exact.get(key, 0) + usage.quantity * krw_1000
    floors = {key: amount // (1000 * HOUR_US) for key, amount in exact.items()}
    charged: dict[tuple[str, str], int] = dict.fromkeys(floors, 0)
    for charge in rate(usages, ODD, "2025-10", SEOUL).charges:
        assert charge.charge_krw >= 0
        charged[charge.project_id, charge.sku] += charge.charge_krw
    assert charged == floors
