"""Corrections of issued months: looked at, then approved and issued in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import sqlalchemy as sa

from billing.adjust.correction_inputs import (
    CorrectionInputs,
    earliest,
    reaches,
    read_ground,
    still_so,
)
from billing.bundle.bundle import read_bundle, write_bundle
from billing.close.approve_month import blocking_text
from billing.close.consent import (
    SHORTEST,
    check_four_eyes,
    check_may_approve,
    check_named,
    names,
)
from billing.close.draft_month import keep_findings, replace_rows
from billing.close.issue_date import check_date
from billing.close.issue_month import provisional_text
from billing.ledger import adjustment_ledger as own
from billing.ledger import number_register
from billing.ledger.adjustment_ledger import Adjustment, Made
from billing.ledger.amendments import Amendment, ClaimRestatement
from billing.ledger.invoice_numbers import number_invoices
from billing.rerating import version_drift
from billing.rerating.adjustment_bundle import write_adjustment
from billing.rerating.amended_documents import numbered
from billing.rerating.correction import PLAIN, Correction, correct, standing_as
from billing.rerating.rerate_company import Cause
from billing.rerating.version_drift import Unexplained
from billing.rulebook.amendment_reasons import Kind
from metering.business_number import business_number_digits
from metering.database.audit_trail import NOBODY, Who, keep, last_of
from metering.errors import CheckError, CloseError, ConflictError
from metering.lake.change import Change
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite, Progress, silent

AGAIN = "look at it again (`jeongsan adjust`), then approve it"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An issued adjustment: who, when and why, its numbered documents and restated claims.

    `again` says that another run had issued it first; it makes no difference between two.
    """

    adjustment: Adjustment
    amendments: tuple[Amendment, ...]
    claims: tuple[ClaimRestatement, ...]
    again: bool = field(default=False, compare=False)


def look(
    opened: OpenSite,
    month: str | None = None,
    cascade: bool = False,
    kinds: Mapping[Cause, Kind] = PLAIN,
    progress: Progress = silent,
    printed: Collection[str] = (),
    who: Who = NOBODY,
    program: bool = False,
) -> Correction | None:
    """What a correction of the months from the given one on (or from the first that is not what was
    billed) would come to, noted as looked at; None where nothing is to be corrected. What documents
    say of the companies in `printed` was wrong, not changed since. `program` lets it carry, as a
    cause of its own, what only this program makes otherwise of those who are corrected."""
    proposal = _correction(opened, month, cascade, kinds, progress, printed, program)
    if proposal is None:
        return None
    months = proposal.read.ground.months
    with opened.database.begin() as connection:
        version_drift.keep(connection, opened.site.calendar, months, proposal.unexplained)
        correction = proposal.correction
        if correction is None:
            return None
        first = correction.ground.months[0]
        if own.drafted(connection, first, cascade) != correction.digest:
            payable_krw = correction.payable_krw
            own.save_draft(connection, first, cascade, correction.digest, payable_krw)
            keep(connection, "look", who, month=first, digest=correction.digest)
        for draft in correction.drafts:
            keep_findings(connection, opened, draft)
    return correction


def adjust(
    opened: OpenSite,
    month: str | None,
    by: str,
    reason: str,
    on: date,
    *,
    cascade: bool = False,
    kinds: Mapping[Cause, Kind] = PLAIN,
    progress: Progress = silent,
    printed: Collection[str] = (),
    program: bool = False,
    digest: str | None = None,
    at_ms: int | None = None,
    account: str = "",
) -> Adjusted | None:
    """The correction that was looked at, approved by name and issued; None where there is nothing
    to correct. `digest` (or its first letters) names what the person was shown, without it what
    was looked at last. CloseError if it is another one by now, or where the site wants two people
    and who looked first would approve; CheckError while it has fails that nobody acknowledged."""
    if not by.strip() or not reason.strip():
        raise CloseError("an adjustment needs the name of who approves it, and the reason")
    if digest is not None:
        check_named(digest)
    proposal = _correction(opened, month, cascade, kinds, progress, printed, program)
    if proposal is None or proposal.correction is None:
        return None
    correction, read = proposal.correction, proposal.read
    who = Who(by.strip(), at_ms, account)
    if (refused := _not_looked_at(opened, correction, digest)) is not None:
        if done := _meanwhile(opened, correction):
            return done
        raise CloseError(refused)
    _check_approver(opened, correction, who)
    _check_ready(correction, proposal.unexplained)
    check_date(opened, correction.ground.months[-1], on, who)
    try:
        with opened.lake.change() as change:
            _issue(change, opened.lake, correction, read, (who, reason.strip(), on))
    except ConflictError:
        if done := _meanwhile(opened, correction):
            return done
        raise
    number_register.settle(opened.database, opened.lake)
    left = [drift for drift in proposal.unexplained if not _corrected(correction, drift)]
    with opened.database.begin() as connection:
        version_drift.keep(connection, opened.site.calendar, correction.ground.months, left)
    return adjusted(opened, correction.ground.sequence)


