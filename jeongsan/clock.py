"""The clock: the one module of the command line and the DAGs that asks what time it is."""

import time
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metering.calendar import Period
    from metering.settings.site_toml import Site


def now_ms() -> int:
    """This instant in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def today(site: "Site") -> date:
    """Today at the site."""
    return site.calendar.day_of(now_ms())


def scraped_window() -> "Period":
    """This instant, of which alone an exporter knows, as a period of one millisecond."""
    from metering.calendar import Period

    now = now_ms()
    return Period(now - 1, now)
