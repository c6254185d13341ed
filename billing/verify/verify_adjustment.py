"""Verifying an adjustment: computed again from its bundle, and compared with what is recorded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from billing.bundle.bundle import files_of, inputs_of, path_of, read_bundle, result_of
from billing.document import digest_of, from_document, parse, sha256_hex
from billing.draft.draft import result_document
from billing.ledger.adjustment_ledger import RecordedAdjustment
from billing.ledger.amendments import Amendment, Key
from billing.records import Invoice
from billing.rerating.adjustment_bundle import Recomputed, months_named, recompute
from billing.rerating.amended_documents import numbered
from billing.rerating.correction import Correction, standing_as
from billing.verify.differences import Discrepancy, compared, listed, placed, same
from metering.errors import JeongsanError
from metering.lake.lake import Lake

REPAIR = "jeongsan repair"
CLAIM_GRAIN = ("month", "programme", "funding", "company_id", "settled")


def damaged(lake: Lake, digest: str) -> list[Discrepancy]:
    """The files of a bundle that are missing or not what their names say."""
    return [
        Discrepancy(path, "the bytes that its name says", "missing or changed bytes", REPAIR)
        for path, whole in files_of(lake, digest)
        if not whole
    ]


def verify_adjustment(lake: Lake, held: RecordedAdjustment) -> list[Discrepancy]:
    """An adjustment in a lake against what a ledger recorded of it, wherever the two come from."""
    done = held.adjustment
    if discrepancies := damaged(lake, done.bundle):
        return discrepancies
    named = months_named(read_bundle(lake, done.bundle))
    for _, before, stands in named:
        discrepancies += [*damaged(lake, before), *damaged(lake, stands)]
    if discrepancies:
        return discrepancies
    again = recompute(lake, done)
    where = f"adjustment {done.sequence}"
    discrepancies += same(f"{where}: digest", again.correction.digest, done.digest)
    stands_for = tuple((month, stands) for month, _, stands in named)
    discrepancies += same(f"{where}: bundles", stands_for, held.bundles)
    discrepancies += _months(lake, again.correction, dict(stands_for))
    return discrepancies + _recorded(where, again, held)


def _months(lake: Lake, correction: Correction, stands: Mapping[str, str]) -> list[Discrepancy]:
    """The bundle of each month: the draft that follows, what lies in the lake, the month before."""
    discrepancies: list[Discrepancy] = []
    previous = correction.ground.previous
    for draft in correction.drafts:
        wanted = standing_as(draft, draft.closing, previous)
        bundle = read_bundle(lake, stands[draft.month])
        where = path_of(bundle.digest)
        stored = result_of(lake, bundle, inputs_of(lake, bundle))
        discrepancies += same(f"{where}: draft", wanted.digest, bundle.index["draft"])
        discrepancies += compared(f"{where}: inputs", wanted.inputs, bundle.index["inputs"])
        discrepancies += compared(f"{where}: stored", wanted.result, result_document(stored))
        previous = bundle.digest
    return discrepancies


def _recorded(where: str, again: Recomputed, held: RecordedAdjustment) -> list[Discrepancy]:
    correction, done = again.correction, held.adjustment
    comparison = correction.comparison
    unnumbered = correction.amendments(done.issued_on)
    differences = same(f"{where}: documents", digest_of(unnumbered), digest_of(again.documents))
    differences += same(
        f"{where}: causes", digest_of(comparison.differences), digest_of(again.differences)
    )
    differences += listed(f"{where}: claim", CLAIM_GRAIN, comparison.claims, again.claims)
    differences += listed(f"ledger: {where}: claim", CLAIM_GRAIN, comparison.claims, held.claims)
    documents, wrong = _read(held)
    if differences or wrong:
        return differences + wrong
    given = _as_numbered(unnumbered, documents, done.issued_on)
    if given is None:
        wanted = sorted(amendment.invoice.kind for amendment in unnumbered)
        there = sorted(document.invoice.kind for document in documents)
        return same(f"ledger: {where}: documents", wanted, there)
    wanted_by, there_by = (
        {document.invoice.number: digest_of(document) for document in some}
        for some in (given, documents)
    )
    for number in sorted({*wanted_by, *there_by}, key=str):
        differences += same(f"ledger: {number}", wanted_by.get(number), there_by.get(number))
    postings = [
        posting
        for of in correction.postings(posting.invoice for posting in given).values()
        for posting in of
    ]
    differences += listed(
        f"ledger: {where}: posting", ("group", "place"), placed(postings), placed(held.postings)
    )
    return differences + _sums(correction, given)


def _read(held: RecordedAdjustment) -> tuple[list[Amendment], list[Discrepancy]]:
    documents: list[Amendment] = []
    wrong: list[Discrepancy] = []
    for number, text, digest in held.documents:
        wrong += same(f"ledger: {number}: digest", digest, sha256_hex(text.encode()))
        try:
            documents.append(from_document(Amendment, parse(text, number), number))
        except JeongsanError as error:
            wrong.append(Discrepancy(f"ledger: {number}", "an amendment", str(error)))
    return documents, wrong


def _as_numbered(
    unnumbered: Sequence[Amendment], documents: Iterable[Amendment], on: date
) -> tuple[Amendment, ...] | None:
    """The documents that follow with the numbers of those recorded; None where they do not fit."""
    given: dict[str, list[Invoice]] = {}
    for document in sorted(documents, key=lambda document: document.invoice.number or ""):
        given.setdefault(document.invoice.kind, []).append(document.invoice)
    wanted = Counter(amendment.invoice.kind for amendment in unnumbered)
    if wanted != Counter({kind: len(some) for kind, some in given.items()}):
        return None
    invoices = []
    for amendment in unnumbered:
        issued = given[amendment.invoice.kind].pop(0)
        invoices.append(replace(amendment.invoice, number=issued.number, issued_on=on))
    return numbered(unnumbered, invoices)


def _sums(correction: Correction, given: Iterable[Amendment]) -> list[Discrepancy]:
    """Chains of documents that do not sum to what is due by the corrected month."""
    due: dict[Key, tuple[int, ...]] = {}
    for draft in correction.drafts:
        for whole in draft.closing.invoices:
            due[whole.company_id, whole.tax_class, whole.month] = _amounts(whole)
    issued: dict[Key, list[tuple[int, ...]]] = {
        key: [_amounts(amendment.invoice) for amendment in chain]
        for key, chain in correction.ground.chains.items()
    }
    for amendment in given:
        issued.setdefault(amendment.key, []).append(_amounts(amendment.invoice))
    discrepancies: list[Discrepancy] = []
    for key, amounts in sorted(issued.items()):
        sums = tuple(map(sum, zip(*amounts, strict=True)))
        discrepancies += same(f"chain of {' '.join(key)}", due.get(key, (0, 0, 0, 0)), sums)
    return discrepancies


def _amounts(invoice: Invoice) -> tuple[int, ...]:
    return invoice.charge_krw, invoice.company_krw, invoice.taxable_krw, invoice.vat_krw
