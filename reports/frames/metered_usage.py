"""What was metered of a month or of days, as a DataFrame, beside what issued months stand with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from billing.close.issued_usage import issued_usage
from billing.draft.month_inputs import first_days, missing_days, ran
from billing.rulebook.rule_book import read_rulebook
from metering.calendar import days_of_month, read_days
from metering.errors import JeongsanError, TimeError
from metering.site.open_site import OpenSite, Progress, silent
from metering.usage.metered_lines import MeteredLines, metered_lines
from reports.frames.arrow_frame import as_frame
from reports.frames.issued_beside import all_lines, differences, issued_where_known
from reports.frames.usage_choices import UsageBy
from reports.frames.usage_levels import LEVELS, SECTION, TOTAL, UsageLevel
from reports.frames.usage_sums import UsageWords, summed


@dataclass(frozen=True, slots=True)
class UsageWanted:
    """What is asked for: days in a row, by what they are added up (None: by day, account and SKU),
    and the sections, company, project and SKU alone; empty for all."""

    days: tuple[date, ...]
    by: UsageBy | None = None
    clusters: tuple[str, ...] = ()
    company: str = ""
    project: str = ""
    sku: str = ""

    @property
    def level(self) -> UsageLevel:
        """The columns that this is asked by."""
        return LEVELS[self.by]


@dataclass(frozen=True, slots=True)
class MeteredUsage:
    """What was metered. `frame` has the columns of its level: `quantity` in whole `unit` is exact,
    `amount` is it in `amount_unit`, half up at ten decimals; `issued_quantity` is NA where the
    month is not issued, or the usage of no project. `totals` has a row a unit, of all rows
    together; `sections` a row a section: how many of the days were metered, which want metering,
    which have no usage, and up to when it is known. `differences` are the rows of usage in which
    an issued month stands with another quantity. `issued` are the bundles of the issued months
    among the days."""

    wanted: UsageWanted
    frame: pd.DataFrame
    totals: pd.DataFrame
    sections: pd.DataFrame
    differences: pd.DataFrame
    issued: Mapping[str, str]


def usage_days(text: str) -> tuple[date, ...]:
    """The days of a month (2025-10), of a day (2025-10-07) or from one to another
    (2025-10-01..2025-10-07); TimeError in Korean for anything else."""
    try:
        return tuple(days_of_month(text) if len(text) == len("2025-10") else read_days(text))
    except TimeError as error:
        raise TimeError(
            f"{text!r}: 기간은 2025-10, 2025-10-07 또는 2025-10-01..2025-10-07로 씁니다"
        ) from error


def metered_usage(
    opened: OpenSite, wanted: UsageWanted, progress: Progress = silent
) -> MeteredUsage:
    """What was metered of the days; JeongsanError where none of them was metered, and where the
    site has no such section, company, project or SKU."""
    registry = opened.registry
    if wanted.company:
        registry.company(wanted.company)
    if wanted.project:
        registry.project(wanted.project)
    metered = metered_lines(opened, wanted.days, wanted.clusters, progress)
    if not metered.counted:
        raise JeongsanError(_nothing_text(opened, wanted))
    issued = issued_usage(opened, wanted.days)
    words = UsageWords.of(registry, read_rulebook(opened.site.rules), metered.complete_to_ms)
    lines = all_lines(metered, issued)
    _check_sku(wanted, words, lines)
    lines = lines.filter(_asked(wanted))
    own = lines if wanted.level.issued else lines.filter(pc.field("metered"))
    rows, totals = summed(own, wanted.level, words), summed(lines, TOTAL, words)
    return MeteredUsage(
        wanted=wanted,
        frame=as_frame(issued_where_known(rows, wanted.days, issued.bundles)),
        totals=as_frame(issued_where_known(totals, wanted.days, issued.bundles)),
        sections=as_frame(_sections(opened, wanted, metered)),
        differences=as_frame(differences(lines, issued.bundles, words)),
        issued=issued.bundles,
    )


def _asked(wanted: UsageWanted) -> pc.Expression:
    """The lines that are asked for."""
    chosen = pc.scalar(True)
    if wanted.clusters:
        chosen &= pc.field("cluster").isin(wanted.clusters)
    for name, value in (
        ("company_id", wanted.company), ("project_id", wanted.project), ("sku", wanted.sku)
    ):  # fmt: skip
        chosen = chosen & (pc.field(name) == value) if value else chosen
    return chosen


def _check_sku(wanted: UsageWanted, words: UsageWords, lines: pa.Table) -> None:
    known = {*words.book.prices, *lines.column("sku").unique().to_pylist()}
    if wanted.sku and wanted.sku not in known:
        used = sorted(set(lines.column("sku").unique().to_pylist()))
        raise JeongsanError(
            f"{wanted.sku!r}: 이런 자원(SKU)은 없습니다. 이 기간에 쓴 자원:"
            f" {', '.join(used) or '없음'}"
        )


def _nothing_text(opened: OpenSite, wanted: UsageWanted) -> str:
    """That nothing was metered of the days, and of which days something was."""
    first, last = wanted.days[0], wanted.days[-1]
    span = f"{first}" if first == last else f"{first}..{last}"
    names = set(wanted.clusters)
    parts = [
        part["date"] for part in opened.lake.partitions("usage_day")
        if not names or part["cluster"] in names
    ]  # fmt: skip
    there = (
        f"계측한 날은 {min(parts)}..{max(parts)}에 있습니다" if parts else "계측한 날이 없습니다"
    )
    return f"{span}: 계측한 사용량이 없습니다. {there}. 먼저 jeongsan meter {span}"


def _sections(opened: OpenSite, wanted: UsageWanted, metered: MeteredLines) -> pa.Table:
    """How much of each section's days is there, as far as it ran on them."""
    calendar = opened.site.calendar
    with opened.database.read() as connection:
        began = first_days(connection)
    counted = set(metered.counted)
    rows: list[dict[str, object]] = []
    for name, complete_to_ms in metered.complete_to_ms.items():
        span = {name: ran(name, began, opened.registry, calendar)}
        gone = missing_days(wanted.days, span, counted)
        stale = [day for section, day in metered.outdated if section == name]
        rows.append(
            {
                "cluster": name,
                "title": opened.site.section(name).title or name,
                "days": sum(section == name for section, _ in counted),
                "missing": [day for _, day in gone],
                "outdated": stale,
                "known_to": complete_to_ms or None,
            }
        )
    return pa.Table.from_pylist(rows, schema=pa.schema(SECTION))
