"""Every month, once all its days are announced: draft, a person's approval, issue."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    Asset,
    MonthWindow,
    Param,
    PartitionedAssetTimetable,
    RollupMapper,
    StartOfMonthMapper,
    WaitForAll,
    dag,
    task,
)

USAGE_DAY = Asset(name="usage_day", uri="jeongsan://usage_day")
INVOICE_MONTH = Asset(name="invoice_month", uri="jeongsan://invoice_month")


@dag(
    schedule=PartitionedAssetTimetable(
        assets=USAGE_DAY,
        default_partition_mapper=RollupMapper(
            upstream_mapper=StartOfMonthMapper(input_format="%Y-%m-%d", timezone="Asia/Seoul"),
            window=MonthWindow(),
            wait_policy=WaitForAll(),
        ),
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=1)},
    params={"on": Param("", type="string", title="발행일", description="비우면 오늘")},
    tags=["정산", "마감"],
    doc_md=__doc__,
)
def bill_monthly() -> None:
    """By hand: trigger with the partition key of a month, 2025-10."""

    @task
    def draft(dag_run=None) -> dict[str, str]:
        from dags import stages

        return stages.draft(stages.month_of(dag_run))

    approval = ApprovalOperator(
        task_id="approval",
        subject="{{ dag_run.partition_key }} 정산 초안 승인",
        body="{{ ti.xcom_pull(task_ids='draft')['body'] }}",
        retries=0,
    )

    @task
    def issue(dag_run=None, ti=None, params: dict | None = None) -> str:
        from dags import stages

        shown = ti.xcom_pull(task_ids="draft")
        answer = ti.xcom_pull(task_ids="approval")
        return stages.approve_and_issue(
            stages.month_of(dag_run),
            digest=shown["digest"],
            by=answer["responded_by_user"]["name"],
            on=(params or {}).get("on") or None,
        )

    @task(outlets=[INVOICE_MONTH])
    def announce(month: str, *, outlet_events=None) -> None:
        outlet_events[INVOICE_MONTH].add_partitions(month)

    draft() >> approval >> announce(issue())


bill_monthly()
