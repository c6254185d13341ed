"""Slurm's own totals: the text of `sreport cluster utilization --tres=gres/gpu`."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from metering.calendar import Calendar, Naive, Period
from metering.errors import SourceError, TimeError
from metering.sources.reading import files
from metering.sources.reading.batch import Batch, Quarantined, shown
from metering.sources.reading.schemas import CONTROL_TOTAL, table_of
from metering.sources.slurm import sacct_text
from metering.sources.slurm.cluster_names import ClusterNames
from metering.sources.slurm.runs import NoRowError, RefusedRunError

DEVICE = re.compile(r"gres/(gpu|npu)(?::(.+))?", re.ASCII)
_MOMENT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"
TITLE = re.compile(rf"Cluster Utilization\s+(({_MOMENT})\s+-\s+({_MOMENT}))(?:\s.*)?", re.ASCII)
UNIT = re.compile(r"Usage reported in (?:(?:TRES|CPU) )?(\w+)", re.ASCII)
UNIT_S: Mapping[str, int] = MappingProxyType({"Seconds": 1, "Minutes": 60, "Hours": 3600})
AMOUNT = re.compile(r"(\d{1,13})(?:\(\d+\.\d+%\))?", re.ASCII)
# The columns that make the sum, by what they begin with: narrow ones are cut off.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"allocated": ("alloc",), "down": ("down", "plnd"), "idle": ("idle", "planned", "reserved")}
)

Total = tuple[str, str, int, int, int, int, int, int, int]


@dataclass(slots=True)
class _Report:
    """One report within a text, as far as its head has been read."""

    span: str
    started_ms: int
    ended_ms: int
    unit_s: int = 0
    names: tuple[str, ...] = ()
    heading: str = ""  # the line above the dashes, of a report in fixed columns
    places: tuple[tuple[int, int], ...] = ()  # of fixed columns; none where bars part them
    taken: set[tuple[str, str]] = field(default_factory=set)  # clusters and their resources


def parse(
    raw: bytes,
    origin: str,
    calendar: Calendar,
    window: Period | None,
    naive: Naive,
    own: ClusterNames | None = None,
) -> Batch:
    """The totals of devices of the reports whose span touches the window (None: of all).

    Only the count of a resource as a whole is taken: Slurm counts by type only what was asked for
    by type. `own` says whose rows are taken and takes note of what clusters there are.
    SourceError where a report counts in something that cannot be compared.
    """
    totals: list[Total] = []
    quarantined: list[Quarantined] = []
    skipped: Counter[str] = Counter()
    rows_read = 0
    for number, line, report in _lines(raw, origin, calendar, naive):
        rows_read += 1
        try:
            totals.append(_total(line, report, window, own or ClusterNames()))
        except NoRowError as reason:
            skipped[str(reason)] += 1
        except RefusedRunError as reason:
            quarantined.append(Quarantined(f"{origin}:{number}", str(reason), shown(line)))
    table = table_of(totals, CONTROL_TOTAL)
    refused, left_out = tuple(quarantined), dict(skipped)
    return Batch("control_total", table, refused, rows_read, origin, left_out, taken=len(totals))


def _lines(
    raw: bytes, origin: str, calendar: Calendar, naive: Naive
) -> Iterator[tuple[int, str, _Report]]:
    """The lines of values, each with the report that it stands in."""
    report: _Report | None = None
    for number, line, line_bytes in files.numbered_lines(raw):
        text = line_bytes.decode("utf-8", "replace") if line is None else line
        if title := TITLE.fullmatch(text.strip()):
            report = _report(title, f"{origin}:{number}", calendar, naive)
        elif report is None:
            continue  # what was typed, and the rule above the title
        elif unit := UNIT.match(text):
            if unit[1] not in UNIT_S:
                raise SourceError(
                    f"{origin}:{number}: reports in {unit[1]}; take `sreport -t Seconds`"
                )
            report.unit_s = UNIT_S[unit[1]]
        elif report.names:
            yield number, text, report
        elif not _heads(report, text):
            raise SourceError(f"{origin}:{number}: is no head of sreport's columns: {text!r:.80}")
    if report is None:
        raise SourceError(f"{origin}: has no `Cluster Utilization` of sreport")


def _report(title: re.Match[str], place: str, calendar: Calendar, naive: Naive) -> _Report:
    """The report of a title. It writes the last second of its span, not its end."""
    try:
        started_ms = sacct_text.instant(title[2], calendar, naive)
        ended_ms = sacct_text.instant(title[3], calendar, naive) + 1000
    except (RefusedRunError, TimeError) as error:
        raise SourceError(f"{place}: {error}") from error
    if ended_ms <= started_ms:
        raise SourceError(f"{place}: ends before it starts")
    return _Report(title[1], started_ms, ended_ms)


def _heads(report: _Report, text: str) -> bool:
    """Takes in a line of the head: names between bars, or names and then dashes below them."""
    if "|" in text:
        report.names = tuple(name.strip().lower() for name in text.split("|") if name.strip())
    elif not set(text) <= {"-", " "}:
        report.heading = text
    elif " " in text.strip() and report.heading:
        report.places = tuple(dash.span() for dash in re.finditer(r"-+", text))
        report.names = tuple(report.heading[a:b].strip().lower() for a, b in report.places)
    return not report.names or {"tres name", "reported"} <= set(report.names)


def _total(line: str, report: _Report, window: Period | None, own: ClusterNames) -> Total:
    cells = [line[a:b] for a, b in report.places] or line.removesuffix("|").split("|")
    if len(cells) != len(report.names):
        raise RefusedRunError(f"has {len(cells)} fields instead of {len(report.names)}")
    row = {name: cell.strip() for name, cell in zip(report.names, cells, strict=True)}
    named = row.get("cluster", "")
    own.admit(named)
    device = DEVICE.fullmatch(row["tres name"])
    if device is None:
        raise NoRowError("other_tres")
    if device[2]:
        raise NoRowError("typed")
    if (named, device[1]) in report.taken:
        raise RefusedRunError(f"its report has {device[0]} twice")
    if not report.unit_s:
        raise RefusedRunError("its report does not say in what it counts")
    if window is not None and (
        report.started_ms >= window.end_ms or report.ended_ms <= window.start_ms
    ):
        raise NoRowError("outside_window")
    parts = {
        part: [_amount(row, name) for name in report.names if name.startswith(beginnings)]
        for part, beginnings in PARTS.items()
    }
    if missing := [part for part, amounts in parts.items() if not amounts]:
        raise RefusedRunError(f"its head has no {', '.join(missing)}")
    reported = _amount(row, "reported")
    sums = [sum(amounts) for amounts in parts.values()]
    added = 1 + sum(len(amounts) for amounts in parts.values())
    # every amount is rounded to half a unit; in seconds none is
    slack = 0 if report.unit_s == 1 else added // 2
    if abs(sum(sums) - reported) > slack:
        raise RefusedRunError(f"its parts make {sum(sums)} and it reports {reported}")
    milli_s = report.unit_s * 1000
    scaled = [amount * milli_s for amount in (*sums, reported)]
    span = (report.span, report.started_ms, report.ended_ms, report.unit_s)
    report.taken.add((named, device[1]))
    return (device[1], *span, scaled[0], scaled[1], scaled[2], scaled[3])


def _amount(row: Mapping[str, str], name: str) -> int:
    match = AMOUNT.fullmatch(row[name])
    if match is None:
        raise RefusedRunError(f"{name} {row[name]!r} is no amount")
    return int(match[1])
