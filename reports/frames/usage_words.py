"""How the columns and codes of metered usage are called in Korean."""

from collections.abc import Mapping
from typing import Final

from reports.frames.usage_choices import UsageBy

HEADINGS: Final[Mapping[str, str]] = {
    "day": "날짜",
    "company_id": "기업번호",
    "company": "기업",
    "project_id": "과제번호",
    "project": "과제명",
    "owner": "소유",
    "reason": "제외 사유",
    "cluster": "구역",
    "title": "구역 이름",
    "source": "출처",
    "account": "계정",
    "allocation": "할당",
    "submitted_at": "제출 시각",
    "started_at": "시작 시각",
    "sku": "SKU",
    "quantity": "정수 수량",
    "unit": "정수 단위",
    "amount": "수량",
    "amount_unit": "단위",
    "issued_quantity": "발행 정수 수량",
    "issued_amount": "발행 수량",
    "estimated": "추정",
    "provisional": "잠정",
    "outdated": "다시 계측할 것",
    "known_to": "알려진 시각",
    "days": "계측한 날",
    "missing": "빠진 날",
}
OWNERS: Final = {"project": "과제", "nobody": "미소유", "set_aside": "청구 제외"}
LEVEL_WORDS: Final[Mapping[UsageBy | None, str]] = {
    None: "일별·계정별",
    UsageBy.DAY: "일별",
    UsageBy.COMPANY: "기업별",
    UsageBy.PROJECT: "과제별",
    UsageBy.SKU: "자원별",
    UsageBy.ACCOUNT: "계정별",
    UsageBy.ALLOCATION: "할당별",
}
MARKS: Final = {"estimated": "추정", "provisional": "잠정", "outdated": "다시 계측"}
