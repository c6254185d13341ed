"""What backup and restore show: what was copied, what months a backup holds, what is not whole."""

from pathlib import Path

from billing.backup.backup_record import BackupRecord, Backups
from billing.backup.backup_site import SavedSite
from billing.backup.restore_site import RestoredSite
from metering.errors import CheckError
from reports.terminal.screen import Screen
from reports.wording.labels import MONTH_STATES

BACKUPS = (
    ("name", "사본"), ("site", "사이트"), ("months", "달"), ("last_issued", "발행된 마지막 달"),
    ("files", "파일"), ("bytes", "바이트"), ("broken", "깨진 파일"),
)  # fmt: skip
MONTHS = (("month", "월"), ("state", "상태"), ("numbers", "번호 받은 문서"))


def show_backup(screen: Screen, place: Path, saved: SavedSite) -> None:
    """What a backup holds; CheckError where files of the lake were not whole."""
    record = saved.record
    screen.fact("backup", record.name.partition(".")[0], "사본")
    screen.fact("place", str(place), "둔 곳")
    screen.fact("sha256", record.digest, "sha256")
    screen.fact("copied", saved.copied, "복사한 파일")
    screen.fact("kept", saved.kept, "이미 있던 파일")
    screen.fact("bytes", record.size, "모두 (바이트)")
    if not record.kept_lake:
        screen.fact("lake", record.lake_root, "복사하지 않은 레이크 (이름만)")
    _months(screen, record)
    if record.broken:
        screen.fact("broken", list(record.broken), "지문과 다른 레이크 파일")
        raise CheckError(
            f"{len(record.broken)} files of the lake are not in the backup, as they are not what "
            "their digests say: `jeongsan repair` says what can be made anew; then back up again"
        )


def show_backups(screen: Screen, backups: Backups) -> None:
    """The backups of a place, oldest first, and those that never ended."""
    rows = [
        (
            name.partition(".")[0] if screen.as_json else name[:30],
            record.site,
            len(record.months),
            max((m.month for m in record.months if m.state == "issued"), default=None),
            len(record.files) + len(record.lake) + 1,
            record.size,
            len(record.broken),
        )
        for name, record in backups.whole.items()
    ]
    screen.table("backups", "사본", BACKUPS, rows)
    screen.fact("unended", list(backups.unended), "시작하고 끝나지 않은 사본 (쓸 수 없음)")


def show_restored(screen: Screen, directory: Path, restored: RestoredSite) -> None:
    """What was made again and read; CheckError where anything of it is not whole."""
    record, checked = restored.record, restored.checked
    screen.fact("site", str(directory), "되살린 사이트")
    screen.fact("backup", record.name.partition(".")[0], "사본")
    screen.fact("at", record.at, "이때의 상태")
    screen.fact("copied", restored.copied, "복사한 파일")
    screen.fact("files", checked.files, "다시 읽어 견준 파일")
    _months(screen, record)
    screen.fact("last_numbers", list(record.last_numbers), "마지막 번호")
    if restored.whole:
        screen.say("모든 파일이 지문과 같습니다")
        return
    broken = [file.path for file in checked.broken]
    screen.fact("broken", broken, "지문과 다른 레이크 파일")
    different = [f"{d.place}: {d.expected} != {d.found}" for d in restored.differences]
    screen.fact("differences", different, "다른 것")
    raise CheckError(
        f"the site was restored, but {len(broken)} files and {len(different)} records of it are "
        "not whole: `jeongsan repair` says what can be made anew"
    )


def _months(screen: Screen, record: BackupRecord) -> None:
    rows = [
        (month.month, month.state if screen.as_json else MONTH_STATES[month.state], month.numbers)
        for month in record.months
    ]
    screen.table("months", "담긴 달", MONTHS, rows)
