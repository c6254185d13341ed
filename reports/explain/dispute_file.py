"""One file for a company that disputes a line of an invoice: all that the line follows from."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from billing.close.issued_month import issued_month, next_step
from billing.explain.evidence import Evidence
from billing.explain.explanation import Explanation, Line
from billing.explain.question import Asked, Told, answer, is_month
from billing.ledger import ledger
from billing.records import Invoice
from billing.rulebook.rule_value import RuleValue
from billing.verify.zip_bytes import plain_member
from metering.calendar import Calendar
from metering.errors import CloseError, JeongsanError
from metering.site.open_site import OpenSite, Progress, silent
from reports.explain.dispute_readme import Stated, changed_words, column_lines, readme
from reports.explain.dispute_rows import TABLES, OwnRows, own_rows, rows_csv
from reports.explain.explanation_view import show_answer
from reports.explain.recompute_queries import step_queries
from reports.explain.row_queries import dispute_sql, line_queries
from reports.layout.csv_file import csv_bytes
from reports.layout.file_names import safe_name
from reports.layout.write_files import write_file
from reports.month.build_month_view import issued_view
from reports.month.daily_rows import by_company
from reports.month.invoice_pdf import invoice_pdf
from reports.month.month_view import MonthView
from reports.month.usage_statement import usage_statement_xlsx
from reports.terminal.captured_screen import CapturedScreen

VALUE_HEAD = (
    "파일", "열쇠", "대상", "값", "시행일", "근거", "주소", "공고일", "가정", "유도"
)  # fmt: skip
DISPUTES = "disputes"  # the folder of these among a month's documents
COLUMN_HEAD = ("파일", "표", "열", "단위", "뜻")


@dataclass(frozen=True, slots=True)
class Dispute:
    """What was written; `changed` are section-days that were metered again after the issue."""

    path: Path
    files: int
    company_id: str
    charge_krw: int
    company_krw: int
    changed: tuple[str, ...]


def write_dispute(
    opened: OpenSite, number: str, line: int, to: Path | None, progress: Progress = silent
) -> Dispute:
    """Writes the file, the same bytes each time; without `to` below the site's documents.
    JeongsanError where there is no such document or line, CloseError where it is not issued."""
    _check(opened, number, line)
    explained = answer(opened, Asked(number, line), progress)
    members = dispute_files(opened, explained, number, line)
    company_id, month = explained.answer.question.company_id, explained.month.month
    name = safe_name(f"{number}_{line}_{company_id}")
    path = to or opened.site.documents / month / DISPUTES / f"{name}.zip"
    write_file(path, _zip(members))
    return Dispute(
        path=path,
        files=len(members),
        company_id=company_id,
        charge_krw=explained.answer.charge_krw,
        company_krw=explained.answer.company_krw,
        changed=tuple(f"{cluster} {day}" for cluster, day in explained.evidence[0].changed),
    )


def _check(opened: OpenSite, number: str, line: int) -> None:
    if is_month(number):
        with opened.database.read() as connection:
            state = ledger.month_state(connection, number)
        wants = "a dispute is about a document that was issued, by its number"
        if state.state == "issued":
            raise CloseError(f"{number} is a month; {wants}: jeongsan dispute T2025-000003 1")
        raise CloseError(f"{number} is {state.state}; {wants}: {next_step(state)}")
    if line < 1:
        raise JeongsanError(f"lines count from 1: jeongsan dispute {number} 1")


def dispute_files(opened: OpenSite, explained: Told, number: str, at: int) -> dict[str, bytes]:
    """Every file by its path, the manifest among them."""
    (line,), (evidence,) = explained.answer.lines, explained.evidence
    company_id, calendar = explained.answer.question.company_id, explained.month.calendar
    parts = own_rows(explained.month, company_id, line, evidence)
    stated, documents = _documents(opened, explained.month.month, number, at)
    tables = [table for table in TABLES if any(rows.table == table for rows in parts)]
    files = {rows.path: rows.parquet() for rows in parts}
    files |= documents | _rules(explained, line)
    inside = _inside(evidence, parts)
    steps = step_queries(line, inside, explained.month.book.prices.get(line.sku), calendar)
    files |= _explained(without_budgets(explained.answer), inside, calendar, steps)
    for table in tables:
        mine = [rows for rows in parts if rows.table == table]
        files[f"rows/{table}.csv"] = rows_csv(table, mine, calendar)
    files["rows/columns.csv"] = csv_bytes(COLUMN_HEAD, column_lines(tables))
    words = readme(explained.answer, line, stated, tables) + changed_words(evidence.changed)
    files["README.txt"] = words.encode("utf-8-sig")  # Korean where a machine guesses too
    files["manifest.json"] = _manifest(explained, stated, parts, files)
    return dict(sorted(files.items()))


def without_budgets(answer: Explanation) -> Explanation:
    """Without what is left of budgets, from which others' support could be reckoned."""
    lines = tuple(
        replace(
            line,
            parts=tuple(
                replace(
                    part,
                    stops=tuple(
                        replace(stop, granted=None, left=None)
                        if stop.stopped_by.startswith("budget:")
                        else stop
                        for stop in part.stops
                    ),
                )
                for part in line.parts
            ),
        )
        for line in answer.lines
    )
    return replace(answer, lines=lines)


