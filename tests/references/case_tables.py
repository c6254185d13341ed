"""Tables as aligned text, for the SQL cases: two spaces part columns, clock times mean the day."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from metering.calendar import Calendar, Period
from metering.lake.contract import contract
from metering.usage.registry_inputs import SCHEMAS

DAY = date(2025, 10, 1)
PERIOD: Period = Calendar("Asia/Seoul").day(DAY)
CLOCK = re.compile(r"(-?)(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?")
ALWAYS: Mapping[str, object] = {"cluster": "a", "date": DAY, "day": DAY}


def schema_of(table: str) -> pa.Schema:
    """The columns of a table, landed, counted or given."""
    return SCHEMAS[table] if table in SCHEMAS else contract(table).schema


def parse(table: str, text: str) -> pa.Table:
    """A table out of aligned text; columns that are left out hold nothing: '', 0, false or null."""
    schema = schema_of(table)
    names, rows = cells(text)
    unknown = set(names) - set(schema.names)
    assert not unknown, f"{table} has no column {unknown}"
    nullable = set() if table in SCHEMAS else {c.name for c in contract(table).columns if c.null}
    columns = []
    for field in schema:
        if field.name in names:
            place = names.index(field.name)
            values = [value(field.name, field.type, row[place]) for row in rows]
        else:
            values = [None if field.name in nullable else nothing(field)] * len(rows)
        columns.append(pa.array(values, field.type))
    return pa.table(columns, schema=schema)


def cells(text: str) -> tuple[list[str], list[list[str]]]:
    """The names and the rows of aligned text."""
    lines = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.strip()]
    names, rows = lines[0], lines[1:]
    short = [row for row in rows if len(row) != len(names)]
    assert not short, f"{len(names)} columns, but {short}"
    return names, rows


def value(name: str, kind: pa.DataType, text: str) -> object:
    """A cell's value: `null`, `''`, true, a clock time of the day in a column of instants."""
    if text == "null":
        return None
    if pa.types.is_string(kind):
        return "" if text == "''" else text
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[text]
    if pa.types.is_date32(kind):
        return date.fromisoformat(text)
    if ":" in text:
        assert name.endswith("_ms"), f"{name} is no instant"
        return clock(text)
    return int(text)


def clock(text: str) -> int:
    """An instant of the case's day in ms: 09:30, 09:30:15.250, -01:00 (23:00 the day before)."""
    match = CLOCK.fullmatch(text)
    assert match, f"{text} is no clock time"
    sign, hours, minutes, seconds, thousandths = match.groups(default="0")
    total = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)
    return PERIOD.start_ms + (-total if sign == "-" else total)


def nothing(field: pa.Field) -> object:
    """What a column holds that a case does not speak of."""
    if field.name in ALWAYS:
        return ALWAYS[field.name]
    if pa.types.is_string(field.type):
        return ""
    return False if pa.types.is_boolean(field.type) else 0


def rows_of(table: pa.Table, names: Sequence[str]) -> list[tuple[object, ...]]:
    """Rows as tuples of the columns named."""
    return [tuple(row[name] for name in names) for row in table.select(names).to_pylist()]
