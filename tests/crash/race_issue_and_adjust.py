"""Runs races: many processes that issue a month and correct the one before it, all at once.

`main` runs in a process that has opened nothing, with how many processes, a seed, and for each race
a site's directory and the database's URL. Each process begins anew when it is told that what it
looked at has changed, as a person would; and says at the end what it did and whether it was the
first: `issue first`, `adjust again`. A line of output is a race.
"""

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random

from billing.adjust.adjust import adjust, look
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from metering.errors import CloseError, ConflictError
from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import LATER, NOV, again

TRIES = 200
APART_S = 0.2  # about as long as one takes alone


def issued(opened: OpenSite, first: bool) -> str:
    """The month, drafted and approved anew unless this is the first try."""
    if not first:
        approve(opened, NOV, "박승인", draft(opened, NOV).digest)
    return "again" if issue(opened, NOV, LATER, late=True).again else "first"


def adjusted(opened: OpenSite, first: bool) -> str:
    """The correction, looked at anew unless this is the first try."""
    if not first:
        look(opened)
    done = adjust(opened, None, "박승인", "늦은 자료", LATER)
    return "again" if done is None or done.again else "first"


def run(number: int, seed: int, place: tuple[Path, str], start: Barrier, said: Connection) -> None:
    """One process: issue by even ones, adjust by odd ones."""
    opened = again(*place)
    word, act = ("issue", issued) if number % 2 == 0 else ("adjust", adjusted)
    start.wait()
    time.sleep(Random(seed).random() * APART_S)
    for attempt in range(TRIES):
        try:
            said.send(f"{word} {act(opened, attempt == 0)}")
            return
        except CloseError as error:
            if "is issued" in str(error):  # by another, between the draft and here
                said.send(f"{word} again")
                return
        except ConflictError:
            continue
    said.send(f"{word} never")


def race(place: tuple[Path, str], count: int, seed: int) -> list[str]:
    """Start them all, let go at once; what each says."""
    context = multiprocessing.get_context("fork")
    start = context.Barrier(count)
    runs = []
    for number in range(count):
        here, there = context.Pipe(duplex=False)
        given = (number + seed, seed * count + number, place, start, there)
        process = context.Process(target=run, args=given)
        process.start()
        runs.append((process, here))
    said = [str(here.recv()) for _, here in runs]
    for process, _ in runs:
        process.join()
    return said


def main(processes: str, first_seed: str, *places: str) -> None:
    """One race after the other."""
    count, seed = int(processes), int(first_seed)
    for at, place in enumerate(zip(places[::2], places[1::2], strict=True)):
        said = race((Path(place[0]), place[1]), count, seed + at)
        print(", ".join(said), flush=True)
