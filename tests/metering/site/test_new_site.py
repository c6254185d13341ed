"""A new site: what its files ask for, and that what they show reads without mistakes."""

import re
from pathlib import Path

import pytest

from metering.calendar import Calendar
from metering.errors import JeongsanError, Mistakes
from metering.registry.registry import Registry, read_registry
from metering.settings.site_toml import read_site
from metering.settings.source_options.slurm import SlurmOptions
from metering.site.new_site import init_site
from metering.sources.slurm.sacct_text import COMMAND
from tests.metering.settings.test_site_toml import write

FILLED = {
    'name = ""                        # 센터': 'name = "센터" #',
    'first_month = ""': 'first_month = "2025-10"',
    'business_number = ""': 'business_number = "124-81-00998"',
    'name = ""                        # 상호': 'name = "공급자" #',
    'representative = ""': 'representative = "홍길동"',
    'address = ""': 'address = "광주"',
    'business_type = ""': 'business_type = "서비스업"',
    'business_item = ""': 'business_item = "컴퓨팅"',
}


def test_a_new_site_asks_only_for_what_it_leaves_empty(tmp_path: Path) -> None:
    init_site(tmp_path)
    with pytest.raises(Mistakes) as raised:
        read_site(tmp_path)
    assert [mistake.message for mistake in raised.value.mistakes] == [
        f"{key}: must not be empty"
        for key in (
            "site.name",
            "site.first_month",
            "issuer.business_number",
            "issuer.name",
            "issuer.representative",
            "issuer.address",
            "issuer.business_type",
            "issuer.business_item",
        )
    ]


def test_a_new_site_that_was_filled_in_reads_without_mistakes(tmp_path: Path) -> None:
    paths = init_site(tmp_path / "new")
    assert [path.name for path in paths] == [
        "site.toml",
        "companies.csv",
        "projects.csv",
        "tenancy.csv",
        "devices.csv",
        "awards.csv",
        "set_aside.csv",
        "agreements.csv",
        "outcomes.csv",
        "plans.csv",
    ]
    text = paths[0].read_text(encoding="utf-8")
    for empty, filled in FILLED.items():
        assert empty in text
        text = text.replace(empty, filled)
    site = read_site(write(tmp_path / "new", text))
    assert [cluster.name for cluster in site.clusters] == ["hpc"]
    assert read_registry(site.directory, site.calendar) == Registry()


def test_the_examples_of_a_new_site_read_without_mistakes(tmp_path: Path) -> None:
    for path in init_site(tmp_path)[1:]:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        path.write_text("\n".join([lines[0], lines[-1].removeprefix("# ")]), encoding="utf-8")
    registry = read_registry(tmp_path, Calendar("Asia/Seoul"))
    sheets = (registry.companies, registry.projects, registry.tenancies, registry.devices)
    assert [len(rows) for rows in (*sheets, registry.awards, registry.set_asides)] == [1] * 6


def test_what_a_new_site_shows_as_a_comment_reads_too(tmp_path: Path) -> None:
    text = init_site(tmp_path)[0].read_text(encoding="utf-8")
    for empty, filled in FILLED.items():
        text = text.replace(empty, filled)
    shown = "# [[cluster.hpc.source]]"
    head, tail = text.split(shown, 1)
    lines = [line.removeprefix("# ") if line != "#" else "" for line in tail.splitlines()]
    kept = [line for line in lines if "저장소, 클라우드" not in line]
    site = read_site(write(tmp_path, head + "[[cluster.hpc.source]]" + "\n".join(kept)))
    assert [source.kind for source in site.section("hpc").sources][2:] == [
        "prometheus",
        "slurm",
        "slurm",
        "table",
    ]
    assert site.section("hpc").node_states
    assert [store.name for store in site.stores] == ["parallel", "lab", "nhn", "naver"]


def test_a_new_site_shows_how_to_dump_the_accounting_and_every_key_of_it(tmp_path: Path) -> None:
    text = init_site(tmp_path)[0].read_text(encoding="utf-8")
    lines = [line.removeprefix("# ").rstrip("\\") for line in text.splitlines()]
    assert COMMAND in re.sub(r" +", " ", "".join(lines))
    for empty, filled in FILLED.items():
        text = text.replace(empty, filled)
    for key in ("slurm_cluster", "gres_models", "gres_devices", "ignored_gres", "shards", "mps"):
        assert f"\n# {key} = " in text
        text = text.replace(f"\n# {key} = ", f"\n{key} = ")
    sacct = read_site(write(tmp_path, text)).section("hpc").sources[0]
    assert sacct.options == SlurmOptions(
        slurm_cluster="hpc",
        ignored_gres=("nic",),
        gres_devices={"rngd": ("npu", "rngd")},
        gres_models={"nvidia_h100_80gb_hbm3": "h100", "nvidia_a100_3g.20gb": "a100.mig-3g.20gb"},
        shards={"gpu[01-04]": 32},
        mps={"": 100},
    )


def test_init_leaves_a_directory_with_files_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(JeongsanError, match="is not empty"):
        init_site(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
