"""정산 (Jeongsan): the command line, put together of its groups of commands."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from jeongsan import books, correction, month, night, proof, questions, site, state
from jeongsan.group import KoreanGroup
from jeongsan.invocation import Place
from jeongsan.options import Lang, SiteDirectory, Version

# As `--help` shows them: from a new site to the proof of an issued month.
GROUPS = (
    ("사이트 (site)", site.commands),
    ("밤마다: 수집과 계측 (night)", night.commands),
    ("달마다: 초안에서 발행까지 (month)", month.commands),
    ("정정 (correction)", correction.commands),
    ("질문: 왜, 얼마나, 만약 (questions)", questions.commands),
    ("장부: 입금, 미수금, 세금계산서 (books)", books.commands),
    ("국가와의 정산 (state)", state.commands),
    ("증명과 사본 (proof)", proof.commands),
)

app = typer.Typer(
    name="jeongsan",
    help="국가 AI 데이터센터의 사용량을 재고, 값을 매기고, 지원을 적용하고, 정산합니다.",
    no_args_is_help=True,
    cls=KoreanGroup,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def main_options(
    context: typer.Context,
    site: SiteDirectory = Path("."),
    lang: Lang = None,
    version: Version = False,
) -> None:
    """The options that stand before a command."""
    Place.directory = site
    Place.command = f"jeongsan {context.invoked_subcommand}"


for title, commands in GROUPS:
    for command in commands.registered_commands:
        command.rich_help_panel = title
    app.add_typer(commands)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; exit codes 0, 1 (findings or refused), 2 (usage), 130."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # letters that a terminal lacks end no command
            stream.reconfigure(errors="backslashreplace")
    app(
        args=None if arguments is None else list(arguments),
        prog_name="jeongsan",
        standalone_mode=True,
    )
