"""What the timetables share: which failures are tried again, the forms' fields, whom a run that
failed is told to, and the names of what they announce. No deadlines: where a run has one of its
queueing, Airflow 3.3.2 answers 500 to who clears a task of it."""

from datetime import timedelta
from urllib.parse import quote

from airflow.sdk import Asset, Param
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule

GROUP = "정산"
USAGE_DAY = Asset(name="usage_day", uri="jeongsan://usage_day", group=GROUP)
INVOICE_MONTH = Asset(name="invoice_month", uri="jeongsan://invoice_month", group=GROUP)

# Another try helps where a source did not answer or somebody else was first, and where a disk or a
# database was away (no rule: as `retries` says). A refusal stays one however often it is asked.
RETRY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=["metering.errors.SourceError", "metering.errors.ConflictError"],
            action=RetryAction.RETRY,
        ),
        RetryRule(
            exception=["metering.errors.JeongsanError", "builtins.ValueError"],
            action=RetryAction.FAIL,
            reason="거절된 입력이나 상태: 다시 해도 같습니다. 원인을 고친 뒤 지우십시오(Clear)",
        ),
    ]
)
MONTH = Param(
    None,
    type=["null", "string"],
    pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
    title="달",
    description="2025-10",
)
DAY = Param(None, type=["null", "string"], format="date", title="날", description="2025-10-05")


def moment(title: str, description: str) -> Param:
    """A field for a day, or for an instant with its offset."""
    day = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    clock = r"([01]\d|2[0-4]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d{2}:?\d{2})"
    return Param(
        None,
        type=["null", "string"],
        pattern=rf"^{day}([T ]{clock})?$",
        title=title,
        description=description,
    )


def tasks(owner: str, retries: int, delay: timedelta) -> dict[str, object]:
    """What every task of a timetable has."""
    return {
        "owner": owner,
        "retries": retries,
        "retry_delay": delay,
        "retry_policy": RETRY,
    }


def page(context) -> str:
    """The address at which a person answers the task that asks."""
    from airflow.configuration import conf

    instance = context["ti"]
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    run = quote(instance.run_id, safe="")
    return f"{base}/dags/{instance.dag_id}/runs/{run}/tasks/{instance.task_id}/required_actions"


def tell_failed(context) -> None:
    """Tells people that a run failed; how that went is in the log."""
    from dags import stages

    last = context.get("ti")
    stages.tell_failed(_run(context), last.task_id if last else "")


def _run(context) -> dict[str, str]:
    """Which run it is, for people: of which timetable, hour, day or month, its name, its page."""
    from airflow.configuration import conf

    run = context.get("dag_run")
    said = run.get if isinstance(run, dict) else lambda name: getattr(run, name, None)
    dag = said("dag_id") or context["dag"].dag_id
    name = said("dag_run_id") or said("run_id") or context["run_id"]
    given = said("conf") or {}
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return {
        "dag": dag,
        "of": said("partition_key") or given.get("month") or given.get("day") or "",
        "run": name,
        "link": f"{base}/dags/{dag}/runs/{quote(name, safe='')}",
    }
