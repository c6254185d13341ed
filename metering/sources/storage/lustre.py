"""`lfs quota` of Lustre: one report a project, user or group, in KiB."""

import re
from dataclasses import dataclass

from metering.settings.source_options.storage import StorageOptions
from metering.sources.reading import files
from metering.sources.storage.snapshot import KIB, Level, RefusedLevelError, StoreReport, checked

TITLE = re.compile(r"\s*Disk quotas for (\w+) (\S+) \((?:uid|gid|pid) (\d+)\):\s*", re.ASCII)
KINDS = {
    "prj": "project", "project": "project", "usr": "user", "user": "user",
    "grp": "group", "group": "group",
}  # fmt: skip
FIGURE = re.compile(r"\[?\d+(?:\.\d+)?[kKMGTPE]?\]?\*?", re.ASCII)
FIGURES = 8  # of a row: four of blocks, four of files


@dataclass(slots=True)
class _Titled:
    """A report that has begun."""

    number: int
    kind: str
    name: str
    id: str
    header: list[str] | None = None
    path: str = ""  # of a path so long that its figures stand on the next line


def report(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of a file; what stands outside of reports (a prompt, `-v` lines) is skipped."""
    report = StoreReport(origin)
    titled: _Titled | None = None
    for number, text, line_bytes in files.numbered_lines(raw):
        line = text if text is not None else line_bytes.decode("utf-8", "replace")
        if title := TITLE.fullmatch(line):
            _cut_off(report, titled)
            report.rows_read += 1
            titled = _Titled(number, title[1], title[2], title[3])
        elif titled is None:
            report.skipped["outside_report"] += 1
        elif titled.header is None:
            titled.header = line.split()
        else:
            titled = _row(report, titled, (number, line), options)
    _cut_off(report, titled)
    if not report.rows_read:
        report.rows_read = 1
        report.refuse(1, "has no report of `lfs quota`", "")
    return report


def _cut_off(report: StoreReport, titled: _Titled | None) -> None:
    if titled is not None:
        report.refuse(titled.number, "has no line of figures", f"{titled.name} {titled.path}")


def _row(
    report: StoreReport, titled: _Titled, place: tuple[int, str], options: StorageOptions
) -> _Titled | None:
    """Takes a report's row; gives the report back while only its path has come."""
    number, line = place
    tokens = line.split()
    figures = tokens[-FIGURES:]
    if len(figures) < FIGURES or not FIGURE.fullmatch(figures[0]):
        if not titled.path and line.strip().startswith("/"):
            titled.path = line.strip()
            return titled
        report.refuse(number, "is no row of `lfs quota`", line)
        return None
    if KINDS.get(titled.kind) != options.quota:
        report.skipped["other_quota"] += 1
        return None
    path = titled.path or " ".join(tokens[:-FIGURES])
    try:
        names = {"id": titled.id, "name": titled.name, "path": path}
        held_bytes = _kib(titled.header or [], figures[0]) * KIB
        resource_id = f"{options.filesystem}/{titled.id}"
        # Never a whole list: each project is asked for by itself.
        report.levels.append(checked(Level(resource_id, names[options.account], "", held_bytes)))
    except RefusedLevelError as reason:
        report.refuse(number, str(reason), f"{titled.path} {line}".strip())
    return None


def _kib(header: list[str], figure: str) -> int:
    """The KiB of a row. The header says `used` instead of `kbytes` where figures are rounded."""
    if len(header) != FIGURES + 1 or header[:1] != ["Filesystem"]:
        raise RefusedLevelError(f"stands under the header {' '.join(header)[:80]!r}")
    if "[" in figure:
        raise RefusedLevelError(
            f"{figure} is inaccurate: not every server of the file system answered"
        )
    plain = figure.removesuffix("*")  # over quota
    if header[1] != "kbytes" or not plain.isdecimal():
        raise RefusedLevelError(f"{figure} is rounded by -h; run `lfs quota` without -h, in KiB")
    return int(plain)
