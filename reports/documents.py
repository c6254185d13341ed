"""The documents of a month as files: what they are called, rendered from a view."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from billing.adjust.adjust import Adjusted
from billing.adjust.recalculations_file import NAME, recalculations
from billing.close.issued_month import issued_month
from billing.draft.draft import Draft
from metering.site.open_site import OpenSite, Progress, silent
from reports.government.monthly_report import government_report
from reports.government.report_pdf import government_pdf
from reports.government.report_xlsx import government_xlsx
from reports.government.restated_report import restated_report
from reports.layout.file_names import (
    CORRECTED,
    DRAFT,
    Document,
    FileNames,
    invoice_stem,
    report_stem,
)
from reports.layout.write_files import remove_left, write_file
from reports.month.build_month_view import draft_view, issued_view
from reports.month.daily_rows import by_company
from reports.month.invoice_pdf import invoice_pdf
from reports.month.month_view import MonthView
from reports.month.usage_statement import usage_statement_xlsx

DRAFTS: Final = "draft"  # the folder of a month's drafts


def documents(
    view: MonthView, only: str | None = None, progress: Progress = silent
) -> Iterator[Document]:
    """Every document of a month, or those of one kind, one at a time."""
    names = FileNames()
    if only in (None, "invoice"):
        for at, invoice in enumerate(view.invoices, start=1):
            content = invoice_pdf(invoice, view.desk, view.seconds)
            yield Document(names.take("invoices", invoice_stem(invoice), "pdf"), content)
            progress("청구서", at, len(view.invoices))
    if only in (None, "amended"):
        for at, amendment in enumerate(view.amendments, start=1):
            amended = amendment if amendment.amends else None
            content = invoice_pdf(amendment.invoice, view.desk, view.seconds, amended)
            yield Document(names.take("amended", invoice_stem(amendment.invoice), "pdf"), content)
            progress("수정 청구서", at, len(view.amendments))
        for after in view.revised:
            yield from _revised_statements(names, view, after)
    if only in (None, "statement"):
        companies = by_company(view)
        for at, (company_id, company) in enumerate(companies.items(), start=1):
            name = f"{company_id}_{view.companies[company_id].name}"
            stem = f"{DRAFT}_{name}" if view.draft else name
            yield Document(
                names.take("statements", stem, "xlsx"), usage_statement_xlsx(view, company)
            )
            progress("이용명세서", at, len(companies))
    if only in (None, "government"):
        report = government_report(view)
        stem = report_stem(view.month) + (f"_{DRAFT}" if view.draft else "")
        pdf = government_pdf(report, view.issuer)
        yield Document(names.take("government", stem, "pdf"), pdf)
        sheets = government_xlsx(report, view.issuer, view.days[-1])
        yield Document(names.take("government", stem, "xlsx"), sheets)
        progress("보고서", 2, 2)
    if only in (None, "amended", "government"):
        yield from _restated_reports(names, view)


def _revised_statements(names: FileNames, view: MonthView, after: MonthView) -> Iterator[Document]:
    """The usage statement of everybody whom an adjustment has corrected."""
    corrected = {
        amendment.invoice.company_id
        for amendment in view.amendments
        if amendment.adjustment == after.adjustment
    }
    for company_id, company in by_company(after).items():
        if company_id in corrected:
            stem = f"{CORRECTED}{after.adjustment}_{company_id}_{after.companies[company_id].name}"
            yield Document(
                names.take("amended", stem, "xlsx"), usage_statement_xlsx(after, company)
            )


def _restated_reports(names: FileNames, view: MonthView) -> Iterator[Document]:
    """The report after each adjustment that changed the month, beside the one that was sent."""
    before = view
    for after in view.revised:
        report = restated_report(view, after, before)
        stem = report_stem(view.month, after.adjustment)
        pdf = government_pdf(report, view.issuer)
        yield Document(names.take("government", stem, "pdf"), pdf)
        sheets = government_xlsx(report, view.issuer, view.days[-1])
        yield Document(names.take("government", stem, "xlsx"), sheets)
        before = after


def render_month(
    opened: OpenSite, month: str, progress: Progress = silent, *, only: str | None = None
) -> list[Path]:
    """Writes the documents of an issued month and gives their paths; CloseError if not issued."""
    view = issued_view(issued_month(opened, month))
    folder = opened.site.documents / month
    remove_left(folder)
    return [
        write_file(folder / document.path, document.content)
        for document in documents(view, only, progress)
    ]


def render_adjustment(opened: OpenSite, done: Adjusted, progress: Progress = silent) -> list[Path]:
    """Writes the documents of an adjustment, each in the folder of its month."""
    months = {amendment.invoice.month for amendment in done.amendments} | {
        claim.month for claim in done.claims
    }
    return [
        path
        for month in sorted(months)
        for path in render_month(opened, month, progress, only="amended")
    ]


def write_recalculations(opened: OpenSite) -> Path:
    """Writes the record of all adjustments."""
    return write_file(opened.site.directory / NAME, recalculations(opened).encode())


def render_draft(
    opened: OpenSite, draft: Draft, progress: Progress = silent, *, only: str | None = None
) -> list[Path]:
    """Writes a draft's documents, marked as such and without numbers; those of an earlier draft of
    the month that are no more are removed."""
    folder = opened.site.documents / draft.month / DRAFTS
    remove_left(folder)
    written = [
        write_file(folder / document.path, document.content)
        for document in documents(draft_view(opened, draft), only, progress)
    ]
    for stale in sorted(set(folder.glob(f"*/*{DRAFT}*")) - set(written)):
        if only is None and stale.is_file():
            stale.unlink()
    return written
