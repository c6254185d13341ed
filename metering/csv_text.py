"""CSV of any origin, read in one way everywhere: its letters, its delimiter, its quotes, its lines.

Spreadsheets save UTF-8 with or without a mark, CP949 (Korean Windows) and UTF-16 ("Unicode text"),
parted by commas, semicolons, bars or tabs. Which it is the file itself says: its first bytes, and
the line that has the columns. A cell that runs over lines is refused with all of them, since what
ran over them is nearly always a quote too many (METERING 37).
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from metering.errors import JeongsanError
from metering.plain_text import tidy

DELIMITERS = ",;|\t"
MARK = b"\xef\xbb\xbf"  # before UTF-8
WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
WIDER = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")  # before UTF-32, which no spreadsheet saves
SAVE = "save it as CSV UTF-8"
NO_TEXT = f"is no text in UTF-8, CP949 or UTF-16; {SAVE}"
NO_LETTERS = "is neither UTF-8 nor CP949"
LINE_MAX = 1_000_000  # letters; no row has as many, and all cells of one are held at once
LONG = re.compile(rf"[^\r\n]{{{LINE_MAX + 1}}}")
ENDS = re.compile(r"\r\n|\r|\n")
csv.field_size_limit(2**31 - 1)  # a cell that swallowed lines is refused by them, not by its length


class UnreadableCsvError(JeongsanError):
    """A file is no CSV that anything could be read from; `line` is 0 where that is all of it."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class RefusedLines:
    """Lines that make no row, the first to the last of them, and why."""

    first: int
    last: int
    reason: str


@dataclass(slots=True)
class CsvText:
    """A file's text and what parts its cells; `refused` grows as its rows are read."""

    text: str
    delimiter: str
    refused: list[RefusedLines] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each line that makes a row, empty lines left out."""
        source = io.StringIO(self.text, newline="")
        reader = csv.reader(source, delimiter=self.delimiter, strict=True)
        before = 0
        while True:
            try:
                for cells in reader:
                    number = reader.line_num
                    if number == before + 1:
                        before = number
                        if cells:
                            yield number, cells
                        continue
                    self._refuse(before + 1, number, None)
                    before = number
                return
            except csv.Error as error:
                self._refuse(before + 1, reader.line_num, error)
                before = reader.line_num

    def _refuse(self, first: int, last: int, error: csv.Error | None) -> None:
        """Refuse what was read as one row and is none: most often a quote too many is why."""
        if last > first:
            reason = f"is of a quoted cell that runs over lines, {first} to {last}"
        else:
            reason = f"is no CSV: {error}"
        self.refused.append(RefusedLines(first, last, reason))

    def refused_lines(self) -> Iterator[tuple[int, str, str]]:
        """Number, reason and text of every line that was refused, empty ones left out."""
        lines = list(io.StringIO(self.text, newline="")) if self.refused else []
        for run in self.refused:
            for number in range(run.first, run.last + 1):
                if text := lines[number - 1].strip():
                    yield number, run.reason, text

    def broken_line(self) -> int | None:
        """The first line with bytes that are no letters; None where there is none."""
        lines = enumerate(io.StringIO(self.text, newline=""), start=1)
        return next((number for number, line in lines if is_broken(line)), None)


def read_csv(content: bytes, needed: Collection[str], anywhere: bool = False) -> CsvText:
    """The text of a file whose columns have the needed names, in its first line that is not empty
    or, with `anywhere`, in the first that has them all.

    Bytes that are no letters stand in it as lone surrogates (`is_broken`). UnreadableCsvError where
    it is no text at all.
    """
    text = _decoded(content)
    if long := LONG.search(text):
        line = len(ENDS.findall(text, 0, long.start())) + 1
        raise UnreadableCsvError(f"has a line of more than {LINE_MAX:,} letters", line)
    return CsvText(text, _delimiter(text, {tidy(name) for name in needed}, anywhere))


def is_broken(text: str) -> bool:
    """Whether a text holds bytes that are no letters."""
    return not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text)


def _decoded(content: bytes) -> str:
    if content.startswith(WIDER):
        raise UnreadableCsvError(NO_TEXT)
    if encoding := WIDE.get(content[:2]):
        try:
            return content[2:].decode(encoding)
        except UnicodeDecodeError as error:
            raise UnreadableCsvError(f"is no whole UTF-16; {SAVE}") from error
    if b"\0" in content.partition(b"\n")[0]:
        raise UnreadableCsvError(NO_TEXT)
    marked, content = content.startswith(MARK), content.removeprefix(MARK)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "utf-8" if marked else _likelier(content)
        return content.decode(encoding, "surrogateescape")


def _likelier(content: bytes) -> str:
    """UTF-8 or CP949, whichever breaks fewer lines."""
    lines = [line for line in content.split(b"\n") if not line.isascii()]
    broken = {
        encoding: sum(not _decodes(line, encoding) for line in lines)
        for encoding in ("utf-8", "cp949")
    }
    return min(broken, key=lambda encoding: broken[encoding])


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str, needed: set[str], anywhere: bool) -> str:
    """What parts the line that has all needed columns; else the first line into most cells."""
    first: str | None = None
    for line in io.StringIO(text, newline=""):
        if not line.strip() or (line.startswith("#") and not anywhere):
            continue
        for delimiter in DELIMITERS:
            if needed <= {tidy(cell) for cell in _cells(line, delimiter)}:
                return delimiter
        first = line if first is None else first
        if not anywhere:
            break
    counts = {delimiter: len(_cells(first or "", delimiter)) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _cells(line: str, delimiter: str) -> Sequence[str]:
    return next(csv.reader([line], delimiter=delimiter), [])
