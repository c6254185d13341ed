"""What the tests read out of a PDF: its text page by page, and the fonts that it carries."""

import re
from dataclasses import dataclass

import pypdfium2 as pdfium


@dataclass(frozen=True)
class Read:
    """A PDF as read back."""

    pages: tuple[str, ...]
    title: str
    author: str

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def words(self) -> str:
        """The text without spaces and line ends: what was wrapped is found again."""
        return re.sub(r"\s+", "", self.text)


def read(content: bytes) -> Read:
    """The text and metadata of a PDF."""
    document = pdfium.PdfDocument(content)
    pages = tuple(page.get_textpage().get_text_bounded() for page in document)
    facts = document.get_metadata_dict()
    return Read(pages, facts["Title"], facts["Author"])


def font_names(content: bytes) -> set[str]:
    """Every BaseFont that the file names, embedded or not."""
    return {name.decode() for name in re.findall(rb"/BaseFont\s*/([^\s/>]+)", content)}


def embedded_fonts(content: bytes) -> int:
    """How many font programs the file carries."""
    return len(set(re.findall(rb"/FontFile2\s+(\d+) 0 R", content)))


def text_boxes(content: bytes, page: int = 0) -> list[tuple[float, float, float, float, str]]:
    """Every run of text on a page: left, bottom, right, top and what it says."""
    document = pdfium.PdfDocument(content)
    text = document[page].get_textpage()
    found = []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        found.append((left, bottom, right, top, text.get_text_bounded(left, bottom, right, top)))
    return found


def language(content: bytes) -> str | None:
    """The language that the catalogue names."""
    found = re.search(rb"/Lang\s*\(([^)]*)\)", content)
    return found.group(1).decode() if found else None
