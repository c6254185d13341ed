"""A small seeded scheduler: who held which device of a cluster, and when."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class ExampleJob:
    """One run of a job. Times are epoch seconds; end_s may lie after the dump was taken."""

    job_id: int
    account: str
    submit_s: int
    start_s: int
    end_s: int
    devices: tuple[int, ...]
    intensity_percent: int  # how hard the job works its devices; some hold them idle
    state: str


def schedule(
    chance: random.Random,
    accounts: Sequence[tuple[str, int]],
    devices: int,
    start_s: int,
    end_s: int,
    first_id: int,
    down: tuple[int, int, frozenset[int]] | None = None,
) -> list[ExampleJob]:
    """Jobs that were placed first come, first served on `devices` devices, by start.

    `down` is (from, until, devices) of a repair: no job runs on those devices then.
    """
    names = [name for name, _ in accounts]
    weights = [weight for _, weight in accounts]
    free_at = [start_s] * devices
    jobs: list[ExampleJob] = []
    clock = start_s
    number = first_id
    while clock < end_s:
        clock += int(chance.expovariate(devices / (9.5 * HOUR_S))) + 1
        wanted = chance.choices((1, 2, 4, 8), (55, 25, 14, 6))[0]
        wanted = min(wanted, devices)
        length = max(240, min(60 * HOUR_S, int(chance.lognormvariate(8.6, 1.35))))
        order = sorted(range(devices), key=lambda device: (free_at[device], device))[:wanted]
        start = max(clock, max(free_at[device] for device in order)) + chance.randrange(2, 30)
        start, length = _around(down, order, start, length)
        account = chance.choices(names, weights)[0]
        intensity = chance.choices((0, 12, 55, 78, 93, 98), (4, 8, 16, 24, 30, 18))[0]
        state = chance.choices(
            ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED by 1000"), (80, 9, 4, 7)
        )[0]
        for device in order:
            free_at[device] = start + length + 5
        jobs.append(
            ExampleJob(
                number,
                account,
                clock,
                start,
                start + length,
                tuple(sorted(order)),
                intensity,
                state,
            )
        )
        number += 1
    return sorted(jobs, key=lambda job: (job.start_s, job.job_id))


def _around(
    down: tuple[int, int, frozenset[int]] | None, order: Sequence[int], start: int, length: int
) -> tuple[int, int]:
    """A job's start and length: cut at a repair of its devices, or begun after it."""
    if down is None or not down[2] & set(order):
        return start, length
    if start >= down[1] or start + length <= down[0]:
        return start, length
    return (start, down[0] - start) if start < down[0] - 600 else (down[1] + 30, length)


class Occupancy:
    """Which job holds a device at an instant; asked in order of time."""

    def __init__(self, jobs: Sequence[ExampleJob], devices: int) -> None:
        self._waiting = [list[ExampleJob]() for _ in range(devices)]
        for job in sorted(jobs, key=lambda job: job.start_s, reverse=True):
            for device in job.devices:
                self._waiting[device].append(job)

    def at(self, device: int, instant_s: int) -> ExampleJob | None:
        """The job that holds the device at the instant, or None."""
        waiting = self._waiting[device]
        while waiting and waiting[-1].end_s <= instant_s:
            waiting.pop()
        return waiting[-1] if waiting and waiting[-1].start_s <= instant_s else None
