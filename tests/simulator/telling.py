"""What sources say of a month at a stage, as files and samples; and what can be known by it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.builders.sites.command_line import HEADER
from tests.simulator.centre import (
    CALENDAR,
    DAY_S,
    HOLD_S,
    HOUR_S,
    SCRAPE_S,
    SKU,
    Job,
    Level,
    World,
    iso,
)
from tests.simulator.plan import AFTER, MIDDLE, Plan

CARRY_S = 26 * HOUR_S  # how long a level is known where no snapshot follows
NPU_HEAD = "job,account,started,ended,cards"
DISK_HEAD = (
    "mmrepquota::HEADER:version:reserved:reserved:filesystemName:quotaType:id:name:blockUsage:"
)


@dataclass(frozen=True)
class Said:
    """One row of a file: a job as it is told, still open, or with a cell that says nothing."""

    job: Job
    open: bool = False
    garbled: bool = False


@dataclass
class Known:
    """What the centre can know after all that was told so far, and what it has to say it lacks."""

    jobs: dict[tuple[str, int], Job] = field(default_factory=dict)
    refused: set[tuple[str, int]] = field(default_factory=set)  # a row of it was refused
    vanished: set[tuple[str, int]] = field(default_factory=set)


def rows(world: World, plan: Plan, month: str, stage: int, cluster: str) -> list[Said]:
    """What a cluster's source lists at a stage, before its file is cut."""
    listed = []
    jobs = [job for job in world.jobs[month] if job.cluster == cluster]
    for job in jobs + [job for job in plan.phantoms[month] if job.cluster == cluster]:
        fate = plan.fates.get((cluster, job.number))
        right = fate is None or stage >= fate.until
        if right or fate is None:
            listed += _in_time(world, month, stage, Said(job))
        elif fate.what == "open for ever":
            listed += [Said(job, open=True)] if stage == MIDDLE else []
        elif fate.what == "garbled":
            listed += [
                replace(said, garbled=True) for said in _in_time(world, month, stage, Said(job))
            ]
        elif fate.lie is not None:
            listed += _in_time(world, month, stage, Said(fate.lie))
    return listed


def _in_time(world: World, month: str, stage: int, said: Said) -> list[Said]:
    """What is known of a row at that time: what goes on in the middle is open."""
    middle = world.middle(month)
    if stage != MIDDLE or said.job.end_s <= middle:
        return [said]
    if said.job.cluster != "gpu" or said.job.start_s >= middle:
        return []
    return [replace(said, open=True)]


def known(world: World, plan: Plan, month: str, stage: int) -> Known:
    """What all files up to a stage say together: of one job the last that can be read."""
    so_far = Known()
    read = [at for at in (*plan.stages[month], AFTER) if at <= stage]
    for at in read:
        for cluster in world.clusters:
            _hear(so_far, world, month, kept(world, plan, month, at, cluster))
    listed = {
        (said.job.cluster, said.job.number)
        for at in read
        if at > MIDDLE
        for cluster in world.clusters
        for said in kept(world, plan, month, at, cluster)
        if not said.garbled
    }
    opened = {
        (said.job.cluster, said.job.number)
        for at in read
        if at == MIDDLE
        for said in kept(world, plan, month, MIDDLE, "gpu")
        if said.open and not said.garbled
    }
    so_far.vanished = opened - listed
    return so_far


def _hear(so_far: Known, world: World, month: str, listed: list[Said]) -> None:
    for said in listed:
        key = (said.job.cluster, said.job.number)
        if said.garbled:
            so_far.refused.add(key)
            continue
        end = world.middle(month) if said.open else said.job.end_s
        so_far.jobs[key] = replace(said.job, end_s=end)


def kept(world: World, plan: Plan, month: str, stage: int, cluster: str) -> list[Said]:
    """What is left of the rows in a file that may be cut: its last one is only begun."""
    listed = shuffled(world, plan, month, stage, cluster)
    left = plan.cuts.get((month, stage, cluster))
    if left is None or left >= len(listed):
        return listed
    return [*listed[:left], replace(listed[left], garbled=True)]


def shuffled(world: World, plan: Plan, month: str, stage: int, cluster: str) -> list[Said]:
    """The rows in the order of the file, some of them twice."""
    listed = rows(world, plan, month, stage, cluster)
    random = Random(f"order {plan.seed} {month} {stage} {cluster}")
    listed += random.sample(listed, min(2, len(listed)))
    random.shuffle(listed)
    return listed


