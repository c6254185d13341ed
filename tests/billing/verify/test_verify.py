"""Verifying names every difference: in the bundle, the ledger, the lake, the documents."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import DDL, Executable, text

from billing.bundle.bundle import files_of, path_of, read_bundle
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import IssuedMonth, issued_month
from billing.document import canonical, parse, sha256_hex
from billing.draft.lake_rows import to_table
from billing.ledger import tables
from billing.records import Charge
from billing.verify.differences import Discrepancy
from billing.verify.verify import Verification, verify
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import MONTH, NEXT, ON, make_ground, open_ground, put_month

ALL = ("files", "inputs", "result", "ledger", "numbers", "register", "chain", "lake")


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with an issued month, made once."""
    root = tmp_path_factory.mktemp("verify") / "site"
    root.mkdir()
    opened = make_ground(root)
    close(opened, MONTH)
    opened.database.close()
    return root


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    shutil.copytree(issued_site, tmp_path / "site")
    return open_ground(tmp_path / "site")


def close(opened: OpenSite, month: str) -> None:
    draft(opened, month)
    approve(opened, month, "박승인")
    issue(opened, month, ON.replace(month=12) if month == NEXT else ON)


def places(verification: Verification) -> list[str]:
    return [difference.place for difference in verification.differences]


def tamper(opened: OpenSite, *statements: Executable) -> None:
    """Change what the database itself refuses to change, by taking its triggers away."""
    with opened.database.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in [row.name for row in names]:
            connection.execute(DDL("DROP TRIGGER %(name)s", context={"name": name}))
        for statement in statements:
            connection.execute(statement)


def test_an_issued_month_is_verified(opened: OpenSite) -> None:
    issued = issued_month(opened, MONTH)
    assert verify(opened, MONTH) == Verification(MONTH, issued.bundle, ALL, ())


def test_a_chain_of_months_is_verified(opened: OpenSite) -> None:
    put_month(opened, NEXT)
    close(opened, NEXT)
    assert verify(opened, NEXT).ok
    assert verify(opened, MONTH).ok


def test_a_month_that_is_not_issued_cannot_be_verified(opened: OpenSite) -> None:
    with pytest.raises(CloseError, match="2025-11 is open"):
        verify(opened, NEXT)


@pytest.mark.breadth
def test_a_changed_byte_in_any_file_of_the_bundle_is_named(opened: OpenSite) -> None:
    bundle = issued_month(opened, MONTH).bundle
    listed = [path for path, _ in files_of(opened.lake, bundle)]
    assert len(listed) == 136
    for number, name in enumerate(listed):
        path = Path(opened.site.lake) / name
        content = path.read_bytes()
        at = number * 37 % len(content)
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert verify(open_ground(opened.site.directory), MONTH) == Verification(
            MONTH,
            bundle,
            ("files", "numbers", "register"),
            (
                Discrepancy(
                    name,
                    "the bytes that its name says",
                    "missing or changed bytes",
                    "jeongsan repair",
                ),
            ),
        )
        path.write_bytes(content)
    assert verify(open_ground(opened.site.directory), MONTH).ok


def test_a_missing_file_is_named(opened: OpenSite) -> None:
    bundle = read_bundle(opened.lake, issued_month(opened, MONTH).bundle)
    name = path_of(bundle.index["documents"]["rules"])
    (Path(opened.site.lake) / name).unlink()
    assert places(verify(open_ground(opened.site.directory), MONTH)) == [name]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE posting SET amount_krw = amount_krw + 1 WHERE group_id LIKE '%C-3' AND seq = 3",
            ["ledger: posting 2025-10/C-3 3: amount_krw", "ledger: sum of 2025-10/C-3"],
        ),
        (
            "DELETE FROM claim WHERE programme = 'AICA-2025R'",
            ["ledger: claim AICA-2025R national C-1"],
        ),
        (
            "UPDATE claim SET claim_krw = claim_krw - 10 WHERE programme = 'AICA-2025R'",
            ["ledger: claim AICA-2025R national C-1: claim_krw"],
        ),
        (
            "UPDATE invoice SET document = replace(document, '회사3', '회사4')",
            ["ledger: T2025-000002: digest", "ledger: invoice C-3 taxable: company"],
        ),
        (
            "UPDATE invoice SET document = 'nothing' WHERE company_id = 'C-3'",
            [
                "ledger: T2025-000002: digest",
                "ledger: T2025-000002",
                "ledger: invoice C-3 taxable",
                "ledger: posting 2025-10/C-3 1",
                "ledger: posting 2025-10/C-3 2",
                "ledger: posting 2025-10/C-3 3",
            ],
        ),
        (
            "UPDATE invoice_number_series SET last = 3 WHERE series = 'tax'",
            ["ledger: numbers of 1248100998 2025 tax"],
        ),
        ("UPDATE month_state SET digest = 'other'", ["state: digest"]),
        (
            "UPDATE month_state SET issued_on = '2025-11-04'",
            [
                "ledger: S2025-000001: issued_on",
                "ledger: T2025-000001: issued_on",
                "ledger: T2025-000002: issued_on",
            ],
        ),
    ],
)
def test_a_changed_row_of_the_ledger_is_named(
    opened: OpenSite, statement: str, named: list[str]
) -> None:
    tamper(opened, text(statement))
    assert places(verify(opened, MONTH)) == named


