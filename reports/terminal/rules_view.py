"""What the rule book says on a day, as a person reads it: where it lies, prices, who says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from billing.rulebook.dated import Dated, NoValueError, Origin
from billing.rulebook.price import Price
from billing.rulebook.rule_book import RuleBook
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import origin_text
from reports.wording.numbers_and_dates import price, price_unit_label

UNKNOWN: Final = "모름"
TAX_CLASSES: Final = {"taxable": "과세", "exempt": "면세"}


def where_text(directory: Path | None) -> str:
    """Where a rule book lies; None: it came with the program."""
    return "프로그램에 든 규칙 (packaged)" if directory is None else str(directory)


def rules_head(screen: Screen, book: RuleBook, day: date, directory: Path | None) -> None:
    """Which day and which rule book is meant."""
    if screen.as_json:
        screen.fact("day", day)
        screen.fact("rules", directory)
        screen.fact("rules_digest", book.digest)
    else:
        screen.say(f"{day}에 시행 중인 규칙  {where_text(directory)}  {book.digest[:12]}\n")


@dataclass(slots=True)
class SourceNotes:
    """Who says so, once each and by number, since many values have the same source."""

    texts: list[str] = field(default_factory=list)
    assumed: dict[str, int] = field(default_factory=dict)  # the first note with the assumption
    numbers: dict[tuple[Origin, date | None] | str, int] = field(default_factory=dict)

    def mark(self, origin: Origin, start: date | None = None) -> str:
        """가정 1: what kind of source it is, and the number of its note. The note says `start`
        where no column does."""
        word = _source_word(origin)
        return f"{word} {self.number(origin, start)}" if word else "-"

    def number(self, origin: Origin, start: date | None = None) -> int:
        """The number of the note of a source. An assumption that many values rest on, each with
        its own derivation, is written out in the first of them."""
        if (origin, start) not in self.numbers:
            said, first = origin, self.assumed.get(origin.assumed)
            if first and origin.derived:
                said = replace(origin, assumed=f"{first}번과 같음")
            self.numbers[origin, start] = self._added(_note_text(said, start))
            if origin.assumed:
                self.assumed.setdefault(origin.assumed, len(self.texts))
        return self.numbers[origin, start]

    def missing(self, dated: Dated[Any], day: date) -> int:
        """The number of the note that says why there is no value on a day."""
        text = _missing_text(dated, day)
        if text not in self.numbers:
            self.numbers[text] = self._added(text)
        return self.numbers[text]

    def _added(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts)

    def show(self, screen: Screen) -> None:
        """The notes as a table below those that have their numbers."""
        rows: list[tuple[Cell, ...]] = [(str(at), text) for at, text in enumerate(self.texts, 1)]
        if rows:
            columns = (("number", "번호"), ("text", "출처, 가정 또는 유도한 까닭"))
            screen.table("notes", "근거", columns, rows)


def _source_word(origin: Origin) -> str:
    kinds = (("출처", origin.title), ("가정", origin.assumed), ("유도", origin.derived))
    return next((word for word, text in kinds if text), "")


def _note_text(origin: Origin, start: date | None) -> str:
    since = f"{start}부터 · " if start else ""
    words = since + origin_text(replace(origin, href=""))
    return f"{words}\n{origin.href}" if origin.href else words


def _missing_text(dated: Dated[Any], day: date) -> str:
    earlier = [step.start for step in dated.steps if step.start <= day]
    if earlier:
        return f"값이 {earlier[-1] - timedelta(days=1)}까지만 있음"
    return f"값이 {dated.steps[0].start}부터 있음"


def origin_document(origin: Origin) -> dict[str, object]:
    """Who says so, for a program; null is what nobody says."""
    return {
        "reference": origin.title or None,
        "href": origin.href or None,
        "announced": origin.announced,
        "assumed": origin.assumed or None,
        "derived": origin.derived or None,
    }


def show_prices(screen: Screen, book: RuleBook, day: date, directory: Path | None) -> None:
    """Every price and market price of a day, with its first day and who says so. Where there is
    none on that day it says that it is unknown and why, and never 0."""
    rules_head(screen, book, day, directory)
    prices = [book.prices[sku] for sku in sorted(book.prices)]
    if screen.as_json:
        screen.fact("prices", [_price_document(each, day) for each in prices])
        market = sorted(book.market.items())
        screen.fact("market", [{"sku": sku, "krw": _document(krw, day)} for sku, krw in market])
        return
    notes = SourceNotes()
    rows = [_price_row(each, day, notes) for each in prices]
    columns = (
        ("sku", "자원"), ("title", "이름"), ("krw", "정가"), ("unit", "단위"), ("start", "부터"),
        ("origin", "근거"), ("tax_class", "세금"),
    )  # fmt: skip
    title = "정가 (단위: 원, 부가세 별도)"
    screen.table("prices", title, columns, rows, spare=("title",), right=("krw",))
    _show_market(screen, book.market, day, notes)
    notes.show(screen)


def _show_market(
    screen: Screen, market: Mapping[str, Dated[Decimal]], day: date, notes: SourceNotes
) -> None:
    rows = [(sku, *_amount_cells(krw, day, notes)) for sku, krw in sorted(market.items())]
    if rows:
        columns = (("sku", "자원"), ("krw", "시장 가격"), ("start", "부터"), ("origin", "근거"))
        screen.table("market", "시장 가격 (단위: 원)", columns, rows, right=("krw",))


def _price_row(each: Price, day: date, notes: SourceNotes) -> tuple[Cell, ...]:
    amount, start, mark = _amount_cells(each.krw, day, notes)
    try:
        tax = each.tax_class.step(day)
        number = notes.number(tax.origin, tax.start)
        tax_text = f"{TAX_CLASSES[each.tax_class.on(day)]} {number}"
    except NoValueError:
        tax_text = f"{UNKNOWN} {notes.missing(each.tax_class, day)}"
    return (each.sku, each.title, amount, price_unit_label(each.unit), start, mark, tax_text)


def _amount_cells(krw: Dated[Decimal], day: date, notes: SourceNotes) -> tuple[str, str, str]:
    """The amount, its first day and the mark of its note."""
    try:
        step = krw.step(day)
    except NoValueError:
        return UNKNOWN, "-", str(notes.missing(krw, day))
    return price(krw.on(day)), str(step.start), notes.mark(step.origin)


def _price_document(each: Price, day: date) -> dict[str, object]:
    return {
        "sku": each.sku,
        "title": each.title,
        "unit": each.unit,
        "basis": each.basis,
        "file": each.file,
        "krw": _document(each.krw, day),
        "tax_class": _document(each.tax_class, day),
    }


def _document(dated: Dated[Any], day: date) -> dict[str, object]:
    """A value of a day as its file writes it, its first day and who says so; null and why where
    there is none."""
    try:
        step = dated.step(day)
    except NoValueError as error:
        return {"value": None, "unknown": str(error)}
    return {"value": str(step.value), "start": step.start, **origin_document(step.origin)}
