"""Files that are written whole or not at all."""

import fcntl
import os
import uuid
from pathlib import Path

ENDING = ".tmp"


def write_file(path: Path, content: bytes) -> Path:
    """The file is the old one or the new one; the same bytes are not written again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == content:
        return path
    new = path.with_name(f".{uuid.uuid4().hex}{ENDING}")
    try:
        with new.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # held while we live, so that nobody takes it for left
            if os.fstat(file.fileno()).st_nlink == 0:  # somebody did, before we held it
                return write_file(path, content)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return path


def remove_left(folder: Path) -> list[Path]:
    """Removes what runs that were killed have left half-written below a folder; what another run
    writes at the moment is locked by it and stays."""
    gone = []
    for path in sorted(folder.rglob(f".*{ENDING}")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
        except (BlockingIOError, FileNotFoundError):
            continue
        gone.append(path)
    return gone
