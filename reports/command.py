"""How a command begins and ends: the site it is about, its arguments, its errors as exit codes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

import typer
from sqlalchemy.exc import OperationalError

from metering.errors import JeongsanError
from metering.opened import OpenSite, open_site
from metering.period import read_month
from metering.site import Site
from reports.console import Screen

__all__ = ["Place", "argument", "opened", "read_month", "screen", "today"]

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


def today(site: Site) -> date:
    """Today at the site: only the command line and the DAGs read the clock."""
    return site.calendar.day_of(time.time_ns() // 1_000_000)
