"""Gauges of a storage exporter's Prometheus text: file sets of GPFS, pools of Ceph."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from metering.settings.source_options.storage import StorageOptions
from metering.sources.exposition.open_metrics import cut_short, is_whole
from metering.sources.families.series import LabelError, labels_of
from metering.sources.reading import exact_numbers, files
from metering.sources.storage.snapshot import (
    NOT_A_NUMBER,
    Level,
    RefusedLevelError,
    StoreReport,
    checked,
)

LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+(-?[0-9.]+))?\s*")
FILESET = "gpfs_fileset_used_bytes"
# The exporter's own word that its run of mmrepquota failed; what it shows then is of before.
FAILURES = ("gpfs_exporter_collect_error", "gpfs_exporter_collect_timeout")
METADATA = "ceph_pool_metadata"


@dataclass(frozen=True, slots=True)
class _Gauge:
    """A line of a metric that matters."""

    number: int
    line: str
    metric: str
    labels: Mapping[str, str]
    value: int
    instant_ms: int | None


def report(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of a text; a line's own timestamp counts before the instant of its file."""
    report = StoreReport(origin)
    if cut_short(raw):
        report.distrust("OpenMetrics without its `# EOF`: it was cut short")
        return report
    pools = options.format == "ceph_pools"
    figure = f"ceph_pool_{options.figure}" if pools else FILESET
    others = (METADATA,) if pools else FAILURES
    gauges = list(_gauges(raw, report, {figure, *others}))
    if broken := [gauge for gauge in gauges if gauge.metric in FAILURES and _failed(gauge)]:
        report.distrust(f"the exporter could not collect: {broken[0].line}")
        return report
    names = _pool_names(gauges)
    listed: set[str] = set()
    for gauge in gauges:
        if gauge.metric != figure:
            report.skipped["other_metric"] += 1  # which says something of the others
            continue
        try:
            level = _pool(gauge, names) if pools else _fileset(gauge, options)
            chosen = level.resource_id if pools else level.scope
            if options.only and chosen not in options.only:
                report.skipped["not_billed"] += 1
                continue
            level = replace(level, instant_ms=gauge.instant_ms)
            report.levels.append(checked(level, options))
            listed.add(level.scope)
        except RefusedLevelError as reason:
            report.refuse(gauge.number, str(reason), gauge.line)
    silent = not any(gauge.metric == figure for gauge in gauges)
    if silent and not report.quarantined and not report.skipped[NOT_A_NUMBER]:
        report.rows_read += 1
        report.refuse(1, f"has no {figure}", "")
    report.list_whole(listed if options.whole else ())
    return report


def _failed(gauge: _Gauge) -> bool:
    return gauge.value != 0 and gauge.labels.get("collector") == "mmrepquota"


def _gauges(raw: bytes, report: StoreReport, wanted: set[str]) -> Iterator[_Gauge]:
    """The lines of the wanted metrics."""
    in_seconds = is_whole(raw)
    for number, text, line_bytes in files.numbered_lines(raw):
        if text is not None and text.startswith("#"):
            continue
        report.rows_read += 1
        line = text if text is not None else line_bytes.decode("utf-8", "replace")
        parts = LINE.fullmatch(line)
        try:
            if text is None or parts is None:
                raise RefusedLevelError("is no line of Prometheus text")
            metric, labels, value, stamp = parts.groups()
            if metric not in wanted:
                report.skipped["other_metric"] += 1
                continue
            if exact_numbers.not_finite(value):
                report.skipped[NOT_A_NUMBER] += 1
                continue
            count = exact_numbers.number(value)
            if count is None:
                raise RefusedLevelError(f"has the value {value!r}, which is no number")
            instant_ms = None if stamp is None else _instant_ms(stamp, in_seconds)
            own = labels_of(labels or "")
            yield _Gauge(number, line, metric, own, exact_numbers.floored(count), instant_ms)
        except (RefusedLevelError, LabelError) as reason:
            report.refuse(number, str(reason), line)


def _instant_ms(stamp: str, in_seconds: bool) -> int:
    moment = exact_numbers.number(stamp)
    if moment is None:
        raise RefusedLevelError(f"has the timestamp {stamp!r}")
    return exact_numbers.floored(moment, 1000 if in_seconds else 1)


def _fileset(gauge: _Gauge, options: StorageOptions) -> Level:
    system, name = gauge.labels.get("fs", ""), gauge.labels.get("fileset", "")
    if not system or not name:
        raise RefusedLevelError("names no file set")
    resource_id = f"{system}/{name}"
    account = name if options.account == "name" else resource_id
    return Level(resource_id, account, system, gauge.value)


def _pool(gauge: _Gauge, names: Mapping[str, str]) -> Level:
    pool_id = gauge.labels.get("pool_id", "")
    if pool_id not in names:
        raise RefusedLevelError(f"is of the pool {pool_id!r}, which {METADATA} does not name")
    return Level(names[pool_id], names[pool_id], "", gauge.value)


def _pool_names(gauges: Iterable[_Gauge]) -> dict[str, str]:
    return {
        gauge.labels["pool_id"]: gauge.labels["name"]
        for gauge in gauges
        if gauge.metric == METADATA and gauge.labels.get("pool_id") and gauge.labels.get("name")
    }
