"""MIG slices of a supported card are supported, or told; never without support in silence."""

import pytest

from tests.builders.rules_and_usage import (
    HOUR_US,
    award,
    book,
    close,
    due,
    price,
    programme,
    registry,
    used,
)

SLICE = "gpu.h100.mig-1g.10gb"


@pytest.mark.parametrize(
    ("skus", "sku", "due_krw", "findings"),
    [
        ("[gpu.h100]", SLICE, 2_000, [("slice_unsupported", f"X1:{SLICE}")]),
        ("[gpu.h100, gpu.h100.*]", SLICE, 0, []),
        ("[gpu.*]", SLICE, 0, []),
        ("[gpu.a100]", SLICE, 2_000, []),
        ("[gpu.h100]", "gpu.h100", 0, []),
    ],
)
def test_a_slice_of_a_supported_card_is_supported_or_told(
    skus: str, sku: str, due_krw: int, findings: list[tuple[str, str]]
) -> None:
    rules = book(price(SLICE, "1000"), programme("P1", "0", skus=skus))
    usages = [used(day, "A-1", HOUR_US, sku) for day in ("2025-10-01", "2025-10-02")]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert due(result) == {"A": due_krw}
    assert [(f.kind, f.subject) for f in result.findings] == findings
    if findings:
        assert "2,000원" in result.findings[0].detail


def test_a_slice_that_another_programme_pays_is_not_told() -> None:
    rules = book(
        price(SLICE, "1000"),
        programme("P1", "0", skus="[gpu.h100]"),
        programme("P2", "0.5", order=20, skus="[gpu.*]"),
    )
    held = registry([award("X1", "P1", "A"), award("X2", "P2", "A")])
    result = close([used("2025-10-01", "A-1", HOUR_US, SLICE)], rules, held)
    assert (due(result), result.findings) == ({"A": 500}, ())
