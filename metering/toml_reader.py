"""Strict reading of TOML: typed keys, none unknown, and the line of every mistake."""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from metering.errors import Mistake, Mistakes
from metering.plain_text import flaw
from metering.printed_letters import unprinted
from metering.written_file import SETTINGS_MIB, TooLargeError, read_written

Key = tuple[str | int, ...]
PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
HEADER = re.compile(rf"\s*(\[\[?)\s*({PART}(?:\s*\.\s*{PART})*)\s*\]\]?\s*(?:#.*)?$")
ASSIGNED = re.compile(rf"\s*({PART}(?:\s*\.\s*{PART})*)\s*=")
DURATION = re.compile(r"(\d{1,9})(ms|s|min|h)", re.ASCII)
UNIT_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
DEPTH_MAX = 32  # tables and lists within one another
LONG_KEY = re.compile(rf"(?:{PART}[ \t]*\.[ \t]*){{{DEPTH_MAX}}}")
DEEP = f"has tables or lists within one another more than {DEPTH_MAX} deep"
BAD_LINE = re.compile(r"at line (\d+)")


def line_numbers(text: str) -> dict[Key, int]:
    """The line on which each header and key stands, by its path; arrays of tables are numbered."""
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    current: Key = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            current = _numbered(_parts(header[2]), counts, len(header[1]) == 2)
            for length in range(1, len(current) + 1):
                lines.setdefault(current[:length], number)
        elif assigned := ASSIGNED.match(line):
            parts = _parts(assigned[1])
            for length in range(1, len(parts) + 1):
                lines.setdefault((*current, *parts[:length]), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(PART, dotted))


def _numbered(parts: tuple[str, ...], counts: dict[Key, int], grows: bool) -> Key:
    path: Key = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if grows and depth == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _deeper(value: object, depth: int) -> bool:
    """Whether tables and lists stand within one another deeper than so many."""
    level: list[Any] = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


