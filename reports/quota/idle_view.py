"""What `quota` shows of idle allocations: held and busy hours, and their worth."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from billing.document import to_document
from billing.quota.idle_allocations import Idle, idle_of
from billing.rulebook.price import DEVICE_US_OF_HOUR
from metering.site.open_site import OpenSite
from reports.quota.limits_view import DayLimits, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.numbers_and_dates import DEVICE_HOURS, number, percent

IDLE_SHOWN = 20
COLUMNS = (
    ("allocation", "할당"), ("company", "기업"), ("project", "과제"), ("sku", "자원"),
    ("held", "점유"), ("busy", "가동"), ("rate", "가동률"), ("idle", "유휴"),
    ("list_krw", "정가"), ("own_krw", "자부담"),
)  # fmt: skip
HOURS = ("held", "busy", "rate", "idle")


def idle_of_month(limits: DayLimits, wanted: LimitsWanted, opened: OpenSite) -> tuple[Idle, ...]:
    """The idle allocations of the month so far: of a company, or of the projects that an award or
    a programme supports."""
    every = idle_of(limits.month, limits.day, opened.site.quota.idle_below)
    supported = {
        (award.company_id, award.project_id)  # '' stands for all of the company's projects
        for award in limits.month.registry.awards
        if wanted.award in ("", award.award_id) and wanted.programme in ("", award.programme)
    }
    return tuple(
        allocation
        for allocation in every
        if wanted.company in ("", allocation.company_id)
        and (
            not (wanted.award or wanted.programme)
            or {(allocation.company_id, allocation.project_id), (allocation.company_id, "")}
            & supported
        )
    )


def show_idle(screen: Screen, idle: Sequence[Idle], names: Mapping[str, str]) -> None:
    """The idle allocations, the dearest first."""
    if screen.as_json:
        screen.fact("idle", to_document(idle))
        return
    rows = [_row(allocation, names) for allocation in idle[:IDLE_SHOWN]]
    title = f"유휴 할당 {len(idle):,}건 ({DEVICE_HOURS}, 원)"
    spare = ("company", "rate", "sku", "project")
    note = _note(idle) if idle else ""
    screen.table("idle", title, COLUMNS, rows, spare=spare, right=HOURS, note=note)


def _row(allocation: Idle, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        allocation.allocation_id,
        names.get(allocation.company_id, allocation.company_id),
        allocation.project_id,
        allocation.sku,
        _hours(allocation.held_us),
        _hours(allocation.busy_ns // 1000),
        f"{percent(_busy_rate(allocation))}%",
        _hours(allocation.idle_us),
        allocation.list_krw,
        allocation.own_krw,
    )


def _busy_rate(allocation: Idle) -> Fraction | None:
    """What of the time that was seen it worked; None where nothing was seen."""
    if not allocation.seen_us:
        return None
    return Fraction(allocation.busy_ns, allocation.seen_us * 1000)


def _note(idle: Sequence[Idle]) -> str:
    listed = sum(allocation.list_krw or 0 for allocation in idle)
    own = sum(allocation.own_krw or 0 for allocation in idle)
    parts = [f"유휴 시간은 정가로 모두 {listed:,}원이고 그 가운데 기업 부담이 {own:,}원입니다"]
    if unpriced := sum(allocation.list_krw is None for allocation in idle):
        parts.append(f"단가가 없는 {unpriced:,}건은 뺐습니다")
    if (rest := len(idle) - IDLE_SHOWN) > 0:
        parts.append(f"나머지 {rest:,}건은 --json")
    return "; ".join(parts)


def _hours(amount_us: int) -> str:
    return number(Fraction(amount_us, DEVICE_US_OF_HOUR), 1)
