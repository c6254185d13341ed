"""When nodes were out of use: the text of `sacctmgr show event`, by its header."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from metering.calendar import Calendar, Naive, Period
from metering.errors import TimeError
from metering.sources.reading.accelerator_models import expanded
from metering.sources.reading.batch import Batch, Quarantined, shown
from metering.sources.reading.schemas import NODE_STATE, table_of
from metering.sources.slurm import sacct_text
from metering.sources.slurm.cluster_names import ClusterNames
from metering.sources.slurm.runs import NoRowError, RefusedRunError, plain
from metering.sources.slurm.sacct_text import UNKNOWN, SacctRow

HEADER = frozenset({"nodename", "state"})
# Older and newer names of one column, as `format=` takes them and as the header prints them.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"start": ("timestart", "start"), "end": ("timeend", "end")}
)
# What sacctmgr writes of a node's state (node_state_string_compact in Slurm), and the long names of
# the same, without the flag behind it. What jobs still hold of a node that drains is counted as
# held, and the rest of it as down. A node that saves power comes up when it is wanted.
_STATES = {
    "down": "DOWN ERROR FAIL INVAL INVAL_REG FUTR FUTURE UNK UNKNOWN",
    "drained": "DRAIN DRAINED DRNG DRAINING FAILG FAILING MAINT BOOT REBOOT",
    "up": (
        "ALLOC ALLOCATED BLOCK BLOCKED CANC_R CLOUD COMP COMPLETING EXT IDLE MIX MIXED PERFCTRS"
        " PLND PLANNED POW_DN POW_UP POWERED_DN POWERED_DOWN POWERING_UP POWERING_DOWN POWRING_DN"
        " RESM RESUME RESV RESERVED"
    ),
}
STATES: Mapping[str, str] = MappingProxyType(
    {name: state for state, names in _STATES.items() for name in names.split()}
)
FLAGS = "*~#!%$@^+-"
MAINTENANCE = "$"  # an idle node in a reservation for maintenance; one with jobs is in use
BUSY = frozenset({"ALLOC", "ALLOCATED", "COMP", "COMPLETING", "MIX", "MIXED"})

State = tuple[str, int, int | None, str]


def parse(
    raw: bytes,
    origin: str,
    calendar: Calendar,
    window: Period | None,
    naive: Naive,
    own: ClusterNames | None = None,
) -> Batch:
    """The states of a dump's nodes that touch the window (None: all of them).

    `own` says which rows are taken and takes note of what clusters there are.
    """
    own = own or ClusterNames()
    states: list[State] = []
    quarantined: list[Quarantined] = []
    skipped: Counter[str] = Counter()
    rows_read = taken = 0
    for row in sacct_text.rows(raw, HEADER, "reason", None):
        rows_read += 1
        try:
            states.extend(_states(row, calendar, window, naive, own))
            taken += 1
        except NoRowError as reason:
            skipped[str(reason)] += 1
        except (RefusedRunError, TimeError) as reason:
            quarantined.append(
                Quarantined(f"{origin}:{row.number}", str(reason), shown(row.shown()))
            )
    table = table_of(states, NODE_STATE)
    return Batch(
        "node_state", table, tuple(quarantined), rows_read, origin, dict(skipped), taken=taken
    )


def state_of(text: str) -> str | None:
    """down, drained or up, for what Slurm writes of a node; None for what it does not write."""
    name = text.upper().rstrip(FLAGS)
    if MAINTENANCE in text[len(name) :] and name in STATES and name not in BUSY:
        return "down" if STATES[name] == "down" else "drained"
    return STATES.get(name)


def _states(
    row: SacctRow, calendar: Calendar, window: Period | None, naive: Naive, own: ClusterNames
) -> list[State]:
    line = row.fields()
    own.admit(line.get("cluster"))
    nodes = list(expanded(plain(line["nodename"])))
    if not nodes:
        raise NoRowError("cluster_event")
    state = state_of(line["state"])
    if state is None:
        raise RefusedRunError(f"node {line['nodename']} in an unknown state {line['state']!r}")
    start, end = (_moment(line, name) for name in NAMES)
    started_ms = sacct_text.instant(start, calendar, naive)
    ended_ms = None if end in UNKNOWN else sacct_text.instant(end, calendar, naive)
    if ended_ms is not None and ended_ms < started_ms:
        raise RefusedRunError(f"ends {end} before it starts {start}")
    if ended_ms == started_ms:
        raise NoRowError("no_time")
    if window is not None and (
        started_ms >= window.end_ms or (ended_ms is not None and ended_ms <= window.start_ms)
    ):
        raise NoRowError("outside_window")
    return [(node, started_ms, ended_ms, state) for node in nodes]


def _moment(line: Mapping[str, str], name: str) -> str:
    text = next((line[heading] for heading in NAMES[name] if heading in line), None)
    if text is None:
        raise RefusedRunError(f"its header has no {NAMES[name][0]}")
    return text
