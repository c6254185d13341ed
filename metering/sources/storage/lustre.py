"""`lfs quota` of Lustre: a report a project, user or group, or all of them in one table, in KiB."""

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
COLUMN = "quota_id"  # of the table that `lfs quota -a` prints, from Lustre 2.16 on
# Figures in brackets, and the words below them: not every server of the file system answered.
DOUBT = re.compile(r"is inaccurate|some errors happened when getting quota", re.IGNORECASE)


@dataclass(slots=True)
class _Titled:
    """A report that has begun, or a table of them: then no title names whose the figures are."""

    number: int
    kind: str = ""
    name: str = ""
    id: str = ""
    header: list[str] | None = None
    path: str = ""  # of a path so long that its figures stand on the next line
    table_path: str = ""  # of the file system that the table is of

    @property
    def table(self) -> bool:
        return self.header is not None and self.header[1:2] == [COLUMN]


def report(raw: bytes, origin: str, options: StorageOptions) -> StoreReport:
    """The levels of a file; what stands outside of reports (a prompt, `-v` lines) is skipped."""
    report = StoreReport(origin)
    titled: _Titled | None = None
    tables = 0
    for number, text, line_bytes in files.numbered_lines(raw):
        line = text if text is not None else line_bytes.decode("utf-8", "replace")
        if DOUBT.search(line):
            report.distrust(line)
        if title := TITLE.fullmatch(line):
            _cut_off(report, titled)
            report.rows_read += 1
            titled = _Titled(number, title[1], title[2], title[3])
        elif line.split()[1:2] == [COLUMN]:
            _cut_off(report, titled)
            titled = _Titled(number, header=line.split())
            tables += 1
        elif titled is None:
            report.rows_read += 1
            report.skipped["outside_report"] += 1
        elif titled.header is None:
            titled.header = line.split()
        else:
            report.rows_read += titled.table and not _is_path(line)
            titled = _row(report, titled, (number, line), options)
    _cut_off(report, titled)
    if report.rows_read == report.skipped["outside_report"] and not tables:
        report.rows_read += 1
        report.refuse(1, "has no report of `lfs quota`", "")
    # Each project that is asked for by itself is no list; a table is of all that there are.
    report.list_whole([""] if tables and options.whole else ())
    return report


def _cut_off(report: StoreReport, titled: _Titled | None) -> None:
    if titled is not None and (titled.path or not titled.table):
        report.rows_read += titled.table
        report.refuse(titled.number, "has no line of figures", f"{titled.name} {titled.path}")


def _is_path(line: str) -> bool:
    """Whether a line has a path only, so long that its figures stand on the next line."""
    tokens = line.split()
    return line.lstrip().startswith("/") and not (
        len(tokens) > FIGURES and FIGURE.fullmatch(tokens[-FIGURES])
    )


def _row(
    report: StoreReport, titled: _Titled, place: tuple[int, str], options: StorageOptions
) -> _Titled | None:
    """Takes a report's row; gives the report back while only its path has come, a table always."""
    number, line = place
    tokens = line.split()
    figures = tokens[-FIGURES:]
    after = titled if titled.table else None
    if not titled.path and _is_path(line):
        titled.path = line.strip()
        return titled
    path, titled.path = titled.path, ""
    if len(figures) < FIGURES or not FIGURE.fullmatch(figures[0]):
        report.refuse(number, "is no row of `lfs quota`", line)
        return after
    if not titled.table and KINDS.get(titled.kind) != options.quota:
        report.skipped["other_quota"] += 1
        return None
    if "[" in figures[0]:
        report.distrust(f"{number}: {figures[0]} is inaccurate: not every server answered")
    try:
        _take(report, titled, f"{path} {' '.join(tokens[:-FIGURES])}".split(), figures[0], options)
    except RefusedLevelError as reason:
        report.refuse(number, str(reason), f"{path} {line}".strip())
    return after


def _take(
    report: StoreReport, titled: _Titled, words: list[str], figure: str, options: StorageOptions
) -> None:
    """Takes a row's level; `words` stand before its figures: the path, in a table the id too."""
    names = {"id": titled.id, "name": titled.name, "path": " ".join(words)}
    if titled.table:
        if len(words) < 2:
            raise RefusedLevelError(f"has no path or no {COLUMN}")
        path = " ".join(words[:-1])
        titled.table_path = titled.table_path or path
        if path != titled.table_path:  # two file systems may have one project's id
            raise RefusedLevelError(
                f"is of {path}, and the table of {titled.table_path}: ask for one file system"
            )
        names = {"id": words[-1], "name": words[-1], "path": path}
    held_bytes = _kib(titled, figure) * KIB
    resource_id = f"{options.filesystem}/{names['id']}"
    report.levels.append(
        checked(Level(resource_id, names[options.account], "", held_bytes), options)
    )


def _kib(titled: _Titled, figure: str) -> int:
    """The KiB of a row. The header says `used` instead of `kbytes` where figures are rounded."""
    header = titled.header or []
    columns = [name for name in header if name != COLUMN]
    if len(columns) != FIGURES + 1 or columns[:1] != ["Filesystem"]:
        raise RefusedLevelError(f"stands under the header {' '.join(header)[:80]!r}")
    plain = figure.strip("[]*")  # `*`: over quota
    if columns[1] != "kbytes" or not plain.isdecimal():
        raise RefusedLevelError(f"{figure} is rounded by -h; run `lfs quota` without -h, in KiB")
    return int(plain)
