"""Kills a close, an adjustment and a report with SIGKILL at random moments, each in a process.

`main` runs in a process that has opened nothing, with a directory that holds a site `base/` with
the usage of two months, how many kills, a seed, and the address of a PostgreSQL server (or nothing,
for SQLite). Each act has a directory of its own: `base` as it is before, `whole` after an unbroken
run, and the killed by number. A moment is drawn within the time that the unbroken run took; a
process that ended before its moment is not counted, and its number is tried again.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import sqlalchemy as sa

from billing.ledger import ledger
from metering.site.open_site import OpenSite
from reports.documents import render_month, write_recalculations
from reports.tax.signature import own_test_signer
from reports.tax.view import TaxWanted, write_tax
from tests.builders.sites.adjust_site import (
    LATE,
    LATER,
    NOV,
    OCT,
    again,
    close,
    corrected,
    put,
)
from tests.crash.forking import start

TRIES = 50


def close_both(opened: OpenSite) -> None:
    """Both months from the draft to the issue; one that is issued is left as it is."""
    for month in (OCT, NOV):
        with opened.database.read() as connection:
            state = ledger.month_state(connection, month)
        if state.state != "issued":
            close(opened, month)


def correct_late(opened: OpenSite) -> None:
    """The correction of what came late, looked at and issued."""
    corrected(opened, on=LATER)


def report_all(opened: OpenSite) -> None:
    """Every document of the corrected month, its tax invoices, and the record of corrections."""
    signer = own_test_signer(opened.site.directory)
    render_month(opened, OCT)
    write_tax(opened, TaxWanted(OCT, None, None, None, "", True), signer)
    write_recalculations(opened)


def come_late(opened: OpenSite) -> None:
    """More use of a month that is issued."""
    put(opened, OCT, LATE)


def have_key(opened: OpenSite) -> None:
    """A key is made once, before the first signature."""
    own_test_signer(opened.site.directory)


ACTS: dict[str, tuple[Callable[[OpenSite], None], Callable[[OpenSite], None]]] = {
    "close": (lambda _: None, close_both),
    "adjust": (come_late, correct_late),
    "report": (have_key, report_all),
}


def url_of(server: str, root: Path) -> str:
    """The database of a site on a server: named by its directory; '' is SQLite's, in it."""
    name = f"{root.parent.name}_{root.name}"
    return str(sa.make_url(server).set(database=name).render_as_string(False)) if server else ""


def copied(server: str, source: Path, target: Path) -> None:
    """A copy of a site that nobody has open, its database too; one that was there goes."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    if server:
        of, like = (sa.make_url(url_of(server, site)).database for site in (target, source))
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{of}" WITH (FORCE)'))
            connection.execute(sa.text(f'CREATE DATABASE "{of}" TEMPLATE "{like}"'))
        engine.dispose()


def started(site: tuple[str, Path], act: Callable[[OpenSite], None]) -> int:
    """A process of its own that does it."""
    server, root = site

    def open_and_act() -> None:
        opened = again(root, url_of(server, root))
        act(opened)
        opened.database.close()

    return start(open_and_act)


def done(site: tuple[str, Path], act: Callable[[OpenSite], None]) -> float:
    """The seconds that it takes from the start of its process to the end."""
    began = time.monotonic()
    _, status = os.waitpid(started(site, act), 0)
    if status:
        sys.exit(f"{site[1]} ended with {status}")
    return time.monotonic() - began


def killed_after(site: tuple[str, Path], act: Callable[[OpenSite], None], seconds: float) -> bool:
    """Whether it was alive to be killed at that moment."""
    child = started(site, act)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(directory: str, count: str, first_seed: str, server: str) -> None:
    """Each act unbroken, one from where the other ended; then the kills, act by act in turn."""
    folder, kills, seed = Path(directory), int(count), int(first_seed)
    before, took = folder / "base", dict[str, float]()
    for name, (prepare, act) in ACTS.items():
        base, whole = folder / name / "base", folder / name / "whole"
        copied(server, before, base)
        done((server, base), prepare)
        copied(server, base, whole)
        took[name] = done((server, whole), act)
        before = whole
    for number in range(kills):
        name = list(ACTS)[number % len(ACTS)]
        draw, root = Random(seed + number), folder / name / f"{number:04d}"
        for _ in range(TRIES):
            copied(server, folder / name / "base", root)
            if killed_after((server, root), ACTS[name][1], draw.random() * took[name]):
                break
        else:
            sys.exit(f"{root} was never alive to be killed")
