"""Random pods, collected a little at a time and at once: what is landed is the same, and right."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import collect
from metering.settings.source_options.kubernetes import PodsCountFrom
from tests.breadth import few
from tests.builders.servers.pods import (
    MINUTE_MS,
    OPTIONS,
    answering_for,
    asks,
    lives,
    source,
    together,
)
from tests.builders.servers.prometheus import Written
from tests.builders.sites.metering_site import MIDNIGHT, Ground, cluster, ground

WINDOW = Period(MIDNIGHT, MIDNIGHT + 3 * HOUR_MS)
LAST = 180  # the window's last minute
Held = tuple[int, float, float]  # thousandths, minutes of start and end


def random_pod(uid: str, rng: Random) -> tuple[list[Written], dict[PodsCountFrom, Held | None]]:
    """A pod's series, and what it holds, however it is counted (None: nothing).

    It is seen from its scheduling on. It may wait, run, end with an instant or without (evicted),
    lie about afterwards or vanish.
    """
    start = rng.randrange(0, LAST - 30)
    waits = rng.choice([0, 1, 7, 40])
    lasts = rng.choice([2, 20, 70, 400])
    runs = start + waits if rng.random() < 0.8 else None
    over = min(start + waits + lasts, LAST + 60)
    ended = over <= LAST
    told_to = LAST
    if ended and rng.random() < 0.5:
        told_to = min(over + rng.choice([0, 5, 60]), LAST)
    vanishes = ended and rng.random() < 0.3
    evicted = ended and not vanishes and rng.random() < 0.4
    completed = over if ended and not vanishes and not evicted and runs is not None else None
    if vanishes:
        told_to = over
    many = rng.randrange(1, 9)
    series = [
        asks(uid, start, told_to, str(many)),
        *lives(
            uid, start, told_to, start=start, runs=None if runs is None else min(runs, LAST + 1),
            ended=over if ended and not vanishes else None, failed=completed is None,
            completed=completed,
        ),
    ]  # fmt: skip
    end = LAST if not ended else over if vanishes or completed is not None else over - 0.5
    whole = (many * 1000, start, end)
    ran = None if runs is None or runs > LAST else (many * 1000, runs, end)
    return series, {"scheduled": whole, "running": ran}


def landed(site: Ground) -> dict[str, Held]:
    held: dict[str, Held] = {}
    for row in site.lake.read("allocation").to_pylist():
        uid = row["allocation_id"].partition("/")[0]
        assert uid not in held, "a pod of one day is one row"
        minutes = [(row[name] - MIDNIGHT) / MINUTE_MS for name in ("started_ms", "ended_ms")]
        held[uid] = (row["quantity_milli"], *minutes)
    return held


@pytest.mark.breadth
@pytest.mark.parametrize("seed", few(1, range(4)))
@pytest.mark.parametrize("counted", ["scheduled", "running"])
def test_pods_hold_what_they_held_however_often_they_are_asked_for(
    tmp_path: Path, seed: int, counted: PodsCountFrom
) -> None:
    rng = Random(seed)
    series, truth = [lives("ksm", -10, LAST)], {}
    for number in range(40):
        own, held = random_pod(f"p{number}", rng)
        series.append(own)
        if held[counted] is not None:
            truth[f"p{number}"] = held[counted]
    with answering_for(together(*series)) as endpoint:
        hpc = cluster(source(endpoint, replace(OPTIONS, pods_count_from=counted)), model="h100")
        for minutes in (180, 60, 17):
            folder = tmp_path / str(minutes)
            folder.mkdir()
            site = ground(folder, hpc)
            site.complete(WINDOW.start_ms)
            for start in range(WINDOW.start_ms, WINDOW.end_ms, minutes * MINUTE_MS):
                end = min(start + minutes * MINUTE_MS, WINDOW.end_ms)
                collected = collect(site.opened, Period(start, end))
                assert [finding.detail for own in collected for finding in own.findings] == []
            assert landed(site) == truth
