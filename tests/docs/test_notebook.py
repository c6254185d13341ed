"""What the page about notebooks shows runs as it stands, on a site with an issued month."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.builders.sites.usage_site import HELD_MIB_S, US_OF_JOBS, issued, usage_site
from tests.paths import ROOT

PAGE = ROOT / "docs" / "how-to" / "notebook.md"


@pytest.mark.breadth
def test_the_cells_of_the_page_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    issued(usage_site(tmp_path / "demo"))
    monkeypatch.chdir(tmp_path)
    cells = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(cells) == 5
    names: dict[str, Any] = {}
    for cell in cells:
        exec(compile(cell, str(PAGE), "exec"), names)  # noqa: S102
    printed = capsys.readouterr().out
    assert "usage_day Usage of an accounting day with its owner." in printed
    assert int(names["held"]["C-1", "storage.parallel", "mib_s"]) == HELD_MIB_S
    assert str(names["held"].dtype) == "decimal128(38, 0)[pyarrow]"
    assert [int(quantity) for quantity in names["unbilled"]["quantity"]] == [US_OF_JOBS["burn"]]
    assert len(names["metered"].differences) == 0
    assert names["by_company"]["C-2"] == 9_000
    assert str(names["hours"]["started_at"][0]) == "2025-10-05 10:00:00+09:00"
    assert (tmp_path / "charges.parquet").is_file()
