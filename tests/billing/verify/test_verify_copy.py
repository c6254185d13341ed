"""A month's copy: one file that is verified away from its site."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import issued_month
from billing.document import sha256_hex
from billing.verify.copy_month import copy_month
from billing.verify.verify import Verification
from billing.verify.verify_copy import verify_file
from billing.verify.zip_bytes import LIST, write_archive
from metering.errors import CloseError, JeongsanError
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.verify_documents import copy_whole_month, verify_copy, verify_month
from tests.builders.sites.close_site import MONTH, NEXT, ON, make_ground, open_ground


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """A site with an issued month, only read by these tests."""
    root = tmp_path_factory.mktemp("copying")
    issued = make_ground(root)
    draft(issued, MONTH)
    approve(issued, MONTH, "박승인")
    issue(issued, MONTH, ON)
    return open_ground(root)


def rewrite(source: Path, target: Path, member: str, content: bytes) -> None:
    """The same archive with one member's bytes changed, or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.infolist():
            if name.filename != member:
                new.writestr(name, old.read(name))
        new.writestr(member, content)


def test_a_copy_is_verified_away_from_its_site(opened: OpenSite, tmp_path: Path) -> None:
    copy = tmp_path / "2025-10.zip"
    assert copy_month(opened, MONTH, copy) == 138
    bundle = issued_month(opened, MONTH).bundle
    assert verify_file(copy) == Verification(
        MONTH, bundle, ("files", "inputs", "result", "ledger"), ()
    )


def test_copies_have_the_same_bytes(opened: OpenSite, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        copy_month(opened, MONTH, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.zip", "two.zip"]


def test_a_changed_file_of_a_copy_is_named(opened: OpenSite, tmp_path: Path) -> None:
    copy, changed = tmp_path / "copy.zip", tmp_path / "changed.zip"
    copy_month(opened, MONTH, copy)
    name = f"bundles/{issued_month(opened, MONTH).bundle}.json"
    rewrite(copy, changed, name, b"{}\n")
    assert [difference.place for difference in verify_file(changed).differences] == [name]


def test_a_changed_record_of_a_copy_is_named(opened: OpenSite, tmp_path: Path) -> None:
    copy, changed = tmp_path / "copy.zip", tmp_path / "changed.zip"
    copy_month(opened, MONTH, copy)
    with zipfile.ZipFile(copy) as archive:
        recorded = archive.read("recorded.json").replace("회사3".encode(), "회사4".encode())
    rewrite(copy, changed, "recorded.json", recorded)
    assert [difference.place for difference in verify_file(changed).differences] == [
        "ledger: T2025-000002: digest",
        "ledger: invoice C-3 taxable: company",
        "recorded.json",
    ]


@pytest.mark.parametrize(
    "name", ["../outside.json", "/etc/x.json", "bundles/../../x.json", "run.sh", "bundles/.x.json"]
)
def test_a_copy_with_a_strange_name_is_refused(opened: OpenSite, tmp_path: Path, name: str) -> None:
    copy, changed = tmp_path / "copy.zip", tmp_path / "changed.zip"
    copy_month(opened, MONTH, copy)
    rewrite(copy, changed, name, b"{}")
    with pytest.raises(JeongsanError, match="is no file of a bundle"):
        verify_file(changed)


def test_what_is_no_copy_says_so(opened: OpenSite, tmp_path: Path) -> None:
    text = tmp_path / "text.zip"
    text.write_text("hello")
    with pytest.raises(JeongsanError, match="is not a copy of a month"):
        verify_file(text)
    with pytest.raises(JeongsanError, match="is not a copy of a month"):
        verify_file(tmp_path / "missing.zip")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(JeongsanError, match="does not say what was recorded"):
        verify_file(tmp_path / "empty.zip")
    with pytest.raises(CloseError, match="2025-11 is open"):
        copy_month(opened, NEXT, tmp_path / "next.zip")


@pytest.fixture(scope="module")
def whole(opened: OpenSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with the month's documents."""
    target = tmp_path_factory.mktemp("whole") / "2025-10.zip"
    copy_whole_month(opened, MONTH, target)
    return target


def test_a_copy_with_its_documents_is_verified_to_their_bytes(whole: Path) -> None:
    with zipfile.ZipFile(whole) as archive:
        names = [name for name in archive.namelist() if name.startswith("documents/")]
    endings = Counter(name.rpartition(".")[2] for name in names)
    assert endings == {"pdf": 4, "xlsx": 4, "xml": 2}
    done = verify_copy(whole)
    assert (done.checked[-1], done.differences) == ("documents", ())


def test_a_document_that_is_changed_lost_or_added_is_named(whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(whole) as archive:
        first = next(name for name in archive.namelist() if name.startswith("documents/invoices"))
    changed, more = tmp_path / "changed.zip", tmp_path / "more.zip"
    rewrite(whole, changed, first, b"%PDF-1.7 another")
    rewrite(whole, more, "documents/invoices/other.pdf", b"%PDF-1.7")
    (difference,) = verify_copy(changed).differences
    assert (difference.place, difference.expected[:7]) == (first, "sha256 ")
    assert [
        (difference.place, difference.expected) for difference in verify_copy(more).differences
    ] == [("documents/invoices/other.pdf", "missing")]


@pytest.mark.parametrize("extra", ["bundles/{digest}.json", "charge/month=2025-10/{digest}.json"])
def test_a_file_of_a_copy_that_nothing_names_is_named(
    opened: OpenSite, tmp_path: Path, extra: str
) -> None:
    """Put in by who can write a whole copy, so that every byte of it is as it should be."""
    copy, changed = tmp_path / "copy.zip", tmp_path / "changed.zip"
    copy_month(opened, MONTH, copy)
    added = extra.format(digest=sha256_hex(b"{}\n"))
    with zipfile.ZipFile(copy) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist() if name != LIST]
    write_archive(changed, [*members, (added, b"{}\n")])
    assert [(d.place, d.expected) for d in verify_file(changed).differences] == [
        (added, "no such file")
    ]


def test_a_file_among_the_documents_that_nothing_explains_is_named(tmp_path: Path) -> None:
    """A forged invoice beside the month's own; drafts, disputes and what was half written are no
    documents of the month."""
    site = make_ground(tmp_path)
    draft(site, MONTH)
    approve(site, MONTH, "박승인")
    issue(site, MONTH, ON)
    render_month(site, MONTH)
    folder = site.site.documents / MONTH
    for beside in ("draft/invoices/초안_C-1.pdf", "disputes/a.zip", "invoices/.1.tmp"):
        (folder / beside).parent.mkdir(parents=True, exist_ok=True)
        (folder / beside).write_bytes(b"x")
    assert verify_month(site, MONTH).differences == ()
    forged = folder / "invoices" / "T2025-000099_forged.pdf"
    forged.write_bytes(b"%PDF")
    (difference,) = verify_month(site, MONTH).differences
    assert (difference.place, difference.expected) == (str(forged), "no such file")
    site.database.close()
