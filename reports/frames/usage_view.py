"""Metered usage as a person reads it: a row a project, or what it is asked by, with its sum."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from metering.calendar import EPOCH, MILLISECOND, Calendar
from metering.site.open_site import OpenSite
from reports.frames.arrow_frame import as_rows
from reports.frames.metered_usage import MeteredUsage
from reports.frames.usage_files import span_text, usage_document
from reports.frames.usage_words import HEADINGS, LEVEL_WORDS, MARKS, OWNERS
from reports.terminal.screen import Cell, Screen
from reports.wording.numbers_and_dates import number, price_unit_label

SHOWN: Final = 30  # rows that were issued otherwise; days that are named
DAYS_SHOWN: Final = 4
PLACES: Final = 4  # as in a usage statement
SPARE: Final = ("reason", "submitted_at", "source", "sku")  # left out first where it is narrow
Row = Mapping[str, Any]


def show_usage(screen: Screen, usage: MeteredUsage, calendar: Calendar) -> None:
    """The rows with their sums by unit, how far each section is known, and what was issued
    otherwise; as JSON all of it, exact."""
    if screen.as_json:
        for name, value in usage_document(usage, calendar).items():
            screen.fact(name, value)
        return
    rows = as_rows(usage.frame).to_pylist()
    span = span_text(usage.wanted.days)
    names = [name for name in usage.wanted.level.keys if _is_shown(name, rows)]
    issued = any(row.get("issued_amount") is not None for row in rows)
    columns = [(name, HEADINGS[name]) for name in names]
    columns += [("amount", "수량"), ("amount_unit", "단위")]
    columns += [("issued_amount", "발행 수량")] if issued else []
    columns += [("marks", "비고")]
    cells = [_cells(row, names, issued, calendar) for row in rows]
    screen.table(
        "usage",
        f"{span} 계측 사용량 ({LEVEL_WORDS[usage.wanted.by]})",
        columns,
        [*cells, *_sums(usage, len(names), issued)],
        spare=[name for name in SPARE if name in names],
        right=["amount", "issued_amount"] if issued else ["amount"],
        note=_note(rows, names),
    )
    show_state(screen, usage, calendar)


def show_written(screen: Screen, path: Path, usage: MeteredUsage, opened: OpenSite) -> None:
    """Where the file is, how many rows it has, and what a reader of it has to know."""
    screen.fact("written", str(path), "쓴 파일")
    screen.fact("rows", len(usage.frame), "줄")
    show_state(screen, usage, opened.site.calendar)


def show_state(screen: Screen, usage: MeteredUsage, calendar: Calendar) -> None:
    """How far each section is known, and what issued months stand with otherwise."""
    sections = as_rows(usage.sections).to_pylist()
    screen.table(
        "sections",
        "구역별 계측",
        [("cluster", "구역"), ("days", "계측한 날"), ("missing", "빠진 날"),
         ("outdated", "다시 계측할 날"), ("known_to", "알려진 시각")],
        [
            (row["cluster"], row["days"], _days(row["missing"]), _days(row["outdated"]),
             _instant(row["known_to"], calendar))
            for row in sections
        ],
    )  # fmt: skip
    stale = sorted(day for row in sections for day in row["outdated"])
    if stale:
        screen.say(f"다시 계측하십시오: jeongsan meter {stale[0]}..{stale[-1]}")
    _show_differences(screen, usage)


def _show_differences(screen: Screen, usage: MeteredUsage) -> None:
    months = ", ".join(usage.issued)
    rows = as_rows(usage.differences).to_pylist()
    if not rows:
        stale = any(row["outdated"] for row in as_rows(usage.sections).to_pylist())
        so_far = "다시 계측할 날을 빼면 " if stale else ""
        if usage.issued:
            screen.say(f"{months}: {so_far}발행한 사용량과 같습니다")
        return
    note = (
        f"모두 {len(rows):,}줄 가운데 {SHOWN}줄입니다. 모두 보려면 --json"
        if len(rows) > SHOWN
        else ""
    )
    screen.say(f"{months}: 지금 계측한 것과 다른 사용량으로 발행했습니다")
    screen.table(
        "differences",
        "발행과 다른 사용량",
        [("day", "날짜"), ("cluster", "구역"), ("company", "기업"), ("project_id", "과제번호"),
         ("sku", "SKU"), ("amount", "지금"), ("issued_amount", "발행"), ("amount_unit", "단위")],
        [
            (str(row["day"]), row["cluster"], _named(row, "company"), row["project_id"], row["sku"],
             _number(row["amount"]), _number(row["issued_amount"]),
             price_unit_label(row["amount_unit"]))
            for row in rows[:SHOWN]
        ],
        right=("amount", "issued_amount"),
        note=note,
    )  # fmt: skip


def _is_shown(name: str, rows: Sequence[Row]) -> bool:
    """Ids stand behind names; whose it is is said where some of it is no project's."""
    if name in ("company_id", "project_id"):
        return False
    if name in ("owner", "reason"):
        return any(row["owner"] != "project" for row in rows)
    return name != "source" or any(row["source"] != row["cluster"] for row in rows)


def _note(rows: Sequence[Row], names: Sequence[str]) -> str:
    note = "수량은 소수 넷째 자리까지입니다. 정수로는 --format csv 또는 --json"
    others = any(row["owner"] != "project" for row in rows)
    more = "\n미소유와 청구 제외가 어느 계정의 것인지는 --by account"
    return note + more if others and "account" not in names else note


def _cells(row: Row, names: Sequence[str], issued: bool, calendar: Calendar) -> list[Cell]:
    cells = [_cell(row, name, calendar) for name in names]
    cells += [_number(row["amount"]), price_unit_label(row["amount_unit"])]
    cells += [_number(row["issued_amount"])] if issued else []
    return [*cells, ", ".join(word for name, word in MARKS.items() if row[name])]


def _cell(row: Row, name: str, calendar: Calendar) -> Cell:
    match row[name]:
        case datetime() as at:
            return _instant(at, calendar)
        case str() | None if name in ("company", "project"):
            return _named(row, name)
        case str() as text if name == "owner":
            return OWNERS[text]
        case None:
            return None
        case value:
            return str(value)


def _named(row: Row, name: str) -> str | None:
    """A name with its id; the id alone of what the registry no longer has."""
    known, of = row[name], row[f"{name}_id"]
    return f"{known} ({of})" if known else of


def _sums(usage: MeteredUsage, width: int, issued: bool) -> list[list[Cell]]:
    """A row a unit; `width` columns stand before its amount."""
    blank: list[Cell] = [""] * (width - 1)
    return [
        [
            "합계",
            *blank,
            _number(row["amount"]),
            price_unit_label(row["amount_unit"]),
            *([_number(row["issued_amount"])] if issued else []),
            "",
        ]
        for row in as_rows(usage.totals).to_pylist()
    ]


def _number(amount: Decimal | None) -> str | None:
    """Four decimals, rounded for the eye only; 0 where nothing was used."""
    return None if amount is None else number(Fraction(amount), PLACES) if amount else "0"


def _days(days: Sequence[date]) -> str:
    named = ", ".join(map(str, days[:DAYS_SHOWN]))
    more = len(days) - DAYS_SHOWN
    return f"{named} 외 {more}일" if more > 0 else named


def _instant(at: datetime | None, calendar: Calendar) -> str:
    """An instant in the site's time; that nothing is known where none is."""
    return "모름" if at is None else calendar.iso((at - EPOCH) // MILLISECOND)
