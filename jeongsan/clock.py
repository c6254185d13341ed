"""The clock and the login: the one module of the command line and the DAGs that asks the machine
what time it is, and under which login it runs."""

import os
import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metering.calendar import Period
    from metering.settings.site_toml import Site


MIB_A_SECOND = 100  # assumed: what a disk has to spare beside its work


def now_ms() -> int:
    """This instant in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def paced(mib_a_second: int) -> Callable[[int], None]:
    """What waits, told of each piece of bytes read, so that no more is read a second; 0: never."""
    began, read = time.monotonic(), 0

    def wait(size: int) -> None:
        nonlocal read
        read += size
        ahead_s = read / (mib_a_second << 20) - (time.monotonic() - began) if mib_a_second else 0
        if ahead_s > 0:
            time.sleep(ahead_s)

    return wait


def login() -> str:
    """The login of who runs this, as the operating system knows it (no variable can say another);
    its number where it has no name."""
    number = os.getuid()
    try:
        import pwd

        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def today(site: "Site") -> date:
    """Today at the site."""
    return site.calendar.day_of(now_ms())


def scraped_window() -> "Period":
    """This instant, of which alone an exporter knows, as a period of one millisecond."""
    from metering.calendar import Period

    now = now_ms()
    return Period(now - 1, now)
