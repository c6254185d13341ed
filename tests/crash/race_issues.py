"""Races two processes that issue the same approved month, let go once both have it open.

`main` runs in a process that has opened nothing, with a directory that holds an approved site
`base/` and its rules `rules/`; prints a line for each: whether it was `first` or came `again`, the
bundle and the invoices' numbers.
"""

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from billing.close.issue_month import issue
from tests.builders.sites.close_site import MONTH, ON, open_ground

PROCESSES = 2


def run(folder: Path, start: Barrier, said: Connection) -> None:
    """One of them."""
    opened = open_ground(folder / "base", None, folder / "rules")
    start.wait()
    issued = issue(opened, MONTH, ON)
    numbers = [invoice.number for invoice in issued.invoices]
    said.send(" ".join(["again" if issued.again else "first", issued.bundle, *numbers]))
    opened.database.close()


def main(directory: str) -> None:
    """Start both, and print what they say."""
    context = multiprocessing.get_context("fork")
    start = context.Barrier(PROCESSES)
    runs = []
    for _ in range(PROCESSES):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=run, args=(Path(directory), start, there))
        process.start()
        there.close()  # so that the end of a process that said nothing is seen here
        runs.append((process, here))
    for process, here in runs:
        print(here.recv(), flush=True)
        process.join()
        assert process.exitcode == 0
