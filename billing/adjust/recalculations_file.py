"""What recalculations.yaml says: every adjustment with its reason and approver."""

import json
from collections.abc import Sequence

from billing.bundle.bundle import read_index
from billing.ledger import adjustment_ledger as own
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import Adjustment
from billing.rerating.adjustment_bundle import BY_PROGRAM
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

NAME = "recalculations.yaml"
HEAD = (
    "# 발행한 달을 정정한 기록입니다. jeongsan adjust 와 report 가 원장에서 통째로 "
    "다시 쓰므로 고치지 마십시오.\n"
)


def recalculations(opened: OpenSite) -> str:
    """The text of the file; the same adjustments give the same text."""
    with opened.database.read() as connection:
        done = own.adjustments(connection)
        numbers = []
        for adjustment in done:
            months = own.bundles_of(connection, adjustment.sequence)
            stored = ledger.amended_documents(connection, months, adjustment.sequence)
            numbers.append([number for number, _, _ in stored])
    pairs = zip(done, numbers, strict=True)
    return HEAD + "".join(_record(opened.lake, adjustment, of) for adjustment, of in pairs)


def _record(lake: Lake, done: Adjustment, numbers: Sequence[str]) -> str:
    """One adjustment as YAML; every value is written as JSON, which is YAML too."""
    index = read_index(lake, done.bundle)
    kinds = index["kinds"]
    fields: list[tuple[str, object]] = [
        ("months", sorted({done.first_month, done.last_month})),
        ("cascade", done.cascade),
        ("because", {cause: kind for cause, kind in kinds.items() if cause != kind}),
        *([("printed", index["printed"])] if "printed" in index else []),
        *([("program", True)] if BY_PROGRAM in index["documents"] else []),
        ("reason", done.reason),
        ("approved_by", done.approved_by),
        ("issued_on", str(done.issued_on)),
        ("documents", numbers),
        ("digest", done.digest),
    ]
    lines = [f"- adjustment: {done.sequence}"]
    lines += [f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields]
    return "\n".join(lines) + "\n"
