"""What site.toml says of the bank's list of transactions: how its columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from metering.toml_reader import TomlTable

# What a payment is read from. The headings are assumed: every bank has its own, and a site says
# which. Those of NEEDED have to be there, the others if the site names them.
HEADINGS = {
    "paid": "거래일시",
    "amount": "입금액",
    "payer": "보낸분",
    "memo": "적요",
    "withdrawn": "출금액",
    "balance": "잔액",
}
NEEDED = ("paid", "amount", "payer")
# What a bank writes in `memo` of a row that takes money back. Assumed, as the headings are.
REVERSALS = ("취소", "입금취소", "이체취소", "거래취소")


@dataclass(frozen=True, slots=True)
class BankLayout:
    """The account that money comes to, and the headings of a list of its transactions."""

    account: str = "bank"
    headings: Mapping[str, str] = field(default_factory=lambda: dict(HEADINGS))
    needed: tuple[str, ...] = NEEDED
    reversals: tuple[str, ...] = REVERSALS  # words of `memo`, blanks aside


def without_blanks(text: str) -> str:
    """A word as it is compared: banks write 입금취소 and 입금 취소."""
    return "".join(text.split())


def read_bank_layout(root: TomlTable) -> BankLayout:
    """The table [bank], or what holds without one."""
    if not root.has("bank"):
        return BankLayout()
    table = root.table("bank")
    account = table.text("account", "bank")
    named = table.texts_by_name("columns") if table.has("columns") else dict(HEADINGS)
    needed = tuple(named) if table.has("columns") else NEEDED
    reversals = table.texts("reversals") if table.has("reversals") else REVERSALS
    table.close()
    for name in named:
        if name not in HEADINGS:
            table.wrong("columns", f"{name} is none of {', '.join(HEADINGS)}")
    for name in NEEDED:
        if name not in named:
            table.wrong("columns", f"needs {name}, as the bank calls it")
    return BankLayout(account, named, needed, tuple(map(without_blanks, reversals)))
