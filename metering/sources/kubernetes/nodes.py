"""The states of nodes: not ready is down, cordoned is drained."""

from metering.calendar import Period
from metering.settings.source_options.kubernetes import Kubernetes
from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Spoken
from metering.sources.reading.batch import Batch
from metering.sources.reading.schemas import NODE_STATE, table_of

READY = "kube_node_status_condition"
CORDONED = "kube_node_spec_unschedulable"
METRICS = (
    KubeMetric(READY, ('condition="Ready"', 'status="true"')),
    KubeMetric(CORDONED),
)


def read_nodes(spoken: Spoken, options: Kubernetes, window: Period) -> Batch:
    """What state each node was in, stretch by stretch; up as well, so that an end is known.

    A scrape tells of the time since the one before, `hold` of it at most. A node that nobody speaks
    of is in no state: its devices are neither down nor known to be up.
    """
    seen: dict[tuple[str, str], dict[int, bool]] = {}  # metric and node -> instant -> holds
    rows_read = 0
    for hour in spoken.hours(METRICS, window, options.hold_ms):
        for sample in hour:
            holds = seen.setdefault((sample.metric, sample.label("node")), {})
            at_ms = sample.at_ms.tolist()
            rows_read += len(at_ms)
            for at in at_ms:
                holds.setdefault(at, False)
            holds |= dict.fromkeys(sample.ones_ms.tolist(), True)
    nodes = sorted({node for metric, node in seen if metric == READY and node})
    if not nodes:
        raise spoken.silence(READY)
    rows: list[tuple[str, int, int | None, str]] = []
    known_to_ms = max(at for (metric, _), own in seen.items() if metric == READY for at in own)
    for node in nodes:
        ready = seen[READY, node]
        cordoned = seen.get((CORDONED, node), {})
        states = [(at, _state(ready[at], cordoned.get(at, False))) for at in sorted(ready)]
        rows += _spans(node, states, window, options.hold_ms, known_to_ms)
    return Batch(
        record="node_state",
        table=table_of(rows, NODE_STATE),
        quarantined=(),
        rows_read=rows_read + spoken.others.total(),
        origin=f"{spoken.server.url} nodes",
        skipped=dict(spoken.others),
        complete_to_ms=min(known_to_ms, window.end_ms),
        taken=rows_read,
    )


def _state(ready: bool, cordoned: bool) -> str:
    if not ready:
        return "down"
    return "drained" if cordoned else "up"


def _spans(
    node: str, states: list[tuple[int, str]], window: Period, hold_ms: int, known_to_ms: int
) -> list[tuple[str, int, int | None, str]]:
    """One node's stretches of one state within the window."""
    pieces: list[list[object]] = []
    before: int | None = None
    for at, state in states:
        since = at if before is None else max(before, at - hold_ms)
        before = at
        start, end = max(since, window.start_ms), min(at, window.end_ms)
        if end <= start:
            continue
        if pieces and pieces[-1][2] == start and pieces[-1][3] == state:
            pieces[-1][2] = end
        else:
            pieces.append([node, start, end, state])
    rows = [(str(n), int(str(a)), int(str(b)), str(s)) for n, a, b, s in pieces]
    return [
        (name, start, None if end >= min(known_to_ms, window.end_ms) else end, state)
        for name, start, end, state in rows
    ]
