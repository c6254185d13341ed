"""Verifying the audit trail: its chain holds, each decision in force is the one that it has, and it
ends no earlier than the register of numbers says."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from billing.document import digest_of, sha256_hex
from billing.ledger import adjustment_ledger, ledger, number_register
from billing.ledger.number_register import TAKEN_OVER, path_of
from billing.ledger.tables import grant_filing
from billing.payment.bank_line_ledger import line_decisions
from billing.verify.differences import Discrepancy, same
from metering.database.audit_chain import BEGINNING, ChainEnd, broken_links, chain_end
from metering.database.audit_trail import AuditEntry, trail
from metering.database.connection import Database
from metering.database.tables import acknowledgement, registry, registry_in_force, waived_day
from metering.errors import JeongsanError

Said = tuple[object, ...]
NOTHING = "nothing"
TAKEN_BACK = re.compile(r"(\S+) (?:bill|exclude) \(")
WANTED_AGAIN = re.compile(r"(.+?) (\d{4}-\d{2}-\d{2}) \(")


@dataclass(frozen=True, slots=True)
class CheckedAudit:
    """How many decisions there are, where their chain ends, and what is not as it was written."""

    decisions: int
    end: ChainEnd
    differences: tuple[Discrepancy, ...]


def check_audit(database: Database) -> CheckedAudit:
    """The whole trail, out of one snapshot."""
    with database.read() as connection:
        decisions = sum(1 for _ in trail(connection))
        return CheckedAudit(decisions, chain_end(connection), tuple(verify_audit(connection)))


def verify_audit(connection: Connection) -> list[Discrepancy]:
    """What of the trail is not as it was written, and what is in force that nobody decided."""
    entries = list(trail(connection))
    return [
        *(
            Discrepancy(f"audit trail: entry {link.place}: {link.part}", link.expected, link.stored)
            for link in broken_links(connection)
        ),
        *_acknowledged(connection, entries),
        *_waived(connection, entries),
        *_registry(connection, entries),
        *_months(connection, entries),
        *_adjusted(connection, entries),
        *_filed(connection, entries),
        *_lines(connection, entries),
        *_registered(connection, entries),
    ]


def _compared(
    place: Callable[[str], str], decided: Mapping[str, Said], stored: Mapping[str, Said]
) -> list[Discrepancy]:
    """By what each is about, where what was decided is not what is stored."""
    differences = []
    for key in sorted({*decided, *stored}):
        wanted, there = (
            NOTHING
            if said is None
            else " ".join("-" if part is None else str(part) for part in said)
            for said in (decided.get(key), stored.get(key))
        )
        differences += same(place(key), wanted, there)
    return differences


def _acknowledged(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    """The text that was decided on is compared where the trail has its digest (since 0017)."""
    decided: dict[str, AuditEntry] = {}
    for entry in entries:
        if entry.act == "acknowledge":
            decided[entry.subject.split(" ")[0]] = entry
        elif entry.act == "withdraw" and (gone := TAKEN_BACK.match(entry.subject)):
            decided.pop(gone[1], None)
    stored: dict[str, Said] = {}
    for row in connection.execute(select(acknowledgement)):
        entry_digest = decided[row.finding_key].digest if row.finding_key in decided else ""
        text = entry_digest and sha256_hex(row.detail.encode())
        said = (row.effect, row.by.strip(), row.reason, row.at_ms, text)
        stored[row.finding_key] = said
    wanted: dict[str, Said] = {
        key: (
            entry.subject.split(" ")[1],
            entry.who.by,
            entry.reason,
            entry.who.at_ms,
            entry.digest,
        )
        for key, entry in decided.items()
    }
    return _compared(lambda key: f"acknowledgement {key}", wanted, stored)


def _waived(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    decided: dict[str, Said] = {}
    for entry in entries:
        if entry.act == "waive":
            decided[entry.subject] = (entry.who.by, entry.reason)
        elif entry.act == "withdraw" and (again := WANTED_AGAIN.match(entry.subject)):
            decided.pop(f"{again[1]} {again[2]}", None)
    stored: dict[str, Said] = {
        f"{row.cluster} {row.day}": (row.by.strip(), row.reason)
        for row in connection.execute(select(waived_day))
    }
    return _compared(lambda key: f"waived day {key}", decided, stored)


def _registry(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    """Every version is the text that its digest names, was loaded, and the last one is in force."""
    loaded = [entry.digest for entry in entries if entry.act == "load"]
    differences = []
    rows = {row.sequence: row for row in connection.execute(select(registry))}
    for sequence, row in sorted(rows.items()):
        stored = sha256_hex(row.document.encode())
        differences += same(f"registry version {sequence}: document", row.digest, stored)
        if row.digest not in loaded:
            differences.append(Discrepancy(f"registry version {sequence}", NOTHING, row.digest))
    query = select(registry.c.digest).join(
        registry_in_force, registry_in_force.c.sequence == registry.c.sequence
    )
    in_force = connection.execute(query).scalar()
    return differences + same("registry in force", loaded[-1] if loaded else None, in_force)


def _months(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    decided: dict[str, tuple[str, str | None, str | None]] = {}
    for entry in entries:
        if entry.month is None or entry.subject:
            continue
        month, by = entry.month, entry.who.by
        match entry.act:
            case "draft" | "withdraw":
                decided[month] = ("draft", entry.digest, None)
            case "approve":
                decided[month] = ("approved", entry.digest, by)
            case "issue":
                approved_by = decided[month][2] if month in decided else None
                decided[month] = ("issued", entry.digest, approved_by)
    stored: dict[str, Said] = {
        state.month: (state.state, state.digest, state.approved_by)
        for state in ledger.month_states(connection)
    }
    return _compared(lambda key: f"month {key}", decided, stored)


def _adjusted(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    decided: dict[str, Said] = {
        entry.subject: (entry.month, entry.digest, entry.who.by, entry.reason.strip())
        for entry in entries
        if entry.act == "adjust"
    }
    stored: dict[str, Said] = {
        str(done.sequence): (
            done.first_month, done.digest, done.approved_by.strip(), done.reason.strip()
        )
        for done in adjustment_ledger.adjustments(connection)
    }  # fmt: skip
    return _compared(lambda key: f"adjustment {key}", decided, stored)


def _filed(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    table = grant_filing.c
    query = select(grant_filing).order_by(table.programme, table.year, table.sequence)
    stored = [(f"{r.programme} {r.year}", r.digest) for r in connection.execute(query)]
    decided = [(entry.subject, entry.digest) for entry in entries if entry.act == "file"]
    return _compared(lambda key: f"settlement {key}", _numbered(decided), _numbered(stored))


def _lines(connection: Connection, entries: Iterable[AuditEntry]) -> list[Discrepancy]:
    stored = [(f"{row.line_id} {row.kind}", digest_of(row)) for row in line_decisions(connection)]
    decided = [(entry.subject, entry.digest) for entry in entries if entry.act == "line"]
    return _compared(lambda key: f"bank line {key}", _numbered(decided), _numbered(stored))


def _numbered(said: Sequence[tuple[str, str | None]]) -> dict[str, Said]:
    """Digests by what they are about, the first, second ... of each."""
    numbered: dict[str, Said] = {}
    count: dict[str, int] = {}
    for subject, digest in said:
        count[subject] = count.get(subject, 0) + 1
        numbered[f"{subject} {count[subject]}"] = (digest,)
    return numbered


def _registered(connection: Connection, entries: Sequence[AuditEntry]) -> list[Discrepancy]:
    """Where the trail ended at each issue is in it still: rows cut off its end are told by this. An
    entry that was taken over from the lake came after a trail that was lost, and a row says so."""
    try:
        register = number_register.entries(connection)
    except JeongsanError:
        return []  # which verify_register tells
    lost = {(entry.subject, entry.digest) for entry in entries if entry.act == "chain"}
    known = {BEGINNING} | {entry.row_hash for entry in entries}
    return [
        Discrepancy(f"audit trail: end at {path_of(given.sequence)}", given.trail, NOTHING)
        for given in register
        if given.trail not in known and (f"{TAKEN_OVER} {given.sequence}", given.trail) not in lost
    ]
