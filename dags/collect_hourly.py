"""Every hour: what the sources of each section have, into the lake."""

from datetime import timedelta

from airflow.sdk import CronPartitionTimetable, dag, task

from dags.defaults import moment, tasks, tell_failed
from dags.stages import TITLES

DOC = """\
매시 5분에 지난 한 시간을 구역(클러스터, 저장소)마다 모읍니다. 같은 시간을 다시 모아도 값은
같습니다.

- **손으로 실행**: Trigger 를 누르고 처음(2025-10-01)과 끝(2025-11-01, 미포함)을 적습니다. 시각은
  2025-11-01T00:00+09:00 처럼 시차와 함께 적습니다.
- **collect 가 붉으면**: 이름이 붙은 구역의 기록에 어느 원천이 무엇을 답하지 않았는지 있습니다.
  원천이 돌아온 뒤 그 구간을 손으로 실행하거나 작업을 지웁니다(Clear). 빠진 시간은 `jeongsan
  status` 가 알려 줍니다.
"""


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
    default_args=tasks("운영", 3, timedelta(minutes=2)),
    params={
        "from": moment("처음 날 또는 시각", "2025-10-01"),
        "to": moment("끝 (미포함)", "2025-11-01T00:00+09:00"),
        "complete_to": moment(
            "덤프가 빠짐없는 시각", "2025-11-01T00:10+09:00; 비우면 이미 아는 시각"
        ),
    },
    tags=["정산", "수집"],
    doc_md=DOC,
    dag_display_name=TITLES["collect_hourly"],
    on_failure_callback=tell_failed,
)
def collect_hourly() -> None:
    """By hand: `from` and `to` in the form, or an hour, 2025-10-05T14, as the partition key."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2, map_index_template="{{ task.op_kwargs['section'] }}")
    def collect(section: str, dag_run=None, params=None) -> None:
        from dags import stages

        stages.collect(section, dag_run.partition_key, params)

    collect.expand(section=sections())


collect_hourly()
