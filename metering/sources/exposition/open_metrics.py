"""OpenMetrics beside the older text: what tells it, whether it is whole, and what only it has."""

import re

END = b"# EOF"
MEDIA_TYPE = "application/openmetrics-text"
# What only OpenMetrics writes: units, types that the older text lacks, exemplars, start stamps.
COMMENT = re.compile(
    rb"# (?:UNIT \S.*|TYPE .*\s(?:info|stateset|gaugehistogram|unknown)|EOF)\r?", re.DOTALL
)
EXEMPLAR = re.compile(
    rb'[^#].* # \{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\} \S+(?: \S+)?\r?', re.DOTALL
)
STAMPED = re.compile(rb"[\d}] st@\d")
START = re.compile(r"st@[0-9.eE+-]+", re.ASCII)


def is_whole(raw: bytes) -> bool:
    """Whether a text ends with the line that ends OpenMetrics; its timestamps are seconds then."""
    last = raw[-64:].rstrip()
    return last.endswith(END) and (len(last) == len(END) or last[-len(END) - 1] in b"\r\n")


def says_open_metrics(media_type: str) -> bool:
    """Whether what was said of a text is that it is OpenMetrics."""
    return media_type.partition(";")[0].strip().lower() == MEDIA_TYPE


def is_sign(line: bytes) -> bool:
    """Whether only OpenMetrics writes such a line."""
    if line.startswith(b"#"):
        return COMMENT.fullmatch(line) is not None
    if b" # {" in line:
        return EXEMPLAR.fullmatch(line) is not None
    return b" st@" in line and STAMPED.search(line) is not None


def cut_short(raw: bytes) -> bool:
    """Whether a text is OpenMetrics, by what it has in it, and lacks its end: its last number may
    be the beginning of another."""
    return not is_whole(raw) and any(map(is_sign, raw.split(b"\n")))


def without_start(parts: list[str]) -> list[str]:
    """Value and timestamp of a line without the stamp of when its counter began."""
    return parts[:-1] if len(parts) > 1 and START.fullmatch(parts[-1]) else parts
