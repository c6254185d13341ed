"""The ledger: numbers without gaps, an append-only history, postings that sum to zero."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from billing.document import canonical, digest_of, from_document, parse, to_document
from billing.ledger import tables
from billing.ledger.invoice_numbers import number_invoices, numbers_given
from billing.ledger.ledger import (
    MonthState,
    claims_of,
    invoices_of,
    month_state,
    month_states,
    postings_of,
    record_issue,
    save_approval,
    save_draft,
)
from billing.ledger.postings import check_postings, post
from billing.records import (
    Claim,
    Invoice,
    InvoiceLine,
    Party,
    Posting,
    ProgrammePart,
    Subsidy,
)
from metering.database.connection import Database, open_database
from metering.errors import CloseError, JeongsanError

MONTH = "2025-10"
ISSUER = "1248100998"
ON = date(2025, 11, 3)
PARTY = Party(ISSUER, "국가AI데이터센터", "김센터", "광주", "서비스", "컴퓨팅")


def line(charge_krw: int, company_krw: int) -> InvoiceLine:
    part = ProgrammePart("P1", "지원", charge_krw - company_krw, "SELF_PAY")
    return InvoiceLine(
        project_id="P-1",
        project_name="과제",
        sku="gpu.h100",
        sku_title="H100",
        quantity=3_600_000_000,
        unit="device_us",
        prices_krw=(Decimal("6000"), Decimal("5000.50")),
        price_unit="device_hour",
        charge_krw=charge_krw,
        parts=(part,) if part.subsidy_krw else (),
        company_krw=company_krw,
        taxable_krw=company_krw,
    )


def invoice(company: str, charge_krw: int, company_krw: int, tax_class: str = "taxable") -> Invoice:
    vat_krw = company_krw // 10 if tax_class == "taxable" else 0
    return Invoice(
        month=MONTH,
        company_id=company,
        tax_class=tax_class,  # type: ignore[arg-type]
        kind="tax" if company_krw else "statement",
        issuer=PARTY,
        company=replace(PARTY, name=f"회사 {company}"),
        number=None,
        issued_on=None,
        written_on=date(2025, 10, 31),
        due_on=date(2025, 11, 30),
        lines=(line(charge_krw, company_krw),),
        charge_krw=charge_krw,
        subsidy_krw=charge_krw - company_krw,
        company_krw=company_krw,
        taxable_krw=company_krw,
        vat_krw=vat_krw,
        payable_krw=company_krw + vat_krw,
        rules_digest="r",
        usage_digest="u",
    )


def subsidy(company: str, programme: str, funding: str, krw: int) -> Subsidy:
    return Subsidy(
        date(2025, 10, 1), company, "P-1", "gpu.h100", programme, "A-1", funding, krw, "SELF_PAY",
        "rule", "",
    )  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/jeongsan.db") as opened:
        yield opened


def issue(database: Database, invoices: list[Invoice], month: str = MONTH, on: date = ON) -> None:
    paid = [subsidy(i.company_id, "P1", "national", i.subsidy_krw) for i in invoices]
    claims = [
        Claim(month, "P1", "national", company, "claimed", krw)
        for company in sorted({i.company_id for i in invoices})
        if (krw := sum(i.subsidy_krw for i in invoices if i.company_id == company))
    ]
    with database.begin() as connection:
        save_draft(connection, month, "d")
        approved = save_approval(connection, month, "d", "박승인")
        numbered = number_invoices(connection, ISSUER, invoices, on)
        issued = replace(approved, state="issued", issued_on=on, bundle=f"b{month}")
        postings = post(month, numbered, paid, claims)
        record_issue(connection, issued, ISSUER, numbered, claims, postings)


def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    inspector = sa.inspect(database.engine)
    for table in tables.metadata.sorted_tables:
        columns = {
            column["name"]: (str(column["type"]), column["nullable"])
            for column in inspector.get_columns(table.name)
        }
        assert columns == {c.name: (str(c.type), c.nullable) for c in table.columns}
        checks = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert checks == {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        assert {i["name"] for i in inspector.get_indexes(table.name)} == {
            i.name for i in table.indexes
        }
        assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [
            c.name for c in table.primary_key
        ]


def test_an_invoice_reads_back_as_it_was_written() -> None:
    before = replace(invoice("C-1", 100, 20), number="T2025-000001", issued_on=ON)
    text = canonical(before)
    assert from_document(Invoice, parse(text, "x"), "x") == before
    assert digest_of(before) == digest_of(from_document(Invoice, parse(text, "x"), "x"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"charge_krw": "100"}, "x.charge_krw: '100' is not int"),
        ({"charge_krw": True}, "x.charge_krw: True is not int"),
        ({"written_on": "2025-02-30"}, "x.written_on: '2025-02-30' is not a date"),
        ({"tax_class": "free"}, "x.tax_class: 'free' is not"),
        ({"more": 1}, "x: Invoice is missing or does not know more"),
    ],
)
def test_a_document_that_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    document = to_document(invoice("C-1", 100, 20))
    assert isinstance(document, dict)
    with pytest.raises(JeongsanError, match=message.replace("(", r"\(")):
        from_document(Invoice, {**document, **change}, "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":1,"a":2}', "a key is repeated"),
        ('{"a":1.5}', "1.5 is not an integer"),
        ('{"a":NaN}', "NaN is not an integer"),
        ("{", "not JSON"),
    ],
)
def test_json_that_is_not_exact_is_refused(text: str, message: str) -> None:
    with pytest.raises(JeongsanError, match=message):
        parse(text, "bundle.json")


def test_numbers_run_by_company_and_tax_class_in_two_series(database: Database) -> None:
    invoices = [
        invoice("C-2", 100, 20),
        invoice("C-1", 100, 20, "taxable"),
        invoice("C-1", 70, 70, "exempt"),
        invoice("C-2", 30, 30, "exempt"),
        invoice("C-3", 50, 0),
    ]
    issue(database, invoices)
    with database.read() as connection:
        numbered = [(i.company_id, i.tax_class, i.number) for i in invoices_of(connection, MONTH)]
        series = numbers_given(connection)
    assert numbered == [
        ("C-1", "exempt", "T2025-000001"),
        ("C-1", "taxable", "T2025-000002"),
        ("C-2", "exempt", "T2025-000003"),
        ("C-2", "taxable", "T2025-000004"),
        ("C-3", "taxable", "S2025-000001"),
    ]
    assert series == {
        (ISSUER, 2025, "statement"): (1, ["S2025-000001"]),
        (ISSUER, 2025, "tax"): (4, [f"T2025-00000{n}" for n in (1, 2, 3, 4)]),
    }


def test_a_series_goes_on_in_its_year_and_starts_again_in_the_next(database: Database) -> None:
    november = replace(invoice("C-1", 100, 20), month="2025-11")
    december = replace(invoice("C-1", 100, 20), month="2025-12")
    issue(database, [invoice("C-1", 100, 20)])
    issue(database, [november], "2025-11", date(2025, 12, 31))
    issue(database, [december], "2025-12", date(2026, 1, 1))
    with database.read() as connection:
        months = (MONTH, "2025-11", "2025-12")
        numbers = [i.number for month in months for i in invoices_of(connection, month)]
    assert numbers == ["T2025-000001", "T2025-000002", "T2026-000001"]


def test_numbers_of_a_transaction_that_fails_are_given_again(database: Database) -> None:
    def number_and_fail() -> None:
        with database.begin() as connection:
            number_invoices(connection, ISSUER, [invoice("C-1", 100, 20)], ON)
            raise CloseError("something went wrong")

    with pytest.raises(CloseError):
        number_and_fail()
    issue(database, [invoice("C-1", 100, 20)])
    with database.read() as connection:
        assert [i.number for i in invoices_of(connection, MONTH)] == ["T2025-000001"]


def test_an_approval_falls_when_the_draft_changes_and_stays_when_it_does_not(
    database: Database,
) -> None:
    with database.begin() as connection:
        assert month_state(connection, MONTH) == MonthState(MONTH, "open")
        save_draft(connection, MONTH, "one")
        approved = save_approval(connection, MONTH, "one", "박승인")
        assert approved == MonthState(MONTH, "approved", "one", "박승인")
        assert save_approval(connection, MONTH, "one", "다른 사람") == approved
        assert save_draft(connection, MONTH, "one") == approved
        assert save_draft(connection, MONTH, "two") == MonthState(MONTH, "draft", "two")
        with pytest.raises(CloseError, match="no longer the one looked at"):
            save_approval(connection, MONTH, "one", "박승인")
    with database.read() as connection:
        assert month_states(connection) == (MonthState(MONTH, "draft", "two"),)


def test_a_month_that_is_not_approved_is_not_written(database: Database) -> None:
    issued = MonthState(MONTH, "issued", "d", "박승인", ON, "b")
    with database.begin() as connection:
        save_draft(connection, MONTH, "d")
    with pytest.raises(CloseError, match="2025-10 is draft"), database.begin() as connection:
        record_issue(connection, issued, ISSUER, [], [], [])


def test_an_issued_month_cannot_be_drafted_again(database: Database) -> None:
    issue(database, [invoice("C-1", 100, 20)])
    refused = pytest.raises(CloseError, match="issued and never changes")
    with refused, database.begin() as connection:
        save_draft(connection, MONTH, "other")


@pytest.mark.parametrize("table", ["bundle", "invoice", "claim", "posting", "month_state"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_keeps_what_is_issued(
    database: Database, table: str, verb: str
) -> None:
    issue(database, [invoice("C-1", 100, 20)])
    columns = tables.metadata.tables[table]
    change = columns.delete() if verb == "delete" else columns.update().values(month="2025-11")
    refused = pytest.raises(sa.exc.IntegrityError, match="what is issued never changes")
    with refused, database.begin() as connection:
        connection.execute(change)


def test_a_changed_invoice_document_is_noticed_on_reading(database: Database) -> None:
    issue(database, [invoice("C-1", 100, 20)])
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER invoice_never_changes")
        connection.exec_driver_sql(
            "UPDATE invoice SET document = replace(document, 'payable_krw\":22', 'payable_krw\":2')"
        )
    with database.read() as connection, pytest.raises(JeongsanError, match="T2025-000001"):
        invoices_of(connection, MONTH)


def test_postings_of_the_worked_example() -> None:
    """SETTLEMENT 29: charge 100, national 48, city 16, in kind 16, company 20, VAT 2."""
    funded = {"national": 48, "city": 16, "centre": 16}
    subsidies = [subsidy("C-1", "P1", name, krw) for name, krw in funded.items()]
    claims = [
        Claim(MONTH, "P1", "national", "C-1", "advanced", 48),
        Claim(MONTH, "P1", "city", "C-1", "claimed", 16),
        Claim(MONTH, "P1", "centre", "C-1", "in_kind", 16),
    ]
    numbered = replace(invoice("C-1", 100, 20), number="T2025-000001")
    postings = post(MONTH, [numbered], subsidies, claims)
    assert [(p.account, p.amount_krw) for p in postings] == [
        ("receivable:company:C-1", 22),
        ("revenue", -100),
        ("vat", -2),
        ("expense:support:P1:centre", 16),
        ("receivable:programme:P1:city", 16),
        ("advance:programme:P1:national", 48),
    ]
    check_postings(postings, 100)


def test_what_a_claim_is_cut_by_goes_to_a_rounding_account() -> None:
    subsidies = [subsidy("C-1", "P1", "national", 80), subsidy("C-1", "P1", "national", 7)]
    claims = [Claim(MONTH, "P1", "national", "C-1", "claimed", 80)]
    postings = post(MONTH, [invoice("C-1", 107, 20)], subsidies, claims)
    assert [(p.account, p.amount_krw) for p in postings if p.account[0] == "r"] == [
        ("receivable:company:C-1", 22),
        ("revenue", -107),
        ("receivable:programme:P1:national", 80),
        ("rounding:claim:P1:national", 7),
    ]
    check_postings(postings, 107)


@pytest.mark.parametrize("claim_krw", [77, 88])
def test_a_claim_that_is_not_its_subsidies_is_never_posted(claim_krw: int) -> None:
    claims = [Claim(MONTH, "P1", "national", "C-1", "claimed", claim_krw)]
    with pytest.raises(AssertionError, match="subsidies are 87"):
        post(MONTH, [], [subsidy("C-1", "P1", "national", 87)], claims)


def test_an_unbalanced_group_is_never_written(database: Database) -> None:
    with pytest.raises(AssertionError, match="do not sum to zero"):
        check_postings([Posting("g", "revenue", -100, ""), Posting("g", "vat", 99, "")], 100)
    with pytest.raises(AssertionError, match="charges are 99, credits to revenue 100"):
        check_postings([Posting("g", "revenue", -100, ""), Posting("g", "vat", 100, "")], 99)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["C-1", "C-2", "C-3"]),
            st.lists(st.integers(0, 10**13), max_size=3),
            st.integers(0, 10**13),
        ),
        max_size=6,
        unique_by=lambda row: row[0],
    )
)
def test_every_month_s_postings_sum_to_zero(rows: list[tuple[str, list[int], int]]) -> None:
    invoices, subsidies, claims = [], [], []
    for company, parts, company_krw in rows:
        invoices.append(invoice(company, sum(parts) + company_krw, company_krw))
        for at, krw in enumerate(parts):
            subsidies.append(subsidy(company, "P1", f"f{at}", krw))
            claims.append(Claim(MONTH, "P1", f"f{at}", company, "claimed", krw - krw % 10))
    postings = post(MONTH, invoices, subsidies, claims)
    check_postings(postings, sum(i.charge_krw for i in invoices))
    assert all(p.amount_krw for p in postings)


def test_claims_and_postings_read_back_in_order(database: Database) -> None:
    claims = [
        Claim(MONTH, "P2", "city", "C-1", "claimed", 30),
        Claim(MONTH, "P1", "city", "C-1", "in_kind", 50),
    ]
    paid = [subsidy("C-1", "P2", "city", 30), subsidy("C-1", "P1", "city", 50)]
    with database.begin() as connection:
        save_draft(connection, MONTH, "d")
        approved = save_approval(connection, MONTH, "d", "박승인")
        numbered = number_invoices(connection, ISSUER, [invoice("C-1", 100, 20)], ON)
        postings = post(MONTH, numbered, paid, claims)
        issued = replace(approved, state="issued", issued_on=ON, bundle="b")
        record_issue(connection, issued, ISSUER, numbered, claims, postings)
    with database.read() as connection:
        assert claims_of(connection, MONTH) == (claims[1], claims[0])
        assert postings_of(connection, MONTH) == postings
        assert month_state(connection, MONTH) == issued
