"""The text of sacct: lines by its header, or in the documented order of columns."""

from collections.abc import Iterator
from dataclasses import dataclass

from metering.calendar import Calendar, Naive
from metering.sources.reading import exact_numbers, files
from metering.sources.slurm.cluster_names import ClusterNames
from metering.sources.slurm.runs import (
    KNOWN,
    NEVER,
    RUNNING,
    STEP,
    Job,
    NoRowError,
    RefusedRunError,
)

# The order of the documented pull; JobName stands last, as it may hold the delimiter.
ORDER = (
    "jobidraw jobid cluster account user partition qos state submit eligible start end elapsedraw"
    " suspended exitcode alloctres consumedenergyraw restarts nodelist jobname"
)
COMMAND = (
    "TZ=UTC SLURM_TIME_FORMAT=standard sacct --allusers --clusters=CLUSTER --parsable2"
    " --allocations --duplicates --noconvert -S FROM -E TO"
    f" --format={','.join(ORDER.split())}"
)
NEEDED = ("account", "state", "submit", "start", "end", "alloctres")
USED = (*NEEDED, "jobidraw", "jobid", "user", "partition", "nodelist", "suspended")
DELIMITERS = ("|#", "|")
UNKNOWN = frozenset({"", "Unknown", "None", "N/A"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a line stand, and what parts them."""

    names: tuple[str, ...]
    delimiter: str
    trailing: bool  # every line ends in a delimiter (--parsable)
    last_is_free: bool  # the last field may hold the delimiter

    @property
    def parts(self) -> int:
        """How many delimiters a whole line has, at least."""
        return len(self.names) - 1 + self.trailing

    def fields(self, line: str) -> dict[str, str]:
        """The fields of a line by column; refused unless it has exactly as many."""
        if self.trailing:
            line = line.removesuffix(self.delimiter)
        parts = line.split(self.delimiter, len(self.names) - 1 if self.last_is_free else -1)
        if len(parts) != len(self.names):
            raise RefusedRunError(f"has {len(parts)} fields instead of {len(self.names)}")
        return dict(zip(self.names, parts, strict=True))


DOCUMENTED = Columns(tuple(ORDER.split()), "|", trailing=False, last_is_free=True)


def columns_of(line: str, needed: frozenset[str], free: str) -> Columns | None:
    """The columns that a line names, if it is a header; `free` may hold the delimiter if last."""
    delimiter = next((candidate for candidate in DELIMITERS if candidate in line), None)
    if delimiter is None:
        return None
    names = line.strip().lower().split(delimiter)
    trailing = names[-1] == ""
    names = names[:-1] if trailing else names
    if not needed <= set(names):
        return None
    return Columns(tuple(names), delimiter, trailing, names[-1] == free)


def rows(
    raw: bytes, header: frozenset[str], free: str, columns: Columns | None
) -> Iterator["SacctRow"]:
    """The rows of a text with the columns in force there, lines that a field broke put together.

    Bytes that are no UTF-8 stay in as lone surrogates: only a field that is used is refused.
    """
    whole = _Whole(columns)
    for number, line, line_bytes in files.numbered_lines(raw):
        if line is not None and (titles := columns_of(line, header, free)):
            yield from whole.flush()
            whole.columns = titles
            continue
        text = line_bytes.decode("utf-8", "surrogateescape") if line is None else line
        yield from whole.add(number, text)
    yield from whole.flush()


@dataclass(frozen=True, slots=True)
class SacctRow:
    """A row of a text: its first line, its columns (None: no header yet) and how it reads."""

    number: int
    columns: Columns | None
    text: str

    def fields(self) -> dict[str, str]:
        """Its fields by column; refused where there are more or fewer."""
        if self.columns is None:
            raise RefusedRunError("stands before any header")
        return self.columns.fields(self.text)

    def shown(self) -> str:
        """The text with bytes that are no UTF-8 written out."""
        raw = self.text.encode("utf-8", "surrogateescape")
        return raw.decode("utf-8", "backslashreplace")


class _Whole:
    """Lines to rows: parts of a line that together have exactly its delimiters are one row.

    A line that is whole by itself is never put together with another.
    """

    def __init__(self, columns: Columns | None) -> None:
        self.columns = columns
        self._parts: list[tuple[int, str, int]] = []  # line number, text, delimiters

    def add(self, number: int, text: str) -> Iterator[SacctRow]:
        if self.columns is None:
            yield SacctRow(number, None, text)
            return
        count = text.count(self.columns.delimiter)
        if count >= self.columns.parts or not (count or self._parts):
            yield from self.flush()
            yield SacctRow(number, self.columns, text)
            return
        self._parts.append((number, text, count))
        while self._delimiters() > self.columns.parts or not self._parts[0][2]:
            yield self._first()
            if not self._parts:
                return
        if self._delimiters() == self.columns.parts:
            text = "\n".join(part for _, part, _ in self._parts)
            yield SacctRow(self._parts[0][0], self.columns, text)
            self._parts = []

    def flush(self) -> Iterator[SacctRow]:
        """The parts that make no row."""
        while self._parts:
            yield self._first()

    def _delimiters(self) -> int:
        return sum(count for _, _, count in self._parts)

    def _first(self) -> SacctRow:
        number, text, _ = self._parts.pop(0)
        return SacctRow(number, self.columns, text)


def job_of(row: SacctRow, calendar: Calendar, naive: Naive, own: ClusterNames) -> Job:
    """The run that a row of sacct tells of; NoRowError for a step, for what never started and for
    a run of another cluster."""
    line = row.fields()
    own.admit(line.get("cluster"))
    if not {"jobidraw", "jobid"} & line.keys():
        raise RefusedRunError(f"its header has no jobidraw; take `{COMMAND}`")
    job = line.get("jobidraw") or line.get("jobid") or ""
    if STEP.fullmatch(job):
        raise NoRowError("step")
    state = line["state"].split(" ", 1)[0]
    if not job or state not in KNOWN:
        raise RefusedRunError(f"job {job!r} in an unknown state {line['state']!r}")
    if missing := [name for name in NEEDED if name not in line]:
        raise RefusedRunError(f"its header has no {', '.join(missing)}; take `{COMMAND}`")
    if not row.text.isascii():
        for name in USED:
            if any("\udc80" <= letter <= "\udcff" for letter in line.get(name, "")):
                raise RefusedRunError(f"its {name} is no UTF-8")
    if "\n" in job:
        raise RefusedRunError(f"job {job!r} is broken over lines")
    started = line["start"] not in UNKNOWN and state not in NEVER
    if not started and line["submit"] in UNKNOWN:
        raise NoRowError("not_started")
    running = not started or line["end"] in UNKNOWN or state in RUNNING
    return Job(
        job,
        line["account"],
        line.get("user", ""),
        line.get("partition", ""),
        line.get("nodelist", ""),
        state,
        line["alloctres"],
        instant(line["submit"], calendar, naive),
        instant(line["start"], calendar, naive) if started else None,
        None if running else instant(line["end"], calendar, naive),
        _suspended_ms(line.get("suspended", "")),
    )


def instant(text: str, calendar: Calendar, naive: Naive) -> int:
    """An instant in ms; refused where no clock that is right can have shown it."""
    instant_ms = calendar.instant(text, naive=naive)
    if not exact_numbers.FIRST_MS <= instant_ms < exact_numbers.LAST_MS:
        raise RefusedRunError(f"has the impossible instant {text}")
    return instant_ms


def _suspended_ms(text: str) -> int:
    if text in UNKNOWN:
        return 0
    suspended_ms = exact_numbers.clock_ms(text)
    if suspended_ms is None:
        raise RefusedRunError(f"Suspended {text!r} is no [D-]HH:MM:SS")
    return suspended_ms
