"""Owns which documents a correction makes, so that each chain of documents sums to the truth."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from billing.ledger.amendments import Amendment, Key, Stage, Step
from billing.records import Invoice, InvoiceLine, ProgrammePart, TaxClass
from billing.rulebook.amendment_reasons import NOT_TO_BE_MADE, Reason
from metering.calendar import month_last_day

KINDS: tuple[Literal["tax", "statement"], ...] = ("tax", "statement")
NOTHING = (0, 0, 0)
OWN = "new:"  # before the place, in its adjustment, of a document that has no number yet


@dataclass(frozen=True, slots=True)
class AdjustmentDate:
    """The number of an adjustment, and the day on which it is approved and issued."""

    adjustment: int
    on: date
    due_on: date  # of what is still to be paid
    keeps_due: bool = False  # whether what is not corrected is due when it was (SETTLEMENT 34)


def amend(
    chains: Mapping[Key, Sequence[Amendment]], stages: Iterable[Stage], dated: AdjustmentDate
) -> tuple[Amendment, ...]:
    """The documents of the stages without numbers, in the order in which numbers are given. What
    points at one of them names its place (`numbered` puts the number there)."""
    amendments: dict[Key, list[Amendment]] = defaultdict(list)
    for stage in stages:
        keys = {*stage.invoices} | {key for key in chains if key[0] == stage.company_id}
        keys |= {key for key in amendments if key[0] == stage.company_id}
        for key in sorted(keys):
            for kind in KINDS:
                so_far = [*chains.get(key, ()), *amendments[key]]
                target = stage.invoices.get(key)
                of_kind = [amendment for amendment in so_far if amendment.invoice.kind == kind]
                wanted = target if target is not None and target.kind == kind else None
                amendments[key] += _documents(of_kind, wanted, stage, dated, amendments[key])
    listed = [amendment for key in sorted(amendments) for amendment in amendments[key]]
    places = {id(amendment): f"{OWN}{at}" for at, amendment in enumerate(listed)}
    return tuple(_placed(amendment, amendments[amendment.key], places) for amendment in listed)


def _placed(
    amendment: Amendment, amendments: Sequence[Amendment], places: Mapping[int, str]
) -> Amendment:
    """Names by their place among all what was named by its place in a chain."""
    if amendment.amends is None or not amendment.amends.startswith(OWN):
        return amendment
    return replace(
        amendment, amends=places[id(amendments[int(amendment.amends.removeprefix(OWN))])]
    )


def numbered(unnumbered: Sequence[Amendment], invoices: Sequence[Invoice]) -> tuple[Amendment, ...]:
    """The amendments with their numbered invoices, in the same order, pointing at numbers only."""
    amendments = []
    for amendment, invoice in zip(unnumbered, invoices, strict=True):
        amends = amendment.amends
        if amends is not None and amends.startswith(OWN):
            amends = invoices[int(amends.removeprefix(OWN))].number
        amendments.append(replace(amendment, invoice=invoice, amends=amends))
    return tuple(amendments)


def _documents(
    chain: Sequence[Amendment],
    wanted: Invoice | None,
    stage: Stage,
    dated: AdjustmentDate,
    amendments: Sequence[Amendment],
) -> list[Amendment]:
    """What takes a chain of one kind from what its documents sum to, to what is wanted."""
    issued = [document.invoice for document in chain]
    rest = less(wanted, issued)
    standing = _standing(chain, amendments)
    live = next((document for document in reversed(standing) if _whole(document, chain)), None)
    if live is None:
        step: Step = "new" if wanted is not None else "difference"
        return [_made(rest, step, None, stage, dated, amendments)] if rest else []
    wrong = any(_printed_wrong(stage, document.invoice, wanted) for document in standing)
    if not rest and not wrong:
        return []
    stage = replace(stage, reason=_reason(stage, wanted, live.invoice))
    if stage.reason.documents == "difference" and rest and not wrong:
        return [_made(rest, "difference", live, stage, dated, amendments)]
    return _anew(chain, standing, live, wanted, stage, dated, amendments)


def _reason(stage: Stage, wanted: Invoice | None, live: Invoice) -> Reason:
    """The reason of a stage for one chain. What takes back the whole is another reason where
    something is left of it (SETTLEMENT 32), and so is a pair without a right one where all of it is
    of the other tax class: the document should not have been made."""
    reason = stage.reason
    if wanted is not None:
        return stage.reasons.get(reason.partly, reason)
    if reason.documents == "pair":
        other: TaxClass = "exempt" if live.tax_class == "taxable" else "taxable"
        instead = stage.invoices.get((live.company_id, other, live.month))
        lines = {(line.project_id, line.sku) for line in instead.lines} if instead else set()
        if instead and lines >= {(line.project_id, line.sku) for line in live.lines}:
            return stage.reasons.get(NOT_TO_BE_MADE, reason)
    return reason


def _anew(
    chain: Sequence[Amendment],
    standing: Sequence[Amendment],
    live: Amendment,
    wanted: Invoice | None,
    stage: Stage,
    dated: AdjustmentDate,
    amendments: Sequence[Amendment],
) -> list[Amendment]:
    """Every document that stands taken back by its own number, the newest first, and the right one
    of the whole, if anything is right: its lines multiply (SETTLEMENT 33)."""
    documents: list[Amendment] = []
    for taken in reversed(standing):
        if negative := less(None, [taken.invoice]):
            documents.append(_made(negative, "negative", taken, stage, dated, amendments))
    invoices = [document.invoice for document in (*chain, *documents)]
    right = less(wanted, invoices) if wanted is not None else None
    if right:
        whole, was = _made(right, "right", live, stage, dated, amendments), live.invoice
        if dated.keeps_due and was.due_on and 0 < right.payable_krw <= was.payable_krw:
            whole = replace(whole, invoice=replace(whole.invoice, due_on=was.due_on))
        documents.append(whole)
    return documents


def _printed_wrong(stage: Stage, standing: Invoice, wanted: Invoice | None) -> bool:
    """Whether a document is corrected for what it says of its parties."""
    if wanted is None or "printed" not in stage.causes:
        return False
    return (standing.company, standing.issuer) != (wanted.company, wanted.issuer)


def _standing(chain: Sequence[Amendment], amendments: Sequence[Amendment]) -> list[Amendment]:
    """The documents that nothing has taken back."""
    gone = {document.amends for document in chain if document.step == "negative"}
    kept = (document for document in chain if document.step != "negative")
    return [document for document in kept if _name(document, amendments) not in gone]


def _name(document: Amendment, amendments: Sequence[Amendment]) -> str | None:
    """What a document is pointed at by: its number, or its place among those without one."""
    own = next((at for at, amendment in enumerate(amendments) if amendment is document), None)
    return document.invoice.number if own is None else f"{OWN}{own}"


def _whole(document: Amendment, chain: Sequence[Amendment]) -> bool:
    """Whether a document says all that was due, and no difference (SETTLEMENT 27): the first one,
    or the right one in the place of such a one."""
    if document.step != "right":
        return document.step == "new"
    taken = [other for other in chain if other.invoice.number == document.amends]
    return not any(other.step == "difference" for other in taken)


def _made(
    amounts: Invoice,
    step: Step,
    live: Amendment | None,
    stage: Stage,
    dated: AdjustmentDate,
    amendments: Sequence[Amendment],
) -> Amendment:
    first = live.invoice.written_on if live else month_last_day(amounts.month)
    as_original = stage.reason.dated == "original" or live is None
    invoice = replace(
        amounts,
        number=None,
        issued_on=None,
        written_on=first if as_original else dated.on,
        due_on=dated.due_on if amounts.payable_krw > 0 else None,
    )
    amends = None
    if live is not None:
        amends = _name(live, amendments)
    has_reason = live is not None and _has_reason(live.invoice, amounts)
    return Amendment(
        invoice=invoice,
        step=step,
        reason=stage.reason.code if has_reason else None,
        amends=amends,
        original_written_on=first if live is not None else None,
        adjustment=dated.adjustment,
        causes=stage.causes,
    )


def _has_reason(live: Invoice, amounts: Invoice) -> bool:
    """Whether a document of the tax office is corrected: a tax invoice, or, of an exempt supply
    that anything is paid for, a 계산서. A mere statement is not one."""
    exempt = amounts.tax_class == "exempt" and (live.company_krw or amounts.company_krw)
    return amounts.kind == "tax" or bool(exempt)


LineKey = tuple[str, str]  # project, SKU
PartKey = tuple[str, str, bool]  # programme, VAT base, in kind


def less(wanted: Invoice | None, issued: Sequence[Invoice]) -> Invoice | None:
    """What is wanted less what was issued, line by line; None where no amount differs. VAT is what
    is due on the whole less what was issued of it (SETTLEMENT 19), so that a chain loses no won."""
    if wanted is None and not issued:
        return None
    form = wanted or issued[-1]
    of_line: dict[LineKey, list[tuple[int, InvoiceLine]]] = defaultdict(list)
    for sign, invoice in [(1, wanted), *((-1, invoice) for invoice in issued)]:
        for line in invoice.lines if invoice is not None else ():
            of_line[line.project_id, line.sku].append((sign, line))
    summed = [_line(of_line[key]) for key in sorted(of_line)]
    lines = tuple(
        line for line in summed if line.quantity or line.parts or _amounts(line) != NOTHING
    )
    vat_krw = (wanted.vat_krw if wanted else 0) - sum(invoice.vat_krw for invoice in issued)
    if vat_krw == 0 and all(_amounts(line) == NOTHING for line in lines):
        return None
    charge_krw = sum(line.charge_krw for line in lines)
    company_krw = sum(line.company_krw for line in lines)
    return replace(
        form,
        lines=lines,
        charge_krw=charge_krw,
        subsidy_krw=charge_krw - company_krw,
        company_krw=company_krw,
        taxable_krw=sum(line.taxable_krw for line in lines),
        vat_krw=vat_krw,
        payable_krw=company_krw + vat_krw,
    )


def _amounts(line: InvoiceLine) -> tuple[int, int, int]:
    return line.charge_krw, line.company_krw, line.taxable_krw


def _line(signed: Sequence[tuple[int, InvoiceLine]]) -> InvoiceLine:
    parts: dict[PartKey, int] = defaultdict(int)
    titles: dict[str, str] = {}
    for sign, line in signed:
        for part in line.parts:
            parts[part.programme, part.vat_base, part.in_kind] += sign * part.subsidy_krw
            titles.setdefault(part.programme, part.title)
    return replace(
        signed[0][1],
        quantity=sum(sign * line.quantity for sign, line in signed),
        charge_krw=sum(sign * line.charge_krw for sign, line in signed),
        parts=tuple(
            ProgrammePart(name, titles[name], krw, vat_base, in_kind)  # type: ignore[arg-type]
            for (name, vat_base, in_kind), krw in parts.items()
            if krw
        ),
        company_krw=sum(sign * line.company_krw for sign, line in signed),
        taxable_krw=sum(sign * line.taxable_krw for sign, line in signed),
    )
