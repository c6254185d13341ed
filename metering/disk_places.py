"""The directories that a site writes to: whether one can be written, and how much room it has."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

ROOM_WRONG: Final = 1 << 30  # bytes; assumed: a night writes less


def write_refusal(folder: Path) -> str | None:
    """Why nothing can be written in a directory, None where it can; one that is not there yet is
    asked of the nearest that is. The file that is tried has no name, so nothing of it is seen."""
    place = nearest(folder)
    if not place.is_dir():
        return f"{place} is no directory"
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"\0")
            file.flush()
    except OSError as error:
        return str(error)
    return None


def free_bytes(folder: Path) -> int:
    """How many bytes are free for who runs this, where the directory lies or will lie."""
    return shutil.disk_usage(nearest(folder)).free


def nearest(folder: Path) -> Path:
    """The directory itself, or the nearest above it that is there."""
    place = folder.absolute()
    while not os.path.exists(place) and place != place.parent:  # False where nobody may look
        place = place.parent
    return place
