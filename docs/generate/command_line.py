"""The page of the command line, read from the commands themselves."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, get_args

import typer

from docs.generate.markdown import GENERATED, cell, code, table
from jeongsan.app import app
from reports.terminal.failures import FailureKind

HEAD = """\
# Command line

Options of `jeongsan` itself stand before the command. What the help says is Korean, as the program
says it; what each command is for in the course of the work stands under [Use](../use/index.md).

## When a command fails

| exit code | what it means |
|---|---|
| 0 | done |
| 1 | findings that stop, or refused; a mistake of the program as well |
| 2 | wrong usage: a missing argument, an unknown option, a month not like 2025-10 |
| 130 | interrupted by Ctrl-C; nothing is half-written |

With `--json` there is one JSON document on standard output, whatever went wrong, wrong usage and
Ctrl-C too, and no trace of the program on standard error. It has what was already known, and:

| key | what |
|---|---|
| `error` | what went wrong, and where, in English, as it is recorded |
| `message` | the same in the language of the screen |
| `error_kind` | KINDS |
| `exit_code` | as above |
| `what_to_do` | the next step, often with its command |
| `trace` | with `unexpected` alone: where in the program it was, to be reported |
"""


def command_line_page() -> str:
    """The page in Markdown."""
    head = HEAD.replace("KINDS", ", ".join(code(kind) for kind in get_args(FailureKind)))
    root = typer.main.get_command(app)
    lines = [GENERATED, "", *head.splitlines(), ""]
    commands = list(_commands(root, root.name or "jeongsan"))
    lines += ["## All commands", ""]
    for panel in dict.fromkeys(_panel(command) for _, command in commands):
        lines += [f"**{cell(panel)}**", ""] if panel else []
        lines += table(
            ("command", "what it does"),
            (
                (f"[`{name}`](#{_anchor(name)})", cell(_first_line(command)))
                for name, command in commands
                if _panel(command) == panel
            ),
        )
    lines += ["## jeongsan", "", *_parameters(root)]
    for name, command in commands:
        lines += [f"## {name}", "", *_text(command), *_usage(name, command), *_parameters(command)]
        if command.epilog:
            lines += [cell(command.epilog), ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, with its whole name; what is hidden is left out."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        whole = f"{prefix} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, whole)
        else:
            yield whole, command


def _panel(command: Any) -> str:
    """The group that a command is shown in; nothing where there are no groups."""
    panel = command.rich_help_panel
    return panel if isinstance(panel, str) else ""


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _first_line(command: Any) -> str:
    return cleandoc(command.help or "").partition("\n")[0]


def _text(command: Any) -> list[str]:
    """The help; what follows a \\b keeps its lines, as in the terminal."""
    lines: list[str] = []
    for part in cleandoc(command.help or "").split("\n\n"):
        kept = part.removeprefix("\b\n")
        if kept != part:
            lines += ["```text", *kept.splitlines(), "```", ""]
        else:
            lines += [cell(part), ""]
    return lines


def _usage(name: str, command: Any) -> list[str]:
    words = [name] + [_shown(one) for one in command.params if one.param_type_name == "argument"]
    return ["```console", f"$ {' '.join([*words[:1], '[OPTIONS]', *words[1:]])}", "```", ""]


def _shown(argument: Any) -> str:
    """An argument as usage shows it: in brackets where it may be left out."""
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _parameters(command: Any) -> list[str]:
    rows = []
    for one in command.params:
        if getattr(one, "hidden", False) or one.name == "help":
            continue
        if one.param_type_name == "argument":
            rows.append((code(_shown(one)), _need(one), cell(one.help or "")))
        else:
            names = ", ".join(code(name) for name in (*one.opts, *one.secondary_opts))
            value = "" if one.is_flag else " " + code(one.metavar or _kind(one))
            rows.append((names + value, _need(one), cell(one.help or "")))
    return table(("argument or option", "needed", "meaning"), rows) if rows else []


def _kind(option: Any) -> str:
    """What an option takes, by its annotation."""
    kinds = {int: "INTEGER", Path: "PATH"}
    return kinds.get(option.type_descriptor.annotation, "TEXT")


def _need(parameter: Any) -> str:
    if parameter.required:
        return "yes"
    return "many" if getattr(parameter, "multiple", False) else ""
