"""What a file's name says of its rows, by the template of site.toml."""

from pathlib import Path

import pytest

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.site_toml import read_site
from metering.sources.read import read
from metering.sources.reading.file_names import FileParts, file_parts
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write

SEOUL = Calendar("Asia/Seoul")
OCTOBER = SEOUL.month("2025-10")


@pytest.mark.parametrize(
    ("name", "template", "parts"),
    [
        ("in/usage-team.csv", "usage-{account}.csv", FileParts("team")),
        ("usage-team-a-hpc.csv", "usage-{account}-{cluster}.csv", FileParts("team-a", "hpc")),
        ("usage-team-gpu.csv", "usage-{account}-{cluster}.csv", FileParts("team", "gpu")),
        ("hpc/2025-10/a.csv", "{cluster}/*/{account}.csv", FileParts("a", "hpc")),
        ("jobs-가팀.csv.gz", "jobs-{account}.csv", FileParts("가팀")),
        ("a_20251031.csv", "*_{as_of}.csv", FileParts("", "", OCTOBER.end_ms)),
        ("a_2025-10-31.csv", "{account}_{as_of}.csv", FileParts("a", "", OCTOBER.end_ms)),
        ("2025-11-01T0010.csv", "{as_of}.csv", FileParts("", "", OCTOBER.end_ms + 600_000)),
        ("20251031T2400.csv", "{as_of}.csv", FileParts("", "", OCTOBER.end_ms)),
    ],
)
def test_a_name_is_read_by_its_template(name: str, template: str, parts: FileParts) -> None:
    assert file_parts(name, template, SEOUL, "hpc") == parts


@pytest.mark.parametrize(
    ("name", "template", "reason"),
    [
        ("use-a.csv", "usage-{account}.csv", "its name is not written as file_name says"),
        ("usage-.csv", "usage-{account}.csv", "its name is not written as file_name says"),
        ("usage-a.csv.csv2", "usage-{account}.csv", "its name is not written as file_name says"),
        ("usage_2025-13-01.csv", "usage_{as_of}.csv", "its name holds no moment"),
        ("usage_20251.csv", "usage_{as_of}.csv", "its name is not written as file_name says"),
        ("a-b-c.csv", "{account}-*.csv", "can be read as account 'a' and as account 'a-b'"),
    ],
)
def test_a_name_that_is_not_written_so_or_could_be_two_is_refused(
    name: str, template: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        file_parts(name, template, SEOUL, "hpc")


TABLE = """
[cluster.hpc]

[[cluster.hpc.source]]
name = "jobs"
kind = "table"
record = "allocation"
paths = ["in/*.csv"]
naive = "site"
{more}
scale = {{ quantity_milli = 1000 }}
"""
COLUMNS = (
    'columns = { allocation_id = "job", started_ms = "from", duration = "took",'
    ' quantity_milli = "cards" }'
)
ENDING = COLUMNS.replace("duration", "ended_ms")
NAMED = f"""{COLUMNS}
file_name = "usage-{{account}}-{{cluster}}.csv"
duration_unit = "h"
"""


def test_accounts_and_clusters_out_of_the_names_of_files(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, HEAD + TABLE.format(more=NAMED)))
    (tmp_path / "in").mkdir()
    lines = "job,from,took,cards\n1,2025-10-01 오전 9:00,1.5,8\n2,2025-10-01 24:00,1,1000000.001\n"
    for name in ("usage-a-hpc.csv", "usage-b-hpc.csv", "usage-c-old.csv"):
        (tmp_path / "in" / name).write_text(lines, encoding="utf-8")
    (cluster,) = site.clusters
    batches = list(read(cluster.sources[0], cluster, site, OCTOBER))
    held = [
        (row["account"], row["quantity_milli"], row["ended_ms"] - row["started_ms"])
        for batch in batches
        for row in batch.table.to_pylist()
    ]
    assert held == [("a", 8000, 5_400_000), ("b", 8000, 5_400_000)]
    assert [batch.skipped for batch in batches] == [{}, {}, {"other_cluster": 2}]
    (row,) = batches[0].quarantined
    assert (row.place, row.reason) == (
        "in/usage-a-hpc.csv:3",
        "quantity_milli is more than any section holds, 1,000,000,000 milli_device",
    )


def test_a_window_is_still_kept_to(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, HEAD + TABLE.format(more=NAMED)))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "usage-a-hpc.csv").write_text(
        "job,from,took,cards\n1,2025-10-01 9:00,1,1\n", encoding="utf-8"
    )
    (cluster,) = site.clusters
    late = Period(OCTOBER.end_ms, OCTOBER.end_ms + 1)
    (batch,) = read(cluster.sources[0], cluster, site, late)
    assert batch.skipped == {"outside_window": 1}


def test_files_of_other_clusters_alone_stop_the_source(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, HEAD + TABLE.format(more=NAMED)))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "usage-a-HPC.csv").write_text(
        "job,from,took,cards\n1,2025-10-01 9:00,1,1\n", encoding="utf-8"
    )
    (cluster,) = site.clusters
    with pytest.raises(SourceError, match="all of its 1 rows are of other clusters than 'hpc'"):
        list(read(cluster.sources[0], cluster, site, OCTOBER))
    (tmp_path / "in" / "usage-a-HPC.csv").write_text("job,from,took,cards\n", encoding="utf-8")
    assert [batch.rows_read for batch in read(cluster.sources[0], cluster, site, OCTOBER)] == [0]


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        (f'{COLUMNS}\nfile_name = "usage-{{user}}-{{account}}.csv"',
         ["file_name: has {user}, which is none of {account}, {cluster}, {as_of}"]),
        (f'{COLUMNS}\nfile_name = "{{account}}{{cluster}}.csv"',
         ["file_name: must be like usage-{account}.csv, some text between its parts"]),
        (f'{COLUMNS}\nfile_name = "{{account}}*{{cluster}}.csv"',
         ["file_name: must be like usage-{account}.csv, some text between its parts"]),
        (f'{COLUMNS}\nfile_name = "{{account.csv"',
         ["file_name: must be like usage-{account}.csv, some text between its parts",
          "says nothing of the field account; map it in `columns` or `constants`"]),
        (f'{COLUMNS}\nfile_name = "{{account}}-{{account}}.csv"',
         ["file_name: has {account} twice"]),
        (f'{COLUMNS}\nconstants = {{ account = "a" }}\nfile_name = "{{account}}.csv"',
         ["constants: account is given more than once"]),
        (f'{COLUMNS}\nconstants = {{ account = "a", ended_ms = "x" }}',
         ["columns: has `ended_ms` beside `duration`; a row has one of them"]),
        (f'{COLUMNS}\nconstants = {{ account = "a" }}\ncluster_name = "x"',
         ["cluster_name: says what a column or file name calls it; neither has cluster"]),
        (f'{ENDING}\nconstants = {{ account = "a" }}\nduration_unit = "h"',
         ["duration_unit: is of `duration`, which no column is"]),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_mistakes(
    tmp_path: Path, more: str, reasons: list[str]
) -> None:
    mistakes = mistakes_of(tmp_path, HEAD + TABLE.format(more=more))
    assert len(mistakes) == len(reasons)
    for reason in reasons:
        assert any(reason in mistake for mistake in mistakes), mistakes
