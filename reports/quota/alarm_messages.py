"""Alarms as people and programs read them, and the channels that they go through."""

from collections.abc import Iterator, Sequence
from functools import partial

from billing.quota.alarms import Alarm, Send, alarms_id, raise_alarms
from metering.errors import SourceError
from metering.settings.notice_channels import Mail, Webhook
from metering.site.open_site import OpenSite
from reports.notices.send_notice import Letter, post, send_mail
from reports.quota.limits_view import DayLimits, limit_document
from reports.terminal.screen import Screen
from reports.wording.labels import FUNDINGS
from reports.wording.limit_words import LIMIT_TITLES, amount_text

LABELS = {"mail": "메일로 알린 한도", "webhook": "웹훅으로 알린 한도"}


def send_and_show_alarms(screen: Screen, opened: OpenSite, limits: DayLimits, now_ms: int) -> None:
    """Tells every channel and shows what each was told; SourceError as of `send_alarms`."""
    for channel, names in send_alarms(opened, limits, now_ms):
        if names or screen.as_json:
            screen.fact(channel, names, LABELS[channel])
        else:
            screen.say(f"{LABELS[channel]} 없음: 새로 닿은 한도가 없습니다")


def send_alarms(
    opened: OpenSite, limits: DayLimits, now_ms: int
) -> Iterator[tuple[str, list[str]]]:
    """Tells every channel of the site what it has not been told yet, and gives what that was;
    SourceError at the end where one of them failed, which is then told by the next run."""
    watch = opened.site.quota
    limited = [state for state in limits.states if state.granted is not None]
    failed: list[str] = []
    for channel, send in _channels(opened, limits, now_ms).items():
        try:
            raised = raise_alarms(opened.database, channel, limited, watch.marks, limits.day, send)
        except SourceError as error:
            failed.append(str(error))
            continue
        yield channel, [f"{alarm.state.name} {alarm.mark}%" for alarm in raised]
    if failed:
        raise SourceError("; ".join(failed))


def _channels(opened: OpenSite, limits: DayLimits, now_ms: int) -> dict[str, Send]:
    notices = opened.site.notices
    channels: dict[str, Send] = {}
    if notices.mail is not None:
        mail = notices.mail.about("limits")
        channels["mail"] = partial(_write, opened, limits, mail, now_ms)
    if notices.webhook is not None:
        channels["webhook"] = partial(_call, opened, limits, notices.webhook)
    if not channels:
        raise SourceError("site.toml names nobody to tell: add [notices.mail] or [notices.webhook]")
    return channels


def _write(
    opened: OpenSite, limits: DayLimits, mail: Mail, now_ms: int, alarms: Sequence[Alarm]
) -> None:
    subject = f"[정산] {opened.site.name} 한도 알림 {len(alarms):,}건"
    letter = Letter(subject, alarms_text(limits, alarms), alarms_id(alarms, limits.day), now_ms)
    send_mail(mail, letter, opened.site.directory)


def _call(opened: OpenSite, limits: DayLimits, webhook: Webhook, alarms: Sequence[Alarm]) -> None:
    """`text` is what chat rooms show."""
    document = {
        "id": alarms_id(alarms, limits.day),
        "kind": "limits",
        "site": opened.site.name,
        "day": str(limits.day),
        "text": alarms_text(limits, alarms),
        "alarms": [{"mark": alarm.mark, **limit_document(alarm.state)} for alarm in alarms],
    }
    post(webhook, document, opened.site.directory)


def alarms_text(limits: DayLimits, alarms: Sequence[Alarm]) -> str:
    """The alarms as a letter, the highest marks first."""
    lines = [f"{limits.day}까지의 사용량으로 아래 한도가 정한 비율에 닿았습니다.", ""]
    for alarm in sorted(alarms, key=lambda alarm: (-alarm.mark, alarm.state.name)):
        state = alarm.state
        funding = FUNDINGS.get(state.funding, state.funding)
        whose = limits.names.get(state.company_id, "")
        kind = LIMIT_TITLES[state.kind]
        parts = (whose, state.award_id, state.programme, funding, kind, state.period)
        granted, used = amount_text(state.granted, state.unit), amount_text(state.used, state.unit)
        lines += [
            f"{alarm.mark}% 도달: {' '.join(part for part in parts if part)}",
            f"    배정 {granted}, 사용 {used}, 잔여 {amount_text(state.left, state.unit)}",
            f"    근거: {state.source}",
        ]
    return "\n".join([*lines, "", f"자세히: jeongsan quota {limits.day}", ""])
