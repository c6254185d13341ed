"""The commands of a month, in their order: draft, acknowledge, waive, approve, withdraw, issue,
report.

What a person decides about a finding or a missing day lies here: it is what keeps a draft from its
approval and issue.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from jeongsan.invocation import (
    argument,
    asked,
    consented,
    day_argument,
    day_or_today,
    me,
    month_argument,
    opened,
    screen,
)
from jeongsan.options import (
    ApprovedBy,
    By,
    Digest,
    DraftedBy,
    IssuedOn,
    Json,
    Month,
    Reason,
    Section,
)

if TYPE_CHECKING:
    from billing.close.decide_together import DecisionSpan
    from reports.terminal.screen import Screen

commands = typer.Typer()


@commands.command(epilog="예: jeongsan draft 2025-10 --documents")
def draft(
    month: Month,
    documents: Annotated[
        bool, typer.Option("--documents", help="초안이라고 적힌 문서도 만듭니다")
    ] = False,
    by: DraftedBy = "",
    json: Json = False,
) -> None:
    """한 달의 초안을 만듭니다; 아직 아무것도 발행하지 않습니다 (the month's draft)."""
    from billing.close.draft_month import draft as run
    from reports.documents import render_draft
    from reports.readiness.readiness import ready
    from reports.readiness.readiness_view import show_readiness
    from reports.terminal.invoices_view import show_documents, show_draft
    from reports.terminal.screen import stop_on_fail

    with screen(json) as out:
        place = opened()
        drafted = run(place, month_argument(month), me(by))
        show_draft(out, drafted)
        show_readiness(out, ready(place, drafted))
        if documents:
            with out.progress() as progress:
                paths = render_draft(place, drafted, progress)
            show_documents(out, paths)
        stop_on_fail(out, drafted.findings, drafted.blocking)


@commands.command(
    epilog="예: jeongsan acknowledge 1a2b3c4d5e6f --effect bill --reason '확인함' --by 김정산,"
    " 또는 --kind over_capacity --cluster hpc --days 2025-10-01..2025-10-31 --effect bill ..."
)
def acknowledge(
    effect: Annotated[str, typer.Option("--effect", help="bill (청구) 또는 exclude (제외)")],
    reason: Reason,
    by: By,
    finding: Annotated[str, typer.Argument(help="확인할 사항의 번호")] = "",
    kind: Annotated[str, typer.Option("--kind", help="번호 대신: 이 종류를 한 번에")] = "",
    days: Annotated[str, typer.Option("--days", metavar="DAY[..DAY]", help="이 날들")] = "",
    cluster: Section = None,
    subject: Annotated[str | None, typer.Option("--subject", help="이 대상만")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="묻지 않고 결정합니다")] = False,
    json: Json = False,
) -> None:
    """확인할 사항을 사람이 결정합니다 (what a person decides about a finding)."""
    from billing.close.decide_together import DecisionSpan
    from metering.calendar import read_days
    from metering.database.decisions import acknowledge as run

    with screen(json) as out:
        if effect not in ("bill", "exclude"):
            raise typer.BadParameter("bill or exclude", param_hint="--effect")
        together = bool(kind or days)
        if bool(finding) == together or bool(kind) != bool(days):
            message = "name one finding, or a --kind and its --days"
            raise typer.BadParameter(message, param_hint="FINDING")
        if not together and (cluster is not None or subject is not None):
            raise typer.BadParameter("narrows a --kind", param_hint="--cluster, --subject")
        if not together:
            with opened().database.begin() as connection:
                who = me(by)
                run(connection, finding, effect, reason, by, who.at_ms, who.account)
            out.fact("acknowledged", finding, "결정함")
            return
        wanted = argument(read_days, days)
        _decide(
            out,
            DecisionSpan(kind, wanted[0], wanted[-1], cluster, subject),
            (effect, reason, by),
            yes,
        )


def _decide(out: "Screen", span: "DecisionSpan", decision: tuple[str, str, str], yes: bool) -> None:
    """Shows what a span of days covers, asks, and decides all of that, or nothing."""
    from billing.close.decide_together import covered_by, decide
    from reports.readiness.decisions_view import show_covered

    place = opened()
    covered = covered_by(place.database, span)
    show_covered(out, place, covered)
    question = f"{len(covered.open):,}건을 {decision[0]}(으)로 결정합니까?"
    if not yes and not asked(out, question):
        raise typer.BadParameter("nobody can be asked here; say --yes", param_hint="--yes")
    who = me()
    done = decide(place.database, covered.open, *decision, who.at_ms, who.account)
    if out.as_json:
        out.fact("acknowledged", [answer.finding_key for answer in done])
    out.say(f"결정함 {len(done):,}건. 나중에 생기는 것은 따로 결정합니다")


