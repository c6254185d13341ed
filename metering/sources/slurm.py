"""Slurm accounting: the text of sacct, by its header or in the documented order of columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from metering.errors import TimeError
from metering.period import Calendar, Period
from metering.plain_text import flaw, tidy
from metering.site import Cluster, Site, SourceConfig
from metering.sources import exact, incoming
from metering.sources.batch import Batch, Quarantined, shown
from metering.sources.models import Models
from metering.sources.schemas import ALLOCATION_RUN, table_of

# The order of the documented pull; JobName stands last, as it may hold the delimiter.
ORDER = (
    "jobidraw jobid cluster account user partition qos state submit eligible start end elapsedraw"
    " suspended exitcode alloctres consumedenergyraw restarts nodelist jobname"
)
NEEDED = ("account", "state", "submit", "start", "end", "alloctres")
DELIMITERS = ("|#", "|")
UNKNOWN = frozenset({"", "Unknown", "None", "N/A"})
NEVER = frozenset({"PENDING"})
RUNNING = frozenset({"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "CONFIGURING"})
_ENDED = (
    "BOOT_FAIL CANCELLED COMPLETED COMPLETING DEADLINE EXPEDITING FAILED LAUNCH_FAILED NODE_FAIL"
    " OUT_OF_MEMORY PREEMPTED RECONFIG_FAIL REQUEUED REQUEUE_FED REQUEUE_HOLD RESIZING"
    " RESV_DEL_HOLD REVOKED SPECIAL_EXIT STAGE_OUT TIMEOUT"
)
ENDED = frozenset(_ENDED.split())
KNOWN = RUNNING | ENDED | NEVER
DEVICE = re.compile(r"gres/(gpu|npu)(?::(.+))?", re.ASCII)
COUNT = re.compile(r"\d{1,9}", re.ASCII)
STEP = re.compile(r"[^.]+\..+")

Devices = tuple[tuple[str, str, int], ...]  # resource, model, milli-devices


class _RefusedError(Exception):
    """This row cannot be taken; the message is the reason."""


class _NoRowError(Exception):
    """This line is rightly no row; the message is what it is counted as."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a line stand, and what parts them."""

    names: tuple[str, ...]
    delimiter: str
    trailing: bool  # every line ends in a delimiter (sacct --parsable)

    def fields(self, line: str) -> dict[str, str]:
        """The fields of a line by column; refused unless it has exactly as many."""
        if self.trailing:
            line = line.removesuffix(self.delimiter)
        last_is_free = self.names[-1] == "jobname"
        parts = line.split(self.delimiter, len(self.names) - 1 if last_is_free else -1)
        if len(parts) != len(self.names):
            raise _RefusedError(f"has {len(parts)} fields instead of {len(self.names)}")
        return dict(zip(self.names, parts, strict=True))


DOCUMENTED = Columns(tuple(ORDER.split()), "|", trailing=False)


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """The runs that touch the window, a batch a file."""
    for name, path in incoming.files(source, site):
        yield parse(incoming.content(name, path), name, cluster, site.calendar, window)


def parse(
    raw: bytes, origin: str, cluster: Cluster, calendar: Calendar, window: Period | None
) -> Batch:
    """The runs of a dump that hold devices and touch the window (None: all of them).

    Times are UTC, as `TZ=UTC sacct` writes them. One row a run, resource and model.
    """
    dump = _Dump(cluster, calendar, window)
    columns = DOCUMENTED
    runs: list[tuple[object, ...]] = []
    quarantined: list[Quarantined] = []
    skipped: Counter[str] = Counter()
    rows_read = 0
    for number, line, line_bytes in incoming.numbered_lines(raw):
        if line is not None and (header := header_of(line)):
            columns = header
            continue
        rows_read += 1
        try:
            if line is None:
                raise _RefusedError("is no UTF-8")
            runs.extend(dump.runs(columns.fields(line)))
        except _NoRowError as reason:
            skipped[str(reason)] += 1
        except (_RefusedError, TimeError) as reason:
            text = line if line is not None else line_bytes.decode("utf-8", "backslashreplace")
            quarantined.append(Quarantined(f"{origin}:{number}", str(reason), shown(text)))
    rows = table_of(runs, ALLOCATION_RUN)
    return Batch("allocation", rows, tuple(quarantined), rows_read, origin, dict(skipped))


def header_of(line: str) -> Columns | None:
    """The columns that a line names, if it is a header."""
    delimiter = next((one for one in DELIMITERS if one in line), None)
    if delimiter is None or "start" not in line.lower():
        return None
    names = line.strip().lower().split(delimiter)
    trailing = names[-1] == ""
    names = names[:-1] if trailing else names
    if not {"start", "end", "state"} <= set(names) or not {"jobid", "jobidraw"} & set(names):
        return None
    return Columns(tuple(names), delimiter, trailing)


