"""Corrections in the terminal: days that wait for one, differences by cause, the documents they
make, claims restated."""

from collections.abc import Iterable, Sequence
from datetime import date

from billing.adjust.adjust import Adjusted
from billing.adjust.restatement import Restatement
from billing.close.issue_date import late_corrections
from billing.ledger.adjustment_ledger import Adjustment, adjustments
from billing.ledger.amendments import Amendment, ClaimRestatement
from billing.ledger.ledger import month_states
from billing.rerating.correction import Correction
from billing.rerating.version_drift import STAGE, of_other_versions
from metering.calendar import month_of
from metering.database.findings import findings
from metering.site.open_site import OpenSite
from reports.terminal.screen import Cell, Screen
from reports.wording.amendment_words import CAUSES, CLAIM_SETTLED, STEPS, reason_text
from reports.wording.labels import FUNDINGS

SHOWN = 30
DIFFERENCES = (
    ("month", "월"),
    ("company", "기업"),
    ("cause", "원인"),
    ("charge_krw", "정가"),
    ("subsidy_krw", "지원"),
    ("company_krw", "자부담"),
    ("vat_krw", "부가세"),
)
DOCUMENTS = (
    ("number", "번호"),
    ("month", "월"),
    ("company", "기업"),
    ("step", "하는 일"),
    ("reason", "수정사유"),
    ("amends", "당초 문서"),
    ("written_on", "작성일"),
    ("company_krw", "자부담"),
    ("vat_krw", "부가세"),
    ("payable_krw", "합계"),
)
CLAIMS = (
    ("month", "월"),
    ("programme", "지원 사업"),
    ("funding", "재원"),
    ("company", "기업"),
    ("settled", "정산"),
    ("difference_krw", "차액"),
)
ADJUSTMENTS = (
    ("adjustment", "정정"),
    ("first_month", "처음 달"),
    ("last_month", "마지막 달"),
    ("cascade", "모두 다시"),
    ("reason", "사유"),
    ("by", "승인"),
    ("issued_on", "발행일"),
)
TOTAL = "합계"


def show_correction(screen: Screen, correction: Correction, on: date) -> None:
    """The correction as it would be issued, and what still keeps it from that."""
    months, comparison = correction.ground.months, correction.comparison
    screen.fact("months", list(months) if screen.as_json else _span(months), "정정할 달")
    rows: list[tuple[Cell, ...]] = [
        (
            difference.month, difference.company_id,
            difference.cause if screen.as_json else CAUSES[difference.cause],
            difference.charge_krw, difference.subsidy_krw,
            difference.company_krw, difference.vat_krw,
        )
        for difference in comparison.differences
    ]  # fmt: skip
    sums = [sum(column) for column in zip(*(row[3:] for row in rows), strict=True)]
    if not screen.as_json and rows:
        rows.append((TOTAL, f"{len(rows):,}건", "", *sums))
    screen.table("differences", "원인별 차이 (단위: 원)", DIFFERENCES, rows)
    documents = correction.amendments(on)
    _documents(screen, "나갈 문서", documents)
    last = correction.ground.inputs[-1]
    for late in late_corrections(documents, on, last.book.tax, last.holidays):
        cost = "" if late.issuer_krw is None else f": 가산세 {late.issuer_krw:,}원까지"
        screen.say(f"{late.month} 새 문서는 발급 기한 {late.deadline} 뒤에 나갑니다{cost}")
    _renamed(screen, correction, on)
    _claims(screen, comparison.claims)
    screen.fact("digest", correction.digest, "정정 번호")
    _next(screen, correction)


def _span(months: Sequence[str]) -> str:
    """The months of a correction, which follow one another, each named once."""
    return months[0] if len(months) == 1 else f"{months[0]} ~ {months[-1]} ({len(months):,}개월)"


def _renamed(screen: Screen, correction: Correction, on: date) -> None:
    """Whom the documents call otherwise than the registry does of their days."""
    renamed = correction.renamed(on)
    if screen.as_json:
        screen.fact("renamed", list(renamed))
    elif renamed:
        screen.say(
            f"등록부의 상호·등록번호 등이 문서와 다른 기업: {', '.join(renamed)}. 문서는 당초대로 "
            f"나갑니다. 당초가 잘못 적힌 것이면 --printed {renamed[0]} 를 더하십시오"
        )


def show_restatements(screen: Screen, restatements: Sequence[Restatement]) -> None:
    """The days of issued months that are no longer what was billed."""
    if not restatements and not screen.as_json:
        return
    columns = (("month", "월"), ("day", "날짜"), ("clusters", "구역"), ("billed", "달라진 것"))
    rows: list[tuple[Cell, ...]] = [
        (
            day.month,
            str(day.day),
            ", ".join(day.clusters),
            day.billed if screen.as_json else "수량 (금액이 달라짐)" if day.billed else "증빙만",
        )
        for day in restatements
    ]
    note = "발행한 청구서는 바뀌지 않습니다. 정정 청구로 바로잡습니다 (jeongsan adjust)"
    screen.table("restatements", "정정을 기다리는 날", columns, rows, note=note)


