"""The lake to usage: the accounting days asked for, and earlier ones whose inputs have changed."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from metering.calendar import month_first_day
from metering.database.findings import replace_findings
from metering.finding import Finding
from metering.site.open_site import OpenSite, Progress, silent
from metering.usage.day_queries import STAGE, UsageOfDay
from metering.usage.duckdb_engine import Engine
from metering.usage.outdated_days import LandedPartitions, changed_days, made_from, section_inputs
from metering.usage.registry_inputs import MeterInputs

DAYS_AT_ONCE = 2


def meter(
    opened: OpenSite,
    days: Iterable[date],
    sections: Iterable[str] | None = None,
    progress: Progress = silent,
) -> list[Finding]:
    """Counts the usage of `days` in every section, or in those named, and gives what it finds.

    Each section's day is replaced whole, with its findings. A day before the last of `days` that
    was counted already is counted again where what it was made from has changed since.
    """
    asked = sorted(set(days))
    if not asked:
        return []
    site, registry = opened.site, opened.registry
    names = None if sections is None else [site.section(name).name for name in sections]
    engine = Engine(threads=1 if len(asked) >= DAYS_AT_ONCE else DAYS_AT_ONCE)
    findings: list[Finding] = []
    try:
        for section in site.sections:
            if names is None or section.name in names:
                inputs = section_inputs(opened, registry, section)
                findings += _Section(opened, engine, inputs).meter(asked, progress)
    finally:
        engine.close()
    return findings


class _Section:
    """The metering of one section."""

    def __init__(self, opened: OpenSite, engine: Engine, inputs: MeterInputs) -> None:
        self._opened = opened
        self._engine = engine
        self._inputs = inputs
        self._name = inputs.section.name

    def meter(self, asked: Sequence[date], progress: Progress) -> list[Finding]:
        first = min(asked[0], month_first_day(self._opened.site.first_month))
        landed = LandedPartitions.between(self._opened.lake, self._name, first, asked[-1])
        wanted = sorted({*asked, *changed_days(landed, self._inputs, first, asked[-1])})
        findings: list[Finding] = []
        for done, counted in enumerate(self._counted(landed, wanted)):
            progress(self._name, done, len(wanted))
            self._put(counted)
            findings += counted.findings
        progress(self._name, len(wanted), len(wanted))
        return findings

    def _counted(self, landed: LandedPartitions, days: Sequence[date]) -> Iterator["_Counted"]:
        """The days in their order, a few of them counted at once."""
        ahead: deque[Future[_Counted]] = deque()
        with ThreadPoolExecutor(DAYS_AT_ONCE) as pool:
            for day in days:
                ahead.append(pool.submit(self._count, landed, day))
                if len(ahead) > DAYS_AT_ONCE:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _count(self, landed: LandedPartitions, day: date) -> "_Counted":
        usage = UsageOfDay(self._engine, landed, self._inputs, day)
        tables = usage.count()
        return _Counted(day, tables, made_from(landed, self._inputs, day), usage.findings)

    def _put(self, counted: "_Counted") -> None:
        """Puts a day in force, whole and with its findings."""
        place = {"cluster": self._name, "date": counted.day}
        with self._opened.lake.change() as change:
            for table, rows in counted.tables.items():
                change.replace(table, place, rows, counted.digests[table])
            change.record(
                lambda connection: replace_findings(
                    connection, STAGE, self._name, [counted.day], counted.findings
                )
            )


@dataclass(frozen=True, slots=True)
class _Counted:
    """A day's tables, what each was made from, and what is wrong with them."""

    day: date
    tables: Mapping[str, pa.Table]
    digests: Mapping[str, Mapping[str, str]]
    findings: Sequence[Finding]
