"""The commands that prove and keep: bundle, verify, check, repair, backup, restore; and audit: all
decisions."""

from pathlib import Path
from typing import Annotated

import typer

from jeongsan.clock import MIB_A_SECOND, now_ms, paced
from jeongsan.invocation import leave_pandas_alone, month_argument, opened, screen
from jeongsan.options import Json, Month

commands = typer.Typer()
Rate = Annotated[
    int, typer.Option("--rate", min=0, help="한 번에 읽는 빠르기, 초당 MiB; 0 은 끝없이 빨리")
]


@commands.command(epilog="예: jeongsan bundle 2025-10 --copy 2025-10.zip")
def bundle(
    month: Month,
    copy: Annotated[Path, typer.Option("--copy", help="쓸 파일")],
    json: Json = False,
) -> None:
    """발행된 달을 문서까지 한 파일에 담습니다 (the month as one self-contained file)."""
    from billing.verify.zip_bytes import digest_of_file
    from reports.verify_documents import copy_whole_month

    with screen(json) as out:
        with out.progress() as progress:
            files = copy_whole_month(opened(), month_argument(month), copy, progress)
        out.fact("copied", str(copy), "담은 파일")
        out.fact("files", files, "담긴 것")
        out.fact("sha256", digest_of_file(copy), "sha256")


@commands.command(epilog="예: jeongsan verify 2025-10, 또는 jeongsan verify 2025-10.zip")
def verify(month: Annotated[str, typer.Argument(metavar="MONTH|FILE")], json: Json = False) -> None:
    """발행된 달을, 또는 그 사본을 다시 계산해 바이트까지 견줍니다 (recompute and compare)."""
    from billing.verify.zip_bytes import digest_of_file
    from reports.terminal.verification_view import show_verification
    from reports.verify_documents import verify_copy, verify_month

    with screen(json) as out:
        with out.progress() as progress:
            if Path(month).is_file():
                result = verify_copy(Path(month), progress)
                out.fact("sha256", digest_of_file(Path(month)), "sha256")
            else:
                result = verify_month(opened(), month_argument(month), progress)
        show_verification(out, month, result)


@commands.command(epilog="예: jeongsan check --rate 64")
def check(rate: Rate = MIB_A_SECOND, json: Json = False) -> None:
    """사이트의 모든 파일을 지문과 견줍니다 (every file against its digest)."""
    from billing.verify.check_site import check_site
    from reports.terminal.verification_view import show_checked

    with screen(json) as out:
        with out.progress() as progress:
            checked = check_site(opened(), paced(rate), progress)
        show_checked(out, checked)


@commands.command(epilog="예: jeongsan repair --yes, 또는 jeongsan repair --from /backup/lake")
def repair(
    copy: Annotated[
        str, typer.Option("--from", help="레이크의 사본이 있는 디렉터리 또는 s3://bucket/prefix")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="보인 대로 고칩니다")] = False,
    rate: Rate = MIB_A_SECOND,
    json: Json = False,
) -> None:
    """지문과 다른 파일을 무엇으로 되살릴지 보고, 되살립니다 (mend what is broken or lost)."""
    from billing.verify.repair_site import repair_site
    from reports.terminal.verification_view import show_repaired

    with screen(json) as out:
        with out.progress() as progress:
            repaired = repair_site(opened(), paced(rate), copy, do=yes, progress=progress)
        show_repaired(out, repaired)


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


@commands.command(epilog="예: jeongsan audit --month 2025-10")
def audit(
    month: Annotated[str, typer.Option("--month", help="이 달만")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="이력이 적힌 그대로인지 견줍니다; 다르면 끝값이 1입니다")
    ] = False,
    json: Json = False,
) -> None:
    """누가 언제 무엇을 왜 결정했는지 차례로 봅니다 (every decision, oldest first).

    결정마다 앞 결정의 지문이 들어 있습니다. --check 는 그 사슬을, 지금 힘이 있는 결정이 이력에 있는
    그대로인지를, 발행할 때마다 호수에 적어 둔 사슬의 끝이 아직 있는지를 봅니다.
    """
    from billing.verify.verify_audit import check_audit
    from metering.database.audit_trail import trail
    from reports.readiness.audit_view import show_audit
    from reports.terminal.verification_view import show_audit_checked

    with screen(json) as out:
        if check and month:
            raise typer.BadParameter("checks the whole trail; leave --month out")
        place = opened()
        if check:
            show_audit_checked(out, check_audit(place.database))
            return
        with place.database.read() as connection:
            entries = list(trail(connection, month_argument(month) if month else None))
        show_audit(out, place.site.calendar, entries)
