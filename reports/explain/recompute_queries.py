"""The queries that compute a line again, step by step: each lists what differs, so nothing at all.

They are text for a reader, as the others of a dispute, and are never run here."""

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from string import Template
from typing import Final

from billing.explain.evidence import Evidence
from billing.explain.explanation import Line
from billing.rulebook.price import Price
from metering.calendar import Calendar
from metering.usage.outdated_days import LABELS
from reports.explain.row_queries import quoted

RUNS: Final = Template("""\
-- 다시: 할당의 시작과 끝에서 셈한 점유가 시간별 점유와 다른 것. 아무 행도 나오지 않아야 함
-- (그날 전에 시작한 할당은 그날 0시부터; 멈춰 있던 시간은 센터가 정한 대로 빼거나 셈)
WITH days(day, start_ms) AS (
  VALUES
    ${days}
),
hours AS (
  SELECT CAST(date AS DATE) AS day, allocation_id, submitted_ms, SUM(held_us) AS held_us
  FROM ${hours}
  WHERE sku = ${sku}
  GROUP BY ALL
),
runs AS (
  SELECT
    day,
    allocation_id,
    submitted_ms,
    (ended_ms - GREATEST(started_ms, start_ms)) * quantity_milli AS held_us,
    (ended_ms - suspended_ms - GREATEST(started_ms, start_ms)) * quantity_milli AS less_us
  FROM ${runs} AS allocation
  JOIN days
    ON days.day = CAST(allocation.date AS DATE)
)
SELECT hours.*
FROM hours
WHERE NOT EXISTS (
  SELECT 1
  FROM runs
  WHERE runs.day = hours.day
    AND runs.allocation_id = hours.allocation_id
    AND runs.submitted_ms = hours.submitted_ms
    AND hours.held_us IN (runs.held_us, runs.less_us)
);
""")
HOURS: Final = Template("""\
-- 다시: 시간별 점유의 합이 하루 사용량과 다른 날. 아무 행도 나오지 않아야 함
WITH hours AS (
  SELECT cluster, CAST(date AS DATE) AS day, SUM(held_us) AS quantity
  FROM ${hours}
  WHERE sku = ${sku}
  GROUP BY ALL
),
used AS (
  SELECT cluster, day, SUM(quantity) AS quantity
  FROM ${used}
  GROUP BY ALL
)
SELECT *
FROM hours
FULL JOIN used
  USING (cluster, day)
WHERE hours.quantity IS DISTINCT FROM used.quantity;
""")
DAYS: Final = Template("""\
-- 다시: 하루 사용량의 합이 정가를 셈한 수량과 다른 날. 아무 행도 나오지 않아야 함
WITH used AS (
  SELECT day, SUM(${quantity}) AS quantity
  FROM ${used}
  GROUP BY day
)
SELECT *
FROM used
FULL JOIN ${charges} AS charge
  USING (day)
WHERE used.quantity IS DISTINCT FROM charge.quantity;
""")
CHARGES: Final = Template("""\
-- 다시: 수량 × 단가의 그달 누계를 원 미만 버리고 전날까지를 뺀 값이 정가와 다른 날.
-- 아무 행도 나오지 않아야 함
-- (단가 한 단위를 수량의 단위로 나눈 몫: 분자는 아래, 분모는 ${denominator})
WITH running AS (
  SELECT
    day,
    charge_krw,
    SUM(CAST(quantity AS HUGEINT) * CASE price_krw
      ${cases}
    END) OVER (ORDER BY day) // ${denominator} AS whole_krw
  FROM ${charges}
),
again AS (
  SELECT day, charge_krw, whole_krw - LAG(whole_krw, 1, 0) OVER (ORDER BY day) AS again_krw
  FROM running
)
SELECT *
FROM again
WHERE charge_krw IS DISTINCT FROM again_krw;
""")
COMPANY: Final = Template("""\
-- 다시: 기업의 몫(정가 누계 × ${share}, 원 미만 버림)이 정가에서 지원을 뺀 것과 다른 날.
-- 아무 행도 나오지 않아야 함
WITH paid AS (
  SELECT day, SUM(subsidy_krw) AS subsidy_krw
  FROM ${paid}
  GROUP BY day
),
running AS (
  SELECT
    day,
    SUM(charge_krw) OVER (ORDER BY day) * ${numerator} // ${denominator} AS company_krw,
    SUM(charge_krw - COALESCE(subsidy_krw, 0)) OVER (ORDER BY day) AS left_krw
  FROM ${charges} AS charge
  LEFT JOIN paid
    USING (day)
)
SELECT *
FROM running
WHERE company_krw IS DISTINCT FROM left_krw;
""")


