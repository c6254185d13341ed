"""Answers of Prometheus and its kin as JSON, decoded exactly and in one pass over their bytes.

A kernel reads the lists of samples, which are nearly all of an answer. What is left without them is
read as JSON, and so is the whole of an answer whose lists are written in an unusual way.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from metering.errors import SourceError
from metering.sources.prometheus.decoded_series import DecodedSeries, no_collection
from metering.sources.reading import exact_numbers
from metering.sources.reading.json_text import labels_of, read_json
from metering.sources.reading.number_kernel import (
    DIGITS_MAX,
    INSTANTS,
    LIST_MIN,
    NOT_A_NUMBER,
    ODD,
    SAMPLE_MIN,
    VALUES,
    Bytes,
    Int8s,
    Int64s,
    export,
    matrix,
)

KEYS = (np.frombuffer(b"values", np.uint8), np.frombuffer(b"timestamps", np.uint8))
SAMPLES = frozenset({"values", "value", "histograms", "histogram"})
# What a document raises that is JSON and no answer.
WRONG = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
ANSWER_MIN = 8  # bytes of the shortest [0,"0"] with what parts it from the next


def decode_matrix(body: bytes, origin: str) -> DecodedSeries:
    """The series of an answer to /api/v1/query.

    SourceError where it is no success, has warnings (its series may be partial) or is no answer.
    """
    with no_collection():
        try:
            return _matrix(body, origin)
        except WRONG as error:
            raise SourceError(f"{origin} gives no answer of Prometheus: {error!r:.300}") from error


def decode_export(body: bytes, origin: str) -> DecodedSeries:
    """The series of an answer to VictoriaMetrics' /api/v1/export; SourceError if it is none."""
    with no_collection():
        try:
            return _export(body)
        except WRONG as error:
            raise SourceError(f"{origin} gives no export of series: {error!r:.300}") from error


