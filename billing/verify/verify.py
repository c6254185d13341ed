"""Verifying an issued month: everything is computed again from its bundle and compared, by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from billing.bundle.bundle import Bundle, inputs_of, path_of, read_bundle, result_of
from billing.bundle.opening import opening_of
from billing.bundle.versions import versions
from billing.close.issued_month import IssuedMonth, issued_month, next_step
from billing.document import digest_of, from_document, parse, sha256_hex
from billing.draft.draft import Draft, result_document, settle
from billing.draft.month_inputs import Inputs
from billing.ledger import adjustment_ledger, ledger
from billing.ledger.invoice_numbers import LETTER, numbers_given
from billing.ledger.ledger import RecordedMonth
from billing.ledger.postings import post
from billing.month.due_at_issue import due_when_issued
from billing.month.pure_month import MonthResult
from billing.records import Invoice
from billing.rulebook.rule_book import parse_rulebook
from billing.verify.differences import Discrepancy, compared, listed, placed, same
from billing.verify.verify_adjustment import damaged, verify_adjustment
from billing.verify.verify_audit import verify_audit
from billing.verify.verify_register import verify_register
from metering.calendar import previous_month
from metering.errors import CloseError, JeongsanError
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite

INVOICE_GRAIN = ("company_id", "tax_class")
CLAIM_GRAIN = ("programme", "funding", "company_id")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared of a month, and every difference found. An unread part is not `checked`.
    other_versions: what the month was made with and is not what compared it, as `name then now`."""

    month: str
    bundle: str
    checked: tuple[str, ...]
    differences: tuple[Discrepancy, ...]
    other_versions: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the month is what was issued."""
        return not self.differences


Documents = Callable[[IssuedMonth], Iterable[Discrepancy]]  # renders again and compares bytes


def verify(opened: OpenSite, month: str, documents: Documents | None = None) -> Verification:
    """An issued month against its bundle, the ledger, the lake and (by the caller's function,
    since documents are made above billing) the bytes of its documents. CloseError if not issued."""
    with opened.database.read() as connection:
        held = ledger.recorded(connection, month)
        numbers = numbers_given(connection)
        adjusted = adjustment_ledger.recorded(connection, month)
        stands = adjustment_ledger.standing_bundle(connection, month)
        before = _stood_before(connection, month)
        registered = verify_register(connection, opened.lake)
        decided = verify_audit(connection)
    if held.state.bundle is None:
        raise CloseError(f"{month} is {held.state.state}; {next_step(held.state)}")
    done = verify_recorded(opened.lake, held)
    checked, differences = list(done.checked), list(done.differences)
    differences += _numbers(numbers)
    differences += registered
    differences += decided
    checked += ["numbers", "register", "audit"]
    if "result" in checked:
        bundle = read_bundle(opened.lake, held.state.bundle)
        differences += _chain(opened, bundle, before)
        checked.append("chain")
        for adjustment in adjusted:
            differences += verify_adjustment(opened.lake, adjustment)
        if adjusted:
            checked.append("adjustments")
        if stands and not damaged(opened.lake, stands):
            differences += _in_force(opened.lake, read_bundle(opened.lake, stands))
            checked.append("lake")
    if documents is not None and not differences:
        differences += documents(issued_month(opened, month))
        checked.append("documents")
    return replace(done, checked=tuple(checked), differences=tuple(differences))


def verify_recorded(lake: Lake, held: RecordedMonth) -> Verification:
    """A bundle in a lake against what a ledger recorded of it, wherever the two come from."""
    month, digest = held.state.month, held.state.bundle or ""
    differences = damaged(lake, digest)
    if differences:
        return Verification(month, digest, ("files",), tuple(differences))
    bundle = read_bundle(lake, digest)
    inputs = inputs_of(lake, bundle)
    now = settle(inputs)
    stored = result_of(lake, bundle, inputs)
    differences += same("state: digest", now.digest, held.state.digest)
    differences += compared(f"{path_of(digest)}: inputs", now.inputs, bundle.index["inputs"])
    differences += compared(f"{path_of(digest)}: result", now.result, bundle.index["result"])
    differences += compared(f"{path_of(digest)}: stored", now.result, result_document(stored))
    differences += _rows(now.closing, stored)
    differences += _ledger(now, inputs, held)
    checked = ("files", "inputs", "result", "ledger")
    return Verification(
        month, digest, checked, tuple(differences), _other(bundle.index["versions"])
    )


def _other(then: Mapping[str, str]) -> tuple[str, ...]:
    now = versions()
    names = sorted(then.keys() | now.keys())
    return tuple(
        f"{name} {then.get(name, '-')} {now.get(name, '-')}"
        for name in names
        if then.get(name) != now.get(name)
    )


def _rows(expected: MonthResult, stored: MonthResult) -> list[Discrepancy]:
    """The charges, subsidies, invoices and claims that differ, one by one."""
    return [
        *listed("charge", contract("charge").grain, expected.charges, stored.charges),
        *listed("subsidy", contract("subsidy").grain, expected.subsidies, stored.subsidies),
        *listed("invoice", INVOICE_GRAIN, expected.invoices, stored.invoices),
        *listed("claim", CLAIM_GRAIN, expected.claims, stored.claims),
    ]


def _ledger(now: Draft, inputs: Inputs, held: RecordedMonth) -> list[Discrepancy]:
    """The ledger's invoices, claims and postings against those that follow from the bundle."""
    discrepancies: list[Discrepancy] = []
    invoices: list[Invoice] = []
    for number, document, digest in held.invoices:
        discrepancies += same(f"ledger: {number}: digest", digest, sha256_hex(document.encode()))
        try:
            invoices.append(from_document(Invoice, parse(document, number), number))
        except JeongsanError as error:
            discrepancies.append(Discrepancy(f"ledger: {number}", "an invoice", str(error)))
            continue
        discrepancies += same(f"ledger: {number}: number", number, invoices[-1].number)
        on = held.state.issued_on
        discrepancies += same(f"ledger: {number}: issued_on", on, invoices[-1].issued_on)
    bare = [replace(invoice, number=None, issued_on=None) for invoice in invoices]
    wanted = now.closing.invoices
    if held.state.issued_on is not None:
        rules, calendar = inputs.book.tax, inputs.calendar
        wanted = due_when_issued(wanted, rules, held.state.issued_on, calendar)
    discrepancies += listed("ledger: invoice", INVOICE_GRAIN, wanted, bare)
    discrepancies += listed("ledger: claim", CLAIM_GRAIN, now.closing.claims, held.claims)
    invoices.sort(key=lambda invoice: (invoice.company_id, invoice.tax_class))
    posted = post(now.month, invoices, now.closing.subsidies, now.closing.claims)
    discrepancies += listed(
        "ledger: posting", ("group", "place"), placed(posted), placed(held.postings)
    )
    sums: dict[str, int] = {}
    for posting in held.postings:
        sums[posting.group] = sums.get(posting.group, 0) + posting.amount_krw
    discrepancies += [
        Discrepancy(f"ledger: sum of {g}", "0", str(left)) for g, left in sums.items() if left
    ]
    return discrepancies


