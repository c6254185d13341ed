"""The queries that anybody runs over a dispute's own Parquet files: the rows, their sums, and
each step computed again."""

from collections.abc import Iterable, Sequence
from typing import Final

from billing.explain.evidence import Evidence
from billing.explain.explanation import Explanation
from reports.explain.explanation_view import sql_text
from reports.explain.line_queries import Query, quoted

SUMMED: Final = {
    "charge": ("정가 (원)", "charge_krw"),
    "subsidy": ("지원금과 현물 (원)", "subsidy_krw"),
    "usage_day": ("하루 사용량의 합", "quantity"),
    "usage_hour": ("시간별 점유의 합 (장치·마이크로초)", "held_us"),
}
SEEN: Final = (
    "hour_ms, device_uid, slice, allocation_id, observed_ms, busy_ns, energy_uj, memory_mib_ms"
)


def query_sql(
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
    parts = [sql_text(answer, queries)]
    if files := evidence.files.get("device_hour"):
        parts.append(f"-- 장치에서 본 가동 (device_hour)\n{_all(SEEN, files)}\nORDER BY ALL;\n")
    for table, (title, column) in SUMMED.items():
        if files := evidence.files.get(table):
            total = f"CAST(SUM({column}) AS HUGEINT) AS sum_of_{column}"
            parts.append(f"-- {title}: {expected[table]} 이어야 함\n{_all(total, files)};\n")
    return "\n".join([*parts, *steps])


def _all(columns: str, files: Sequence[str]) -> str:
    paths = ",\n  ".join(quoted(path) for path in files)
    return f"SELECT {columns}\nFROM read_parquet([\n  {paths}\n], hive_partitioning = false)"
