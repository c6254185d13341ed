"""The commands of recovery: backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from jeongsan.clock import MIB_A_SECOND, now_ms, paced
from jeongsan.invocation import leave_pandas_alone, opened, screen
from jeongsan.options import Json

commands = typer.Typer()
Rate = Annotated[
    int, typer.Option("--rate", min=0, help="한 번에 읽는 빠르기, 초당 MiB; 0 은 끝없이 빨리")
]


@commands.command(epilog="예: jeongsan backup /backup/jeongsan")
def backup(
    place: Annotated[Path, typer.Argument(metavar="DEST", help="사본을 모으는 디렉터리")],
    check: Annotated[
        bool,
        typer.Option("--check", help="이미 있는 파일도 읽어 지문과 견주고, 다르면 다시 복사합니다"),
    ] = False,
    rate: Rate = MIB_A_SECOND,
    json: Json = False,
) -> None:
    """사이트를 한 시점의 사본으로 남깁니다; 있는 파일은 다시 복사하지 않습니다 (save the site).

    데이터베이스, 그것이 가리키는 레이크의 모든 파일, site.toml, 등록부, 규칙, 문서를 담습니다.
    비밀번호와 토큰은 담지 않습니다. 버킷의 레이크는 이름만 남깁니다.
    """
    from billing.backup.backup_site import backup_site
    from reports.operations.backup_view import show_backup

    with screen(json) as out:
        with out.progress() as progress:
            saved = backup_site(
                opened(), place, now_ms(), paced(rate), check=check, progress=progress
            )
        show_backup(out, place, saved)


@commands.command(epilog="예: jeongsan restore /backup/jeongsan /srv/jeongsan")
def restore(
    place: Annotated[Path, typer.Argument(metavar="SRC", help="사본을 모은 디렉터리")],
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="되살릴 빈 디렉터리; 비우면 어떤 사본이 있는지만"),
    ] = None,
    at: Annotated[
        str, typer.Option("--at", help="사본 이름의 앞부분, 예: 2025-11-03; 비우면 가장 새 것")
    ] = "",
    rate: Rate = MIB_A_SECOND,
    json: Json = False,
) -> None:
    """사본에서 사이트를 되살리고, 모두 읽어 지문과 견줍니다 (a site out of a backup).

    있는 것은 아무것도 덮어쓰지 않습니다. 도중에 끊기면 같은 명령으로 이어집니다.
    """
    from billing.backup.backup_record import backups_in, chosen
    from billing.backup.restore_site import restore_site
    from reports.operations.backup_view import show_backups, show_restored

    with screen(json) as out:
        leave_pandas_alone()
        if directory is None:
            show_backups(out, backups_in(place))
            return
        record = chosen(place, at)
        with out.progress() as progress:
            restored = restore_site(place, record, directory, paced(rate), progress=progress)
        show_restored(out, directory, restored)
