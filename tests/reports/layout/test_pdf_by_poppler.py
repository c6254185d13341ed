"""The documents as an independent reader sees them: Debian's poppler, where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from reports.documents import documents
from tests.builders.report_month import view

pytestmark = pytest.mark.skipif(
    shutil.which("pdffonts") is None, reason="poppler-utils is not installed (pdffonts, pdftotext)"
)


@pytest.fixture
def pdfs(tmp_path: Path) -> list[Path]:
    """An invoice and the government's report."""
    drawn = []
    for kind in ("invoice", "government"):
        first = next(
            document for document in documents(view(), kind) if document.path.endswith(".pdf")
        )
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(first.content)
        drawn.append(path)
    return drawn


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_every_font_is_nanumgothic_embedded_as_a_subset(pdfs: list[Path]) -> None:
    for pdf in pdfs:
        fonts = said("pdffonts", str(pdf)).splitlines()[2:]
        assert fonts
        for font in fonts:
            name, *_, embedded, subset, to_unicode, _, _ = font.split()
            assert "NanumGothic" in name
            assert (embedded, subset, to_unicode) == ("yes", "yes", "yes")


def test_korean_text_can_be_read_out_of_the_documents(pdfs: list[Path]) -> None:
    invoice, report = (said("pdftotext", "-layout", str(pdf), "-") for pdf in pdfs)
    assert "청구서 겸 거래명세서" in invoice
    assert "과세표준" in invoice
    assert "총괄표" in report
    assert "1/3" in report.replace(" ", "")
