"""Corrections on a real PostgreSQL: the same documents, kept, and one of many at once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from adjust_site import LATER, NOV, NOVEMBER, OCT, OCTOBER, ROWS, closed, corrected, hours, put
from postgres_ground import Postgres, serving
from sqlalchemy import exc

from billing import adjustment_schema, ledger
from billing.adjust import look
from billing.adjustment_ledger import adjustments, recorded
from billing.close import approve, draft
from billing.schema import posting
from billing.verify import verify
from metering.opened import OpenSite

TESTS = Path(__file__).resolve().parent
LATE = [*OCTOBER, hours("A-1", 5, f"{OCT}-07")]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving() as running:
        yield running


def ledger_of(opened: OpenSite) -> object:
    with opened.database.read() as connection:
        held = [ledger.recorded(connection, month) for month in (OCT, NOV)]
        return held, recorded(connection, OCT), ledger.numbers_given(connection)


def test_a_correction_on_postgresql_is_the_correction_on_sqlite_and_is_kept(
    server: Postgres, tmp_path: Path
) -> None:
    made = []
    for name, url in (("sqlite", ""), ("postgres", server.database())):
        opened = closed(tmp_path / name, ROWS, url)
        put(opened, OCT, LATE)
        corrected(opened)
        assert corrected(opened) is None
        assert verify(opened, NOV).differences == ()
        made.append(ledger_of(opened))
    assert made[0] == made[1]
    for table in ("adjustment", "adjusted_month", "claim_restatement"):
        columns = adjustment_schema.metadata.tables[table]
        for change in (columns.delete(), columns.update().values(sequence=9)):
            with pytest.raises(exc.DBAPIError), opened.database.begin() as connection:
                connection.execute(change)
    assert ledger_of(opened) == made[1]
    opened.database.close()


@pytest.mark.parametrize("runs", [4, pytest.param(50, marks=pytest.mark.soak)])
def test_of_many_who_issue_and_adjust_at_once_one_makes_each(
    server: Postgres, tmp_path: Path, runs: int
) -> None:
    url = server.database()
    opened = closed(tmp_path / "site", {OCT: OCTOBER}, url)
    put(opened, NOV, NOVEMBER)
    draft(opened, NOV)
    approve(opened, NOV, "박승인")
    put(opened, OCT, LATE)
    look(opened)
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    program = [
        sys.executable,
        str(TESTS / "adjust_race.py"),
        str(tmp_path / "site"),
        url,
        str(runs),
    ]
    done = subprocess.run(
        program, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert Counter(done.stdout.splitlines()) == {
        "issue first": 1,
        "issue again": runs // 2 - 1,
        "adjust first": 1,
        "adjust again": runs // 2 - 1,
    }
    with opened.database.read() as connection:
        (one,) = adjustments(connection)
        given = ledger.numbers_given(connection)
        total = connection.execute(sa.select(sa.func.sum(posting.c.amount_krw))).scalar()
    assert (one.issued_on, total) == (LATER, 0)
    for last, numbers in given.values():
        assert [int(number.rsplit("-", 1)[1]) for number in numbers] == list(range(1, last + 1))
    assert verify(opened, OCT).differences == verify(opened, NOV).differences == ()
    assert corrected(opened) is None
    opened.database.close()
