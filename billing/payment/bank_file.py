"""The bank's list of transactions: what came in, and which of its lines a person has to see."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from billing.document import digest_of, sha256_hex
from metering.csv_text import NO_LETTERS, SAVE, CsvText, UnreadableCsvError, is_broken, read_csv
from metering.errors import Mistake, Mistakes, TimeError
from metering.plain_text import flaw, tidy
from metering.settings.bank_layout import BankLayout, without_blanks
from metering.written_time import read_written_time

ID_LETTERS = 16  # of a digest; a payment is named by it
WHOLE = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)
DIGITS_MAX = 15  # won; more is no payment
TEXT_MAX = 200  # characters of a line that are shown
SECONDS = re.compile(r":\d{2}:\d{2}|초|(?<!\d)\d{6}(?!\d)")  # in a time that says its second
LineKind = Literal["reversal", "odd", "doubtful"]


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in, or that the bank took back: a line of its list.

    The id is a name, which the first list gave it; what tells whether two lines are one is
    `known_rows`, which asks what both of them say. says: memo and second, where the line has them;
    None for a payment that was kept before lists were asked.
    """

    payment_id: str
    account: str
    paid_on: date
    paid_at: str  # 14:03:22, or '' where the bank gives a day only
    payer: str
    memo: str
    amount_krw: int
    line: int
    balance: str = ""  # as the bank writes it; '' where it does not say
    says: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class UntakenLine:
    """A line that is not taken in and that a person has to see: money that the bank takes back,
    what cannot be read, or what may be a payment that is kept already.

    moved is the line as it was read, with the won that it moves; None where it cannot be read.
    """

    line: int
    kind: LineKind
    reason: str
    text: str
    moved: Payment | None = None


@dataclass(frozen=True, slots=True)
class BankFile:
    """A list as read: its payments, how many of its lines are no money that came in, and those that
    a person has to see."""

    name: str
    digest: str
    account: str
    payments: tuple[Payment, ...]
    left_out: int
    untaken: tuple[UntakenLine, ...] = ()


def read_bank_file(name: str, content: bytes, layout: BankLayout) -> BankFile:
    """The payments of a list. A line that takes money back or cannot be read is kept aside, and the
    rest is read; Mistakes where none of it can be.

    What is equal in all that the bank says is told apart by its place among its equals.
    """
    text = _text(name, content, layout)
    columns, rows, untaken = _table(name, text, layout)
    payments: list[Payment] = []
    equal: Counter[str] = Counter()
    left_out = 0
    for number, cells in rows:
        row = _Row(columns, cells)
        try:
            amount_krw = _came_in(row, layout)
            if not amount_krw:
                left_out += 1
                continue
            payments.append(_payment(number, row, layout, amount_krw, equal))
        except _UntakenError as error:
            moved = _moved(number, row, layout) if error.kind == "reversal" else None
            kind: LineKind = "odd" if moved is None else error.kind
            untaken.append(UntakenLine(number, kind, str(error), _shown(cells), moved))
    lines = tuple(sorted(untaken, key=lambda line: line.line))
    return BankFile(name, sha256_hex(content), layout.account, tuple(payments), left_out, lines)


def payment_id(said: Payment, place: int) -> str:
    """The name of a payment that is the so manieth of those that say the same."""
    return digest_of([_said(said), place])[:ID_LETTERS]


def _said(row: Payment) -> str:
    words = (row.account, row.paid_on, row.paid_at, row.payer, row.memo, row.amount_krw)
    return digest_of([*words, row.balance])


def _payment(
    number: int, row: "_Row", layout: BankLayout, amount_krw: int, equal: Counter[str]
) -> Payment:
    day, clock, to_second = row.moment()
    says = [word for word, said in (("memo", "memo" in row.columns), ("second", to_second)) if said]
    said = Payment(
        "", layout.account, day, clock, row.text("payer"), row.text("memo"), amount_krw, number,
        row.text("balance"), tuple(says),
    )  # fmt: skip
    same = _said(said)
    equal[same] += 1
    return replace(said, payment_id=payment_id(said, equal[same]))


def _moved(number: int, row: "_Row", layout: BankLayout) -> Payment | None:
    """A reversal with the won that it takes back; None where its day or payer cannot be read."""
    krw = abs(row.won("amount") or row.won("withdrawn"))
    try:
        return _payment(number, row, layout, krw, Counter())
    except _UntakenError:
        return None


def _text(name: str, content: bytes, layout: BankLayout) -> CsvText:
    try:
        return read_csv(content, [layout.headings[key] for key in layout.needed], anywhere=True)
    except UnreadableCsvError as error:
        place = f"{name}:{error.line}" if error.line else name
        raise Mistakes([Mistake(place, str(error))]) from error


