"""A table as a terminal shows it: no figure is folded; what is spared goes where it is narrow."""

import unicodedata
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from metering.plain_text import REFUSED

Cell = str | int | None | Mapping[str, int]  # counts by word
WORD_MAX = 24  # a text up to here stays in one line; a longer one may be folded
GAP = 3  # a blank, the divider and a blank


def visible(text: str) -> str:
    """A text whose control characters are seen and not obeyed; lines stay lines."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(letter) in REFUSED and letter != "\n"
        else letter
        for letter in text
    )


def cell_text(cell: Cell) -> str:
    """A cell as a person reads it; '-' where there is nothing."""
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, Mapping):
        cell = ", ".join(f"{word} {count:,}" for word, count in cell.items())
    return visible(cell or "-")


def fitting(widths: Sequence[int], spare: Sequence[int], width: int) -> list[int]:
    """The columns that are shown: all of them, or without those of `spare` that have no room, the
    first of it left out first. `widths` are the least that each column can do with."""
    shown = list(range(len(widths)))
    for column in spare:
        if sum(widths[at] for at in shown) + GAP * (len(shown) - 1) <= width:
            break
        shown.remove(column)
    return shown


def terminal_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    spare: Sequence[int],
    width: int,
    right: Sequence[int] = (),
) -> tuple[Table, list[str]]:
    """The table, and the headings of the columns that had no room. Whole numbers and the columns
    of `right` stand to the right; they and short texts stay in one line."""
    cells = [[cell_text(cell) for cell in row] for row in rows]
    numeric = [
        at in right or any(isinstance(row[at], int) for row in rows) for at in range(len(headings))
    ]
    natural = [
        max(cell_len(line) for text in (heading, *(row[at] for row in cells))
            for line in text.split("\n"))
        for at, heading in enumerate(headings)
    ]  # fmt: skip
    whole = [numeric[at] or natural[at] <= WORD_MAX for at in range(len(headings))]
    least = [natural[at] if whole[at] else WORD_MAX for at in range(len(headings))]
    shown = fitting(least, spare, width)
    table = Table(
        title=Text(title), title_justify="left", title_style="bold", header_style="bold",
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1),
    )  # fmt: skip
    for at in shown:
        table.add_column(
            Text(headings[at]),
            justify="right" if numeric[at] else "left",
            overflow="fold",
            no_wrap=whole[at],
            min_width=least[at],
        )
    for row in cells:
        table.add_row(*(Text(row[at]) for at in shown))
    return table, [headings[at] for at in range(len(headings)) if at not in shown]
