"""Every two minutes: what the exporters say that a site asks directly, without a Prometheus."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from dags.defaults import tasks
from dags.stages import TITLES

DOC = """\
Prometheus 없이 지표를 직접 묻는 사이트만 켭니다(처음에는 멈춰 있습니다). 2분마다 한 번 묻습니다.
한 번 빠진 물음은 표본 하나가 빠진 것이며, 사람에게 따로 알리지 않고 계량이 빈 시간으로 알립니다.
"""


@dag(
    # The longest scrape period that a cluster may have is 150 s (METERING 9).
    schedule=CronTriggerTimetable("*/2 * * * *", timezone="Asia/Seoul"),
    catchup=False,
    max_active_runs=1,
    default_args=tasks("운영", 1, timedelta(seconds=10)),
    is_paused_upon_creation=True,
    tags=["정산", "수집"],
    doc_md=DOC,
    dag_display_name=TITLES["scrape_targets"],
)
def scrape_targets() -> None:
    """Paused until a person turns it on: a site with a Prometheus does not need it."""

    @task
    def scrape() -> None:
        from dags import stages

        stages.scrape()

    scrape()


scrape_targets()
