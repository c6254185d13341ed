"""After a month is issued: its invoices, usage statements and the government's report."""

from datetime import timedelta

from airflow.sdk import IdentityMapper, PartitionedAssetTimetable, dag, task

from dags.defaults import INVOICE_MONTH, MONTH, tasks, tell_failed
from dags.stages import TITLES

DOC = """\
한 달이 발행되면 저절로 시작하여 청구서, 사용 내역서, 정부 보고서를 문서 디렉터리에 씁니다. 금액은
발행한 묶음에서 오며, 다시 실행해도 같은 문서가 됩니다.

- **손으로 실행**: Trigger 를 누르고 발행한 달(2025-10)을 적습니다. `jeongsan report 2025-10` 과
  같습니다.
- **report 가 붉으면**: 디스크와 글꼴을 확인하고 그 작업을 지웁니다(Clear). 쓰다 만 문서는 남지
  않습니다.
"""


@dag(
    schedule=PartitionedAssetTimetable(
        assets=INVOICE_MONTH, default_partition_mapper=IdentityMapper()
    ),
    catchup=False,
    max_active_runs=1,
    default_args=tasks("재무", 2, timedelta(minutes=1)),
    params={"month": MONTH},
    tags=["정산", "보고"],
    doc_md=DOC,
    dag_display_name=TITLES["report_monthly"],
    on_failure_callback=tell_failed,
)
def report_monthly() -> None:
    """By hand: a month, 2025-10, in the form or as the partition key."""

    @task
    def report(dag_run=None, params=None) -> list[str]:
        from dags import stages

        return stages.report(stages.month_of(dag_run.partition_key, params))

    report()


report_monthly()
