"""The commands of a site: a new one is filled and loaded, whole or not at all."""

import shutil
from pathlib import Path

from metering.site.open_site import open_site
from tests.builders.sites.command_line import run, write_site
from tests.paths import ROOT


def test_all_mistakes_of_rules_and_registry_are_told_at_once_and_nothing_is_stored(
    site: Path,
) -> None:
    before = run(site, "status", "--json").document
    registry = site / "registry"
    for sheet, old, new in (
        ("companies", "220-81-62517", "220-81-62518"),
        ("tenancy", "edge,two,P-2,2025-10-01", "edge,two,P-9,2025-10-32"),
        ("awards", "AICA-2025R", "AICA-2026"),
        ("awards", "A-1,", "A-2,"),
    ):
        path = registry / f"{sheet}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    said = run(site, "load")
    assert said.code == 1
    lines = [line.strip() for line in said.err.splitlines()[1:] if line.strip()]
    assert "4 mistakes; nothing was stored" in said.err
    assert [line.split(": ")[0] for line in lines] == [
        "registry/awards.csv:2 programme",
        "registry/companies.csv:2 business_number",
        "registry/tenancy.csv:4 from",
        "registry/tenancy.csv:4 project_id",
    ]
    assert "'AICA-2026'; they have AICA-2025R, AIDC-BASE, AIV-2026, CLV, " in said.err
    rules = site / "rules"
    shutil.copytree(ROOT / "billing" / "rules", rules)
    (rules / "prices" / "gpu.h100.yaml").write_text("title: 1.5\n", encoding="utf-8")
    toml = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(toml.replace("[issuer]", 'rules = "rules"\n[issuer]'))
    said = run(site, "load")
    assert said.code == 1
    assert "prices/gpu.h100.yaml:1" in said.err
    assert "registry/companies.csv:2 business_number" in said.err  # all at once
    assert run(site, "status", "--json").document == before
    opened = open_site(site)
    assert [award.award_id for award in opened.registry.awards] == ["A-1"]


def test_a_new_site_is_filled_and_loaded(tmp_path: Path) -> None:
    new, filled = tmp_path / "new", write_site(tmp_path / "filled")
    said = run(tmp_path, "init", str(new))
    assert said.code == 0
    assert f"jeongsan --site {new} load" in said.out
    said = run(new, "load")
    assert (said.code, "site.toml" in said.err) == (1, True)  # every empty setting, by its line
    for path in (*(filled / "registry").glob("*.csv"), filled / "site.toml"):
        sheet = new / path.relative_to(filled)
        assert sheet.exists()
        text = path.read_text(encoding="utf-8")
        if sheet.suffix == ".csv":  # below the comments of the new sheet, by its own columns
            begun = sheet.read_text(encoding="utf-8-sig")
            given, wanted = text.splitlines(), begun.splitlines()[0].split(",")
            at = [given[0].split(",").index(c) if c in given[0].split(",") else -1 for c in wanted]
            rows = [line.split(",") for line in given[1:]]
            text = begun + "".join(
                ",".join(row[i] if i >= 0 else "" for i in at) + "\n" for row in rows
            )
        sheet.write_text(text, encoding="utf-8")
    said = run(new, "load", "--json")
    assert said.code == 0, said.err
    assert (
        said.document["registry_digest"]
        == run(filled, "load", "--json").document["registry_digest"]
    )
    assert run(tmp_path, "init", str(new)).code == 1  # never over what is there
