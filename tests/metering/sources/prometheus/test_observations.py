"""Samples in their fields' units: the loop over integers says what exact decimals say."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.paths import FAMILIES
from metering.sources.families.family import Family, Metric, family
from metering.sources.families.series import series_of
from metering.sources.prometheus.json_answer import samples_of
from metering.sources.prometheus.observations import Measured

METRICS = [
    (known, metric)
    for known in (family(path.stem) for path in sorted(FAMILIES.glob("*.yaml")))
    for metric in known.metrics.values()
    if metric.whole and not metric.cores
]
STEPS = [Decimal(sign).scaleb(-n) for n in range(25) for sign in (-1, 0, 1)]
NAMES = ("H100", "RBLN-CA25", "rngd", "")


def labels_of(known: Family, metric: Metric, model: str) -> dict[str, str]:
    """Labels of a device that the metric is taken of."""
    said = {known.labels["device"][0]: "D1", "__name__": metric.name}
    if known.labels["model_name"]:
        said[known.labels["model_name"][0]] = model
    return said | {name: values[0] for name, values in metric.only.items()}


def near(metric: Metric, model: str) -> st.SearchStrategy[Decimal]:
    """Values in the metric's range and a little outside of it, of every scale."""
    low, high = metric.bounds(model)
    limits = st.sampled_from([low, high, Decimal(0), metric.good or Decimal(1)])
    steps = st.sampled_from([Decimal(sign).scaleb(-n) for n in range(25) for sign in (-1, 0, 1)])
    inside = st.decimals(0, 1, allow_nan=False, places=17).map(
        lambda part: low + part * (high - low)
    )
    return st.builds(lambda limit, step: limit + step, limits, steps) | inside


@settings(deadline=None)  # the first call loads the loops
@given(st.data())
def test_a_value_becomes_what_decimals_make_of_it(data: st.DataObject) -> None:
    known, metric = data.draw(st.sampled_from(METRICS))
    model = data.draw(st.sampled_from(NAMES))
    value = data.draw(near(metric, known.model(model)) | st.just(known.blank))
    labels = labels_of(known, metric, model)
    measured = Measured(known, "server")
    measured.take(samples_of([labels], [1], [1000], [f"{value:f}"]))
    rows = measured.observed.table().to_pylist()
    series = series_of(known, metric, labels)
    assert series is not None
    if value >= known.blank:
        assert (rows, dict(measured.skipped), measured.quarantined) == ([], {"blank": 1}, [])
    elif not metric.in_range(value, series.bounds):
        assert rows == []
        assert "is out of range" in measured.quarantined[0].reason
    else:
        told = metric.in_field(value)
        expected = bool(told) if metric.field == "health_ok" else told
        assert [row[metric.field] for row in rows] == [expected]
        assert measured.quarantined == []


@pytest.mark.parametrize("name", ["other_metric", "DCGM_FI_DEV_GPU_TEMP", ""])
def test_a_metric_of_no_family_is_left_out_and_counted(name: str) -> None:
    measured = Measured(family("dcgm"), "server")
    measured.take(samples_of([{"__name__": name, "UUID": "G1"}], [2], [1, 2], ["1", "2"]))
    assert (len(measured.observed), dict(measured.skipped)) == (0, {"other_series": 2})
