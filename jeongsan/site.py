"""The commands of a site: init, doctor, health, load, rules, status, metrics, demo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jeongsan.clock import now_ms
from jeongsan.invocation import (
    Place,
    asked,
    leave_pandas_alone,
    me,
    month_argument,
    opened,
    rules_here,
    screen,
)
from jeongsan.options import Json
from metering.errors import JeongsanError

if TYPE_CHECKING:
    from reports.terminal.screen import Screen

commands = typer.Typer()


@commands.command(epilog="예: jeongsan init my-site")
def init(
    directory: Annotated[Path, typer.Argument(help="새 디렉터리")], json: Json = False
) -> None:
    """새 사이트를 주석이 달린 파일로 만듭니다 (a new site)."""
    from metering.site.new_site import init_site

    with screen(json) as out:
        paths = init_site(directory)
        out.fact("written", [str(path) for path in paths], "만든 파일")
        out.say(f"다음: {directory / 'site.toml'} 을 채우고 jeongsan --site {directory} load")


@commands.command(epilog="예: jeongsan --site demo doctor")
def doctor(json: Json = False) -> None:
    """첫 밤이 되기 전에 사이트를 점검합니다; 아무것도 쓰지 않습니다 (what is well, what is not).

    설정, 등록부와 규칙, 글꼴, 데이터베이스와 레이크, 시계, 디스크를 보고, 원천마다 한 번씩 짧게
    읽어 봅니다. 잘못된 것이 하나라도 있으면 끝값이 1입니다.
    """
    from reports.readiness.doctor import examined
    from reports.readiness.doctor_view import show_checks

    with screen(json) as out:
        leave_pandas_alone()
        show_checks(out, examined(Place.directory, now_ms()))


@commands.command(epilog="예: jeongsan --site demo health --json")
def health(json: Json = False) -> None:
    """지금 일할 수 있는지 한 번에 답합니다; 감시 프로그램을 위한 것입니다 (a probe).

    설정, 데이터베이스, 레이크, 번호 등록부, 디스크를 봅니다. 나쁘면 끝값이 1입니다.
    """
    from reports.operations.health import show_vitals, vitals

    with screen(json) as out:
        leave_pandas_alone()
        show_vitals(out, vitals(Place.directory))


@commands.command(epilog="예: jeongsan metrics --to /var/lib/node_exporter/jeongsan.prom")
def metrics(
    to: Annotated[
        Path | None, typer.Option("--to", help="쓸 파일 (통째로 바꿈); 비우면 화면에")
    ] = None,
    json: Json = False,
) -> None:
    """사이트의 수치를 Prometheus 형식으로 냅니다 (figures for Prometheus).

    원천의 지연, 적용 범위, 확인할 사항과 걸린 금액, 달의 상태입니다. node_exporter 의 textfile
    수집기가 읽을 파일에 쓰거나, 화면에 냅니다.
    """
    from reports.layout.write_files import write_file
    from reports.operations.metrics import exposition

    with screen(json) as out:
        text = exposition(opened(), now_ms())
        if to is not None:
            out.fact("written", str(write_file(to, text.encode())), "쓴 파일")
        elif json:
            out.fact("metrics", text)
        else:
            typer.echo(text, nl=False)


@commands.command(epilog="예: jeongsan --site demo load")
def load(
    yes: Annotated[
        bool, typer.Option("--yes", help="발행한 달이 달라져도 묻지 않고 저장합니다")
    ] = False,
    json: Json = False,
) -> None:
    """등록부와 규칙을 검사하고 통째로 저장합니다 (check and store the registry)."""
    from billing.adjust.stale_months import moved_by_load
    from billing.rulebook.load_site import checked_site, load_site
    from reports.terminal.load_and_collect_view import show_load, show_moved
    from reports.terminal.rule_book_view import show_unused_rules

    with screen(json) as out:
        place = opened()
        registry, book = checked_site(place.site)
        moved = moved_by_load(place, registry, book)
        show_moved(out, moved)
        if any(stale.why != "rule" for stale in moved) and not yes:
            _ask_to_move(out, sorted({stale.month for stale in moved}))
        show_load(out, load_site(place.site, place.database, me(), registry.digest))
        show_unused_rules(out, place.site)


def _ask_to_move(out: "Screen", months: list[str]) -> None:
    """Asks before issued months are moved; without a terminal nothing is stored."""
    if not asked(out, f"발행한 {', '.join(months)}이 달라집니다. 저장합니까?"):
        raise JeongsanError(
            f"this registry moves {', '.join(months)}, which are issued; nothing was stored. Look "
            "at what moves, then load with --yes; `jeongsan adjust` corrects issued months"
        )


@commands.command(epilog="예: jeongsan --site demo rules --copy")
def rules(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="복사할 디렉터리; 비우면 사이트의 rules"),
    ] = None,
    copy: Annotated[
        bool,
        typer.Option("--copy", help="프로그램에 든 규칙을 복사합니다; 있는 것은 그대로 둡니다"),
    ] = False,
    json: Json = False,
) -> None:
    """어느 규칙을 쓰는지 보고, 고쳐 쓸 사본을 만듭니다 (the rules in force, a copy of them)."""
    from billing.rulebook.copied_rules import FOLDER, copy_rules
    from metering.settings.site_toml import read_site
    from reports.terminal.rule_book_view import show_copied, show_rule_book

    with screen(json) as out:
        if directory is not None and not copy:
            raise typer.BadParameter("goes with --copy", param_hint="DIR")
        named = Place.directory != Path()
        here = named or (Place.directory / "site.toml").exists()
        if copy and directory is None and not here:
            raise typer.BadParameter("there is no site here; name where to copy", param_hint="DIR")
        in_force = None if copy else rules_here(Place.directory, needs_site=named)
        site = read_site(Place.directory) if here else None
        if in_force is None:
            target = directory or Place.directory / FOLDER
            show_copied(out, target, copy_rules(target), site)
        else:
            show_rule_book(out, in_force.book, in_force.directory, site)


@commands.command(epilog="예: jeongsan status --month 2025-10")
def status(
    month: Annotated[str, typer.Option("--month", help="이 달만")] = "",
    findings: Annotated[bool, typer.Option("--findings", help="확인할 사항을 모두 봅니다")] = False,
    json: Json = False,
) -> None:
    """적용 범위, 확인할 사항, 달의 상태 (coverage, findings, months)."""
    from reports.readiness.status_view import show_status

    with screen(json) as out:
        show_status(out, opened(), month_argument(month) if month else None, findings)


@commands.command(epilog="예: jeongsan --site demo demo")
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
