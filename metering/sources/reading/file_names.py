"""What a file's name says of its rows: whose they are, of which cluster, as of when."""

import re
from dataclasses import dataclass

from metering.calendar import Calendar
from metering.errors import SourceError, TimeError
from metering.plain_text import tidy
from metering.written_time import read_written_time

PLACE = re.compile(r"(\{[a-z_]+\}|\*)")
MOMENT = r"\d{4}-?\d{2}-?\d{2}(?:T\d{2}:?\d{2})?"
PACKED = ".gz"


@dataclass(frozen=True, slots=True)
class FileParts:
    """The parts of a name that its template asks for; '' and None for those that it does not."""

    account: str = ""
    cluster: str = ""
    as_of_ms: int | None = None


def file_parts(name: str, template: str, calendar: Calendar, own_cluster: str = "") -> FileParts:
    """The parts of a file's name by a template like `usage-{account}-{cluster}.csv`.

    As many last parts of the path count as the template has; `*` is any text. {as_of} is a moment
    of the site's clock (`2025-11-01T0010`), or a day (`20251101`), which means its end: a dump of a
    day and one that was written on it are both complete to then at most.
    Where a name can be read in several ways, that of `own_cluster` is meant; SourceError where that
    leaves two, or the name is not written so.
    """
    tail = "/".join(name.split("/")[-(template.count("/") + 1) :]).removesuffix(PACKED)
    template = template.removesuffix(PACKED)
    fixed = template.replace("{cluster}", own_cluster) if own_cluster else template
    readings = _readings(fixed, tail)
    if readings and fixed != template:
        readings = [{**reading, "cluster": own_cluster} for reading in readings]
    elif not readings and fixed != template:
        readings = _readings(template, tail)[:1]  # another cluster's, whichever way it is read
    if not readings:
        raise SourceError(f"{name}: its name is not written as file_name says: {template}")
    if len(readings) > 1:
        raise SourceError(
            f"{name}: by file_name {template} its name can be read as"
            f" {' and as '.join(map(_shown, readings))}"
        )
    (parts,) = readings
    as_of_ms = None if "as_of" not in parts else _as_of_ms(name, parts["as_of"], calendar)
    return FileParts(tidy(parts.get("account", "")), tidy(parts.get("cluster", "")), as_of_ms)


def _readings(template: str, tail: str) -> list[dict[str, str]]:
    """The ways to read a name: with its parts as short, and as long, as can be."""
    readings: list[dict[str, str]] = []
    for quantity in ("+?", "+"):
        pattern = "".join(_pattern(piece, quantity) for piece in PLACE.split(template))
        matched = re.fullmatch(pattern, tail)
        if matched is not None and matched.groupdict() not in readings:
            readings.append(matched.groupdict())
    return readings


def _pattern(piece: str, quantity: str) -> str:
    if piece == "{as_of}":
        return f"(?P<as_of>{MOMENT})"
    if piece.startswith("{"):
        return f"(?P<{piece[1:-1]}>[^/]{quantity})"
    return "[^/]*" if piece == "*" else re.escape(piece)


def _shown(parts: dict[str, str]) -> str:
    return ", ".join(f"{part} {text!r}" for part, text in parts.items())


def _as_of_ms(name: str, text: str, calendar: Calendar) -> int:
    day, _, clock = text.partition("T")
    try:
        written = read_written_time(f"{day} {clock}".strip())
    except TimeError as error:
        raise SourceError(f"{name}: its name holds no moment: {error}") from error
    whole = calendar.day(written.day)
    return whole.end_ms if written.clock_ms is None else whole.start_ms + written.clock_ms
