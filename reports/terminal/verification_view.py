"""What the commands that prove show: what `verify` compared and what mends that, what `check` read,
and what becomes of broken files."""

from collections.abc import Sequence
from fractions import Fraction

from billing.verify.check_site import CheckedSite
from billing.verify.differences import Discrepancy
from billing.verify.repair_site import RepairedFile, RepairedSite
from billing.verify.verify import Verification
from billing.verify.verify_adjustment import REPAIR
from billing.verify.verify_audit import CheckedAudit
from metering.errors import CHANGED, MISSING, CheckError
from metering.lake.inspection import BrokenFile
from reports.terminal.screen import Cell, Screen
from reports.wording.numbers_and_dates import DEVICE_US_OF_HOUR, number

WORDS = {CHANGED: "바뀜", MISSING: "없음"}
OUTCOMES = {
    "copied": "사본에서 되돌림",
    "same": "똑같이 다시 만듦",
    "other": "다르게 다시 만듦",
    "gone": "되살릴 수 없음",
}
SHOWN = 20  # rows of a table, of which JSON has all
PLACE = (("table", "표"), ("partition", "부분"), ("what", "상태"))
MONTHS = ("months", "근거인 발행된 달")
CHECKED = (*PLACE, MONTHS, ("path", "파일"))
REPAIRED = (
    *PLACE, ("outcome", "조치"), ("rows", "행"), ("rows_now", "다시 만든 행"),
    ("hours", "그날 장치 시간"), ("worth_krw", "그날 정가 (원)"), MONTHS, ("path", "파일"),
)  # fmt: skip


def show_verification(screen: Screen, month: str, result: Verification) -> None:
    """What was compared and what differs; CheckError when anything does."""
    screen.fact("checked", list(result.checked), "견준 것")
    if result.other_versions:
        versions = list(result.other_versions)
        screen.fact("other_versions", versions, "만든 때와 다른 판 (이름, 그때, 지금)")
    if result.differences:
        _differences(screen, result.differences)
        raise CheckError(_summary(month, result.differences))
    screen.say(f"{month}: 다시 계산한 것과 모두 같습니다")


def show_audit_checked(screen: Screen, checked: CheckedAudit) -> None:
    """How many decisions there are and where their chain ends, which somebody may note elsewhere;
    CheckError when anything is not as it was written."""
    screen.fact("decisions", checked.decisions, "결정")
    screen.fact("end", checked.end.row_hash or None, "사슬의 끝")
    if not checked.differences:
        screen.say("결정 이력은 적힌 그대로입니다")
        return
    _differences(screen, checked.differences)
    count = len(checked.differences)
    first = checked.differences[0].place
    raise CheckError(
        f"the audit trail is not as it was written in {count} places, the first: {first}; nothing"
        " of this program does so: keep the database as it is, and find out who changed it"
    )


def _differences(screen: Screen, differences: tuple[Discrepancy, ...]) -> None:
    columns = [("place", "곳"), ("expected", "있어야 할 것"), ("found", "있는 것")]
    shown = str if screen.as_json else screen.shown
    rows: list[tuple[Cell, ...]] = [
        (shown(d.place), shown(d.expected), shown(d.found)) for d in differences
    ]
    if screen.as_json:
        columns.append(("command", ""))
        rows = [(*row, d.command or None) for row, d in zip(rows, differences, strict=True)]
    screen.table("differences", "다른 것", columns, rows)
    for command in dict.fromkeys(d.command for d in differences if d.command):
        places = sum(d.command == command for d in differences)
        act = "파일 {:,}개를 되살리기" if command == REPAIR else "문서 {:,}건을 다시 만들기"
        screen.say(f"{act.format(places)}: {command}")


def _summary(month: str, differences: tuple[Discrepancy, ...]) -> str:
    """How many differences there are, the first, and the commands that make all of them right."""
    count = f"{len(differences)} differences" if len(differences) > 1 else "1 difference"
    first = f"{month}: {count}, the first: {differences[0].place}"
    commands = list(dict.fromkeys(difference.command for difference in differences))
    if commands == [REPAIR]:
        return f"{first}; `jeongsan repair` says what can be made anew"
    if "" in commands:
        return f"{first}; what has no command is not as it was issued: keep it and find out why"
    return f"{first}; the documents are drawn again by: {', '.join(commands)}"


