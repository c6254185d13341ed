"""Files that are written whole or not at all."""

import os
import uuid
from pathlib import Path


def write_file(path: Path, content: bytes) -> Path:
    """The file is the old one or the new one; the same bytes are not written again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == content:
        return path
    new = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with new.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return path
