"""The registry's sheets as rows of text with their places: from CSV files or from one .xlsx."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metering.csv_text import NO_LETTERS, SAVE, CsvText, UnreadableCsvError, read_csv
from metering.errors import Mistake, Mistakes
from metering.plain_text import flaw, tidy
from metering.registry.records import RECALL
from metering.written_file import SHEET_MIB, TooLargeError, read_written

FOLDER = "registry"
WORKBOOK = "registry.xlsx"


@dataclass(frozen=True, slots=True)
class RegistrySheet:
    """A sheet's name and columns; only a `needed` sheet has to be there."""

    name: str
    columns_text: str
    optional_text: str = ""
    needed: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that have to be there."""
        return tuple(self.columns_text.split())

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that may be left out."""
        return tuple(self.optional_text.split())


SHEETS = (
    RegistrySheet(
        "companies",
        "company_id business_number name representative address business_type business_item"
        " org_type size place founded_on representative_birth_year youth",
        "from relocated_on",
    ),
    RegistrySheet("projects", "project_id company_id name started_on ended_on"),
    RegistrySheet("tenancy", "source account project_id from until"),
    RegistrySheet(
        "devices",
        "cluster device_uid model resource node parent slice installed_at removed_at power_limit_w",
    ),
    RegistrySheet(
        "awards",
        "award_id programme company_id project_id agreed_on announced_on from until"
        " agreement_number quota quota_unit cap_krw referrer budget_year",
        " ".join(RECALL),
    ),
    RegistrySheet("set_aside", "source account reason by", needed=False),
    RegistrySheet("agreements", "company_id number signed_on partner", needed=False),
    RegistrySheet("outcomes", "project_id kind reached_on amount evidence", needed=False),
    RegistrySheet("plans", "month when what note", needed=False),
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: where it stands and its cells by column, blanks trimmed, every column there."""

    file: str
    sheet: str
    number: int
    letters: Mapping[str, str]  # column -> letter in a workbook, empty for CSV
    cells: Mapping[str, str]

    def place(self, column: str = "") -> str:
        """File, row and column, as a person finds them."""
        if letter := self.letters.get(column, ""):
            return f"{self.file} {self.sheet}!{letter}{self.number} {column}"
        row = f"{self.sheet}!{self.number}" if self.letters else str(self.number)
        place = f"{self.file} {row}" if self.letters else f"{self.file}:{row}"
        return f"{place} {column}".rstrip()


def read_sheets(directory: Path, mistakes: list[Mistake]) -> dict[str, list[SheetRow]]:
    """The rows of every sheet of a site's registry; Mistakes if there is none."""
    folder = directory / FOLDER
    workbook = folder / WORKBOOK
    files = sorted(path.name for path in folder.glob("*.csv")) if folder.is_dir() else []
    if workbook.exists() and files:
        message = f"stands beside {', '.join(files)}; keep the workbook or the CSV files"
        raise Mistakes([Mistake(f"{FOLDER}/{WORKBOOK}", message)])
    if workbook.exists():
        return _from_workbook(workbook, mistakes)
    if not files:
        message = f"there is no registry: neither CSV files nor {WORKBOOK}"
        raise Mistakes([Mistake(f"{FOLDER}/", message)])
    return _from_csv(folder, files, mistakes)


def _from_csv(
    folder: Path, files: Sequence[str], mistakes: list[Mistake]
) -> dict[str, list[SheetRow]]:
    known = {f"{sheet.name}.csv" for sheet in SHEETS}
    for name in sorted(set(files) - known):
        mistakes.append(Mistake(f"{FOLDER}/{name}", f"is none of {', '.join(sorted(known))}"))
    lines: dict[str, list[tuple[int, list[str]]]] = {}
    unreadable: list[Mistake] = []
    for sheet in SHEETS:
        place = f"{FOLDER}/{sheet.name}.csv"
        if f"{sheet.name}.csv" in files:
            try:
                text = _csv_text(folder / f"{sheet.name}.csv", sheet)
            except UnreadableCsvError as error:
                where = f"{place}:{error.line}" if error.line else place
                unreadable.append(Mistake(where, str(error)))
                continue
            lines[sheet.name] = list(_csv_lines(text))
            unreadable += [Mistake(f"{place}:{run.first}", run.reason) for run in text.refused]
        elif sheet.needed:
            mistakes.append(Mistake(place, "is missing; a header alone will do if it has no rows"))
    if unreadable:  # what the other sheets say of the rows in there would be no mistake of theirs
        raise Mistakes(unreadable)
    return {
        sheet.name: _rows(
            sheet, f"{FOLDER}/{sheet.name}.csv", iter(lines[sheet.name]), False, mistakes
        )
        for sheet in SHEETS
        if sheet.name in lines
    }


def _csv_text(path: Path, sheet: RegistrySheet) -> CsvText:
    """A sheet's file, every byte of it read."""
    try:
        text = read_csv(read_written(path, SHEET_MIB), sheet.columns)
    except OSError as error:
        raise UnreadableCsvError(f"cannot be read: {error.strerror}") from error
    except TooLargeError as error:
        raise UnreadableCsvError(str(error)) from error
    if line := text.broken_line():
        raise UnreadableCsvError(f"{NO_LETTERS}; {SAVE}", line)
    return text


def _csv_lines(text: CsvText) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers, without blank ones and those that begin with #."""
    for number, cells in text.rows():
        if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
            yield number, cells


def _from_workbook(path: Path, mistakes: list[Mistake]) -> dict[str, list[SheetRow]]:
    from metering.registry import (
        workbook as registry_workbook,  # what reads workbooks is slow to load
    )

    place = f"{FOLDER}/{WORKBOOK}"
    workbook = registry_workbook.load(path, place)
    known = {sheet.name for sheet in SHEETS}
    for name in workbook.sheetnames:
        if name not in known:
            mistakes.append(Mistake(f"{place} {name}", f"is none of {', '.join(sorted(known))}"))
    by_sheet: dict[str, list[SheetRow]] = {}
    for sheet in SHEETS:
        if sheet.name in workbook.sheetnames:
            lines = registry_workbook.lines(workbook[sheet.name], f"{place} {sheet.name}", mistakes)
            by_sheet[sheet.name] = _rows(sheet, place, lines, True, mistakes)
        elif sheet.needed:
            message = "is missing; a header alone will do if it has no rows"
            mistakes.append(Mistake(f"{place} {sheet.name}", message))
    return by_sheet


def _rows(
    sheet: RegistrySheet,
    file: str,
    lines: Iterator[tuple[int, list[str]]],
    workbook: bool,
    mistakes: list[Mistake],
) -> list[SheetRow]:
    """The rows under a header that has every needed column once and no unknown one."""
    number, names = next(lines, (1, []))
    header = SheetRow(file, sheet.name, number, {"": ""} if workbook else {}, {})
    columns = [tidy(name) for name in names]
    before = len(mistakes)
    for name in sheet.columns:
        if name not in columns:
            mistakes.append(Mistake(header.place(), f"has no column {name}"))
    for name in dict.fromkeys(columns):
        if name not in (*sheet.columns, *sheet.optional):
            mistakes.append(Mistake(header.place(), f"has an unknown column {name!r}"))
        elif columns.count(name) > 1:
            mistakes.append(Mistake(header.place(), f"has the column {name} twice"))
    if len(mistakes) > before:
        return []
    letters = {name: _letter(n) for n, name in enumerate(columns)} if workbook else {}
    rows = []
    for number, cells in lines:
        row = SheetRow(file, sheet.name, number, letters, _cells(sheet, columns, cells))
        if len(cells) > len(columns) or (len(cells) < len(columns) and not workbook):
            message = f"has {len(cells)} cells under {len(columns)} columns"
            mistakes.append(Mistake(row.place(), message))
            continue
        flaws = [(name, problem) for name, text in row.cells.items() if (problem := flaw(text))]
        mistakes += [Mistake(row.place(name), problem) for name, problem in flaws]
        rows.append(row)
    return rows


def _cells(sheet: RegistrySheet, columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    blank = dict.fromkeys((*sheet.columns, *sheet.optional), "")
    return blank | {name: tidy(cell) for name, cell in zip(columns, cells, strict=False)}


def _letter(number: int) -> str:
    """What a spreadsheet calls a column: A, B ... Z, AA, counted from 0."""
    return (_letter(number // 26 - 1) if number > 25 else "") + chr(ord("A") + number % 26)
