"""What a person sees in the terminal: tables, findings, progress; or one JSON document instead."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.style import Style
from rich.text import Text

from metering.errors import CheckError
from metering.finding import Finding
from metering.repeated_findings import RepeatedFinding, by_cause
from metering.site.open_site import Progress
from reports.terminal.failures import Failure
from reports.terminal.finding_lines import count_rows, documents_of, head_of, lines_of
from reports.terminal.screen_table import Cell, terminal_table, visible
from reports.wording.finding_titles import LEVELS
from reports.wording.language import Language
from reports.wording.shown_text import english, korean

__all__ = ["WIDE", "Cell", "Screen", "json_text", "stop_on_fail"]

FINDINGS_SHOWN = 20
NOTHING: Mapping[str, int] = MappingProxyType({})
LINE = 64  # a list up to here stands in one line
WIDE = 10_000  # where the output is no terminal, nothing is folded
COLOURS = {"fail": "red", "warn": "yellow"}


def json_text(value: object) -> object:
    """What JSON has no kind of its own for, as its exact text."""
    if isinstance(value, (date, Path, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _console(stderr: bool = False) -> Console:
    """A console that takes text as it is: no markup, no emoji codes, no colours of its own."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


class Screen:
    """Writes results to standard output and progress to standard error."""

    def __init__(self, as_json: bool = False, language: Language = Language.KOREAN) -> None:
        self.as_json = as_json
        self.language = language
        self._out = _console()
        self._err = _console(stderr=True)
        self._document: dict[str, object] = {}

    @property
    def width(self) -> int:
        """How many letters stand beside one another."""
        return self._out.width

    def say(self, text: str) -> None:
        """One line for a person; left out of JSON."""
        if not self.as_json:
            self._out.print(Text(visible(text)), soft_wrap=True)

    def fact(self, name: str, value: object, label: str | None = None) -> None:
        """One named result, shown to a person as `label value`, a long list line by line and one
        that is empty as 없음."""
        self._document[name] = value
        if self.as_json:
            return
        many = [visible(str(part)) for part in (value if isinstance(value, list) else [value])]
        line = ", ".join(many) if many else "없음"
        gap = "  " if len(many) <= 1 or len(line) <= LINE else "\n  "
        words = gap + (line if gap == "  " else gap.join(many))
        self._out.print(Text.assemble((label or name, "bold"), words), soft_wrap=True)

    def path(self, path: Path) -> None:
        """A file's path that can be clicked, in a line of its own; left out of JSON."""
        if not self.as_json:
            link = Style(link=path.absolute().as_uri()) if self._out.is_terminal else ""
            line = Text.assemble("  ", (visible(str(path)), link))
            self._out.print(line, soft_wrap=True)

    def table(
        self,
        name: str,
        title: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[Cell]],
        *,
        spare: Sequence[str] = (),
        right: Sequence[str] = (),
        note: str = "",
    ) -> None:
        """A table; `columns` are (JSON key, Korean heading). Whole numbers stand to the right, and
        so do the columns of `right`.
        Where it is narrow the columns of `spare` are left out, the first of them first. `note` is
        what stands below."""
        keys = [key for key, _ in columns]
        self._document[name] = [dict(zip(keys, row, strict=True)) for row in rows]
        if self.as_json:
            return
        table, missing = terminal_table(
            visible(title),
            [heading for _, heading in columns],
            rows,
            [keys.index(key) for key in spare],
            self._out.width,
            [keys.index(key) for key in right],
        )
        self._out.print(table)
        if not rows:
            self.say("없음")
        if missing:
            self.say(f"화면이 좁아 {', '.join(missing)} 열을 뺐습니다. 모두 보려면 --json")
        self.say(f"{note}\n" if note else "")

    def findings(
        self,
        findings: Sequence[Finding],
        worth_krw: Mapping[str, int] = NOTHING,
        *,
        every: bool = False,
    ) -> None:
        """The findings by their cause, worst first: how many of each kind, then those that stop,
        the first of them; with `every`, all that there are. `worth_krw` is by a finding's key."""
        order = by_cause(findings)
        if self.as_json:
            self._document["findings"] = [
                row for cause in order for row in documents_of(cause, worth_krw)
            ]
            return
        shown = order if every else [c for c in order if c.severity == "fail"][:FINDINGS_SHOWN]
        rest = len(order) - len(shown)
        note = f"{rest:,}건의 내용은 jeongsan status --findings" if rest else ""
        self.counts(findings, note, worth_krw)
        for cause in shown:
            self._cause(cause, worth_krw)

    def counts(
        self,
        findings: Sequence[Finding],
        note: str = "",
        worth_krw: Mapping[str, int] = NOTHING,
    ) -> None:
        """How many causes there are of each kind in each section, on how many days where one has
        several, and what those may be worth that have a worth; nothing where nothing was found."""
        rows = count_rows(by_cause(findings), worth_krw)
        if not rows:
            return
        names = (("level", "수준"), ("kind", "종류"), ("cluster", "구역"), ("count", "건"),
                 ("days", "날"), ("worth_krw", "정가로 (원)"))  # fmt: skip
        kept = [at for at in range(len(names)) if at < 4 or any(row[at] for row in rows)]
        total = sum(row[3] for row in rows if isinstance(row[3], int))
        self.table(
            "counts", f"확인할 사항 {total:,}건", [names[at] for at in kept],
            [tuple(row[at] for at in kept) for row in rows], note=note,
        )  # fmt: skip

    def _cause(self, cause: RepeatedFinding, worth_krw: Mapping[str, int]) -> None:
        """Its level, kind, place and key (or days) in a line, and below what there is to say."""
        self._out.print(
            Text.assemble(
                (LEVELS[cause.severity], COLOURS[cause.severity]),
                *((f"  {visible(text)}", style) for text, style in head_of(cause)),
            )
        )
        for line in lines_of(cause, worth_krw, self.shown):
            self._out.print(Padding(Text(visible(line)), (0, 0, 0, 6), expand=False))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar a piece of long work on standard error; a line a piece where it is no terminal."""
        if self.as_json:
            yield lambda what, done, total: None
            return
        if not self._err.is_terminal:
            yield self._lines()
            return
        columns = (
            TextColumn("  {task.description}", markup=False),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=self._err) as bars:
            tasks = {}

            def show(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(visible(what), total=total)
                bars.update(tasks[what], completed=done, total=total)

            yield show

    def _lines(self) -> Progress:
        def show(what: str, done: int, total: int) -> None:
            if done == total:
                self._err.print(Text(f"  {visible(what)}: {done}/{total}"), soft_wrap=True)

        return show

    def error(self, failure: Failure) -> None:
        """What went wrong, on standard error, in the language of who reads it; whole in the JSON
        document, as it is recorded and as it is shown."""
        message = self.shown(failure.message)
        self._document |= failure.document() | {"message": message}
        word = "Error" if self.language == Language.ENGLISH else "오류"
        line = Text.assemble((word, "red"), f" {visible(message)}")
        self._err.print(line, soft_wrap=True)

    def shown(self, message: str) -> str:
        """A message of the record in the language of who reads it."""
        return english(message) if self.language == Language.ENGLISH else korean(message)

    def close(self) -> None:
        """Writes the JSON document, when one was asked for."""
        if self.as_json:
            sys.stdout.write(
                json.dumps(self._document, ensure_ascii=False, indent=2, default=json_text) + "\n"
            )


def stop_on_fail(
    screen: Screen, findings: Sequence[Finding], blocking: Sequence[Finding] | None = None
) -> None:
    """Shows the findings; CheckError when one of them stops the stage: a fail, or where
    `blocking` is given (since people answered some), one of these."""
    screen.findings(findings)
    fails = (
        [finding for finding in findings if finding.severity == "fail"]
        if blocking is None
        else blocking
    )
    if fails:
        what = "1 finding stops" if len(fails) == 1 else f"{len(fails)} findings stop"
        raise CheckError(
            f"{what} this stage: mend the input and run again, or decide with"
            " `jeongsan acknowledge`"
        )
