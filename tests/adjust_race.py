"""Runs many processes that issue a month and correct the one before it, all at once.

Run as a program with the site's directory, the database's URL and how many processes. Each begins
anew when it is told that what it looked at has changed, as a person would; and says at the end what
it did and whether it was the first: `issue first`, `adjust again`.
"""

import multiprocessing
import sys
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from adjust_site import LATER, NOV, again

from billing.adjust import adjust, look
from billing.close import approve, draft, issue
from metering.errors import CloseError, ConflictError
from metering.opened import OpenSite

TRIES = 200


def issued(opened: OpenSite, first: bool) -> str:
    """The month, drafted and approved anew unless this is the first try."""
    if not first:
        approve(opened, NOV, "박승인", draft(opened, NOV).digest)
    return "again" if issue(opened, NOV, LATER).again else "first"


def adjusted(opened: OpenSite, first: bool) -> str:
    """The correction, looked at anew unless this is the first try."""
    if not first:
        look(opened)
    done = adjust(opened, None, "박승인", "늦은 자료", LATER)
    return "again" if done is None or done.again else "first"


def run(number: int, root: Path, url: str, start: Barrier, said: Connection) -> None:
    """One process: issue by even ones, adjust by odd ones."""
    opened = again(root, url)
    word, act = ("issue", issued) if number % 2 == 0 else ("adjust", adjusted)
    start.wait()
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


def main(root: Path, url: str, count: int) -> None:
    """Start them all, let go at once, and print what each says."""
    context = multiprocessing.get_context("fork")
    start = context.Barrier(count)
    runs = []
    for number in range(count):
        here, there = context.Pipe(duplex=False)
        one = context.Process(target=run, args=(number, root, url, start, there))
        one.start()
        runs.append((one, here))
    for one, here in runs:
        print(here.recv())
        one.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
