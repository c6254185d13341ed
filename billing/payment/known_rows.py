"""Which rows of a list are kept already: told by what a row is, not by which columns were read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from billing.payment.bank_file import Payment, payment_id
from billing.payment.company_names import spelled

Sameness = Literal["same", "doubtful", "other"]
Moved = tuple[date, int]
PLACES = 64  # equals of a payment kept before balances were, of which its balance is looked for


@dataclass(frozen=True, slots=True)
class Recognised:
    """What of a list is known, each row by its line: the kept row of each known one, the kept row
    that each doubtful one may be, the line that each repeated one repeats; and those that are new.
    """

    new: tuple[Payment, ...]
    known: Mapping[int, Payment] = field(default_factory=dict)
    doubtful: Mapping[int, Payment] = field(default_factory=dict)
    repeated: Mapping[int, int] = field(default_factory=dict)


def recognise(rows: Sequence[Payment], kept: Iterable[Payment]) -> Recognised:
    """Each row of a list beside those that are kept: a kept one is one row of a list at most.

    Rows that say the same are counted: of three in a list where two are kept, one is new. Rows that
    agree in all that both say are one, whatever else only one of them says. A row that is told
    apart from a kept one by words only is doubtful while that one is no other row of the list.
    """
    kept_of: dict[Moved, list[Payment]] = defaultdict(list)
    for row in kept:
        kept_of[row.paid_on, row.amount_krw].append(row)
    rows_of: dict[Moved, list[Payment]] = defaultdict(list)
    for row in rows:
        rows_of[row.paid_on, row.amount_krw].append(row)
    known: dict[int, Payment] = {}
    doubtful: dict[int, Payment] = {}
    repeated: dict[int, int] = {}
    for moved, of_list in rows_of.items():
        free = kept_of.get(moved, [])
        pairs = _paired(of_list, free)
        known |= pairs
        taken = {row.payment_id for row in pairs.values()}
        free = [row for row in free if row.payment_id not in taken]
        rest = [row for row in of_list if row.line not in pairs]
        doubtful |= _assigned(rest, [_that(row, free, "doubtful") for row in rest])
        rest = [row for row in rest if row.line not in doubtful]
        repeated |= _repeated(of_list, {row.line for row in rest})
    told_apart = {*known, *doubtful, *repeated}
    new = tuple(row for row in rows if row.line not in told_apart)
    return Recognised(new, known, doubtful, repeated)


def sameness(row: Payment, kept: Payment) -> Sameness:
    """Whether two rows of one day and sum are one, by what both of them say."""
    if not _same_clock(row, kept):
        return "other"
    balance = _same_balance(row, kept)
    payer = _name(row.payer) == _name(kept.payer)
    if balance is False or not (payer or (balance and row.paid_at and kept.paid_at)):
        return "other"
    if row.account != kept.account:
        return "doubtful"
    return "same" if balance or _same_memo(row, kept) else "doubtful"


def named(rows: Iterable[Payment], kept: Iterable[str]) -> tuple[Payment, ...]:
    """New rows with names that nothing kept has."""
    taken = set(kept)
    given = []
    for row in rows:
        name, place = row.payment_id, 1
        while name in taken:
            place += 1
            name = payment_id(row, place)
        taken.add(name)
        given.append(replace(row, payment_id=name))
    return tuple(given)


def _paired(rows: Sequence[Payment], kept: Sequence[Payment]) -> dict[int, Payment]:
    """As many rows as can be, each with a kept one that is the same; equals first."""
    pairs: dict[int, Payment] = {}
    equals: dict[tuple[object, ...], list[Payment]] = defaultdict(list)
    for other in sorted(kept, key=lambda known: known.payment_id, reverse=True):
        equals[_all_said(other)].append(other)
    for row in rows:
        if equal := equals[_all_said(row)]:
            pairs[row.line] = equal.pop()
    taken = {row.payment_id for row in pairs.values()}
    free = [row for row in kept if row.payment_id not in taken]
    rest = [row for row in rows if row.line not in pairs]
    return pairs | _assigned(rest, [_that(row, free, "same") for row in rest])


def _that(row: Payment, kept: Iterable[Payment], wanted: Sameness) -> list[Payment]:
    return [other for other in kept if sameness(row, other) == wanted]


def _assigned(rows: Sequence[Payment], choices: Sequence[Sequence[Payment]]) -> dict[int, Payment]:
    """As many rows as can be, each with a choice of its own (augmenting paths)."""
    holder: dict[str, int] = {}
    chosen: dict[int, Payment] = {}
    for start in range(len(rows)):
        came: dict[str, int] = {}  # from which row a choice was reached
        queue, end = [start], None
        while queue and end is None:
            at = queue.pop(0)
            for choice in choices[at]:
                if choice.payment_id in came:
                    continue
                came[choice.payment_id] = at
                if choice.payment_id not in holder:
                    end = choice
                    break
                queue.append(holder[choice.payment_id])
        while end is not None:
            at = came[end.payment_id]
            holder[end.payment_id], before = at, chosen.get(at)
            chosen[at], end = end, before
    return {rows[at].line: choice for at, choice in chosen.items()}


def _repeated(rows: Iterable[Payment], unknown: set[int]) -> dict[int, int]:
    """Rows that stand in a list once more: where a balance is the same twice at one second, money
    came in once, or went out again between."""
    first: dict[tuple[object, ...], int] = {}
    again = {}
    for row in rows:
        if row.balance and row.paid_at:
            before = first.setdefault(_all_said(row), row.line)
            if before != row.line and row.line in unknown:
                again[row.line] = before
    return again


def _all_said(row: Payment) -> tuple[object, ...]:
    return (row.account, row.paid_at, row.payer, row.memo, _won(row.balance))


def _same_clock(row: Payment, other: Payment) -> bool:
    if not (row.paid_at and other.paid_at):
        return True
    if _to_second(row) and _to_second(other):
        return row.paid_at == other.paid_at
    return row.paid_at[:5] == other.paid_at[:5]


def _to_second(row: Payment) -> bool:
    return not row.paid_at.endswith(":00") if row.says is None else "second" in row.says


def _same_memo(row: Payment, other: Payment) -> bool:
    if not (_says_memo(row) and _says_memo(other)):
        return True
    return "".join(row.memo.split()) == "".join(other.memo.split())


def _says_memo(row: Payment) -> bool:
    return bool(row.memo) if row.says is None else "memo" in row.says


def _same_balance(row: Payment, other: Payment) -> bool | None:
    """Whether both have the same balance; None where that cannot be known."""
    for ours, theirs in ((row, other), (other, row)):
        if ours.says is None and theirs.balance:
            return _kept_balance(ours, theirs.balance)
    return _won(row.balance) == _won(other.balance) if row.balance and other.balance else None


def _kept_balance(kept: Payment, balance: str) -> bool | None:
    """The same of a payment that was kept before balances were: its id was made of its own."""
    won = _won(balance)
    spellings = {balance, won, f"{int(won):,}" if won.lstrip("-").isdecimal() else won}
    if any(_is_of(kept, spelling) for spelling in spellings):
        return True
    return None if _is_of(kept, "") else False


def _is_of(kept: Payment, balance: str) -> bool:
    return any(
        kept.payment_id == payment_id(replace(kept, balance=balance), place)
        for place in range(1, PLACES + 1)
    )


def _won(balance: str) -> str:
    return balance.replace(",", "")


def _name(payer: str) -> str:
    return spelled(payer) or payer.strip()
