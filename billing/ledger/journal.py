"""The journal: every posting as an entry with its day, and what each account comes to by month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from billing.ledger.tables import payment_posting, posting
from metering.calendar import month_last_day, month_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a balanced group on the day it is booked. amount_krw: debit positive."""

    day: date
    month: str
    group: str
    seq: int
    account: str
    amount_krw: int
    memo: str


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account over a stretch of months. Credits are positive in credit_krw, negative in sums."""

    account: str
    opening_krw: int
    debit_krw: int
    credit_krw: int

    @property
    def closing_krw(self) -> int:
        """What it comes to at the end; a debit balance is positive."""
        return self.opening_krw + self.debit_krw - self.credit_krw


@dataclass(frozen=True, slots=True)
class Trial:
    """The trial balance of some months, and the groups in them that do not sum to zero."""

    first: str
    last: str
    accounts: tuple[AccountBalance, ...]
    unbalanced: tuple[tuple[str, int], ...]

    @property
    def total(self) -> AccountBalance:
        """The sum over accounts: opening and closing are zero, and debits are credits."""
        return AccountBalance(
            "",
            sum(account.opening_krw for account in self.accounts),
            sum(account.debit_krw for account in self.accounts),
            sum(account.credit_krw for account in self.accounts),
        )

    @property
    def balanced(self) -> bool:
        """Whether every group sums to zero, and so every sum of them."""
        total = self.total
        whole = total.opening_krw == total.closing_krw == 0 and total.debit_krw == total.credit_krw
        return whole and not self.unbalanced


def entries(connection: Connection) -> tuple[Entry, ...]:
    """Everything that was ever posted, in order of day, group and place in it. A month's documents
    are booked on the day they are written on, its last one."""
    booked = [
        Entry(
            month_last_day(row.month), row.month, row.group_id, row.seq, row.account,
            row.amount_krw, row.memo,
        )
        for row in connection.execute(select(posting))
    ]  # fmt: skip
    booked += [
        Entry(
            row.day, month_of(row.day), row.group_id, row.seq, row.account, row.amount_krw, row.memo
        )
        for row in connection.execute(select(payment_posting))
    ]
    return tuple(sorted(booked, key=lambda entry: (entry.day, entry.group, entry.seq)))


def trial(booked: Sequence[Entry], first: str, last: str) -> Trial:
    """What each account comes to from one month to another, both included."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    groups: dict[str, int] = defaultdict(int)
    for entry in booked:
        if entry.month > last:
            continue
        of_account = sums[entry.account]
        if entry.month < first:
            of_account[0] += entry.amount_krw
        elif entry.amount_krw > 0:
            of_account[1] += entry.amount_krw
        else:
            of_account[2] -= entry.amount_krw
        groups[entry.group] += entry.amount_krw
    return Trial(
        first,
        last,
        tuple(AccountBalance(account, *of) for account, of in sorted(sums.items()) if any(of)),
        tuple((group, left) for group, left in sorted(groups.items()) if left),
    )


def by_month(booked: Iterable[Entry]) -> tuple[tuple[str, AccountBalance], ...]:
    """Every month in which an account moved, with what it stood at before and stands at after."""
    moved: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in booked:
        side = 0 if entry.amount_krw > 0 else 1
        moved[entry.month, entry.account][side] += abs(entry.amount_krw)
    balance_krw: dict[str, int] = defaultdict(int)
    rows = []
    for (month, account), (debit_krw, credit_krw) in sorted(moved.items()):
        row = AccountBalance(account, balance_krw[account], debit_krw, credit_krw)
        balance_krw[account] = row.closing_krw
        rows.append((month, row))
    return tuple(rows)
