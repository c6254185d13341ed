"""A simulation as a picture: a page in which the months, programmes and companies are bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from billing.month.totals import InvoiceSums
from billing.simulate.simulate import Simulation
from reports.layout.page_elements import FAINT, HAIR, INK, RULE
from reports.layout.pdf_pages import PdfPages, Style
from reports.simulation.figures import (
    company_rows,
    month_rows,
    months_text,
    paid_rows,
    titles,
    total,
)
from reports.wording.numbers_and_dates import number, rounded

SUPPORT: Final = ("#2F6DB5", "#9CBFE6")  # under the new rules, and as it stands
COMPANY: Final = ("#C96A1B", "#F0C59B")
IN_KIND: Final = ("#6B7C8F", "#C2CAD3")
MORE: Final = "#B00020"
LESS: Final = "#1F7A4D"
LEGEND: Final = (("지원", SUPPORT), ("기업 현물", IN_KIND), ("기업 부담", COMPANY))
ROWS_SHOWN: Final = 10
MONTHS_LABELLED: Final = 18
UNITS: Final = ((10**8, "억 원"), (10**4, "만 원"), (1, "원"))
SMALL: Final = Style(7.5)


@dataclass(frozen=True, slots=True)
class _Box:
    """A part of the page in points, y from the top."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Change:
    """A bar to the right (more) or to the left (less)."""

    label: str
    krw: int


def simulation_pdf(simulation: Simulation, subtitle: str, author: str) -> bytes:
    """The PDF, one page lying on its side."""
    title = f"규칙 모의 적용 {months_text(simulation)}"
    pdf = PdfPages(
        title=title, author=author, running=title, footer=f"{author} · {subtitle}", draft=False
    )
    pdf.pages.clear()
    pdf.turn(landscape=True)
    room = pdf.right - pdf.left
    pdf.write(pdf.left, pdf.y, title, Style(15, bold=True), room)
    pdf.write(pdf.left, pdf.y + 22, subtitle, Style(8.5, colour=FAINT), room)
    _sentence(pdf, simulation, pdf.y + 36)
    _months(pdf, simulation, _Box(pdf.left, pdf.y + 58, room, 225))
    below, half = pdf.y + 300, (room - 24) / 2
    named = titles(simulation)
    programmes = [
        _Change(f"{row.programme} {named.get(row.programme, '')}", row.change_krw)
        for row in paid_rows(simulation)
    ]
    box = _Box(pdf.left, below, half, pdf.bottom - below)
    _changes(pdf, "사업별 지원의 변화", programmes, box)
    companies = [
        _Change(f"{row.key} {row.label}", row.change.company_krw)
        for row in company_rows(simulation)
    ]
    box = _Box(pdf.left + half + 24, below, half, pdf.bottom - below)
    _changes(pdf, "기업 부담의 변화 (부가세 제외)", companies, box)
    return pdf.render()


def _sentence(pdf: PdfPages, simulation: Simulation, y: float) -> None:
    """The whole span in a line."""
    change = total(month_rows(simulation)).change
    parts = (("정가", change.charge_krw), ("지원", change.support_krw),
             ("기업 부담", change.company_krw))  # fmt: skip
    text = " · ".join(f"{label} {_short(krw)}" for label, krw in parts)
    pdf.write(pdf.left, y, f"기간 전체의 변화: {text}", Style(9.5), pdf.right - pdf.left)


def _short(krw: int) -> str:
    """A change in the unit in which it is read at a glance, with its sign."""
    size, unit = next(scale for scale in UNITS if abs(krw) >= scale[0] or scale[0] == 1)
    places = 0 if size == 1 else 1
    return f"{rounded(Fraction(krw, size), places):+,.{places}f}{unit}" if krw else "없음"


