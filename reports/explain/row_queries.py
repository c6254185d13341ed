"""The queries by which anybody finds the rows behind a line again, for DuckDB's command line: in
the lake, or in a dispute's own files with what they must add up to.

They are text for a reader and are never run here: names are quoted as SQL wants them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from billing.explain.evidence import Evidence
from billing.explain.explanation import Explanation, Line, Question

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
SUMMED: Final = {
    "charge": ("정가 (원)", "charge_krw"),
    "subsidy": ("지원금과 현물 (원)", "subsidy_krw"),
    "usage_day": ("하루 사용량의 합", "quantity"),
    "usage_hour": ("시간별 점유의 합 (장치·마이크로초)", "held_us"),
}
SEEN: Final = (
    "hour_ms, device_uid, slice, allocation_id, observed_ms, busy_ns, energy_uj, memory_mib_ms"
)


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
            sql=_select(columns, evidence.files[table]) + _where(wanted[table]),
        )
        for table, (title, columns) in COLUMNS.items()
        if evidence.files.get(table)
    )


def quoted(text: str) -> str:
    """Text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _accounts(evidence: Evidence) -> str:
    return f"account IN ({', '.join(quoted(account) for _, account in evidence.accounts)})"


def _select(columns: str, files: Sequence[str]) -> str:
    # the options of a bucket's address are pyarrow's own
    paths = ",\n  ".join(quoted(path.partition("?")[0]) for path in files)
    return f"SELECT {columns}\nFROM read_parquet([\n  {paths}\n], hive_partitioning = false)"


def _where(conditions: Iterable[str]) -> str:
    return "\nWHERE " + "\n  AND ".join(conditions) + "\nORDER BY ALL;"


def queries_text(answer: Explanation, queries: Sequence[Sequence[Query]]) -> str:
    """The queries with a title each, for `duckdb < file`."""
    parts = [f"-- {answer.question.month} {answer.question.company_id}"]
    for line, of_line in zip(answer.lines, queries, strict=True):
        for query in of_line:
            parts.append(
                f"\n-- {line.project_id} {line.sku}: {query.title} ({query.table})\n{query.sql}"
            )
    return "\n".join(parts) + "\n"


def dispute_sql(
    answer: Explanation,
    evidence: Evidence,
    queries: Sequence[Sequence[Query]],
    steps: Iterable[str],
) -> str:
    """A file for `duckdb <`, with paths as they lie in the archive. It is never run here."""
    (line,) = answer.lines
    expected = {
        "charge": line.charge_krw,
        "subsidy": line.support_krw + line.in_kind_krw,
        "usage_day": evidence.quantity,
        "usage_hour": sum(allocation.held_us for allocation in evidence.held),
    }
    parts = [queries_text(answer, queries)]
    if files := evidence.files.get("device_hour"):
        parts.append(f"-- 장치에서 본 가동 (device_hour)\n{_select(SEEN, files)}\nORDER BY ALL;\n")
    for table, (title, column) in SUMMED.items():
        if files := evidence.files.get(table):
            total = f"CAST(SUM({column}) AS HUGEINT) AS sum_of_{column}"
            parts.append(f"-- {title}: {expected[table]} 이어야 함\n{_select(total, files)};\n")
    return "\n".join([*parts, *steps])