def _table(
    name: str, text: CsvText, layout: BankLayout
) -> tuple[Mapping[str, int], Sequence[tuple[int, list[str]]], list[UntakenLine]]:
    """Where each column stands, the lines below the headings, and those of them that are none; what
    a bank writes above the headings is passed over."""
    lines = [
        (number, [tidy(cell) for cell in cells])
        for number, cells in text.rows()
        if any(cell.strip() for cell in cells)
    ]
    needed = [layout.headings[field] for field in layout.needed]
    at = next((at for at, (_, cells) in enumerate(lines) if set(needed) <= set(cells)), None)
    if at is None:
        broken = text.broken_line()
        message = (
            f"no line has the headings {', '.join(needed)}; name the bank's own in [bank]"
            " columns of site.toml"
        )
        where = name if broken is None else f"{name}:{broken}"
        raise Mistakes([Mistake(where, message if broken is None else f"{NO_LETTERS}; {SAVE}")])
    head, heads = lines[at]
    mistakes = [
        Mistake(f"{name}:{head}", f"the heading {heading} stands twice")
        for heading in sorted(set(layout.headings.values()))
        if heads.count(heading) > 1
    ]
    if mistakes:
        raise Mistakes(mistakes)
    columns = {
        key: heads.index(heading) for key, heading in layout.headings.items() if heading in heads
    }
    rows, untaken = [], []
    for line, cells in lines[at + 1 :]:
        if reason := _misfit(cells, len(heads)):
            untaken.append(UntakenLine(line, "odd", reason, _shown(cells)))
        else:
            rows.append((line, cells))
    untaken += [
        UntakenLine(line, "odd", reason, _shown([row]))
        for line, reason, row in text.refused_lines()
        if line > head
    ]
    return columns, rows, untaken


def _misfit(cells: Sequence[str], width: int) -> str | None:
    """Why a line is no row under so many headings."""
    if len(cells) < width or any(cells[width:]):
        return f"has {len(cells)} cells, its headings are {width}"
    return NO_LETTERS if any(map(is_broken, cells)) else None


def _shown(cells: Sequence[str]) -> str:
    text = " ".join(cell for cell in cells if cell)[:TEXT_MAX]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class _UntakenError(Exception):
    """A line is not taken in; the message says why."""

    def __init__(self, reason: str, kind: Literal["reversal", "odd"] = "odd") -> None:
        super().__init__(reason)
        self.kind = kind


def _came_in(row: "_Row", layout: BankLayout) -> int:
    """The won that came in by a line, 0 where it is of other money."""
    amount_krw, withdrawn_krw = row.won("amount"), row.won("withdrawn")
    memo = row.text("memo")
    moved = amount_krw or withdrawn_krw
    if amount_krw < 0 or (moved and without_blanks(memo) in layout.reversals):
        raise _UntakenError(f"takes back {abs(moved):,} won", "reversal")
    if withdrawn_krw < 0:
        raise _UntakenError(f"withdrawn: {withdrawn_krw:,} is no amount that went out")
    if amount_krw and withdrawn_krw:
        raise _UntakenError("amount: money comes in and goes out on one line")
    return amount_krw


@dataclass(frozen=True, slots=True)
class _Row:
    """One line; what cannot be read of it raises."""

    columns: Mapping[str, int]
    cells: Sequence[str]

    def text(self, key: str) -> str:
        cell = self.cells[self.columns[key]] if key in self.columns else ""
        if problem := flaw(cell):
            raise _UntakenError(f"{key}: {problem}")
        return cell

    def won(self, key: str) -> int:
        text = self.text(key)
        if text in ("", "-"):
            return 0
        digits = text.replace(",", "")
        if not WHOLE.fullmatch(text) or len(digits.removeprefix("-")) > DIGITS_MAX:
            raise _UntakenError(f"{key}: {text!r} is no amount in won like 1,234,000")
        return int(digits)

    def moment(self) -> tuple[date, str, bool]:
        """The day, the time of day where there is one, and whether it says its second."""
        text = self.text("paid")
        try:
            written = read_written_time(text)
        except TimeError as error:
            raise _UntakenError(f"paid: {error}") from error
        if written.offset_ms is not None:
            raise _UntakenError(f"paid: {text!r} has an offset; a bank's day is the site's")
        if written.clock_ms is None:
            return written.day, "", False
        seconds = written.clock_ms // 1000
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return written.day, clock, bool(SECONDS.search(text))
