"""Random dumps of a store, a booking system and a cloud that lose, reorder, revise and duplicate
their records, judged by a model that knows the truth: billed is what was known, and what goes
beyond it is told."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from metering.calendar import HOUR_MS
from metering.finding import Finding
from tests.breadth import few
from tests.builders.bookings import NEMO, Lab, use
from tests.builders.servers.cloud_api import (
    COUNTERS,
    KEYS,
    Nhn,
    Row,
    at,
    meter,
    nhn_source,
    pull,
    serving,
    site_of,
)
from tests.builders.storage_files import OPTIONS, Store, filesets, hours

SEEDS = few(4, range(12))
HOURS = 48
CARRY = 5
DOUBT = "Quota accounting information is inaccurate and quotacheck must be run.\n"


@dataclass
class Disks:
    """A store hour by hour: which file set holds how many GiB; and what its dumps say of it."""

    random: Random
    truth: dict[int, dict[str, int]] = field(default_factory=dict)
    listed: dict[int, dict[str, int]] = field(default_factory=dict)  # as the files say it now

    def live(self) -> None:
        """File sets are made, grow, and go; one stays, so that a store never is without a row."""
        sets = {"keep": 1}
        for hour in range(HOURS + 1):
            for name in ("a", "b", "c"):
                change = self.random.random()
                if change < 0.15:
                    sets[name] = self.random.randrange(1, 9)
                elif change < 0.22:
                    sets.pop(name, None)
            self.truth[hour] = dict(sets)

    def dump(self, nas: Store, hour: int) -> None:
        """A dump of an hour: true, wrong and revised later, inaccurate by its own word, or twice
        over, its rows in any order."""
        sets = self.truth[hour]
        names = self.random.sample(sorted(sets), len(sets))
        kind = self.random.choice(("true", "true", "true", "revised", "inaccurate", "twice"))
        said = {name: sets[name] for name in names}
        if kind == "revised":
            said = {name: size + 5 for name, size in said.items()}
        text = filesets(**said)
        if kind == "inaccurate":
            nas.put(hour, filesets(keep=99) + DOUBT)
            return
        nas.put(hour, text)
        if kind == "twice":
            nas.put(hour, text, "again.txt")
        self.listed[hour] = said

    def known(self, complete: int) -> tuple[dict[tuple[str, int], int], set[int], set[str]]:
        """By the dumps that there are: GiB by file set and hour, hours that nobody knows, and the
        file sets that went before `complete`."""
        held: dict[tuple[str, int], int] = {}
        went: set[str] = set()
        instants = sorted(self.listed)
        dark = set(range(instants[0] if instants else HOURS))
        for number, begin in enumerate(instants):
            later = instants[number + 1 :]
            until = later[0] if later else begin + CARRY if begin + CARRY <= complete else begin
            for name, size in self.listed[begin].items():
                for hour in range(begin, min(until, begin + CARRY)):
                    held[name, hour] = size
            dark |= set(range(begin + CARRY, later[0] if later else max(complete, until)))
            if later and later[0] < complete:
                went |= self.listed[begin].keys() - self.listed[later[0]].keys()
        return held, dark, went


@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_bills_what_its_dumps_know_and_tells_the_rest(tmp_path: Path, seed: int) -> None:
    disks = Disks(Random(seed))
    disks.live()
    nas = Store(tmp_path / "site", replace(OPTIONS, carry_ms=CARRY * HOUR_MS))
    order = [0, *disks.random.sample(range(1, HOURS), 24)]  # half of them never come
    for step, number in enumerate((4, 9, len(order))):
        for hour in sorted(order[:number]) if step else order[:number]:
            if not any(nas.path.glob(f"in/snap-{hours(hour)}.*")):
                disks.dump(nas, hour)
        if step == 2:  # what was wrong is written anew, under the same name
            for hour, said in disks.listed.items():
                if said != disks.truth[hour]:
                    disks.listed[hour] = disks.truth[hour]
                    nas.put(hour, filesets(**disks.truth[hour]))
        findings = nas.collect(0, HOURS, hours(HOURS)).findings
        held, dark, went = disks.known(HOURS)
        assert billed_gib(nas) == held
        days = {finding.day for finding in findings if finding.kind == "reading_gap"}
        assert {day.day - 1 for day in days if day} == {hour // 24 for hour in dark if hour < HOURS}
        gone = {finding.subject for finding in findings if finding.kind == "reading_gone"}
        assert gone == {f"snaps fs/{name}" for name in went}
        wrong = {finding.subject for finding in findings if finding.kind == "distrusted_list"}
        assert len(wrong) == len(list(nas.path.glob("in/*"))) - len(
            [path for path in nas.path.glob("in/*") if DOUBT not in path.read_text()]
        )


def billed_gib(nas: Store) -> dict[tuple[str, int], int]:
    held: dict[tuple[str, int], int] = {}
    for resource, _, start, end, mib in nas.readings():
        for hour in range(int(str(start).split(".")[0]), int(str(end).split(".")[0])):
            name = str(resource).removeprefix("fs/")
            assert (name, hour) not in held
            held[name, hour] = int(str(mib)) // 1024
    return held


@dataclass
class Room:
    """Uses of one piece of equipment: each by its id, with the hours from and to, and whose."""

    random: Random
    uses: dict[int, tuple[int, int, int]] = field(default_factory=lambda: {0: (0, 1, 3)})
    last: int = 0

    def live(self) -> None:
        """Some uses are added, some shortened, and some deleted, all but the first."""
        for _ in range(self.random.randrange(1, 6)):
            self.last += 1
            start = self.random.randrange(1, 23)
            self.uses[self.last] = start, start + 1, self.random.choice((3, 4))
        for number in sorted(self.uses)[1:]:
            change = self.random.random()
            if change < 0.15:
                del self.uses[number]
            elif change < 0.3:
                start, end, who = self.uses[number]
                self.uses[number] = start, max(start, end - 1), who

    def rows(self) -> list[Mapping[str, object]]:
        rows = [use(number, start, end, project=who)
                for number, (start, end, who) in self.uses.items()]  # fmt: skip
        return self.random.sample(rows, len(rows))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_booking_system_bills_its_last_whole_list_and_tells_what_went(
    tmp_path: Path, seed: int
) -> None:
    room = Room(Random(seed))
    lab = Lab(tmp_path / "site", replace(NEMO, bill="used", whole=True))
    ever: dict[int, tuple[int, int, int]] = {}
    known: dict[int, tuple[int, int, int]] = {}
    partial = False
    for step in range(6):
        room.live()
        rows = room.rows()
        kind = room.random.choice(("whole", "whole", "twice", "page", "lost"))
        if kind == "page" and len(rows) > 1:
            partial = True
            lab.json({"count": len(rows), "results": rows[:-1]}, f"n-{step}.json")
        elif kind != "lost":
            known = dict(room.uses)
            lab.json({"count": len(rows), "results": rows}, f"n-{step}.json")
            ever |= known
        if kind == "twice":
            lab.json(room.rows(), f"n-{step}-again.json")
        if not known:
            continue
        findings = lab.collect(0, 24).findings
        assert lab_hours(lab) == {
            (str(who), hour) for start, end, who in known.values() for hour in range(start, end)
        }
        gone = [last_span for number, last_span in ever.items() if number not in known]
        told = [finding for finding in findings if finding.kind == "deleted_booking"]
        assert bool(told) is any(start < end for start, end, _ in gone)
        assert any(finding.kind == "partial_list" for finding in findings) is partial


def lab_hours(lab: Lab) -> set[tuple[str, int]]:
    return {
        (str(account), hour)
        for account, _, _, start, end in lab.readings()
        for hour in range(int(str(start).split(".")[0]), int(str(end).split(".")[0]))
    }


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nhn]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    server = Nhn()
    with serving(server):
        yield server


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cloud_bills_what_it_says_now_and_tells_what_may_stand_twice(
    tmp_path: Path, cloud: Nhn, seed: int
) -> None:
    random = Random(seed)
    made = site_of(tmp_path, nhn_source(cloud.url, COUNTERS[0]))
    for number in range(40):
        used = random.randrange(0, 46)
        late = random.choice((0, 0, 1, 20))
        row = meter(used, random.randrange(1, 4), gmid=f"g{number}", resourceId=f"r{number % 7}")
        cloud.rows.append({**row, "insertTime": at(min(used + late + 0.5, 47.9))})
    for step in range(4):
        for row in random.sample(cloud.rows, 6):
            change = random.choice(("revised", "deleted", "again", "twice"))
            if change == "revised":  # inserted anew under its id: it replaces itself
                cloud.rows.append({**row, "counterVolume": 5, "insertTime": at(47 + step / 10)})
            elif change == "deleted":
                cloud.rows = [other for other in cloud.rows if other["gmid"] != row["gmid"]]
            elif change == "again":  # delivered again under another id
                again = {"gmid": f"{row['gmid']}-{step}-again", "insertTime": at(47.5)}
                cloud.rows.append({**row, **again})
            else:
                cloud.rows.append(dict(row))
        random.shuffle(cloud.rows)
        findings = pull(made, 0, 48).findings
        latest = in_force(cloud.rows)
        assert billed_hours(made.lake.read("reading").to_pylist()) == totals(latest)
        assert days_of(findings, "repeated_meter") == repeats(latest)
        assert days_of(findings, "ambiguous_meter") == differing(cloud.rows)
        assert pull(made, 0, 48).findings == [
            finding for finding in findings if finding.kind != "deleted_meter"
        ]


def in_force(rows: list[Row]) -> list[Row]:
    """Of each id and subject the row that was inserted last."""
    latest: dict[tuple[object, ...], Row] = {}
    for row in sorted(rows, key=lambda row: (str(row["insertTime"]), int(row["counterVolume"]))):
        latest[row["gmid"], row["resourceId"], row["timestamp"]] = row
    return list(latest.values())


def totals(rows: list[Row]) -> dict[tuple[str, str], int]:
    """Device-hours by resource and hour."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        sums[row["resourceId"], row["timestamp"]] += row["counterVolume"]
    return dict(sums)


def billed_hours(readings: list[Mapping[str, object]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for reading in readings:
        start = (int(str(reading["started_ms"])) - hours(0)) // HOUR_MS
        sums[str(reading["resource_id"]).split("/")[-1], at(start)] += (
            int(str(reading["quantity"])) // 1000
        )
    return dict(sums)


def repeats(rows: list[Row]) -> set[int]:
    """The days of use with an amount that stands again, delivered more than a minute later."""
    groups: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for row in rows:
        subject = row["resourceId"], row["timestamp"], row["counterVolume"]
        groups[subject].add(row["insertTime"])
    return {int(str(subject[1])[8:10]) for subject, inserted in groups.items() if len(inserted) > 1}


def differing(rows: list[Row]) -> set[int]:
    """The days of insertion with two amounts of one id at once."""
    said: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for row in rows:
        subject = row["gmid"], row["resourceId"], row["timestamp"], row["insertTime"]
        said[subject].add(row["counterVolume"])
    return {int(str(subject[3])[8:10]) for subject, volumes in said.items() if len(volumes) > 1}


def days_of(findings: list[Finding], kind: str) -> set[int]:
    return {finding.day.day for finding in findings if finding.kind == kind and finding.day}
