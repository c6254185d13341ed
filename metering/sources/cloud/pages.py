"""Lists that come page by page: all of their rows, also where the list moves while it is read."""

from collections import Counter
from collections.abc import Callable

from metering.errors import SourceError
from metering.sources.reading.json_text import written

ROWS_MAX, PAGES_MAX = 5_000_000, 5000  # of one list; assumed, beyond any day of a cloud
TRIES = 4  # readings of a list that moves, before it is given up
# Gives the rows of a page, counted from 1, and how many the list has in all.
Page = Callable[[int], tuple[list[object], int]]


def whole_list(page: Page, what: str) -> list[object]:
    """All rows of a list; SourceError, which begins with `what`, where it does not come to rest.

    Pages are cut from a list that may change meanwhile: where one row goes and another comes, their
    number stays and a row slips between two pages. So a list of several pages is read until two
    readings in a row are equal; a single page is of one moment.
    """
    before: Counter[str] | None = None
    for _ in range(TRIES):
        try:
            rows, totals, pages = _read(page)
        except SourceError as error:
            raise SourceError(f"{what}: {error}") from error
        whole = totals == {len(rows)}
        if whole and pages == 1:
            return rows
        known = _counted(rows) if whole else None
        if known is not None and known == before:
            return rows
        before = known
    raise SourceError(
        f"{what}: {len(rows)} rows came of {sorted(totals)}, other ones each time;"
        " collect again when it rests"
    )


def _read(page: Page) -> tuple[list[object], set[int], int]:
    """One reading: its rows, every number of rows in all that a page told, and how many pages."""
    rows: list[object] = []
    totals: set[int] = set()
    number = 0
    while True:
        number += 1
        own, total = page(number)
        rows += own
        totals.add(total)
        if not own or len(rows) >= total:
            return rows, totals, number
        if number >= PAGES_MAX or total > ROWS_MAX:
            raise SourceError(
                f"{number} pages have {len(rows)} of {total} rows; no list is of more than"
                f" {ROWS_MAX:,} rows or {PAGES_MAX:,} pages"
            )


def _counted(rows: list[object]) -> Counter[str]:
    return Counter(map(written, rows))
