"""What `quota --forecast` shows: on which day each limit is likely to be used up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from billing.quota.burn_rate import Paces, paces
from billing.quota.limits_on_day import LimitState
from metering.calendar import days_after, read_date
from metering.registry.registry import Award
from metering.site.open_site import OpenSite, Progress, silent
from reports.quota.forecast import INSIDE_PERCENT, LEAST_DAYS, MOST_DAYS, end_days
from reports.quota.limits_view import LIMITS_SHOWN, DayLimits, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.labels import FUNDINGS
from reports.wording.limit_words import LIMIT_TITLES, amount_text

Why = Literal["", "used_up", "too_few_days", "not_used", "begins_anew", "over", "lasts"]
ORDER: Final = ("", "lasts", "used_up", "too_few_days", "not_used", "over", "begins_anew")
YEAR_END: Final = "12-31"
COLUMNS: Final = (
    ("company", "기업"), ("award", "협약"), ("programme", "사업"), ("kind", "한도"),
    ("left", "잔여"), ("likely", "소진 예상일"),
    ("range", f"범위({INSIDE_PERCENT} %)"), ("why", "설명"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitForecast:
    """When a limit is likely to be used up, if use goes on as of late. A day is None where it is
    later than `until`, the last day that is looked at, or where `why` says that none is told."""

    state: LimitState
    known_days: int
    until: date | None
    early: date | None = None
    likely: date | None = None
    late: date | None = None
    why: Why = ""


def forecasts_of_day(
    opened: OpenSite, limits: DayLimits, wanted: LimitsWanted, progress: Progress = silent
) -> list[LimitForecast]:
    """The forecast of every limit that is asked for; the first to end comes first."""
    limited = [
        state for state in limits.states if state.granted is not None and wanted.holds(state)
    ]
    if limits.until is None or not limited:
        return []
    going = paces(opened, limits.until, progress)
    awards = {award.award_id: award for award in limits.month.registry.awards}
    forecasts = []
    for done, state in enumerate(limited):
        progress("예측", done, len(limited))
        forecasts.append(forecast_of(state, going, awards.get(state.award_id)))
    progress("예측", len(limited), len(limited))
    never = date.max
    return sorted(
        forecasts,
        key=lambda forecast: (
            forecast.likely or never,
            forecast.early or never,
            ORDER.index(forecast.why),
            forecast.state.name,
        ),
    )


def forecast_of(state: LimitState, going: Paces, award: Award | None) -> LimitForecast:
    """The forecast of a limit at the end of the last day of its pace."""
    daily, left = going.of(state), state.left
    known = 0 if daily is None else sum(amount is not None for amount in daily)
    until = min(_ends(state, award) or date.max, days_after(going.last, MOST_DAYS))
    ahead = until.toordinal() - going.last.toordinal()
    why: Why = ""
    if daily is None:
        why = "begins_anew"
    elif not left:
        why = "used_up"
    elif ahead < 1:
        why = "over"
    elif not daily:
        why = "not_used"
    elif known < LEAST_DAYS:
        why = "too_few_days"
    if why or daily is None or left is None:
        return LimitForecast(state, known, until, why=why)
    ends = end_days(daily, left, ahead)
    early, likely, late = (
        None if number is None else days_after(going.last, number)
        for number in (ends.early, ends.likely, ends.late)
    )
    return LimitForecast(state, known, until, early, likely, late, "" if likely else "lasts")


def _ends(state: LimitState, award: Award | None) -> date | None:
    """The last day on which a limit can be used; None where no day is known."""
    if state.kind in ("company_year", "budget"):
        return read_date(f"{state.period[-4:]}-{YEAR_END}")
    return None if award is None or award.until is None else days_after(award.until, -1)


def show_forecasts(
    screen: Screen, forecasts: Iterable[LimitForecast], names: dict[str, str]
) -> None:
    """A table, the first to end first; one list for a program."""
    every = list(forecasts)
    if screen.as_json:
        screen.fact("forecast", [_document(forecast) for forecast in every])
        return
    rows = [_row(forecast, names) for forecast in every[:LIMITS_SHOWN]]
    rest = len(every) - LIMITS_SHOWN
    more = f" 나머지 {rest:,}건은 --json" if rest > 0 else ""
    note = f"요즘처럼 쓴다면 언제 다 쓸지의 추정이며, 정산에 쓰이지 않습니다.{more}"
    spare = ("programme", "why", "left")
    title = "소진 예상 (추정)"
    screen.table("forecast", title, COLUMNS, rows, spare=spare, right=("left",), note=note)


def _row(forecast: LimitForecast, names: Mapping[str, str]) -> tuple[Cell, ...]:
    state = forecast.state
    return (
        names.get(state.company_id, FUNDINGS.get(state.funding, state.funding)),
        state.award_id,
        state.programme,
        LIMIT_TITLES[state.kind],
        amount_text(state.left, state.unit),
        str(forecast.likely or "-"),
        _range(forecast),
        why_text(forecast),
    )


def why_text(forecast: LimitForecast) -> str:
    """Why no day is told, or nothing."""
    return {
        "": "",
        "used_up": "다 씀",
        "too_few_days": f"사용일 {forecast.known_days}일: {LEAST_DAYS}일부터 추정",
        "not_used": "최근 사용 없음",
        "begins_anew": "날마다 또는 달마다 새로 시작",
        "over": "기간이 끝남",
        "lasts": f"{forecast.until}까지 남을 듯",
    }[forecast.why]


def _range(forecast: LimitForecast) -> str:
    if forecast.early is None:
        return "-"
    return f"{forecast.early} ~ {forecast.late or f'({forecast.until} 뒤)'}"


def _document(forecast: LimitForecast) -> dict[str, object]:
    return {
        "name": forecast.state.name, "estimate": True, "inside_percent": INSIDE_PERCENT,
        "early": forecast.early, "likely": forecast.likely, "late": forecast.late,
        "until": forecast.until,
        "known_days": forecast.known_days, "why": forecast.why,
    }  # fmt: skip
