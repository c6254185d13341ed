"""A month's draft: the pure result of its inputs, what still stops it, and the digest of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Literal

from billing.document import digest_of
from billing.draft.capacity_used import Resource
from billing.draft.lake_rows import digest_of_rows
from billing.draft.month_inputs import Inputs
from billing.draft.project_days import outside_project
from billing.draft.unseen_use import unseen_busy
from billing.month.pure_month import MonthResult, compute_month
from billing.records import Charge, Party, Subsidy, Usage
from metering.database.decisions import Acknowledgement
from metering.finding import Finding
from metering.lake.contract import contract
from metering.settings.site_toml import Issuer

STAGE = "draft"

# What findings of these kinds are about never reached what is priced: nobody can answer `bill`.
NOT_BILLED = frozenset(
    {
        "no_price",
        "unowned_usage",
        "untyped_model",
        "unknown_gres",
        "several_clusters",
        "runaway_job",
        "unknown_accelerator",
        "unknown_share",
        "unknown_claim",
    }
)
# By what metering says that a day is not known to its end: it may have no row to be provisional.
NOT_COMPLETE = "not_complete"


@dataclass(frozen=True, slots=True)
class Draft:
    """A month as it would be issued. digest names all inputs and the result (SETTLEMENT 21).

    `findings` are all of the month; `blocking` are the fails among them that nobody acknowledged;
    `provisional` are the cluster-days whose usage may still change and that nobody waived;
    `resources` are what the month had and used, for its report.
    """

    month: str
    state: Literal["draft", "approved"]
    digest: str
    closing: MonthResult
    findings: tuple[Finding, ...]
    blocking: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]
    provisional: tuple[tuple[str, date], ...]
    resources: tuple[Resource, ...]
    inputs: Mapping[str, object]
    result: Mapping[str, str]


def settle(inputs: Inputs) -> Draft:
    """The draft that follows from the inputs, the same on every machine."""
    result = compute_month(
        priced_usage(inputs),
        inputs.book,
        inputs.registry,
        inputs.opening,
        inputs.month,
        issuer_party(inputs.issuer),
        inputs.calendar,
        usage_digest(inputs),
        inputs.filed,
    )
    grain = contract("subsidy").grain  # as the lake keeps them, whatever order they came in
    subsidies = sorted(result.subsidies, key=lambda row: [getattr(row, name) for name in grain])
    result = replace(result, subsidies=tuple(subsidies))
    own = [_placed(inputs, finding) for finding in result.findings]
    _, missed = exclude(inputs)
    missed += [finding for finding in _excluding(inputs, own) if finding.kind not in NOT_BILLED]
    own += [_nothing_excluded(finding) for finding in missed]
    own += (*outside_project(inputs), *unseen_busy(inputs))
    findings = tuple(
        sorted((*inputs.findings, *own), key=lambda f: (f.severity, f.stage, str(f.day), f.key))
    )
    fails = {finding.key: finding.detail for finding in findings if finding.severity == "fail"}
    given = inputs.acknowledged
    valid = [answer for answer in given if fails.get(answer.finding_key) == answer.detail]
    acknowledged = tuple(sorted(valid, key=lambda answer: answer.finding_key))
    unbilled = {finding.key for finding in findings if finding.kind in NOT_BILLED}
    answered = {
        answer.finding_key
        for answer in acknowledged
        if answer.effect == "exclude" or answer.finding_key not in unbilled
    }
    named = inputs_document(inputs, fails, acknowledged)
    digests = result_document(result)
    return Draft(
        month=inputs.month,
        state="draft",
        digest=digest_of({"inputs": named, "result": digests}),
        closing=result,
        findings=findings,
        blocking=tuple(f for f in findings if f.severity == "fail" and f.key not in answered),
        acknowledged=acknowledged,
        provisional=_provisional(inputs),
        resources=inputs.resources,
        inputs=named,
        result=digests,
    )


def inputs_document(
    inputs: Inputs, fails: Mapping[str, str], acknowledged: Iterable[Acknowledgement]
) -> dict[str, object]:
    """The digests and decisions that name all inputs."""
    return {
        "month": inputs.month,
        "site": inputs.site,
        "timezone": inputs.timezone,
        "issuer": inputs.issuer,
        "registry": inputs.registry.digest,
        "rules": inputs.book.digest,
        "opening": digest_of(inputs.opening.to_document()),
        "previous": inputs.previous,
        "usage": _usage_digests(inputs),
        "resources": digest_of(inputs.resources),
        **_named_hours(inputs),
        **({"filed": list(inputs.filed)} if inputs.filed else {}),
        "fails": fails,  # with their details: what was acknowledged is what was read
        "acknowledged": list(acknowledged),
        "waived": list(inputs.waived),
        "holidays": {str(day): holiday for day, holiday in sorted(inputs.holidays.items())},
        "set_aside": list(inputs.registry.set_asides),
    }


def result_document(result: MonthResult) -> dict[str, str]:
    """The digest of every part of a result."""
    return {
        "charge": digest_of_rows(Charge, result.charges),
        "subsidy": digest_of_rows(Subsidy, result.subsidies),
        "invoices": digest_of(result.invoices),
        "claims": digest_of(result.claims),
        "balance": digest_of(result.balance.to_document()),
    }


def _usage_digests(inputs: Inputs) -> dict[str, str]:
    return {part.partition: part.row_digest for part in inputs.usage}


def _named_hours(inputs: Inputs) -> dict[str, str]:
    """The digest of the month's hours; nothing of a month that has none, as none had before."""
    digests = {part.partition: part.row_digest for part in inputs.hours}
    return {"hours": digest_of(digests)} if digests else {}


