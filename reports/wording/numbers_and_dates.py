"""How figures and days are written for readers in Korea: won, hours, rates, prices, dates."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billing.money import format_krw
from billing.rulebook.price import GB_OF_MIB, GIB_OF_MIB, SECONDS_OF_HOUR

DEVICE_US_OF_HOUR: Final = 3_600_000_000
NANOSECONDS_OF_HOUR: Final = 3_600_000_000_000
MILLI_MS_OF_HOUR: Final = 3_600_000_000
MICROJOULES_OF_KWH: Final = 3_600_000_000_000
DEVICE_HOURS: Final = "장·시간"

WEEKDAYS: Final = "월화수목금토일"
PRICE_UNITS: Final = {
    "device_hour": "장·시간",
    "gb_month": "GB·월",
    "gib_month": "GiB·월",
    "gb_hour": "GB·시간",
    "gib_hour": "GiB·시간",
    "gb": "GB",
    "krw": "원",
}


def krw(amount_krw: int | None) -> str:
    """Won as tables print it: 1,234, △1,234, 0; '-' for what is not known."""
    return "-" if amount_krw is None else format_krw(amount_krw)


def thousand_krw(amount_krw: int | None) -> str:
    """Thousands of won, rounded half up for the eye only; '-' for what is not known."""
    if amount_krw is None:
        return "-"
    return krw(int(rounded(Fraction(amount_krw, 1000), 0)))


def rounded(exact: Fraction, places: int) -> Decimal:
    """A fraction rounded half up (away from zero) to so many decimals, for display only."""
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    value = Decimal(whole).scaleb(-places)
    return -value if exact < 0 and whole else value


def number(exact: Fraction | None, places: int) -> str:
    """A fraction with thousands separators; '-' for what is not known."""
    if exact is None:
        return "-"
    value = rounded(exact, places)
    return f"{value:,.{places}f}" if value >= 0 else f"△{-value:,.{places}f}"


def percent(ratio: Fraction | None) -> str:
    """A ratio in percent with one decimal, without the sign; '-' for none."""
    return "-" if ratio is None else f"{rounded(ratio * 100, 1):,.1f}"


def price(price_krw: Decimal) -> str:
    """A price as its rule file writes it, with thousands separators; 0 is written."""
    whole, _, rest = format(price_krw, "f").partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def priced_quantity(quantity: int, price_unit: str, seconds_in_month: int) -> Fraction:
    """Usage (device_us or mib_s) in the unit that its price names."""
    match price_unit:
        case "device_hour":
            return Fraction(quantity, DEVICE_US_OF_HOUR)
        case "gb_month":
            return quantity * GB_OF_MIB / seconds_in_month
        case "gib_month":
            return quantity * GIB_OF_MIB / seconds_in_month
        case "gb_hour" | "gb":
            return quantity * GB_OF_MIB / SECONDS_OF_HOUR
        case "gib_hour":
            return quantity * GIB_OF_MIB / SECONDS_OF_HOUR
        case _:
            return Fraction(quantity)


def price_unit_label(price_unit: str) -> str:
    """The unit of a price in Korean; an unknown one as it is."""
    return PRICE_UNITS.get(price_unit, price_unit)


def quantity_text(quantity: int, price_unit: str, seconds_in_month: int) -> str:
    """Usage in the unit of its price, four decimals, rounded for the eye only."""
    exact = priced_quantity(quantity, price_unit, seconds_in_month)
    return number(exact, 4 if price_unit in PRICE_UNITS else 0)


def month_text(month: str) -> str:
    """2025-10 -> 2025년 10월."""
    year, _, number_of_month = month.partition("-")
    return f"{year}년 {int(number_of_month)}월"


def date_text(day: date | None) -> str:
    """2025. 10. 31.(금), as official documents write a day; '-' for none."""
    if day is None:
        return "-"
    return f"{day.year}. {day.month}. {day.day}.({WEEKDAYS[day.weekday()]})"
