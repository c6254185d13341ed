"""How a command begins and ends: the site it is about, its arguments, its errors as exit codes.

What it needs is imported when it is needed: a help page or a completion opens no site.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from jeongsan import clock
from jeongsan.clock import now_ms, today
from metering.errors import JeongsanError
from reports.wording.language import Language

if TYPE_CHECKING:
    from datetime import date

    from billing.ledger.month_history import Who
    from billing.rulebook.rule_book import RuleBook
    from metering.calendar import Calendar
    from metering.site.open_site import OpenSite
    from reports.terminal.failures import Failure
    from reports.terminal.screen import Screen

T = TypeVar("T")
ZONE = "Asia/Seoul"  # whose today it is where there is no site


class Place:
    """Where the site is, which command runs, who reads: set by the options before the command."""

    directory = Path()
    command = "jeongsan"
    language = Language.KOREAN


@contextmanager
def screen(as_json: bool) -> Iterator["Screen"]:
    """A screen that turns what went wrong into one message and an exit code: 1, 2 for wrong usage,
    130 for Ctrl-C. For a program whatever it was is in the JSON document; a person sees wrong usage
    as typer shows it, and a mistake of this program with where it was."""
    from reports.operations.run_log import running
    from reports.terminal.screen import Screen

    shown = Screen(as_json, Place.language)
    with running(Place.command.removeprefix("jeongsan "), now_ms), _told(shown):
        yield shown


@contextmanager
def _told(shown: "Screen") -> Iterator[None]:
    as_json = shown.as_json
    try:
        yield
    except typer.Exit:
        raise
    except (Exception, KeyboardInterrupt) as error:
        failure = what_failed(error)
        if not as_json and failure.kind in ("usage", "interrupted", "unexpected"):
            raise
        shown.error(failure)
        raise typer.Exit(failure.exit_code) from error
    finally:
        shown.close()


def what_failed(error: BaseException) -> "Failure":
    """What an error means to who ran the command, those of typer among them."""
    from reports.terminal.failures import failure_of, wrong_usage

    if isinstance(error, typer.Abort):
        return failure_of(KeyboardInterrupt())
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else Place.command
        return wrong_usage(error.format_message(), command, error.exit_code)
    return failure_of(error)


def opened() -> "OpenSite":
    """The site of this command, open. Where its database and its lake are not of one time, that is
    told beside whatever the command shows."""
    from billing.ledger.number_register import settle
    from metering.site.open_site import open_site
    from reports.wording.register_words import apart_text

    leave_pandas_alone()
    site = open_site(Place.directory)
    if (apart := settle(site.database, site.lake)) is not None:
        typer.echo(apart_text(apart), err=True)
    return site


def leave_pandas_alone() -> None:
    """PyArrow looks for pandas at the first array that it makes of Python values, and imports it
    for a quarter of a second, whoever asked. Here it looks while there is none; what is later made
    into a DataFrame (reports/frames) imports pandas all the same."""
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(hidden)


class _NoPandas(MetaPathFinder):
    """Finds no pandas, for as long as it stands before the other finders."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """None for what the others may look for; ModuleNotFoundError for pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not looked for now", name=fullname)


@dataclass(frozen=True, slots=True)
class RulesHere:
    """The rule book that a command without a database is about, where it lies (None: it came with
    the program), and the calendar whose today is meant."""

    book: "RuleBook"
    directory: Path | None
    calendar: "Calendar"


def rules_here(directory: Path, *, needs_site: bool) -> RulesHere:
    """The rules of the site in a directory, or where there is none those that came with the
    program. With `needs_site` a directory without site.toml is an error; wrong rules are Mistakes.
    """
    from billing.rulebook.rule_book import read_rulebook
    from metering.calendar import Calendar
    from metering.settings.site_toml import read_site

    if not (directory / "site.toml").exists():
        if needs_site:
            raise JeongsanError(
                f"{directory}: there is no site.toml; name the site (`jeongsan --site DIR ...`) or"
                " leave --site out for the rules that came with the program"
            )
        return RulesHere(read_rulebook(), None, Calendar(ZONE))
    site = read_site(directory)
    return RulesHere(read_rulebook(site.rules), site.rules, site.calendar)


def rules_of_day(text: str) -> tuple[RulesHere, "date"]:
    """The rules of the site, or those that came with the program where no site was named and none
    is here; and the day that is written, or today."""
    on = day_argument(text) if text else None
    rules = rules_here(Place.directory, needs_site=Place.directory != Path())
    return rules, on or rules.calendar.day_of(now_ms())


def argument(read: Callable[[str], T], text: str) -> T:
    """An argument as the field reads it; a wrong one is a usage error (exit code 2)."""
    try:
        return read(text)
    except (ValueError, JeongsanError) as error:
        raise typer.BadParameter(str(error)) from error


def month_argument(text: str) -> str:
    """A month written 2025-10; anything else is a usage error."""
    from metering.calendar import read_month

    return argument(read_month, text)


def day_argument(text: str) -> "date":
    """A day written 2025-10-01; anything else is a usage error."""
    from metering.calendar import read_date

    return argument(read_date, text)


def day_or_today(place: "OpenSite", text: str) -> "date":
    """The day that is written, or today at the site where none is."""
    return day_argument(text) if text else today(place.site)


def day_recorded(place: "OpenSite", text: str) -> "date":
    """The day on which money is recorded: today where none is written; a day that has not come is
    a usage error, since who looks today would not see what was recorded."""
    day, now = day_or_today(place, text), today(place.site)
    if day > now:
        raise typer.BadParameter(f"{day} has not come: today is {now}", param_hint="--on")
    return day


def me(by: str = "") -> "Who":
    """Who runs a command, by the name that is given or else the login's, from which login, when."""
    from billing.ledger.month_history import Who

    login = clock.login()
    return Who(by or login, now_ms(), login)


def at_terminal() -> bool:
    """Whether a person sits there who can answer."""
    return sys.stdin.isatty()


def asked(out: "Screen", question: str) -> bool:
    """Whether a person at the terminal said yes; False where nobody can be asked here."""
    if out.as_json or not at_terminal():
        return False
    if not typer.confirm(question):
        raise JeongsanError("nothing was decided, nothing was stored")
    return True


def consented(out: "Screen", digest: str, question: str) -> str:
    """The digest that is on the screen, once a person said yes to it. Where nobody can be asked, a
    usage error: consent names what was seen (SETTLEMENT 41)."""
    if not asked(out, question):
        message = f"nobody can be asked here; name what was looked at: --digest {digest[:12]}"
        raise typer.BadParameter(message, param_hint="--digest")
    return digest
