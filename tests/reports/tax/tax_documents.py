"""Issued tax documents without a site, and what their XML says."""

from typing import Any

from lxml import etree

from billing.ledger.amendments import Amendment, original
from reports.tax.kec_structure import NAMESPACE
from tests.builders.report_month import BASE, invoice, line, part

NUMBER = "T2025-000123"


def taxed(*lines: Any, **changed: Any) -> Amendment:
    """An issued tax invoice as the first document of its chain."""
    given = lines or (line("P-001", "gpu.h100", "10"), line("P-002", "gpu.a100", "3"))
    return original(invoice(*given, number=NUMBER, **changed))


def exempt(*lines: Any, **changed: Any) -> Amendment:
    """An issued invoice of an exempt supply."""
    given = lines or (line("P-001", "gpu.a100", "3", part(BASE, 1_800), taxable_krw=0),)
    sums = {"tax_class": "exempt", "kind": "statement", "number": "S2025-000007"}
    return original(invoice(*given, **(sums | changed)))


def values(content: bytes, *path: str) -> list[str]:
    """The texts of an element, by its path below the root."""
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path)
    return [element.text or "" for element in etree.fromstring(content).iterfind(steps)]
