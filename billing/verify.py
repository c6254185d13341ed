"""Verifying an issued month: everything is computed again from its bundle and compared, by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from billing import ledger
from billing.bundle import Bundle, closing_of, files_of, inputs_of, path_of, read_bundle
from billing.closing import Closing
from billing.document import canonical, from_document, parse, sha256_hex, to_document
from billing.draft import Draft, result_document, settle
from billing.issued import IssuedMonth, issued_month, next_step
from billing.ledger import LETTER, Recorded
from billing.posting import post
from billing.records import Invoice, Posting
from metering.contract import contract
from metering.errors import CloseError, JeongsanError
from metering.lake import Lake
from metering.opened import OpenSite
from metering.period import previous_month

INVOICE_GRAIN = ("company_id", "tax_class")
CLAIM_GRAIN = ("programme", "funding", "company_id")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what it should be: its place, what should be there, what is."""

    place: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared of a month, and every difference found. An unread part is not `checked`."""

    month: str
    bundle: str
    checked: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether the month is what was issued."""
        return not self.differences


Documents = Callable[[IssuedMonth], Iterable[Difference]]  # renders again and compares bytes


def verify(opened: OpenSite, month: str, documents: Documents | None = None) -> Verification:
    """An issued month against its bundle, the ledger, the lake and (by the caller's function,
    since documents are made above billing) the bytes of its documents. CloseError if not issued."""
    with opened.database.read() as connection:
        held = ledger.recorded(connection, month)
        numbers = ledger.numbers_given(connection)
        before = ledger.month_state(connection, previous_month(month))
    if held.state.bundle is None:
        raise CloseError(f"{month} is {held.state.state}; {next_step(held.state)}")
    done = verify_recorded(opened.lake, held)
    checked, found = list(done.checked), list(done.differences)
    found += _numbers(numbers)
    checked.append("numbers")
    if "result" in checked:
        bundle = read_bundle(opened.lake, held.state.bundle)
        found += _chain(opened, bundle, before.bundle)
        found += _in_force(opened.lake, bundle)
        checked += ["chain", "lake"]
    if documents is not None and not found:
        found += documents(issued_month(opened, month))
        checked.append("documents")
    return replace(done, checked=tuple(checked), differences=tuple(found))


def verify_recorded(lake: Lake, held: Recorded) -> Verification:
    """A bundle in a lake against what a ledger recorded of it, wherever the two come from."""
    month, digest = held.state.month, held.state.bundle or ""
    found = [
        Difference(path, "the bytes that its name says", "missing or changed bytes")
        for path, whole in files_of(lake, digest)
        if not whole
    ]
    if found:
        return Verification(month, digest, ("files",), tuple(found))
    bundle = read_bundle(lake, digest)
    inputs = inputs_of(lake, bundle)
    now = settle(inputs)
    stored = closing_of(lake, bundle, inputs)
    found += _same("state: digest", now.digest, held.state.digest)
    found += _compared(f"{path_of(digest)}: inputs", now.inputs, bundle.index["inputs"])
    found += _compared(f"{path_of(digest)}: result", now.result, bundle.index["result"])
    found += _compared(f"{path_of(digest)}: stored", now.result, result_document(stored))
    found += _rows(now.closing, stored)
    found += _ledger(now, held)
    return Verification(month, digest, ("files", "inputs", "result", "ledger"), tuple(found))


def _same(place: str, expected: object, found: object) -> list[Difference]:
    return [] if expected == found else [Difference(place, str(expected), str(found))]


def _compared(
    place: str, expected: Mapping[str, object], found: Mapping[str, object]
) -> list[Difference]:
    """The keys under which two documents differ."""
    return [
        Difference(f"{place}.{key}", _short(expected.get(key)), _short(found.get(key)))
        for key in sorted({*expected, *found})
        if canonical(expected.get(key)) != canonical(found.get(key))
    ]


def _short(value: object) -> str:
    text = canonical(value).strip()
    return text if len(text) <= 200 else f"{text[:200]}… (sha256 {sha256_hex(text.encode())})"


def _rows(expected: Closing, found: Closing) -> list[Difference]:
    """The charges, subsidies, invoices and claims that differ, one by one."""
    return [
        *_listed("charge", contract("charge").grain, expected.charges, found.charges),
        *_listed("subsidy", contract("subsidy").grain, expected.subsidies, found.subsidies),
        *_listed("invoice", INVOICE_GRAIN, expected.invoices, found.invoices),
        *_listed("claim", CLAIM_GRAIN, expected.claims, found.claims),
    ]