def show_unexplained(screen: Screen, opened: OpenSite) -> None:
    """The differences of issued months that no recorded cause explains, if there are any."""
    with opened.database.read() as connection:
        issued = {month.month for month in month_states(connection) if month.state == "issued"}
        stored = findings(connection, stage=STAGE)
    odd = [
        finding for finding in stored if finding.day is not None and month_of(finding.day) in issued
    ]
    if screen.as_json:
        rows = [(finding.key, finding.detail) for finding in odd]
        screen.table("unexplained", "", (("key", ""), ("detail", "")), rows)
        return
    for finding in odd[:SHOWN]:
        screen.say(f"기록된 원인이 없는 차이 {finding.key}: {screen.shown(finding.detail)}")
    if len(odd) > SHOWN:
        screen.say(f"그 밖에 {len(odd) - SHOWN:,}건: jeongsan status --findings")


def _next(screen: Screen, correction: Correction) -> None:
    first = correction.ground.months[0]
    blocking, provisional = correction.blocking, correction.provisional
    if screen.as_json:
        screen.fact("blocking", [finding.key for finding in blocking])
        screen.fact("provisional", [f"{name} {day}" for name, day in provisional])
    if blocking:
        screen.findings(list(blocking), {}, every=True)
        screen.say("결정하거나 원인을 고쳐야 발행할 수 있습니다 (jeongsan acknowledge)")
    elif provisional:
        days = ", ".join(f"{name} {day}" for name, day in provisional[:SHOWN])
        screen.say(f"아직 바뀔 수 있는 날 {len(provisional):,}: {days}")
    else:
        more = " --cascade" if correction.cascade else ""
        more += "".join(f" --printed {name}" for name in correction.printed)
        more += " --program" if correction.by_program else ""
        more += f" --approve --digest {correction.digest[:12]}"
        screen.say(f"다음: jeongsan adjust {first}{more} --by 이름 --reason 사유")
    if not correction.cascade:
        screen.say("다른 기업에 발행한 지원금은 줄지 않습니다. 모두 다시 정산하려면 --cascade")


def show_adjusted(screen: Screen, done: Adjusted) -> None:
    """The issued adjustment with its numbered documents."""
    of = done.adjustment
    again = " (이미 발행됨)" if done.again else ""
    screen.fact("adjustment", of.sequence, "정정")
    _documents(screen, f"정정 {of.sequence} 발행 {of.issued_on}{again}", done.amendments)
    _claims(screen, done.claims)
    screen.fact("bundle", of.bundle, "묶음")
    if screen.as_json:
        screen.fact("again", done.again)


def show_nothing(screen: Screen, opened: OpenSite) -> None:
    """That there is nothing to correct, and what was corrected last."""
    with opened.database.read() as connection:
        done = adjustments(connection)
    if screen.as_json:
        screen.fact("differences", [])
        screen.fact("documents", [])
        screen.fact("last_adjustment", done[-1].sequence if done else None)
    screen.say("발행한 달은 지금 아는 것과 같습니다. 정정할 것이 없습니다")
    if done:
        last = done[-1]
        screen.say(f"마지막 정정: {last.sequence} ({last.issued_on}, {last.approved_by})")
    if others := list(of_other_versions(opened)):
        screen.say(
            f"다른 판의 프로그램으로 셈한 달 {len(others):,}: 지금 판과 견주려면"
            f" jeongsan adjust {others[0]}"
        )


def show_adjustments(screen: Screen, done: Sequence[Adjustment]) -> None:
    """Every adjustment so far."""
    if not done and not screen.as_json:
        return
    rows: list[tuple[Cell, ...]] = [
        (
            adjustment.sequence, adjustment.first_month, adjustment.last_month,
            adjustment.cascade if screen.as_json else "예" if adjustment.cascade else "",
            adjustment.reason, adjustment.approved_by, str(adjustment.issued_on),
        )
        for adjustment in done
    ]  # fmt: skip
    screen.table("adjustments", "정정", ADJUSTMENTS, rows)


def _documents(screen: Screen, title: str, documents: Iterable[Amendment]) -> None:
    rows: list[tuple[Cell, ...]] = [
        (
            document.invoice.number,
            document.invoice.month,
            document.invoice.company_id if screen.as_json else document.invoice.company.name,
            document.step if screen.as_json else STEPS[document.step],
            document.reason if screen.as_json else reason_text(document),
            _amends(document),
            str(document.invoice.written_on),
            document.invoice.company_krw,
            document.invoice.vat_krw,
            document.invoice.payable_krw,
        )
        for document in documents
    ]
    if not screen.as_json and rows:
        sums = [sum(column) for column in zip(*(row[7:] for row in rows), strict=True)]
        rows.append((TOTAL, "", f"{len(rows):,}건", "", "", "", "", *sums))
    screen.table(
        "documents", f"{title} (단위: 원)", DOCUMENTS, rows, spare=("written_on", "vat_krw")
    )


def _amends(document: Amendment) -> str | None:
    """The number that it points at; a document made beside it has none yet."""
    return "(함께 나갈 문서)" if document.amends and ":" in document.amends else document.amends


def _claims(screen: Screen, claims: Sequence[ClaimRestatement]) -> None:
    if not claims and not screen.as_json:
        return
    rows: list[tuple[Cell, ...]] = [
        (
            claim.month, claim.programme,
            claim.funding if screen.as_json else FUNDINGS.get(claim.funding, claim.funding),
            claim.company_id, claim.settled if screen.as_json else CLAIM_SETTLED[claim.settled],
            claim.difference_krw,
        )
        for claim in claims
    ]  # fmt: skip
    screen.table("claims", "바뀌는 지원금 청구 (단위: 원)", CLAIMS, rows)