def adjusted(opened: OpenSite, sequence: int, again: bool = False) -> Adjusted:
    """An issued adjustment out of the ledger."""
    with opened.database.read() as connection:
        every = {adjustment.sequence: adjustment for adjustment in own.adjustments(connection)}
        if sequence not in every:
            raise CloseError(f"there is no adjustment {sequence}; `jeongsan status` lists them")
        months = own.bundles_of(connection, sequence)
        documents = own.amendments_of(connection, months)
        claims = own.restated_claims(connection, sequence)
    mine = tuple(document for document in documents if document.adjustment == sequence)
    return Adjusted(every[sequence], mine, claims, again)


@dataclass(frozen=True, slots=True)
class _Found:
    """Months rated again: what is to be corrected (None: nothing), and what no cause explains."""

    read: CorrectionInputs
    correction: Correction | None
    unexplained: tuple[Unexplained, ...]


def _correction(
    opened: OpenSite,
    month: str | None,
    cascade: bool,
    kinds: Mapping[Cause, Kind],
    progress: Progress,
    printed: Collection[str],
    program: bool,
) -> _Found | None:
    """What is to be corrected, from the first month on of which anything changes; None where no
    month has a reason to be rated again."""
    for company_id in printed:
        opened.registry.company(company_id)  # which says what it does not know
    first = reaches(opened, month) if month else earliest(opened, cascade, bool(printed))
    if first is None:
        return None
    while True:
        read = read_ground(opened, first, progress)
        odd: tuple[Unexplained, ...] = ()
        if program:
            odd = version_drift.of_issued(opened, read.ground.months, read.ground.stood)
            read = replace(read, ground=version_drift.carried(read.ground, odd))
        ground = read.ground
        correction = correct(ground, cascade, kinds, printed)
        touched = correction.touched() | {restatement.month for restatement in read.restatements}
        wanted = min(touched & {*ground.months}, default=None)
        if wanted in (None, first):
            if not program:
                odd = version_drift.of_issued(opened, ground.months, ground.stood)
            return _Found(read, correction if wanted else None, odd)
        first = wanted


def _meanwhile(opened: OpenSite, correction: Correction) -> Adjusted | None:
    """The same adjustment, if another run has issued it."""
    with opened.database.read() as connection:
        done = [
            adjustment
            for adjustment in own.adjustments(connection)
            if adjustment.digest == correction.digest
        ]
    return adjusted(opened, done[-1].sequence, again=True) if done else None


def _not_looked_at(opened: OpenSite, correction: Correction, digest: str | None) -> str | None:
    """Why a correction is not the one that was shown; None where it is."""
    first = correction.ground.months[0]
    with opened.database.read() as connection:
        looked_at = own.drafted(connection, first, correction.cascade)
        payable_krw = own.drafted_krw(connection, first, correction.cascade)
    if looked_at is None:
        return f"nobody has looked at the correction of {first} yet; {AGAIN}"
    if looked_at == correction.digest and (digest is None or names(digest, correction.digest)):
        return None
    said = looked_at if digest is None else digest
    seen = f"{said[:SHORTEST]} was looked at, it is {correction.digest[:SHORTEST]} now"
    if payable_krw is not None and names(said, looked_at):
        more = f"{payable_krw:+,} won to pay then, {correction.payable_krw:+,} now"
        seen = f"{seen}: {more}"
    return f"the correction of {first} is not what was looked at any more ({seen}); {AGAIN}"


