"""The words of a dispute's file: what its tables and columns mean, and how to compute it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billing.explain.explanation import Explanation, Line
from metering.lake.contract import contract
from reports.explain.dispute_rows import columns_of
from reports.explain.row_queries import COLUMNS
from reports.wording.numbers_and_dates import month_text

TITLES: Final = {table: title for table, (title, _) in COLUMNS.items()} | {
    "device_hour": "장치에서 본 가동 (증빙)"
}
NOTES: Final = {
    "account": "원천의 계정",
    "allocation_id": "스케줄러가 붙인 작업 또는 파드 번호",
    "attribution": "본 시간이 누구의 것인가: allocation 은 할당의 것",
    "award_id": "협약 번호",
    "busy_ns": "수집기가 본 가동 시간, 나노초",
    "charge_krw": "정가 금액, 원 (그날까지의 누계를 버림한 값의 차이)",
    "cluster": "구역 (site.toml)",
    "company_id": "기업 번호",
    "continues": "그날 뒤에도 이어짐",
    "date": "회계일",
    "day": "회계일",
    "device_uid": "장치 번호",
    "ended_at": "ended_ms 를 사람이 읽는 시각으로",
    "ended_ms": "끝난 순간, 1970-01-01 UTC부터 밀리초",
    "energy_uj": "전력량, 마이크로줄",
    "estimated": "레이블로 알아냈거나 자료에서 사라진 작업의 점유가 섞임",
    "funding": "재원",
    "held_us": "점유 시간, 장치 한 장의 마이크로초",
    "hour_at": "hour_ms 를 사람이 읽는 시각으로",
    "hour_ms": "시간이 시작하는 순간, 1970-01-01 UTC부터 밀리초",
    "memory_mib_ms": "메모리, MiB × 밀리초",
    "model": "장치 모델",
    "month": "청구한 달",
    "node": "노드",
    "observed_ms": "수집기가 본 시간, 밀리초",
    "partition": "스케줄러의 큐",
    "price_krw": "그날의 단가, 원",
    "programme": "지원 사업",
    "project_id": "과제 번호",
    "provisional": "아직 바뀔 수 있음",
    "quantity": "수량 (단위는 unit)",
    "quantity_milli": "한꺼번에 점유한 장치, 1000이 한 장",
    "resource": "자원 (gpu 또는 npu)",
    "resource_id": "볼륨, 파일셋 또는 예약",
    "rule": "근거 규칙의 파일과 그 값의 시행일",
    "sku": "값을 매기는 자원",
    "slice": "나눈 조각의 종류, 없으면 빈칸",
    "source": "원천",
    "started_at": "started_ms 를 사람이 읽는 시각으로",
    "started_ms": "시작한 순간, 1970-01-01 UTC부터 밀리초 (그날보다 전일 수 있음)",
    "state": "스케줄러가 적은 상태",
    "stopped_by": "지원을 줄인 한도, 없으면 빈칸",
    "submitted_at": "submitted_ms 를 사람이 읽는 시각으로",
    "submitted_ms": "제출한 순간, 1970-01-01 UTC부터 밀리초",
    "subsidy_krw": "지원금, 원",
    "suspended_ms": "멈춰 있던 시간, 밀리초 (센터가 정한 대로 점유에서 빼거나 셈)",
    "unit": "단위: device_us 장치·마이크로초, mib_s MiB·초, count 건, krw 원, mib, milli_device",
    "user": "스케줄러의 사용자",
    "vat_base": "부가세의 기준: SELF_PAY 자부담, GROSS 정가, EXEMPT 면세",
    "workload": "수집기의 레이블에 적힌 작업 이름",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What the document itself says of the line: of a correction it may be a difference only.
    adjustment: the one that made the document, 0 for none; amends: the document before it."""

    number: str
    line: int
    charge_krw: int
    company_krw: int
    adjustment: int
    amends: str


def column_lines(tables: Sequence[str]) -> list[list[str]]:
    """Table, title, column, unit and meaning of every column of the CSV files."""
    lines = []
    for table in tables:
        units = {column.name: column.unit for column in contract(table).columns}
        lines += [
            [f"rows/{table}.csv", TITLES[table], name, units.get(name, ""), NOTES[name]]
            for name in columns_of(table)
        ]
    return lines


