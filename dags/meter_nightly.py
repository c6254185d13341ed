"""Every night: yesterday's usage of each cluster, then the days that have become complete."""

from datetime import timedelta

from airflow.sdk import Asset, CronPartitionTimetable, dag, task

USAGE_DAY = Asset(name="usage_day", uri="jeongsan://usage_day")


@dag(
    schedule=CronPartitionTimetable(
        "30 0 * * *", timezone="Asia/Seoul", run_offset=-1, key_format="%Y-%m-%d"
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["정산", "계량"],
    doc_md=__doc__,
)
def meter_nightly() -> None:
    """By hand: trigger with the partition key of a day, 2025-10-05."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2)
    def meter(section: str, dag_run=None, params: dict | None = None) -> None:
        from dags import stages

        stages.meter(section, stages.day_of(dag_run))

    @task(outlets=[USAGE_DAY], trigger_rule="all_done")
    def announce(*, outlet_events=None) -> list[str]:
        from airflow.sdk.exceptions import AirflowSkipException

        from dags import stages

        days = stages.announce()
        if not days:
            raise AirflowSkipException("no day has become complete")
        outlet_events[USAGE_DAY].add_partitions(days)
        return days

    meter.expand(section=sections()) >> announce()


meter_nightly()
