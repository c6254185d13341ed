"""Kills an adjustment at boundaries between two writes, each time in a process of its own.

`main` runs in a process that has opened nothing, with a directory that holds a site `base/` whose
correction somebody looked at, and how many kills at most; leaves the copy `whole`, which nobody
killed, and one for each kill. A boundary lies before and after every file and every statement that
changes the database, and before and after the commit. The last ones, around the transaction, are
always among them.
"""

import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

from sqlalchemy import event

from billing.adjust.adjust import adjust
from tests.builders.sites.adjust_site import LATER, again
from tests.crash.forking import be_killed, count_of

WRITES = ("INSERT", "UPDATE", "DELETE")
LAST = 4


def die_at(boundary: int | None, root: Path) -> int:
    """Issue the correction, killed at a boundary counted from 0; gives how many it passed alive."""
    passed = 0

    def fault(*_: object) -> None:
        nonlocal passed
        if passed == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    opened = again(root, fault=fault)

    def statement(*args: object) -> None:
        if str(args[2]).lstrip().upper().startswith(WRITES):
            fault()

    event.listen(opened.database.engine, "before_cursor_execute", statement)
    event.listen(opened.database.engine, "after_cursor_execute", statement)
    event.listen(opened.database.engine, "commit", fault)
    adjust(opened, None, "박승인", "늦은 자료", LATER)
    opened.database.close()
    return passed


def main(directory: str, most: str) -> None:
    """Count the boundaries in an adjustment that lives, and kill others at those asked for."""
    folder, kills = Path(directory), int(most)
    shutil.copytree(folder / "base", folder / "whole")
    count = count_of(folder, partial(die_at, None, folder / "whole"))
    early = range(0, count - LAST, max(1, -(-(count - LAST) // max(1, kills - LAST))))
    for boundary in (*early, *range(count - LAST, count)):
        root = folder / f"{boundary:04d}"
        shutil.copytree(folder / "base", root)
        if not be_killed(partial(die_at, boundary, root)):
            sys.exit(f"boundary {boundary} was not reached")
