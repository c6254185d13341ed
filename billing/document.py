"""The canonical JSON of billing's records: one text, and so one digest, for one value."""

import hashlib
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from metering.errors import JeongsanError

Record = TypeVar("Record")


def to_document(value: object) -> object:
    """A record as plain JSON values: dates and decimals as exact text; floats are refused."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_document(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [to_document(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no canonical JSON")


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8, a newline at the end."""
    document = to_document(value)
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def digest_of(value: object) -> str:
    """sha256 of the canonical JSON, in hex."""
    return sha256_hex(canonical(value).encode())


def sha256_hex(content: bytes) -> str:
    """sha256 in hex."""
    return hashlib.sha256(content).hexdigest()


def from_document(kind: type[Record], document: object, place: str) -> Record:
    """The record that `to_document` wrote; JeongsanError names the place where it does not fit."""
    return cast(Record, _read(kind, document, place))


def parse(text: str | bytes, place: str) -> Any:
    """JSON without repeated keys and without floats; JeongsanError names the place."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise JeongsanError(f"{place}: a key is repeated")
        return dict(pairs)

    def no_float(digits: str) -> object:
        raise JeongsanError(f"{place}: {digits} is not an integer")

    try:
        return json.loads(
            text, object_pairs_hook=unique, parse_float=no_float, parse_constant=no_float
        )
    except ValueError as error:  # no JSON, no UTF-8, or an integer of too many digits
        raise JeongsanError(f"{place}: not JSON ({error})") from error
    except RecursionError as error:
        raise JeongsanError(f"{place}: its brackets are nested too deep") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, document: object, place: str) -> object:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), document, place)
    if origin is Literal:
        if document in get_args(kind):
            return document
    elif origin is tuple and isinstance(document, list):
        parts = get_args(kind)
        if parts[-1] is Ellipsis:
            parts = (parts[0],) * len(document)
        if len(parts) == len(document):
            pairs = enumerate(zip(parts, document, strict=True))
            return tuple(_read(part, value, f"{place}[{at}]") for at, (part, value) in pairs)
    elif is_dataclass(kind) and isinstance(kind, type) and isinstance(document, dict):
        return _read_record(kind, document, place)
    elif isinstance(document, str) and kind in (str, date, Decimal):
        return _read_text(kind, document, place)
    elif kind in (int, bool) and type(document) is kind:
        return document
    raise JeongsanError(f"{place}: {document!r} is not {getattr(kind, '__name__', kind)}")


def _read_union(kinds: tuple[Any, ...], document: object, place: str) -> object:
    if document is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    return _read(others[0], document, place)


def _read_record(kind: type, document: dict[str, object], place: str) -> object:
    hints = _hints(kind)
    if set(hints) != set(document):
        odd = sorted(set(hints) ^ set(document))
        raise JeongsanError(
            f"{place}: {kind.__name__} is missing or does not know {', '.join(odd)}"
        )
    values = {name: _read(hints[name], document[name], f"{place}.{name}") for name in hints}
    return kind(**values)


def _read_text(kind: type, document: str, place: str) -> object:
    try:
        if kind is date:
            return date.fromisoformat(document)
        return Decimal(document) if kind is Decimal else document
    except (ValueError, ArithmeticError) as error:
        raise JeongsanError(f"{place}: {document!r} is not a {kind.__name__}") from error
