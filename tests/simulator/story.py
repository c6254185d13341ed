"""Lives the months of a seed by the commands, each in a process of its own, while everything fails.

What is true is known apart from the program (`centre`). `plan` draws what goes wrong, `telling` is
what sources say of it, `hazards` what befalls a command, `servers` are the ones that fail; `judge`
holds what came out to what is true. A seed alone: `python -m tests.simulator 7`.
"""

import importlib
import pkgutil
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from metering.database.connection import open_database
from metering.database.tables import waived_day
from tests.builders.sites.adjust_site import import_late
from tests.builders.sites.command_line import run
from tests.builders.sites.example_month import tree_bytes
from tests.builders.sites.year_site import Centre, a_centre, issue_day
from tests.simulator import centre, hazards, judge, plan, telling
from tests.simulator.centre import ACCOUNTS, CALENDAR, DAY_S, HOUR_S, World, iso
from tests.simulator.plan import AFTER, MIDDLE, Plan
from tests.simulator.servers import serving

BY = ("--by", "김정산")
WHY = ("--reason", "시험")
TRIES = 4
MOVING = ("audit_trail",)  # tables in which doing the same again may be seen
AGAIN_METER = re.compile(r"`jeongsan meter ([-.0-9]+)`")


class StoryError(AssertionError):
    """A command that nothing befell was refused, or something was lost in silence."""


@dataclass
class Life:
    """The months of one seed as they are lived."""

    world: World
    plan: Plan
    site: Centre
    owners: dict[str, str]  # of each account, as the registry says
    stages: dict[str, int] = field(default_factory=dict)  # how much of a month is told
    step: int = 0
    took: list[str] = field(default_factory=list)  # what befell each command
    complaints: list[str] = field(default_factory=list)

    def do(self, *words: str, done: Callable[[], bool] = lambda: False) -> dict[str, Any]:
        """A command that has to be done, whatever befalls it at first."""
        self.step += 1
        befalls = self.plan.hazards.get(self.step)
        if befalls:
            outcome = hazards.befall(self.site, words, *befalls)
            self.took.append(f"step {self.step} {' '.join(words[:2])}: {befalls} {outcome.said}")
            self.complaints += [f"step {self.step} {words}: {text}" for text in outcome.wrong]
            if done():
                return {}
        for _ in range(TRIES if self.plan.s3 or self.plan.busy_server else 1):
            outcome = hazards.plainly(self.site, words)
            self.complaints += [f"step {self.step} {words}: {text}" for text in outcome.wrong]
            if outcome.code == 0 or done() or outcome.document.get("error_kind") == "findings":
                break
        else:
            raise StoryError(f"step {self.step} {' '.join(words)}: {outcome.said}")
        self.took.append(f"step {self.step} {' '.join(words[:2])}: {_ended(outcome)}")
        return outcome.document

    def load(self) -> None:
        folder = self.site.site / "registry"
        folder.mkdir(exist_ok=True)
        for name, text in centre.sheets(self.world, self.owners).items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        self.do("load", "--yes", "--json")

    def tell(self, month: str, stage: int) -> None:
        """A stage of a month comes, is collected and counted."""
        world = self.world
        self.stages[month] = stage
        telling.write(world, self.plan, month, stage, self.site.site / "incoming")
        until = world.middle(month) if stage == MIDDLE else world.end(month)
        complete = until if stage == MIDDLE else until + (1 + stage) * HOUR_S
        self.do("collect", "--from", world.lived(month)[0], "--to", iso(until),
                "--complete-to", iso(complete), "--json")  # fmt: skip
        self.meter(month)

    def meter(self, month: str) -> None:
        days = self.world.lived(month)
        self.do("meter", f"{days[0]}..{days[-1]}", "--json")

    def asked(self, *words: str) -> hazards.Outcome:
        """What a command shows, after a person has done what it asks for and has decided."""
        for _ in range(4):
            outcome = hazards.plainly(self.site, words)
            if outcome.code == 0:
                return outcome
            again = AGAIN_METER.search(str(outcome.document.get("error", "")))
            fails = [f for f in outcome.document.get("findings", ()) if f["severity"] == "fail"]
            kinds = sorted({f["kind"] for f in fails})
            self.took.append(f"{' '.join(words)} stopped: {kinds or outcome.said}")
            if "unowned_usage" in kinds:
                self.owners = {**ACCOUNTS, **self.plan.wrong_owner}
                self.load()
                for month in self.stages:
                    self.meter(month)
            elif again:
                self.do("meter", again[1], "--json")
            elif fails:
                for kind in kinds:
                    days = f"{self.world.months[0]}-01..{self.world.months[-1]}-28"
                    self.do("acknowledge", "--kind", kind, "--days", days, "--effect", "bill",
                            *WHY, *BY, "--yes", "--json")  # fmt: skip
            else:
                break
        raise StoryError(f"{' '.join(words)}: {outcome.said}")

    def close(self, month: str) -> None:
        """A month from the draft to its documents."""
        self.site.set_today(issue_day(month))
        digest = str(self.asked("draft", month, "--json").document["digest"])
        self.do("approve", month, "--digest", digest, *BY, "--json")
        self.do("issue", month, "--json", done=lambda: self.at(month) == "issued")

    def at(self, month: str) -> str:
        return str(judge.in_child(judge.state, self.site.site, month))

    def correct(self, months: tuple[str, ...]) -> None:
        """What came late of months that are issued."""
        for month in months:
            self.tell(month, AFTER)
        digest = self.asked("adjust", "--json").document.get("digest")
        if not digest:
            self.took.append("nothing to correct")
            return
        self.do("adjust", "--approve", "--digest", str(digest), *BY, *WHY, "--json",
                done=self.corrected)  # fmt: skip

    def corrected(self) -> bool:
        """Whether nothing is left to correct."""
        return "digest" not in self.asked("adjust", "--json").document

    def judged(self) -> None:
        """What the judge has against the site as it is."""
        found = judge.in_child(judge.judge, self.site.site, self.world, self.plan, self.stages,
                               self.owners)  # fmt: skip
        self.complaints += [f"after step {self.step}: {text}" for text in found]

    def proved(self) -> None:
        """A month drawn again is the same bytes, and what is collected again changes nothing."""
        month = self.world.months[self.plan.seed % len(self.world.months)]
        self.do("report", month, "--json")
        documents = self.site.site / "documents"
        before = tree_bytes(documents)
        shutil.rmtree(documents / month)
        self.do("report", month, "--json")
        after = tree_bytes(documents)
        self.complaints += [
            f"{name} is other bytes than before"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]
        self.do("verify", month, "--json")
        rows = self.site.tables(*MOVING)
        self.tell(month, AFTER)
        if self.site.tables(*MOVING) != rows:
            self.complaints.append(f"{month} collected once more is another one")


