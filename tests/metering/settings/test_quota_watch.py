"""What site.toml says of watching limits is read strictly."""

from decimal import Decimal
from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.settings.quota_watch import QuotaWatch, read_quota_watch
from metering.toml_reader import TomlFile


def watch(directory: Path, text: str) -> QuotaWatch:
    (directory / "site.toml").write_text(text, encoding="utf-8")
    file = TomlFile(directory / "site.toml")
    found = read_quota_watch(file.root)
    file.finish()
    return found


def test_what_is_watched_is_read_whole(tmp_path: Path) -> None:
    assert watch(tmp_path, "") == QuotaWatch((50, 80, 100), Decimal("0.3"))
    text = "[quota]\nmarks = [70, 90]\nidle_below = 0.15\n"
    assert watch(tmp_path, text) == QuotaWatch((70, 90), Decimal("0.15"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("marks = [80, 50]", "must ascend from 1 to 100, not [80, 50]"),
        ("marks = [0]", "must ascend from 1 to 100, not [0]"),
        ("marks = [101]", "must ascend from 1 to 100, not [101]"),
        ("marks = [50, 50]", "must ascend from 1 to 100, not [50, 50]"),
        ('marks = ["50"]', "must hold whole numbers only, not ['50']"),
        ("marks = []", "must hold whole numbers only, not []"),
        ("mark = [50]", "mark"),
        ("idle_below = 1.5", "must be from 0 to 1, not 1.5"),
        ('mail = { host = "h" }', "is [notices.mail] now"),
        ('webhook = { url = "http://h/" }', "is [notices.webhook] now"),
    ],
)
def test_what_is_wrong_with_watching_is_told_by_its_line(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(Mistakes) as raised:
        watch(tmp_path, f"[quota]\n{line}\n")
    [mistake] = raised.value.mistakes
    assert mistake.place == "site.toml:2"
    assert told in mistake.message
