"""What goes wrong with a seed: which source says what too late, wrongly or not at all, and when."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from tests.simulator.centre import HOUR_S, Job, World, iso

# What is told of a month, one after the other: in the middle of its days, after them, once more
# before the close, and after it was issued.
MIDDLE, WHOLE, AGAIN, AFTER = 0, 1, 2, 3
STAGES = {MIDDLE: "mid-way", WHOLE: "its end", AGAIN: "once more", AFTER: "after its issue"}
FATES = (
    "late", "wrong end", "wrong cards", "wrong account", "never ran", "phantom", "garbled",
    "open for ever", "wrong start",
)  # fmt: skip
FOR_SLURM = ("open for ever", "wrong start")


@dataclass(frozen=True)
class Fate:
    """What befalls the record of a job: until a stage sources are silent, or say something else."""

    what: str
    until: int  # the first stage that says it rightly
    lie: Job | None = None


@dataclass
class Plan:
    """Everything that goes wrong, and when."""

    seed: int
    fates: dict[tuple[str, int], Fate] = field(default_factory=dict)  # by cluster and number
    phantoms: dict[str, list[Job]] = field(default_factory=dict)  # jobs that never were, by month
    cuts: dict[tuple[str, int, str], int] = field(default_factory=dict)  # lines left of a file
    snapshots: dict[tuple[str, int], int] = field(default_factory=dict)  # first told at a stage
    dark: dict[str, list[tuple[str, int, int]]] = field(default_factory=dict)  # device, from, to
    wrong_owner: dict[str, str] = field(default_factory=dict)  # account -> project, till the end
    unowned: str = ""  # an account that the registry lacks until somebody asks
    corrected_at_end: bool = False  # what comes late is corrected once for all months
    s3: bool = False
    stages: dict[str, tuple[int, ...]] = field(default_factory=dict)  # before a month's close
    hazards: dict[int, tuple[str, int]] = field(default_factory=dict)  # by step: what, and where
    busy_server: bool = False  # Prometheus fails some of its answers

    def lines(self) -> Iterator[str]:
        """The plan as a person reads it."""
        for month, stages in self.stages.items():
            yield f"{month} is read: {', '.join(STAGES[stage] for stage in stages)}"
        yield f"seed {self.seed}: lake {'in a bucket that fails' if self.s3 else 'on a disk'}"
        for (cluster, number), fate in sorted(self.fates.items()):
            lie = f", told as {_told(fate.lie)}" if fate.lie else ""
            until = STAGES.get(fate.until, "never")
            yield f"{cluster} job {number}: {fate.what}{lie}; right: {until}"
        for (month, stage, cluster), left in sorted(self.cuts.items()):
            yield f"{month} {cluster}: file of {STAGES[stage]} cut in its line {left + 1}"
        for (month, at), stage in sorted(self.snapshots.items()):
            yield f"{month} disk: snapshot of {iso(at)} comes {STAGES.get(stage, 'never')}"
        for month, spans in sorted(self.dark.items()):
            for device, begun, ended in spans:
                yield f"{month} {device}: not seen from {iso(begun)} for {ended - begun} s"
        for account, project in self.wrong_owner.items():
            yield f"account {account} is entered as {project}'s until both months are issued"
        if self.unowned:
            yield f"account {self.unowned} is not in the registry until a draft asks for it"
        if self.busy_server:
            yield "prometheus answers 503, cuts answers and is slow"
        for step, (what, where) in sorted(self.hazards.items()):
            yield f"step {step}: {what} at {where}"
        when = "once, at the end" if self.corrected_at_end else "after each month"
        yield f"what comes late is corrected {when}"


def _told(job: Job) -> str:
    return f"{job.account} {job.end_s - job.start_s} s x {job.cards} from {iso(job.start_s)}"


HAZARDS = ("killed", "killed", "killed", "no room", "locked", "twice", "mistyped")
STEPS_MAX = 80


def draw(world: World) -> Plan:
    """The plan of a world's seed."""
    random = Random(f"plan {world.seed}")
    plan = Plan(world.seed)
    for month in world.months:
        for job in world.jobs[month]:
            if random.random() < 0.35:
                plan.fates[job.cluster, job.number] = _fate(random, world, job, month)
        plan.stages[month] = _stages(random, world.small)
        plan.phantoms[month] = list(_phantoms(random, world, month, plan))
        for cluster in world.clusters:
            if random.random() < 0.3:
                stage = random.choice((WHOLE, AGAIN))
                plan.cuts[month, stage, cluster] = random.randint(1, 4)
        for at in world.snapshots(month)[:-1] if world.levels[month] else ():
            if random.random() < 0.25:
                plan.snapshots[month, at] = random.choice((WHOLE, AGAIN, AFTER, 9))
        plan.dark[month] = [
            (f"GPU-{random.randrange(3)}", at, at + random.randint(400, 20_000))
            for at in [world.start(month) + random.randint(HOUR_S, 20 * HOUR_S)]
            if world.watched and random.random() < 0.6
        ]
    if random.random() < 0.4:
        plan.wrong_owner = {random.choice(("a2", "c")): "B-1"}
    plan.unowned = random.choice(("", "", "b"))
    plan.corrected_at_end = random.random() < 0.5
    plan.s3 = random.random() < 0.3
    plan.busy_server = random.random() < 0.5
    plan.hazards = {
        step: (random.choice(HAZARDS), int(2 ** (random.random() * 9)))
        for step in range(STEPS_MAX)
        if random.random() < 0.3
    }
    return plan


def _stages(random: Random, small: bool) -> tuple[int, ...]:
    """When sources are read before the close: after the days in any case."""
    if small:
        return random.choice(((WHOLE,), (WHOLE,), (MIDDLE, WHOLE), (WHOLE, AGAIN)))
    middle = (MIDDLE,) if random.random() < 0.4 else ()
    return (*middle, WHOLE, *((AGAIN,) if random.random() < 0.5 else ()))


def _fate(random: Random, world: World, job: Job, month: str) -> Fate:
    what = random.choice([name for name in FATES if name != "phantom"])
    if job.cluster != "gpu" and what in FOR_SLURM:
        what = "late"
    until = random.choice((AGAIN, AFTER))
    span = job.end_s - job.start_s
    match what:
        case "wrong end":
            return Fate(what, until, replace(job, end_s=job.start_s + random.randint(1, span)))
        case "wrong start":
            return Fate(what, until, replace(job, start_s=job.end_s - random.randint(1, span)))
        case "wrong cards" if job.cards > 1:
            return Fate(what, until, replace(job, cards=1))
        case "wrong account":
            others = [name for name in ("a", "a2", "b", "c") if name != job.account]
            return Fate(what, until, replace(job, account=random.choice(others)))
        case "never ran":
            return Fate(what, until, replace(job, end_s=job.start_s))
        case "open for ever":
            open_then = job.start_s < world.middle(month) < job.end_s
            return Fate(what if open_then else "late", 9 if open_then else until)
        case "garbled":
            return Fate(what, random.choice((AGAIN, AFTER, 9)))
    return Fate("late", until)


def _phantoms(random: Random, world: World, month: str, plan: Plan) -> Iterator[Job]:
    """A job that is told for a time and then turns out to have never run."""
    if "gpu" not in world.sections or random.random() < 0.5:
        return
    at = world.start(month) + random.randint(0, 20 * HOUR_S)
    lie = Job("gpu", int(month[5:]) * 1000 + 900, "c", at, at + random.randint(60, 7200), 1)
    plan.fates["gpu", lie.number] = Fate("phantom", random.choice((AGAIN, AFTER)), lie)
    yield replace(lie, end_s=at)
