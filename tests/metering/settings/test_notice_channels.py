"""What site.toml says of telling people is read strictly."""

from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.settings.notice_channels import (
    Mail,
    NoticeChannels,
    Webhook,
    read_notice_channels,
)
from metering.settings.source_options.location import Endpoint
from metering.toml_reader import TomlFile

MAIL = 'mail = { host = "h", from = "a@b", to = ["a@b"]'


def channels(directory: Path, text: str) -> NoticeChannels:
    (directory / "site.toml").write_text(text, encoding="utf-8")
    file = TomlFile(directory / "site.toml")
    read = read_notice_channels(file.root)
    file.finish()
    return read


def test_channels_are_read_whole(tmp_path: Path) -> None:
    assert channels(tmp_path, "").silent
    text = """
[notices.mail]
host = "smtp.example.invalid"
from = "settlement@example.invalid"
to = ["kim@example.invalid"]
approvals_to = ["finance@example.invalid"]
timeout = "5s"
[notices.webhook]
url_env = "HOOK_URL"
"""
    mail = Mail(
        "smtp.example.invalid", 587, "starttls", "settlement@example.invalid",
        ("kim@example.invalid",), timeout_s=5,
        to_of=(("approvals", ("finance@example.invalid",)),),
    )  # fmt: skip
    read = channels(tmp_path, text)
    assert read == NoticeChannels(mail, Webhook(Endpoint(""), "HOOK_URL"))
    assert not read.silent
    assert mail.about("approvals").to == ("finance@example.invalid",)
    assert mail.about("failures").to == mail.about("limits").to == ("kim@example.invalid",)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('mail = { host = "h", from = "a@b", to = [] }', "needs whom to write to"),
        (MAIL + ", failures_to = [] }", "needs whom to write to"),
        (MAIL + ', failures_to = ["a"] }', "must be an address like"),
        (MAIL + ', failure_to = ["a@b"] }', "did you mean `failures_to`?"),
        ('mail = { host = "h", from = "a", to = ["a@b"] }', "must be an address like"),
        (MAIL + ", port = 65536 }", "65535 at most"),
        (MAIL + ', user = "u" }', "`password_env` together"),
        (
            MAIL + ', user = "u", password_env = "P", security = "none" }',
            "must not be none where a password is sent",
        ),
        ('mail = { host = "h", from = "정산@b", to = ["a@b"] }', "must be an address like"),
        ('mail = { host = "h", from = "a@b", to = ["a@b, c@d"] }', "must be an address like"),
        ("webhook = {}", "needs `url`, or `url_env`"),
        ('webhook = { url = "http://h/", url_env = "U" }', "not both"),
        ('webhook = { url = "http://u:p@h/" }', "site.toml has no secrets"),
        ("sms = {}", "there is no such key here"),
    ],
)
def test_what_is_wrong_with_a_channel_is_told_by_its_line(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(Mistakes) as raised:
        channels(tmp_path, f"[notices]\n{line}\n")
    [mistake] = raised.value.mistakes
    assert mistake.place == "site.toml:2"
    assert told in mistake.message
