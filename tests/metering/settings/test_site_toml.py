"""site.toml is read strictly: all mistakes at once, each with its line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from metering.calendar import Calendar
from metering.errors import JeongsanError, Mistakes
from metering.settings.sections import Cluster, Store
from metering.settings.site_toml import Issuer, Site, read_site
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ALLOWED, NEEDED, ColumnMap
from metering.sources.reading.schemas import SCHEMAS

HEAD = """\
[site]
name = "시험 센터"
first_month = "2025-10"

[issuer]
business_number = "990-80-12346"
name = "공급자"
representative = "홍길동"
address = "광주"
business_type = "서비스업"
business_item = "컴퓨팅"
"""
SLURM = """
[cluster.hpc]
title = "HPC"

[[cluster.hpc.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["in/sacct.psv"]
"""
CARDS = """
[cluster.npu]
{timing}

[[cluster.npu.source]]
name = "cards"
kind = "table"
record = "sample"
paths = ["in/cards.csv.gz"]
columns = {{ device_uid = "card", sampled_ms = "at", power_mw = "watts" }}
scale = {{ power_mw = 1000 }}
"""


def write(directory: Path, text: str) -> Path:
    (directory / "site.toml").write_text(text, encoding="utf-8")
    return directory


def mistakes_of(directory: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        read_site(write(directory, text), environment)
    return [str(mistake) for mistake in raised.value.mistakes]


def test_a_site_is_read_whole(tmp_path: Path) -> None:
    store = """
[store.parallel]
quarantine_share_max = 0

[[store.parallel.source]]
name = "snapshots"
kind = "table"
record = "reading"
paths = ["in/*.parquet"]
columns = { account = "a", started_ms = "f", ended_ms = "u", quantity = "q" }
constants = { sku = "storage.parallel", unit = "mib", source = "disk" }

[holidays]
declared = [2025-10-10]
cancelled = [2026-05-01]
"""
    extra = (
        'suspended_held = false\npartition_models = { gpu = "h100" }\ncarrier_accounts = ["k8s"]'
        '\ngpu_partitions = ["long"]'
    )
    text = HEAD + SLURM.replace('title = "HPC"', f'title = "HPC"\n{extra}') + store
    sacct = SourceConfig(
        "sacct", "slurm", "allocation", paths=("in/sacct.psv",), options=SlurmOptions()
    )
    snapshots = SourceConfig(
        "snapshots",
        "table",
        "reading",
        paths=("in/*.parquet",),
        options=ColumnMap(
            {"account": "a", "started_ms": "f", "ended_ms": "u", "quantity": "q"},
            {"sku": "storage.parallel", "unit": "mib", "source": "disk"},
        ),
    )
    site = read_site(write(tmp_path, text))
    assert site == Site(
        directory=tmp_path,
        name="시험 센터",
        calendar=Calendar("Asia/Seoul"),
        lake=str(tmp_path / "lake"),
        database=f"sqlite:///{tmp_path}/jeongsan.db",
        engine="duckdb",
        first_month="2025-10",
        issuer=Issuer("990-80-12346", "공급자", "홍길동", "광주", "서비스업", "컴퓨팅"),
        clusters=(
            Cluster(
                name="hpc",
                title="HPC",
                suspended_held=False,
                partition_models={"gpu": "h100"},
                gpu_partitions=("long",),
                carrier_accounts=("k8s",),
                sources=(sacct,),
            ),
        ),
        stores=(
            Store("parallel", "parallel", quarantine_share_max=Decimal(0), sources=(snapshots,)),
        ),
        rules=None,
        documents=tmp_path / "documents",
        holidays={date(2025, 10, 10): True, date(2026, 5, 1): False},
    )
    assert site.usage_sources() == {"hpc", "parallel", "disk"}
    assert (site.section("hpc").has_scheduler, site.section("hpc").has_exporter) == (True, False)


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    site = read_site(write(tmp_path, HEAD + SLURM))
    with pytest.raises(JeongsanError, match="no cluster or store 'gpu'; it has: hpc"):
        site.section("gpu")


def test_every_mistake_is_found_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
[site]
name = "시험\\u202e센터"
first_month = "2025-13"
timezone = "America/New_York"
lakes = "lake"

[issuer]
business_number = "123-45-67890"
name = 5
representative = "홍길동"
address = ""
business_type = "서비스업"

[cluster.hpc]
hold = 300
scrape = "3min"

[[cluster.hpc.source]]
name = "sacct"
kind = "slurm"
record = "sample"
paths = []

[[cluster.hpc.source]]
name = "sacct"
kind = "tabel"
record = "allocation"
paths = ["x.csv"]
columns = { a = "b" }
"""
    assert mistakes_of(tmp_path, text) == [
        "site.toml:2: site.name: character 3 (U+202E) cannot be printed; remove it",
        "site.toml:3: site.first_month: '2025-13' is no month: write it like 2025-10",
        (
            "site.toml:4: site.timezone: America/New_York: its offset changes, so that days of it"
            " are not alike; refused"
        ),
        "site.toml:5: site.lakes: there is no such key here; did you mean `lake`?",
        "site.toml:7: issuer: needs the key `business_item`",
        (
            "site.toml:8: issuer.business_number: '123-45-67890' is no business number: ten digits,"
            " the last one checked"
        ),
        "site.toml:9: issuer.name: must be text in quotes, not 5",
        "site.toml:11: issuer.address: must not be empty",
        'site.toml:15: cluster.hpc.hold: must be a time in quotes, like "30s", not 300',
        "site.toml:16: cluster.hpc.scrape: must be half of hold (300000 ms) at most, is 180000 ms",
        "site.toml:18: cluster.hpc.source: needs the key `paths`",
        (
            "site.toml:21: cluster.hpc.source.record: a slurm source has allocation or node_state"
            " or control_total records only"
        ),
        (
            "site.toml:25: cluster.hpc.source.name: 'sacct' is the name of another source of this"
            " section"
        ),
        (
            "site.toml:26: cluster.hpc.source.kind: must be one of booking, cloud, exposition,"
            " kubernetes, prometheus, slurm, storage, table, not 'tabel'"
        ),
        "site.toml:29: cluster.hpc.source.columns: there is no such key here",
    ]


def test_text_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    assert mistakes_of(tmp_path, '[site]\nname = "a"\nname = "b"\n') == [
        "site.toml:3: Cannot overwrite a value (at line 3, column 11)"
    ]


def test_a_directory_without_site_toml_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match="cannot be read"):
        read_site(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("timing", "hold_ms"),
    [
        ('scrape = "15s"', 60_000),
        ('scrape = "120s"', 300_000),
        ('scrape = "15s"\nhold = "30s"', 30_000),
        ('scrape = "150s"\nhold = "5min"', 300_000),
        ('scrape = "500ms"\nhold = "1s"', 1_000),
    ],
)
def test_hold_is_four_scrapes_and_five_minutes_at_most(
    tmp_path: Path, timing: str, hold_ms: int
) -> None:
    site = read_site(write(tmp_path, HEAD + CARDS.format(timing=timing)))
    assert site.section("npu").hold_ms == hold_ms


@pytest.mark.parametrize(
    ("timing", "message"),
    [
        ("", "site.toml:13: cluster.npu: has samples, so it needs `scrape`"),
        ('hold = "30s"', "site.toml:13: cluster.npu: has samples, so it needs `scrape`"),
        ('scrape = "151s"', "site.toml:14: cluster.npu.scrape: must be half of hold (300000 ms)"),
        ('scrape = "16s"\nhold = "31s"', "site.toml:14: cluster.npu.scrape: must be half of hold"),
        ('scrape = "1s"\nhold = "301s"', "site.toml:15: cluster.npu.hold: must be 5min at most"),
        ('scrape = "0s"', "site.toml:14: cluster.npu.scrape: must be a time with its unit"),
    ],
)
def test_a_scrape_period_that_hold_cannot_bridge_is_refused(
    tmp_path: Path, timing: str, message: str
) -> None:
    assert mistakes_of(tmp_path, HEAD + CARDS.format(timing=timing))[0].startswith(message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('columns = { device_uid = "a", sampled_ms = "b" }', "a sample needs one of busy_ppm"),
        ('columns = { sampled_ms = "b", power_mw = "w" }', "says nothing of the field device_uid"),
        (
            'columns = { device_uid = "a", sampled_ms = "b", power_mw = "w", won = "x" }',
            "a sample has no field 'won'",
        ),
        (
            (
                'columns = { device_uid = "a", sampled_ms = "b", power_mw = "w" }\n'
                'constants = { power_mw = "3" }'
            ),
            "power_mw is given more than once",
        ),
        (
            (
                'columns = { device_uid = "a", sampled_ms = "b", power_mw = "w" }\n'
                'multiply = { busy_ppm = ["x"] }'
            ),
            "must list the two or more columns",
        ),
        (
            (
                'columns = { device_uid = "a", sampled_ms = "b", power_mw = "w" }\n'
                'epoch = "2025-10-01T00:00:00"'
            ),
            "has no offset",
        ),
        (
            (
                'columns = { device_uid = "a", sampled_ms = "b", power_mw = "w" }\n'
                'epoch = "2025-10-01T00:00:00Z"'
            ),
            "counts from a moment, so time_unit must be",
        ),
    ],
)
def test_a_table_says_where_each_field_comes_from_once(
    tmp_path: Path, line: str, message: str
) -> None:
    kept = [
        one
        for one in CARDS.format(timing='scrape = "15s"').splitlines()
        if not one.startswith(("columns", "scale"))
    ]
    mistakes = mistakes_of(tmp_path, HEAD + "\n".join([*kept, line]))
    assert any(message in mistake for mistake in mistakes)