def _listed(
    word: str, grain: Sequence[str], expected: Iterable[object], found: Iterable[object]
) -> list[Difference]:
    """Records by grain: those that are missing, those that are too many, and fields that differ."""

    def keyed(records: Iterable[object]) -> dict[tuple[str, ...], object]:
        return {tuple(str(getattr(one, name)) for name in grain): one for one in records}

    wanted, there = keyed(expected), keyed(found)
    differences = []
    for key in sorted({*wanted, *there}):
        one, other = wanted.get(key), there.get(key)
        place = f"{word} {' '.join(part or '-' for part in key)}"
        if one is None or other is None:
            differences.append(
                Difference(place, *("none" if x is None else "a row" for x in (one, other)))
            )
            continue
        for name in (field.name for field in fields(one)):  # type: ignore[arg-type]
            left, right = to_document(getattr(one, name)), to_document(getattr(other, name))
            if left != right:
                differences.append(Difference(f"{place}: {name}", _short(left), _short(right)))
    return differences


def _ledger(now: Draft, held: Recorded) -> list[Difference]:
    """The ledger's invoices, claims and postings against those that follow from the bundle."""
    found: list[Difference] = []
    invoices: list[Invoice] = []
    for number, document, digest in held.invoices:
        found += _same(f"ledger: {number}: digest", digest, sha256_hex(document.encode()))
        try:
            invoices.append(from_document(Invoice, parse(document, number), number))
        except JeongsanError as error:
            found.append(Difference(f"ledger: {number}", "an invoice", str(error)))
            continue
        found += _same(f"ledger: {number}: number", number, invoices[-1].number)
        on = held.state.issued_on
        found += _same(f"ledger: {number}: issued_on", on, invoices[-1].issued_on)
    bare = [replace(one, number=None, issued_on=None) for one in invoices]
    found += _listed("ledger: invoice", INVOICE_GRAIN, now.closing.invoices, bare)
    found += _listed("ledger: claim", CLAIM_GRAIN, now.closing.claims, held.claims)
    invoices.sort(key=lambda one: (one.company_id, one.tax_class))
    posted = post(now.month, invoices, now.closing.subsidies, now.closing.claims)
    found += _listed("ledger: posting", ("group", "place"), _placed(posted), _placed(held.postings))
    sums: dict[str, int] = {}
    for posting in held.postings:
        sums[posting.group] = sums.get(posting.group, 0) + posting.amount_krw
    found += [Difference(f"ledger: sum of {g}", "0", str(left)) for g, left in sums.items() if left]
    return found


@dataclass(frozen=True, slots=True)
class _PlacedPosting:
    group: str
    place: int
    account: str
    amount_krw: int
    memo: str


def _placed(postings: Iterable[Posting]) -> list[_PlacedPosting]:
    seen: dict[str, int] = {}
    placed = []
    for one in postings:
        seen[one.group] = seen.get(one.group, 0) + 1
        placed.append(
            _PlacedPosting(one.group, seen[one.group], one.account, one.amount_krw, one.memo)
        )
    return placed


def _numbers(given: Mapping[tuple[str, int, str], tuple[int, list[str]]]) -> list[Difference]:
    """Series whose numbers do not run from 1 to their last without a gap."""
    found = []
    for (issuer, year, series), (last, numbers) in sorted(given.items()):
        wanted = [f"{LETTER[series]}{year:04d}-{number:06d}" for number in range(1, last + 1)]
        missing, extra = sorted({*wanted} - {*numbers}), sorted({*numbers} - {*wanted})
        place = f"ledger: numbers of {issuer} {year} {series}"
        found += [Difference(place, number, "missing") for number in missing]
        found += [Difference(place, f"at most {last}", number) for number in extra]
    return found


def _chain(opened: OpenSite, bundle: Bundle, before: str | None) -> list[Difference]:
    """The opening balance against what the month before left."""
    inputs = bundle.index["inputs"]
    found = _same("opening: bundle of the month before", before, inputs["previous"])
    if found or before is None:
        return found
    left = read_bundle(opened.lake, before).index["result"]["balance"]
    return _same("opening: balance of the month before", left, inputs["opening"])


def _in_force(lake: Lake, bundle: Bundle) -> list[Difference]:
    """The charge and subsidy partitions that readers of the lake see."""
    month = bundle.index["month"]
    found = []
    for table in ("charge", "subsidy"):
        manifest = lake.manifest(table, month=month)
        seen = manifest.row_digest if manifest else None
        found += _same(f"lake: {table} of {month}", bundle.index["result"][table], seen)
    return found
