"""What was decided is held to the audit trail: a decision that is put in force, taken out of it or
changed by hand is named, and so is a trail that was cut off at its end or made anew."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from billing.document import digest_of
from billing.ledger.tables import bank_file, bank_line
from billing.payment.bank_line_decisions import drop
from billing.payment.bank_line_ledger import line_decisions
from billing.payment.matches_and_credits import Decision
from billing.verify.verify import verify
from billing.verify.verify_audit import check_audit, verify_audit
from metering.database.audit_chain import BEGINNING, row_hash
from metering.database.audit_trail import Who
from metering.database.decisions import (
    acknowledge,
    take_back_acknowledgement,
    take_back_waiver,
    waive,
)
from metering.database.findings import replace_findings
from metering.database.tables import audit_trail
from metering.finding import Finding
from metering.site.open_site import OpenSite
from tests.billing.verify.test_verify import close, tamper
from tests.builders.sites.close_site import MONTH, ON, make_ground, open_ground

DAY, OTHER = date(2025, 11, 8), date(2025, 11, 9)
FINDING = Finding("fail", "over_capacity", "meter", "gpu", DAY, "h100", "많음")
KEY = FINDING.key


def decide(connection: Connection) -> None:
    """One of each that can be decided; some taken back again."""
    replace_findings(connection, "meter", "gpu", [DAY], [FINDING])
    acknowledge(connection, KEY, "exclude", "잘못", "김 정산 ")
    take_back_acknowledgement(connection, KEY, "다시 봄", Who("김"))
    acknowledge(connection, KEY, "bill", "확인 (전화)", "이정산", 7, "lee")
    waive(connection, "gpu", DAY, "정전", "박운영")
    waive(connection, "gpu", OTHER, "정전", "박운영")
    take_back_waiver(connection, "gpu", OTHER, "자료가 왔음", Who("박운영"))
    file = {"digest": "f", "name": "x.csv", "account": "1", "imported_on": ON, "imported_by": "이"}
    line = {"line_id": "l", "file": "f", "line": 2, "kind": "odd", "reason": "r", "text": "t"}
    connection.execute(insert(bank_file).values(**file))
    connection.execute(insert(bank_line).values(**line, account="1"))
    drop(connection, "l", Decision("이", ON, "이자", "lee", 9))


@pytest.fixture(scope="module")
def decided_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("audit") / "site"
    root.mkdir()
    opened = make_ground(root)
    close(opened, MONTH)
    with opened.database.begin() as connection:
        decide(connection)
    opened.database.close()
    return root


@pytest.fixture
def opened(decided_site: Path, tmp_path: Path) -> Iterator[OpenSite]:
    """A copy of the site for one test."""
    shutil.copytree(decided_site, tmp_path / "site")
    site = open_ground(tmp_path / "site")
    yield site
    site.database.close()


def test_what_was_decided_is_what_is_in_force(opened: OpenSite) -> None:
    checked = check_audit(opened.database)
    assert checked.differences == ()
    with opened.database.read() as connection:
        (last,) = connection.execute(select(audit_trail).order_by(-audit_trail.c.place).limit(1))
        (decision,) = line_decisions(connection)
    assert (checked.decisions, checked.end.row_hash) == (last.place, last.row_hash)
    assert (last.act, last.subject, last.account, last.at_ms) == ("line", "l dropped", "lee", 9)
    assert last.digest == digest_of(decision)
    assert "audit" in verify(opened, MONTH).checked


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE acknowledgement SET effect = 'exclude'", [f"acknowledgement {KEY}"]),
        ("UPDATE acknowledgement SET detail = '적음'", [f"acknowledgement {KEY}"]),
        ("UPDATE acknowledgement SET at_ms = 8", [f"acknowledgement {KEY}"]),
        ("DELETE FROM acknowledgement", [f"acknowledgement {KEY}"]),
        (
            "INSERT INTO acknowledgement VALUES ('000000000000', 'bill', 'r', '이', '', NULL)",
            ["acknowledgement 000000000000"],
        ),
        ("UPDATE waived_day SET reason = ''", [f"waived day gpu {DAY}"]),
        ("DELETE FROM waived_day", [f"waived day gpu {DAY}"]),
        (
            "INSERT INTO waived_day VALUES ('gpu', '2025-11-09', '정전', '박운영')",
            [f"waived day gpu {OTHER}"],
        ),
        ("UPDATE registry SET document = '{}'", ["registry version 1: document"]),
        (
            "UPDATE registry SET digest = 'x'",
            ["registry version 1: document", "registry version 1", "registry in force"],
        ),
        ("DELETE FROM registry_in_force", ["registry in force"]),
        ("UPDATE month_state SET approved_by = '최'", [f"month {MONTH}"]),
        (
            "INSERT INTO month_state VALUES ('2025-11', 'approved', 'd', '최', NULL, NULL)",
            ["month 2025-11"],
        ),
        ("UPDATE bank_line_decision SET reason = '입금'", ["bank line l dropped 1"]),
        ("DELETE FROM bank_line_decision", ["bank line l dropped 1"]),
        (
            "INSERT INTO grant_filing VALUES ('AICA', 2025, 1, 'd', '{}', '2026-01-01', '이')",
            ["settlement AICA 2025 1"],
        ),
        (
            "INSERT INTO adjustment VALUES"  # noqa: ISC004
            " (1, '2025-10', '2025-10', 0, 'd', 'r', '이', '2026-01-01', 'b')",
            ["adjustment 1"],
        ),
    ],
)
def test_a_decision_that_nobody_made_is_named(
    opened: OpenSite, statement: str, named: list[str]
) -> None:
    tamper(opened, text(statement))
    assert [difference.place for difference in check_audit(opened.database).differences] == named


def test_a_trail_that_was_cut_off_before_an_issue_is_told_by_the_register(opened: OpenSite) -> None:
    """Its chain holds, and so do the decisions that it has left."""
    tamper(
        opened,
        text(
            "DELETE FROM audit_trail WHERE place >="
            " (SELECT place FROM audit_trail WHERE act = 'issue')"
        ),
        *(
            text(f"DELETE FROM {name}")  # noqa: S608 (names of tables)
            for name in ("acknowledgement", "waived_day", "bank_line_decision")
        ),
    )
    named = [difference.place for difference in check_audit(opened.database).differences]
    assert named == [f"month {MONTH}", "audit trail: end at register/00000001.json"]


def test_a_chain_that_was_made_anew_is_told_by_the_register(opened: OpenSite) -> None:
    """Who changes a row and every hash after it leaves a chain that holds."""
    tamper(opened, text("UPDATE audit_trail SET reason = '다른 까닭' WHERE act = 'draft'"))
    before = BEGINNING
    with opened.database.begin() as connection:
        for row in connection.execute(select(audit_trail).order_by(audit_trail.c.place)).all():
            own = row_hash(before, row._asdict())
            change = audit_trail.update().where(audit_trail.c.place == row.place)
            connection.execute(change.values(before_hash=before, row_hash=own))
            before = own
        named = [difference.place for difference in verify_audit(connection)]
    assert named == ["audit trail: end at register/00000001.json"]