def readme(answer: Explanation, line: Line, stated: Stated, tables: Sequence[str]) -> str:
    """README.txt: what the file holds and how anybody computes the line again."""
    question = answer.question
    rows = "\n".join(f"                    {TITLES[table]} (rows/{table}.csv)" for table in tables)
    return f"""\
{stated.number} 의 {stated.line}번째 줄에 대한 자료
{answer.company_name} ({question.company_id}) · {month_text(question.month)} · \
{line.project_id} {line.project_name} · {line.sku_title} ({line.sku})

정가 {line.charge_krw:,} - 지원 {line.support_krw:,} - 기업 현물 {line.in_kind_krw:,} \
= 자부담 {line.company_krw:,}원
{_corrected(line, stated)}
1. 무엇이 들어 있나

  explanation.txt   이 줄이 왜 이 금액인지: 단가, 지원, 한도, 규칙의 근거, 날마다의 금액
  explanation.json  같은 내용을 프로그램이 읽게
  documents/        청구서와 이용명세서
  rules/            적용한 규칙 파일 (그 달의 원문), values.csv 는 적용한 값과 근거
  rows/             이 줄의 바탕이 된 행 (CSV, UTF-8), columns.csv 는 열의 뜻
{rows}
  parquet/          같은 행의 원본 형식 (Parquet), 정수와 소수가 그대로
  query.sql         parquet/ 의 행에서 금액까지 다시 찾는 DuckDB 질의
  manifest.json     모든 파일의 sha256 과, 행을 꺼낸 원본 파일의 이름

이 기업의 행만 들어 있습니다. 다른 기업과 함께 쓰는 예산은 얼마가 남았는지 적지 않았습니다.

2. 다시 셈하기

  가. 이 압축 파일을 빈 디렉터리에 풉니다.
  나. DuckDB(https://duckdb.org)를 받아 그 디렉터리에서 실행합니다.

      duckdb < query.sql

  다. 합계가 질의에 적힌 값과 같은지, "다시:"로 시작하는 질의가 아무 행도 내지 않는지 봅니다.
      할당에서 시간, 시간에서 하루, 하루에서 정가, 정가에서 자부담까지 단계마다 셈하여 다른 행만
      냅니다. 한도나 기업 현물, 정액 이용료가 든 줄은 마지막 단계를 explanation.txt 의 한도와
      남은 양으로 셈합니다.
  라. 하루의 정가는 그달 누계(수량 × 단가)를 원 미만 버림한 값에서 전날까지의 값을 뺀 것이고,
      자부담은 정가에서 지원과 현물을 뺀 것입니다. 재원마다의 몫과 부가세는 이 줄이 아니라 기업의
      그달 전체로 한 번 나누고 셈하므로, 이 줄만으로는 다시 나눌 수 없습니다.

3. 파일이 그대로인지 보기

  manifest.json 의 sha256 과 견줍니다. 보기: sha256sum parquet/charge/*/rows.parquet
  정산 묶음 {answer.bundle}
  규칙 {answer.rules_digest}
"""


def _corrected(line: Line, stated: Stated) -> str:
    """Of a correction, how what is explained stands to what the document says."""
    if not stated.adjustment:
        return ""
    amends = f", {stated.amends} 를 고침" if stated.amends else ""
    return (
        f"\n정정 {stated.adjustment} 의 문서입니다{amends}. 문서의 이 줄은 정가"
        f" {stated.charge_krw:,}원, 자부담 {stated.company_krw:,}원이고, 이 자료는 정정한 뒤의 그달"
        f" 전체(정가 {line.charge_krw:,}원)를 설명합니다.\n"
    )


def changed_words(places: Sequence[tuple[str, object]]) -> str:
    """That hours were metered again after the issue."""
    if not places:
        return ""
    days = ", ".join(f"{cluster} {day}" for cluster, day in places)
    return (
        f"\n발행한 뒤 다시 계측한 날이 있습니다: {days}. 시간별 행은 지금의 것이라 합계가 하루"
        " 사용량과 다를 수 있고, 청구한 하루 사용량은 그대로입니다.\n"
    )
