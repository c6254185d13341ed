"""An adjustment that is killed anywhere leaves the old or the new state, and is resumed to it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

import billing.ledger.tables
from billing.adjust.adjust import adjust, look
from billing.verify.verify import verify
from metering.database.tables import manifest_head, restatement
from metering.site.open_site import OpenSite
from tests.builders.servers.fork_server import run_forked
from tests.builders.sites.adjust_site import LATER, OCT, OCTOBER, ROWS, again, closed, hours, put

KEPT = (*billing.ledger.tables.metadata.sorted_tables, restatement)


def held(opened: OpenSite) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the ledger, of adjustments and of the lake's heads."""
    heads = sa.select(manifest_head.c.table_name, manifest_head.c.partition, manifest_head.c.digest)
    with opened.database.read() as connection:
        rows = {table.name: connection.execute(sa.select(table)).all() for table in KEPT}
        rows["heads"] = connection.execute(heads).all()
    return {name: sorted(map(tuple, some), key=str) for name, some in rows.items()}


@pytest.fixture
def looked_at(tmp_path: Path) -> Path:
    """A directory with the site `base`, whose correction of two months waits for its approval."""
    opened = closed(tmp_path / "base", ROWS)
    put(opened, OCT, [*OCTOBER, hours("A-1", 5, f"{OCT}-07")])
    look(opened)
    opened.database.close()
    return tmp_path


@pytest.mark.breadth
@pytest.mark.parametrize(
    "kills", [6, pytest.param(10_000, marks=pytest.mark.soak)], ids=["six", "every boundary"]
)
def test_an_adjustment_killed_between_any_two_writes_leaves_the_old_or_the_new_state(
    looked_at: Path, kills: int
) -> None:
    base = again(looked_at / "base")
    old = held(base)
    base.database.close()
    run_forked("tests.crash.kill_adjust", looked_at, kills)
    killed = sorted(path for path in looked_at.iterdir() if path.name.isdigit())
    assert int((looked_at / "boundaries").read_text()) > 200
    assert len(killed) > min(kills, 200) - 2
    alive = again(looked_at / "whole")
    new = held(alive)
    assert new["adjustment"] != old["adjustment"] == []
    states = []
    for copy in killed:
        opened = again(copy)
        left = held(opened)
        assert left in (old, new), copy.name
        states.append(left == new)
        resumed = adjust(opened, None, "박승인", "늦은 자료", LATER)
        assert (resumed is None) == (left == new)
        assert held(opened) == new
        opened.database.close()
    assert states == sorted(states)
    assert {*states} == {False, True}
    assert verify(alive, OCT).differences == ()
    assert adjust(alive, None, "박승인", "늦은 자료", LATER) is None
    alive.database.close()