def step_queries(
    line: Line, evidence: Evidence, price: Price | None, calendar: Calendar
) -> Iterator[str]:
    """From runs to hours, hours to days, days to charges, charges to what the company pays; the
    steps that this line has. Where samples tell the time, no run does; where hours were metered
    again since the issue, they are not what was billed."""
    files = evidence.files
    if "usage_hour" in files and not evidence.changed and not evidence.readings:
        if "allocation" in files and LABELS not in files:
            yield _runs(line, evidence, calendar)
        yield _hours(line, evidence)
    if "charge" not in files:
        return
    if price is not None and "usage_day" in files:
        yield _days(evidence, price)
    if weights := _weights(line, price, calendar):
        yield _charges(evidence, weights)
    if share := _one_share(line):
        yield _company(evidence, share)


def _runs(line: Line, evidence: Evidence, calendar: Calendar) -> str:
    """The time held of each run and day is that between its start and end on that day."""
    days = ",\n    ".join(
        f"(DATE {quoted(str(day.day))}, {period.start_ms})"
        for day in line.days
        for period in [calendar.day(day.day)]
    )
    return RUNS.substitute(
        days=days,
        hours=_read(evidence, "usage_hour"),
        sku=quoted(line.sku),
        runs=_read(evidence, "allocation"),
    )


def _hours(line: Line, evidence: Evidence) -> str:
    return HOURS.substitute(
        hours=_read(evidence, "usage_hour"),
        sku=quoted(line.sku),
        used=_read(evidence, "usage_day"),
    )


def _days(evidence: Evidence, price: Price) -> str:
    quantity = "busy_ns // 1000" if price.basis == "busy" else "quantity"
    return DAYS.substitute(
        quantity=quantity,
        used=_read(evidence, "usage_day"),
        charges=_read(evidence, "charge"),
    )


def _weights(line: Line, price: Price | None, calendar: Calendar) -> dict[str, Fraction]:
    """Won of one unit of usage by price as it is written; empty where no price says it."""
    if price is None or price.usage_unit != line.unit or not line.days:
        return {}
    month = f"{line.days[0].day:%Y-%m}"
    unit = price.units_of_one(len(calendar.month_days(month)) * 86_400)
    return {str(day.price_krw): Fraction(day.price_krw) * unit for day in line.days}


def _charges(evidence: Evidence, weights: dict[str, Fraction]) -> str:
    denominator = lcm(*(weight.denominator for weight in weights.values()))
    cases = "\n      ".join(
        f"WHEN {quoted(krw)} THEN {int(weight * denominator)}" for krw, weight in weights.items()
    )
    return CHARGES.substitute(
        denominator=denominator,
        cases=cases,
        charges=_read(evidence, "charge"),
    )


def _one_share(line: Line) -> Fraction | None:
    """The company's share where nothing but it says what the company pays: one award on all days,
    one value, no limit; else None."""
    if len(line.parts) != 1 or line.in_kind_krw:
        return None
    (part,) = line.parts
    said = [value for value in part.values if value.key.startswith("company_share")]
    if part.stops or part.unpaid or len(said) != 1:
        return None
    share = Fraction(said[0].value)
    charge_krw = owed_krw = 0
    for day in line.days:  # other rules (a fee, a reduction) come to something else
        charge_krw, owed_krw = charge_krw + day.charge_krw, owed_krw + day.company_krw
        if owed_krw != int(share * charge_krw):
            return None
    return share


def _company(evidence: Evidence, share: Fraction) -> str:
    return COMPANY.substitute(
        share=share,
        paid=_read(evidence, "subsidy"),
        numerator=share.numerator,
        denominator=share.denominator,
        charges=_read(evidence, "charge"),
    )


def _read(evidence: Evidence, table: str) -> str:
    paths = ", ".join(quoted(path) for path in evidence.files[table])
    return f"read_parquet([{paths}], hive_partitioning = true)"
