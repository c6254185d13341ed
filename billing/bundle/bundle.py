"""The bundle of an issued month: index, documents and pinned partitions, named by content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from billing.bundle.versions import versions
from billing.document import canonical, from_document, parse, sha256_hex
from billing.draft.capacity_used import HOURS, Resource
from billing.draft.draft import Draft, priced_usage
from billing.draft.lake_rows import from_table
from billing.draft.month_inputs import Inputs, read_hours, read_usage
from billing.month.pure_month import MonthResult
from billing.records import Charge, Claim, Filed, Invoice, Subsidy
from billing.rulebook.rule_book import parse_rulebook
from billing.subsidy.balance import Balance
from metering.calendar import is_business_day, next_month, read_date, tax_invoice_deadline
from metering.database.decisions import Acknowledgement, WaivedDay
from metering.errors import DamageError, JeongsanError
from metering.finding import Finding
from metering.lake.lake import Lake
from metering.lake.manifest import Manifest
from metering.registry.registry import Registry
from metering.settings.site_toml import Issuer

FORMAT = 1
FOLDER = "bundles"
HOURS_PINNED = "hours"  # the key of an index; bundles of before have none


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as read: `index` is its JSON, `documents` the JSON of its files by name."""

    digest: str
    index: Mapping[str, Any]
    documents: Mapping[str, Any]


def path_of(digest: str) -> str:
    """Where a document of a bundle, or its index, lies in the lake."""
    return f"{FOLDER}/{digest}.json"


def write_bundle(
    lake: Lake, inputs: Inputs, draft: Draft, charge: Manifest, subsidy: Manifest
) -> str:
    """Write what rebuilds the month, the index last; the digest of the index names the bundle."""
    index = _written(lake, inputs, draft)
    return put(lake, {**index, "charge": charge.digest, "subsidy": subsidy.digest})


def write_record(lake: Lake, inputs: Inputs, draft: Draft) -> str:
    """Write what a draft was made from, as its bundle would have it; it pins no result, which
    follows from the inputs and lies in the lake for as long as the draft is the month's."""
    return put(lake, _written(lake, inputs, draft))


def documents_of(inputs: Inputs, draft: Draft) -> dict[str, object]:
    """The documents of a month by name: those that it is made from, then those that came of it."""
    return {
        "registry": inputs.registry.to_document(),
        "rules": dict(inputs.book.texts),
        "opening": inputs.opening.to_document(),
        "resources": inputs.resources,
        "findings": inputs.findings,
        "draft_findings": draft.closing.findings,
        "all_findings": draft.findings,
        "invoices": draft.closing.invoices,
        "claims": draft.closing.claims,
        "balance": draft.closing.balance.to_document(),
    }


def _written(lake: Lake, inputs: Inputs, draft: Draft) -> dict[str, object]:
    """The index of a month's documents, which lie in the lake by then."""
    documents = documents_of(inputs, draft)
    return {
        "format": FORMAT,
        "month": inputs.month,
        "draft": draft.digest,
        "inputs": draft.inputs,
        "result": draft.result,
        "documents": put_all(lake, documents),
        "usage": {part.partition: part.manifest for part in inputs.usage},
        HOURS_PINNED: {part.partition: part.manifest for part in inputs.hours},
        "deadline": tax_invoice_deadline(inputs.month, inputs.holidays),
        "closed_days": closed_days(inputs),
        "versions": versions(),
    }


def closed_days(inputs: Inputs) -> list[date]:
    """Weekends and public holidays of the month after, on which no deadline can fall."""
    after = inputs.calendar.month_days(next_month(inputs.month))
    return [day for day in after if not is_business_day(day, inputs.holidays)]


def put(lake: Lake, document: object) -> str:
    """Write a document of a bundle, or its index; gives the digest that names it."""
    return put_all(lake, {"": document})[""]


def put_all(lake: Lake, documents: Mapping[str, object]) -> dict[str, str]:
    """Write documents of a bundle, which are there for good at the end; gives the digest that names
    each, by its name."""
    digests = {}
    for name, document in documents.items():
        content = canonical(document).encode()
        digests[name] = sha256_hex(content)
        lake.store.place(path_of(digests[name]), pa.py_buffer(content), lake.fault)
    lake.store.settle([path_of(digest) for digest in digests.values()])
    lake.fault("settled documents")
    return digests


def read_bundle(lake: Lake, digest: str) -> Bundle:
    """A bundle, every document held to its digest; JeongsanError names the one that is not."""
    index = read_index(lake, digest)
    documents = {name: _get(lake, name_of) for name, name_of in index["documents"].items()}
    return Bundle(digest, index, documents)


def read_document(lake: Lake, index: Mapping[str, Any], name: str) -> Any:
    """One document that a bundle's index names, held to its digest."""
    return _get(lake, index["documents"][name])


def read_index(lake: Lake, digest: str) -> Any:
    """What a bundle names, held to its digest; JeongsanError where it is damaged."""
    index = _get(lake, digest)
    if index.get("format") != FORMAT:
        raise JeongsanError(f"{path_of(digest)}: format {index.get('format')} is not {FORMAT}")
    return index


def _get(lake: Lake, digest: str) -> Any:
    path = path_of(digest)
    return parse(lake.content(path, digest).to_pybytes(), path)


