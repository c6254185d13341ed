"""정산 (Jeongsan): the command line. It reads arguments, calls, and shows; it decides nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from jeongsan.books import keeping
from jeongsan.correction import adjusting
from jeongsan.invocation import (
    Place,
    argument,
    collected_window,
    me,
    opened,
    read_month,
    scraped_window,
    screen,
    today,
)
from jeongsan.proof import proving
from jeongsan.questions import asking
from jeongsan.state import granting
from reports.terminal.screen import stop_on_fail

app = typer.Typer(
    name="jeongsan",
    help="국가 AI 데이터센터의 사용량을 재고, 값을 매기고, 지원을 적용하고, 정산합니다.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
Json = Annotated[bool, typer.Option("--json", help="사람 대신 프로그램이 읽을 JSON 하나로 냅니다.")]
Month = Annotated[str, typer.Argument(metavar="MONTH", help="2025-10")]
By = Annotated[str, typer.Option("--by", help="결정한 사람의 이름")]
Reason = Annotated[str, typer.Option("--reason", help="사유")]


@app.callback()
def main_options(
    site: Annotated[
        Path, typer.Option("--site", help="사이트 디렉터리 (site.toml 이 있는 곳)")
    ] = Path("."),
) -> None:
    """The options that stand before a command."""
    Place.directory = site


@app.command(epilog="예: jeongsan init my-site")
def init(
    directory: Annotated[Path, typer.Argument(help="새 디렉터리")], json: Json = False
) -> None:
    """새 사이트를 주석이 달린 파일로 만듭니다 (a new site)."""
    from metering.site.new_site import init_site

    with screen(json) as out:
        paths = init_site(directory)
        out.fact("written", [str(path) for path in paths], "만든 파일")
        out.say(f"다음: {directory / 'site.toml'} 을 채우고 jeongsan --site {directory} load")


@app.command(epilog="예: jeongsan --site demo load")
def load(json: Json = False) -> None:
    """등록부와 규칙을 검사하고 통째로 저장합니다 (check and store the registry)."""
    from billing.rulebook.load_site import load_site
    from reports.terminal.results_view import show_load

    with screen(json) as out:
        place = opened()
        show_load(out, load_site(place.site, place.database))


@app.command(
    epilog="예: jeongsan collect --from 2025-10-01 --to 2025-11-01"
    " --complete-to 2025-11-01T00:10+09:00"
)
def collect(
    first: Annotated[
        str, typer.Option("--from", help="처음 날 또는 시각; 비우면 지난번에 이어서")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="끝 (미포함); 비우면 지금까지")] = "",
    cluster: Annotated[
        list[str] | None, typer.Option("--cluster", help="이 클러스터만 (여러 번)")
    ] = None,
    complete_to: Annotated[str, typer.Option("--complete-to", help="덤프가 빠짐없는 시각")] = "",
    targets: Annotated[
        bool, typer.Option("--targets", help="직접 묻는 수집기(exporter)만 지금 한 번")
    ] = False,
    json: Json = False,
) -> None:
    """원천에서 표본·할당·검침을 가져옵니다 (sources to the lake)."""
    from metering.collect.collect import Which
    from metering.collect.collect import collect as run
    from reports.terminal.results_view import show_collected

    with screen(json) as out:
        place = opened()
        limit = argument(place.site.calendar.moment, complete_to) if complete_to else None
        window = scraped_window() if targets else collected_window(place, first, last, limit)
        names = [place.site.cluster(name).name for name in cluster or ()]
        with out.progress() as progress:
            which: Which = "targets" if targets else "all"
            results = run(place, window, names or None, limit, progress, which)
        show_collected(out, results)
        stop_on_fail(out, [finding for c in results for finding in c.findings])


@app.command(epilog="예: jeongsan meter 2025-10-01..2025-10-31")
def meter(
    days: Annotated[str, typer.Argument(metavar="DAY[..DAY]")],
    cluster: Annotated[
        list[str] | None, typer.Option("--cluster", help="이 클러스터만 (여러 번)")
    ] = None,
    json: Json = False,
) -> None:
    """사용량을 계산합니다 (usage of those accounting days)."""
    from billing.adjust.restatement import restate
    from metering.period import read_days
    from metering.usage.meter import meter as run
    from reports.terminal.results_view import show_restatements

    with screen(json) as out:
        place = opened()
        wanted = argument(read_days, days)
        with out.progress() as progress:
            found = run(place, wanted, cluster or None, progress)
        out.fact("days", len(wanted), "계산한 날")
        show_restatements(out, restate(place))
        stop_on_fail(out, found)


@app.command(
    epilog="예: jeongsan acknowledge 1a2b3c4d5e6f --effect bill --reason '확인함' --by 김정산"
)
def acknowledge(
    finding: Annotated[str, typer.Argument(help="확인할 사항의 번호")],
    effect: Annotated[str, typer.Option("--effect", help="bill (청구) 또는 exclude (제외)")],
    reason: Reason,
    by: By,
    json: Json = False,
) -> None:
    """확인할 사항을 사람이 결정합니다 (what a person decides about a finding)."""
    from metering.database.findings import acknowledge as run

    with screen(json) as out:
        if effect not in ("bill", "exclude"):
            raise typer.BadParameter("bill or exclude", param_hint="--effect")
        with opened().database.begin() as connection:
            run(connection, finding, effect, reason, by)
        out.fact("acknowledged", finding, "결정함")


@app.command(epilog="예: jeongsan waive hpc-h100 2025-10-09 --reason '정전' --by 김정산")
def waive(
    cluster: str,
    day: Annotated[str, typer.Argument(metavar="DAY")],
    reason: Reason,
    by: By,
    json: Json = False,
) -> None:
    """빠진 날을 사람이 넘깁니다 (let a missing day pass)."""
    from metering.database.findings import waive as run
    from metering.period import read_date

    with screen(json) as out:
        place = opened()
        place.site.cluster(cluster)
        with place.database.begin() as connection:
            run(connection, cluster, argument(read_date, day), reason, by)
        out.fact("waived", f"{cluster} {day}", "넘긴 날")


@app.command(epilog="예: jeongsan draft 2025-10 --documents")
def draft(
    month: Month,
    documents: Annotated[
        bool, typer.Option("--documents", help="초안이라고 적힌 문서도 만듭니다")
    ] = False,
    json: Json = False,
) -> None:
    """한 달의 초안을 만듭니다; 아직 아무것도 발행하지 않습니다 (the month's draft)."""
    from billing.close.draft_month import draft as run
    from reports.documents import render_draft
    from reports.readiness.readiness import ready
    from reports.readiness.readiness_view import show_readiness
    from reports.terminal.results_view import show_documents, show_draft

    with screen(json) as out:
        place = opened()
        made = run(place, argument(read_month, month), me())
        show_draft(out, made)
        show_readiness(out, ready(place, made))
        if documents:
            with out.progress() as progress:
                paths = render_draft(place, made, progress)
            show_documents(out, paths)
        stop_on_fail(out, made.findings, made.blocking)


@app.command(epilog="예: jeongsan approve 2025-10 --by 김정산")
def approve(month: Month, by: By, json: Json = False) -> None:
    """초안을 승인합니다; 승인은 그 초안에만 묶입니다 (approve the draft)."""
    from billing.close.approve_month import approve as run

    with screen(json) as out:
        state = run(opened(), argument(read_month, month), by, at_ms=me().at_ms)
        out.fact("approved", state.digest, f"{month} 승인 ({by})")


@app.command(epilog="예: jeongsan issue 2025-10 --on 2025-11-03")
def issue(
    month: Month,
    on: Annotated[str, typer.Option("--on", help="발행일; 비우면 오늘")] = "",
    json: Json = False,
) -> None:
    """승인된 달을 발행하고 문서를 만듭니다 (issue the approved month)."""
    from billing.close.issue_month import issue as run
    from metering.period import read_date
    from reports.documents import render_month
    from reports.terminal.results_view import show_documents, show_issued

    with screen(json) as out:
        place = opened()
        day = argument(read_date, on) if on else today(place.site)
        issued = run(place, argument(read_month, month), day, me())
        show_issued(out, issued)
        with out.progress() as progress:
            paths = render_month(place, month, progress)
        show_documents(out, paths)


@app.command(epilog="예: jeongsan report 2025-10 --only government")
def report(
    month: Month,
    only: Annotated[
        str, typer.Option("--only", help="invoice, amended, statement, government")
    ] = "",
    json: Json = False,
) -> None:
    """발행된 달의 문서를 만듭니다 (the documents of an issued month)."""
    from reports.documents import KINDS, render_month
    from reports.terminal.results_view import show_documents

    with screen(json) as out:
        if only and only not in KINDS:
            raise typer.BadParameter(f"one of {', '.join(KINDS)}", param_hint="--only")
        with out.progress() as progress:
            paths = render_month(opened(), argument(read_month, month), progress, only=only or None)
        show_documents(out, paths)


@app.command(epilog="예: jeongsan status --month 2025-10")
def status(
    month: Annotated[str, typer.Option("--month", help="이 달만")] = "",
    findings: Annotated[bool, typer.Option("--findings", help="확인할 사항을 모두 봅니다")] = False,
    json: Json = False,
) -> None:
    """적용 범위, 확인할 사항, 달의 상태 (coverage, findings, months)."""
    from reports.readiness.status_view import show_status

    with screen(json) as out:
        show_status(out, opened(), argument(read_month, month) if month else None, findings)


@app.command(epilog="예: jeongsan --site demo demo")
def demo(
    only_data: Annotated[
        bool, typer.Option("--only-data", help="사이트와 자료만 만듭니다")
    ] = False,
    json: Json = False,
) -> None:
    """예시 센터의 한 달을 처음부터 끝까지 돌립니다 (the whole of it on the example site)."""
    from example.demo import run_demo

    with screen(json) as out:
        directory = Path("demo") if Place.directory == Path(".") else Place.directory
        run_demo(out, directory, only_data)


app.add_typer(adjusting)
app.add_typer(proving)
app.add_typer(asking)
app.add_typer(keeping)
app.add_typer(granting)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; exit codes 0, 1 (findings or refused), 2 (usage)."""
    app(
        args=None if arguments is None else list(arguments),
        prog_name="jeongsan",
        standalone_mode=True,
    )
