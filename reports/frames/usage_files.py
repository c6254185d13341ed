"""Metered usage as a file: CSV, XLSX, Parquet or JSON, every quantity to the last unit."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pandas as pd

from metering.calendar import EPOCH, MILLISECOND, Calendar, days_of_month, month_of
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from reports.frames.arrow_frame import as_rows
from reports.frames.metered_usage import MeteredUsage
from reports.frames.usage_choices import UsageFormat
from reports.frames.usage_words import HEADINGS, LEVEL_WORDS, OWNERS
from reports.layout.csv_file import formula_free
from reports.layout.workbook import Kind, SheetColumn, Value, Workbook, WorkbookSheet
from reports.layout.write_files import write_file
from reports.terminal.screen import json_text
from reports.wording.numbers_and_dates import price_unit_label

FOLDER: Final = "usage"
SHEET_ROWS: Final = 1_000_000  # Excel has 1,048,576
KINDS: Final[Mapping[str, Kind]] = {
    "day": "date",
    "quantity": "count",
    "issued_quantity": "count",
    "amount": "quantity",
    "issued_amount": "quantity",
    "days": "count",
}
WIDTH: Final = 14
WIDTHS: Final = {
    "company": 26, "project": 30, "reason": 24, "allocation": 18, "quantity": 20,
    "issued_quantity": 20, "known_to": 26, "submitted_at": 26, "started_at": 26,
}  # fmt: skip


def usage_bytes(usage: MeteredUsage, form: UsageFormat, calendar: Calendar, author: str) -> bytes:
    """The file. JeongsanError where a sheet cannot hold so many rows."""
    match form:
        case UsageFormat.CSV:
            return _csv(usage.frame, calendar)
        case UsageFormat.XLSX:
            return _xlsx(usage, calendar, author)
        case UsageFormat.PARQUET:
            file = io.BytesIO()
            usage.frame.to_parquet(file, index=False)
            return file.getvalue()
        case UsageFormat.JSON:
            document = usage_document(usage, calendar)
            text = json.dumps(document, ensure_ascii=False, indent=2, default=json_text)
            return f"{text}\n".encode()


def usage_document(usage: MeteredUsage, calendar: Calendar) -> dict[str, object]:
    """The document of `--json`: whole quantities as numbers, amounts as exact text, instants in the
    site's time."""
    wanted = usage.wanted
    return {
        "from": wanted.days[0],
        "to": wanted.days[-1],
        "by": wanted.by.value if wanted.by else "",
        "usage": _records(usage.frame, calendar),
        "totals": _records(usage.totals, calendar),
        "sections": _records(usage.sections, calendar),
        "issued": dict(usage.issued),
        "differences": _records(usage.differences, calendar),
    }


def span_text(days: Sequence[date]) -> str:
    """2025-10 for all of a month, else 2025-10-01..2025-10-07, or the one day."""
    month = month_of(days[0])
    if list(days) == days_of_month(month):
        return month
    return str(days[0]) if days[0] == days[-1] else f"{days[0]}..{days[-1]}"


def file_name(usage: MeteredUsage, form: UsageFormat) -> str:
    """usage_2025-10_project.csv"""
    by = f"_{usage.wanted.by.value}" if usage.wanted.by else ""
    return f"usage_{span_text(usage.wanted.days)}{by}.{form.value}"


def write_usage(
    opened: OpenSite, usage: MeteredUsage, form: UsageFormat, to: Path | None = None
) -> Path:
    """Writes the file whole or not at all; without `to` below the site's documents."""
    path = to or opened.site.documents / FOLDER / file_name(usage, form)
    return write_file(path, usage_bytes(usage, form, opened.site.calendar, opened.site.issuer.name))


def _records(frame: pd.DataFrame, calendar: Calendar) -> list[dict[str, object]]:
    return [
        {name: _json_value(name, value, calendar) for name, value in row.items()}
        for row in as_rows(frame).to_pylist()
    ]


def _json_value(name: str, value: object, calendar: Calendar) -> object:
    match value:
        case Decimal() if name.endswith("quantity"):
            return int(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return _instant(value, calendar)
        case _:
            return value


def _instant(at: datetime, calendar: Calendar) -> str:
    return calendar.iso((at - EPOCH) // MILLISECOND)


def _csv(frame: pd.DataFrame, calendar: Calendar) -> bytes:
    """UTF-8 with its mark, as Korean Excel opens it; no text is a formula."""
    rows = as_rows(frame)
    written = {
        HEADINGS[name]: [_text(name, value, calendar) for value in rows.column(name).to_pylist()]
        for name in rows.column_names
    }
    file = io.BytesIO()
    text = pd.DataFrame(written, columns=[HEADINGS[name] for name in rows.column_names], dtype=str)
    text.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return file.getvalue()


def _text(name: str, value: object, calendar: Calendar) -> str:
    """A cell as text, nothing where nothing is."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return decimal_text(value)
        case datetime():
            return _instant(value, calendar)
        case list():
            return ", ".join(map(str, value))
        case str():
            return formula_free(_word(name, value))
        case _:
            return str(value)


def decimal_text(value: Decimal) -> str:
    """A decimal to its last digit, without zeros behind."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _word(name: str, value: str) -> str:
    if name == "owner":
        return OWNERS[value]
    return price_unit_label(value) if name == "amount_unit" else value


def _xlsx(usage: MeteredUsage, calendar: Calendar, author: str) -> bytes:
    """계측 사용량, what each section is known of, and what was issued otherwise."""
    span = span_text(usage.wanted.days)
    book = Workbook(f"{span} 계측 사용량", author, usage.wanted.days[-1])
    title = f"{span} 계측 사용량 ({LEVEL_WORDS[usage.wanted.by]})"
    _write(book.sheet("계측 사용량", footer=f"{author} · {title}"), title, usage.frame, calendar)
    _write(book.sheet("구역"), f"{span} 구역별 계측", usage.sections, calendar)
    if len(usage.differences):
        _write(book.sheet("발행과 다른 사용량"), "발행과 다른 사용량", usage.differences, calendar)
    return book.render()


def _write(sheet: WorkbookSheet, title: str, frame: pd.DataFrame, calendar: Calendar) -> None:
    rows = as_rows(frame)
    if rows.num_rows > SHEET_ROWS:
        raise JeongsanError(
            f"{rows.num_rows:,}줄은 엑셀 한 시트에 들어가지 않습니다."
            " --by로 더하거나 csv, parquet으로 쓰십시오"
        )
    names = rows.column_names
    columns = [
        SheetColumn(HEADINGS[name], KINDS.get(name, "text"), WIDTHS.get(name, WIDTH))
        for name in names
    ]
    kinds = [column.kind for column in columns]
    sheet.widths(columns)
    sheet.line(title, "title")
    sheet.line("정수 수량이 정확한 값이고, 수량은 단위로 바꾸어 반올림한 것입니다.")
    sheet.head(columns, freeze=True, rows=rows.num_rows)
    for row in rows.to_pylist():
        sheet.cells([_cell(name, row[name], calendar) for name in names], kinds)


def _cell(name: str, value: object, calendar: Calendar) -> Value:
    """A cell; a whole quantity is an integer, which a sheet holds as text beyond 2^53."""
    match value:
        case Decimal():
            return int(value) if name.endswith("quantity") else value
        case datetime():
            return _instant(value, calendar)
        case bool():
            return HEADINGS[name] if value else ""
        case date() | int():
            return value
        case str():
            return _word(name, value)
        case _:
            return _text(name, value, calendar)