def _inside(evidence: Evidence, parts: list[OwnRows]) -> Evidence:
    """The same evidence with its files as they are named in the archive."""
    files: dict[str, tuple[str, ...]] = {}
    for rows in parts:
        files[rows.table] = (*files.get(rows.table, ()), rows.path)
    return replace(evidence, files=files)


def _explained(
    answer: Explanation, evidence: Evidence, calendar: Calendar, steps: Iterable[str]
) -> dict[str, bytes]:
    queries = [line_queries(answer.question, answer.lines[0], evidence, True)]
    files = {}
    for name, as_json in (("explanation.txt", False), ("explanation.json", True)):
        screen = CapturedScreen(as_json)
        show_answer(screen, answer, [evidence], queries, calendar, False, Path("query.sql"))
        files[name] = screen.text().encode()
    files["query.sql"] = dispute_sql(answer, evidence, queries, steps).encode()
    return files


def _documents(
    opened: OpenSite, month: str, number: str, at: int
) -> tuple[Stated, dict[str, bytes]]:
    """The document and the company's statement as they were drawn, out of the bundle; of a
    correction, the statement of the month as it stands after that."""
    view = issued_view(issued_month(opened, month))
    for invoice in view.invoices:
        if invoice.number == number:
            content = invoice_pdf(invoice, view.desk, view.seconds)
            return _stated(invoice, at, 0, ""), _drawn(view, invoice, content)
    amendment = next(
        amendment for amendment in view.amendments if amendment.invoice.number == number
    )
    after = next(each for each in view.revised if each.adjustment == amendment.adjustment)
    content = invoice_pdf(
        amendment.invoice, view.desk, view.seconds, amendment if amendment.amends else None
    )
    stated = _stated(amendment.invoice, at, amendment.adjustment, amendment.amends or "")
    return stated, _drawn(after, amendment.invoice, content)


def _stated(invoice: Invoice, at: int, adjustment: int, amends: str) -> Stated:
    line = invoice.lines[at - 1]
    number = invoice.number or ""
    return Stated(number, at, line.charge_krw, line.company_krw, adjustment, amends)


def _drawn(view: MonthView, invoice: Invoice, pdf: bytes) -> dict[str, bytes]:
    company = by_company(view).get(invoice.company_id)
    drawn = {f"documents/{invoice.number}.pdf": pdf}
    if company is not None:
        drawn["documents/statement.xlsx"] = usage_statement_xlsx(view, company)
    return drawn


def _rules(explained: Told, line: Line) -> dict[str, bytes]:
    """The month's own text of every rule file that had a say, and the values that were applied."""
    book = explained.month.book
    values: dict[RuleValue, None] = dict.fromkeys(step.value for step in line.prices)
    for part in line.parts:
        values |= dict.fromkeys(part.values)
    programmes = (book.programme(part.programme) for part in line.parts)
    named = {value.file for value in values}
    named |= {programme.file for programme in programmes if programme is not None}
    named |= {name for name in book.texts if "/" not in name}  # tax, and what is national
    files = {f"rules/{name}": book.texts[name].encode() for name in named}
    lines = [
        [
            value.file, value.key, value.part, value.value, value.start or "",
            value.origin.title, value.origin.href, value.origin.announced or "",
            value.origin.assumed, value.origin.derived,
        ]
        for value in values
    ]  # fmt: skip
    return files | {"rules/values.csv": csv_bytes(VALUE_HEAD, lines)}


def _manifest(
    explained: Told, stated: Stated, parts: list[OwnRows], files: Mapping[str, bytes]
) -> bytes:
    document = {
        "document": stated.number,
        "line": stated.line,
        "month": explained.month.month,
        "company_id": explained.answer.question.company_id,
        "bundle": explained.answer.bundle,
        "rules_digest": explained.answer.rules_digest,
        "files": {
            name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
        "taken_from": {rows.path: list(rows.taken_from) for rows in parts},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _zip(members: Mapping[str, bytes]) -> bytes:
    """Stored, not packed: most of it is packed already, and packers differ."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(plain_member(name), content)
    return file.getvalue()
