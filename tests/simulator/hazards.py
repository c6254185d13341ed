"""What befalls a command: killed between two writes, no room, a held database, two at once.

A command runs in a fork, so that what it has in mind ends with it. A point is a moment at which
it is about to write: a statement or commit of the database, a file opened to be written, renamed
or removed.
"""

import json
import os
import pickle
import resource
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import metering.database.connection as connection
from tests.builders.sites.year_site import Centre

WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate")
HOLD_S = 0.15  # how long somebody else holds the database
WAIT_S = 0.05  # and how long a command waits for it, where it is not to come through
LIMITS = (0, 512, 4096, 20_000, 100_000)  # bytes of a file, beyond which there is no room


@dataclass
class Outcome:
    """How a command ended, and what is wrong about that."""

    code: int  # negative: the signal that killed it
    out: str = ""
    err: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        """What it said in JSON, nothing where it said none."""
        try:
            return dict(json.loads(self.out))
        except (ValueError, TypeError):
            return {}

    @property
    def said(self) -> str:
        kind = self.document.get("error_kind", "")
        return f"{self.code} {kind} {str(self.document.get('error', self.err))[:300]}".strip()


def start(act: Callable[[], object]) -> tuple[int, int]:
    """A fork that does it: its id, and the end of a pipe that gives what comes of it."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    code = 1
    try:
        os.close(reading)
        result = pickle.dumps(act())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(result)
        code = 0
    except BaseException:
        text = traceback.format_exc()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(Outcome(1, "", text, [f"it broke: {text}"])))
    finally:
        os._exit(code)


def end(started: tuple[int, int]) -> Any:
    """What came of a fork; the signal, as an Outcome, where it was killed."""
    child, reading = started
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Outcome(status) if status < 0 or not result else pickle.loads(result)  # noqa: S301


def typed(site: Centre, words: tuple[str, ...]) -> Outcome:
    """A command as a person types it, in this process."""
    said = site.type(*words)
    outcome = Outcome(said.code, said.out, said.err)
    if outcome.document.get("error_kind") == "unexpected":
        outcome.wrong.append(f"unexpected: {outcome.document.get('error')}")
    if "Traceback" in said.err:
        outcome.wrong.append(f"a trace: {said.err[-2000:]}")
    if said.code and "--json" in words and not outcome.document:
        outcome.wrong.append(f"it ended with {said.code} and said nothing: {said.out} {said.err}")
    return outcome


def plainly(site: Centre, words: tuple[str, ...]) -> Outcome:
    """A command that nothing befalls."""
    outcome = end(start(lambda: typed(site, words)))
    assert isinstance(outcome, Outcome)
    if outcome.code < 0:
        outcome.wrong.append(f"it died of signal {-outcome.code}")
    return outcome


def befall(site: Centre, words: tuple[str, ...], what: str, where: int) -> Outcome:
    """The command, and what befalls it."""
    match what:
        case "killed":
            return _killed(site, words, where)
        case "no room":
            return _no_room(site, words, LIMITS[where % len(LIMITS)])
        case "locked":
            return _locked(site, words, comes_through=where % 2 == 0)
        case "twice":
            return _twice(site, words)
    return _mistyped(site, words, where)


def _killed(site: Centre, words: tuple[str, ...], where: int) -> Outcome:
    def act() -> Outcome:
        die_at(where)
        return typed(site, words)

    outcome = end(start(act))
    assert isinstance(outcome, Outcome)
    return outcome


def die_at(where: int) -> None:
    """This process kills itself when it is about to pass its point of that number."""
    left = [where]

    def point(*_: object) -> None:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, arguments: tuple[object, ...]) -> None:
        if name in WRITES or (name == "open" and _to_write(arguments)):
            point()

    sys.addaudithook(audited)
    for moment in ("before_cursor_execute", "commit"):
        event.listen(sa.Engine, moment, point)


def _to_write(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _no_room(site: Centre, words: tuple[str, ...], limit: int) -> Outcome:
    def act() -> Outcome:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return typed(site, words)

    outcome = end(start(act))
    assert isinstance(outcome, Outcome)
    if outcome.code < 0:
        outcome.wrong.append(f"it died of signal {-outcome.code} where there was no room")
    return outcome


def _locked(site: Centre, words: tuple[str, ...], comes_through: bool) -> Outcome:
    """Somebody else writes in the database: for a moment, or for longer than anybody waits."""
    holder = start(lambda: _hold(site, HOLD_S if comes_through else 60))
    wait_for_lock(site)

    def act() -> Outcome:
        if not comes_through:
            connection.WAIT_S = WAIT_S  # type: ignore[assignment]
        return typed(site, words)

    outcome = end(start(act))
    if not comes_through:
        os.kill(holder[0], signal.SIGKILL)
    end(holder)
    assert isinstance(outcome, Outcome)
    if comes_through and outcome.document.get("error_kind") == "database":
        outcome.wrong.append("it did not wait for who writes")
    return outcome


def _hold(site: Centre, seconds: float) -> None:
    with closing(sqlite3.connect(site.site / "jeongsan.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        (site.site / "held").touch()
        time.sleep(seconds)


def wait_for_lock(site: Centre) -> None:
    """Until somebody holds the database."""
    while not (site.site / "held").exists():
        time.sleep(0.005)
    (site.site / "held").unlink()


def _twice(site: Centre, words: tuple[str, ...]) -> Outcome:
    """Two of it at once."""
    started = [start(lambda: typed(site, words)) for _ in range(2)]
    outcomes = [end(each) for each in started]
    first = min(outcomes, key=lambda outcome: abs(outcome.code))
    wrong = [text for outcome in outcomes for text in outcome.wrong]
    return Outcome(first.code, first.out, first.err, wrong)


def _mistyped(site: Centre, words: tuple[str, ...], where: int) -> Outcome:
    """A letter of one word is another: it is refused, and nothing is changed."""
    place = 1 + where % (len(words) - 1) if len(words) > 1 else 0
    word = words[place]
    letter = where % len(word)
    typo = (*words[:place], word[:letter] + "é" + word[letter + 1 :], *words[place + 1 :])
    if place and words[place - 1] in ("--by", "--reason"):  # names and reasons are anything
        return Outcome(0)
    before = site.tables()
    outcome = plainly(site, typo)
    if outcome.code == 0 and site.tables() != before:
        outcome.wrong.append(f"{typo} was done")
    if outcome.code and site.tables() != before:
        outcome.wrong.append(f"{typo} was refused and changed something")
    return outcome