def test_relative_seconds_and_products_are_read(tmp_path: Path) -> None:
    text = f"""{HEAD}
[cluster.open]
[[cluster.open.source]]
name = "pods"
kind = "table"
record = "allocation"
paths = ["pods.csv.gz"]
time_unit = "s"
epoch = 2026-01-01T00:00:00+09:00
columns = {{ allocation_id = "name", started_ms = "scheduled", ended_ms = "deletion" }}
constants = {{ account = "open", model = "mixed" }}
multiply = {{ quantity_milli = ["num_gpu", "gpu_milli"] }}
"""
    (source,) = read_site(write(tmp_path, text)).section("open").sources
    assert isinstance(source.options, ColumnMap)
    assert (source.options.epoch_ms, source.options.time_unit) == (1_767_193_200_000, "s")
    assert source.options.multiply == {"quantity_milli": ("num_gpu", "gpu_milli")}


def test_the_fields_of_a_record_are_those_that_sources_give() -> None:
    own = {record: set(NEEDED[record] | ALLOWED[record]) for record in NEEDED}
    given = {record: set(schema.names) for record, schema in SCHEMAS.items()}
    del given["control_total"]  # Slurm's own only
    for record in given:
        given[record] |= {"cluster"} if record == "sample" else {"cluster", "duration"}
    given["sample"] |= {"workload_kind"}  # what kind the workload of a column is
    given["sample"] -= {"busy_cycles", "total_cycles"}  # of exporters; a table tells the share
    assert own == given


