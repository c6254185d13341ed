"""Kills a change of the lake between any two writes, each time in a process of its own.

`main` runs in a process that has opened nothing, with a directory that holds a lake `base/`; leaves
one copy for each boundary.
"""

import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from metering.database.connection import open_database
from metering.database.tables import watermark
from metering.lake.lake import Lake
from tests.builders.lakes import named
from tests.crash.forking import be_killed

SETS = ("2025-10-01", "2025-10-02", "2025-10-03")


def make(root: Path, names: tuple[str, ...], complete_to_ms: int, fault: object = None) -> None:
    """Three days and a watermark, changed together; later the third day is removed."""
    with open_database(f"sqlite:///{root}/jeongsan.db") as database:
        lake = Lake(root / "lake", database, *([fault] if fault else []))

        def record(connection: sa.Connection) -> None:
            connection.execute(sa.delete(watermark))
            row = {"cluster": "a", "source": "s", "complete_to_ms": complete_to_ms}
            connection.execute(sa.insert(watermark), [row])

        with lake.change() as change:
            for day in SETS:
                place = {"cluster": "a", "date": day, "shard": 0}
                if day == SETS[2] and complete_to_ms > 1:
                    change.remove("workload", place)
                else:
                    change.replace("workload", place, named(*names), {"day": day})
            change.record(record)


def die_at(boundary: int) -> object:
    """A fault that kills this process at a boundary, counted from 0."""
    left = [boundary]

    def fault(_: str) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    return fault


def main(directory: str) -> None:
    """Kill at boundary 0, 1, ... until a change comes through alive."""
    folder = Path(directory)
    for boundary in range(1000):
        root = folder / f"{boundary:03d}"
        shutil.copytree(folder / "base", root)
        if not be_killed(partial(make, root, ("new-1", "new-2"), 2, die_at(boundary))):
            return
    sys.exit("never came through")
