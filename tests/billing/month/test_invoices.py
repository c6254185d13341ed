"""Invoices and claims: SETTLEMENT 18 to 20, each with the example that forces it."""

from datetime import date
from decimal import Decimal

from billing.records import Invoice, InvoiceLine, Party, ProgrammePart
from tests.builders.rules_and_usage import (
    HOUR_US,
    ISSUER,
    award,
    book,
    close,
    price,
    programme,
    registry,
    used,
)

DAY = "2025-10-01"
MILLION = price("gpu.h100", "1000000")


def test_an_invoice_says_everything_that_is_printed() -> None:
    rules = book(
        programme("P1", "0.2"), price("gpu.h100", {"2025-01-01": "6000", "2025-10-02": "5000"})
    )
    usages = [used(DAY, "A-1", 2 * HOUR_US), used("2025-10-02", "A-1", HOUR_US)]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    assert result.invoices == (
        Invoice(
            month="2025-10",
            company_id="A",
            tax_class="taxable",
            kind="tax",
            issuer=ISSUER,
            company=Party(
                "124-81-00998", "A 주식회사", "김대표", "서울", "정보통신업", "소프트웨어"
            ),
            number=None,
            issued_on=None,
            written_on=date(2025, 10, 31),
            due_on=date(2025, 12, 1),
            lines=(
                InvoiceLine(
                    project_id="A-1",
                    project_name="A-1 과제",
                    sku="gpu.h100",
                    sku_title="gpu.h100 상품",
                    quantity=3 * HOUR_US,
                    unit="device_us",
                    prices_krw=(Decimal(6000), Decimal(5000)),
                    price_unit="device_hour",
                    charge_krw=17_000,
                    parts=(ProgrammePart("P1", "P1 사업", 13_600, "SELF_PAY"),),
                    company_krw=3_400,
                    taxable_krw=3_400,
                ),
            ),
            charge_krw=17_000,
            subsidy_krw=13_600,
            company_krw=3_400,
            taxable_krw=3_400,
            vat_krw=340,
            payable_krw=3_740,
            rules_digest=rules.digest,
            usage_digest="usage",
        ),
    )  # fmt: skip


def test_support_under_gross_is_taxed_although_the_company_pays_nothing() -> None:
    """SETTLEMENT 18: support of 1 M at 100 % under GROSS still owes 100,000 of VAT."""
    held = registry([award("X1", "P1", "A")])
    usages = [used(DAY, "A-1", HOUR_US)]
    amounts = {}
    for vat_base in ("GROSS", "SELF_PAY"):
        [bill] = close(usages, book(MILLION, programme("P1", vat_base=vat_base)), held).invoices
        amounts[vat_base] = (
            bill.kind, bill.company_krw, bill.taxable_krw, bill.vat_krw, bill.payable_krw
        )  # fmt: skip
    assert amounts == {
        "GROSS": ("tax", 0, 1_000_000, 100_000, 100_000),
        "SELF_PAY": ("statement", 0, 0, 0, 0),
    }


def test_the_vat_basis_is_set_row_by_row() -> None:
    """SETTLEMENT 18: taxable = self-pay 250 + the GROSS part 250."""
    rules = book(
        price("gpu.h100", "1000"),
        programme("P1", "0.5", order=1, stacking=True, vat_base="SELF_PAY"),
        programme("P2", "0.5", order=2, stacking=True, vat_base="GROSS"),
    )
    held = registry([award("X1", "P1", "A"), award("X2", "P2", "A")])
    [bill] = close([used(DAY, "A-1", HOUR_US)], rules, held).invoices
    assert [(p.subsidy_krw, p.vat_base) for p in bill.lines[0].parts] == [
        (500, "SELF_PAY"),
        (250, "GROSS"),
    ]
    assert (bill.company_krw, bill.taxable_krw, bill.vat_krw) == (250, 500, 50)