def _ended(outcome: hazards.Outcome) -> str:
    findings = outcome.document.get("findings", ())
    kinds = Counter(f"{each['severity']} {each['kind']}" for each in findings)
    fails = [
        f"{each['subject']}: {each['detail']}" for each in findings if each["severity"] == "fail"
    ]
    return f"{outcome.code} {fails} {', '.join(f'{n} {kind}' for kind, n in kinds.items())}"


def warm(folder: Path) -> None:
    """What every command does first, done once, so that no fork has to; it starts no thread."""
    for layer in ("metering", "billing", "reports", "jeongsan"):
        package = importlib.import_module(layer)
        for module in pkgutil.walk_packages(package.__path__, f"{layer}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    import_late()
    with TemporaryDirectory(dir=folder) as empty:
        open_database(f"sqlite:///{empty}/empty.db").close()
        run(Path(empty), "load", "--json")


def live(seed: int, folder: Path, months: int = 2, small: bool = False) -> Life:
    """The months of a seed, and what the judge has against them."""
    world = centre.draw(seed, months, small)
    drawn = plan.draw(world)
    shutil.rmtree(folder, ignore_errors=True)
    with serving(folder, world, drawn) as servers, a_centre(folder / "site") as site:
        (site.site / "site.toml").write_text(
            centre.site_toml(world, servers.prometheus, servers.lake), encoding="utf-8"
        )
        owners = {**ACCOUNTS, **drawn.wrong_owner}
        owners.pop(drawn.unowned, None)
        life = Life(world, drawn, site, owners)
        warm(folder)
        try:
            _live(life)
        except StoryError as error:
            life.complaints.append(str(error))
        return life


def _live(life: Life) -> None:
    rules = centre.rule_texts(life.world)
    for name, text in rules.items():
        path = life.site.site / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    life.site.set_today(date(2026, 1, 2))
    life.load()
    judge.in_child(_rest, life.site.site, life.world)
    for month in life.world.months:
        life.site.set_today(date.fromisoformat(iso(life.world.end(month) + 2 * DAY_S)[:10]))
        for stage in life.plan.stages[month]:
            life.tell(month, stage)
        life.close(month)
        if not life.plan.corrected_at_end:
            life.correct((month,))
        life.judged()
    if life.plan.corrected_at_end or life.owners != ACCOUNTS:
        life.owners = dict(ACCOUNTS)
        life.load()
        life.correct(life.world.months)
        life.judged()
    if not life.world.small or life.plan.seed % 5 == 0:
        life.proved()


def _rest(site: Path, world: World) -> None:
    """The days on which nothing runs, let pass by name."""
    from metering.site.open_site import open_site

    rows = [
        {"cluster": section, "day": day, "reason": "쉼", "by": "김정산"}
        for section in world.sections
        for month in world.months
        for day in CALENDAR.month_days(month)
        if str(day) not in world.lived(month)
    ]
    opened = open_site(site)
    with opened.database.begin() as connection:
        connection.execute(sa.insert(waived_day), rows)
    opened.database.close()


def main(directory: str, *seeds: str) -> None:
    """Lives small seeds one after the other; leaves of each what is against it and its site."""
    for seed in seeds:
        folder = Path(directory) / seed
        life = live(int(seed), folder, months=1, small=True)
        (folder / "complaints").write_text("\n".join(life.complaints), encoding="utf-8")
        if life.complaints:
            print("\n".join(report(life)))


def report(life: Life) -> Iterator[str]:
    """A life as a person reads it: the plan, what was done, and what is against it."""
    yield f"seed {life.plan.seed}; alone: python -m tests.simulator {life.plan.seed} (--small)"
    yield from ("plan:", *life.plan.lines(), "lived:", *life.took)
    yield from ("against it:", *life.complaints)
