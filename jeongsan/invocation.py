"""How a command begins and ends: the site it is about, its arguments, its errors as exit codes."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer
from sqlalchemy.exc import OperationalError

from jeongsan.clock import now_ms
from metering.collect.watermark import watermarks
from metering.errors import JeongsanError
from metering.period import Period, read_month
from metering.site.open_site import OpenSite, open_site
from reports.terminal.screen import Screen

if TYPE_CHECKING:
    from billing.ledger.month_history import Who

__all__ = ["Place", "argument", "collected_window", "me", "opened", "read_month", "screen"]

T = TypeVar("T")


class Place:
    """Where the site is; set once by the options before the command."""

    directory = Path()


@contextmanager
def screen(as_json: bool) -> Iterator[Screen]:
    """A screen that turns what went wrong into one message: exit code 1, or 2 for wrong usage."""
    shown = Screen(as_json)
    try:
        yield shown
    except typer.BadParameter as error:
        shown.failed(error.message)
        raise
    except JeongsanError as error:
        shown.error(str(error))
        raise typer.Exit(1) from error
    except OSError as error:
        shown.error(f"{error}; nothing is half-written: free the place or the access, run it again")
        raise typer.Exit(1) from error
    except OperationalError as error:
        shown.error(f"the database does not answer: {error.orig}; mend it and run this again")
        raise typer.Exit(1) from error
    finally:
        shown.close()


def opened() -> OpenSite:
    """The site of this command, open."""
    return open_site(Place.directory)


def argument(read: Callable[[str], T], text: str) -> T:
    """An argument as the field reads it; a wrong one is a usage error (exit code 2)."""
    try:
        return read(text)
    except (ValueError, JeongsanError) as error:
        raise typer.BadParameter(str(error)) from error


def collected_window(place: OpenSite, first: str, last: str, complete_to_ms: int | None) -> Period:
    """What to collect. Without a beginning: from where the sources are complete, at first from the
    site's first month; without an end: to where they are said to be complete, or to now."""
    site = place.site
    if first:
        start_ms = argument(site.calendar.moment, first)
    else:
        with place.database.read() as connection:
            known = [watermarks(connection, one.name) for one in (*site.clusters, *site.stores)]
        reached = [ms for one in known for ms in one.values()]
        start_ms = min(reached, default=site.calendar.month(site.first_month).start_ms)
    end_ms = argument(site.calendar.moment, last) if last else complete_to_ms or now_ms()
    if end_ms <= start_ms:
        begin, end = site.calendar.iso(start_ms), site.calendar.iso(end_ms)
        raise typer.BadParameter(f"{end} is not after {begin}", param_hint="--to")
    return Period(start_ms, end_ms)


def me() -> "Who":
    """Who runs a command, by the login's name, and when."""
    from billing.ledger.month_history import Who

    return Who(getpass.getuser(), now_ms())