def _matrix(body: bytes, origin: str) -> DecodedSeries:
    body = body.strip()
    lists = np.empty((len(body) // LIST_MIN + 1, 3), np.int64)
    at, mantissa, scale = _room(len(body) // ANSWER_MIN + 1)
    many = count = -1
    raw = np.frombuffer(body, np.uint8)
    if body.endswith(b"}"):
        many, count = matrix(raw, KEYS[VALUES], at, mantissa, scale, lists)
    if many < 0:
        return _plain_matrix(_plainly(body), origin)
    lists = lists[:many]
    document = read_json(_without(body, lists))
    result = _checked(document, origin)
    if document["data"]["resultType"] != "matrix":
        return _plain_matrix(_plainly(body), origin)
    named = [series for series in result if "values" in series]
    places = [_list_place(series["values"]) for series in named]
    if sorted(places) != list(range(many)):
        raise ValueError("it has lists of values outside its series")
    labels: list[Mapping[str, str]] = [{}] * many
    for place, series in zip(places, named, strict=True):
        labels[place] = labels_of(series["metric"])
    bounds = np.append(lists[:, 2], count)
    odd = _odd(body, mantissa[:count], scale[:count])
    return DecodedSeries(labels, bounds, at[:count], mantissa[:count], scale[:count], odd)


def _plainly(body: bytes) -> Any:
    return read_json(body, parse_float=Decimal, parse_int=Decimal)


def _list_place(value: object) -> int:
    """The number that stands in a list's place (see `_without`)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r:.80} is no list of values")
    return value


def _checked(document: Any, origin: str) -> Sequence[Any]:
    """The series of an answer that is whole."""
    if document["status"] != "success":
        raise SourceError(f"{origin} answers {document['status']}: {document.get('error', '')}")
    if document.get("warnings"):
        # a server that asks others says so here, with a status of success, where one is missing
        raise SourceError(f"{origin} warns, its answer may be partial: {document['warnings']}")
    result: Sequence[Any] = document["data"]["result"]
    for series in result:
        if not series.keys() & SAMPLES:
            raise ValueError(f"{series!r:.80} is a series without samples")
    return result


def _plain_matrix(document: Any, origin: str) -> DecodedSeries:
    """An answer in whatever way it is written; also one with a single value a series."""
    result = _checked(document, origin)
    if document["data"]["resultType"] not in ("matrix", "vector"):
        raise ValueError(f"it is a {document['data']['resultType']}")
    rows = [
        (series["metric"], series["values"] if "values" in series else [series["value"]])
        for series in result
        if "values" in series or "value" in series
    ]
    at = [_floored(instant, 1000) for _, own in rows for instant, _ in own]
    texts = [text for _, own in rows for _, text in own]
    return samples_of(
        [labels_of(labels) for labels, _ in rows], [len(own) for _, own in rows], at, texts
    )


def samples_of(
    labels: Sequence[Mapping[str, str]],
    lengths: Sequence[int],
    at_ms: Sequence[int],
    texts: Sequence[str],
) -> DecodedSeries:
    """Series out of their values as texts, one by one."""
    mantissa, scale = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int8)
    odd = {}
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")
        mantissa[row], scale[row] = read_number(text)
        if scale[row] == ODD:
            odd[row] = text
    bounds = np.append(0, np.cumsum(np.array(lengths, np.int64)))
    return DecodedSeries(labels, bounds, np.array(at_ms, np.int64), mantissa, scale, odd)


def read_number(text: str) -> tuple[int, int]:
    """Mantissa and scale of a number's text, as the kernels read it."""
    if text == "null" or exact_numbers.not_finite(text):
        return 0, NOT_A_NUMBER
    whole, point, decimals = text.removeprefix("-").partition(".")
    digits = whole + decimals
    plain = bool(whole) and bool(decimals) == bool(point)
    if not (plain and digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX):
        return 0, ODD
    return (-int(digits) if text.startswith("-") else int(digits)), len(decimals)


def _export(body: bytes) -> DecodedSeries:
    body = body.strip()
    if not body:
        return samples_of([], [], [], [])
    lists = np.empty((len(body) // LIST_MIN + 1, 4), np.int64)
    at, mantissa, scale = _room(len(body) // SAMPLE_MIN + 1)
    many = -1
    if body.endswith(b"}"):
        raw: Bytes = np.frombuffer(body, np.uint8)
        many = export(raw, KEYS, at, mantissa, scale, lists)
    if many < 0:
        return _plain_export(body)
    lists = lists[:many]
    documents = [read_json(line) for line in _without(body, lists).splitlines() if line.strip()]
    lengths, count = _lengths(documents, lists, _counts(body, lists))
    labels = [labels_of(document["metric"]) for document in documents]
    bounds = np.append(0, np.cumsum(lengths))
    odd = _odd(body, mantissa[:count], scale[:count])
    return DecodedSeries(labels, bounds, at[:count], mantissa[:count], scale[:count], odd)


def _counts(body: bytes, lists: Int64s) -> Int64s:
    """How many numbers each list has."""
    return np.array(
        [
            body.count(b",", begin, end) + 1 if body[begin + 1 : end - 1].strip() else 0
            for begin, end in lists[:, :2].tolist()
        ],
        np.int64,
    )


def _lengths(documents: Sequence[Any], lists: Int64s, counts: Int64s) -> tuple[Int64s, int]:
    """How many samples each line has, and all of them: its values are as many as its instants."""
    kinds = lists[:, 3].tolist()
    lengths = []
    for line, document in enumerate(documents):
        values, instants = (_list_place(document[key]) for key in ("values", "timestamps"))
        if (kinds[values], kinds[instants]) != (VALUES, INSTANTS) or {values, instants} != {
            2 * line,
            2 * line + 1,
        }:
            raise ValueError(f"line {line + 1} is no series")
        if counts[values] != counts[instants]:
            raise ValueError(f"line {line + 1} has more values than instants, or fewer")
        lengths.append(counts[values])
    if 2 * len(documents) != len(lists):
        raise ValueError("it has lists outside its series")
    return np.array(lengths, np.int64), int(np.sum(lengths))


def _plain_export(body: bytes) -> DecodedSeries:
    documents = [
        read_json(line, parse_float=_Text, parse_int=_Text)
        for line in body.splitlines()
        if line.strip()
    ]
    texts, at = [], []
    for document in documents:
        own = ["null" if value is None else str(value) for value in document["values"]]
        instants = [_floored(instant, 1) for instant in document["timestamps"]]
        if len(own) != len(instants):
            raise ValueError("a line has more values than instants, or fewer")
        texts += own
        at += instants
    lengths = [len(document["values"]) for document in documents]
    labels = [labels_of(document["metric"]) for document in documents]
    return samples_of(labels, lengths, at, texts)


def _floored(instant: object, factor: int) -> int:
    number = exact_numbers.number(str(instant))
    if number is None:
        raise ValueError(f"{instant!r} is no instant")
    return exact_numbers.floored(number, factor)


class _Text(str):
    """A number as it is written."""

    __slots__ = ()


def _room(samples: int) -> tuple[Int64s, Int64s, Int8s]:
    """Room for the most samples that there can be; what is not written to takes no memory."""
    return np.empty(samples, np.int64), np.empty(samples, np.int64), np.empty(samples, np.int8)


def _without(body: bytes, lists: Int64s) -> bytes:
    """An answer with each list's number in the list's place."""
    parts = []
    place = 0
    for number, (begin, end) in enumerate(lists[:, :2].tolist()):
        parts += [body[place:begin], b"%d" % number]
        place = end
    return b"".join([*parts, body[place:]])


def _odd(body: bytes, mantissa: Int64s, scale: Int8s) -> dict[int, str]:
    """The texts of the numbers that are no plain ones, by row; infinities are marked as NaN is."""
    odd: dict[int, str] = {}
    for row in np.flatnonzero(scale == ODD).tolist():
        begin, length = divmod(int(mantissa[row]), 256)
        text = body[begin : begin + length].decode("utf-8").strip('"')
        if exact_numbers.not_finite(text):
            scale[row] = NOT_A_NUMBER
        else:
            odd[row] = text
    return odd
