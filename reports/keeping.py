"""The commands that keep the books: ledger."""

from pathlib import Path
from typing import Annotated

import typer

from reports.command import argument, opened, read_month, screen

keeping = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="사람 대신 프로그램이 읽을 JSON 하나로 냅니다.")]


@keeping.command(epilog="예: jeongsan ledger --month 2025-10 --csv 2025-10.csv")
def ledger(
    month: Annotated[str, typer.Option("--month", help="이 달만; 비우면 모든 달")] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="분개를 적을 파일 (재무 시스템용)")
    ] = None,
    json: Json = False,
) -> None:
    """원장의 시산표와 계정별 월 잔액을 보고, 분개를 내보냅니다 (trial balance, journal)."""
    from reports.ledger_board import read_ledger, show_ledger, write_journal

    with screen(json) as out:
        found = read_ledger(opened(), argument(read_month, month) if month else "")
        if csv is not None:
            out.fact("written", str(write_journal(found, csv)), "분개를 적은 파일")
        show_ledger(out, found)
