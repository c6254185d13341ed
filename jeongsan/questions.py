"""The commands that ask and change nothing in force: explain, dispute, usage, quota, simulate,
programmes, prices."""

from pathlib import Path
from typing import Annotated

import typer

from jeongsan.clock import now_ms
from jeongsan.invocation import argument, day_argument, opened, rules_of_day, screen
from jeongsan.options import AddedUpBy, Clusters, Json
from reports.frames.usage_choices import UsageBy, UsageFormat

commands = typer.Typer()
RuleDay = Annotated[str, typer.Argument(metavar="[DAY]", help="2025-10-01; 비우면 오늘")]
ProgrammeOnly = Annotated[str, typer.Option("--programme", help="이 사업만")]


@commands.command(
    epilog="예: jeongsan explain T2025-000003 1 --day 2025-10-17; 발행 전에는 jeongsan explain"
    " 2025-10 --company C-003 --project P-006 --sku gpu.h100"
)
def explain(
    what: Annotated[str, typer.Argument(metavar="INVOICE|MONTH", help="T2025-000003 또는 2025-10")],
    line: Annotated[int, typer.Argument(metavar="[LINE]", help="청구서의 몇째 줄")] = 0,
    company: Annotated[str, typer.Option("--company", help="기업 (달을 물을 때)")] = "",
    project: Annotated[str, typer.Option("--project", help="이 과제만")] = "",
    sku: Annotated[str, typer.Option("--sku", help="이 자원만, 예: gpu.h100")] = "",
    day: Annotated[str, typer.Option("--day", help="이 날만")] = "",
    sql: Annotated[Path | None, typer.Option("--sql", help="DuckDB 질의를 적을 파일")] = None,
    json: Json = False,
) -> None:
    """청구된 금액을 시간과 규칙까지 거슬러 설명합니다 (from the won back to the hours)."""
    from billing.explain.question import Asked, answer
    from reports.explain.explanation_view import show_explanation

    with screen(json) as out:
        on = day_argument(day) if day else None
        asked = Asked(what, line, company, project, sku, on)
        with out.progress() as progress:
            answered = answer(opened(), asked, progress)
        calendar = answered.month.calendar
        show_explanation(out, answered.answer, answered.evidence, calendar, answered.stale, sql)


@commands.command(epilog="예: jeongsan dispute T2025-000003 1 --to T2025-000003-1.zip")
def dispute(
    number: Annotated[str, typer.Argument(metavar="INVOICE", help="T2025-000003")],
    line: Annotated[int, typer.Argument(metavar="LINE", help="청구서의 몇째 줄")],
    to: Annotated[Path | None, typer.Option("--to", help="쓸 파일; 비우면 문서 디렉터리")] = None,
    json: Json = False,
) -> None:
    """이의를 제기한 줄의 행, 질의, 규칙, 문서를 한 파일에 담습니다 (all behind a disputed line).

    그 기업의 행만 담으므로 그대로 기업에 보낼 수 있고, 누구나 DuckDB로 다시 셈할 수 있습니다.
    """
    from reports.explain.dispute_file import write_dispute

    with screen(json) as out:
        with out.progress() as progress:
            done = write_dispute(opened(), number, line, to, progress)
        out.fact("written", str(done.path), "담은 파일")
        out.fact("files", done.files, "담긴 것")
        out.fact("company_id", done.company_id, "기업")
        out.fact("charge_krw", done.charge_krw, "정가 (원)")
        out.fact("company_krw", done.company_krw, "자부담 (원)")
        out.fact("changed", list(done.changed), "발행 뒤 다시 계측한 날")


