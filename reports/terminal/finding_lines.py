"""What the terminal and its JSON say of findings: an entry a cause, with the days that it is on."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from metering.finding import Finding
from metering.repeated_findings import RepeatedFinding
from reports.terminal.screen_table import Cell
from reports.wording.finding_titles import FINDING_TITLES, LEVELS, kind_text


def worth_of(cause: RepeatedFinding, worth_krw: Mapping[str, int]) -> int | None:
    """What all of a cause's days may be worth; None where nobody can say it of any."""
    known = [worth_krw[finding.key] for finding in cause.each if finding.key in worth_krw]
    return sum(known) if known else None


def days_text(cause: RepeatedFinding) -> str:
    """Its day, or its first and last day and how many there are."""
    return f"{cause.span} ({cause.days:,}일)" if cause.days > 1 else cause.span


def count_rows(
    causes: Iterable[RepeatedFinding], worth_krw: Mapping[str, int]
) -> list[tuple[Cell, ...]]:
    """A row a kind and section: level, kind, section, causes, days where one has several (else
    None), and what they may be worth (None where nobody can say)."""
    of: dict[tuple[str, str, str], list[RepeatedFinding]] = {}
    for cause in causes:
        place = (cause.severity, cause.first.kind, cause.first.cluster)
        of.setdefault(place, []).append(cause)
    return [
        (
            LEVELS[severity],
            kind_text(kind),
            cluster,
            len(own),
            len({f.day for cause in own for f in cause.each}) if _repeat(own) else None,
            _sum(worth_of(cause, worth_krw) for cause in own),
        )
        for (severity, kind, cluster), own in sorted(of.items())
    ]


def head_of(cause: RepeatedFinding) -> Iterator[tuple[str, str]]:
    """The parts of its first line with their styles: key (of a single day), kind, place, days."""
    if cause.days == 1:
        yield cause.first.key, "bold"
    yield kind_text(cause.first.kind), ""
    for part in (cause.first.cluster, days_text(cause), cause.first.subject):
        if part:
            yield part, ""


def lines_of(
    cause: RepeatedFinding, worth_krw: Mapping[str, int], shown: Callable[[str], str]
) -> list[str]:
    """What there is to say, of the first and the last day where days differ; and for several that
    stop, how they are decided together. `shown` puts a detail into the language of who reads."""
    krw = worth_of(cause, worth_krw)
    worth = "" if krw is None else f" (정가로 {krw:,}원)"
    first, last = cause.first, cause.last
    if cause.same_text or cause.days == 1:
        said = dict.fromkeys(finding.detail or finding.subject for finding in cause.each)
        lines = ["; ".join(map(shown, said)) + worth]
    else:
        lines = [f"첫날: {shown(first.detail)}", f"마지막 날: {shown(last.detail)}"]
        lines += [f"모두{worth}"] if worth else []
    if cause.days > 1 and cause.severity == "fail":
        lines.append(f"한 번에 결정: {decide_command(cause)}")
    return lines


def decide_command(cause: RepeatedFinding) -> str:
    """The command that decides all days of a cause, without who and why."""
    first = cause.first
    words = ["jeongsan", "acknowledge", "--kind", first.kind]
    words += ["--cluster", first.cluster] if first.cluster else []
    return shlex.join([*words, "--subject", first.subject, "--days", cause.span])


def documents_of(
    cause: RepeatedFinding, worth_krw: Mapping[str, int]
) -> Sequence[dict[str, object]]:
    """For JSON: what stops, day by day, since each day is decided; what tells, once, with its last
    day, how many there are and what each says."""
    if cause.severity == "fail" or cause.days == 1:
        return [_document(finding, worth_krw.get(finding.key)) for finding in cause.each]
    each = [
        {
            "key": finding.key,
            "day": finding.day,
            "detail": finding.detail,
            "worth_krw": worth_krw.get(finding.key),
        }
        for finding in cause.each
    ]
    more = {"last_day": cause.last.day, "days": cause.days, "each": each}
    return [_document(cause.first, worth_of(cause, worth_krw)) | more]


def _document(finding: Finding, worth_krw: int | None) -> dict[str, object]:
    return {
        "key": finding.key,
        "severity": finding.severity,
        "kind": finding.kind,
        "title": FINDING_TITLES.get(finding.kind, finding.kind),
        "stage": finding.stage,
        "cluster": finding.cluster,
        "day": finding.day,
        "subject": finding.subject,
        "detail": finding.detail,
        "worth_krw": worth_krw,
    }


def _repeat(causes: Iterable[RepeatedFinding]) -> bool:
    return any(cause.days > 1 for cause in causes)


def _sum(amounts: Iterable[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
