"""Up to when a source is known: no more than was read, and no hole where an hour failed."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import collect
from metering.collect.watermark import watermarks
from metering.settings.source_options.source_config import SourceConfig
from metering.usage.complete_days import complete_days
from tests.builders.sites.metering_site import GPU_HOUR_US, LAST, MIDNIGHT, Ground, cluster, ground

HEADER = "JobIDRaw|Account|State|Submit|Start|End|AllocTRES"
SACCT = SourceConfig("sacct", "slurm", "allocation", paths=("sacct.txt",))
EARLY = ("2025-10-31T15:10:00", "2025-10-31T16:10:00")  # 00:10 to 01:10 of LAST, in Seoul
LATE = ("2025-11-02T15:10:00", "2025-11-02T16:10:00")
BOTH = (("1", EARLY), ("2", LATE))


def dump(made: Ground, runs: Sequence[tuple[str, tuple[str, str]]]) -> None:
    lines = [f"{n}|lab|COMPLETED|{s}|{s}|{e}|gres/gpu:h100=1" for n, (s, e) in runs]
    text = "\n".join([HEADER, *lines, ""])
    (made.opened.site.directory / "sacct.txt").write_text(text, encoding="utf-8")


def known_to(made: Ground) -> int:
    with made.opened.database.read() as connection:
        return watermarks(connection, "hpc")["sacct"] - MIDNIGHT


def hour(number: int) -> Period:
    return Period(MIDNIGHT + number * HOUR_MS, MIDNIGHT + (number + 1) * HOUR_MS)


def test_a_dump_complete_past_the_window_is_known_to_the_windows_end_only(tmp_path: Path) -> None:
    """The second job of the dump was not asked for; its day must not pass as complete."""
    made = ground(tmp_path, cluster(SACCT))
    dump(made, BOTH)
    upto = MIDNIGHT + 10 * DAY_MS
    collect(made.opened, Period(MIDNIGHT, MIDNIGHT + DAY_MS), None, upto)
    assert known_to(made) == DAY_MS
    third = date(2025, 11, 3)
    assert "not_complete" in {one.kind for one in made.meter(LAST, third)}
    assert list(complete_days(made.opened)) == [LAST]
    collect(made.opened, Period(MIDNIGHT + DAY_MS, MIDNIGHT + 3 * DAY_MS), None, upto)
    assert "not_complete" not in {one.kind for one in made.meter(third)}
    assert [row[3] for row in made.usage(third)] == [GPU_HOUR_US]


def test_an_hour_that_failed_is_read_with_the_next(tmp_path: Path) -> None:
    made = ground(tmp_path, cluster(SACCT))
    for number in range(24):
        if number == 2:
            dump(made, BOTH)
        (collected,) = collect(made.opened, hour(number), None, hour(number).end_ms)
        assert collected.failed == (number < 2)
    made.meter(LAST)
    assert (known_to(made), [row[3] for row in made.usage(LAST)]) == (DAY_MS, [GPU_HOUR_US])


def test_an_hour_that_failed_later_is_read_with_the_next(tmp_path: Path) -> None:
    made = ground(tmp_path, cluster(SACCT))
    dump(made, ())
    collect(made.opened, hour(0), None, hour(0).end_ms)
    (tmp_path / "sacct.txt").unlink()
    (failed,) = collect(made.opened, hour(1), None, hour(1).end_ms)
    assert (failed.failed, known_to(made)) == (True, HOUR_MS)
    dump(made, (("1", ("2025-10-31T16:10:00", "2025-10-31T16:40:00")),))
    collect(made.opened, hour(2), None, hour(2).end_ms)
    made.meter(LAST)
    assert (known_to(made), [row[3] for row in made.usage(LAST)]) == (
        3 * HOUR_MS,
        [GPU_HOUR_US // 2],
    )


def test_a_window_read_again_moves_nothing_and_reads_no_further_back(tmp_path: Path) -> None:
    made = ground(tmp_path, cluster(SACCT))
    dump(made, BOTH)
    collect(made.opened, Period(MIDNIGHT, MIDNIGHT + 4 * DAY_MS), None, MIDNIGHT + 4 * DAY_MS)
    (again,) = collect(made.opened, hour(30))
    assert (again.failed, known_to(made)) == (False, 4 * DAY_MS)
