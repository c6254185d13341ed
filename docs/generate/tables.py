"""The page of the tables, read from the contracts in sql/."""

from docs.generate.markdown import GENERATED, cell, code, table
from metering.lake.contract import TYPES, Column, Contract, checks, contract, tables
from metering.paths import SQL

HEAD = """\
# Tables

What the lake holds, as the contracts `sql/<table>/table.yaml` promise it. A table is checked
against its contract when it is written and when it is read. *Grain* tells the rows of a partition
apart, and is their order. A table without a query is written by the stage that owns it; the others
are counted by `query.sql` from the tables that they read. A check `fail_*` stops the stage,
`warn_*` reports. In queries a decimal38 is DECIMAL(38,0) ([METERING 3](metering.md#metering-3)).
"""
NAMES = {kind: name for name, kind in TYPES.items()}


def tables_page() -> str:
    """The page in Markdown."""
    contracts = [contract(name) for name in tables()]
    lines = [GENERATED, "", *HEAD.splitlines(), "", "## All tables", ""]
    lines += table(
        ("table", "owner", "what it holds"),
        ((f"[`{one.table}`](#{one.table})", one.owner, cell(one.description)) for one in contracts),
    )
    for one in contracts:
        lines += _table(one)
    return "\n".join(lines).rstrip() + "\n"


def _table(one: Contract) -> list[str]:
    counted = (SQL / one.table / "query.sql").is_file()
    facts = [
        ("owner", one.owner),
        ("made by", f"`sql/{one.table}/query.sql`" if counted else "the stage that writes it"),
        ("reads", _names(one.reads)),
        ("partition", _names(one.partition)),
        ("grain", _names(one.grain)),
        ("hour", code(one.hour or "")),
    ]
    lines = [f"## {one.table}", "", cell(one.description), ""]
    lines += [f"- {name}: {value}" for name, value in facts if value]
    lines += [f"- check: `{each.severity}` {code(each.name)}" for each in checks(one.table)]
    lines += [""]
    lines += table(("column", "type", "unit", "bounds", "meaning"), map(_column, one.columns))
    return lines


def _column(one: Column) -> tuple[str, ...]:
    bounds = [f"at least {one.low}"] * (one.low is not None)
    bounds += [f"at most {one.high}"] * (one.high is not None)
    bounds += ["may be null"] * one.null
    return code(one.name), NAMES[one.kind], one.unit, ", ".join(bounds), cell(one.meaning)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(code(name) for name in names)
