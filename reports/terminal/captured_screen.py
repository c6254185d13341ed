"""A screen whose words are kept for a file, the same on every machine."""

import io
import json

from rich.console import Console

from reports.terminal.screen import WIDE, Screen, json_text


class CapturedScreen(Screen):
    """What a screen would show, as text; or the one JSON document."""

    def __init__(self, as_json: bool = False) -> None:
        super().__init__(as_json)
        self._kept = io.StringIO()
        self._out = Console(
            file=self._kept,
            width=WIDE,
            force_terminal=False,
            color_system=None,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def text(self) -> str:
        """All of it, no line with blanks at its end."""
        if self.as_json:
            return (
                json.dumps(self._document, ensure_ascii=False, indent=2, default=json_text) + "\n"
            )
        lines = (line.rstrip() for line in self._kept.getvalue().splitlines())
        return "\n".join(lines) + "\n"
