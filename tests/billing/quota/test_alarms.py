"""Marks that limits reach are told once a channel, over real servers on loopback."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.quota.alarms import Alarm, alarms_id, raise_alarms
from billing.quota.limits_on_day import LimitState
from metering.database.connection import Database, open_database
from metering.errors import SourceError
from metering.settings.notice_channels import Mail, Webhook
from metering.settings.source_options.location import Endpoint
from reports.notices.send_notice import Letter, post, send_mail
from tests.builders.servers.certificates import server_context
from tests.builders.servers.mail_and_webhook import HOST, mail_server, text_of, webhook_server

DAY = date(2025, 10, 20)
MARKS = (50, 80, 100)
LIMIT = LimitState("award", "P1", "A-1", "C-1", "", "", "", "krw", 1000, 0, "협약-1")
SUBJECT = "[정산] 이름이 아주 길고 빈칸이 여럿인 국가 인공지능 데이터센터 한도 알림 12건"
LETTER = Letter(
    SUBJECT.replace("한도 ", "한도\n"), "첫 줄\n.\n남은 것 0원\n", "abc", 1_760_000_000_000
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return open_database(f"sqlite:///{tmp_path_factory.mktemp('alarm')}/a.db")


class Channel:
    """A channel that keeps what it is told, or fails."""

    def __init__(self, opened: Database, name: str) -> None:
        self.opened, self.name, self.fails = opened, name, False
        self.heard: list[tuple[str, int]] = []

    def send(self, alarms: Sequence[Alarm]) -> None:
        self.heard += [(alarm.state.kind, alarm.mark) for alarm in alarms]
        if self.fails:
            raise SourceError("away")

    def tell(self, *states: LimitState, marks: Sequence[int] = MARKS, day: date = DAY) -> list[int]:
        alarms = raise_alarms(self.opened, self.name, states, marks, day, self.send)
        return [alarm.mark for alarm in alarms]


@pytest.mark.parametrize(
    ("used", "marks"),
    [(0, []), (499, []), (500, [50]), (799, [50]), (800, [80]), (999, [80]), (1000, [100])],
)
def test_the_highest_mark_that_is_reached_is_told(
    opened: Database, used: int, marks: list[int]
) -> None:
    """Of a limit that is first seen beyond several marks only the highest is news."""
    channel = Channel(opened, f"highest {used}")
    assert channel.tell(replace(LIMIT, used=used)) == marks


def test_each_mark_is_told_once_a_channel(opened: Database) -> None:
    mail, hook = Channel(opened, "once mail"), Channel(opened, "once hook")
    marks = [mail.tell(replace(LIMIT, used=used)) for used in (500, 600, 850, 700, 850, 1000, 1000)]
    assert marks == [[50], [], [80], [], [], [100], []]
    assert hook.tell(replace(LIMIT, used=1000)) == [100]
    assert hook.tell(replace(LIMIT, used=1000)) == []
    assert mail.heard == [("award", 50), ("award", 80), ("award", 100)]


def test_a_channel_that_failed_is_told_again(opened: Database) -> None:
    channel, states = Channel(opened, "fails"), (replace(LIMIT, used=800),)
    channel.fails = True
    with pytest.raises(SourceError, match="away"):
        channel.tell(*states)
    channel.fails = False
    assert (channel.tell(*states), channel.tell(*states)) == ([80], [])
    assert channel.heard == [("award", 80), ("award", 80)]


def test_a_limit_that_is_raised_may_be_reached_anew(opened: Database) -> None:
    channel = Channel(opened, "raised")
    assert channel.tell(replace(LIMIT, used=800)) == [80]
    assert channel.tell(replace(LIMIT, used=800, granted=1600)) == [50]
    assert channel.tell(replace(LIMIT, used=800)) == []


def test_a_mark_that_is_added_later_is_news_only_above_those_told(opened: Database) -> None:
    channel, state = Channel(opened, "added"), replace(LIMIT, used=950)
    assert channel.tell(state, marks=(80,)) == [80]
    assert channel.tell(state, marks=(50, 80)) == []
    assert channel.tell(state, marks=(50, 80, 95)) == [95]


def test_a_daily_level_is_news_once_a_month_and_an_unused_limit_never(opened: Database) -> None:
    channel, level = Channel(opened, "level"), replace(LIMIT, kind="level", unit="gb", used=1000)
    days = (DAY, date(2025, 10, 31), date(2025, 11, 1))
    assert [channel.tell(level, day=day) for day in days] == [[100], [], [100]]
    assert channel.tell(replace(LIMIT, granted=0)) == []
    assert channel.tell(replace(LIMIT, granted=None, used=5)) == []


def test_two_runs_at_once_tell_the_same_by_the_same_id(opened: Database) -> None:
    state, ids = replace(LIMIT, used=1000), []

    def send(alarms: Sequence[Alarm]) -> None:
        ids.append(alarms_id(alarms, DAY))
        if len(ids) == 1:  # while the first run waits for its server, a second one goes through
            raise_alarms(opened, "twice", [state], MARKS, DAY, send)

    raise_alarms(opened, "twice", [state], MARKS, DAY, send)
    assert raise_alarms(opened, "twice", [state], MARKS, DAY, send) == ()
    assert (len(ids), len(set(ids))) == (2, 1)


def mail_to(port: int, security: str, **more: str) -> Mail:
    to = ("kim@example.invalid", "lee@example.invalid")
    return Mail(HOST, port, security, "settlement@example.invalid", to, timeout_s=5, **more)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_goes_over_tls_with_its_password_to_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "비밀".encode().hex())
    with mail_server(server_context(tmp_path), wrapped=security == "tls") as server:
        signed = {"user": "settlement", "password_env": "SMTP_PASSWORD"}
        send_mail(mail_to(server.port, security, ca="ca.pem", **signed), LETTER, tmp_path)
        with pytest.raises(SourceError, match="certificate"):  # nobody else vouches for it
            send_mail(mail_to(server.port, security, **signed), LETTER, tmp_path)
    [(sender, to, letter)] = server.letters
    assert (sender, to) == (
        "settlement@example.invalid", ["kim@example.invalid", "lee@example.invalid"]
    )  # fmt: skip
    assert (letter["Subject"], letter["Message-ID"]) == (
        SUBJECT,
        "<abc@example.invalid>",
    )
    assert letter["Date"] == "Thu, 09 Oct 2025 08:53:20 -0000"
    assert text_of(letter) == LETTER.body
    words = base64.b64decode(server.signed_in[0].removeprefix("PLAIN ")).decode()
    assert words == "\0settlement\0" + "비밀".encode().hex()


def test_a_mail_server_that_does_not_take_a_letter_for_all_is_an_error(tmp_path: Path) -> None:
    with mail_server() as server:
        plain = mail_to(server.port, "none")
        server.unknown.add("lee@example.invalid")
        with pytest.raises(SourceError, match=f"{HOST}:{server.port} refuses lee@example.invalid"):
            send_mail(plain, LETTER, tmp_path)
        server.refuses = True
        with pytest.raises(SourceError, match=r"451.*no room"):
            send_mail(plain, LETTER, tmp_path)
        with pytest.raises(SourceError, match="STARTTLS"):
            send_mail(replace(plain, security="starttls"), LETTER, tmp_path)
        with pytest.raises(SourceError, match="SMTP_NOT_SET"):
            send_mail(replace(plain, user="u", password_env="SMTP_NOT_SET"), LETTER, tmp_path)
    with pytest.raises(SourceError, match="does not answer"):
        send_mail(plain, LETTER, tmp_path)


def test_a_webhook_is_posted_to_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    with webhook_server() as server:
        signed = Endpoint(server.url, bearer_env="HOOK_TOKEN")
        post(Webhook(signed), {"text": "알림"}, tmp_path)
        post(Webhook(Endpoint(server.url + "/")), {"text": "알림"}, tmp_path)
        server.status = 302
        with pytest.raises(SourceError, match=r"/quota refuses: status 302"):
            post(Webhook(signed), {}, tmp_path)
    assert server.posts[:2] == [
        ("/quota", "Bearer t0ken", {"text": "알림"}), ("/quota/", None, {"text": "알림"})
    ]  # fmt: skip


def test_an_address_that_is_secret_is_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Webhook(Endpoint(""), url_env="HOOK_URL")
    with webhook_server() as server:
        monkeypatch.setenv("HOOK_URL", server.url)
        server.status = 500
        with pytest.raises(SourceError) as raised:
            post(secret, {}, tmp_path)
    assert len(server.posts) == 1
    assert str(raised.value) == "the address in HOOK_URL refuses: status 500: "
    for wrong in ("hooks.example.invalid/s3cret", "ftp://x/s3cret", "http://[s3cret"):
        monkeypatch.setenv("HOOK_URL", wrong)
        with pytest.raises(SourceError, match="HOOK_URL must hold an address") as raised:
            post(secret, {}, tmp_path)
        assert "s3cret" not in str(raised.value)
