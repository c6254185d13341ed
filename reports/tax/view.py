"""A month's electronic tax documents as files, and what the command shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from billing.close.tax_documents import TaxDocuments, tax_documents
from billing.records import TaxClass
from metering.site.open_site import OpenSite, Progress, silent
from reports.layout.write_files import write_file
from reports.tax.drafts import FOLDER, tax_draft
from reports.tax.kec_structure import check_structure
from reports.tax.signature import Signer, own_test_signer, read_signer, sign
from reports.terminal.screen import Cell, Screen

COLUMNS = (
    ("number", "번호"),
    ("kind", "종류"),
    ("company", "기업"),
    ("reason", "수정사유"),
    ("written_on", "작성일"),
    ("supply_krw", "공급가액"),
    ("vat_krw", "세액"),
)
TITLES: Mapping[TaxClass, str] = {"taxable": "세금계산서", "exempt": "계산서"}
DRAFT = "승인번호가 없는 초안입니다. 국세청에 등록한 사업자(ASP)의 시스템에서 발급합니다"


@dataclass(frozen=True, slots=True)
class TaxWanted:
    """What was asked for; without a key the drafts are not signed."""

    month: str
    to: Path | None
    key: Path | None
    certificate: Path | None
    password_env: str
    test_key: bool


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a month's tax documents, and by whom they are signed."""

    tax: TaxDocuments
    paths: tuple[Path, ...]
    signer: Signer | None


def signer_of(opened: OpenSite, wanted: TaxWanted) -> Signer | None:
    """Who signs: the key that was given, the site's test key, or nobody."""
    if wanted.test_key:
        return own_test_signer(opened.site.directory)
    if wanted.key is None or wanted.certificate is None:
        return None
    return read_signer(wanted.key, wanted.certificate, wanted.password_env)


def write_tax(
    opened: OpenSite, wanted: TaxWanted, signer: Signer | None, progress: Progress = silent
) -> Written:
    """Write every tax document of an issued month; all are made and checked before the first is
    written. CloseError if the month is not issued."""
    tax = tax_documents(opened, wanted.month)
    folder = wanted.to or opened.site.documents / wanted.month / FOLDER
    files: dict[Path, bytes] = {}
    for at, document in enumerate(tax.documents, start=1):
        draft = tax_draft(document, tax.issuers[document.adjustment])
        content = draft.content
        if signer is not None:
            content = sign(content, signer)
            check_structure(content, document.invoice.number or "")
        files[folder / Path(draft.path).name] = content
        progress("세금계산서", at, len(tax.documents))
    return Written(tax, tuple(write_file(path, content) for path, content in files.items()), signer)


def show_tax(screen: Screen, written: Written) -> None:
    """The documents with their amounts, where they lie, and what is left to do."""
    rows: list[tuple[Cell, ...]] = [
        (
            document.invoice.number,
            document.invoice.tax_class if screen.as_json else TITLES[document.invoice.tax_class],
            document.invoice.company_id if screen.as_json else document.invoice.company.name,
            document.reason,
            str(document.invoice.written_on),
            document.invoice.supply_krw,
            document.invoice.vat_krw,
        )
        for document in written.tax.documents
    ]
    if not screen.as_json:
        sums = [sum(document.invoice.supply_krw for document in written.tax.documents)]
        sums.append(sum(document.invoice.vat_krw for document in written.tax.documents))
        rows.append(("합계", "", f"{len(written.tax.documents):,}건", None, None, *sums))
    title = f"{written.tax.month} 전자세금계산서·전자계산서 초안 (단위: 원)"
    screen.table("documents", title, COLUMNS, rows, spare=("written_on", "kind"), note=DRAFT)
    if screen.as_json:
        screen.fact("written", [str(path) for path in written.paths])
        screen.fact("deadline", written.tax.deadline)
        screen.fact("late", list(written.tax.late))
    for path in written.paths:
        screen.path(path)
    screen.fact("signed", _signed(written, screen.as_json), "서명")
    screen.say(
        f"발급 기한 {written.tax.deadline}"
        " (작성일이 속하는 달의 다음 달 10일, 휴일이면 다음 영업일)"
    )
    if written.tax.late:
        screen.say(f"기한 뒤에 발행한 것: {', '.join(written.tax.late)}. 가산세가 있을 수 있습니다")


def _signed(written: Written, plain: bool) -> str:
    if written.signer is None:
        return "none" if plain else "하지 않음"
    if written.signer.is_test:
        return "test" if plain else "시험용 키 (신고에는 못 씁니다)"
    name = written.signer.certificate.subject.rfc4514_string()
    return name
