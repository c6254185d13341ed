"""After a month is issued: its invoices, usage statements and the government's report."""

from datetime import timedelta

from airflow.sdk import Asset, IdentityMapper, PartitionedAssetTimetable, dag, task

INVOICE_MONTH = Asset(name="invoice_month", uri="jeongsan://invoice_month")


@dag(
    schedule=PartitionedAssetTimetable(
        assets=INVOICE_MONTH, default_partition_mapper=IdentityMapper()
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    tags=["정산", "보고"],
    doc_md=__doc__,
)
def report_monthly() -> None:
    """By hand: the partition key of a month, 2025-10 (or `{"month": "2025-10"}`)."""

    @task
    def report(dag_run=None) -> list[str]:
        from dags import stages

        return stages.report(stages.month_of(dag_run))

    report()


report_monthly()
