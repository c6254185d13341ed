"""The commands that prove: bundle, verify, and audit, the list of all decisions."""

from pathlib import Path
from typing import Annotated

import typer

from jeongsan.invocation import month_argument, opened, screen
from jeongsan.options import Json, Month

commands = typer.Typer()


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


@commands.command(epilog="예: jeongsan audit --month 2025-10")
def audit(
    month: Annotated[str, typer.Option("--month", help="이 달만")] = "",
    json: Json = False,
) -> None:
    """누가 언제 무엇을 왜 결정했는지 차례로 봅니다 (every decision, oldest first)."""
    from metering.database.audit_trail import trail
    from reports.readiness.audit_view import show_audit

    with screen(json) as out:
        place = opened()
        with place.database.read() as connection:
            entries = list(trail(connection, month_argument(month) if month else None))
        show_audit(out, place.site.calendar, entries)
