"""What Typer itself says, in the language of who reads it: wrong usage, the frame of help."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

import typer
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
        with _worded():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        with _worded():
            return super().invoke(ctx)


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
def _worded() -> Iterator[None]:
    """Usage errors leave in the language of who reads them; a help page is none."""
    try:
        yield
    except typer.Abort:
        use_frame()
        raise
    except typer.TyperException as error:
        use_frame()
        if Place.language == Language.ENGLISH or _is_help(error):
            raise
        from reports.wording.shown_text import korean

        ctx = getattr(error, "ctx", None)
        raise WordedUsageError(korean(error.format_message()), ctx) from error


def _is_help(error: typer.TyperException) -> bool:
    """Whether it is the help page that a command without arguments shows."""
    return type(error).__name__ == "NoArgsIsHelpError"
