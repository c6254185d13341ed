"""Every command as a program reads it: one JSON document on standard output."""

from pathlib import Path

import pytest
from typer.main import get_command

from billing.paths import PACKAGED_RULES
from jeongsan.app import app
from tests.builders.sites.command_line import FAILED, FIRST, MONTH, Said, approve, collect, run

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


def bank_list(site: Path) -> str:
    """A list of the bank with a payment that names no document, and a line that is none."""
    path = site / "bank.csv"
    rows = "2025-11-20,모르는 이,777\n어제,은행,5\n"
    path.write_text(f"거래일시,보낸분,입금액\n{rows}", encoding="utf-8")
    return str(path)


def stray(site: Path) -> str:
    """The payment that nobody knows."""
    said = run(site, "ageing", "2026-03-01", "--json")
    return str(said.document["unmatched"][0]["payment_id"])


def untaken(site: Path) -> str:
    """The line that nobody took in."""
    said = run(site, "ageing", "2099-03-01", "--json")
    return str(said.document["untaken_lines"][0]["line_id"])


def keys(said: Said) -> set[str]:
    return set(said.document)


@pytest.mark.breadth
def test_every_command_gives_one_json_document(metered: Path, tmp_path: Path) -> None:
    said = {
        "init": run(tmp_path, "init", str(tmp_path / "new"), "--json"),
        "load": run(metered, "load", "--json"),
        "collect": collect(metered, "--json"),
        "meter": run(metered, "meter", "2025-10-20", "--json"),
        "waive": run(
            metered, "waive", "hpc", FIRST, "--reason", "정전", "--by", "김정산", "--json"
        ),
        "draft": run(metered, "draft", MONTH, "--documents", "--json"),
        "approve": approve(metered, "--json"),
        "issue": run(metered, "issue", MONTH, "--on", "2025-11-03", "--json"),
        "report": run(metered, "report", MONTH, "--json"),
        "verify": run(metered, "verify", MONTH, "--json"),
        "check": run(metered, "check", "--rate", "0", "--json"),
        "repair": run(metered, "repair", "--rate", "0", "--json"),
        "backup": run(metered, "backup", str(tmp_path / "backup"), "--rate", "0", "--json"),
        "restore": run(metered, "restore", str(tmp_path / "backup"), "--json"),
        "adjust": run(metered, "adjust", "--json"),
        "bundle": run(metered, "bundle", MONTH, "--copy", str(metered / "copy.zip"), "--json"),
        "explain": run(metered, "explain", MONTH, "--company", "C-1", "--json"),
        "dispute": run(metered, "dispute", "T2025-000001", "1", "--json"),
        "usage": run(metered, "usage", MONTH, "--json"),
        "quota": run(metered, "quota", MONTH, "--json"),
        "programmes": run(metered, "programmes", FIRST, "--json"),
        "prices": run(metered, "prices", FIRST, "--json"),
        "ledger": run(metered, "ledger", "--json"),
        "simulate": run(metered, "simulate", MONTH, "--rules", str(PACKAGED_RULES), "--json"),
        "pay": run(metered, "pay", bank_list(metered), "--by", "김정산", "--json"),
        "line": run(
            metered,
            "line",
            untaken(metered),
            "--drop",
            "--by",
            "김정산",
            "--reason",
            "이자",
            "--json",
        ),
        "match": run(metered, "match", stray(metered), "C-1", "--by", "김정산", "--json"),
        "credit": run(metered, "credit", "C-1", "--refund", "--by", "김정산", "--json"),
        "ageing": run(metered, "ageing", "2026-03-01", "--json"),
        "fund": run(
            metered,
            "fund",
            "AICA-2025R",
            "2025",
            "national",
            "received",
            "9",
            "--by",
            "김정산",
            "--reason",
            "교부",
            "--json",
        ),
        "grant": run(metered, "grant", "AICA-2025R", "2025", "--json"),
        "tax": run(metered, "tax", MONTH, "--json"),
        "status": run(metered, "status", "--json"),
        "doctor": run(metered, "doctor", "--json"),
        "health": run(metered, "health", "--json"),
        "metrics": run(metered, "metrics", "--json"),
        "rules": run(metered, "rules", "--json"),
        "audit": run(metered, "audit", "--json"),
    }
    assert {name: (each.code, each.err) for name, each in said.items()} == dict.fromkeys(
        said, (0, "")
    )
    assert {name: keys(each) for name, each in said.items()} == {
        "init": {"written"},
        "load": {"differences", "moved", "registry_digest", "rules_digest"},
        "collect": {"collected", "findings"},
        "meter": {"days", "restatements", "findings"},
        "waive": {"waived"},
        "draft": {
                "blocking", "digest", "documents", "findings", "invoices",
                "moved", "provisional", "state", "unbilled", "without_invoice",
            },
        "approve": {"approved", "approved_by", "again"},
        "issue": {"invoices", "bundle", "documents"},
        "report": {"documents"},
        "adjust": {"differences", "documents", "last_adjustment", "unexplained"},
        "verify": {"checked"},
        "check": {"files", "bytes", "unnamed", "unnamed_bytes"},
        "repair": {"files", "bytes", "unnamed", "unnamed_bytes"},
        "backup": {"backup", "place", "sha256", "copied", "kept", "bytes", "months"},
        "restore": {"backups", "unended"},
        "bundle": {"copied", "files", "sha256"},
        "explain": {
            "question", "state", "company_name", "bundle", "rules_digest", "charge_krw",
            "support_krw", "in_kind_krw", "company_krw", "lines", "orders", "orders_left_out",
            "invoices", "stale"
        },
        "dispute": {"written", "files", "company_id", "charge_krw", "company_krw", "changed"},
        "usage": {"from", "to", "by", "usage", "totals", "sections", "issued", "differences"},
        "quota": {
            "day", "month", "state", "until", "missing", "limits", "awards", "idle", "low_use",
            "recalls",
        },
        "programmes": {"day", "rules", "rules_digest", "programmes"},
        "prices": {"day", "rules", "rules_digest", "prices", "market"},
        "ledger": {"trial", "months", "entries", "balanced"},
        "simulate": {
            "first", "last", "rules_digest", "months", "programmes", "companies", "budgets", "paid",
            "due", "findings", "written"
        },
        "pay": {
            "file", "payments", "known", "otherwise", "left_out", "untaken", "untaken_lines",
            "uses", "unmatched",
        },
        "line": {"line_id", "decision", "by", "on"},
        "match": {"uses"},
        "credit": {"uses"},
        "ageing": {"on", "ageing", "open", "unmatched", "untaken_lines"},
        "fund": {"recorded", "amount_krw"},
        "grant": {
            "sources", "origins", "differences", "open_months", "filed", "ties", "untied",
            "written", "digest",
        },
        "tax": {"documents", "written", "deadline", "late", "signed"},
        "audit": {"audit"},
        "doctor": {"checks", "counts"},
        "health": {"healthy", "vitals"},
        "metrics": {"metrics"},
        "rules": {"rules", "rules_digest", "prices", "programmes"},
        "status": {
            "adjustments", "months", "next", "restatements", "steps", "coverage", "findings",
                "decided",
        },
    }  # fmt: skip
    # those that are refused here: nothing to acknowledge or take back, and this is not the example
    refused = {
        "withdraw": run(
            metered, "withdraw", "none", "--reason", "r", "--by", "b", "--json"
        ),
        "acknowledge": run(
            metered, "acknowledge", "none", "--effect", "bill", "--reason", "r", "--by", "b",
            "--json",
        ),
        "demo": run(metered, "demo", "--json"),
    }  # fmt: skip
    assert {name: (each.code, keys(each)) for name, each in refused.items()} == dict.fromkeys(
        refused, (1, FAILED)
    )
    assert sorted([*said, *refused]) == COMMANDS
