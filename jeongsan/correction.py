"""The command that corrects issued months: adjust."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from billing.ledger.amendments import SAID
from billing.rulebook.amendment_reasons import Kind
from jeongsan.invocation import (
    consented,
    day_or_today,
    me,
    month_argument,
    opened,
    screen,
)
from jeongsan.options import ApprovedBy, CorrectionReason, Digest, IssuedOn, Json

if TYPE_CHECKING:
    from billing.rerating.rerate_company import Cause
    from metering.site.open_site import OpenSite
    from reports.terminal.screen import Screen

commands = typer.Typer()
WORDS = {f"{cause}={word}": (cause, word) for cause, words in SAID.items() for word in words}


@commands.command(
    epilog="예: jeongsan adjust 2025-10 으로 살펴보고,"
    " jeongsan adjust 2025-10 --approve --digest 1a2b3c4d5e6f --by 김정산"
    " --reason '늦게 온 작업 기록'"
)
def adjust(
    month: Annotated[
        str, typer.Argument(metavar="[MONTH]", help="이 달부터; 비우면 달라진 첫 달부터")
    ] = "",
    cascade: Annotated[
        bool,
        typer.Option("--cascade", help="예산을 함께 쓰는 모든 기업을 다시 정산합니다"),
    ] = False,
    because: Annotated[
        list[str] | None,
        typer.Option("--because", help=f"원인을 밝힙니다 (여러 번): {', '.join(sorted(WORDS))}"),
    ] = None,
    printed: Annotated[
        list[str] | None,
        typer.Option(
            "--printed", metavar="COMPANY", help="문서에 상호·등록번호 등이 잘못 적힌 기업"
        ),
    ] = None,
    program: Annotated[
        bool,
        typer.Option(
            "--program",
            help="정정하는 기업의, 프로그램의 셈법만 달라진 금액도 따로 밝혀 정정합니다",
        ),
    ] = False,
    approve: Annotated[
        bool, typer.Option("--approve", help="살펴본 그대로 승인해 발행합니다")
    ] = False,
    by: ApprovedBy = "",
    reason: CorrectionReason = "",
    on: IssuedOn = "",
    digest: Digest = "",
    json: Json = False,
) -> None:
    """발행한 달을 정정합니다: 살펴보고, 승인해 수정 문서를 냅니다 (correct issued months)."""
    with screen(json) as out:
        first = month_argument(month) if month else None
        kinds = _kinds(because or ())
        if not approve and (by or reason or digest):
            message = "--by, --reason and --digest need --approve"
            raise typer.BadParameter(message, param_hint="--approve")
        if approve and not (by and reason):
            raise typer.BadParameter("say who (--by) and why (--reason)", param_hint="--by")
        place = opened()
        day = day_or_today(place, on)
        asked = _Asked(first, cascade, kinds, day, tuple(printed or ()), program)
        if approve:
            _issue(out, place, asked, by, reason, digest)
        else:
            _look(out, place, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which correction is meant, and the day of its documents."""

    month: str | None
    cascade: bool
    kinds: Mapping["Cause", Kind]
    on: date
    printed: tuple[str, ...]
    program: bool


def _look(out: "Screen", place: "OpenSite", asked: _Asked) -> str:
    """Shows the correction and gives its digest; '' where there is nothing to correct."""
    from billing.adjust.adjust import look
    from reports.terminal.adjustments_view import show_correction, show_nothing, show_unexplained

    with out.progress() as progress:
        correction = look(
            place, asked.month, asked.cascade, asked.kinds, progress, asked.printed, me(),
            asked.program,
        )  # fmt: skip
    if correction is None:
        show_nothing(out, place)
    else:
        show_correction(out, correction, asked.on)
    show_unexplained(out, place)
    return correction.digest if correction is not None else ""


def _issue(
    out: "Screen", place: "OpenSite", asked: _Asked, by: str, reason: str, digest: str
) -> None:
    from billing.adjust.adjust import adjust as run
    from billing.payment.set_offs import keep_set_offs
    from reports.documents import render_adjustment, write_recalculations
    from reports.terminal.adjustments_view import show_adjusted, show_nothing
    from reports.terminal.invoices_view import show_documents

    who = me(by)
    if not digest:
        seen = _look(out, place, asked)
        if not seen:
            write_recalculations(place)  # a run that was killed after its issue has left it behind
            return
        digest = consented(out, seen, f"정정 {seen[:12]} 을 승인해 발행합니까?")
    with out.progress() as progress:
        done = run(
            place, asked.month, by, reason, asked.on,
            cascade=asked.cascade, kinds=asked.kinds, progress=progress, printed=asked.printed,
            program=asked.program, digest=digest or None, at_ms=who.at_ms, account=who.account,
        )  # fmt: skip
    with place.database.begin() as connection:
        keep_set_offs(connection, asked.on, by.strip())
    if done is None:
        write_recalculations(place)  # a run that was killed after its issue has left it behind
        show_nothing(out, place)
        return
    show_adjusted(out, done)
    out.fact("recalculations", str(write_recalculations(place)), "정정 기록")
    with out.progress() as progress:
        show_documents(out, render_adjustment(place, done, progress))


def _kinds(said: Sequence[str]) -> Mapping["Cause", Kind]:
    """What the causes are called; a word that does not belong to a cause is a usage error."""
    from billing.rerating.correction import PLAIN

    kinds: dict[Cause, Kind] = dict(PLAIN)
    for text in said:
        if text not in WORDS:
            raise typer.BadParameter(f"one of {', '.join(sorted(WORDS))}", param_hint="--because")
        cause, word = WORDS[text]
        kinds[cause] = word  # type: ignore[index]
    return kinds
