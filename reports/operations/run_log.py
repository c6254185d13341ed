"""What a run tells programs of itself: a JSON line at its begin and its end on standard error where
$JEONGSAN_LOG is json, and its figures in the directory that $JEONGSAN_METRICS names.
"""

import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from metering.calendar import Calendar
from reports.layout.write_files import write_file

LOG: Final = "JEONGSAN_LOG"
METRICS: Final = "JEONGSAN_METRICS"
UTC: Final = Calendar("UTC")


@dataclass(slots=True)
class _Run:
    command: str
    of: dict[str, str]  # section, day, month
    began_ms: int
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)  # section -> record -> rows

    def say(self, event: str, at_ms: int, **more: object) -> None:
        if os.environ.get(LOG) == "json":
            line = {
                "at": UTC.iso(at_ms), "event": event, "run": self.run_id,
                "command": self.command, **self.of, **more,
            }  # fmt: skip
            sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")

    def leave_figures(self, folder: Path, ended_ms: int, ok: bool) -> None:
        """A file a section, since those are run apart; a run of none has one of its own."""
        from reports.operations.metrics import run_exposition

        sections = self.rows or {self.of.get("section", ""): {}}
        for section, rows in sections.items():
            text = run_exposition(
                self.command, section, ended_ms, ended_ms - self.began_ms, ok, rows
            )
            name = f"jeongsan_run_{self.command}_{section or 'all'}.prom"
            try:
                write_file(folder / name, text.encode())
            except OSError as error:  # no run fails because nobody can watch it
                sys.stderr.write(f"{folder}: cannot be written: {error}\n")


_CURRENT: ContextVar[_Run | None] = ContextVar("run", default=None)


@contextmanager
def running(command: str, now_ms: Callable[[], int], **of: str) -> Iterator[None]:
    """A run from its begin to its end, where anybody asked to know of runs; `of` says of which
    section, day or month it is."""
    if not (os.environ.get(LOG) or os.environ.get(METRICS)):
        yield
        return
    run = _Run(command, {name: text for name, text in of.items() if text}, now_ms())
    token = _CURRENT.set(run)
    run.say("begin", run.began_ms)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        _CURRENT.reset(token)
        from reports.operations.metrics import seconds  # which a run that nobody asks of needs not

        ended_ms, ok = now_ms(), error is None or getattr(error, "exit_code", 1) == 0
        why = {} if ok or error is None else {"error": str(error.__cause__ or error)}
        took = seconds(ended_ms - run.began_ms)
        run.say("end", ended_ms, ok=ok, seconds=took, rows=run.rows, **why)
        if folder := os.environ.get(METRICS):
            run.leave_figures(Path(folder), ended_ms, ok)


def counted(section: str, rows: Mapping[str, int]) -> None:
    """Adds rows of a section by kind of record to the run that is on its way, if anybody asked."""
    run = _CURRENT.get()
    if run is not None:
        own = run.rows.setdefault(section, {})
        for record, count in rows.items():
            own[record] = own.get(record, 0) + count


def concerns(**of: str) -> None:
    """Says of which day or month the run is, once that is known."""
    run = _CURRENT.get()
    if run is not None:
        run.of.update(of)