def show_checked(screen: Screen, checked: CheckedSite) -> None:
    """What was read and what is broken; CheckError when anything is."""
    _read(screen, checked)
    if not checked.broken:
        return
    rows = [
        (*_place(screen, broken), " ".join(checked.months[broken.path]), broken.path)
        for broken in checked.broken
    ]
    title = f"지문과 다른 파일 {len(rows):,}개"
    _table(screen, title, CHECKED, rows)
    raise CheckError(
        f"{len(rows)} files of the lake are not what their digests say:"
        " `jeongsan repair` says what can be made anew"
    )


def show_repaired(screen: Screen, repaired: RepairedSite) -> None:
    """What becomes of each broken file; CheckError while anything is broken."""
    _read(screen, repaired.checked)
    if not repaired.files:
        return
    screen.fact("done", repaired.done, "고침")
    title = f"지문과 다른 파일 {len(repaired.files):,}개"
    _table(screen, title, REPAIRED, [_row(screen, file) for file in repaired.files])
    if repaired.problems:
        screen.fact("problems", list(repaired.problems), "읽지 못한 원천")
    _gone_months(screen, repaired)
    gone = [file for file in repaired.files if file.outcome == "gone"]
    if gone:
        raise CheckError(
            f"{len(gone)} files are gone, the first: {gone[0].broken.path}; bring a copy of the"
            " lake: `jeongsan repair --from COPY`"
        )
    if not repaired.done:
        raise CheckError(f"nothing was changed; `--yes` mends these {len(repaired.files)} files")


def _read(screen: Screen, checked: CheckedSite) -> None:
    screen.fact("files", checked.files, "읽은 파일")
    screen.fact("bytes", checked.size, "읽은 바이트")
    size = sum(stored.size for stored in checked.unnamed)
    screen.fact(
        "unnamed", len(checked.unnamed), "아무것도 가리키지 않는 파일 (표의 것은 한 주 뒤 지움)"
    )
    screen.fact("unnamed_bytes", size, "그 바이트")
    if not checked.broken:
        screen.say("모든 파일이 지문과 같습니다")


def _gone_months(screen: Screen, repaired: RepairedSite) -> None:
    """The issued months of which some evidence is gone; nothing is put in its place."""
    gone = sorted(
        {month for file in repaired.files if file.outcome == "gone" for month in file.months}
    )
    if gone:
        screen.fact("evidence_gone", gone, "근거를 잃은 발행된 달 (아무것도 덮어쓰지 않음)")


def _table(
    screen: Screen, title: str, columns: tuple[tuple[str, str], ...], rows: Sequence[Sequence[Cell]]
) -> None:
    shown = rows if screen.as_json else rows[:SHOWN]
    note = f"{len(rows) - len(shown):,}개가 더 있습니다. 모두 보려면 --json" if rows[SHOWN:] else ""
    screen.table("broken", title, columns, shown, spare=["months", "path"], note=note)


def _row(screen: Screen, file: RepairedFile) -> tuple[Cell, ...]:
    held = None if file.device_us is None else Fraction(file.device_us, DEVICE_US_OF_HOUR)
    hours = None if held is None else number(held, 2)
    outcome = file.outcome if screen.as_json else OUTCOMES[file.outcome]
    return (
        *_place(screen, file.broken), outcome, file.rows, file.rows_now, hours,
        file.worth_krw, " ".join(file.months), file.broken.path,
    )  # fmt: skip


def _place(screen: Screen, broken: BrokenFile) -> tuple[str, str, str]:
    """The table and the partition that cannot be read without a file, and what is wrong with it:
    in a word, or what the disk said."""
    what = broken.what if screen.as_json else WORDS.get(broken.what, broken.what)
    if not broken.partitions:
        return "bundles", "", what
    return broken.partitions[0].table, broken.partitions[0].path, what