def _numbers(given: Mapping[tuple[str, int, str], tuple[int, list[str]]]) -> list[Discrepancy]:
    """Series whose numbers do not run from 1 to their last without a gap."""
    discrepancies = []
    for (issuer, year, series), (last, numbers) in sorted(given.items()):
        wanted = [f"{LETTER[series]}{year:04d}-{number:06d}" for number in range(1, last + 1)]
        missing, extra = sorted({*wanted} - {*numbers}), sorted({*numbers} - {*wanted})
        place = f"ledger: numbers of {issuer} {year} {series}"
        discrepancies += [Discrepancy(place, number, "missing") for number in missing]
        discrepancies += [Discrepancy(place, f"at most {last}", number) for number in extra]
    return discrepancies


def _stood_before(connection: sa.Connection, month: str) -> str | None:
    """What stood for the month before when a month was issued: adjustments that end before the
    month were there by then, later ones reach it."""
    done = adjustment_ledger.adjustments(connection)
    later = min(
        (adjustment.sequence for adjustment in done if adjustment.last_month >= month), default=None
    )
    return adjustment_ledger.standing_bundles(connection, later).get(previous_month(month))


def _chain(opened: OpenSite, bundle: Bundle, before: str | None) -> list[Discrepancy]:
    """The opening balance against what the months before left and used."""
    inputs = bundle.index["inputs"]
    discrepancies = same("opening: bundle of the month before", before, inputs["previous"])
    if discrepancies or before is None:
        return discrepancies
    left = read_bundle(opened.lake, before).index["result"]["balance"]
    if left != inputs["opening"]:  # a limit has another shape since
        documents = bundle.documents
        registry = Registry.from_document(documents["registry"])
        book = parse_rulebook(documents["rules"])
        opening = opening_of(opened.lake, before, registry, book, bundle.index["month"])
        left = digest_of(opening.balance.to_document())
    return same("opening: balance of the month before", left, inputs["opening"])


def _in_force(lake: Lake, bundle: Bundle) -> list[Discrepancy]:
    """The charge and subsidy partitions that readers of the lake see."""
    month = bundle.index["month"]
    discrepancies = []
    for table in ("charge", "subsidy"):
        manifest = lake.manifest(table, month=month)
        seen = manifest.row_digest if manifest else None
        discrepancies += same(f"lake: {table} of {month}", bundle.index["result"][table], seen)
    return discrepancies