@commands.command(epilog="예: jeongsan waive hpc-h100 2025-10-09 --reason '정전' --by 김정산")
def waive(
    cluster: str,
    day: Annotated[str, typer.Argument(metavar="DAY")],
    reason: Reason,
    by: By,
    json: Json = False,
) -> None:
    """빠진 날을 사람이 넘깁니다 (let a missing day pass)."""
    from metering.database.decisions import waive as run

    with screen(json) as out:
        place = opened()
        place.site.section(cluster)
        with place.database.begin() as connection:
            who = me(by)
            run(connection, cluster, day_argument(day), reason, by, who.at_ms, who.account)
        out.fact("waived", f"{cluster} {day}", "넘긴 날")


@commands.command(epilog="예: jeongsan approve 2025-10 --digest 1a2b3c4d5e6f --by 김정산")
def approve(month: Month, by: ApprovedBy, digest: Digest = "", json: Json = False) -> None:
    """초안을 승인합니다; 승인은 살펴본 그 초안에만 묶입니다 (approve the draft)."""
    from billing.close.approve_month import approval_of, look_at
    from billing.close.approve_month import approve as run
    from reports.readiness.audit_view import show_approved
    from reports.terminal.invoices_view import show_draft

    with screen(json) as out:
        place, wanted, who = opened(), month_argument(month), me(by)
        before = approval_of(place, wanted)
        said = digest
        if not said:
            seen = look_at(place, wanted)
            if not json:
                show_draft(out, seen)
            said = consented(out, seen.digest, f"{wanted} 초안 {seen.digest[:12]} 을 승인합니까?")
        state = run(place, wanted, by, said, who.at_ms, who.account)
        show_approved(out, place, state, before, by)


@commands.command(
    epilog="예: jeongsan withdraw 2025-10 --by 김정산 --reason '단가를 다시 봄';"
    " 확인할 사항: withdraw 1a2b3c4d5e6f; 넘긴 날: withdraw hpc-h100 2025-10-09"
)
def withdraw(
    what: Annotated[
        str, typer.Argument(metavar="MONTH|FINDING|CLUSTER", help="달, 확인할 사항의 번호, 구역")
    ],
    reason: Reason,
    by: By,
    day: Annotated[str, typer.Argument(metavar="[DAY]", help="구역의 넘긴 날")] = "",
    json: Json = False,
) -> None:
    """발행하기 전의 승인, 결정, 넘긴 날을 사람이 거둡니다 (take back what was decided)."""
    from billing.close import withdraw as run

    with screen(json) as out:
        place, who = opened(), me(by)
        if day:
            cluster = place.site.section(what).name
            run.withdraw_waiver(place, cluster, day_argument(day), reason, who)
        elif "-" in what:
            before = run.withdraw_approval(place, month_argument(what), reason, who)
            out.fact("approved_by", before.approved_by, "승인했던 사람")
        else:
            run.withdraw_acknowledgement(place, what, reason, who)
        out.fact("withdrawn", f"{what} {day}".strip(), "거둔 것")


@commands.command(epilog="예: jeongsan issue 2025-10 --on 2025-11-03")
def issue(
    month: Month,
    on: IssuedOn = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="세금계산서 발급 기한이 지났어도 묻지 않고 발행합니다")
    ] = False,
    json: Json = False,
) -> None:
    """승인된 달을 발행하고 문서를 만듭니다 (issue the approved month)."""
    from billing.close.issue_date import LateError
    from billing.close.issue_month import issue as run
    from reports.documents import render_month
    from reports.readiness.audit_view import late_question
    from reports.terminal.invoices_view import show_documents, show_issued

    with screen(json) as out:
        place = opened()
        day, wanted, who = day_or_today(place, on), month_argument(month), me()
        try:
            issued = run(place, wanted, day, who, late=yes)
        except LateError as error:
            if not asked(out, late_question(error.late)):
                raise
            issued = run(place, wanted, day, who, late=True)
        show_issued(out, issued)
        with out.progress() as progress:
            paths = render_month(place, month, progress)
        show_documents(out, paths)


@commands.command(epilog="예: jeongsan report 2025-10 --only government")
def report(
    month: Month,
    only: Annotated[
        str, typer.Option("--only", help="invoice, amended, statement, government")
    ] = "",
    json: Json = False,
) -> None:
    """발행된 달의 문서를 만듭니다 (the documents of an issued month)."""
    from reports.documents import render_month, write_recalculations
    from reports.layout.file_names import KINDS
    from reports.readiness.missing_documents import record_is_old
    from reports.terminal.invoices_view import show_documents

    with screen(json) as out:
        if only and only not in KINDS:
            raise typer.BadParameter(f"one of {', '.join(KINDS)}", param_hint="--only")
        place = opened()
        with out.progress() as progress:
            paths = render_month(place, month_argument(month), progress, only=only or None)
        show_documents(out, paths)
        if record_is_old(place):
            out.fact("recalculations", str(write_recalculations(place)), "정정 기록")
