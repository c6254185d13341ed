"""What the codes of records are called in Korean: funding sources, states of a month, kinds of
organisation, VAT bases, and what an invoice is called."""

from typing import Final

from billing.records import Invoice

FUNDINGS: Final = {
    "national": "국비", "city": "시비", "centre": "센터",
    "centre_after_filing": "센터 부담(정산 제출 뒤)",
}  # fmt: skip
MONTH_STATES: Final = {"open": "열림", "draft": "초안", "approved": "승인", "issued": "발행"}
STEP_STATES: Final = {**MONTH_STATES, "withdrawn": "승인 철회"}
ORG_TYPES: Final = {
    "startup": "창업기업",
    "sme": "중소기업",
    "mid": "중견기업",
    "large": "대기업",
    "university": "대학",
    "institute": "연구소",
    "public": "공공기관",
    "association": "협회·단체",
}
VAT_BASES: Final = {
    "SELF_PAY": "자부담 기준",
    "GROSS": "총액 기준",
    "EXEMPT": "면세",
}
OUTCOMES: Final = {
    "model": "AI 모델(건)",
    "commercial": "상용화(건)",
    "paper": "논문(편)",
    "patent": "특허(건)",
    "sales": "매출(원)",
    "hire": "신규 고용(명)",
    "investment": "투자 유치(원)",
}
EFFECTS: Final = {"bill": "청구", "exclude": "제외"}
SETTLED: Final = {"claimed": "사후 청구", "advanced": "선교부", "in_kind": "현물"}


def invoice_title(invoice: Invoice) -> str:
    """What a document is called: a statement alone where nothing is supplied for money."""
    billed = invoice.kind == "tax" or invoice.supply_krw
    return "청구서 겸 거래명세서" if billed else "거래명세서"
