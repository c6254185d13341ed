"""The queries by which anybody finds the rows behind a line again, for DuckDB's command line.

They are text for a reader and are never run here: names are quoted as SQL wants them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from billing.explain.evidence import Evidence
from billing.explain.explanation import Line, Question

COLUMNS: Final = {  # in the order from won to rows
    "charge": ("정가", "day, quantity, unit, price_krw, charge_krw, rule"),
    "subsidy": (
        "지원금",
        "day, programme, award_id, funding, subsidy_krw, rule, stopped_by",
    ),
    "usage_day": ("하루 사용량", "day, source, quantity, unit, busy_ns"),
    "usage_hour": (
        "시간별 사용량",
        "hour_ms, account, allocation_id, held_us, busy_ns, observed_ms",
    ),
    "allocation": (
        "할당",
        'allocation_id, account, "user", node, quantity_milli, started_ms, ended_ms, state',
    ),
    "label_allocation": (
        "레이블로 알아낸 할당",
        "allocation_id, account, node, quantity_milli, started_ms, ended_ms",
    ),
    "reading": ("검침", "account, resource_id, started_ms, ended_ms, quantity, unit"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A query, what it answers and how many files it reads. `pinned`: its files are the ones that
    the bundle of an issued month holds on to; others are what is in force."""

    title: str
    table: str
    files: int
    pinned: bool
    sql: str


def line_queries(
    question: Question, line: Line, evidence: Evidence, issued: bool
) -> tuple[Query, ...]:
    """From won to rows: charges, subsidies, usage, hours, allocations, readings."""
    whose = {
        "company_id": question.company_id,
        "project_id": line.project_id,
        "sku": line.sku,
    }
    days = f"day IN ({', '.join(f'DATE {quoted(str(day.day))}' for day in line.days)})"
    asked = [f"{column} = {quoted(value)}" for column, value in whose.items()] + [days]
    held = [_accounts(evidence), f"sku = {quoted(line.sku)}"]
    wanted = dict.fromkeys(("charge", "subsidy", "usage_day"), asked)
    wanted |= dict.fromkeys(("usage_hour", "reading"), held)
    wanted |= dict.fromkeys(("allocation", "label_allocation"), held[:1])
    pinned = ("charge", "subsidy", "usage_day") if issued else ()
    return tuple(
        Query(
            title=title,
            table=table,
            files=len(evidence.files[table]),
            pinned=table in pinned,
            sql=_select(columns, evidence.files[table], wanted[table]),
        )
        for table, (title, columns) in COLUMNS.items()
        if evidence.files.get(table)
    )


def quoted(text: str) -> str:
    """Text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _accounts(evidence: Evidence) -> str:
    return f"account IN ({', '.join(quoted(account) for _, account in evidence.accounts)})"


def _select(columns: str, files: Sequence[str], where: Iterable[str]) -> str:
    # the options of a bucket's address are pyarrow's own
    paths = ",\n  ".join(quoted(path.partition("?")[0]) for path in files)
    conditions = "\n  AND ".join(where)
    return (
        f"SELECT {columns}\nFROM read_parquet([\n  {paths}\n], hive_partitioning = false)\n"
        f"WHERE {conditions}\nORDER BY ALL;"
    )