class _Dump:
    """Lines of one dump to runs; what repeats is read once."""

    def __init__(self, cluster: Cluster, calendar: Calendar, window: Period | None) -> None:
        self._models = Models(cluster)
        self._window = window
        self._calendar = calendar

    def runs(self, line: dict[str, str]) -> list[tuple[object, ...]]:
        """The rows of ALLOCATION_RUN that a line makes, one a resource and model."""
        job = line.get("jobidraw") or line.get("jobid") or ""
        if STEP.fullmatch(job):
            raise _NoRowError("step")
        state = line["state"].split(" ", 1)[0]
        if not job or state not in KNOWN:
            raise _RefusedError(f"job {job!r} in an unknown state {line['state']!r}")
        if missing := [name for name in NEEDED if name not in line]:
            raise _RefusedError(f"its header has no {', '.join(missing)}")
        if line["start"] in UNKNOWN or state in NEVER:
            raise _NoRowError("not_started")
        started_ms = self._instant(line["start"])
        runs_on = line["end"] in UNKNOWN or state in RUNNING
        ended_ms = None if runs_on else self._instant(line["end"])
        if ended_ms is not None and ended_ms < started_ms:
            raise _RefusedError(f"ends {line['end']} before it starts {line['start']}")
        devices = devices_of(line["alloctres"])
        if isinstance(devices, str):
            raise _RefusedError(devices)
        if not devices:
            raise _NoRowError("no_device")
        if ended_ms == started_ms:
            raise _NoRowError("no_time")
        if self._outside(started_ms, ended_ms):
            raise _NoRowError("outside_window")
        submitted_ms = self._instant(line["submit"])
        suspended_ms = _suspended_ms(line.get("suspended", ""))
        partition = _name(line.get("partition", ""))
        node = "" if line.get("nodelist", "").startswith("None") else line.get("nodelist", "")
        names = (job, "slurm", job, _name(line["account"]), _name(line.get("user", "")), partition)
        if not names[3]:
            raise _RefusedError("has no account")
        times = (submitted_ms, started_ms, ended_ms, suspended_ms, state, node)
        return [
            (*names, resource, model or self._models.of(partition, node), milli, *times)
            for resource, model, milli in devices
        ]

    def _instant(self, text: str) -> int:
        found = self._calendar.instant(text, naive="utc")
        if not exact.FIRST_MS <= found < exact.LAST_MS:
            raise _RefusedError(f"has the impossible instant {text}")
        return found

    def _outside(self, started_ms: int, ended_ms: int | None) -> bool:
        window = self._window
        if window is None:
            return False
        ended = ended_ms is not None and ended_ms <= window.start_ms
        return ended or started_ms >= window.end_ms


def _suspended_ms(text: str) -> int:
    if text in UNKNOWN:
        return 0
    found = exact.clock_ms(text)
    if found is None:
        raise _RefusedError(f"Suspended {text!r} is no [D-]HH:MM:SS")
    return found


@lru_cache(maxsize=65536)
def _name(text: str) -> str:
    found = tidy(text)
    if wrong := flaw(found):
        raise _RefusedError(f"{text!r}: {wrong}")
    return found


@lru_cache(maxsize=65536)
def devices_of(tres: str) -> Devices | str:
    """The devices of an AllocTRES by resource and model, or what is wrong with it.

    Typed counts make the rows and the untyped count checks their sum; it stands alone, with
    model '', only where nothing is typed (METERING 14).
    """
    typed: dict[tuple[str, str], int] = {}
    untyped: dict[str, int] = {}
    for pair in filter(None, tres.split(",")):
        name, _, count = pair.partition("=")
        device = DEVICE.fullmatch(name)
        if device is None:
            continue
        if not COUNT.fullmatch(count):
            return f"AllocTRES {pair!r} is no count"
        resource, model = device.groups()
        key = (resource, (model or "").lower())
        if key in typed or (not model and resource in untyped):
            return f"AllocTRES counts {name} twice"
        if model:
            typed[key] = int(count)
        else:
            untyped[resource] = int(count)
    return _agreed(typed, untyped)


def _agreed(typed: dict[tuple[str, str], int], untyped: dict[str, int]) -> Devices | str:
    rows = [(resource, model, count) for (resource, model), count in typed.items()]
    for resource, count in untyped.items():
        own: Sequence[int] = [n for (kind, _), n in typed.items() if kind == resource]
        if own and sum(own) != count:
            return f"AllocTRES counts {sum(own)} {resource} by type and {count} in all"
        if not own:
            rows.append((resource, "", count))
    return tuple((resource, model, n * 1000) for resource, model, n in sorted(rows) if n)
