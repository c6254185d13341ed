"""Strict reading of one row of a sheet: a value from every cell, or a mistake with its place."""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from metering.business_number import business_number_flaw, written_business_number
from metering.calendar import Calendar, read_date, read_month
from metering.errors import Mistake, TimeError
from metering.plain_text import MODEL
from metering.printed_letters import unprinted
from metering.registry.sheets import SheetRow

# Ids stand in paths, file names and documents: letters (Hangul too), digits and . _ - inside.
IDENTITY = re.compile(r"[0-9A-Za-z가-힣](?:[0-9A-Za-z가-힣._-]{0,62}[0-9A-Za-z가-힣])?")
WHOLE = re.compile(r"\d{1,18}", re.ASCII)
EXACT = re.compile(r"\d{1,18}(?:\.\d{1,9})?", re.ASCII)
BARE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NOBODY = date(1970, 1, 1)  # stands for a day that could not be read; the mistake stops the load
FIRST_YEAR, LAST_YEAR = 1900, 2100


class RowReader:
    """Reads the cells of one row; what cannot be read is kept as a mistake."""

    def __init__(self, row: SheetRow, mistakes: list[Mistake]) -> None:
        self.row = row
        self._mistakes = mistakes

    def wrong(self, column: str, message: str) -> None:
        """Keep a mistake at a column of the row."""
        self._mistakes.append(Mistake(self.row.place(column), message))

    def text(self, column: str, needed: bool = True) -> str:
        """The text of a cell."""
        text = self.row.cells[column]
        if needed and not text:
            self.wrong(column, "must not be empty")
        return text

    def printed(self, column: str, needed: bool = True) -> str:
        """The text of a cell that stands in documents."""
        text = self.text(column, needed)
        if problem := unprinted(text):
            self.wrong(column, problem)
        return text

    def identity(self, column: str, needed: bool = True) -> str:
        """An id that may stand in a file name."""
        text = self.text(column, needed)
        if text and not IDENTITY.fullmatch(text):
            self.wrong(column, f"{text!r} may have letters, digits and . _ - inside only")
        return text

    def model(self, column: str) -> str:
        """A model as it stands in the names of SKUs."""
        text = self.text(column)
        if text and not MODEL.fullmatch(text):
            self.wrong(
                column,
                f"{text!r} may have small letters, digits and . - inside only;"
                " what Slurm calls it is mapped by gres_models in site.toml",
            )
        return text

    def business_number(self, column: str) -> str:
        """A business registration number, written 000-00-00000."""
        text = self.text(column)
        if not text:
            return text
        if flaw := business_number_flaw(text):
            self.wrong(column, f"{text!r} is no business number: {flaw}")
            return text
        return written_business_number(text)

    def choice(
        self,
        column: str,
        choices: Collection[str],
        needed: bool = True,
        also: re.Pattern[str] | None = None,
    ) -> str:
        """One of some words, or another one of a form."""
        text = self.text(column, needed)
        if text and text not in choices and not (also and also.fullmatch(text)):
            self.wrong(column, f"{text!r} is none of {', '.join(sorted(choices))}")
        return text

    def mark(self, column: str) -> bool | None:
        """Y, N or nothing."""
        return {"Y": True, "N": False}.get(self.choice(column, ("Y", "N"), needed=False))

    def month(self, column: str) -> str:
        """A month, written 2025-10."""
        text = self.text(column)
        if not text:
            return text
        try:
            return read_month(text)
        except TimeError as error:
            self.wrong(column, str(error))
            return text

    def day(self, column: str) -> date:
        """A day that has to be there."""
        if not self.text(column):
            return NOBODY
        return self.day_or_none(column) or NOBODY

    def day_or_none(self, column: str) -> date | None:
        """A day, or None for an empty cell."""
        text = self.text(column, needed=False)
        if not text:
            return None
        try:
            day = read_date(text)
        except TimeError as error:
            self.wrong(column, str(error))
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.wrong(column, f"{text} is not between {FIRST_YEAR} and {LAST_YEAR}")
        return day

    def instant_or_none(self, column: str, calendar: Calendar) -> int | None:
        """An instant in ms, or None for an empty cell; without an offset it is the site's clock."""
        text = self.text(column, needed=False)
        if not text:
            return None
        try:
            if BARE_DAY.fullmatch(text):
                return calendar.day(read_date(text)).start_ms
            return calendar.instant(text, naive="site")
        except TimeError as error:
            self.wrong(column, str(error))
            return None

    def whole(self, column: str, least: int, most: int) -> int | None:
        """A whole number within limits, or None for an empty cell."""
        text = self.text(column, needed=False)
        if not text:
            return None
        if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
            self.wrong(column, f"{text!r} is no whole number from {least} to {most}, digits only")
            return None
        return int(text)

    def exact(self, column: str) -> Decimal | None:
        """A decimal number exactly as written, or None for an empty cell."""
        text = self.text(column, needed=False)
        if not text:
            return None
        if not EXACT.fullmatch(text):
            self.wrong(column, f"{text!r} is no number like 520 or 520.5, digits only")
            return None
        return Decimal(text)