def test_paths_are_the_sites_own(tmp_path: Path) -> None:
    line = 'lake = "s3://bucket/lake"\ndatabase = "sqlite:///sub/x.db"\ndocuments = "out"'
    site = read_site(write(tmp_path, HEAD.replace("[issuer]", f"{line}\n[issuer]") + SLURM))
    assert site.lake == "s3://bucket/lake"
    assert site.database == f"sqlite:///{tmp_path}/sub/x.db"
    assert site.documents == tmp_path / "out"


def test_a_url_holds_no_password_and_stands_alone(tmp_path: Path) -> None:
    source = """
[cluster.gpu]
scrape = "30s"
[[cluster.gpu.source]]
name = "dcgm"
kind = "exposition"
record = "sample"
family = "dcgm"
paths = ["x.prom"]
url = "https://user:secret@host/metrics"
"""
    assert mistakes_of(tmp_path, HEAD + source) == [
        (
            "site.toml:21: cluster.gpu.source.url: holds a password; site.toml has no secrets: name"
            " the variable that holds it in `bearer_env`, or in `password_env` beside `user`"
        ),
        "site.toml:21: cluster.gpu.source.url: stands beside `paths`; a source has one of them",
    ]


def test_a_name_is_no_path(tmp_path: Path) -> None:
    text = HEAD + SLURM.replace("cluster.hpc", 'cluster."../hpc"')
    assert "its name may have letters" in mistakes_of(tmp_path, text)[0]


def test_a_cluster_and_a_store_do_not_share_a_name(tmp_path: Path) -> None:
    store = SLURM.replace("cluster", "store")
    assert mistakes_of(tmp_path, HEAD + SLURM + store) == [
        "site.toml:22: store: hpc is a cluster and a store; each needs its own name",
        "site.toml:28: store.hpc.source.record: a store has reading sources only",
    ]
