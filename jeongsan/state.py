"""The commands that settle with the state: fund, grant."""

from typing import Annotated, cast

import typer

from jeongsan.invocation import consented, day_recorded, me, opened, screen
from jeongsan.options import (
    Digest,
    Directory,
    EntryReason,
    FiledBy,
    Json,
    RecordedBy,
    SettledOn,
)

commands = typer.Typer()
Programme = Annotated[str, typer.Argument(metavar="PROGRAMME", help="AICA-2025R")]
Year = Annotated[int, typer.Argument(metavar="YEAR", help="예산연도, 2025", min=2000, max=2100)]
KINDS = ("received", "returned", "interest", "interest_returned")


@commands.command(
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
    by: RecordedBy,
    reason: EntryReason,
    minus: Annotated[
        bool, typer.Option("--minus", help="잘못 적은 것을 같은 금액으로 되돌립니다")
    ] = False,
    on: SettledOn = "",
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
        day = day_recorded(place, on)
        krw = -amount if minus else amount
        entry = GrantEntry(programme, source, year, cast(EntryKind, kind), krw, day, by, reason)
        with place.database.begin() as connection:
            rules = read_rulebook(place.site.rules)
            show_entry(out, record_entry(connection, rules, entry, me(by)))


@commands.command(
    epilog="예: jeongsan grant AICA-2025R 2025 --file --digest 1a2b3c4d5e6f --by 김정산"
    " --on 2026-02-20"
)
def grant(
    programme: Programme,
    year: Year,
    to: Directory = None,
    file: Annotated[bool, typer.Option("--file", help="제출한 것으로 남깁니다")] = False,
    by: FiledBy = "",
    on: SettledOn = "",
    digest: Digest = "",
    json: Json = False,
) -> None:
    """지원 사업의 예산연도를 정산하고 보고서를 만듭니다 (settle a budget year with the state)."""
    from billing.grant.settlement_ledger import file_settlement, settlement
    from reports.government.settlement_view import show_settlement, write_settlement

    with screen(json) as out:
        place = opened()
        if file:
            day = day_recorded(place, on)
            who, said = me(by), digest
            if not said:
                seen = settlement(place, programme, year)
                show_settlement(out, seen, [])
                said = consented(
                    out, seen.digest, f"정산 {seen.digest[:12]} 을 제출한 것으로 남깁니까?"
                )
            signed = (said, who.at_ms, who.account)
            settled = file_settlement(place, programme, year, by, day, *signed)
        else:
            settled = settlement(place, programme, year)
        show_settlement(out, settled, write_settlement(place, settled, to))