@commands.command(
    epilog="예: jeongsan usage 2025-10 --by project; 파일로: jeongsan usage 2025-10-01..2025-10-07"
    " --by allocation --output usage.xlsx"
)
def usage(
    period: Annotated[
        str, typer.Argument(metavar="MONTH|DAY[..DAY]", help="2025-10 또는 2025-10-01..2025-10-07")
    ],
    by: AddedUpBy = None,
    format: Annotated[
        UsageFormat | None,
        typer.Option(
            "--format",
            metavar="|".join(UsageFormat),
            help="파일의 종류; 비우면 파일 이름의 끝이 말하는 대로",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="쓸 파일; 비우면 문서 디렉터리")
    ] = None,
    cluster: Clusters = None,
    company: Annotated[str, typer.Option("--company", help="이 기업만")] = "",
    project: Annotated[str, typer.Option("--project", help="이 과제만")] = "",
    sku: Annotated[str, typer.Option("--sku", help="이 자원만, 예: gpu.h100")] = "",
    json: Json = False,
) -> None:
    """계측한 사용량을 마감 전후에 봅니다; 승인하기 전에 스케줄러와 견줍니다 (metered quantities).

    발행한 달은 발행한 사용량과 함께 보이고, 다르면 어느 줄이 다른지 말합니다. 과제가 없는
    계정(미소유)과 청구에서 뺀 계정의 사용량도 빠뜨리지 않습니다. --format 이나 --output 이 있으면
    파일로 씁니다.
    """
    from reports.frames.metered_usage import UsageWanted, metered_usage, usage_days
    from reports.frames.usage_files import write_usage
    from reports.frames.usage_view import show_usage, show_written

    with screen(json or (format is UsageFormat.JSON and output is None)) as out:
        form = _file_form(format, output)
        days = argument(usage_days, period)
        on_screen = UsageBy.PROJECT if form is None and not out.as_json else None
        place = opened()
        wanted = UsageWanted(days, by or on_screen, tuple(cluster or ()), company, project, sku)
        with out.progress() as progress:
            metered = metered_usage(place, wanted, progress)
        if form is None:
            show_usage(out, metered, place.site.calendar)
        else:
            show_written(out, write_usage(place, metered, form, output), metered, place)


def _file_form(form: UsageFormat | None, output: Path | None) -> UsageFormat | None:
    """What file is to be written; None for none, as where JSON goes to standard output."""
    if output is None:
        return None if form is UsageFormat.JSON else form
    ending = output.suffix.removeprefix(".").lower()
    if form is None and ending not in set(UsageFormat):
        raise typer.BadParameter(
            f"{output}: --format을 주거나, 이름의 끝을 .{', .'.join(UsageFormat)}에서 고르십시오"
        )
    return form or UsageFormat(ending)


@commands.command(
    epilog="예: jeongsan quota 2025-10-20 --company C-003; 밤마다 jeongsan quota --alarm;"
    " 언제 다 쓸지 jeongsan quota --forecast"
)
def quota(
    when: Annotated[
        str, typer.Argument(metavar="[MONTH|DAY]", help="비우면 사용량이 있는 마지막 날")
    ] = "",
    award: Annotated[str, typer.Option("--award", help="이 협약만")] = "",
    company: Annotated[str, typer.Option("--company", help="이 기업만")] = "",
    programme: ProgrammeOnly = "",
    alarm: Annotated[
        bool, typer.Option("--alarm", help="새로 닿은 한도를 메일과 웹훅으로 한 번 알립니다")
    ] = False,
    forecast: Annotated[
        bool, typer.Option("--forecast", help="요즘처럼 쓰면 언제 다 쓸지 추정합니다 (범위와 함께)")
    ] = False,
    json: Json = False,
) -> None:
    """한도와 예산의 배정, 사용, 잔여와 유휴 할당, 회수를 봅니다 (quotas, budgets, recalls)."""
    from reports.quota.awards_view import awards_of_day, show_awards
    from reports.quota.forecast_view import forecasts_of_day, show_forecasts
    from reports.quota.idle_view import idle_of_month, show_idle
    from reports.quota.limits_view import LimitsWanted, checked_when, limits_of_day, show_limits
    from reports.quota.low_use_view import low_uses_of_day, show_low_uses
    from reports.quota.recalls_view import recalls_of_year, show_recalls

    with screen(json) as out:
        asked = argument(checked_when, when) if when else ""
        place, wanted = opened(), LimitsWanted(award, company, programme)
        limits = limits_of_day(place, asked)
        show_limits(out, limits, wanted)
        show_awards(out, awards_of_day(limits, wanted), limits.names, wanted)
        if forecast:
            with out.progress() as progress:
                forecasts = forecasts_of_day(place, limits, wanted, progress)
            show_forecasts(out, forecasts, limits.names)
        show_idle(out, idle_of_month(limits, wanted, place), limits.names)
        show_low_uses(out, low_uses_of_day(limits, wanted, place), limits.names)
        show_recalls(out, recalls_of_year(limits, wanted, place), limits.names)
        if alarm:
            from reports.quota.alarm_messages import send_and_show_alarms as tell

            tell(out, place, limits, now_ms())


