"""How limits and recalls are worded: what a limit is of, its amounts, what was granted."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from billing.rulebook.price import DEVICE_US_OF_HOUR, GB_OF_MIB
from billing.rulebook.rule_book import SWAP_UNITS
from billing.subsidy.quotas import HOURS_OF_DAY, MICRO, SECONDS_OF_DAY
from reports.wording.numbers_and_dates import DEVICE_HOURS, number

LIMIT_TITLES: Final = {
    "quota": "사용량",
    "level": "하루 한도",
    "award_month": "월 지원금",
    "award": "지원금",
    "company_year": "연간 지원금",
    "budget": "재원 예산",
    "programme": "집행 총액",
}
UNITS: Final = {
    "device_hours": DEVICE_HOURS,
    "pf_hours": "PF·시간",
    "devices": "장",
    "pf": "PF",
    "gb": "GB",
    "krw": "원",
}
RECALL_REASONS: Final = {
    "low_use": "이용률 미달",
    "commercial": "상업 목적 사용",
    "other_use": "목적외 사용",
}


def in_unit(amount: int, unit: str) -> Fraction:
    """An amount of a limit's whole units in the unit that people write (subsidy/quotas.py)."""
    counted, _, table = unit.partition(":")
    if table:
        return in_unit(amount, counted) / SWAP_UNITS
    match unit:
        case "device_hours":
            return Fraction(amount, DEVICE_US_OF_HOUR)
        case "pf_hours":
            return Fraction(amount, DEVICE_US_OF_HOUR * MICRO)
        case "devices":
            return Fraction(amount, DEVICE_US_OF_HOUR * HOURS_OF_DAY)
        case "pf":
            return Fraction(amount, DEVICE_US_OF_HOUR * HOURS_OF_DAY * MICRO)
        case "gb":
            return amount * GB_OF_MIB / SECONDS_OF_DAY
        case _:
            return Fraction(amount)


def unit_text(unit: str) -> str:
    """A unit in Korean; cards by a table of equals name it: 장·시간(nipa 환산)."""
    counted, _, table = unit.partition(":")
    text = UNITS.get(counted, unit)
    return f"{text}({table} 환산)" if table else text


def amount_text(amount: int | None, unit: str) -> str:
    """1,234원 or 12.5 장·시간; 0 is written, and '-' stands for what has no limit."""
    if amount is None:
        return "-"
    if unit == "krw":
        return f"{amount:,}원"
    return f"{number(in_unit(amount, unit), 1)} {unit_text(unit)}"


def quota_text(quota: Decimal | None, unit: str | None) -> str:
    """What an award grants, or granted until it was recalled: 8 장; '-' without a quota."""
    if quota is None or unit is None:
        return "-"
    return f"{quota:,} {unit_text(unit)}"


def limit_text(stopped_by: str, *, storage: bool) -> str:
    """The limit that cut a subsidy of device time or of storage, in Korean: quota:A-1 ->
    협약 사용량 한도(A-1), or 협약 하루 저장 한도(A-1), which is another limit of the award."""
    kind, _, rest = stopped_by.partition(":")
    if kind == "cap":
        kind, _, rest = rest.partition(":")
    labels = {
        "quota": "협약 하루 저장 한도" if storage else "협약 사용량 한도",
        "award_month": "협약 월 지원금 한도",
        "award": "협약 지원금 한도",
        "company_year": "기업 연간 지원금 한도",
        "budget": "재원 예산",
        "filed": "제출한 정산의 금액",
    }
    return f"{labels[kind]}({rest})" if kind in labels else stopped_by
