"""Every night: yesterday's usage of each section, alarms, complete days; then unnamed files go."""

from datetime import timedelta

from airflow.sdk import CronPartitionTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.defaults import DAY, USAGE_DAY, tasks, tell_failed
from dags.stages import TITLES

DOC = """\
매일 0시 30분에 어제의 사용량을 구역마다 계량하고, 한도 알림을 보내고, 빠짐없이 갖춰진 날을
알립니다. 한 달의 모든 날이 알려지면 월 정산 마감이 저절로 시작합니다. 갖춰진 달에 초안이 없으면
그 달의 모든 날을 다시 알립니다(Airflow 의 데이터베이스를 새로 만들었거나 DAG 의 이름이 바뀐 때).

- **손으로 실행**: Trigger 를 누르고 날(2025-10-05)을 적습니다. `jeongsan meter 2025-10-05` 와
  같습니다.
- **meter 가 붉으면**: 그 구역의 기록을 읽고 원인을 고친 뒤 작업을 지웁니다(Clear). 다른 구역과
  날은 막히지 않습니다.
- **failed 가 붉으면**: 위의 작업 가운데 하나가 실패했다는 표시입니다. 그 작업을 보십시오.
- 자료를 더 기다릴 수 없는 날은 `jeongsan waive 구역 날 --reason 까닭 --by 이름` 으로 넘깁니다.
"""


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
    default_args=tasks("운영", 2, timedelta(minutes=5)),
    params={"day": DAY},
    tags=["정산", "계량"],
    doc_md=DOC,
    dag_display_name=TITLES["meter_nightly"],
    on_failure_callback=tell_failed,
)
def meter_nightly() -> None:
    """By hand: a day, 2025-10-05, in the form or as the partition key."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2, map_index_template="{{ task.op_kwargs['section'] }}")
    def meter(section: str, dag_run=None, params=None) -> None:
        from dags import stages

        stages.meter(section, stages.day_of(dag_run.partition_key, params))

    # a section that failed keeps its own days back, not those that are complete without it
    @task(outlets=[USAGE_DAY], trigger_rule="all_done")
    def announce(*, outlet_events=None) -> dict[str, str]:
        from dags import stages

        days = stages.days_to_announce()
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
