"""Decides findings of one kind together: what a span of days covers, then all of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from metering.database.connection import Database
from metering.database.decisions import Acknowledgement, acknowledge, acknowledgements
from metering.database.findings import findings
from metering.errors import ConflictError, JeongsanError
from metering.finding import Finding


@dataclass(frozen=True, slots=True)
class DecisionSpan:
    """Which findings are meant: of a kind, from a day to another (both in it), of one cluster and
    about one subject where these are said."""

    kind: str
    first: date
    last: date
    cluster: str | None = None
    subject: str | None = None

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is meant. What belongs to no day never is."""
        return (
            finding.kind == self.kind
            and finding.day is not None
            and self.first <= finding.day <= self.last
            and self.cluster in (None, finding.cluster)
            and self.subject in (None, finding.subject)
        )

    def __str__(self) -> str:
        places = [text for text in (self.cluster, self.subject) if text is not None]
        return " ".join([self.kind, *places, f"{self.first}..{self.last}"])


@dataclass(frozen=True, slots=True)
class Covered:
    """What a span covers now: findings that nobody decided, and those that somebody did."""

    open: tuple[Finding, ...]
    decided: tuple[Finding, ...]


def covered_by(database: Database, span: DecisionSpan) -> Covered:
    """The stored findings that a span means; JeongsanError where none of them is open."""
    with database.read() as connection:
        stored = findings(connection, date_from=span.first, date_to=span.last)
        answers = acknowledgements(connection)
    meant = [finding for finding in stored if span.covers(finding)]
    left = tuple(finding for finding in meant if not is_decided(finding, answers))
    if not left:
        state = "all of it is decided" if meant else "`jeongsan status --findings` lists them"
        raise JeongsanError(f"no open finding of {span}; {state}")
    return Covered(left, tuple(finding for finding in meant if finding not in left))


def decide(
    database: Database,
    listed: Iterable[Finding],
    effect: str,
    reason: str,
    by: str,
    at_ms: int | None = None,
    account: str = "",
) -> list[Acknowledgement]:
    """Stores the same decision about each of the findings that a person has seen, in one
    transaction. One that comes later is not among them. ConflictError, and nothing is decided,
    where one of them is gone or reads otherwise by now."""
    wanted = sorted(listed, key=lambda finding: finding.key)
    if effect == "exclude" and any(finding.severity == "warn" for finding in wanted):
        raise JeongsanError("a warning has nothing to leave out: only what stops can be excluded")
    with database.begin() as connection:
        stored = {finding.key: finding.detail for finding in findings(connection)}
        changed = [finding for finding in wanted if stored.get(finding.key) != finding.detail]
        if changed:
            place = f"{changed[0].kind} {changed[0].cluster} {changed[0].day}"
            raise ConflictError(
                f"{len(changed)} of {len(wanted)} findings changed while they were looked at"
                f" ({place}); nothing is decided: look again"
            )
        decision = (effect, reason, by, at_ms, account)
        return [acknowledge(connection, finding.key, *decision) for finding in wanted]


def is_decided(finding: Finding, answers: dict[str, Acknowledgement]) -> bool:
    """Whether somebody decided about a finding as it reads now."""
    answer = answers.get(finding.key)
    return answer is not None and answer.answers(finding)
