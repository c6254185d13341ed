"""`mmrepquota -Y` of GPFS (Storage Scale): colon text whose HEADER lines name the columns, KiB."""

import re
from urllib.parse import unquote

from metering.settings.source_options.storage import StorageOptions
from metering.sources.reading import files
from metering.sources.storage.snapshot import KIB, Level, RefusedLevelError, StoreReport, checked

NEEDED = ("filesystemName", "quotaType", "name", "blockUsage")
BEGINNING = "mmrepquota"
# IBM, "Checking quotas": what it says beside its rows when its accounting cannot be relied on.
DOUBT = re.compile(r"inaccurate|quotacheck must be run|incomplete", re.IGNORECASE)
HEADER_AT = 2  # mmrepquota::HEADER:version:...


def report(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of the one type of quota that is billed, of every file system in the file."""
    report = StoreReport(origin)
    columns: dict[str, int] = {}
    listed: set[str] = set()
    for number, text, line_bytes in files.numbered_lines(raw):
        line = text if text is not None else line_bytes.decode("utf-8", "replace")
        if line.startswith("*** "):
            continue
        cells = line.split(":")
        if cells[0] == BEGINNING and cells[HEADER_AT : HEADER_AT + 1] == ["HEADER"]:
            columns = {name: place for place, name in enumerate(cells)}
            continue
        report.rows_read += 1
        if cells[0] != BEGINNING and DOUBT.search(line):
            report.distrust(line)
        try:
            if text is None:
                raise RefusedLevelError("is no UTF-8")
            level = _level(cells, columns, options, report)
        except RefusedLevelError as reason:
            report.refuse(number, str(reason), line)
            continue
        if level is not None:
            listed.add(level.scope)
            report.levels.append(level)
    if not report.rows_read:
        report.rows_read = 1
        report.refuse(1, "has no row of `mmrepquota -Y`", "")
    report.list_whole(listed if options.whole else ())
    return report


def _level(
    cells: list[str], columns: dict[str, int], options: StorageOptions, report: StoreReport
) -> Level | None:
    """A row's level; None where the row is not billed."""
    if cells[0] != BEGINNING:
        raise RefusedLevelError("is no line of `mmrepquota -Y`")
    if missing := [name for name in NEEDED if name not in columns]:
        raise RefusedLevelError(f"stands under no header that names {', '.join(missing)}")
    if len(cells) <= max(columns[name] for name in NEEDED):
        raise RefusedLevelError(f"has {len(cells)} fields, fewer than its header")
    # -Y writes colons and other odd characters of names as %3A.
    system, kind, name, used = (unquote(cells[columns[heading]]) for heading in NEEDED)
    if kind != options.quota:
        report.skipped["other_quota"] += 1
        return None
    if options.only and system not in options.only:
        report.skipped["other_filesystem"] += 1
        return None
    if not used.isdecimal() or not used.isascii():
        raise RefusedLevelError(f"blockUsage {used!r} is no number of KiB")
    own_set = columns.get("filesetname", len(cells))
    fileset = unquote(cells[own_set]) if own_set < len(cells) else ""
    resource_id = "/".join(part for part in (system, fileset, name) if part)
    account = name if options.account == "name" else f"{system}/{name}"
    return checked(Level(resource_id, account, system, int(used) * KIB), options)
