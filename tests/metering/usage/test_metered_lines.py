"""The lines of a span: held to usage_day, of the sections asked for, with what is to be metered."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from metering.calendar import days_of_month
from metering.errors import ConflictError, JeongsanError
from metering.site.open_site import OpenSite, open_site
from metering.usage.metered_lines import metered_lines
from tests.builders.sites.command_line import MONTH
from tests.builders.sites.usage_site import HELD_MIB_S, US_OF_JOBS, usage_site

DAYS = days_of_month(MONTH)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return usage_site(tmp_path_factory.mktemp("lines") / "site")


@pytest.fixture
def opened(site: Path, tmp_path: Path) -> Iterator[OpenSite]:
    own = open_site(Path(shutil.copytree(site, tmp_path / "site")))
    yield own
    own.database.close()


@pytest.mark.breadth
def test_every_metered_day_is_read_with_its_progress(opened: OpenSite) -> None:
    steps: list[tuple[str, int, int]] = []
    metered = metered_lines(opened, DAYS, progress=lambda *step: steps.append(step))
    assert len(metered.counted) == 6 + 26
    assert (steps[0], steps[-1]) == (("계측한 날", 0, 32), ("계측한 날", 32, 32))
    assert metered.outdated == ()
    assert metered.complete_to_ms == {"hpc": 1_760_108_400_000, "disk": 1_761_922_800_000}
    total = sum(int(quantity) for quantity in metered.rows.column("quantity").to_pylist())
    assert total == sum(US_OF_JOBS.values()) + HELD_MIB_S


def test_a_section_alone_is_read_and_an_unknown_one_refused(opened: OpenSite) -> None:
    metered = metered_lines(opened, DAYS, ["disk"])
    assert set(metered.rows.column("cluster").to_pylist()) == {"disk"}
    assert list(metered.complete_to_ms) == ["disk"]
    with pytest.raises(JeongsanError, match="no cluster or store 'mars'"):
        metered_lines(opened, DAYS, ["mars"])


def test_lines_that_do_not_come_to_the_usage_of_their_day_are_refused(opened: OpenSite) -> None:
    day = date(2025, 10, 5)
    manifest = opened.lake.manifest("usage_day", cluster="hpc", date=day)
    assert manifest is not None
    rows = opened.lake.rows(manifest)
    doubled = pc.multiply(rows.column("quantity").cast(pa.int64()), 2)
    with opened.lake.change() as change:  # the same inputs, another count
        place = {"cluster": "hpc", "date": day}
        at = rows.schema.get_field_index("quantity")
        field = rows.schema.field(at)
        changed = rows.set_column(at, field, doubled.cast(field.type))
        change.replace("usage_day", place, changed, manifest.inputs)
    with pytest.raises(ConflictError, match="hpc 2025-10-05: the lines of the day do not come"):
        metered_lines(opened, [day])