def test_a_changed_charge_in_the_lake_is_named(opened: OpenSite) -> None:
    charges = issued_month(opened, MONTH).closing.charges
    with opened.lake.change() as change:
        change.replace("charge", {"month": MONTH}, to_table(Charge, charges[1:]))
    assert places(verify(opened, MONTH)) == ["lake: charge of 2025-10"]


def forge(opened: OpenSite, change: Callable[[dict[str, object]], None]) -> None:
    """Put a bundle in place that is whole, and names what its inputs do not give."""
    bundle = read_bundle(opened.lake, issued_month(opened, MONTH).bundle)
    index = parse(canonical(bundle.index), "index")
    change(index)
    content = canonical(index).encode()
    digest = sha256_hex(content)
    opened.lake.store.put(path_of(digest), pa.py_buffer(content), lambda _: None)
    tamper(
        opened,
        tables.bundle.insert().values(digest=digest, month=MONTH),
        tables.month_state.update().values(bundle=digest),
    )


def test_a_whole_bundle_that_does_not_follow_from_its_inputs_is_named(opened: OpenSite) -> None:
    def change(index: dict[str, object]) -> None:
        index["result"] = {**index["result"], "charge": "0" * 64}  # type: ignore[dict-item]

    forge(opened, change)
    bundle = issued_month(opened, MONTH).bundle
    assert places(verify(opened, MONTH)) == [
        f"{path_of(bundle)}: result.charge",
        "lake: charge of 2025-10",
    ]


def test_an_invoice_that_the_usage_does_not_give_is_named_by_its_fields(opened: OpenSite) -> None:
    def change(index: dict[str, object]) -> None:
        documents = index["documents"]
        assert isinstance(documents, dict)
        path = Path(opened.site.lake) / path_of(documents["invoices"])
        invoices = parse(path.read_bytes(), "invoices")
        invoices[2]["payable_krw"] += 1000
        content = canonical(invoices).encode()
        documents["invoices"] = sha256_hex(content)
        target = path_of(documents["invoices"])
        opened.lake.store.put(target, pa.py_buffer(content), lambda _: None)

    forge(opened, change)
    assert [place for place in places(verify(opened, MONTH)) if place.startswith("invoice")] == [
        "invoice C-3 taxable: payable_krw"
    ]


def test_documents_are_compared_by_the_caller_s_function(opened: OpenSite) -> None:
    seen = []

    def documents(issued: IssuedMonth) -> list[Discrepancy]:
        seen.append(issued.bundle)
        return [Discrepancy("documents/C-1.pdf", "a1", "b2")]

    verification = verify(opened, MONTH, documents)
    assert seen == [verification.bundle]
    assert verification.checked == (*ALL, "documents")
    assert places(verification) == ["documents/C-1.pdf"]


def test_what_the_month_was_made_with_is_told_where_it_is_another_now(
    opened: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = issued_month(opened, MONTH).versions
    monkeypatch.setattr(
        "billing.verify.verify.versions", lambda: {**then, "reportlab": "9", "new": "1"}
    )
    assert verify(opened, MONTH).other_versions == (
        "new - 1",
        f"reportlab {then['reportlab']} 9",
    )
