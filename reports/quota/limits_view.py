"""What `quota` shows of limits: granted, used and left, with a bar, on any day of any month."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from billing.document import to_document
from billing.quota.limits_on_day import LimitState, limits_on
from billing.simulate.months_as_they_stand import ChainMonth, chain_month
from metering.calendar import month_last_day, month_of, read_date, read_month
from metering.errors import CloseError, JeongsanError, TimeError
from metering.site.open_site import OpenSite
from reports.terminal.screen import Cell, Screen
from reports.wording.account_names import company_names
from reports.wording.labels import FUNDINGS, MONTH_STATES
from reports.wording.limit_words import LIMIT_TITLES, amount_text, in_unit, unit_text
from reports.wording.numbers_and_dates import number

OF_AWARDS = ("quota", "level", "award_month", "award")
GAPS_SHOWN, LIMITS_SHOWN = 3, 40
BARS = ((140, 20), (100, 10), (0, 6))  # letters: from how wide a screen, and how long a bar
FULL, EMPTY = "█", "░"
EIGHTHS = " ▏▎▍▌▋▊▉"
COLUMNS: Mapping[str, tuple[str, Callable[[LimitState], Cell]]] = {
    "award": ("협약", lambda state: state.award_id),
    "programme": ("사업", lambda state: state.programme),
    "kind": (
        "한도",
        lambda state: f"{LIMIT_TITLES[state.kind]} ({unit_text(state.unit)})",
    ),
    "funding": ("재원", lambda state: FUNDINGS.get(state.funding, state.funding) or "전체"),
    "period": ("기간", lambda state: state.period),
    "granted": ("배정", lambda state: _amount(state.granted, state.unit)),
    "used": ("사용", lambda state: _amount(state.used, state.unit)),
    "left": ("잔여", lambda state: _amount(state.left, state.unit)),
}
AMOUNTS = ("granted", "used", "left")


@dataclass(frozen=True, slots=True)
class LimitsWanted:
    """Which limits are asked for; '' for all."""

    award: str = ""
    company: str = ""
    programme: str = ""

    def holds(self, state: LimitState) -> bool:
        """Whether a limit is asked for."""
        return (
            self.award in ("", state.award_id)
            and self.company in ("", state.company_id)
            and self.programme in ("", state.programme)
        )

    def check(self, month: ChainMonth) -> None:
        """JeongsanError where the month knows nothing by such a name: an empty answer would read
        as if nothing were left to say."""
        known = {
            "award": (self.award, [award.award_id for award in month.registry.awards]),
            "company": (self.company, [company.company_id for company in month.registry.companies]),
            "programme": (
                self.programme,
                [programme.programme for programme in month.book.programmes],
            ),
        }
        for what, (name, names) in known.items():
            if name and name not in names:
                raise JeongsanError(f"{month.month} knows no {what} {name!r}: see `jeongsan quota`")


@dataclass(frozen=True, slots=True)
class DayLimits:
    """The limits of a site at the end of a day. `until` is the last day with usage up to there;
    `missing` are the section-days without any."""

    month: ChainMonth
    day: date
    until: date | None
    missing: tuple[tuple[str, date], ...]
    states: tuple[LimitState, ...]

    @property
    def names(self) -> dict[str, str]:
        """The companies' names."""
        return company_names(self.month.registry)


def limits_of_day(opened: OpenSite, when: str = "") -> DayLimits:
    """How all limits stand on a day, at the end of a month, or as far as usage goes."""
    day, month = _when(opened, when)
    chained = chain_month(opened, month)
    days = [used for used in chained.days if used <= day]
    return DayLimits(
        month=chained,
        day=day,
        until=max(days, default=None),
        missing=tuple(place for place in chained.missing if place[1] <= day),
        states=limits_on(chained, day),
    )


def _when(opened: OpenSite, when: str) -> tuple[date, str]:
    """The day that is meant and its month; of an open month no day after its last usage."""
    if len(when) == len("2025-10-01"):
        day = read_date(when)
        return day, month_of(day)
    last = month_last_day(read_month(when)) if when else None
    parts = opened.lake.partitions("usage_day", date_to=last)
    used = max((read_date(part["date"]) for part in parts), default=None)
    if used is None:
        raise CloseError("no usage is there yet; collect and meter first, or name a day")
    if last is None or month_of(used) == when:
        return used, month_of(used)
    return last, when


def checked_when(text: str) -> str:
    """A day or a month as it was typed; TimeError for anything else."""
    try:
        read_date(text) if len(text) == len("2025-10-01") else read_month(text)
    except TimeError as error:
        raise TimeError(f"{text!r} is no month and no day: write 2025-10 or 2025-10-20") from error
    return text


