"""Completion in bash and zsh: typer's own, its options told in Korean."""

from typing import Any, Final

from typer.core import TyperGroup, TyperOption

HELP: Final = {
    "install_completion": "지금 쓰는 셸에 명령 자동 완성을 설치합니다 (bash, zsh)",
    "show_completion": "자동 완성 스크립트를 보여 줍니다; 직접 설치할 때 씁니다",
}


class KoreanGroup(TyperGroup):
    """A group whose options for completion, which typer adds once it is made, read in Korean."""

    def get_params(self, ctx: Any) -> Any:
        """The options of the group; typer names the types of these in a private package."""
        params = super().get_params(ctx)
        for param in params:
            if isinstance(param, TyperOption) and param.name in HELP:
                param.help = HELP[param.name]
        return params
