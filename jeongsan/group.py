"""All commands as one group: what Typer itself says in the language of who reads it, and what goes
wrong before a command begins as the one JSON document that a program waits for."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import typer
from typer import Abort
from typer.core import TyperGroup, TyperOption

from jeongsan.invocation import Place
from reports.wording.language import Language, language_of

HELP: Final = {
    "install_completion": "지금 쓰는 셸에 명령 자동 완성을 설치합니다 (bash, zsh)",
    "show_completion": "자동 완성 스크립트를 보여 줍니다; 직접 설치할 때 씁니다",
}


class Frame(NamedTuple):
    """The words around a help page and a usage error, as `typer.rich_utils` names them."""

    usage: str
    help_of_help: str
    RICH_HELP: str
    ERRORS_PANEL_TITLE: str
    ARGUMENTS_PANEL_TITLE: str
    OPTIONS_PANEL_TITLE: str
    COMMANDS_PANEL_TITLE: str
    DEFAULT_STRING: str
    REQUIRED_LONG_STRING: str
    ABORTED_TEXT: str


FRAMES: Final = {
    Language.KOREAN: Frame(
        "사용법: ", "이 도움말을 보여 줍니다.",
        "자세히: [blue]'{command_path} {help_option}'[/]", "오류", "인수", "옵션", "명령",
        "[기본값: {}]", "[필수]", "그만두었습니다.",
    ),
    Language.ENGLISH: Frame(
        "Usage: ", "Show this message and exit.",
        "Try [blue]'{command_path} {help_option}'[/] for help.", "Error", "Arguments", "Options",
        "Commands", "[default: {}]", "[required]", "Aborted.",
    ),
}  # fmt: skip


class WordedContext(typer.Context):
    """A command's context, whose help and usage errors stand in the frame of the language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        option = self.command.get_help_option(self)
        if option is not None:
            option.help = FRAMES[Place.language].help_of_help

    def make_formatter(self) -> Any:
        """The formatter, with which each help page and each usage error begins."""
        use_frame()
        formatter: Any = super().make_formatter()
        formatter.write_usage = partial(formatter.write_usage, prefix=FRAMES[Place.language].usage)
        return formatter


class KoreanGroup(TyperGroup):
    """The group of all commands: what Typer says of them reads as the rest does."""

    context_class = WordedContext
    _as_json = False

    def get_params(self, ctx: Any) -> Any:
        """The options of the group; typer names the types of these in a private package."""
        params = super().get_params(ctx)
        for param in params:
            if isinstance(param, TyperOption) and param.name in HELP:
                param.help = HELP[param.name]
        return params

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name, None where there is none."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            command.context_class = WordedContext
        return command

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Begins a command line: its language is the locale's, unless it says another."""
        Place.language = language_of(os.environ)
        with _worded(self._as_json):
            return super().make_context(info_name, args, parent, **extra)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs a command. Where JSON is asked for, what typer refuses is a document too."""
        words = sys.argv[1:] if args is None else list(args)
        self._as_json = wants_json(words)
        if not self._as_json:
            return super().main(
                words, prog_name, complete_var, standalone_mode, windows_expand_args, **extra
            )
        try:
            code = super().main(words, prog_name, complete_var, False, windows_expand_args, **extra)
        except Exception as error:
            code = _document_of(error)
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named. Typer would end it on Ctrl-C without a document."""
        try:
            with _worded(self._as_json):
                return super().invoke(ctx)
        except KeyboardInterrupt as error:
            if self._as_json:
                raise Abort from error
            raise


class WordedUsageError(typer.BadParameter):
    """A usage error with all of its words."""

    def format_message(self) -> str:
        """Its words as they are."""
        return self.message


def use_frame() -> None:
    """Gives Typer the words of the language around its help and its errors."""
    from typer import rich_utils

    for name, word in FRAMES[Place.language]._asdict().items():
        if name.isupper():
            setattr(rich_utils, name, word)


@contextmanager
def _worded(as_json: bool) -> Iterator[None]:
    """Usage errors leave in the language of who reads them; a help page is none, and a document has
    the text of the record too."""
    try:
        yield
    except typer.Abort:
        use_frame()
        raise
    except typer.TyperException as error:
        use_frame()
        if as_json or Place.language == Language.ENGLISH or _is_help(error):
            raise
        from reports.wording.shown_text import korean

        ctx = getattr(error, "ctx", None)
        raise WordedUsageError(korean(error.format_message()), ctx) from error


def _is_help(error: typer.TyperException) -> bool:
    """Whether it is the help page that a command without arguments shows."""
    return type(error).__name__ == "NoArgsIsHelpError"


def wants_json(words: Sequence[str]) -> bool:
    """Whether a command line asks for JSON on standard output, however wrong the rest of it is."""
    options = words[: words.index("--")] if "--" in words else words
    if "--json" in options:
        return True
    as_format = "--format=json" in options or ("--format", "json") in pairwise(options)
    return as_format and not any(option.startswith("--output") for option in options)


def _document_of(error: BaseException) -> int:
    """Writes the document of what went wrong before a command had its screen; the exit code."""
    from jeongsan.invocation import what_failed
    from reports.terminal.screen import Screen

    failure = what_failed(error)
    shown = Screen(as_json=True, language=Place.language)
    shown.error(failure)
    shown.close()
    return failure.exit_code