def test_nothing_to_tax_makes_a_statement_with_nothing_due() -> None:
    """SETTLEMENT 18: a statement unless taxable is not 0."""
    [bill] = close([used(DAY, "A-1", HOUR_US)], book(price("gpu.h100", "0"))).invoices
    assert (bill.kind, bill.payable_krw, bill.due_on) == ("statement", 0, None)


def test_vat_is_floored_once_for_the_whole_invoice() -> None:
    """Three lines of 15 won: 4, not 1 + 1 + 1."""
    usages = [used(DAY, f"A-{n}", HOUR_US) for n in (1, 2, 3)]
    [bill] = close(usages, book(price("gpu.h100", "15"))).invoices
    assert (bill.taxable_krw, bill.vat_krw) == (45, 4)


def test_the_vat_of_a_correction_is_a_difference_of_floors() -> None:
    """SETTLEMENT 19: 1,005 -> 1,014 owes 101 - 100 = 1, while floor(10 % of 9) is 0."""
    tax, day = book().tax, date(2025, 10, 31)
    assert tax.vat_krw(1_014, day) - tax.vat_krw(1_005, day) == 1
    assert tax.vat_krw(9, day) == 0


def test_taxable_and_exempt_never_share_a_document() -> None:
    """SETTLEMENT 18 and 20: exemption belongs to the SKU; one invoice a company and tax class."""
    rules = book(
        MILLION,
        price("gpu.a100", "1000000", tax="exempt"),
        programme("P1", "0.5", vat_base="GROSS"),
    )
    usages = [
        used(DAY, project, HOUR_US, sku)
        for project in ("A-1", "A-2", "B-1")
        for sku in ("gpu.h100", "gpu.a100")
    ]
    result = close(usages, rules, registry([award("X1", "P1", "A")]))
    amounts = [
        (b.company_id, b.tax_class, b.kind, len(b.lines), b.company_krw, b.taxable_krw, b.vat_krw)
        for b in result.invoices
    ]
    assert amounts == [
        ("A", "exempt", "statement", 2, 1_000_000, 0, 0),
        ("A", "taxable", "tax", 2, 1_000_000, 2_000_000, 200_000),
        ("B", "exempt", "statement", 1, 1_000_000, 0, 0),
        ("B", "taxable", "tax", 1, 1_000_000, 1_000_000, 100_000),
    ]
    assert {(s.sku, s.vat_base) for s in result.subsidies} == {
        ("gpu.a100", "EXEMPT"),
        ("gpu.h100", "GROSS"),
    }


def test_vat_is_never_claimed_and_never_counts_in_a_cap() -> None:
    """SETTLEMENT 18."""
    rules = book(MILLION, programme("P1", vat_base="GROSS"))
    held = registry([award("X1", "P1", "A", cap_krw=1_000_000)])
    result = close([used(DAY, "A-1", HOUR_US)], rules, held)
    assert [claim.claim_krw for claim in result.claims] == [1_000_000]
    assert result.subsidies[0].stopped_by == ""
    assert result.balance.of("award", "X1") == 1_000_000


def test_claims_are_one_a_programme_source_and_company() -> None:
    rules = book(
        programme("P1", "0.5"), programme("P2", "0.5", skus="[gpu.a100]"), price("gpu.a100", "100")
    )
    held = registry([award("X1", "P1", "A"), award("X2", "P1", "B"), award("X3", "P2", "A")])
    usages = [used(f"2025-10-0{n}", p, HOUR_US) for n in (1, 2) for p in ("A-1", "A-2", "B-1")]
    result = close(usages, rules, held)
    amounts = [(c.programme, c.funding, c.company_id, c.claim_krw) for c in result.claims]
    assert amounts == [("P1", "national", "A", 12_000), ("P1", "national", "B", 6_000)]


def test_the_issuer_is_printed_on_every_invoice() -> None:
    """SETTLEMENT 20: an invoice belongs to one issuer."""
    result = close([used(DAY, p, HOUR_US) for p in ("A-1", "B-1")], book())
    assert [bill.issuer for bill in result.invoices] == [ISSUER, ISSUER]
