"""Close, adjustment and report killed at random moments and resumed are the unbroken ones."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import billing.ledger.tables
from billing.ledger import ledger
from billing.ledger.invoice_numbers import numbers_given
from metering.database.tables import manifest_head
from metering.site.open_site import OpenSite
from reports.verify_documents import verify_month
from tests.builders.servers.fork_server import run_forked
from tests.builders.servers.postgres import serving
from tests.builders.sites.adjust_site import OCT, ROWS, again, make_site, put
from tests.crash.kill_at_random import ACTS, url_of

SEED = 20251105
KEPT = tuple(
    table
    for table in billing.ledger.tables.metadata.sorted_tables
    if table.name not in ("adjustment_draft", "draft_record")
)


def held(opened: OpenSite) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the ledger and of adjustments, and what is in force in the lake."""
    heads = sa.select(manifest_head.c.table_name, manifest_head.c.partition, manifest_head.c.digest)
    with opened.database.read() as connection:
        rows = {table.name: connection.execute(sa.select(table)).all() for table in KEPT}
        rows["heads"] = connection.execute(heads).all()
    return {name: sorted(map(tuple, some), key=str) for name, some in rows.items()}


def sound(opened: OpenSite) -> None:
    """What holds at every moment, a killed one too: numbers without a gap, every group of postings
    there once and whole."""
    with opened.database.read() as connection:
        given = numbers_given(connection)
        table = billing.ledger.tables.posting.c
        groups = sa.select(sa.func.sum(table.amount_krw), sa.func.count(), sa.func.max(table.seq))
        sums = connection.execute(groups.group_by(table.group_id)).all()
        postings = connection.execute(sa.select(table.month, table.adjustment).distinct()).all()
        states = {state.month: state.state for state in ledger.month_states(connection)}
        adjusted = {row.sequence for row in connection.execute(sa.select(ADJUSTMENT.c.sequence))}
    for last, numbers in given.values():
        assert [int(number.rsplit("-", 1)[1]) for number in numbers] == list(range(1, last + 1))
    assert all((krw, count) == (0, last) for krw, count, last in sums)
    assert {month for month, adjustment in postings if adjustment is None} == {
        month for month, state in states.items() if state == "issued"
    }
    assert {adjustment for _, adjustment in postings} - {None} == adjusted


ADJUSTMENT = billing.ledger.tables.metadata.tables["adjustment"]


def again_at(server: str, root: Path) -> OpenSite:
    """A site opened once more, wherever its database is."""
    return again(root, url_of(server, root))


def files_of(site: Path) -> dict[str, bytes]:
    """The documents by their path; what begins with a dot was being written."""
    files = (path for path in (site / "documents").rglob("*") if path.is_file())
    return {str(path.relative_to(site)): path.read_bytes() for path in files if path.name[0] != "."}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server, or '' for SQLite."""
    if request.param == "sqlite":
        yield ""
        return
    with serving(own=True) as running:
        yield running.url("postgres")


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("server", "kills"),
    [
        ("sqlite", 5),
        pytest.param("sqlite", 200, marks=pytest.mark.soak),
        pytest.param("postgresql", 200, marks=pytest.mark.soak),
    ],
    indirect=["server"],
)
def test_what_is_killed_at_a_random_moment_and_resumed_is_the_unbroken_one(
    server: str, tmp_path: Path, kills: int
) -> None:
    site = tmp_path / "base"
    if server:
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            database = sa.make_url(url_of(server, site)).database
            connection.execute(sa.text(f'CREATE DATABASE "{database}"'))
        engine.dispose()
    opened = make_site(site, url_of(server, site))
    for month, rows in ROWS.items():
        put(opened, month, rows)
    opened.database.close()
    run_forked("tests.crash.kill_at_random", tmp_path, kills, SEED, server)
    count: Counter[str] = Counter()
    for name, (_, act) in ACTS.items():
        base, whole = (again_at(server, tmp_path / name / site) for site in ("base", "whole"))
        old, new, documents = held(base), held(whole), files_of(whole.site.directory)
        base.database.close()
        for root in sorted(path for path in (tmp_path / name).iterdir() if path.name.isdigit()):
            count[name] += 1
            left = again_at(server, root)
            sound(left)
            assert name != "adjust" or held(left) in (old, new), root
            assert name != "report" or held(left) == new, root
            assert files_of(root).items() <= documents.items(), root
            act(left)
            sound(left)
            assert held(left) == new, root
            assert files_of(root) == documents, root
            left.database.close()
        if name == "report":
            assert len(documents) > 10
            assert verify_month(whole, OCT).differences == ()
        whole.database.close()
    assert count.total() == kills
    assert min(count[name] for name in ACTS) >= kills // len(ACTS)
