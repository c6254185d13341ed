"""What site.toml says of watching limits is read strictly."""

from decimal import Decimal
from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.settings.quota_watch import Mail, QuotaWatch, Webhook, read_quota_watch
from metering.settings.source_options.location import Endpoint
from metering.toml_reader import TomlFile

MAIL = 'mail = { host = "h", from = "a@b", to = ["a@b"]'


def watch(directory: Path, text: str) -> QuotaWatch:
    (directory / "site.toml").write_text(text, encoding="utf-8")
    file = TomlFile(directory / "site.toml")
    found = read_quota_watch(file.root)
    file.finish()
    return found


def test_what_is_watched_is_read_whole(tmp_path: Path) -> None:
    assert watch(tmp_path, "") == QuotaWatch((50, 80, 100), Decimal("0.3"), None, None)
    text = """
[quota]
marks = [70, 90]
idle_below = 0.15
[quota.mail]
host = "smtp.example.invalid"
from = "settlement@example.invalid"
to = ["kim@example.invalid"]
timeout = "5s"
[quota.webhook]
url_env = "HOOK_URL"
"""
    mail = Mail(
        "smtp.example.invalid", 587, "starttls", "settlement@example.invalid",
        ("kim@example.invalid",), timeout_s=5,
    )  # fmt: skip
    assert watch(tmp_path, text) == QuotaWatch(
        (70, 90), Decimal("0.15"), mail, Webhook(Endpoint(""), "HOOK_URL")
    )


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
        ('mail = { host = "h", from = "a@b", to = [] }', "needs whom to write to"),
        ('mail = { host = "h", from = "a", to = ["a@b"] }', "must be an address like"),
        (MAIL + ", port = 65536 }", "65535 at most"),
        (
            MAIL + ', user = "u" }',
            "`password_env` together",
        ),
        (
            MAIL + ', user = "u", password_env = "P", security = "none" }',
            "must not be none where a password is sent",
        ),
        ('mail = { host = "h", from = "정산@b", to = ["a@b"] }', "must be an address like"),
        ('mail = { host = "h", from = "a@b", to = ["a@b, c@d"] }', "must be an address like"),
        ("idle_below = 1.5", "must be from 0 to 1, not 1.5"),
        ("webhook = {}", "needs `url`, or `url_env`"),
        ('webhook = { url = "http://h/", url_env = "U" }', "not both"),
        ('webhook = { url = "http://u:p@h/" }', "site.toml has no secrets"),
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
