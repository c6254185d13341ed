"""What `quota` shows of awards that are used too little: warnings, and what is proposed."""

from collections.abc import Mapping, Sequence
from datetime import date

from billing.document import to_document
from billing.draft.unseen_use import unseen_days
from billing.quota.utilisation import LowUse, days_looked_at, low_uses
from billing.records import Usage
from billing.simulate.months_as_they_stand import ChainMonth, chain
from metering.calendar import days_after, month_first_day, month_of, previous_month
from metering.database.findings import findings
from metering.site.open_site import OpenSite
from reports.quota.limits_view import DayLimits, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.limit_words import amount_text, unit_text
from reports.wording.numbers_and_dates import percent

COLUMNS = (
    ("award", "협약"), ("company", "기업"), ("programme", "사업"), ("since", "본 기간"),
    ("granted", "배정"), ("used", "사용"), ("share", "이용률"), ("stage", "조치"),
)  # fmt: skip
STAGES = {"warning": "경고", "recall": "회수 제안", "smaller": "축소 제안"}
# Levels are dark in what they come to over days: 8 devices for a day are 192 device-hours.
OVER_DAYS = {"devices": "device_hours", "pf": "pf_hours"}


def low_uses_of_day(
    limits: DayLimits, wanted: LimitsWanted, opened: OpenSite
) -> tuple[LowUse, ...]:
    """The awards of low use on the day of the limits, by as many days before as their tests look
    at."""
    month = limits.month
    tested = {
        programme.programme
        for programme in month.book.programmes
        if programme.utilisation is not None
    }
    if not any(
        award.programme in tested and award.holds(limits.day) for award in month.registry.awards
    ):
        return ()
    usages: list[Usage] = []
    known: set[date] = set()
    first = month_of(days_after(limits.day, -days_looked_at(month.book)))
    for chained in (*_before(opened, first, month.month), month):
        usages += chained.usages()
        known |= set(chained.days) - {day for _, day in chained.missing}
    watched = {cluster.name for cluster in opened.site.clusters if cluster.has_exporter}
    with opened.database.read() as connection:
        dark = findings(connection, date_from=month_first_day(first), date_to=limits.day)
    unseen = unseen_days(usages, watched, dark)
    return tuple(
        low_use
        for low_use in low_uses(usages, known, month.book, month.registry, limits.day, unseen)
        if wanted.award in ("", low_use.award_id)
        and wanted.company in ("", low_use.company_id)
        and wanted.programme in ("", low_use.programme)
    )


def _before(opened: OpenSite, first: str, month: str) -> Sequence[ChainMonth]:
    """The site's months from the first one to the one before a month."""
    first = max(first, opened.site.first_month)
    return tuple(chain(opened, first, previous_month(month))) if first < month else ()


def show_low_uses(screen: Screen, uses: Sequence[LowUse], names: Mapping[str, str]) -> None:
    """The awards, the lowest share first."""
    if screen.as_json:
        screen.fact("low_use", to_document(uses))
        return
    if uses:
        rows = [
            _row(low_use, names)
            for low_use in sorted(uses, key=lambda low_use: (low_use.share, low_use.award_id))
        ]
        note = "제안은 담당자가 등록부의 협약에 적은 날(until, recalled_on 등)부터 효력이 있습니다"
        spare, right = ("programme", "since", "company"), ("granted", "used", "share")
        title = f"이용률이 낮은 협약 {len(uses):,}건"
        screen.table("low_use", title, COLUMNS, rows, spare=spare, right=right, note=note)


def _row(low_use: LowUse, names: Mapping[str, str]) -> tuple[Cell, ...]:
    counted, by, table = low_use.unit.partition(":")
    unit = OVER_DAYS.get(counted, counted) + by + table
    proposed = (
        "" if low_use.proposed is None else f" ({low_use.proposed} {unit_text(low_use.unit)})"
    )
    return (
        low_use.award_id,
        names.get(low_use.company_id, low_use.company_id),
        low_use.programme,
        f"{low_use.first} - {low_use.last}",
        amount_text(low_use.granted, unit),
        amount_text(low_use.used, unit),
        f"{percent(low_use.share)}%",
        STAGES[low_use.stage] + proposed,
    )
