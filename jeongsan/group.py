"""All commands as one group: its options for completion told in Korean, and what goes wrong before
a command begins as the one JSON document that a program waits for."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from typer import Abort
from typer.core import TyperGroup, TyperOption

HELP: Final = {
    "install_completion": "지금 쓰는 셸에 명령 자동 완성을 설치합니다 (bash, zsh)",
    "show_completion": "자동 완성 스크립트를 보여 줍니다; 직접 설치할 때 씁니다",
}


class KoreanGroup(TyperGroup):
    """A group whose options for completion, which typer adds once it is made, read in Korean."""

    _as_json = False

    def get_params(self, ctx: Any) -> Any:
        """The options of the group; typer names the types of these in a private package."""
        params = super().get_params(ctx)
        for param in params:
            if isinstance(param, TyperOption) and param.name in HELP:
                param.help = HELP[param.name]
        return params

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
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            if self._as_json:
                raise Abort from error
            raise


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
    shown = Screen(as_json=True)
    shown.error(failure)
    shown.close()
    return failure.exit_code
