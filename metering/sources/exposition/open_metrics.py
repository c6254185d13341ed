"""OpenMetrics beside the older text: what tells it, whether it is whole, and what only it has."""

import re

END = b"# EOF"
MEDIA_TYPE = "application/openmetrics-text"
# What only OpenMetrics writes: units, types that the older text lacks, exemplars, start stamps.
SIGNS = (
    re.compile(rb"^# UNIT \S", re.MULTILINE),
    re.compile(rb"^# TYPE .*\s(?:info|stateset|gaugehistogram|unknown)\r?$", re.MULTILINE),
    re.compile(rb"^# EOF\r?$", re.MULTILINE),
    re.compile(
        rb'^[^#\n].* # \{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\} \S+(?: \S+)?\r?$', re.MULTILINE
    ),
    re.compile(rb"[\d}] st@\d"),
)
KEYS = (b"# UNIT ", b"# TYPE ", END, b" # {", b" st@")  # what each sign has in it, sought quickly
START = re.compile(r"st@[0-9.eE+-]+", re.ASCII)


def is_whole(raw: bytes) -> bool:
    """Whether a text ends with the line that ends OpenMetrics; its timestamps are seconds then."""
    last = raw[-64:].rstrip()
    return last.endswith(END) and (len(last) == len(END) or last[-len(END) - 1] in b"\r\n")


def cut_short(raw: bytes, media_type: str = "") -> bool:
    """Whether a text is OpenMetrics, by what was said of it or by what it has in it, and lacks its
    end: its last number may be the beginning of another."""
    if is_whole(raw):
        return False
    if media_type.partition(";")[0].strip().lower() == MEDIA_TYPE:
        return True
    return any(key in raw and sign.search(raw) for key, sign in zip(KEYS, SIGNS, strict=True))


def without_start(parts: list[str]) -> list[str]:
    """Value and timestamp of a line without the stamp of when its counter began."""
    return parts[:-1] if len(parts) > 1 and START.fullmatch(parts[-1]) else parts
