"""The clock and the login: the one module of the command line and the DAGs that asks the machine
what time it is, and under which login it runs."""

import os
import time
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metering.calendar import Period
    from metering.settings.site_toml import Site


def now_ms() -> int:
    """This instant in UTC milliseconds."""
    return time.time_ns() // 1_000_000


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
