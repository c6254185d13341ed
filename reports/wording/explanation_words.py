"""How an explanation is worded for a company: rule values, limits, reasons."""

from typing import Final

from billing.explain.explanation import LimitHit, Unpaid
from billing.rulebook.dated import Origin
from billing.rulebook.rule_value import RuleValue
from reports.wording.labels import VAT_BASES
from reports.wording.limit_words import amount_text, limit_text, unit_text

UNPAID_REASONS: Final = {
    "before_window": "협약 시작 전",
    "after_window": "협약 기간이 끝난 뒤",
    "outside_project": "과제 수행 기간 밖의 사용",
    "unknown_programme": "규칙에 없는 사업",
    "not_in_force": "사업의 지원이 없는 날",
    "not_eligible": "지원 대상이 아님",
    "not_covered": "지원하지 않는 자원",
    "unused_capacity": "쓰지 않은 용량의 월 정액은 지원 대상이 아님",
    "nothing_left": "남은 금액이 없음 (앞선 사업이 먼저 지원)",
}
KEYS: Final = {
    "company_share": "기업 부담 비율",
    "market_share": "시장 가격 대비 기업 부담 비율",
    "krw_per_month": "월 정액",
    "company_in_kind": "기업 현물 부담",
    "reduction": "감면",
    "quota": "사용량 한도",
    "cap": "지원금 한도",
    "funding": "재원 분담",
    "truncate": "청구액 10원 미만 버림",
    "budget": "예산",
    "vat_base": "부가세 기준",
    "price_krw": "단가",
}
TRUNCATED: Final = {"True": "버림", "False": "버리지 않음"}
CAPS: Final = {"award_month": "협약·월", "award": "협약", "company_year": "기업·연도"}


def origin_text(origin: Origin) -> str:
    """Who says so: the publication, or that it is assumed or derived, and why."""
    parts = (
        origin.title,
        origin.href,
        f"공고 {origin.announced}" if origin.announced else "",
        f"가정: {origin.assumed}" if origin.assumed else "",
        f"유도: {origin.derived}" if origin.derived else "",
    )
    return " · ".join(part for part in parts if part)


def value_text(value: RuleValue) -> str:
    """기업 부담 비율 0.20 (programmes/X.yaml, 2025-08-01부터)."""
    key, _, clause = value.key.partition("#")
    word, _, rest = key.partition(" ")
    label = KEYS.get(word, key) + (f" {clause}번째 조항" if clause else "")
    part = value.part or (CAPS.get(rest, unit_text(rest)) if word in ("cap", "quota") else "")
    shown = value.value
    if word == "vat_base":
        shown = VAT_BASES.get(shown, shown)
    elif word == "truncate":
        shown = TRUNCATED[shown]
    elif word in ("budget", "cap") and shown.isdecimal():
        shown = f"{int(shown):,}원"
    elif word == "price_krw":
        shown = f"{shown}원"
    since = f", {value.start}부터" if value.start else ""
    name = f"{label}({part})" if part else label
    return f"{name} {shown} ({value.file}{since})"


def limit_hit_text(stop: LimitHit) -> str:
    """What stopped a subsidy, how it stood on its first day, and for how long."""
    days = f"{stop.first}" if stop.days == 1 else f"{stop.first} ~ {stop.last} 중 {stop.days}일"
    text = f"{limit_text(stop.stopped_by, storage=stop.unit == 'gb')}: {days}"
    if stop.granted is not None:
        granted, left = amount_text(stop.granted, stop.unit), amount_text(stop.left, stop.unit)
        daily = stop.unit == "gb"
        text += f", 하루 {granted}까지" if daily else f", {granted} 가운데 그날 아침 {left} 남음"
    return text + (f" [{stop.source}]" if stop.source else "")


def unpaid_text(unpaid: Unpaid) -> str:
    """Days without support and why."""
    same_day = unpaid.first == unpaid.last
    days = f"{unpaid.first}" if same_day else f"{unpaid.first} ~ {unpaid.last} 중 {unpaid.days}일"
    return f"{UNPAID_REASONS[unpaid.reason]}: {days}, 정가 {unpaid.charge_krw:,}원"
