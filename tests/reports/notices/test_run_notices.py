"""What people are told of runs, through a real mail server and webhook."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.notice_channels import Mail, NoticeChannels, Webhook
from metering.settings.source_options.location import Endpoint
from metering.site.open_site import OpenSite
from reports.notices.run_notices import RunNotice, approval_waits, run_failed, tell
from tests.builders.servers.mail_and_webhook import mail_server, text_of, webhook_server
from tests.builders.sites.close_site import open_ground

LINK = "http://127.0.0.1/dags/bill_monthly/runs/r-1"
WAITS = approval_waits("2025-10", "a" * 64, "세금계산서 발급 기한: 2025-11-10", "r-1", LINK)
FAILED = run_failed("야간 계량", "2025-10-05", "failed", "r-2", LINK)


@pytest.fixture
def opened(tmp_path: Path) -> OpenSite:
    return open_ground(tmp_path / "site")


def told_by(opened: OpenSite, channels: NoticeChannels, *notices: RunNotice) -> list[str]:
    site = replace(opened, site=replace(opened.site, notices=channels))
    return [said for notice in notices for said in tell(site, notice, 1_762_000_000_000)]


def test_each_kind_reaches_its_own_people_and_says_what_to_do(opened: OpenSite) -> None:
    with mail_server() as server, webhook_server() as hook:
        mail = Mail(
            "127.0.0.1", server.port, "none", "settlement@example.invalid",
            ("operator@example.invalid",),
            to_of=(("approvals", ("finance@example.invalid",)),),
        )  # fmt: skip
        channels = NoticeChannels(mail, Webhook(Endpoint(hook.url)))
        assert told_by(opened, channels, WAITS, FAILED) == []
    (_, first, waits), (_, second, failed) = server.letters
    assert (first, second) == (["finance@example.invalid"], ["operator@example.invalid"])
    assert waits["Subject"].endswith("2025-10 정산 초안 승인 대기")
    assert f"초안 번호: {'a' * 64}" in text_of(waits)
    assert "세금계산서 발급 기한: 2025-11-10" in text_of(waits)
    assert f"보기: {LINK}" in text_of(failed)
    assert "실패한 작업: failed" in text_of(failed)
    documents = [document for _, _, document in hook.posts]
    assert [document["kind"] for document in documents] == ["approvals", "failures"]
    assert documents[0]["id"] == WAITS.name != FAILED.name
    assert waits["Message-ID"] == f"<{WAITS.name}@example.invalid>"


def test_who_cannot_be_told_is_said_and_the_others_hear_of_it(opened: OpenSite) -> None:
    with webhook_server() as hook:
        gone = Mail("127.0.0.1", 1, "none", "a@b", ("c@d",), timeout_s=1)
        (said,) = told_by(opened, NoticeChannels(gone, Webhook(Endpoint(hook.url))), FAILED)
    assert said.startswith("mail server 127.0.0.1:1 does not answer")
    assert len(hook.posts) == 1
    assert told_by(opened, NoticeChannels(), FAILED) == []  # nobody is named
