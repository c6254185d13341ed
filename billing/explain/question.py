"""From what a person typed to an explanation: an invoice or a month, a line, a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.bundle.bundle import invoices_of, read_bundle
from billing.close.issued_month import issued_of
from billing.draft.draft import issuer_party
from billing.draft.lake_rows import digest_of_rows
from billing.explain.evidence import Evidence, evidence_of
from billing.explain.explain import explain
from billing.explain.explanation import Explanation, Question
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import amendments_of, bundles_of
from billing.ledger.amendments import original
from billing.month.invoices import invoice as make_invoices
from billing.records import Charge, Invoice, Subsidy
from billing.simulate.months_as_they_stand import ChainMonth, chain_month, issued_as
from metering.business_number import business_number_digits
from metering.calendar import month_first_day, month_of
from metering.errors import JeongsanError, TimeError
from metering.site.open_site import OpenSite, Progress, silent


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed; `line` counts from 1, 0 for all of them."""

    what: str
    line: int = 0
    company: str = ""
    project: str = ""
    sku: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The answer and what stands behind each of its lines. stale: a draft in force is not what
    follows from the inputs any more."""

    month: ChainMonth
    answer: Explanation
    evidence: tuple[Evidence, ...]
    stale: bool


def answer(opened: OpenSite, asked: Asked, progress: Progress = silent) -> Told:
    """The explanation of an invoice, or of a company's month; JeongsanError where there is none."""
    if is_month(asked.what):
        month, mine = chain_month(opened, asked.what), None
    else:
        month, mine = _as_of(opened, _month_of(opened, asked.what), asked.what)
    invoices = _invoices(opened, month)
    question = _question(asked, month.month, mine)
    subsidies = month.subsidies()
    explanation = explain(month, subsidies, invoices, question, progress)
    evidence = evidence_of(month, explanation.lines, progress)
    return Told(month, explanation, evidence, _stale(opened, month, subsidies))


def is_month(text: str) -> bool:
    """Whether a month is meant, and no number of a document."""
    try:
        month_first_day(text)
    except TimeError:
        return False
    return True


def _month_of(opened: OpenSite, number: str) -> str:
    issuer = business_number_digits(opened.site.issuer.business_number)
    with opened.database.read() as connection:
        return ledger.month_of_invoice(connection, issuer, number)


def _as_of(opened: OpenSite, month: str, number: str) -> tuple[ChainMonth, Invoice]:
    """A document, and its month as it stood when that was issued: by its own bundle, or by that of
    the adjustment which made the document."""
    with opened.database.read() as connection:
        documents = [original(invoice) for invoice in ledger.invoices_of(connection, month)]
        documents += amendments_of(connection, [month])
        asked = next(document for document in documents if document.invoice.number == number)
        digest = ledger.month_state(connection, month).bundle
        if asked.adjustment:
            digest = bundles_of(connection, asked.adjustment)[month]
    return issued_as(opened, month, read_bundle(opened.lake, digest or "")), asked.invoice


def _invoices(opened: OpenSite, month: ChainMonth) -> tuple[Invoice, ...]:
    """As the ledger numbered them, as they stand after an adjustment, or as they would be made."""
    if month.bundle is not None:
        with opened.database.read() as connection:
            state = ledger.month_state(connection, month.month)
            if state.bundle == month.bundle.digest:
                return issued_of(connection, state).invoices
        return invoices_of(month.bundle)
    inputs = month.whole_inputs()
    issuer = issuer_party(inputs.issuer)
    return make_invoices(
        month.charges,
        month.subsidies(),
        month.book,
        month.registry,
        issuer,
        month.month,
        month.calendar,
        "",
    )


def _question(asked: Asked, month: str, mine: Invoice | None) -> Question:
    question = Question(month, asked.company, None, asked.project, asked.sku, asked.day)
    if asked.day is not None and month_of(asked.day) != month:
        raise JeongsanError(f"{asked.day} does not lie in {month}; give a day of the month")
    if mine is None:
        if not asked.company:
            raise JeongsanError(f"say whose {month} it is: --company C-001")
        if asked.line:
            raise JeongsanError(
                "a line belongs to an invoice; of a month, give --project and --sku"
            )
        return question
    if asked.company not in ("", mine.company_id):
        raise JeongsanError(f"{asked.what} is of {mine.company_id}, not of {asked.company}")
    question = replace(question, company_id=mine.company_id, tax_class=mine.tax_class)
    if not asked.line:
        return question
    if not 1 <= asked.line <= len(mine.lines):
        raise JeongsanError(f"{asked.what} has lines 1 to {len(mine.lines)}, not {asked.line}")
    line = mine.lines[asked.line - 1]
    if asked.project not in ("", line.project_id) or asked.sku not in ("", line.sku):
        raise JeongsanError(f"line {asked.line} is {line.project_id} {line.sku}; leave those out")
    return replace(question, project_id=line.project_id, sku=line.sku)


def _stale(opened: OpenSite, month: ChainMonth, subsidies: Sequence[Subsidy]) -> bool:
    """Whether the draft in force has other rows than those that follow from the inputs."""
    if month.state not in ("draft", "approved"):
        return False
    own = {
        "charge": digest_of_rows(Charge, month.charges),
        "subsidy": digest_of_rows(Subsidy, subsidies),
    }
    for table, digest in own.items():
        manifest = opened.lake.manifest(table, month=month.month)
        if manifest is None or manifest.row_digest != digest:
            return True
    return False