class TomlTable:
    """One table of a TOML file; a key with a mistake reads as its default."""

    def __init__(self, file: "TomlFile", path: Key, values: Mapping[str, Any]) -> None:
        self._file = file
        self._path = path
        self._values = values
        self._read: set[str] = set()

    def wrong(self, key: str | None, message: str) -> None:
        """Keep a mistake at a key of this table, or at the table."""
        path = self._path if key is None else (*self._path, key)
        names = [str(part) for part in path if isinstance(part, str)]
        self._file.keep(path, f"{'.'.join(names)}: {message}" if names else message)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def names(self) -> list[str]:
        """The keys of this table."""
        return list(self._values)

    def _take(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        self._read.add(key)
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, f"must be {wanted}, not {value!r}")
            return None
        return value

    def _missing(self, key: str) -> None:
        if key not in self._values:
            self.wrong(None, f"needs the key `{key}`")

    def text(self, key: str, default: str | None = None) -> str:
        """A line of text; the key is needed if there is no default."""
        value = self._take(key, str, "text in quotes")
        if value is None:
            if default is None:
                self._missing(key)
            return default or ""
        if problem := flaw(value):
            self.wrong(key, problem)
        elif default is None and not value.strip():
            self.wrong(key, "must not be empty")
        return str(value).strip()

    def printed(self, key: str, default: str | None = None) -> str:
        """A line of text that stands in documents."""
        value = self.text(key, default)
        if self.has(key) and (problem := unprinted(value)):
            self.wrong(key, problem)
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.text(key, default)
        if self.has(key) and isinstance(self._values[key], str) and value not in choices:
            self.wrong(key, f"must be one of {', '.join(sorted(choices))}, not {value!r}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._take(key, bool, "true or false")
        return default if value is None else bool(value)

    def whole(self, key: str, least: int) -> int | None:
        """A whole number of at least `least`, None if the key is not there."""
        value = self._take(key, int, "a whole number")
        if value is not None and value < least:
            self.wrong(key, f"must be {least} or more, not {value}")
        return None if value is None else int(value)

    def share(self, key: str, default: Decimal) -> Decimal:
        """A share from 0 to 1, exactly as written."""
        value = self._take(key, (Decimal, int), "a number from 0 to 1")
        if value is None:
            return default
        if not Decimal(value).is_finite() or not 0 <= value <= 1:
            self.wrong(key, f"must be from 0 to 1, not {value}")
            return default
        return Decimal(value)

    def duration_ms(self, key: str) -> int | None:
        """A stretch of time such as "30s", in ms, None if the key is not there."""
        value = self._take(key, str, 'a time in quotes, like "30s"')
        if value is None:
            return None
        parts = DURATION.fullmatch(value)
        if parts is None or int(parts[1]) == 0:
            self.wrong(
                key, f'must be a time with its unit (ms, s, min, h), like "30s", not {value!r}'
            )
            return None
        return int(parts[1]) * UNIT_MS[parts[2]]

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of lines of text, none twice; empty if the key is not there."""
        values = self._take(key, list, "a list of texts") or []
        for value in values:
            if not isinstance(value, str) or not value.strip() or flaw(value):
                self.wrong(key, f"must hold printable texts only, not {value!r}")
                return ()
        if len(set(values)) < len(values):
            self.wrong(key, "names something twice")
        return tuple(values)

    def wholes(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds, ascending; empty if the key is not there."""
        values = self._take(key, list, "a list of whole numbers")
        if values is None:
            return ()
        if not values or any(
            not isinstance(value, int) or isinstance(value, bool) for value in values
        ):
            self.wrong(key, f"must hold whole numbers only, not {values!r}")
            return ()
        if any(not least <= value <= most for value in values) or sorted(set(values)) != values:
            self.wrong(key, f"must ascend from {least} to {most}, not {values!r}")
            return ()
        return tuple(values)

    def dates(self, key: str) -> tuple[date, ...]:
        """A list of days; empty if the key is not there."""
        values = self._take(key, list, "a list of days") or []
        for value in values:
            if not isinstance(value, date) or isinstance(value, datetime):
                self.wrong(key, f"must hold days without quotes, like 2025-10-10, not {value!r}")
                return ()
        return tuple(values)

    def moment(self, key: str) -> str | None:
        """An instant with its offset as ISO text, None if the key is not there."""
        value = self._take(key, (str, datetime), "an instant like 2025-10-01T00:00:00+09:00")
        return value.isoformat() if isinstance(value, datetime) else value

    def texts_by_name(self, key: str) -> dict[str, str]:
        """A table of texts (whole numbers are taken as written); empty if the key is not there."""
        texts: dict[str, str] = {}
        for name, value in (self._take(key, dict, "a table") or {}).items():
            if isinstance(value, bool) or not isinstance(value, (str, int)) or flaw(str(value)):
                self.wrong(key, f"{name} must be a printable text, not {value!r}")
            else:
                texts[name] = str(value)
        return texts

    def wholes_by_name(self, key: str, least: int, most: int) -> dict[str, int]:
        """A table of whole numbers within bounds; one number alone goes by the name ''; empty if
        the key is not there."""
        given = self._take(key, (dict, int), "a whole number or a table of them")
        named = given if isinstance(given, dict) else {} if given is None else {"": given}
        for name, value in named.items():
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                where = f"{name} " if name else ""
                self.wrong(key, f"{where}must be a whole number from {least} to {most}")
                return {}
        return dict(named)

    def table(self, key: str) -> "TomlTable":
        """An inner table; an empty one if the key is not there."""
        values = self._take(key, dict, "a table") or {}
        return TomlTable(self._file, (*self._path, key), values)

    def tables(self) -> list[tuple[str, "TomlTable"]]:
        """Every key of this table as a table of its own, with its name."""
        return [(key, self.table(key)) for key in self._values]

    def list_of_tables(self, key: str) -> list["TomlTable"]:
        """The tables of [[...]]; none if the key is not there."""
        tables = self._take(key, list, f"written as [[{key}]]") or []
        if not all(isinstance(values, dict) for values in tables):
            self.wrong(key, f"must be written as [[{key}]]")
            return []
        path = (*self._path, key)
        return [TomlTable(self._file, (*path, n), values) for n, values in enumerate(tables)]

    def close(self) -> None:
        """Every key that nothing has read is a mistake."""
        for key in self._values:
            if key not in self._read:
                near = difflib.get_close_matches(key, sorted(self._read), n=1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                self.wrong(key, f"there is no such key here{hint}")


class TomlFile:
    """A TOML file being read, with its mistakes; Mistakes at once if it is no TOML file."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._mistakes: list[Mistake] = []
        try:
            text = read_written(path, SETTINGS_MIB).decode("utf-8-sig").replace("\r\n", "\n")
            if LONG_KEY.search(text):  # over which the parser would take for ever
                raise RecursionError
            values = tomllib.loads(text, parse_float=Decimal)
        except OSError as error:
            raise Mistakes([Mistake(str(path), f"cannot be read: {error.strerror}")]) from error
        except TooLargeError as error:
            raise Mistakes([Mistake(self._name, str(error))]) from error
        except UnicodeDecodeError as error:
            raise Mistakes([Mistake(self._name, "is not UTF-8; save it as UTF-8")]) from error
        except tomllib.TOMLDecodeError as error:
            line = BAD_LINE.search(str(error))
            place = f"{self._name}:{line[1]}" if line else self._name
            raise Mistakes([Mistake(place, str(error))]) from error
        except (ValueError, ArithmeticError) as error:  # more digits than Python reads
            raise Mistakes([Mistake(self._name, f"has a number that is none: {error}")]) from error
        except RecursionError as error:
            raise Mistakes([Mistake(self._name, DEEP)]) from error
        if _deeper(values, DEPTH_MAX):
            raise Mistakes([Mistake(self._name, DEEP)])
        self._lines = line_numbers(text)
        self.root = TomlTable(self, (), values)

    def keep(self, path: Key, message: str) -> None:
        """Keep a mistake at the line of a path, or of what holds it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                place = f"{self._name}:{self._lines[path[:length]]}"
                break
        else:
            place = self._name
        self._mistakes.append(Mistake(place, message))

    def finish(self) -> None:
        """Raise Mistakes if there were any."""
        if self._mistakes:
            raise Mistakes(self._mistakes)