@commands.command(epilog="예: jeongsan simulate 2025-10..2026-09 --rules rules-2026")
def simulate(
    months: Annotated[str, typer.Argument(metavar="MONTH[..MONTH]", help="2025-10..2026-09")],
    rules: Annotated[Path, typer.Option("--rules", help="견주어 볼 규칙 디렉터리")],
    to: Annotated[
        Path | None, typer.Option("--to", help="XLSX와 그림을 둘 곳; 비우면 문서 디렉터리")
    ] = None,
    json: Json = False,
) -> None:
    """다른 규칙이었다면 그 달들이 어땠을지 계산합니다 (months under other rules).

    시행 중인 규칙의 사본에서 값을 바꿉니다. 프로그램에 든 규칙이면 사본은 jeongsan rules
    rules-2026 --copy 가 만듭니다. 보기: AIDC-BASE의 기업 부담률을 2025년 11월부터 20 %로
    하려면 programmes/AIDC-BASE.yaml 의 company_share: 끝에 적습니다.

    \b
      2025-11-01:
        value: "0.20"
        assumed: "검토 중인 안"

    발행한 달과 시행 중인 규칙은 그대로입니다.
    """
    from billing.rulebook.rule_book import read_rulebook
    from billing.simulate.simulate import simulate as run
    from metering.calendar import read_months
    from metering.errors import CheckError
    from reports.simulation.figures import new_findings
    from reports.simulation.files import check_rules, write_simulation
    from reports.simulation.view import show_simulation

    with screen(json) as out:
        first, last = argument(read_months, months)
        place = opened()
        check_rules(place, rules)
        other = read_rulebook(rules)
        with out.progress() as progress:
            simulated = run(place, other, first, last, progress)
        written = write_simulation(place, simulated, rules, to)
        show_simulation(out, simulated, rules, written)
        fails = [finding for finding in new_findings(simulated) if finding.severity == "fail"]
        if fails:
            raise CheckError(
                f"findings would stop these months ({len(fails)}): mend the rules in {rules}"
            )


@commands.command(epilog="예: jeongsan programmes 2025-10-01 --programme AICA-2025R")
def programmes(day: RuleDay = "", programme: ProgrammeOnly = "", json: Json = False) -> None:
    """그날의 지원 사업: 값마다 시행일과 출처 또는 가정 (programmes in force on a day)."""
    from reports.terminal.programmes_view import show_programmes

    with screen(json) as out:
        rules, on = rules_of_day(day)
        show_programmes(out, rules.book, on, rules.directory, programme)


@commands.command(epilog="예: jeongsan prices 2026-01-01")
def prices(day: RuleDay = "", json: Json = False) -> None:
    """그날의 정가와 시장 가격: 값마다 시행일과 출처 또는 가정 (prices on a day)."""
    from reports.terminal.rules_view import show_prices

    with screen(json) as out:
        rules, on = rules_of_day(day)
        show_prices(out, rules.book, on, rules.directory)
