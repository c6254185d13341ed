"""Kills an issue at every boundary between two writes, each time in a process of its own.

Run as a program with a directory that holds an approved site `base/` and its rules `rules/`;
leaves one copy for each boundary. A boundary lies before and after every file and every statement
that changes the database, and before and after the commit.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

import pyarrow as pa
from close_ground import MONTH, ON, open_ground
from sqlalchemy import event

from billing.close import issue
from metering.period import is_business_day

WRITES = ("INSERT", "UPDATE", "DELETE")


def die_at(boundary: int, root: Path, rules: Path) -> None:
    """Issue the month, killed at a boundary counted from 0."""
    left = [boundary]

    def fault(*_: object) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    opened = open_ground(root, fault, rules)

    def statement(*args: object) -> None:
        if str(args[2]).lstrip().upper().startswith(WRITES):
            fault()

    event.listen(opened.database.engine, "before_cursor_execute", statement)
    event.listen(opened.database.engine, "after_cursor_execute", statement)
    event.listen(opened.database.engine, "commit", fault)
    issue(opened, MONTH, ON)
    opened.database.close()


def main(folder: Path) -> None:
    """Kill at boundary 0, 1, ... until an issue comes through alive."""
    is_business_day(ON)  # load once, and not in every child, what is loaded when first used:
    pa.array([1])  # holidays, and what pyarrow takes along
    for boundary in range(1000):
        root = folder / f"{boundary:03d}"
        shutil.copytree(folder / "base", root)
        child = os.fork()
        if child == 0:
            die_at(boundary, root, folder / "rules")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))
    sys.exit("never came through")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
