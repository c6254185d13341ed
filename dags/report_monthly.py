"""After a month is issued: its invoices, usage statements and the government's report."""

from datetime import timedelta

from airflow.sdk import Asset, IdentityMapper, Param, PartitionedAssetTimetable, dag, task

INVOICE_MONTH = Asset(name="invoice_month", uri="jeongsan://invoice_month")


@dag(
    schedule=PartitionedAssetTimetable(
        assets=INVOICE_MONTH, default_partition_mapper=IdentityMapper()
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}$",
            title="달",
            description="2025-10",
        )
    },
    tags=["정산", "보고"],
    doc_md=__doc__,
)
def report_monthly() -> None:
    """By hand: a month, 2025-10, in the form or as the partition key."""

    @task
    def report(dag_run=None, params=None) -> list[str]:
        from dags import stages

        return stages.report(stages.month_of(dag_run.partition_key, params))

    report()


report_monthly()
