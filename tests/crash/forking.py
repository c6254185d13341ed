"""Processes of their own for what is killed: each forked from one that has opened nothing."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path


def start(act: Callable[[], object]) -> int:
    """The id of a new process that does it and ends."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        act()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def finish(act: Callable[[], object]) -> None:
    """Do it in a process that ends well."""
    code = os.waitstatus_to_exitcode(os.waitpid(start(act), 0)[1])
    if code:
        sys.exit(f"a process that nobody kills ended with {code}")


def be_killed(act: Callable[[], object]) -> bool:
    """Do it in a process; whether it was killed on the way, as it is to do by itself."""
    code = os.waitstatus_to_exitcode(os.waitpid(start(act), 0)[1])
    if code not in (0, -signal.SIGKILL):
        sys.exit(f"a process that is to be killed ended with {code}")
    return code != 0


def count_of(folder: Path, pass_all: Callable[[], int]) -> int:
    """How many boundaries a process passes that nobody kills; kept in folder/boundaries."""
    kept = folder / "boundaries"
    finish(lambda: kept.write_text(str(pass_all()), encoding="utf-8"))
    return int(kept.read_text(encoding="utf-8"))
