"""Which lines of a list wait for a person, and which of them are kept already."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from billing.document import digest_of
from billing.payment.bank_file import ID_LETTERS, BankFile, Payment, UntakenLine
from billing.payment.bank_line_ledger import BankLine
from billing.payment.company_names import spelled
from billing.payment.known_rows import Recognised, named, recognise


@dataclass(frozen=True, slots=True)
class Untaken:
    """The lines of a list that are not kept yet, and the ids of those that are."""

    new: tuple[BankLine, ...]
    known: frozenset[str]


def untaken(
    file: BankFile, rec: Recognised, kept: Sequence[BankLine], payments: Sequence[Payment]
) -> Untaken:
    """What of a list a person has to see. payments: those that are kept with it; rec: what of its
    payments is known."""
    back = [line for line in file.untaken if line.kind == "reversal"]
    kept_back = [line for line in kept if line.kind == "reversal"]
    known_back = recognise(_moved(back), _moved(kept_back)).known
    odd = list(_odd(file))
    kept_ids = {line.line_id for line in kept}
    fresh = [line for line in back if line.line not in known_back]
    doubtful, of = _doubtful(file, rec)
    taken = {*kept_ids, *(row.payment_id for row in payments)}
    rows = {row.line: row for row in named(_moved([*fresh, *doubtful]), taken)}
    spent = {line.payment_id for line in kept_back}
    for line in fresh:
        own = [row for row in payments if row.payment_id not in spent]
        if (payment := _taken_back(rows[line.line], own)) is not None:
            of[line.line] = payment.payment_id
            spent.add(payment.payment_id)
    new = [_bank_line(file, line, rows[line.line], of) for line in (*fresh, *doubtful)]
    new += [
        BankLine(
            line_id, file.digest, file.name, line.line, "odd", line.reason, line.text, file.account
        )
        for line, line_id in odd
        if line_id not in kept_ids
    ]
    known = {row.payment_id for row in known_back.values()}
    known |= {line_id for _, line_id in odd if line_id in kept_ids}
    return Untaken(tuple(sorted(new, key=lambda line: line.line)), frozenset(known))


def _moved(lines: Iterable[UntakenLine | BankLine]) -> list[Payment]:
    return [line.moved for line in lines if line.moved is not None]


def _doubtful(file: BankFile, rec: Recognised) -> tuple[list[UntakenLine], dict[int, str]]:
    """The rows that may be known, each with the payment that it may be."""
    of_line = {**rec.doubtful, **rec.known, **{row.line: row for row in rec.new}}
    lines: list[UntakenLine] = []
    of: dict[int, str] = {}
    for row in file.payments:
        if row.line in rec.doubtful:
            kept = rec.doubtful[row.line]
            reason = f"may be {_shown(kept)}, which is kept already"
        elif row.line in rec.repeated:
            before = rec.repeated[row.line]
            kept = of_line[before]
            reason = f"says all that line {before} says, the balance too"
        else:
            continue
        of[row.line] = kept.payment_id
        lines.append(UntakenLine(row.line, "doubtful", reason, _shown(row), row))
    return lines, of


def _bank_line(file: BankFile, line: UntakenLine, row: Payment, of: Mapping[int, str]) -> BankLine:
    payment_id = of.get(line.line)
    named_too = line.kind == "reversal" and payment_id is not None
    reason = f"{line.reason} of payment {payment_id}" if named_too else line.reason
    moved = replace(row, line=line.line)
    return BankLine(
        row.payment_id, file.digest, file.name, line.line, line.kind, reason, line.text,
        file.account, moved, payment_id,
    )  # fmt: skip


def _odd(file: BankFile) -> Iterator[tuple[UntakenLine, str]]:
    """The lines that cannot be read, named by what stands in them and their place among equals."""
    equal: Counter[str] = Counter()
    for line in file.untaken:
        if line.kind == "odd":
            equal[line.text] += 1
            words = [file.account, "odd", line.text, equal[line.text]]
            yield line, digest_of(words)[:ID_LETTERS]


def _taken_back(back: Payment, payments: Iterable[Payment]) -> Payment | None:
    """The payment that a reversal takes back: the last of its payer and sum before it."""
    until = (back.paid_on, back.paid_at or "24")
    before = [
        payment
        for payment in payments
        if (payment.account, payment.amount_krw) == (back.account, back.amount_krw)
        and spelled(payment.payer) == spelled(back.payer)
        and (payment.paid_on, payment.paid_at) <= until
    ]
    return max(before, key=lambda row: (row.paid_on, row.paid_at, row.payment_id), default=None)


def _shown(row: Payment) -> str:
    words = (str(row.paid_on), row.paid_at, row.memo, row.payer, f"{row.amount_krw:,}", row.balance)
    return " ".join(word for word in words if word)
