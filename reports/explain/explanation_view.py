"""What `explain` shows: from a won to charge, subsidies, rules and stops, then hours and rows."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from billing.document import to_document
from billing.explain.evidence import Evidence
from billing.explain.explanation import AwardPart, Explanation, Line
from billing.rulebook.price import DEVICE_US_OF_HOUR
from metering.calendar import Calendar, seconds_in_month
from metering.usage.evidence import HeldAllocation
from reports.explain.row_queries import Query, line_queries, queries_text
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import limit_hit_text, origin_text, unpaid_text, value_text
from reports.wording.labels import MONTH_STATES, SETTLED
from reports.wording.numbers_and_dates import (
    month_text,
    number,
    price,
    price_unit_label,
    quantity_text,
)

RUNS_SHOWN = 10
FILES_SHOWN = 4  # a query over more files is long: it goes to a file
UNKNOWN = "-"  # of work that nobody saw


def show_explanation(
    screen: Screen,
    answer: Explanation,
    evidence: Sequence[Evidence],
    calendar: Calendar,
    stale: bool,
    sql_file: Path | None,
) -> None:
    """The whole answer for a company, or as one document for a program."""
    issued = bool(answer.bundle)
    queries = [
        line_queries(answer.question, line, of_line, issued)
        for line, of_line in zip(answer.lines, evidence, strict=True)
    ]
    if sql_file is not None:
        sql_file.write_text(queries_text(answer, queries), encoding="utf-8")
    show_answer(screen, answer, evidence, queries, calendar, stale, sql_file)


def show_answer(
    screen: Screen,
    answer: Explanation,
    evidence: Sequence[Evidence],
    queries: Sequence[Sequence[Query]],
    calendar: Calendar,
    stale: bool,
    sql_file: Path | None,
) -> None:
    """The answer in words or as one document. `sql_file` is where its queries stand already."""
    if screen.as_json:
        _document(screen, answer, evidence, queries, stale)
        return
    _head(screen, answer, stale)
    for number_of, line in enumerate(answer.lines, start=1):
        _line(screen, answer, number_of, line)
        _hours(screen, line, evidence[number_of - 1], seconds_in_month(answer.question.month))
        if len(answer.lines) == 1:
            _days(screen, answer, line)
            _runs(screen, evidence[0].held, calendar)
            _queries(screen, queries[0], sql_file)
    _orders(screen, answer)
    if len(answer.lines) > 1:
        screen.say("한 줄만 --project, --sku, --day 로 물으면 날마다의 금액, 할당, 질의를 봅니다")
    if sql_file is not None:
        screen.say("DuckDB 질의를 적은 파일 (duckdb < 파일)")
        screen.path(sql_file)


def _head(screen: Screen, answer: Explanation, stale: bool) -> None:
    question = answer.question
    numbers = ", ".join(invoice.number for invoice in answer.invoices if invoice.number)
    what = " ".join(part for part in (numbers, question.project_id, question.sku) if part)
    day = f" {question.day}" if question.day else ""
    screen.say(
        f"{what + '  ' if what else ''}{answer.company_name} ({question.company_id})  "
        f"{month_text(question.month)}{day}  {MONTH_STATES[answer.state]}"
    )
    if not answer.bundle:
        screen.say("발행 전이라 지금 있는 사용량으로 셈했고, 발행할 때까지 바뀔 수 있습니다")
    if stale:
        screen.say(f"초안을 만든 뒤 자료가 바뀌었습니다: jeongsan draft {question.month}")
    in_kind = f" - 기업 현물 {answer.in_kind_krw:,}" if answer.in_kind_krw else ""
    screen.say(
        f"정가 {answer.charge_krw:,} - 지원 {answer.support_krw:,}{in_kind}"
        f" = 자부담 {answer.company_krw:,}원"
    )
    for invoice in answer.invoices:
        screen.say(
            f"{invoice.number or '번호 없음'}: 자부담 {invoice.company_krw:,}"
            f" + 부가세 {invoice.vat_krw:,}"
            f" (과세표준 {invoice.taxable_krw:,}) = 청구액 {invoice.payable_krw:,}원"
        )
    if not answer.invoices:
        screen.say("부가세는 청구서마다 한 번 셈하므로 그 일부에는 따로 없습니다")


def _line(screen: Screen, answer: Explanation, at: int, line: Line) -> None:
    seconds = seconds_in_month(answer.question.month)
    screen.say(f"\n[{at}] {line.project_id} {line.project_name} · {line.sku_title} ({line.sku})")
    for step in line.prices:
        used = quantity_text(step.quantity, line.price_unit, seconds)
        unit = price_unit_label(line.price_unit)
        days = f"{step.first} ~ {step.last}" if step.first != step.last else f"{step.first}"
        screen.say(
            f"    정가 {step.charge_krw:>14,}원  {used} {unit} × {_won(step.value.value)}원  {days}"
        )
        screen.say(f"         근거 {step.value.place} {origin_text(step.value.origin)}")
    for part in line.parts:
        _part(screen, part)
    if line.in_kind_krw:
        screen.say(f"  - 현물 {line.in_kind_krw:>14,}원  기업이 현물로 냄")
    screen.say(f"= 자부담 {line.company_krw:>14,}원")


def _won(text: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def _part(screen: Screen, part: AwardPart) -> None:
    until = f" ~ {part.until} 전날" if part.until else "부터"
    screen.say(
        f"  - 지원 {part.support_krw:>14,}원  {part.title}"
        f" ({part.award_id} {part.agreement_number}, {part.start}{until}, {part.order}순위)"
    )
    for source in part.sources:
        settled = SETTLED.get(source.settled, source.settled)
        screen.say(f"         재원 {source.title} {source.krw:,}원 ({settled})")
    for value in part.values:
        origin = origin_text(value.origin)
        screen.say(f"         규칙 {value_text(value)}{' ' + origin if origin else ''}")
    for stop in part.stops:
        screen.say(f"         멈춤 {limit_hit_text(stop)}")
    for unpaid in part.unpaid:
        screen.say(f"         없음 {unpaid_text(unpaid)}")


def _hours(screen: Screen, line: Line, evidence: Evidence, seconds: int) -> None:
    unit = price_unit_label(line.price_unit)
    if line.unit == "krw":
        return  # a sum of a fee: no use stands behind it
    used = quantity_text(evidence.quantity, line.price_unit, seconds)
    words = f"    사용 {used} {unit}: 하루 사용량 {len(evidence.rows):,}행"
    if evidence.held:
        busy = _busy(evidence.held, 1)
        runs = len({_run(held) for held in evidence.held})
        words += f", 할당 {runs:,}건 (실제 가동 {busy}{'' if busy == UNKNOWN else ' 시간'})"
    if evidence.readings:
        words += f", 검침 {len(evidence.readings):,}건"
    screen.say(words)
    if evidence.changed:
        places = ", ".join(f"{cluster} {day}" for cluster, day in evidence.changed[:5])
        now = quantity_text(evidence.counted, line.price_unit, seconds)
        screen.say(
            f"         그 뒤 다시 계측한 날 {len(evidence.changed):,}: {places}"
            f" (지금은 {now} {unit}); 청구한 행은 그대로 남아 있습니다"
        )


def _run(held: HeldAllocation) -> tuple[str, str, int, int]:
    return held.cluster, held.allocation_id, held.submitted_ms, held.started_ms


def _days(screen: Screen, answer: Explanation, line: Line) -> None:
    seconds = seconds_in_month(answer.question.month)
    awards = [part.award_id for part in line.parts if part.support_krw]
    columns = [("day", "날"), ("quantity", price_unit_label(line.price_unit)), ("price", "단가"),
               ("charge_krw", "정가"), *((award, award) for award in awards),
               ("company_krw", "자부담")]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            str(day.day),
            quantity_text(day.quantity, line.price_unit, seconds),
            price(day.price_krw),
            day.charge_krw,
            *(dict(day.paid).get(award, 0) for award in awards),
            day.company_krw,
        ]
        for day in line.days
    ]
    paid = {award: sum(dict(day.paid).get(award, 0) for day in line.days) for award in awards}
    total = quantity_text(line.quantity, line.price_unit, seconds)
    rows.append(["합계", total, "", line.charge_krw, *paid.values(), line.company_krw])
    screen.table("days", "날마다 (단위: 원)", columns, rows, spare=("price",))


def _runs(screen: Screen, held: Sequence[HeldAllocation], calendar: Calendar) -> None:
    """The runs that held most, and all others in one row, so that it adds up."""
    if not held:
        return
    runs: dict[tuple[str, str, int, int], list[HeldAllocation]] = defaultdict(list)
    for day in held:
        runs[_run(day)].append(day)
    order = sorted(runs.values(), key=lambda days: (-sum(d.held_us for d in days), _run(days[0])))
    rows: list[tuple[Cell, ...]] = []
    for days in order[:RUNS_SHOWN]:
        last = days[-1]
        ended = calendar.iso(last.ended_ms)[:16] if last.ended_ms is not None else None
        milli = last.quantity_milli
        rows.append(
            (
                last.allocation_id,
                last.user,
                last.node,
                calendar.iso(last.started_ms)[:16],
                ended,
                None if milli is None else number(Fraction(milli, 1000), 0),
                *_held_and_busy(days),
                last.state,
            )
        )
    if rest := [day for days in order[RUNS_SHOWN:] for day in days]:
        others = f"그 밖 {len(order) - RUNS_SHOWN:,}건"
        rows.append((others, "", "", "", "", "", *_held_and_busy(rest), ""))
    columns = (
        ("allocation_id", "할당"), ("user", "사용자"), ("node", "노드"), ("started", "시작"),
        ("ended", "끝"), ("devices", "장"), ("held", "점유 (장·시간)"), ("busy", "가동"),
        ("state", "상태"),
    )  # fmt: skip
    spare = ("state", "node", "user", "ended", "started")
    screen.table("allocations", "할당", columns, rows, spare=spare)


def _held_and_busy(days: Sequence[HeldAllocation]) -> tuple[str, str]:
    held = Fraction(sum(day.held_us for day in days), DEVICE_US_OF_HOUR)
    return number(held, 4), _busy(days, 4)


def _busy(days: Sequence[HeldAllocation], decimals: int) -> str:
    """Device-hours of work; `-` where nobody saw any of the time that was held."""
    if not any(day.observed_ms for day in days):
        return UNKNOWN
    busy = Fraction(sum(day.busy_ns for day in days), DEVICE_US_OF_HOUR * 1000)
    return number(busy, decimals)


def _orders(screen: Screen, answer: Explanation) -> None:
    if not answer.orders:
        return
    names = list(dict.fromkeys(name for order in answer.orders for name, _ in order.paid))
    columns = [("order", "사업의 순서"), *((name, name) for name in names)]
    columns.append(("company_krw", "자부담"))
    rows: list[list[Cell]] = [
        [
            " → ".join(order.programmes) + (" (지금)" if order.actual else ""),
            *(dict(order.paid).get(name, 0) for name in names),
            order.company_krw,
        ]
        for order in answer.orders
    ]
    left = answer.orders_left_out
    note = f"그 밖의 순서 {left:,}가지는 셈하지 않았습니다" if left else ""
    screen.table("orders", "사업의 순서를 바꾸었다면 (단위: 원)", columns, rows, note=note)


def _queries(screen: Screen, queries: Sequence[Query], sql_file: Path | None) -> None:
    if sql_file is not None:
        return
    for query in queries:
        if query.files <= FILES_SHOWN:
            pinned = ", 발행한 묶음의 파일" if query.pinned else ""
            screen.say(f"\n-- {query.title} ({query.table}{pinned})\n{query.sql}")
    if left := [query for query in queries if query.files > FILES_SHOWN]:
        names = ", ".join(f"{query.title} {query.files:,}개 파일" for query in left)
        screen.say(f"{names}: --day 로 좁히거나 --sql 파일 로 질의를 받습니다")


def _document(
    screen: Screen,
    answer: Explanation,
    evidence: Sequence[Evidence],
    queries: Sequence[Sequence[Query]],
    stale: bool,
) -> None:
    document: Any = to_document(answer)
    lines = document["lines"]
    for line, of_line, asked in zip(lines, evidence, queries, strict=True):
        line["evidence"] = to_document(of_line)
        line["queries"] = to_document(asked)
    for name, value in document.items():
        screen.fact(name, value)
    screen.fact("stale", stale)
