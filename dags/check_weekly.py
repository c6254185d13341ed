"""Every week: every file of the lake is read against its digest, slowly."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from dags.defaults import tasks, tell_failed
from dags.stages import TITLES

DOC = """\
매주 일요일 4시에 레이크(lake)의 모든 파일을 지문과 견줍니다. 디스크가 조용히 잃은 것을, 복구할
원천과 사본이 아직 있을 때 알기 위한 것입니다. 읽기만 하며 아무것도 고치지 않습니다.

- **손으로 실행**: Trigger 를 누릅니다. `jeongsan check` 와 같습니다.
- **check 가 붉으면**: 기록에 지문과 다른 파일이 모두 있습니다. `jeongsan repair` 로 무엇을 되살릴
  수 있는지 보고, `jeongsan repair --yes` 로 되살린 뒤 지웁니다(Clear).
"""


@dag(
    schedule=CronTriggerTimetable("0 4 * * 0", timezone="Asia/Seoul"),
    catchup=False,
    max_active_runs=1,
    default_args=tasks("운영", 1, timedelta(minutes=30)),
    tags=["정산", "점검"],
    doc_md=DOC,
    dag_display_name=TITLES["check_weekly"],
    on_failure_callback=tell_failed,
)
def check_weekly() -> None:
    """By hand: nothing is asked."""

    @task
    def check() -> None:
        from dags import stages

        stages.check()

    check()


check_weekly()
