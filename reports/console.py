"""What a person sees in the terminal: tables, findings, progress; or one JSON document instead."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from metering.errors import CheckError
from metering.finding import Finding
from metering.opened import Progress

Cell = str | int | None


def _plain(value: object) -> object:
    if isinstance(value, (date, Path, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


class Screen:
    """Writes results to standard output and progress to standard error."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)
        self._document: dict[str, object] = {}

    def say(self, text: str) -> None:
        """One line for a person; left out of JSON."""
        if not self.as_json:
            self._out.print(escape(text), soft_wrap=True)

    def fact(self, name: str, value: object, label: str | None = None) -> None:
        """One named result, shown to a person as `label value`."""
        self._document[name] = value
        if not self.as_json:
            self._out.print(
                f"[bold]{escape(label or name)}[/bold]  {escape(str(value))}", soft_wrap=True
            )

    def table(
        self,
        name: str,
        title: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[Cell]],
    ) -> None:
        """A table; `columns` are (JSON key, Korean heading). Whole numbers stand to the right."""
        keys = [key for key, _ in columns]
        self._document[name] = [dict(zip(keys, row, strict=True)) for row in rows]
        if self.as_json:
            return
        table = Table(title=escape(title), title_justify="left", header_style="bold", expand=False)
        for number, (_, heading) in enumerate(columns):
            right = any(isinstance(row[number], int) for row in rows)
            table.add_column(escape(heading), justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(
                *(f"{cell:,}" if isinstance(cell, int) else escape(cell or "-") for cell in row)
            )
        self._out.print(table)

    def findings(self, findings: Sequence[Finding]) -> None:
        """The findings, worst first; a count of each kind, then what a person must act on."""
        order = sorted(
            findings, key=lambda f: (f.severity, f.kind, f.cluster, f.day or date.min, f.subject)
        )
        self._document["findings"] = [
            {
                "key": f.key, "severity": f.severity, "kind": f.kind, "stage": f.stage,
                "cluster": f.cluster, "day": f.day, "subject": f.subject, "detail": f.detail,
            }
            for f in order
        ]  # fmt: skip
        if self.as_json or not order:
            return
        table = Table(
            title=f"확인할 사항 {len(order)}건", title_justify="left", header_style="bold"
        )
        for heading in ("번호", "수준", "종류", "클러스터", "일자", "내용"):
            table.add_column(heading, overflow="fold")
        shown = [f for f in order if f.severity == "fail"] or order
        for f in shown[:20]:
            mark = "[red]중단[/red]" if f.severity == "fail" else "[yellow]주의[/yellow]"
            detail = escape(f.detail or f.subject)
            table.add_row(f.key, mark, f.kind, f.cluster, str(f.day or ""), detail)
        self._out.print(table)
        if len(order) > len(shown[:20]):
            rest = len(order) - len(shown[:20])
            self.say(f"  그 밖에 {rest}건: jeongsan status --findings 로 모두 봅니다")

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
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=self._err) as bars:
            tasks = {}

            def show(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(escape(what), total=total)
                bars.update(tasks[what], completed=done, total=total)

            yield show

    def _lines(self) -> Progress:
        def show(what: str, done: int, total: int) -> None:
            if done == total:
                self._err.print(f"  {escape(what)}: {done}/{total}", soft_wrap=True)

        return show

    def error(self, message: str) -> None:
        """What went wrong, on standard error."""
        if self.as_json:
            self._document["error"] = message
        self._err.print(f"[red]오류[/red] {escape(message)}", soft_wrap=True)

    def close(self) -> None:
        """Writes the JSON document, when one was asked for."""
        if self.as_json:
            sys.stdout.write(
                json.dumps(self._document, ensure_ascii=False, indent=2, default=_plain) + "\n"
            )


def stop_on_fail(screen: Screen, findings: Sequence[Finding]) -> None:
    """Shows the findings; CheckError when one of them stops the stage."""
    screen.findings(findings)
    if fails := sum(1 for finding in findings if finding.severity == "fail"):
        raise CheckError(
            f"{fails} findings stop this stage: mend the input and run again, or decide with"
            " `jeongsan acknowledge`"
        )