def write(world: World, plan: Plan, month: str, stage: int, folder: Path) -> None:
    """The files of a stage, among those that lie there already."""
    folder.mkdir(exist_ok=True)
    for cluster in world.clusters:
        listed = shuffled(world, plan, month, stage, cluster)
        lines = [_line(world, said) for said in listed]
        left = plan.cuts.get((month, stage, cluster))
        head = HEADER if cluster == "gpu" else NPU_HEAD
        text = "\n".join([head, *lines, ""])
        if left is not None and left < len(lines):
            begun = lines[left]
            whole = "\n".join([head, *lines[:left], ""])
            text = whole + begun[: 4 + plan.seed % (len(begun) - 12)]
        name = f"gpu-{month}.{stage}.psv" if cluster == "gpu" else f"npu-{month}.csv"
        (folder / name).write_text(text, encoding="utf-8")
        if cluster == "gpu" and plan.seed % 3 == 0:  # the same once more, by another name
            (folder / f"gpu-{month}.{stage}-copy.psv").write_text(text, encoding="utf-8")
    for at in snapshots(world, plan, month, stage):
        text = _snapshot([level for level in world.levels[month] if level.at_s == at])
        (folder / f"disk-{at * 1000}.txt").write_text(text, encoding="utf-8")


def _line(world: World, said: Said) -> str:
    job = said.job
    if job.cluster == "npu":
        end = "어제" if said.garbled else iso(job.end_s)
        return f"{job.number},{job.account},{iso(job.start_s)},{end},{job.cards}"
    end = "2026-13-45T00:00:00" if said.garbled else "Unknown" if said.open else _utc(job.end_s)
    state = "RUNNING" if said.open else "COMPLETED"
    start = _utc(job.start_s)
    submit = _utc(world.start(f"2026-{job.number // 1000:02d}") - HOUR_S)
    return f"{job.number}|{job.account}|{state}|{submit}|{start}|{end}|gres/gpu:h100={job.cards}"


def _utc(at_s: int) -> str:
    return CALENDAR.iso((at_s - 9 * HOUR_S) * 1000)[:19]


def _snapshot(levels: list[Level]) -> str:
    listed = [
        f"mmrepquota::0:1:::fs:FILESET:{n}:{level.account}:{level.mib * 1024}:"
        for n, level in enumerate(levels)
    ]
    return "\n".join(["*** Report for FILESET quotas on fs", DISK_HEAD, *listed, ""])


def snapshots(world: World, plan: Plan, month: str, stage: int) -> list[int]:
    """The instants whose snapshots lie there at a stage."""
    end = world.middle(month) if stage == MIDDLE else world.end(month)
    instants = [at for at in world.snapshots(month) if at <= end and world.levels[month]]
    return [at for at in instants if plan.snapshots.get((month, at), MIDDLE) <= stage]


def held(world: World, plan: Plan, month: str, stage: int) -> Iterator[tuple[Level, int]]:
    """Each level that can be known, and until when: the next snapshot, or as long as it carries."""
    instants = snapshots(world, plan, month, stage)
    for level in world.levels[month]:
        if level.at_s in instants:
            after = [at for at in instants if at > level.at_s]
            yield level, min([*after[:1], level.at_s + CARRY_S, world.end(month)])


def gap(world: World, plan: Plan, month: str, stage: int) -> bool:
    """Whether some of the days' levels are not known."""
    if not world.levels[month]:
        return False
    spans = [(level.at_s, until) for level, until in held(world, plan, month, stage)]
    known = sum(until - at for at, until in spans if at < world.end(month)) // 2  # a and c
    return known < world.days * DAY_S


def quantities(world: World, plan: Plan, month: str, stage: int) -> dict[tuple[str, str, str], int]:
    """What can be known of a month, by day, account and SKU: device_us and mib_s."""
    sums: dict[tuple[str, str, str], int] = {}

    def add(account: str, sku: str, start: int, end: int, each: int) -> None:
        for n, day in enumerate(world.lived(month)):
            begun = world.start(month) + n * DAY_S
            seconds = min(end, begun + DAY_S) - max(start, begun)
            if seconds > 0 and each:
                key = (day, account, sku)
                sums[key] = sums.get(key, 0) + seconds * each

    for job in known(world, plan, month, stage).jobs.values():
        add(job.account, SKU[job.cluster], job.start_s, job.end_s, job.cards * 1_000_000)
    for level, until in held(world, plan, month, stage):
        add(level.account, SKU["disk"], level.at_s, until, level.mib)
    return sums


def scrapes(world: World, plan: Plan, month: str) -> dict[str, list[tuple[int, str]]]:
    """When each watched card was seen, and under which job."""
    seen = {}
    for name in ("GPU-0", "GPU-1", "GPU-2"):
        dark = [(begun, ended) for device, begun, ended in plan.dark[month] if device == name]
        jobs = [job for job in world.jobs[month] if name in job.devices]
        seen[name] = [
            (at, next((str(j.number) for j in jobs if j.start_s < at <= j.end_s), ""))
            for at in range(world.start(month) + HOLD_S, world.end(month), SCRAPE_S)
            if not any(begun <= at < ended for begun, ended in dark)
        ]
    return seen


__all__ = ("AFTER", "Known", "known", "quantities", "scrapes", "write")
