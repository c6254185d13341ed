"""Every two minutes: what the exporters say that a site asks directly, without a Prometheus."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    # The longest scrape period that a cluster may have is 150 s (METERING 9).
    schedule=CronTriggerTimetable("*/2 * * * *", timezone="Asia/Seoul"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(seconds=10)},
    is_paused_upon_creation=True,
    tags=["정산", "수집"],
    doc_md=__doc__,
)
def scrape_targets() -> None:
    """Paused until a person turns it on: a site with a Prometheus does not need it."""

    @task
    def scrape() -> None:
        from dags import stages

        stages.scrape()

    scrape()


scrape_targets()