def _check_ready(correction: Correction, odd: Sequence[Unexplained]) -> None:
    """CloseError or CheckError where something keeps a correction from its issue."""
    first = correction.ground.months[0]
    if not correction.by_program:
        version_drift.refuse(first, [drift for drift in odd if _corrected(correction, drift)])
    if correction.blocking:
        raise CheckError(blocking_text(f"the correction of {first}", correction.blocking))
    if correction.provisional:
        raise CloseError(provisional_text(f"the correction of {first}", correction.provisional))


def _corrected(correction: Correction, drift: Unexplained) -> bool:
    """Whether a correction rates anew the company of a difference that no cause explains."""
    stages = correction.comparison.stages
    return correction.cascade or any(stage.company_id == drift.company_id for stage in stages)


def _check_approver(opened: OpenSite, correction: Correction, who: Who) -> None:
    check_may_approve(opened, who)
    with opened.database.read() as connection:
        looked = last_of(connection, "look", correction.digest)
    by = looked.who if looked is not None else NOBODY
    check_four_eyes(opened, f"the correction {correction.digest[:SHORTEST]}", by, who)


def _issue(
    change: Change,
    lake: Lake,
    correction: Correction,
    read: CorrectionInputs,
    approval: tuple[Who, str, date],
) -> None:
    """Put the months in force, write all bundles, and leave the rest to one transaction."""
    ground, previous = correction.ground, correction.ground.previous
    bundles: dict[str, str] = {}
    opening = ground.opening
    for inputs, rerated in zip(ground.inputs, correction.drafts, strict=True):
        draft = standing_as(rerated, rerated.closing, previous)
        charge, subsidy = replace_rows(change, draft)
        stands = replace(inputs, opening=opening, previous=previous)
        previous = bundles[inputs.month] = write_bundle(lake, stands, draft, charge, subsidy)
        opening = draft.closing.balance
    who, reason, on = approval
    documents = correction.amendments(on)
    whole = write_adjustment(lake, correction, documents, bundles)
    done = Adjustment(
        ground.sequence, ground.months[0], ground.months[-1], correction.cascade,
        correction.digest, reason, who.by, on, whole,
    )  # fmt: skip
    change.record(_Record(lake, correction, read, documents, done, bundles, who))


@dataclass(frozen=True, slots=True)
class _Record:
    """What the one issuing transaction does; everything it names is on the disk by then."""

    lake: Lake
    correction: Correction
    read: CorrectionInputs
    documents: tuple[Amendment, ...]
    adjustment: Adjustment
    bundles: Mapping[str, str]
    who: Who

    def __call__(self, connection: sa.Connection) -> None:
        first = self.adjustment.first_month
        looked_at = own.drafted(connection, first, self.adjustment.cascade)
        if looked_at != self.adjustment.digest or not still_so(connection, self.read):
            raise ConflictError(f"what {first} is corrected by has changed; run this again")
        for digest in (*self.bundles.values(), self.adjustment.bundle):
            read_bundle(self.lake, digest)  # its files lie there, and are what they should be
        issuer = business_number_digits(self.correction.ground.inputs[-1].issuer.business_number)
        bare = [document.invoice for document in self.documents]
        invoices = number_invoices(connection, issuer, bare, self.adjustment.issued_on)
        issued = Made(
            adjustment=self.adjustment,
            bundles=self.bundles,
            amendments=numbered(self.documents, invoices),
            claims=self.correction.comparison.claims,
            postings=self.correction.postings(invoices),
        )
        own.record(connection, issuer, issued)
        done = self.adjustment
        keep(
            connection, "adjust", self.who, subject=str(done.sequence), month=first,
            reason=done.reason, digest=done.digest,
        )  # fmt: skip
        numbers = number_register.numbers_of(connection, first, done.sequence)
        number_register.enter(
            connection, self.lake, f"adjustment {done.sequence}", done.bundle, done.issued_on,
            self.who.at_ms, numbers,
        )  # fmt: skip
