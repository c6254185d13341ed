"""What companies owe by how long it is overdue, on any day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from billing.payment.cash_application import OpenDocument

# Days overdue up to which a column reaches, the usual quarters of an ageing table (assumed).
REACHES = (0, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Age:
    """What a company owes: open_krw by column (not due, to 30, 60 and 90 days, longer), and what
    is owed to it."""

    company_id: str
    company: str
    open_krw: tuple[int, ...]
    credit_krw: int

    @property
    def total_krw(self) -> int:
        """All that is open."""
        return sum(self.open_krw)


def age(
    dues: Iterable[OpenDocument], owed: Mapping[str, int], names: Mapping[str, str], on: date
) -> tuple[Age, ...]:
    """A line a company that owes or is owed anything on a day, in order of id."""
    open_krw: dict[str, list[int]] = {}
    called = dict(names)
    for due in dues:
        if due.open_krw:
            columns = open_krw.setdefault(due.company_id, [0] * (len(REACHES) + 1))
            columns[column_of((on - due.due_on).days)] += due.open_krw
            called.setdefault(due.company_id, due.company)
    nothing = [0] * (len(REACHES) + 1)
    return tuple(
        Age(
            company, called.get(company, company), tuple(open_krw.get(company, nothing)),
            owed.get(company, 0),
        )
        for company in sorted({*open_krw, *owed})
    )  # fmt: skip


def column_of(days: int) -> int:
    """The column of so many days overdue; the day of payment itself is not overdue."""
    return next((at for at, reach in enumerate(REACHES) if days <= reach), len(REACHES))
