"""How an account of the ledger is called in Korean, and whom, what and which money it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from metering.registry.registry import Registry
from reports.wording.labels import FUNDINGS

ACCOUNT_TITLES: Final = {
    "receivable:company": "미수금(기업)",
    "receivable:programme": "미수금(지원사업)",
    "advance:programme": "선수 지원금",
    "expense:support": "센터 지원비(현물)",
    "in_kind:company": "기업 현물 부담",
    "payable:company": "기업에 돌려줄 돈",
    "interest:programme": "지원금 이자(반납할 돈)",
    "rounding:claim": "지원금 단수 차이",
    "revenue": "이용료 수익",
    "vat": "부가세예수금",
    "bank": "보통예금",
    "unmatched": "가수금(맞추지 못한 입금)",
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account taken apart; what it does not have is empty."""

    title: str
    company_id: str = ""
    company: str = ""
    programme: str = ""
    funding: str = ""

    @property
    def label(self) -> str:
        """미수금(기업) 회사1, 미수금(지원사업) AICA-2025R 국비."""
        who = self.company or self.company_id
        money = FUNDINGS.get(self.funding, self.funding)
        return " ".join(part for part in (self.title, who, self.programme, money) if part)


def company_names(registry: Registry) -> dict[str, str]:
    """Companies by their id, as they are called now."""
    return {company.company_id: company.name for company in registry.companies}


def account_of(account: str, names: Mapping[str, str]) -> Account:
    """An account's parts, with the company's name where it is known."""
    kind, _, rest = account.partition(":")
    of, _, rest = rest.partition(":")
    title = ACCOUNT_TITLES.get(f"{kind}:{of}" if of else kind, ACCOUNT_TITLES.get(kind, account))
    if of == "company":
        return Account(title, rest, names.get(rest, ""))
    programme, _, funding = rest.rpartition(":")
    return Account(title, programme=programme or rest, funding=funding if programme else "")
