"""Snapshots of a store as readings: what a resource held, from one snapshot to the next."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from metering.calendar import HOUR_MS, SECOND_MS, Calendar, Period
from metering.errors import JeongsanError
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.storage import StorageOptions
from metering.sources.exposition.source import instant_of
from metering.sources.reading import exact_numbers, files
from metering.sources.reading.batch import Batch, Note, Quarantined, Whole
from metering.sources.reading.schemas import READING, table_of
from metering.sources.storage import ceph, exporter_gauges, gpfs, lustre
from metering.sources.storage.level_spans import Gap, HeldLevels, Snapshots, Span
from metering.sources.storage.rgw_usage import UsageLog
from metering.sources.storage.snapshot import MIB, Level, StoreReport

Parse = Callable[[bytes, str, StorageOptions], StoreReport]

NAMED_MAX = 20  # resources whose gap is told one by one; more of one instant are told together
FORMATS: Mapping[str, Parse] = {
    "lfs_quota": lustre.report,
    "mmrepquota": gpfs.report,
    "gpfs_exporter": exporter_gauges.report,
    "ceph_rgw": ceph.report,
    "ceph_pools": exporter_gauges.report,
    "ceph_df": ceph.pools,
}


def read(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    """What lies in quarantine by file, then the readings of the window and of `carry` before it,
    so that a snapshot which came late still ends the level before it.

    A level is given once its end is known. The last batch says up to when all are. A snapshot that
    its own tool distrusts counts as if it had not come, and is told.
    """
    if not isinstance(source.options, StorageOptions):
        raise JeongsanError(f"{source.name}: is no storage")
    options = replace(source.options, capacity_bytes=section.capacity_bytes)
    if options.format == "rgw_usage":
        yield from _read_amounts(source, options, section, site, window)
        return
    snapshots = Snapshots()
    paths = list(files.files(source, site))
    chosen = _chosen([path for _, path in paths], window, options.carry_ms)
    for name, path in paths:
        if path in chosen:
            raw = files.content(name, path, source.limits)
            report = FORMATS[options.format](raw, name, options)
            at_ms = instant_of(path.name)
            distrusted = tuple(_distrusted(report, (source.name, at_ms), site.calendar, window))
            _place(report, at_ms, snapshots)
            refused, skipped = tuple(report.quarantined), dict(report.skipped)
            empty = READING.empty_table()
            yield Batch(
                "reading", empty, refused, report.rows_read, name, skipped, distrusted,
                taken=report.taken,
            )  # fmt: skip
    held = snapshots.held(options.carry_ms, window.end_ms)
    table = table_of([_reading(span, options, section) for span in sorted(held.spans)], READING)
    notes = tuple(_notes(held, snapshots, source.name, options, (site.calendar, window)))
    reached_ms = min(held.open_since_ms, default=max(snapshots.by_instant, default=window.start_ms))
    whole = _whole(
        held, snapshots, options, Period(window.start_ms, max(window.start_ms, reached_ms))
    )
    yield Batch(
        "reading", table, (), 0, source.name, notes=notes, complete_to_ms=reached_ms, whole=whole
    )


def _whole(
    held: HeldLevels, snapshots: Snapshots, options: StorageOptions, known: Period
) -> Whole | None:
    """That what was read is all, from the first snapshot on; and where a resource that went holds
    nothing, which may have been carried on before the list without it came."""
    start_ms = max(known.start_ms, min(snapshots.by_instant, default=known.end_ms))
    voids = [
        (gone.resource_id, gone.at_ms, gone.back_ms or gone.at_ms + options.carry_ms)
        for gone in held.gone
    ]
    period = Period(start_ms, max(start_ms, known.end_ms))
    return Whole(options.sku, period, voids)


def _read_amounts(
    source: SourceConfig, options: StorageOptions, section: Section, site: Site, window: Period
) -> Iterator[Batch]:
    """What lies in quarantine by dump, then the amounts of the window's hours (READING), each as
    the last dump says it. The last batch says up to when every hour is whole."""
    log = UsageLog(options)
    dumps = [(instant_of(path.name), name, path) for name, path in files.files(source, site)]
    empty = READING.empty_table()
    for at_ms, name, path in sorted(dumps, key=lambda dump: (dump[0] or 0, dump[1])):
        if at_ms is not None and at_ms < window.start_ms:
            continue  # written before any hour of the window
        report = log.take(files.content(name, path, source.limits), name, at_ms)
        notes = tuple(_distrusted(report, (source.name, at_ms), site.calendar, window))
        refused, skipped = tuple(report.quarantined), dict(report.skipped)
        yield Batch(
            "reading", empty, refused, report.rows_read, name, skipped, notes, taken=report.taken
        )
    table = table_of(log.readings(section.name, window), READING)
    known_to_ms = max(log.known_to_ms, window.start_ms)
    yield Batch("reading", table, (), 0, source.name, complete_to_ms=known_to_ms)


def _chosen(paths: Iterable[Path], window: Period, carry_ms: int) -> set[Path]:
    """The files to read: around the window, and where none is there, the last ones before it.

    A file whose name has no instant may say one in its lines.
    """
    named = [(instant_of(path.name), path) for path in paths]
    dated = sorted((at_ms, path) for at_ms, path in named if at_ms is not None)
    instants = [at_ms for at_ms, _ in dated]
    low_ms, high_ms = window.start_ms - carry_ms, window.end_ms + carry_ms
    before = bisect_left(instants, low_ms)
    if before and not any(low_ms <= at_ms <= window.start_ms for at_ms in instants):
        low_ms = instants[before - 1] - carry_ms
    chosen = {path for at_ms, path in dated if low_ms <= at_ms <= high_ms}
    return chosen | {path for at_ms, path in named if at_ms is None}


def _place(report: StoreReport, file_ms: int | None, snapshots: Snapshots) -> None:
    """Puts a file's levels at their instants, in whole seconds; without one they are refused."""
    by_instant: dict[int, list[Level]] = defaultdict(list)
    for level in report.levels:
        at_ms = file_ms if level.instant_ms is None else level.instant_ms
        if at_ms is None or not exact_numbers.FIRST_MS <= at_ms < exact_numbers.LAST_MS:
            reason = "has no instant, neither of its own nor in the file's name (<epoch_ms>)"
            place = f"{report.origin}:{level.resource_id}"
            report.quarantined.append(Quarantined(place, reason, level.resource_id))
        else:
            report.taken += 1
            by_instant[at_ms // SECOND_MS * SECOND_MS].append(level)
    if report.whole and not report.levels:  # an empty list ends what the one before it had
        if file_ms is None:
            reason = "has no instant in its name (<epoch_ms>)"
            report.rows_read += 1
            report.quarantined.append(Quarantined(f"{report.origin}:1", reason, ""))
        else:
            by_instant[file_ms // SECOND_MS * SECOND_MS] = []
    whole = report.whole if len(by_instant) == 1 else frozenset()
    for at_ms, levels in by_instant.items():
        snapshots.add(at_ms, levels, whole)


def _distrusted(
    report: StoreReport, place: tuple[str, int | None], calendar: Calendar, window: Period
) -> Iterator[Note]:
    """Takes all out of a report whose own tool says that it is inaccurate."""
    if not report.distrusted:
        return
    name, at_ms = place
    report.skipped = Counter(distrusted=report.rows_read)
    report.levels, report.quarantined, report.whole = [], [], frozenset()
    report.taken = 0
    detail = (
        f"{report.origin}: 이 검침은 스스로 부정확하다고 하여({report.distrusted}) 통째로 받지"
        " 않고 앞뒤 검침만으로 세었습니다. 바로잡은 검침을 같은 이름으로 넣고 다시 수집하세요."
    )
    if at_ms is None or window.holds(at_ms):
        day = None if at_ms is None else calendar.day_of(at_ms)
        subject = name if day is None else f"{name} {report.origin}"
        yield Note("warn", "distrusted_list", subject, detail, day)


def _reading(span: Span, options: StorageOptions, section: Section) -> tuple[object, ...]:
    """A reading in whole MiB, rounded down, of one copy where the figure counts them all."""
    mib = span.held_bytes // (MIB * options.copies)
    return (
        section.name, span.account, options.sku, span.resource_id, span.start_ms, span.end_ms,
        mib, "mib",
    )  # fmt: skip


def _notes(
    held: HeldLevels,
    snapshots: Snapshots,
    name: str,
    options: StorageOptions,
    asked: tuple[Calendar, Period],
) -> Iterator[Note]:
    """What is missing, what went, and what was told twice, by the accounting days of the window."""
    calendar, window = asked
    first_ms = min(snapshots.by_instant, default=window.end_ms)
    for day in _days(calendar, window, window.start_ms, first_ms):
        detail = f"{name}: 첫 검침 전이라 이 날의 보관량을 알 수 없습니다."
        yield Note("warn", "reading_gap", name, detail, day)
    by_gap: dict[tuple[date, int], list[Gap]] = defaultdict(list)
    for gap in sorted(held.gaps):
        for day in _days(calendar, window, gap.start_ms, gap.end_ms):
            by_gap[day, gap.last_ms].append(gap)
    for (day, last_ms), gaps in sorted(by_gap.items()):
        detail = (
            f"마지막 검침({calendar.iso(last_ms)}) 뒤 {_length(options.carry_ms)} 안에 다음 검침이"
            " 없어 그 뒤는 세지 않았습니다. 빠진 검침 파일을 넣고 이 날을 다시 수집하세요."
        )
        names = [f"{name} {gap.resource_id}" for gap in gaps]
        if len(names) > NAMED_MAX:
            names, detail = [name], f"{gaps[0].resource_id} 등 {len(gaps)}곳: {detail}"
        yield from (Note("warn", "reading_gap", name, detail, day) for name in names)
    yield from _gone(held, name, calendar, window)
    for at_ms, snapshot in sorted(snapshots.by_instant.items()):
        for resource_id in sorted(snapshot.differing) if window.holds(at_ms) else ():
            detail = (
                f"{calendar.iso(at_ms)} 검침에서 같은 자원의 값이 서로 다릅니다. 큰 값을 썼습니다."
            )
            day = calendar.day_of(at_ms)
            yield Note("fail", "differing_reading", f"{name} {resource_id}", detail, day)
    yield from _beyond(snapshots, name, options, asked)


def _gone(held: HeldLevels, name: str, calendar: Calendar, window: Period) -> Iterator[Note]:
    """Resources that a whole list has no longer; one that comes back may say that none is whole."""
    for gone in held.gone:
        detail = f"{calendar.iso(gone.at_ms)} 검침부터 목록에 없어 그때까지만 세었습니다."
        told_ms = gone.at_ms
        if gone.back_ms is not None:
            detail += (
                f" {calendar.iso(gone.back_ms)} 검침에 다시 나타났고, 그 사이"
                f" {_length(gone.back_ms - gone.at_ms)}은 세지 않았습니다. 목록이 전부를 담지 않는"
                " 것이라면 site.toml 에 whole = false 를 적으세요."
            )
            told_ms = gone.at_ms if window.holds(gone.at_ms) else gone.back_ms
        if window.holds(told_ms):
            day = calendar.day_of(told_ms)
            yield Note("warn", "reading_gone", f"{name} {gone.resource_id}", detail, day)


def _beyond(
    snapshots: Snapshots, name: str, options: StorageOptions, asked: tuple[Calendar, Period]
) -> Iterator[Note]:
    """Days on which a snapshot lists more than its store can hold at all."""
    calendar, window = asked
    most = options.capacity_bytes * options.copies
    by_day: dict[date, tuple[int, int]] = {}
    for at_ms, snapshot in sorted(snapshots.by_instant.items()):
        total = sum(level.held_bytes for level in snapshot.levels.values())
        if total > most and window.holds(at_ms):
            by_day.setdefault(calendar.day_of(at_ms), (at_ms, total))
    for day, (at_ms, total) in by_day.items():
        detail = (
            f"{calendar.iso(at_ms)} 검침의 합 {total // MIB:,} MiB 이(가) 저장소에 담을 수 있는"
            f" {most // MIB:,} MiB 를 넘습니다. 검침이나 site.toml 의 capacity 를 확인하세요."
        )
        yield Note("fail", "beyond_capacity", name, detail, day)


def _days(calendar: Calendar, window: Period, start_ms: int, end_ms: int) -> list[date]:
    """The accounting days of a stretch, as far as it lies in the window."""
    start_ms, end_ms = max(start_ms, window.start_ms), min(end_ms, window.end_ms)
    return calendar.days_of(Period(start_ms, end_ms)) if start_ms < end_ms else []


def _length(length_ms: int) -> str:
    hours, rest = divmod(length_ms, HOUR_MS)
    return f"{hours}시간" if not rest else f"{length_ms // SECOND_MS}초"
