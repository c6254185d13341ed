"""Texts of a store's exporter: one that was cut short is no list, and infinities are no level."""

import pytest

from metering.sources.storage import exporter_gauges
from tests.metering.sources.storage.test_storage_formats import EXPORTER, levels

GAUGE = 'gpfs_fileset_used_bytes{{fileset="{0}",fs="fs"}} {1} 1759244400\n'
TEXT = "# UNIT gpfs_fileset_used_bytes bytes\n" + GAUGE.format("a", "5") + GAUGE.format("b", "7")


def test_open_metrics_without_its_end_is_a_list_that_nobody_trusts() -> None:
    whole = exporter_gauges.report((TEXT + "# EOF\n").encode(), "p", EXPORTER)
    assert (whole.distrusted, len(whole.levels), whole.whole) == ("", 2, {"fs"})
    assert whole.levels[0].instant_ms == 1_759_244_400_000
    cut = exporter_gauges.report(TEXT.encode(), "p", EXPORTER)
    assert cut.distrusted == "OpenMetrics without its `# EOF`: it was cut short"
    assert (cut.levels, cut.whole) == ([], frozenset())


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Infinity"])
def test_a_gauge_that_is_not_finite_is_left_out_and_ends_nothing(value: str) -> None:
    text = GAUGE.format("a", "5") + GAUGE.format("b", value) + "# EOF\n"
    report = exporter_gauges.report(text.encode(), "p", EXPORTER)
    assert levels(report) == [("fs/a", "a", 5)]
    assert (report.skipped["not_a_number"], report.quarantined, report.whole) == (
        1, [], frozenset()
    )  # fmt: skip
