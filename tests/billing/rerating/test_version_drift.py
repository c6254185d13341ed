"""A difference that no recorded cause explains is a finding, never a document (SETTLEMENT 24)."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from billing.adjust.adjust import adjust, look
from billing.adjust.recalculations_file import recalculations
from billing.bundle import versions
from billing.close.draft_month import draft
from billing.ledger.adjustment_ledger import adjustments, recorded
from billing.ledger.ledger import invoices_of
from billing.rerating.version_drift import STAGE
from billing.rulebook.tax import TaxRules
from billing.verify.differences import Discrepancy
from billing.verify.verify_adjustment import verify_adjustment
from metering.database.findings import findings
from metering.errors import CheckError, CloseError
from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import (
    LATER,
    NOV,
    OCT,
    OCTOBER,
    ROWS,
    again,
    close,
    closed,
    corrected,
    hours,
    make_site,
    put,
)

Program = Callable[[], None]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Program:
    """Puts an older version of the program in place, which took a won of VAT too much."""
    exact = TaxRules.vat_krw
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "jeongsan"\nversion = "0.0.9"\n', encoding="utf-8")

    def too_much(self: TaxRules, taxable_krw: int, written_on: date) -> int:
        return exact(self, taxable_krw, written_on) + (1 if taxable_krw == 30_000 else 0)

    def put_in_place() -> None:
        monkeypatch.setattr(TaxRules, "vat_krw", too_much)
        monkeypatch.setattr(versions, "PROJECT", project)

    return put_in_place


def told(opened: OpenSite) -> list[tuple[str, str, str]]:
    with opened.database.read() as connection:
        drifts = findings(connection, stage=STAGE)
    return [(finding.severity, str(finding.day), finding.subject) for finding in drifts]


def kept(opened: OpenSite) -> list[Discrepancy]:
    """What comes out otherwise of adjustments that are computed again."""
    with opened.database.read() as connection:
        done = recorded(connection, OCT)
    return [each for adjustment in done for each in verify_adjustment(opened.lake, adjustment)]


def documents(opened: OpenSite) -> int:
    with opened.database.read() as connection:
        assert adjustments(connection) == ()
        return sum(len(invoices_of(connection, month)) for month in (OCT, NOV))


@pytest.fixture
def upgraded(older: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OpenSite:
    """October and November issued by the older version (B's October had the won too much)."""
    older()
    closed(tmp_path / "site", dict(ROWS)).database.close()
    monkeypatch.undo()
    return again(tmp_path / "site")


def test_a_month_rated_otherwise_by_a_new_version_is_a_finding_and_no_document(
    upgraded: OpenSite,
) -> None:
    before = documents(upgraded)
    assert look(upgraded, OCT) is None
    assert told(upgraded) == [("warn", f"{OCT}-01", "B")]
    with upgraded.database.read() as connection:
        (finding,) = findings(connection, stage=STAGE)
    assert finding.kind == "program_differs"
    assert "(0.0.9)과 다릅니다: 정가 +0원, 지원 +0원, 자부담 +0원, 부가세 -1원" in finding.detail
    assert adjust(upgraded, OCT, "박승인", "새 판", LATER) is None
    assert documents(upgraded) == before
    upgraded.database.close()


def test_a_cascade_makes_no_document_of_it_either(upgraded: OpenSite) -> None:
    look(upgraded, OCT, cascade=True)
    with pytest.raises(CheckError, match="no recorded cause explains"):
        adjust(upgraded, OCT, "박승인", "새 판", LATER, cascade=True)
    assert told(upgraded) == [("warn", f"{OCT}-01", "B")]
    documents(upgraded)
    upgraded.database.close()


def test_another_company_is_corrected_and_the_one_that_differs_is_not(upgraded: OpenSite) -> None:
    put(upgraded, OCT, [*OCTOBER, hours("A-1", 2, f"{OCT}-07")])
    done = corrected(upgraded)
    assert done is not None
    assert {amendment.invoice.company_id for amendment in done.amendments} == {"A"}
    # the adjustment put the month again; what the older version made of B still stands
    assert look(upgraded, OCT) is None
    assert told(upgraded) == [("warn", f"{OCT}-01", "B")]
    upgraded.database.close()


def test_what_an_older_version_corrected_is_compared_with_the_correction(
    older: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    older()
    opened = closed(tmp_path / "site", dict(ROWS))
    put(opened, OCT, [*OCTOBER, hours("A-1", 5, f"{OCT}-07")])  # to the 30,000 that went wrong
    assert corrected(opened) is not None
    opened.database.close()
    monkeypatch.undo()
    other = again(tmp_path / "site")
    assert look(other, OCT) is None
    assert told(other) == [("warn", f"{OCT}-01", "A"), ("warn", f"{OCT}-01", "B")]
    other.database.close()


def test_a_correction_that_would_carry_such_a_difference_is_refused(upgraded: OpenSite) -> None:
    put(upgraded, OCT, [*OCTOBER, hours("B-1", 2, f"{OCT}-07")])
    look(upgraded)
    with pytest.raises(CheckError, match=r"2025-10 B: .* VAT -1 won \(made with 0\.0\.9\)"):
        adjust(upgraded, None, "박승인", "늦은 자료", LATER)
    documents(upgraded)
    upgraded.database.close()


def test_the_version_that_issued_a_month_finds_nothing(older: Program, tmp_path: Path) -> None:
    older()
    opened = closed(tmp_path / "site", dict(ROWS))
    assert look(opened, OCT) is None
    assert told(opened) == []
    opened.database.close()


def test_a_draft_that_a_new_version_makes_otherwise_has_a_finding_until_the_next_draft(
    older: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    older()
    opened = make_site(tmp_path / "site")
    put(opened, OCT, ROWS[OCT])
    draft(opened, OCT)
    assert told(opened) == []
    monkeypatch.undo()
    before = draft(opened, OCT)
    assert told(opened) == [("warn", f"{OCT}-01", "B")]
    assert draft(opened, OCT).digest == before.digest  # drafting again forgets nothing
    assert told(opened) == [("warn", f"{OCT}-01", "B")]
    close(opened, OCT)  # and it is no part of what is issued
    copied = tmp_path / "copy"
    shutil.copytree(opened.site.directory, copied)
    opened.database.close()
    other = again(copied)
    assert look(other, OCT) is None
    assert told(other) == []
    other.database.close()


def test_a_person_may_let_a_correction_carry_it_and_it_is_told_apart(upgraded: OpenSite) -> None:
    """B's late hours, and the won of VAT that the older version took too much: two causes."""
    put(upgraded, OCT, [*OCTOBER, hours("B-1", 2, f"{OCT}-07")])
    plain, carrying = look(upgraded), look(upgraded, program=True)
    assert plain is not None
    assert carrying is not None
    assert plain.digest != carrying.digest
    differences = carrying.comparison.differences
    assert [(d.month, d.company_id, d.cause, d.charge_krw, d.vat_krw) for d in differences] == [
        (OCT, "B", "program", 0, -1),
        (OCT, "B", "usage", 12_000, 600),
        (NOV, "B", "usage", 0, 600),
    ]
    assert carrying.payable_krw == plain.payable_krw
    with pytest.raises(CloseError, match="looked at"):
        adjust(upgraded, None, "박승인", "늦은 자료", LATER, digest=carrying.digest)
    done = adjust(upgraded, None, "박승인", "늦은 자료", LATER, program=True)
    assert done is not None
    assert {document.causes for document in done.amendments} == {("program", "usage")}
    assert sum(document.invoice.vat_krw for document in done.amendments) == 1_199
    assert kept(upgraded) == []
    assert "program: true" in recalculations(upgraded)
    assert look(upgraded) is None
    assert told(upgraded) == []
    upgraded.database.close()


def test_nobody_is_amended_for_the_program_alone(upgraded: OpenSite) -> None:
    assert look(upgraded, OCT, program=True) is None
    put(upgraded, OCT, [*OCTOBER, hours("A-1", 2, f"{OCT}-07")])
    correction = look(upgraded, program=True)
    assert correction is not None
    assert {d.company_id for d in correction.comparison.differences} == {"A"}
    assert told(upgraded) == [("warn", f"{OCT}-01", "B")]
    upgraded.database.close()


def test_a_cascade_may_carry_it_for_everybody(upgraded: OpenSite) -> None:
    correction = look(upgraded, OCT, cascade=True, program=True)
    assert correction is not None
    assert [(d.company_id, d.cause, d.vat_krw) for d in correction.comparison.differences] == [
        ("B", "program", -1)
    ]
    done = adjust(upgraded, OCT, "박승인", "새 판", LATER, cascade=True, program=True)
    assert done is not None
    assert kept(upgraded) == []
    assert look(upgraded, OCT, cascade=True) is None
    upgraded.database.close()


def test_where_the_same_version_issued_it_there_is_nothing_to_carry(tmp_path: Path) -> None:
    opened = closed(tmp_path / "site", dict(ROWS))
    put(opened, OCT, [*OCTOBER, hours("B-1", 2, f"{OCT}-07")])
    plain, carrying = look(opened), look(opened, program=True)
    assert plain is not None
    assert carrying is not None
    assert plain.digest == carrying.digest
    opened.database.close()
