"""What went wrong with a command, as a program reads it: the kind, the exit code, what to do."""

from dataclasses import dataclass
from traceback import format_exception
from typing import Final, Literal

from metering.errors import (
    CheckError,
    CloseError,
    ConflictError,
    ContractError,
    DatabaseError,
    JeongsanError,
    Mistakes,
    SourceError,
)
from metering.secret import masked

FailureKind = Literal[
    "usage", "mistakes", "source", "contract", "conflict", "findings", "month", "refused",
    "database", "files", "interrupted", "unexpected",
]  # fmt: skip
REFUSED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130  # 128 and the number of the signal, as a shell tells it
_AGAIN: Final = "then run this again"
_DATABASE: Final[tuple[FailureKind, str]] = (
    "database",
    f"see that the database runs, has room and is not held (`jeongsan doctor`), {_AGAIN}",
)
# The first class that an error is of says its kind.
_KINDS: Final[tuple[tuple[type[Exception], tuple[FailureKind, str]], ...]] = (
    (Mistakes, ("mistakes", f"mend each place that the error lists, {_AGAIN}")),
    (SourceError, ("source", f"mend the source (`jeongsan doctor` asks every one), {_AGAIN}")),
    (ContractError, ("contract", f"mend what gave the rows that the error names, {_AGAIN}")),
    (ConflictError, ("conflict", "run this again: somebody else was first")),
    (CheckError, ("findings", f"mend what the error and the findings name, {_AGAIN}")),
    (CloseError, ("month", "do what the error says; `jeongsan status` names the next step")),
    (DatabaseError, _DATABASE),
    (JeongsanError, ("refused", f"do what the error says, {_AGAIN}")),
    (OSError, ("files", f"free the place or give the access (`jeongsan doctor`), {_AGAIN}")),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command did not do what was asked; `trace` is for who mends the program."""

    message: str
    kind: FailureKind
    what_to_do: str
    exit_code: int = REFUSED
    trace: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """The keys that every failed command has in its JSON document."""
        keys: dict[str, object] = {
            "error": self.message,
            "error_kind": self.kind,
            "exit_code": self.exit_code,
            "what_to_do": self.what_to_do,
        }
        return keys | ({"trace": list(self.trace)} if self.trace else {})


def wrong_usage(message: str, command: str, exit_code: int = WRONG_USAGE) -> Failure:
    """That a command was called with the wrong words; `command` is whose help says the right."""
    what_to_do = f"see `{command} --help` for what it takes, {_AGAIN}"
    return Failure(message, "usage", what_to_do, exit_code)


def failure_of(error: BaseException) -> Failure:
    """What an error means: one of ours by its class, an outage of files or of the database, Ctrl-C,
    and anything else a mistake of the program, told with where it was."""
    if isinstance(error, KeyboardInterrupt):
        message = "interrupted; nothing is half-written"
        what_to_do = "run this again: it goes on from what was finished"
        return Failure(message, "interrupted", what_to_do, INTERRUPTED)
    for of, (kind, what_to_do) in _KINDS:
        if isinstance(error, of):
            return Failure(_text(error), kind, what_to_do)
    if _of_database(error):
        return Failure(masked(f"the database does not answer: {error}"), *_DATABASE)
    return Failure(
        masked(f"{type(error).__name__}: {error}"),
        "unexpected",
        "this is a mistake of the program: report it with `trace` and what was run",
        trace=tuple(masked("".join(format_exception(error))).splitlines()),
    )


def _text(error: BaseException) -> str:
    """The error's own words; what the operating system refused changed nothing."""
    return f"{error}; nothing is half-written" if isinstance(error, OSError) else str(error)


def _of_database(error: BaseException) -> bool:
    """Whether it is an outage that no open transaction has turned into a DatabaseError."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    return isinstance(error, (InterfaceError, OperationalError))
