"""The bundle: everything that rebuilds a month, named by content, kept from sweeping."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.bundle.bundle import files_of, inputs_of, read_bundle
from billing.bundle.versions import versions
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month, kept_files
from billing.draft.draft import settle
from billing.subsidy.balance import Balance
from billing.verify.verify import verify
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from tests.builders.sites.close_site import (
    FIRST,
    HOUR_US,
    MONTH,
    ON,
    REGISTRY,
    make_ground,
    open_ground,
    put_day,
    store_registry,
    used,
)


@pytest.fixture(scope="module")
def issued_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with an issued month, made once."""
    root = tmp_path_factory.mktemp("bundle") / "site"
    root.mkdir()
    opened = make_ground(root)
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    issue(opened, MONTH, ON)
    opened.database.close()
    return root


@pytest.fixture
def opened(issued_site: Path, tmp_path: Path) -> OpenSite:
    """A copy of the site for one test."""
    shutil.copytree(issued_site, tmp_path / "site")
    return open_ground(tmp_path / "site")


def test_a_bundle_alone_gives_the_month_again(opened: OpenSite) -> None:
    issued = issued_month(opened, MONTH)
    inputs = inputs_of(opened.lake, read_bundle(opened.lake, issued.bundle))
    again = settle(inputs)
    assert again.closing == issued.closing
    assert again.digest == issued.digest


def test_a_bundle_holds_what_the_month_was_made_from(opened: OpenSite) -> None:
    issued = issued_month(opened, MONTH)
    bundle = read_bundle(opened.lake, issued.bundle)
    assert sorted(bundle.documents) == [
        "all_findings",
        "balance",
        "claims",
        "draft_findings",
        "findings",
        "invoices",
        "opening",
        "registry",
        "resources",
        "rules",
    ]
    assert bundle.documents["registry"] == REGISTRY.to_document()
    assert bundle.documents["rules"] == dict(issued.inputs.book.texts)
    assert Balance.from_document(bundle.documents["opening"]) == Balance()
    assert len(bundle.index["usage"]) == 62
    assert bundle.index["deadline"] == "2025-11-10"
    assert bundle.index["closed_days"][:3] == ["2025-11-01", "2025-11-02", "2025-11-08"]
    assert bundle.index["versions"] == versions()
    assert issued.inputs.issuer == opened.site.issuer


def test_a_holiday_declared_late_moves_the_day_of_payment(opened: OpenSite) -> None:
    inputs = issued_month(opened, MONTH).inputs
    later = replace(inputs, holidays={date(2025, 12, 1): True})
    assert {invoice.due_on for invoice in settle(inputs).closing.invoices} == {
        date(2025, 12, 1),
        None,
    }
    assert {invoice.due_on for invoice in settle(later).closing.invoices} == {
        date(2025, 12, 2),
        None,
    }


def test_number_date_and_approver_stand_outside_the_digest(
    issued_site: Path, tmp_path: Path
) -> None:
    """The same inputs give the same bundle, whoever approves and whenever it is issued."""
    first = open_ground(issued_site)
    root = tmp_path / "other"
    root.mkdir()
    other = make_ground(root)
    draft(other, MONTH)
    approve(other, MONTH, "다른 승인자")
    issued = issue(other, MONTH, date(2026, 1, 5), late=True)
    assert issued.bundle == issued_month(first, MONTH).bundle
    assert issued.invoices[0].number == "T2026-000001"


def test_an_issued_month_stays_what_it_was_when_everything_changes(opened: OpenSite) -> None:
    before = issued_month(opened, MONTH)
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)]})
    store_registry(opened, replace(REGISTRY, awards=()))
    assert issued_month(opened, MONTH) == before


def test_sweeping_passes_by_what_a_bundle_names(opened: OpenSite) -> None:
    before = issued_month(opened, MONTH)
    put_day(opened, FIRST, {"gpu": [used(FIRST, 1, "gpu.h100", HOUR_US)]})
    put_day(opened, FIRST, {"gpu": [used(FIRST, 2, "gpu.h100", HOUR_US)]})
    later = 4_102_444_800_000  # the year 2100: everything is old
    removed = opened.lake.sweep(0, later, kept_files(opened))
    assert len(removed) == 2  # the manifest and the rows that nothing names any more
    fresh = open_ground(opened.site.directory)
    assert issued_month(fresh, MONTH) == before
    assert verify(fresh, MONTH).ok


def test_every_file_of_a_bundle_is_listed_once(opened: OpenSite) -> None:
    bundle = issued_month(opened, MONTH).bundle
    listed = [path for path, whole in files_of(opened.lake, bundle) if whole]
    assert len(listed) == len(set(listed))
    assert {path.split("/")[0] for path in listed} == {"bundles", "usage_day", "charge", "subsidy"}
    assert len([path for path in listed if path.startswith("usage_day")]) == 124


def test_a_bundle_that_is_missing_or_changed_says_what_to_do(opened: OpenSite) -> None:
    bundle = issued_month(opened, MONTH).bundle
    path = Path(opened.site.lake) / "bundles" / f"{bundle}.json"
    path.write_bytes(path.read_bytes().replace(b"2025-10", b"2025-11"))
    with pytest.raises(
        JeongsanError, match=f"{bundle}.json: its bytes were changed; `jeongsan repair`"
    ):
        read_bundle(opened.lake, bundle)
    path.unlink()
    with pytest.raises(JeongsanError, match=f"{bundle}.json: is missing from the lake"):
        issued_month(opened, MONTH)
    with pytest.raises(JeongsanError, match=f"{bundle}.json: is missing from the lake"):
        kept_files(opened)
