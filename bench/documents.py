"""Documents measured: invoices of one page against the same page drawn bare with ReportLab."""

import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bench.clock import cpu_s
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from example.demo import APPROVER
from example.generate import MONTH, TAKEN, generate
from metering.collect.collect import collect
from metering.site.load_registry import load
from metering.site.open_site import open_site
from metering.usage.meter import meter
from reports.documents import documents
from reports.month.build_month_view import draft_view

INVOICES = 100


def bare(count: int) -> None:
    """As many pages of plain text, each a document of its own."""
    for _ in range(count):
        page = Canvas(io.BytesIO(), pagesize=A4, invariant=1)
        for line in range(40):
            page.drawString(60, 780 - line * 16, f"{line} 1,234,567 1,234,567 1,234,567")
        page.save()


def main() -> None:
    """Print what documents cost."""
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        generate(site)
        opened = open_site(site)
        load(opened.site, opened.database)
        calendar = opened.site.calendar
        month, taken = calendar.month(MONTH), calendar.instant(TAKEN)
        collected = cpu_s(lambda: collect(opened, month, None, taken))
        metered = cpu_s(lambda: meter(opened, calendar.month_days(MONTH)))
        drafted = draft(opened, MONTH)
        approve(opened, MONTH, APPROVER, drafted.digest)
        view = draft_view(opened, drafted)
        many = tuple(view.invoices[n % len(view.invoices)] for n in range(INVOICES))
        floor = cpu_s(lambda: bare(INVOICES))
        cpu = cpu_s(lambda: list(documents(replace(view, invoices=many), "invoice")))
        print(f"the example month: collect {collected:.1f} s cpu, meter {metered:.1f} s cpu")
        print(f"{INVOICES} invoices: {cpu:.2f} s cpu, {INVOICES / cpu:,.0f} a second, "
              f"{cpu / floor:.0f} x as many bare pages of Latin text")  # fmt: skip


if __name__ == "__main__":
    main()
