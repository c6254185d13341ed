"""The commands that settle with the state: fund, grant."""

from pathlib import Path
from typing import Annotated, cast

import typer

from jeongsan.clock import today
from jeongsan.invocation import argument, opened, screen
from metering.period import read_date

granting = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="사람 대신 프로그램이 읽을 JSON 하나로 냅니다.")]
Programme = Annotated[str, typer.Argument(metavar="PROGRAMME", help="AICA-2025R")]
Year = Annotated[int, typer.Argument(metavar="YEAR", help="예산연도, 2025", min=2000, max=2100)]
On = Annotated[str, typer.Option("--on", help="그날; 비우면 오늘")]
KINDS = ("received", "returned", "interest", "interest_returned")


@granting.command(
    epilog="예: jeongsan fund AICA-2025R 2025 national received 500000000 --by 김정산"
    " --reason '1차 교부' --on 2025-08-20"
)
def fund(
    programme: Programme,
    year: Year,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="재원, 예: national, city")],
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="received (받음), returned (반납), interest (이자), interest_returned (이자 반납)",
        ),
    ],
    amount: Annotated[int, typer.Argument(metavar="KRW", help="원; 잘못 적은 것은 --minus 로")],
    by: Annotated[str, typer.Option("--by", help="기록하는 사람의 이름")],
    reason: Annotated[str, typer.Option("--reason", help="근거, 예: 1차 교부")],
    minus: Annotated[
        bool, typer.Option("--minus", help="잘못 적은 것을 같은 금액으로 되돌립니다")
    ] = False,
    on: On = "",
    json: Json = False,
) -> None:
    """지원금의 교부, 반납, 이자를 기록합니다 (money between the centre and a funding source)."""
    from billing.grant.settlement import EntryKind, GrantEntry
    from billing.grant.settlement_ledger import record_entry
    from billing.rulebook.rule_book import read_rulebook
    from reports.government.settlement_view import show_entry

    with screen(json) as out:
        if kind not in KINDS or amount <= 0:
            raise typer.BadParameter(f"one of {', '.join(KINDS)}, and a positive amount")
        place = opened()
        day = argument(read_date, on) if on else today(place.site)
        krw = -amount if minus else amount
        entry = GrantEntry(programme, source, year, cast(EntryKind, kind), krw, day, by, reason)
        with place.database.begin() as connection:
            show_entry(out, record_entry(connection, read_rulebook(place.site.rules), entry))


@granting.command(epilog="예: jeongsan grant AICA-2025R 2025 --file --by 김정산 --on 2026-02-20")
def grant(
    programme: Programme,
    year: Year,
    to: Annotated[
        Path | None, typer.Option("--to", help="쓸 디렉터리; 비우면 문서 디렉터리")
    ] = None,
    file: Annotated[bool, typer.Option("--file", help="제출한 것으로 남깁니다")] = False,
    by: Annotated[str, typer.Option("--by", help="제출하는 사람의 이름")] = "",
    on: On = "",
    json: Json = False,
) -> None:
    """지원 사업의 예산연도를 정산하고 보고서를 만듭니다 (settle a budget year with the state)."""
    from billing.grant.settlement_ledger import file_settlement, settlement
    from reports.government.settlement_view import show_settlement, write_settlement

    with screen(json) as out:
        place = opened()
        if file:
            day = argument(read_date, on) if on else today(place.site)
            made = file_settlement(place, programme, year, by, day)
        else:
            made = settlement(place, programme, year)
        show_settlement(out, made, write_settlement(place, made, to))
