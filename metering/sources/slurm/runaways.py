"""Runs that the accounting has for running and no controller knows: `sacctmgr show runaway`."""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

from metering.calendar import Calendar, Naive
from metering.errors import TimeError
from metering.sources.reading.batch import Batch, Quarantined, shown
from metering.sources.reading.schemas import ALLOCATION_RUN
from metering.sources.slurm import sacct_text
from metering.sources.slurm.cluster_names import ClusterNames
from metering.sources.slurm.runs import NoRowError, RefusedRunError, RunKey

HEADER = frozenset({"id", "timesubmit", "timestart", "timeend"})
NOTICE = b"runaway jobs"  # in what sacctmgr says above a list, or in place of one
HEAD_MAX = 4096  # bytes


def lists_of(inputs: Iterable[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The files among some that list runaways, by how they begin."""
    return [(name, path) for name, path in inputs if _is_list(_head(path))]


def parse(
    raw: bytes, origin: str, calendar: Calendar, naive: Naive, own: ClusterNames
) -> tuple[Batch, frozenset[RunKey]]:
    """A list as a batch without rows, and the runs that it names."""
    keys: set[RunKey] = set()
    quarantined: list[Quarantined] = []
    rows_read = others = listed = 0
    for row in sacct_text.rows(raw, HEADER, "", None):
        if row.columns is None or row.columns.delimiter not in row.text:
            continue  # what sacctmgr says above and below
        rows_read += 1
        try:
            line = row.fields()
            own.admit(line.get("cluster"))
            submitted, started = (
                sacct_text.instant(line[name], calendar, naive)
                for name in ("timesubmit", "timestart")
            )
            keys.add((line["id"], submitted, started))
            listed += 1
        except NoRowError:
            others += 1
        except (RefusedRunError, TimeError) as reason:
            place = f"{origin}:{row.number}"
            quarantined.append(Quarantined(place, str(reason), shown(row.shown())))
    counts = {"other_cluster": others, "runaway_list": listed}
    skipped = {reason: count for reason, count in counts.items() if count}
    empty = ALLOCATION_RUN.empty_table()
    batch = Batch("allocation", empty, tuple(quarantined), rows_read, origin, skipped)
    return batch, frozenset(keys)


def _head(path: Path) -> bytes:
    """How a file begins; nothing where it cannot be read, which is told when it is."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
            return opened.read(HEAD_MAX)
    except (OSError, EOFError, zlib.error):
        return b""


def _is_list(head: bytes) -> bool:
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].lower()
    columns = sacct_text.columns_of(line.decode("utf-8", "replace"), HEADER, "")
    return columns is not None or (NOTICE in line and b"|" not in line)
