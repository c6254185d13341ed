"""How corrections are told in Korean: causes, reasons (수정사유), what each document does."""

from collections.abc import Mapping
from typing import Final

from billing.ledger.amendments import Amendment, Step
from billing.records import Settled
from billing.rulebook.amendment_reasons import Kind

CAUSES: Final[Mapping[Kind, str]] = {
    "printed": "기재사항(상호·등록번호·주소 등)",
    "registry": "등록부(협약)",
    "usage": "사용량",
    "price": "단가",
    "rule": "규칙",
    "shared": "함께 쓰는 예산",
    "agreed_price": "단가 합의 변경",
    "double_issue": "이중 발급",
    "contract_ended": "계약 해제",
    "program": "프로그램의 셈법",
}
# The reasons of an amended tax invoice as the National Tax Service names them.
AMENDMENT_REASONS: Final[Mapping[int, str]] = {
    1: "기재사항 착오정정",
    2: "공급가액 변동",
    3: "환입",
    4: "계약의 해제",
    5: "내국신용장 사후개설",
    6: "착오에 의한 이중발급",
}
STEPS: Final[Mapping[Step, str]] = {
    "new": "새 발급",
    "negative": "당초분 취소",
    "right": "바른 금액으로 다시 발급",
    "difference": "차액",
}
CLAIM_SETTLED: Final[Mapping[Settled, str]] = {
    "claimed": "청구",
    "advanced": "선수금",
    "in_kind": "현물",
}


def reason_text(document: Amendment) -> str:
    """1. 기재사항 착오정정; '-' for what has no reason of its own."""
    if document.reason is None:
        return "-"
    return f"{document.reason}. {AMENDMENT_REASONS[document.reason]}"


def causes_text(document: Amendment) -> str:
    """What had changed, in the order in which it was attributed."""
    return ", ".join(CAUSES[cause] for cause in document.causes)
