"""Kills an issue at boundaries between two writes, each time in a process of its own.

`main` runs in a process that has opened nothing, with a directory that holds an approved site
`base/` and its rules `rules/`, and a step; leaves the copy `whole`, which nobody killed, and one
for every `step`-th boundary and for each of the last ten. A boundary lies before and after every
file and every statement that changes the database, and before and after the commit.
"""

import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

from sqlalchemy import event

from billing.close.issue_month import issue
from tests.builders.sites.close_site import MONTH, ON, open_ground
from tests.crash.forking import be_killed, count_of

WRITES = ("INSERT", "UPDATE", "DELETE")
LAST = 10


def die_at(boundary: int | None, root: Path, rules: Path) -> int:
    """Issue the month, killed at a boundary counted from 0; gives how many it passed alive."""
    passed = 0

    def fault(*_: object) -> None:
        nonlocal passed
        if passed == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    opened = open_ground(root, fault, rules)

    def statement(*args: object) -> None:
        if str(args[2]).lstrip().upper().startswith(WRITES):
            fault()

    event.listen(opened.database.engine, "before_cursor_execute", statement)
    event.listen(opened.database.engine, "after_cursor_execute", statement)
    event.listen(opened.database.engine, "commit", fault)
    issue(opened, MONTH, ON)
    opened.database.close()
    return passed


def main(directory: str, apart: str) -> None:
    """Count the boundaries in an issue that lives, and kill others at those asked for."""
    folder, step = Path(directory), int(apart)
    shutil.copytree(folder / "base", folder / "whole")
    count = count_of(folder, partial(die_at, None, folder / "whole", folder / "rules"))
    for boundary in range(count):
        if boundary % step and boundary < count - LAST:
            continue
        root = folder / f"{boundary:03d}"
        shutil.copytree(folder / "base", root)
        if not be_killed(partial(die_at, boundary, root, folder / "rules")):
            sys.exit(f"boundary {boundary} was not reached")
