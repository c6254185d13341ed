"""How a command begins and ends: the site it is about, its arguments, its errors as exit codes.

What it needs is imported when it is needed: a help page or a completion opens no site.
"""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from jeongsan.clock import now_ms, today
from metering.errors import JeongsanError

if TYPE_CHECKING:
    from datetime import date

    from billing.ledger.month_history import Who
    from metering.site.open_site import OpenSite
    from reports.terminal.screen import Screen

T = TypeVar("T")


class Place:
    """Where the site is; set once by the options before the command."""

    directory = Path()


@contextmanager
def screen(as_json: bool) -> Iterator["Screen"]:
    """A screen that turns what went wrong into one message: exit code 1, or 2 for wrong usage."""
    from sqlalchemy.exc import OperationalError

    from reports.terminal.screen import Screen

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


def opened() -> "OpenSite":
    """The site of this command, open."""
    from metering.site.open_site import open_site

    return open_site(Place.directory)


def argument(read: Callable[[str], T], text: str) -> T:
    """An argument as the field reads it; a wrong one is a usage error (exit code 2)."""
    try:
        return read(text)
    except (ValueError, JeongsanError) as error:
        raise typer.BadParameter(str(error)) from error


def month_argument(text: str) -> str:
    """A month written 2025-10; anything else is a usage error."""
    from metering.period import read_month

    return argument(read_month, text)


def day_argument(text: str) -> "date":
    """A day written 2025-10-01; anything else is a usage error."""
    from metering.period import read_date

    return argument(read_date, text)


def day_or_today(place: "OpenSite", text: str) -> "date":
    """The day that is written, or today at the site where none is."""
    return day_argument(text) if text else today(place.site)


def me() -> "Who":
    """Who runs a command, by the login's name, and when."""
    from billing.ledger.month_history import Who

    return Who(getpass.getuser(), now_ms())