def _months(pdf: PdfPages, simulation: Simulation, box: _Box) -> None:
    """Two stacked bars a month, pale as it stands and full under the new rules."""
    rows = month_rows(simulation)
    most = max([1, *(due.charge_krw for row in rows for due in (row.before, row.after))])
    step = _step(most)
    size, unit = next(scale for scale in UNITS if most >= scale[0] or scale[0] == 1)
    pdf.write(box.x, box.y, f"달별 정가와 그 부담 ({unit})", Style(10, bold=True), box.width / 2)
    _legend(pdf, _Box(box.x + box.width / 2, box.y, box.width / 2, 12))
    floor, high = box.y + box.height - 16, box.height - 40
    left, wide = box.x + 46, box.width - 46
    for mark in range(0, most + step, step):
        y = floor - high * mark / (most + step)
        pdf.line(left, y, left + wide, y, RULE if mark == 0 else HAIR, 0.5)
        right = Style(7.5, colour=FAINT, align="right")
        pdf.write(box.x, y - 5, number(Fraction(mark, size), 0), right, 42)
    slot = wide / len(rows)
    bar = min(slot * 0.36, 34)
    for at, row in enumerate(rows):
        middle = left + slot * (at + 0.5)
        for side, due, x in ((1, row.before, middle - bar - 1), (0, row.after, middle + 1)):
            y = floor
            for krw, colours in zip(_stack(due), (SUPPORT, IN_KIND, COMPANY), strict=True):
                tall = high * krw / (most + step)
                y -= tall
                if krw:
                    pdf.box(x, y, bar, tall, colours[side])
        if at % -(-len(rows) // MONTHS_LABELLED) == 0:
            label = Style(7.5, align="centre")
            pdf.write(middle - slot / 2, floor + 3, row.key, label, max(slot, 40))


def _stack(due: InvoiceSums) -> tuple[int, int, int]:
    return (due.support_krw, due.in_kind_krw, due.company_krw)


def _step(most: int) -> int:
    """A round distance of marks, so that there are at most six of them."""
    power = 10 ** max(len(str(most)) - 1, 0)
    steps = (power // 10 or 1, power // 5 or 1, power // 2 or 1, power, 2 * power)
    return next(step for step in steps if most // step <= 5)


def _legend(pdf: PdfPages, box: _Box) -> None:
    slot = box.width / len(LEGEND)
    for at, (label, (after, before)) in enumerate(LEGEND):
        x = box.x + at * slot
        pdf.box(x, box.y + 3, 8, 8, before)
        pdf.box(x + 9, box.y + 3, 8, 8, after)
        pdf.write(x + 21, box.y + 2, f"{label} (지금, 새 규칙)", SMALL, slot - 24)


def _changes(pdf: PdfPages, title: str, changes: Sequence[_Change], box: _Box) -> None:
    """A bar to either side of a line for each of the greatest changes."""
    ranked = sorted(
        (change for change in changes if change.krw),
        key=lambda change: (-abs(change.krw), change.label),
    )
    shown = ranked[:ROWS_SHOWN]
    rest = f", 그 밖에 {len(ranked) - len(shown):,}건" if len(ranked) > len(shown) else ""
    pdf.write(box.x, box.y, title + rest, Style(10, bold=True), box.width)
    if not shown:
        pdf.write(box.x, box.y + 20, "달라지는 것이 없습니다", Style(8.5, colour=FAINT), box.width)
        return
    names, figures = box.width * 0.36, 62.0
    half = (box.width - names - 2 * figures) / 2
    axis = box.x + names + figures + half
    slot = min((box.height - 24) / ROWS_SHOWN, 17.0)
    most = abs(shown[0].krw)
    for at, change in enumerate(shown):
        y = box.y + 22 + at * slot
        pdf.write(box.x, y, change.label, SMALL, names - 6)
        wide = max(half * abs(change.krw) / most, 0.5)
        more = change.krw > 0
        pdf.box(axis if more else axis - wide, y + 1, wide, slot - 6, MORE if more else LESS)
        style = Style(7.5, colour=INK, align="left" if more else "right")
        x = axis + wide + 4 if more else axis - wide - 4 - figures
        pdf.write(x, y, _short(change.krw), style, figures)
    bottom = box.y + 20 + len(shown) * slot
    pdf.line(axis, box.y + 19, axis, bottom, RULE, 0.8)
    pdf.line(axis - half, bottom, axis + half, bottom, HAIR, 0.4)
