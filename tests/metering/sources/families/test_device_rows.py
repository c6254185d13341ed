"""Rows of values: joined in order of time, they are what a comparison of all copies gives."""

import random
from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.sources.families.device_rows import Observed
from metering.sources.families.family import Metric, family
from metering.sources.families.series import ExportedDevice, Series

METRICS = list(family("dcgm").metrics.values())
CORE = Metric("core", "busy_ppm", 9, "percent", Decimal(1), Decimal(0), Decimal(9), mean=True)
Point = tuple[int, int]
SERIES = st.lists(
    st.tuples(
        st.builds(
            Series,
            st.sampled_from(METRICS),
            st.sampled_from(
                [
                    ExportedDevice("G1"),
                    ExportedDevice("G2", node="n"),
                    ExportedDevice("G3", model="h100"),
                ]
            ),
            st.sampled_from(["", "", "slurm:1", "slurm:2"]),
        )
        | st.builds(
            Series, st.just(CORE), st.just(ExportedDevice("G4")), st.just(""), st.sampled_from("01")
        ),
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from([0, 0, 7, 500_000])),
            max_size=5,
            unique_by=lambda point: point[0],
        ),
    ),
    max_size=8,
)


def rows(
    series: list[Series], values: list[tuple[int, Point]]
) -> tuple[Counter[str], tuple[str, ...]]:
    observed = Observed()
    codes = [observed.series(labelled) for labelled in series]
    for number, (at, value) in values:
        observed.add(codes[number], at, value)
    table = observed.table()
    return Counter(str(sorted(row.items())) for row in table.to_pylist()), observed.stuck


@settings(deadline=None)  # the first call loads the loops
@given(SERIES, st.randoms(use_true_random=False))
def test_the_order_in_which_values_come_does_not_matter(
    drawn: list[tuple[Series, list[Point]]], chance: random.Random
) -> None:
    """In order of time series are joined by a loop; a step back leaves a device to be compared."""
    series = [one for one, _ in drawn]
    firsts = [(number, (-1, 0)) for number in range(len(series))]
    values = [(n, point) for n, (_, points) in enumerate(drawn) for point in sorted(points)]
    mixed = list(values)
    chance.shuffle(mixed)
    in_order = rows(series, [*firsts, *values])
    assert in_order == rows(series, [*firsts, *mixed])
    assert in_order == rows(series, [*firsts, *values, *firsts])  # none is joined by the loop