def show_limits(screen: Screen, limits: DayLimits, wanted: LimitsWanted) -> None:
    """The limits of awards, companies and programmes, each fullest first."""
    wanted.check(limits.month)
    states = [state for state in limits.states if wanted.holds(state)]
    if screen.as_json:
        _document(screen, limits, states)
        return
    state = MONTH_STATES[limits.month.state]
    screen.say(f"{limits.day}까지 사용한 한도 ({limits.month.month} {state})")
    if limits.until is not None and limits.until < limits.day:
        screen.say(f"사용량은 {limits.until}까지 있습니다")
    if limits.missing and limits.month.state != "issued":
        shown = ", ".join(f"{cluster} {day}" for cluster, day in limits.missing[:GAPS_SHOWN])
        rest = len(limits.missing) - GAPS_SHOWN
        screen.say(f"사용량이 없는 날: {shown}" + (f" 외 {rest:,}일" if rest > 0 else ""))
    _tables(screen, limits, states, every=wanted != LimitsWanted())


def _tables(
    screen: Screen, limits: DayLimits, states: Sequence[LimitState], *, every: bool
) -> None:
    """One table a kind of holder. What nothing limits is shown of programmes, and of the others
    only when somebody asks for them by name."""
    ranked = sorted(
        states, key=lambda state: (state.granted is None, -used_share(state), state.name)
    )
    shown = [state for state in ranked if state.granted is not None or (every and state.used)]
    awards = [state for state in shown if state.kind in OF_AWARDS]
    years = [state for state in shown if state.kind == "company_year"]
    programmes = [
        state
        for state in sorted(ranked, key=lambda state: state.programme)
        if state.kind == "budget" or (state.kind == "programme" and state.used)
    ]
    _limits(screen, "협약 한도", awards, ("company", "award", "programme", "kind"), limits.names)
    _limits(
        screen, "기업의 한 해 지원 (원)", years, ("company", "programme", "period"), limits.names
    )
    _limits(screen, "사업 예산 (원)", programmes, ("programme", "funding", "period"), limits.names)
    free = sum(
        state.granted is None and state.used > 0 and state.kind != "programme" for state in states
    )
    if free and not every:
        screen.say(f"한도가 없는 지원 {free:,}건은 --award, --company, --programme 으로 봅니다")


def used_share(state: LimitState) -> Fraction:
    """How much of a limit is used."""
    if not state.granted:
        return Fraction(1)  # nothing is granted, so nothing is left
    return Fraction(state.used, state.granted)


def bar(share: Fraction, width: int) -> str:
    """A bar of so many letters, filled to eighths; never full before it is, nor empty once used."""
    eighths = min(int(share * width * 8), width * 8)
    if share and not eighths:
        eighths = 1
    whole, rest = divmod(eighths, 8)
    text = FULL * whole + (EIGHTHS[rest] if rest else "")
    return text + EMPTY * (width - len(text))


def _limits(
    screen: Screen,
    title: str,
    states: Sequence[LimitState],
    keys: Sequence[str],
    names: Mapping[str, str],
) -> None:
    """A table of limits: what they are of, the amounts, the bar. A narrow screen keeps the bar."""
    if not states:
        return
    width = next(letters for least, letters in BARS if screen.width >= least)
    columns = {**COLUMNS, "company": ("기업", lambda state: names.get(state.company_id))}
    every = (*keys, *AMOUNTS)
    rows: list[tuple[Cell, ...]] = [
        (*(columns[key][1](state) for key in every), _drawn(state, width))
        for state in states[:LIMITS_SHOWN]
    ]
    headings = [*((key, columns[key][0]) for key in every), ("bar", "소진율")]
    spare = [key for key in ("programme", "granted", "used", "company") if key in every]
    if "award" not in keys:  # without the name of an award these say whose it is
        spare = [key for key in spare if key not in keys]
    rest = len(states) - LIMITS_SHOWN
    note = (
        f"소진율이 낮은 {rest:,}건은 --award, --company, --programme 또는 --json"
        if rest > 0
        else ""
    )
    screen.table("limits", title, headings, rows, spare=spare, right=AMOUNTS, note=note)


def _amount(amount: int | None, unit: str) -> str:
    """A limit's amount in the unit that people write, which its heading names; '-' for none."""
    if amount is None or unit == "krw":
        return "-" if amount is None else f"{amount:,}"
    return number(in_unit(amount, unit), 1)


def _drawn(state: LimitState, width: int) -> str:
    """The bar and percent, which are rounded down: 100.0 is said of nothing that has some left."""
    if state.granted is None:
        return "-"
    whole, tenth = divmod(int(used_share(state) * 1000), 10)
    return f"{bar(used_share(state), width)} {f'{whole:,}.{tenth}%':>6}"


def _document(screen: Screen, limits: DayLimits, states: Sequence[LimitState]) -> None:
    screen.fact("day", limits.day)
    screen.fact("month", limits.month.month)
    screen.fact("state", limits.month.state)
    screen.fact("until", limits.until)
    screen.fact("missing", [f"{cluster} {day}" for cluster, day in limits.missing])
    screen.fact("limits", [limit_document(state) for state in states])


def limit_document(state: LimitState) -> dict[str, object]:
    """A limit for a program: whole units, and the same in the unit that people write."""
    own: Any = to_document(state)
    return {
        **own,
        "name": state.name,
        "left": state.left,
        "granted_text": amount_text(state.granted, state.unit),
        "used_text": amount_text(state.used, state.unit),
        "left_text": amount_text(state.left, state.unit),
    }
