"""Every month, once all its days are announced: changed days metered, draft, approval, issue."""

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
from airflow.sdk.exceptions import AirflowSkipException

USAGE_DAY = Asset(name="usage_day", uri="jeongsan://usage_day")
INVOICE_MONTH = Asset(name="invoice_month", uri="jeongsan://invoice_month")
MONTH_OF_DAYS = RollupMapper(
    upstream_mapper=StartOfMonthMapper(
        input_format="%Y-%m-%d", output_format="%Y-%m", timezone="Asia/Seoul"
    ),
    window=MonthWindow(),
    wait_policy=WaitForAll(),
)


@task
def meter(dag_run=None, params=None) -> None:
    from dags import stages

    stages.meter_changed(stages.month_of(dag_run.partition_key, params))


@task
def draft(dag_run=None, params=None) -> dict[str, str]:
    from dags import stages

    month = stages.month_of(dag_run.partition_key, params)
    drafted = stages.draft(month)
    if drafted is None:
        raise AirflowSkipException(f"{month} is issued already")
    return drafted


@dag(
    schedule=PartitionedAssetTimetable(assets=USAGE_DAY, default_partition_mapper=MONTH_OF_DAYS),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=1)},
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}$",
            title="달",
            description="2025-10",
        )
    },
    tags=["정산", "마감"],
    doc_md=__doc__,
)
def bill_monthly() -> None:
    """By hand: a month, 2025-10, in the form or as the partition key.

    A run that waits for approval holds back the next one; reject it to draft the month anew.
    """

    approval = ApprovalOperator(
        task_id="approval",
        subject="{{ ti.xcom_pull(task_ids='draft')['month'] }} 정산 초안 승인",
        body="{{ ti.xcom_pull(task_ids='draft')['body'] }}",
        params={
            "issued_on": Param(
                None,
                type=["null", "string"],
                format="date",
                title="발행일",
                description="비우면 오늘",
            )
        },
        retries=0,
    )

    @task(outlets=[INVOICE_MONTH])
    def issue(ti=None, *, outlet_events=None) -> str:
        from dags import stages

        drafted = ti.xcom_pull(task_ids="draft")
        answer = ti.xcom_pull(task_ids="approval")
        stages.approve_and_issue(
            drafted["month"],
            digest=drafted["digest"],
            by=answer["responded_by_user"]["name"],
            on=answer["params_input"].get("issued_on"),
        )
        outlet_events[INVOICE_MONTH].add_partitions(drafted["month"])
        return drafted["month"]

    meter() >> draft() >> approval >> issue()


bill_monthly()
