"""Every hour: what the sources of each section have, into the lake."""

from datetime import timedelta

from airflow.sdk import CronDataIntervalTimetable, Param, dag, task


@dag(
    schedule=CronDataIntervalTimetable("5 * * * *", timezone="Asia/Seoul"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2)},
    params={
        "from": Param("", type="string", title="처음 시각", description="2025-10-01T00:00+09:00"),
        "to": Param("", type="string", title="끝 시각 (미포함)"),
        "complete_to": Param("", type="string", title="덤프가 완전한 시각"),
    },
    tags=["정산", "수집"],
    doc_md=__doc__,
)
def collect_hourly() -> None:
    """By hand: trigger with `from` and `to`; for dumps also `complete_to`."""

    @task
    def sections() -> list[str]:
        from dags import stages

        return stages.sections()

    @task(max_active_tis_per_dagrun=2)
    def collect(section: str, params: dict, data_interval_start=None, data_interval_end=None):
        from dags import stages

        window = stages.hour_window(params, data_interval_start, data_interval_end)
        stages.collect(section, window, params.get("complete_to") or None)

    collect.expand(section=sections())


collect_hourly()
