"""Every night: yesterday's usage of each section, alarms, complete days; then unnamed files go."""

from datetime import timedelta

from airflow.sdk import Asset, CronPartitionTimetable, Param, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

USAGE_DAY = Asset(name="usage_day", uri="jeongsan://usage_day")


# each mark is told once, so that a night without a section loses no alarm
@task(trigger_rule="all_done")
def alarm() -> None:
    from dags import stages

    stages.alarm()


# a day that is collected hour by hour leaves a file an hour
@task(trigger_rule="all_done")
def sweep() -> None:
    from dags import stages

    stages.sweep()


@dag(
    schedule=CronPartitionTimetable(
        "30 0 * * *",
        timezone="Asia/Seoul",
        run_offset=-1,
        run_immediately=timedelta(0),  # False would still run a tick that has just gone by
        key_format="%Y-%m-%d",
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={
        "day": Param(
            None, type=["null", "string"], format="date", title="날", description="2025-10-05"
        )
    },
    tags=["정산", "계량"],
    doc_md=__doc__,
)
def meter_nightly() -> None:
    """By hand: a day, 2025-10-05, in the form or as the partition key."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2)
    def meter(section: str, dag_run=None, params=None) -> None:
        from dags import stages

        stages.meter(section, stages.day_of(dag_run.partition_key, params))

    # a section that failed keeps its own days back, not those that are complete without it
    @task(outlets=[USAGE_DAY], trigger_rule="all_done")
    def announce(*, outlet_events=None) -> dict[str, str]:
        from dags import stages

        days = stages.complete_days()
        if not days:
            raise AirflowSkipException("다 모인 날이 없습니다")
        outlet_events[USAGE_DAY].add_partitions(sorted(days))
        return days

    # recorded only after Airflow has them: a day told twice does less harm than one never told
    @task
    def record(days: dict[str, str]) -> None:
        from dags import stages

        stages.record_announced(days)

    @task(trigger_rule="one_failed", retries=0)
    def failed() -> None:
        raise AirflowFailException(
            "계측하지 못한 구역이 있거나, 그 날들을 알리지 못했거나, 알림을 보내지 못했거나,"
            " 이름 없는 파일을 지우지 못했습니다"
        )

    metered = meter.expand(section=sections())
    announced, alarmed, swept = announce(), alarm(), sweep()
    metered >> [announced, alarmed, swept]
    [metered, announced, record(announced), alarmed, swept] >> failed()


meter_nightly()
