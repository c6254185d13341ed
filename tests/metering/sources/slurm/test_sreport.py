"""sreport as a control total: its units and columns, what is refused, and what differs."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from metering.calendar import Naive, Period
from metering.collect.land_control_totals import land_control_totals
from metering.errors import SourceError
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from metering.sources.reading.schemas import CONTROL_TOTAL, table_of
from metering.sources.slurm.sreport import parse
from tests.builders.sites.metering_site import (
    CALENDAR,
    FIRST,
    LAST,
    MIDNIGHT,
    SLURM,
    Ground,
    cluster,
    ground,
    job,
)

SREPORT = SourceConfig("sreport", "slurm", "control_total", paths=("sreport.txt",))
EIGHT = CALENDAR.instant("2024-10-21T08:00:00Z")
HOUR_MS = 3_600_000
HEAD = """\
--------------------------------------------------------------------------------
Cluster Utilization 2024-10-21T08:00:00 - 2024-10-21T08:59:59
Usage reported in {unit}
--------------------------------------------------------------------------------
"""
BARS = "Cluster|TRES Name|Allocated|Down|PLND Down|Idle|Planned|Reported\n"


def dump(text: str, window: Period | None = None, naive: Naive = "utc") -> Batch:
    return parse(text.encode(), "sreport.txt", CALENDAR, window, naive)


def total(**said: object) -> dict[str, object]:
    plain = {
        "resource": "gpu", "span": "2024-10-21T08:00:00 - 2024-10-21T08:59:59",
        "started_ms": EIGHT, "ended_ms": EIGHT + HOUR_MS, "unit_s": 1,
    }  # fmt: skip
    return plain | said


def bars(*rows: str, unit: str = "TRES Seconds", head: str = BARS) -> str:
    return HEAD.format(unit=unit) + head + "".join(f"{row}\n" for row in rows)


@pytest.mark.shared_data
def test_a_real_report_is_read_in_the_unit_of_its_head(formats: Path) -> None:
    batch = dump((formats / "sreport_gpu_utilization.txt").read_text())
    assert (batch.rows_read, batch.quarantined, batch.skipped) == (1, (), {})
    assert batch.table.to_pylist() == [
        total(unit_s=60, allocated=660_000, down=0, idle=2_940_000, reported=3_600_000)
    ]


@pytest.mark.parametrize(
    ("unit", "unit_s"),
    [
        ("TRES Seconds", 1),
        ("TRES Minutes", 60),
        ("CPU Minutes", 60),
        ("TRES Hours/Percentage of Total", 3600),
    ],
)
def test_a_report_between_bars_is_read(unit: str, unit_s: int) -> None:
    batch = dump(bars("hpc|gres/gpu|10|2|1|30|4|47", unit=unit))
    milli = unit_s * 1000
    assert batch.table.to_pylist() == [
        total(
            unit_s=unit_s, allocated=10 * milli, down=3 * milli, idle=34 * milli,
            reported=47 * milli,
        )
    ]  # fmt: skip


def test_several_reports_may_stand_in_one_file() -> None:
    later = bars("hpc|gres/gpu|1|0|0|0|0|1").replace("T08:", "T09:")
    batch = dump(bars("hpc|gres/gpu|2|0|0|0|0|2") + later)
    assert batch.table["allocated"].to_pylist() == [2000, 1000]
    assert batch.table["started_ms"].to_pylist() == [EIGHT, EIGHT + HOUR_MS]


def test_other_resources_and_single_types_are_counted_and_not_taken() -> None:
    batch = dump(
        bars("hpc|cpu|1|0|0|0|0|1", "hpc|gres/gpu:h100|1|0|0|0|0|1", "hpc|gres/npu|1|0|0|0|0|1|")
    )
    assert batch.table["resource"].to_pylist() == ["npu"]
    assert batch.skipped == {"other_tres": 1, "typed": 1}


def test_a_report_outside_the_window_is_counted() -> None:
    text = bars("hpc|gres/gpu|1|0|0|0|0|1")
    after = Period(EIGHT + HOUR_MS, EIGHT + 2 * HOUR_MS)
    assert dump(text, after).skipped == {"outside_window": 1}
    assert dump(text, Period(EIGHT + HOUR_MS - 1, EIGHT + 2 * HOUR_MS)).table.num_rows == 1


def test_its_times_may_be_the_sites() -> None:
    (row,) = dump(bars("hpc|gres/gpu|1|0|0|0|0|1"), naive="site").table.to_pylist()
    assert row["started_ms"] == EIGHT - 9 * HOUR_MS


@pytest.mark.parametrize(
    ("row", "unit", "reason"),
    [
        ("hpc|gres/gpu|10|2|1|30|4|48", "TRES Seconds", "its parts make 47 and it reports 48"),
        ("hpc|gres/gpu|10|2|1|30|4|51", "TRES Minutes", "its parts make 47 and it reports 51"),
        ("hpc|gres/gpu|10|2|1|30|4", "TRES Seconds", "has 7 fields instead of 8"),
        ("hpc|gres/gpu|1K|2|1|30|4|47", "TRES Seconds", "allocated '1K' is no amount"),
        ("hpc|gres/gpu|-1|2|1|30|4|47", "TRES Seconds", "allocated '-1' is no amount"),
    ],
)
def test_a_total_that_cannot_be_is_refused(row: str, unit: str, reason: str) -> None:
    batch = dump(bars(row, unit=unit))
    assert [(one.place, one.reason) for one in batch.quarantined] == [("sreport.txt:6", reason)]


def test_parts_may_differ_from_their_sum_by_what_each_is_rounded() -> None:
    batch = dump(bars("hpc|gres/gpu|10|2|1|30|4|50", unit="TRES Minutes"))
    assert (batch.table.num_rows, batch.quarantined) == (1, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello\n", "has no `Cluster Utilization` of sreport"),
        (bars(unit="Percentage of Total"), "reports in Percentage; take `sreport -t Seconds`"),
        (bars(head="Cluster|Account|Used\n"), "is no head of sreport's columns"),
        (bars().replace("08:59:59", "07:00:00"), "ends before it starts"),
        (bars().replace("2024-10-21T08:59", "2024-13-21T08:59"), "is no instant"),
    ],
)
def test_a_text_that_is_no_such_report_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        dump(text)
    assert str(caught.value).startswith("sreport.txt:")
    assert reason in str(caught.value)


def span(start_ms: int, end_ms: int, device_s: int, unit_s: int = 1) -> pa.Table:
    """A report from one instant to another, counted from the midnight between the two days."""
    row = (
        "gpu", f"{start_ms}-{end_ms}", MIDNIGHT + start_ms, MIDNIGHT + end_ms, unit_s,
        device_s * 1000, 0, 0, device_s * 1000,
    )  # fmt: skip
    return table_of([row], CONTROL_TOTAL)


def land(hpc: Ground, *totals: pa.Table) -> list[tuple[object, ...]]:
    """Lands reports together; gives what is in force."""
    with hpc.lake.change() as change:
        site = hpc.opened.site
        rows = pa.concat_tables(totals)
        land_control_totals(hpc.lake, change, site.clusters[0], site, rows)
    names = ("date", "span", "allocated")
    rows = hpc.lake.read("control_total", cluster="hpc", date_from=FIRST, date_to=LAST)
    return [tuple(row[name] for name in names) for row in rows.to_pylist()]


def told(hpc: Ground, *days: date) -> list[tuple[date | None, str]]:
    found = [one for one in hpc.meter(*days) if one.kind == "control_total_differs"]
    return [(one.day, one.subject) for one in found]


@pytest.fixture
def hpc(tmp_path: Path) -> Ground:
    """A cluster whose job ran from 22:00 to 03:00, metered, and complete past both days."""
    made = ground(tmp_path, cluster(SLURM, SREPORT))
    made.complete(MIDNIGHT + 48 * HOUR_MS)
    made.land("allocation", FIRST, [job(-2 * HOUR_MS, 0, continues=True)])
    made.land("allocation", LAST, [job(-2 * HOUR_MS, 3 * HOUR_MS)])
    return made


DAY_MS = 24 * HOUR_MS


def test_a_report_lies_whole_in_the_day_in_which_it_ends(hpc: Ground) -> None:
    assert land(hpc, span(-DAY_MS, 0, 1), span(-DAY_MS, DAY_MS, 2), span(-DAY_MS, 1000, 3)) == [
        (FIRST, "-86400000-0", 1000),
        (LAST, "-86400000-1000", 3000),
        (LAST, "-86400000-86400000", 2000),
    ]


def test_a_later_report_of_a_span_takes_the_place_of_the_earlier(hpc: Ground) -> None:
    land(hpc, span(0, DAY_MS, 1), span(0, HOUR_MS, 5))
    assert land(hpc, span(0, DAY_MS, 2), span(0, DAY_MS, 3)) == [
        (LAST, "0-3600000", 5000),
        (LAST, "0-86400000", 3000),
    ]
    assert land(hpc, span(0, DAY_MS, 1).slice(1)) == [
        (LAST, "0-3600000", 5000),
        (LAST, "0-86400000", 3000),
    ]


def test_a_total_that_agrees_is_not_told_over_one_day_and_over_two(hpc: Ground) -> None:
    hour_s = 3600
    land(hpc, span(-DAY_MS, 0, 2 * hour_s), span(0, DAY_MS, 3 * hour_s))
    land(hpc, span(-DAY_MS, DAY_MS, 5 * hour_s))
    assert told(hpc, FIRST, LAST) == []


def test_a_total_that_differs_is_told_on_its_day(hpc: Ground) -> None:
    hour_s = 3600
    land(hpc, span(-DAY_MS, 0, 2 * hour_s), span(0, DAY_MS, 3 * hour_s + 1))
    land(hpc, span(-DAY_MS, DAY_MS, 6 * hour_s))
    assert told(hpc, FIRST, LAST) == [
        (LAST, "gpu -86400000-86400000"),
        (LAST, "gpu 0-86400000"),
    ]


def test_a_total_that_comes_late_has_its_day_counted_again(hpc: Ground) -> None:
    assert told(hpc, FIRST, LAST) == []
    land(hpc, span(-DAY_MS, 0, 1))
    assert told(hpc, LAST) == [(FIRST, "gpu -86400000-0")]


def test_a_slurm_source_gives_control_totals(tmp_path: Path) -> None:
    (tmp_path / "sreport.txt").write_text(bars("hpc|gres/gpu|1|0|0|0|0|1"))
    site = ground(tmp_path, cluster(SREPORT)).opened.site
    (batch,) = read(SREPORT, site.clusters[0], site, Period(EIGHT, EIGHT + 1))
    assert (batch.record, batch.table.num_rows) == ("control_total", 1)
    site_time = replace(SREPORT, options=SlurmOptions("site"))
    (batch,) = read(site_time, site.clusters[0], site, Period(EIGHT, EIGHT + 1))
    assert batch.skipped == {"outside_window": 1}
