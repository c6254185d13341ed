"""Every month, once all its days are announced: changed days metered, draft, approval, issue."""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    MonthWindow,
    Param,
    PartitionedAssetTimetable,
    RollupMapper,
    StartOfMonthMapper,
    WaitForAll,
    dag,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.defaults import INVOICE_MONTH, MONTH, USAGE_DAY, page, tasks, tell_failed
from dags.stages import TITLES

DOC = """\
한 달의 모든 날이 알려지면 저절로 시작합니다. 달라진 날을 다시 계량하고, 초안을 만들고, 사람의
승인을 기다린 뒤 발행합니다. 발행하면 월 문서 작성이 이어집니다.

- **승인**: Required Actions 의 화면에서 합계와 확인할 사항을 읽고 Approve 또는 Reject 를
  누릅니다. 그 화면이 보인 초안만 발행됩니다. 아무도 답하지 않으면 아무것도 발행되지 않습니다.
- **손으로 실행**: Trigger 를 누르고 달(2025-10)을 적습니다.
- **자료가 달라졌으면**: 기다리는 실행을 거절하고 새로 실행하십시오. 한 실행은 한 초안만 묻습니다.
- **draft 가 붉으면**: 기록에 적힌 까닭(앞선 달이 발행되지 않음, 빠진 날)을 고치고 그 작업을
  지웁니다(Clear).
- **issue 가 붉으면**: 초안이 그 사이 달라졌거나 발급 기한이 지났습니다. 아무것도 발행되지
  않았습니다.
"""
MONTH_OF_DAYS = RollupMapper(
    upstream_mapper=StartOfMonthMapper(
        input_format="%Y-%m-%d", output_format="%Y-%m", timezone="Asia/Seoul"
    ),
    window=MonthWindow(),
    wait_policy=WaitForAll(),
)


@task
def meter(dag_run=None, params=None) -> None:
    from dags import stages

    stages.meter_changed(stages.month_of(dag_run.partition_key, params))


# Airflow keeps the page that a run has shown, whatever is cleared later: it stays of its draft
@task
def draft(ti=None, dag_run=None, params=None) -> dict[str, str]:
    from dags import stages

    month = stages.month_of(dag_run.partition_key, params)
    drafted = stages.draft(month, dag_run.triggering_user_name or "")
    if drafted is None:
        raise AirflowSkipException(f"{month}: 이미 발행되었습니다")
    shown = ti.xcom_pull(task_ids="approval", key="shown")
    if shown not in (None, drafted["digest"]):
        raise AirflowFailException(
            f"이 실행의 승인 화면은 초안 {shown[:12]} 을 보였고,"
            f" 지금은 {drafted['digest'][:12]} 입니다. 그 화면의 승인은 아무것도 발행하지 않습니다."
            " 기다리고 있으면 거절(Reject)하고,"
            " bill_monthly 를 새로 실행(Trigger)하여 새 화면에서 승인하십시오"
        )
    return drafted


class DraftApproval(ApprovalOperator):
    """Asks about the draft that it reads once, and takes an answer that names this draft's digest:
    the form of the page carries it, so that the answer on an older page is none (SETTLEMENT 41).
    It asks those whom the site lets approve, and tells people that it waits."""

    def execute(self, context):
        """Shows the draft of now, and keeps which one that was beside the page."""
        from dags import stages

        drafted = context["ti"].xcom_pull(task_ids="draft")
        self.subject, self.body = f"{drafted['month']} 정산 초안 승인", drafted["body"]
        self.params["digest"] = Param(
            drafted["digest"],
            type="string",
            title="초안 번호",
            description="이 화면의 초안입니다. 고치지 마십시오",
        )
        self.assigned_users = [{"id": login, "name": login} for login in stages.approvers()] or None
        context["ti"].xcom_push("shown", drafted["digest"])
        stages.tell_waiting(drafted, context["ti"].run_id, page(context))
        return super().execute(context)

    def execute_complete(self, context, event):
        """The answer; an approval of another page's draft fails, whatever the draft is by now."""
        answer = super().execute_complete(context, event)
        shown = context["ti"].xcom_pull(task_ids=self.task_id, key="shown")
        said = answer["params_input"].get("digest")
        if answer["chosen_options"] == [self.APPROVE] and (not shown or said != shown):
            raise AirflowFailException(
                f"승인한 초안 {str(said)[:12]} 은 이 화면의 초안 {str(shown)[:12]} 이 아닙니다."
                " bill_monthly 를 새로 실행(Trigger)하여 새 화면에서 승인하십시오"
            )
        return answer


@dag(
    schedule=PartitionedAssetTimetable(assets=USAGE_DAY, default_partition_mapper=MONTH_OF_DAYS),
    catchup=False,
    max_active_runs=1,
    default_args=tasks("재무", 1, timedelta(minutes=1)),
    params={"month": MONTH},
    tags=["정산", "마감"],
    doc_md=DOC,
    dag_display_name=TITLES["bill_monthly"],
    on_failure_callback=tell_failed,
)
def bill_monthly() -> None:
    """By hand: a month, 2025-10, in the form or as the partition key.

    A run that waits for approval holds back the next one; reject it to draft the month anew. A run
    asks about one draft: where it has changed since the page was shown, trigger a new run.
    """

    approval = DraftApproval(
        task_id="approval",
        subject="정산 초안 승인",
        params={
            "digest": Param(None, type=["null", "string"], title="초안 번호"),
            "issued_on": Param(
                None,
                type=["null", "string"],
                format="date",
                title="발행일",
                description="비우면 오늘; 달이 끝난 뒤부터 오늘까지",
            ),
            "late": Param(
                False,
                type="boolean",
                title="발급 기한이 지났어도 발행",
                description="세금계산서 발급 기한을 넘기면 가산세가 있습니다 (위에 적힌 금액)",
            ),
        },
        retries=0,
    )

    @task(outlets=[INVOICE_MONTH])
    def issue(ti=None, dag_run=None, params=None, *, outlet_events=None) -> str:
        from dags import stages

        month = stages.month_of(dag_run.partition_key, params)
        answer = ti.xcom_pull(task_ids="approval")
        person, form = answer["responded_by_user"], answer["params_input"]
        stages.approve_and_issue(
            month,
            digest=form["digest"],  # of the page, whatever `draft` says by now
            by=person["name"],
            on=form.get("issued_on"),
            late=bool(form.get("late")),
            account=person["id"],
        )
        outlet_events[INVOICE_MONTH].add_partitions(month)
        return month

    meter() >> draft() >> approval >> issue()


bill_monthly()
