"""The bank's list of transactions, read strictly: what came in, and every mistake at once."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.document import digest_of, sha256_hex
from metering.calendar import read_date
from metering.errors import Mistake, Mistakes, TimeError
from metering.plain_text import flaw, tidy
from metering.settings.bank_layout import BankLayout

ID_LETTERS = 16  # of a digest; a payment is named by it
WHOLE = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)
DIGITS_MAX = 15  # won; more is no payment
MOMENT = re.compile(
    r"(\d{4})([-./]?)(\d{2})\2(\d{2})(?:[ T]\s*(\d{2}):?(\d{2})(?::?(\d{2}))?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in: a line of the bank's list. The id follows from what the bank says."""

    payment_id: str
    account: str
    paid_on: date
    paid_at: str  # 14:03:22, or '' where the bank gives a day only
    payer: str
    memo: str
    amount_krw: int
    line: int


@dataclass(frozen=True, slots=True)
class BankFile:
    """A list as read: its payments, and how many of its lines are no money that came in."""

    name: str
    digest: str
    account: str
    payments: tuple[Payment, ...]
    left_out: int


def read_bank_file(name: str, content: bytes, layout: BankLayout) -> BankFile:
    """The payments of a list; Mistakes names every line that cannot be read. What is equal in all
    that the bank says is told apart by its place among its equals, so that a list that overlaps
    with another gives the same ids."""
    mistakes: list[Mistake] = []
    lines = _lines(name, content, mistakes)
    columns, rows = _table(name, lines, layout, mistakes)
    payments: list[Payment] = []
    equal: Counter[str] = Counter()
    left_out = 0
    for number, cells in rows:
        row = _Row(f"{name}:{number}", columns, cells, mistakes)
        amount_krw = row.won("amount")
        withdrawn_krw = row.won("withdrawn")
        if amount_krw and withdrawn_krw:
            row.wrong("amount", "money comes in and goes out on one line")
        if not amount_krw:
            left_out += 1
            continue
        day, clock = row.moment()
        payer, memo, balance = row.text("payer"), row.text("memo"), row.text("balance")
        said = digest_of([layout.account, day, clock, payer, memo, amount_krw, balance])
        equal[said] += 1
        identity = digest_of([said, equal[said]])[:ID_LETTERS]
        payments.append(
            Payment(identity, layout.account, day, clock, payer, memo, amount_krw, number)
        )
    if mistakes:
        raise Mistakes(mistakes)
    return BankFile(name, sha256_hex(content), layout.account, tuple(payments), left_out)


def _lines(name: str, content: bytes, mistakes: list[Mistake]) -> list[tuple[int, list[str]]]:
    """The lines with anything on them, and their numbers. Banks write UTF-8 or CP949."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp949")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise Mistakes([Mistake(f"{name}:{line}", "is neither UTF-8 nor CP949")]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, number = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((number, [tidy(cell) for cell in cells]))
            number = reader.line_num + 1
    except csv.Error as error:
        mistakes.append(Mistake(f"{name}:{number}", f"is no CSV: {error}"))
    return lines


def _table(
    name: str,
    lines: Sequence[tuple[int, list[str]]],
    layout: BankLayout,
    mistakes: list[Mistake],
) -> tuple[Mapping[str, int], Iterator[tuple[int, list[str]]]]:
    """Where each column stands, and the lines below the headings; what a bank writes above them is
    passed over."""
    needed = [layout.headings[field] for field in layout.needed]
    at = next((at for at, (_, cells) in enumerate(lines) if set(needed) <= set(cells)), None)
    if at is None:
        missing = Mistake(
            name, f"no line has the headings {', '.join(needed)}; name the bank's own in [bank]"
            " columns of site.toml",
        )  # fmt: skip
        raise Mistakes([*mistakes, missing])
    number, heads = lines[at]
    for heading in sorted(set(layout.headings.values())):
        if heads.count(heading) > 1:
            mistakes.append(Mistake(f"{name}:{number}", f"the heading {heading} stands twice"))
    columns = {
        key: heads.index(heading) for key, heading in layout.headings.items() if heading in heads
    }
    width = len(heads)

    def rows() -> Iterator[tuple[int, list[str]]]:
        for line, cells in lines[at + 1 :]:
            if len(cells) < width or any(cells[width:]):
                text = f"has {len(cells)} cells, its headings are {width}"
                mistakes.append(Mistake(f"{name}:{line}", text))
            else:
                yield line, cells

    return columns, rows()


@dataclass(frozen=True, slots=True)
class _Row:
    """One line; what cannot be read is kept as a mistake."""

    place: str
    columns: Mapping[str, int]
    cells: Sequence[str]
    mistakes: list[Mistake]

    def wrong(self, key: str, message: str) -> None:
        self.mistakes.append(Mistake(f"{self.place} {key}", message))

    def text(self, key: str) -> str:
        cell = self.cells[self.columns[key]] if key in self.columns else ""
        if problem := flaw(cell):
            self.wrong(key, problem)
        return cell

    def won(self, key: str) -> int:
        text = self.text(key)
        if text in ("", "-"):
            return 0
        if not WHOLE.fullmatch(text) or len(text.replace(",", "")) > DIGITS_MAX:
            self.wrong(key, f"{text!r} is no amount in won like 1,234,000")
            return 0
        return int(text.replace(",", ""))

    def moment(self) -> tuple[date, str]:
        """The day, and the time of day where there is one."""
        text = self.text("paid")
        parts = MOMENT.fullmatch(text)
        try:
            if parts is None:
                raise TimeError(f"{text!r} is no day: write it like 2025-11-20 14:03:22")
            day = read_date(f"{parts[1]}-{parts[3]}-{parts[4]}")
            hour, minute, second = parts[5], parts[6], parts[7] or "00"
            if hour and (int(hour) > 23 or int(minute) > 59 or int(second) > 59):
                raise TimeError(f"{text!r} is no time of day")
        except TimeError as error:
            self.wrong("paid", str(error))
            return date.min, ""
        return day, f"{hour}:{minute}:{second}" if hour else ""
