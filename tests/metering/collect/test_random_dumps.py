"""Dumps of a scheduler that lose, reorder, revise and repeat its jobs, against a model of what was
known: billed is what the last input to list a run said, and an open run counts to where that was
complete; every run that a later input lost is marked (METERING 31, 32)."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metering.calendar import DAY_MS, HOUR_MS, Period
from metering.collect.collect import collect
from metering.settings.source_options.source_config import SourceConfig
from tests.builders.sites.metering_site import GPU_HOUR_US, MIDNIGHT, Ground, cluster, ground

# A seed does not shrink to anything simpler.
FEW = settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
HEADER = "JobIDRaw|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES"
SACCT = SourceConfig("sacct", "slurm", "allocation", paths=("incoming/*.psv",))
WEEK = Period(MIDNIGHT, MIDNIGHT + 7 * DAY_MS)
LAST_HOUR = 7 * 24

Said = tuple[int, int | None] | None  # start and end (None: it runs); None: it never started


@dataclass(frozen=True)
class Life:
    """What truly became of a job, hour by hour, and what was corrected of it later."""

    submitted: int
    started: int
    ended: int
    revised_at: int
    revised: Said

    def at(self, hour: int) -> Said:
        """What the scheduler says of it at an hour; only asked for once it was submitted."""
        if hour >= self.revised_at:
            return self.revised
        if hour <= self.started:
            return None
        return self.started, (self.ended if hour >= self.ended else None)


Held = dict[int, tuple[int, int, bool]]  # by job: start, end, whether a later input lost it


@dataclass
class Model:
    """What is known of each job, by the order of the inputs that listed it."""

    complete_to: dict[tuple[str, str], int] = field(default_factory=dict)  # of a source's content
    said: dict[int, tuple[tuple[int, str], str, Said]] = field(default_factory=dict)

    def read(self, name: str, content: str, rows: dict[int, Said], given: int) -> None:
        source = name[: name.find("-") + 1]  # of which the name tells where there are several
        first = [at for (_, other), at in self.complete_to.items() if other == content]
        complete_to = self.complete_to.setdefault((source, content), min([*first, given]))
        for number, said in rows.items():
            order = complete_to, f"incoming/{name}"
            if number not in self.said or self.said[number][0] <= order:
                self.said[number] = order, source, said

    def held(self) -> Held:
        """Of each job that holds anything."""
        held = {}
        for number, ((complete_to, _), source, said) in self.said.items():
            if said is not None:
                start, end = said[0], complete_to if said[1] is None else said[1]
                if start < end:
                    own = [at for (other, _), at in self.complete_to.items() if other == source]
                    held[number] = start, end, said[1] is None and complete_to < max(own)
        return held


def line(number: int, life: Life, said: Said, hour: int) -> str:
    start, end = ("Unknown", "Unknown") if said is None else (said[0], said[1])
    state = "PENDING" if said is None else "RUNNING" if end is None else "COMPLETED"
    instants = [text(instant) for instant in (life.submitted, start, end)]
    return "|".join([str(number), "lab", state, *instants, str(hour), "gres/gpu:h100=1"])


def text(hour: int | str | None) -> str:
    if not isinstance(hour, int):
        return "Unknown"
    day, rest = divmod(hour + 15, 24)  # midnight in Seoul is 15:00 UTC of 2025-10-31
    return f"2025-{'10-31' if day == 0 else f'11-{day:02d}'}T{rest:02d}:00:00"


@st.composite
def lives(draw: st.DrawFn) -> Life:
    submitted = draw(st.integers(0, 100))
    started = submitted + draw(st.integers(0, 20))
    ended = started + draw(st.integers(0, 60))
    revised_at = draw(st.integers(started + 1, 200))
    end = st.integers(started, min(revised_at, started + 40))
    ends = end.map(lambda hour: (started, hour))
    later = end.map(lambda hour: (hour, max(hour, revised_at)))
    return Life(
        submitted, started, ended, revised_at,
        draw(st.one_of(st.none(), ends, later, st.just((started, started)))),
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return ground(tmp_path_factory.mktemp("dumps"), cluster(SACCT))


@pytest.mark.breadth
@FEW
@given(
    jobs=st.lists(lives(), min_size=1, max_size=4),
    taken=st.lists(st.integers(1, LAST_HOUR), min_size=1, max_size=5, unique=True),
    seed=st.integers(0, 2**32),
)
def test_billed_is_what_the_inputs_knew_in_their_order(
    tmp_path_factory: pytest.TempPathFactory,
    jobs: list[Life],
    taken: list[int],
    seed: int,
) -> None:
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("dumps")
    made = ground(path, cluster(SACCT))
    (path / "incoming").mkdir()
    model = Model()
    waiting: list[tuple[str, str, dict[int, Said]]] = []
    for hour in sorted(taken):
        waiting.append(dump(jobs, hour, chance))
        chance.shuffle(waiting)
        kept = [late for late in waiting if chance.random() < 0.2]  # arrives with a later collect
        arrived = [late for late in waiting if late not in kept]
        waiting = kept
        for name, content, _ in arrived:
            (path / "incoming" / name).write_text(content, encoding="utf-8")
        if not any((path / "incoming").iterdir()):
            continue
        for name, content, rows in arrived:
            model.read(name, content, rows, hour)
        collect(made.opened, WEEK, None, MIDNIGHT + hour * HOUR_MS)
        assert in_the_lake(made, path) == model.held()
        for file in (path / "incoming").iterdir():
            if chance.random() < 0.3:
                file.unlink()


NIGHTS = (
    replace(SACCT, name="gpu", paths=("incoming/gpu-*",)),
    replace(SACCT, name="npu", paths=("incoming/npu-*",)),
)


@pytest.mark.breadth
@FEW
@given(
    jobs=st.lists(lives(), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
)
def test_nights_bill_what_was_known_save_what_is_told_to_have_come_too_late(
    tmp_path_factory: pytest.TempPathFactory, jobs: list[Life], seed: int
) -> None:
    """A day a night of two sources, whose dumps come late, again, or are taken away."""
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("nights")
    site = ground(path, cluster(*NIGHTS))
    (path / "incoming").mkdir()
    model = Model()
    waiting: list[tuple[str, str, dict[int, Said]]] = []
    for day in range(LAST_HOUR // 24):
        upto = 24 * (day + 1)
        for source in ("gpu", "npu"):
            name, content, rows = dump(jobs, upto - chance.choice([0, 0, 5]), chance)
            waiting.append((f"{source}-{name}", content, rows))
        kept = [late for late in waiting if chance.random() < 0.3]
        arrived = [late for late in waiting if late not in kept]
        waiting = kept
        for name, content, rows in arrived:
            (path / "incoming" / name).write_text(content, encoding="utf-8")
            model.read(name, content, rows, upto)
        night = Period(MIDNIGHT + day * DAY_MS, MIDNIGHT + (day + 1) * DAY_MS)
        (collected,) = collect(site.opened, night, None, MIDNIGHT + upto * HOUR_MS)
        in_force, late = in_the_lake(site, path), too_late(site)
        assert not in_force.keys() & late.keys()
        assert in_force.items() <= model.held().items()  # nothing is billed that is not known
        assert model.held().items() <= {**in_force, **late}.items()  # and all is billed or told
        told = [finding for finding in collected.findings if finding.kind == "late_run"]
        hours = sum(stake.quantity for finding in told for stake in finding.stakes)
        assert hours == sum(end - start for start, end, _ in late.values()) * GPU_HOUR_US
        for file in (path / "incoming").iterdir():
            if chance.random() < 0.3:
                file.unlink()


def too_late(site: Ground) -> Held:
    """What is kept of jobs whose record came after their time was collected."""
    return {
        int(row["allocation_id"]): (
            (row["started_ms"] - MIDNIGHT) // HOUR_MS,
            (row["ended_ms"] - MIDNIGHT) // HOUR_MS,
            False,
        )
        for row in site.lake.read("late_run").to_pylist()
    }


def dump(jobs: list[Life], hour: int, chance: random.Random) -> tuple[str, str, dict[int, Said]]:
    """Name, content and what it says of each job that it does not lose."""
    rows = {
        number: life.at(hour)
        for number, life in enumerate(jobs)
        if life.submitted <= hour and chance.random() < 0.8
    }
    lines = [line(number, jobs[number], said, hour) for number, said in rows.items()]
    lines += chance.choices(lines, k=chance.randint(0, 2)) if lines else []
    chance.shuffle(lines)
    name = f"{chance.choice('abc')}{hour}.psv"
    return name, "\n".join([HEADER, *lines, ""]), rows


def in_the_lake(made: Ground, path: Path) -> Held:
    """Start, end and whether it was lost, of each job of which the lake has anything."""
    held: Held = {}
    for row in made.lake.read("allocation").to_pylist():
        number = int(row["allocation_id"])
        start, end = ((row[name] - MIDNIGHT) // HOUR_MS for name in ("started_ms", "ended_ms"))
        before = held.get(number, (start, end, False))
        assert before[0] == start, "two starts of one submission stand side by side"
        lost = before[2] or row["state"] == "VANISHED"
        held[number] = start, max(end, before[1]), lost
    return held
