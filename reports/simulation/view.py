"""What `simulate` shows in the terminal: what changes by month, programme, company and budget."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from billing.month.totals import InvoiceSums
from billing.simulate.simulate import Simulation
from reports.simulation.figures import (
    BudgetRow,
    DueRow,
    PaidRow,
    budget_rows,
    company_rows,
    month_rows,
    months_text,
    new_findings,
    paid_rows,
    titles,
    together_note,
    total,
)
from reports.terminal.screen import Cell, Screen
from reports.wording.labels import FUNDINGS, MONTH_STATES

COMPANIES_SHOWN = 20
GAPS_SHOWN = 3
COLUMNS = (
    ("charge", "정가 변화"),
    ("support_before", "지원(지금)"),
    ("support_after", "지원(새 규칙)"),
    ("support", "지원 변화"),
    ("due_before", "부담(지금)"),
    ("due_after", "부담(새 규칙)"),
    ("due", "부담 변화"),
)
KEYS = tuple(key for key, _ in COLUMNS)
SPARE = ("charge", "support_before", "due_before")


def show_simulation(
    screen: Screen, simulation: Simulation, rules: Path, written: list[Path]
) -> None:
    """Four tables and the files; one document for a program."""
    if screen.as_json:
        _document(screen, simulation)
    else:
        screen.say(f"{months_text(simulation)}, {rules}의 규칙으로 다시 계산했습니다 (단위: 원)")
        screen.say(
            "발행한 달과 시행 중인 규칙은 그대로입니다. 부담은 부가세를 뺀 기업 부담입니다\n"
        )
        _gaps(screen, simulation)
        if note := together_note(simulation):
            screen.say(note)
        _months(screen, month_rows(simulation))
        _programmes(screen, simulation)
        _companies(screen, company_rows(simulation))
        _budgets(screen, budget_rows(simulation))
    screen.findings(new_findings(simulation), every=True)
    screen.fact("written", [str(path) for path in written], "만든 파일")


def signed(krw: int) -> str:
    """A change as people read it: +1,234, -1,234 or 0."""
    return f"{krw:+,}" if krw else "0"


def _amounts(row: DueRow) -> tuple[Cell, ...]:
    before, after, change = row.before, row.after, row.change
    return (
        signed(change.charge_krw),
        f"{before.support_krw:,}", f"{after.support_krw:,}", signed(change.support_krw),
        f"{before.company_krw:,}", f"{after.company_krw:,}", signed(change.company_krw),
    )  # fmt: skip


def _gaps(screen: Screen, simulation: Simulation) -> None:
    """Months that are not whole: what they come to will still change, under either rules."""
    for month in simulation.months:
        if month.missing and month.state != "issued":
            shown = ", ".join(f"{section} {day}" for section, day in month.missing[:GAPS_SHOWN])
            rest = len(month.missing) - GAPS_SHOWN
            more = f" 외 {rest:,}일" if rest > 0 else ""
            screen.say(f"{month.month}에 사용량이 없는 날: {shown}{more}")


def _months(screen: Screen, rows: Sequence[DueRow]) -> None:
    cells = [(row.key, MONTH_STATES.get(row.label, row.label), *_amounts(row)) for row in rows]
    if len(rows) > 1:
        cells.append(("합계", "", *_amounts(total(rows))))
    columns = (("month", "월"), ("state", "상태"), *COLUMNS)
    screen.table("months", "달별", columns, cells, spare=("state", *SPARE), right=KEYS)


def _programmes(screen: Screen, simulation: Simulation) -> None:
    named = titles(simulation)
    rows: list[tuple[Cell, ...]] = [
        (row.programme, named.get(row.programme, ""), f"{row.before_krw:,}", f"{row.after_krw:,}",
         signed(row.change_krw))
        for row in paid_rows(simulation)
    ]  # fmt: skip
    columns = (
        ("programme", "사업"), ("title", "이름"), ("before", "지원(지금)"),
        ("after", "지원(새 규칙)"), ("change", "지원 변화"),
    )  # fmt: skip
    right = ("before", "after", "change")
    screen.table("programmes", "사업별 지원", columns, rows, spare=("title", "before"), right=right)


def _companies(screen: Screen, rows: Sequence[DueRow]) -> None:
    """Those whose due changes; the others are in the spreadsheet."""
    changed = [row for row in rows if row.change != InvoiceSums()]
    shown = changed[:COMPANIES_SHOWN]
    cells = [(row.key, row.label, *_amounts(row)) for row in shown]
    columns = (("company_id", "번호"), ("company", "기업"), *COLUMNS)
    rest = len(changed) - len(shown)
    note = f"변화가 작은 {rest:,}곳은 XLSX에 있습니다" if rest else ""
    title = f"기업별: {len(rows):,}곳 가운데 {len(changed):,}곳이 달라집니다"
    screen.table(
        "companies", title, columns, cells, spare=(*SPARE, "company_id"), right=KEYS, note=note
    )


def _budgets(screen: Screen, rows: Sequence[BudgetRow]) -> None:
    if not rows:
        return

    def won(krw: int | None) -> str:
        return "-" if krw is None else f"{krw:,}"

    cells: list[tuple[Cell, ...]] = [
        (row.programme, FUNDINGS.get(row.funding, row.funding), row.years,
         won(row.before_granted_krw), won(row.before_used_krw), won(row.after_granted_krw),
         won(row.after_used_krw), left_text(row))
        for row in rows
    ]  # fmt: skip
    columns = (
        ("programme", "사업"), ("funding", "재원"), ("years", "기간"), ("granted", "예산(지금)"),
        ("used", "사용(지금)"), ("granted_after", "예산(새 규칙)"), ("used_after", "사용(새 규칙)"),
        ("left", "잔여"),
    )  # fmt: skip
    right = tuple(key for key, _ in columns[3:])
    spare = ("granted", "granted_after", "used")
    title = f"기간이 끝날 때의 재원 예산 {len(rows):,}건"
    screen.table("budgets", title, columns, cells, spare=spare, right=right)


def left_text(row: BudgetRow) -> str:
    """What the other rules leave of a budget."""
    if row.after_granted_krw is None:
        return "예산 없음"
    left = row.after_granted_krw - row.after_used_krw
    return f"{left:,}" if left > 0 else "소진"


def _document(screen: Screen, simulation: Simulation) -> None:
    screen.fact("first", simulation.months[0].month)
    screen.fact("last", simulation.months[-1].month)
    screen.fact("rules_digest", simulation.other.digest)
    screen.fact(
        "months",
        [
            {"month": row.key, "state": row.label, **_sides(row),
             "missing": [f"{section} {day}" for section, day in month.missing],
             "billed": None if month.billed is None else asdict(month.billed)}
            for row, month in zip(month_rows(simulation), simulation.months, strict=True)
        ],
    )  # fmt: skip
    screen.fact("programmes", [_paid(row) for row in paid_rows(simulation)])
    screen.fact(
        "companies",
        [
            {"company_id": row.key, "name": row.label, **_sides(row)}
            for row in company_rows(simulation)
        ],
    )
    screen.fact("budgets", [asdict(row) for row in budget_rows(simulation)])
    screen.fact("paid", [_paid(row) for row in paid_rows(simulation, every=True)])
    screen.fact(
        "due",
        [
            {"month": month.month, "company_id": name,
             "before": asdict(month.before.due.get(name, InvoiceSums())),
             "after": asdict(month.after.due.get(name, InvoiceSums()))}
            for month in simulation.months
            for name in sorted(month.before.due.keys() | month.after.due.keys())
        ],
    )  # fmt: skip


def _sides(row: DueRow) -> dict[str, object]:
    sides = {"before": row.before, "after": row.after, "change": row.change}
    return {name: asdict(due) for name, due in sides.items()}


def _paid(row: PaidRow) -> dict[str, object]:
    named = {name: value for name, value in asdict(row).items() if value != ""}
    return {**named, "change_krw": row.change_krw}
