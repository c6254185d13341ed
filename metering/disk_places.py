"""The directories that a site writes to: whether one can be written, how much room it has, and who
else may look at what lies there."""

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

ROOM_WRONG: Final = 1 << 30  # bytes; assumed: a night writes less

FILE_MODE = 0o640
FOLDER_MODE = 0o750


def keep_from_others() -> None:
    """Let whatever this process writes from now on be read by the owner and the group alone (files
    0640, directories 0750), and changed by the owner, whatever the umask was; a tighter one
    stays."""
    before = os.umask(0o077)
    os.umask(before | 0o777 & ~FOLDER_MODE)


def looser_mode(place: Path) -> int | None:
    """The mode of a file or directory that lets others do more than `keep_from_others` does; None
    where it does not, or there is none. In a directory that is closed nobody looks further."""
    try:
        facts = place.stat()
    except OSError:
        return None
    mode = stat.S_IMODE(facts.st_mode)
    return mode if mode & ~(FOLDER_MODE if stat.S_ISDIR(facts.st_mode) else FILE_MODE) else None


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