def usage_digest(inputs: Inputs) -> str:
    """The digest of all usage of the month, as printed on its invoices."""
    return digest_of(_usage_digests(inputs))


def issuer_party(issuer: Issuer) -> Party:
    """The issuer as printed on an invoice."""
    return Party(**{field.name: getattr(issuer, field.name) for field in fields(Party)})


def priced_usage(inputs: Inputs) -> tuple[Usage, ...]:
    """The usage that is priced, in the order of a result: all but what was excluded."""
    kept, _ = exclude(inputs)
    rows = [row for part in kept for row in part]
    rows.sort(key=lambda u: (u.day, u.company_id, u.project_id, u.source, u.sku, u.unit))
    return tuple(rows)


def exclude(inputs: Inputs) -> tuple[list[list[Usage]], list[Finding]]:
    """The usage without what people decided to exclude, part by part, and the findings by which
    nothing was excluded (which must not look as if something had been left out)."""
    if not any(answer.effect == "exclude" for answer in inputs.acknowledged):
        return [list(part.rows) for part in inputs.usage], []
    own = (*outside_project(inputs), *unseen_busy(inputs))
    asked = _excluding(inputs, (*inputs.findings, *own))
    hit: set[str] = set()
    kept = []
    for part in inputs.usage:
        here = [f for f in asked if f.cluster in ("", part.cluster) and f.day == part.day]
        if not here:
            kept.append(list(part.rows))
            continue
        rows = []
        for row in part.rows:
            matched = {f.key for f in here if f.subject in _subjects(row)}
            hit |= matched
            if not matched:
                rows.append(row)
        kept.append(rows)
    return kept, [f for f in asked if f.key not in hit and f.kind not in NOT_BILLED]


def _excluding(inputs: Inputs, findings: Iterable[Finding]) -> list[Finding]:
    """The fails among findings that somebody answered with `exclude`."""
    left_out = {
        answer.finding_key: answer for answer in inputs.acknowledged if answer.effect == "exclude"
    }
    return [
        finding
        for finding in findings
        if finding.severity == "fail"
        and finding.key in left_out
        and left_out[finding.key].answers(finding)
    ]


def _subjects(row: Usage) -> tuple[str, ...]:
    """The names by which a finding can be about a row of usage."""
    return (row.company_id, row.project_id, row.sku, row.source)


def _nothing_excluded(finding: Finding) -> Finding:
    return Finding(
        severity="fail",
        kind="nothing_excluded",
        stage=STAGE,
        cluster=finding.cluster,
        day=finding.day,
        subject=finding.key,
        detail=(
            f"제외(exclude)하기로 한 발견 사항 {finding.key}({finding.kind}, {finding.subject})에 "
            "해당하는 사용량이 없습니다. 그대로 청구하려면 bill로 다시 확인하고, 청구하지 않으려면 "
            "계정을 set_aside에 올려 주십시오."
        ),
    )


def _placed(inputs: Inputs, finding: Finding) -> Finding:
    """A finding of the draft belongs to its month, so that no decision reaches another one."""
    day = finding.day or inputs.calendar.month_days(inputs.month)[0]
    return replace(finding, stage=STAGE, day=day)


def _provisional(inputs: Inputs) -> tuple[tuple[str, date], ...]:
    waived = {(waiver.cluster, waiver.day) for waiver in inputs.waived}
    unread = {
        (finding.cluster, finding.day)
        for finding in inputs.findings
        if finding.kind == NOT_COMPLETE
    }
    return tuple(
        place
        for part in inputs.usage
        if (place := (part.cluster, part.day)) not in waived
        and (place in unread or any(row.provisional for row in part.rows))
    )
