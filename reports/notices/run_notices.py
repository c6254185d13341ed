"""What people are told of the site's own runs: an approval waits, a run failed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from metering.errors import SourceError
from metering.settings.notice_channels import NoticeKind
from metering.site.open_site import OpenSite
from reports.notices.send_notice import Letter, post, send_mail


@dataclass(frozen=True, slots=True)
class RunNotice:
    """What happened in which run, and where a person sees it and deals with it."""

    kind: NoticeKind
    run: str  # the run's own name, by which a notice that comes twice is known
    subject: str
    lines: tuple[str, ...]
    link: str

    @property
    def name(self) -> str:
        """The same for the same notice of the same run."""
        said = "\n".join((self.kind, self.run, self.subject))
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def text(self) -> str:
        """The letter."""
        return "\n".join([*self.lines, "", f"보기: {self.link}", ""])


def approval_waits(month: str, digest: str, deadline: str, run: str, link: str) -> RunNotice:
    """A draft waits for a person; `deadline` says until when to issue it."""
    lines = (
        f"{month} 정산 초안이 승인을 기다립니다.",
        f"초안 번호: {digest}",
        deadline,
        "아래 화면에서 합계와 확인할 사항을 읽고 승인(Approve)하거나 거절(Reject)하십시오.",
        "아무도 답하지 않으면 아무것도 발행되지 않습니다.",
    )
    return RunNotice("approvals", run, f"{month} 정산 초안 승인 대기", lines, link)


def run_failed(title: str, of: str, task: str, run: str, link: str) -> RunNotice:
    """A run of a timetable failed; `of` is its hour, day or month, `task` where it ended."""
    lines = (
        " ".join(part for part in (title, of, "작업이 실패했습니다.") if part),
        *((f"실패한 작업: {task}",) if task else ()),
        "아래 화면에서 붉은 작업의 기록(Logs)을 읽고 원인을 고친 뒤 그 작업을 지우면(Clear)",
        "다시 실행됩니다.",
        "달과 날에 남은 일은 `jeongsan status` 가 알려 줍니다.",
    )
    return RunNotice("failures", run, " ".join(filter(None, (title, of, "실패"))), lines, link)


def tell(opened: OpenSite, notice: RunNotice, now_ms: int) -> Iterator[str]:
    """Tells every channel of the site, and gives what could not be told, a line a channel."""
    channels, site = opened.site.notices, opened.site
    if channels.mail is not None:
        subject = f"[정산] {site.name} {notice.subject}"
        try:
            letter = Letter(subject, notice.text, notice.name, now_ms)
            send_mail(channels.mail.about(notice.kind), letter, site.directory)
        except SourceError as error:
            yield str(error)
    if channels.webhook is not None:
        document = {
            "id": notice.name,
            "kind": notice.kind,
            "site": site.name,
            "subject": notice.subject,
            "text": notice.text,
            "link": notice.link,
        }
        try:
            post(channels.webhook, document, site.directory)
        except SourceError as error:
            yield str(error)
