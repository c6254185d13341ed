"""Every hour: what the sources of each section have, into the lake."""

from datetime import timedelta

from airflow.sdk import CronPartitionTimetable, Param, dag, task


@dag(
    schedule=CronPartitionTimetable(
        "5 * * * *",
        timezone="Asia/Seoul",
        run_offset=-1,
        run_immediately=timedelta(0),  # False would still run a tick that has just gone by
        key_format="%Y-%m-%dT%H",
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2)},
    params={
        "from": Param(
            None, type=["null", "string"], title="처음 날 또는 시각", description="2025-10-01"
        ),
        "to": Param(
            None, type=["null", "string"], title="끝 (미포함)", description="2025-11-01T00:00+09:00"
        ),
        "complete_to": Param(
            None,
            type=["null", "string"],
            title="덤프가 빠짐없는 시각",
            description="2025-11-01T00:10+09:00; 비우면 이미 아는 시각",
        ),
    },
    tags=["정산", "수집"],
    doc_md=__doc__,
)
def collect_hourly() -> None:
    """By hand: `from` and `to` in the form, or an hour, 2025-10-05T14, as the partition key."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2)
    def collect(section: str, dag_run=None, params=None) -> None:
        from dags import stages

        stages.collect(section, dag_run.partition_key, params)

    collect.expand(section=sections())


collect_hourly()