def pinned(index: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(table, partition, manifest) of every partition that a bundle pins; an adjustment's own
    pins none, a draft's no result."""
    if "usage" not in index:
        return []
    month = f"month={index['month']}"
    usage = [("usage_day", path, digest) for path, digest in sorted(index["usage"].items())]
    usage += [(HOURS, path, digest) for path, digest in hours_named(index)]
    names = [name for name in ("charge", "subsidy") if name in index]
    return [*usage, *((table, month, index[table]) for table in names)]


def hours_named(index: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(partition, manifest) of the hours that a bundle pins; older ones pin none."""
    return sorted(index.get(HOURS_PINNED, {}).items())


def kept(lake: Lake, digest: str) -> frozenset[str]:
    """The digests of all files that a bundle names; JeongsanError if any of them is damaged."""
    return frozenset(digest_named(path) for path in whole_files(lake, digest))


def whole_files(lake: Lake, digest: str) -> Iterator[str]:
    """The path of every file of a bundle; JeongsanError names one that is damaged."""
    for path, whole in files_of(lake, digest):
        if not whole:
            raise DamageError(path, lake.wrong(path))
        yield path


def digest_named(path: str) -> str:
    """The digest that a file of the lake is named by."""
    return path.rpartition("/")[2].partition(".")[0]


def files_of(lake: Lake, digest: str) -> Iterator[tuple[str, bool]]:
    """The path of every file of a bundle, and whether it is what its name says.

    What a damaged file names cannot be followed any further.
    """
    index = _content(lake, path_of(digest), digest)
    yield path_of(digest), index is not None
    if index is None:
        return
    named = parse(index, path_of(digest))
    for document in sorted(set(named["documents"].values())):  # equal documents are one file
        yield path_of(document), _content(lake, path_of(document), document) is not None
    for table, partition, manifest in pinned(named):
        path = f"{table}/{partition}/{manifest}.json"
        content = _content(lake, path, manifest)
        yield path, content is not None
        for file in parse(content, path)["files"] if content is not None else ():
            data = f"{table}/{partition}/{file['sha256']}.parquet"
            yield data, lake.whole(data, file["sha256"])


def _content(lake: Lake, path: str, digest: str) -> bytes | None:
    """The bytes of a file; None where it is missing or not what its digest says."""
    try:
        content: bytes = lake.content(path, digest).to_pybytes()
    except DamageError:
        return None
    return content


def inputs_of(lake: Lake, bundle: Bundle) -> Inputs:
    """The inputs of the month, out of its bundle alone."""
    named, documents = bundle.index["inputs"], bundle.documents
    where = path_of(bundle.digest)
    return Inputs(
        month=named["month"],
        site=named["site"],
        timezone=named["timezone"],
        issuer=from_document(Issuer, named["issuer"], f"{where}: issuer"),
        registry=Registry.from_document(documents["registry"]),
        book=parse_rulebook(documents["rules"]),
        opening=Balance.from_document(documents["opening"]),
        previous=named["previous"],
        usage=read_usage(lake, sorted(bundle.index["usage"].items())),
        resources=records_of(Resource, documents["resources"], f"{where}: resources"),
        findings=records_of(Finding, documents["findings"], f"{where}: findings"),
        acknowledged=records_of(Acknowledgement, named["acknowledged"], f"{where}: acknowledged"),
        waived=records_of(WaivedDay, named["waived"], f"{where}: waived"),
        holidays={read_date(day): holiday for day, holiday in named["holidays"].items()},
        hours=read_hours(lake, hours_named(bundle.index)),
        filed=filed_named(bundle),
    )


def filed_named(bundle: Bundle) -> tuple[Filed, ...]:
    """What had been settled with the state when the month was made; older bundles say nothing."""
    named = bundle.index["inputs"].get("filed", [])
    return records_of(Filed, named, f"{path_of(bundle.digest)}: filed")


def result_of(lake: Lake, bundle: Bundle, inputs: Inputs) -> MonthResult:
    """The month's result as it was issued, read and not computed, out of its bundle alone."""
    where = path_of(bundle.digest)
    month = f"month={bundle.index['month']}"
    charge = lake.manifest_named("charge", month, bundle.index["charge"])
    subsidy = lake.manifest_named("subsidy", month, bundle.index["subsidy"])
    documents = bundle.documents
    return MonthResult(
        month=inputs.month,
        usages=priced_usage(inputs),
        opening=inputs.opening,
        rules_digest=inputs.book.digest,
        charges=from_table(Charge, lake.rows(charge)),
        subsidies=from_table(Subsidy, lake.rows(subsidy)),
        balance=Balance.from_document(documents["balance"]),
        invoices=invoices_of(bundle),
        claims=records_of(Claim, documents["claims"], f"{where}: claims"),
        findings=records_of(Finding, documents["draft_findings"], f"{where}: draft_findings"),
    )


def findings_of(bundle: Bundle) -> tuple[Finding, ...]:
    """All findings of the month as its draft had them."""
    return records_of(
        Finding, bundle.documents["all_findings"], f"{path_of(bundle.digest)}: findings"
    )


def invoices_of(bundle: Bundle) -> tuple[Invoice, ...]:
    """The month's invoices before they had numbers."""
    return records_of(Invoice, bundle.documents["invoices"], f"{path_of(bundle.digest)}: invoices")


def balance_of(bundle: Bundle) -> Balance:
    """What the month leaves of every quota, cap and budget: the next month's opening."""
    return Balance.from_document(bundle.documents["balance"])


def records_of(kind: Any, documents: object, place: str) -> tuple[Any, ...]:
    """The records that a document of a bundle lists."""
    if not isinstance(documents, list):
        raise JeongsanError(f"{place}: is not a list")
    return tuple(
        from_document(kind, document, f"{place}[{at}]") for at, document in enumerate(documents)
    )
