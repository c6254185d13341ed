"""Owns what consent is: a person's yes to one digest, and to nothing else (SETTLEMENT 41)."""

from billing.close.draft_history import Redraft, redraft
from metering.database.audit_trail import Who
from metering.errors import CloseError, JeongsanError
from metering.site.open_site import OpenSite

SHORTEST = 12  # letters of a digest by which a person may name it, as the screens show them
SHOWN = 4  # causes that a message names


def names(said: str, digest: str) -> bool:
    """Whether a person who says a digest, or its first letters, means this one."""
    return len(said) >= SHORTEST and digest.startswith(said)


def check_named(said: str) -> None:
    """CloseError for too few letters to mean one digest."""
    if len(said) < SHORTEST:
        raise CloseError(
            f"digest {said!r} is too short: give its first {SHORTEST} letters at least"
        )


def check_may_approve(opened: OpenSite, who: Who) -> None:
    """CloseError where the site names the logins that may approve and this is none of them."""
    approvers = opened.site.approvers
    if approvers and who.account not in approvers:
        raise CloseError(
            f"{who.by} is signed in as {who.account or 'nobody'}, and only {', '.join(approvers)}"
            " may approve here ([approval] approvers in site.toml)"
        )


def check_four_eyes(opened: OpenSite, what: str, drafted: Who, who: Who) -> None:
    """CloseError where the site wants two people and one of them would do both."""
    if not opened.site.four_eyes:
        return
    if not (drafted.by or drafted.account):
        raise CloseError(
            f"{what}: who made it is not recorded, and this site wants two people ([approval]"
            " four_eyes); let somebody else than who approves make it again"
        )
    if who.same_person(drafted):
        login = f" ({drafted.account})" if drafted.account else ""
        raise CloseError(
            f"{what}: {drafted.by}{login} made it, and this site wants somebody else to approve it"
            " ([approval] four_eyes)"
        )


def changed_text(opened: OpenSite, month: str, said: str, now: str) -> str:
    """What is otherwise by now than in the draft that somebody said yes to, in one line."""
    seen = f"{said[:SHORTEST]} was looked at, it is {now[:SHORTEST]} now"
    try:
        change = redraft(opened, month)
    except JeongsanError:  # what the draft before was made from is damaged
        change = None
    if change is None or not names(said, change.before) or change.now != now:
        return seen
    return f"{seen}: {_moved(change)}"


def _moved(change: Redraft) -> str:
    """By how many won more is to be paid, and by which company and cause most of it."""
    if not change.moved:
        return "the same amounts of other inputs"
    more = sum(moved.company_krw + moved.vat_krw for moved in change.moved)
    order = sorted(change.moved, key=lambda moved: -abs(moved.company_krw + moved.vat_krw))
    listed = [f"{m.company} {m.cause} {m.company_krw + m.vat_krw:+,}" for m in order[:SHOWN]]
    rest = f" and {len(order) - SHOWN} more" if len(order) > SHOWN else ""
    return f"{more:+,} won to pay ({', '.join(listed)}{rest})"
