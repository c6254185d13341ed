"""The day on which something will be used up: an estimate, which no amount ever follows from.

The only module that knows floats for use; they stay in it. An autoregression of daily use, fitted
by statsmodels, draws ways in which use may go on; the days on which they reach what is left are the
range. DECISIONS says how it fared on a real trace.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from metering.errors import JeongsanError

LEAST_DAYS = 28  # with fewer the range rarely held the true day (DECISIONS)
MOST_DAYS = 366  # further ahead nothing is said; assumed
PATHS = 500  # with 200 the likely day moved by the seed, on average half a day
INSIDE_PERCENT = 80  # of the paths end between the early and the late day
SEED = 20260727  # any one, so that the same use gives the same answer

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class EndDays:
    """In how many days something is used up: 1 is tomorrow, None later than was asked for."""

    early: int | None
    likely: int | None
    late: int | None


def end_days(daily: Sequence[int | None], left: int, within: int) -> EndDays:
    """When use that goes on like this will have used up what is left. `daily` are amounts, None
    where unknown; fewer than LEAST_DAYS known ones are too few to ask. `within`: so many days are
    looked ahead."""
    known = [amount for amount in daily if amount is not None]
    ahead = min(within, MOST_DAYS)
    most = max(known, default=0)
    if ahead < 1 or not most:
        return EndDays(None, None, None)
    if min(known) == most:  # the same every day: nothing to estimate
        days = -(-left // most)
        return EndDays(*([days if days <= ahead else None] * 3))
    shares = np.array([np.nan if amount is None else amount / most for amount in daily])
    lasting = np.cumsum(_paths(shares, ahead), axis=0) < left / most
    ends = sorted(int(days) + 1 for days in lasting.sum(axis=0))  # ahead + 1 stands for later
    tail = len(ends) * (100 - INSIDE_PERCENT) // 200
    picked = (ends[tail], ends[len(ends) // 2], ends[-1 - tail])
    return EndDays(*(day if day <= ahead else None for day in picked))


def _paths(used: Floats, ahead: int) -> Floats:
    """Ways in which use may go on, one a column; use is never negative."""
    try:
        from statsmodels.tsa.arima.model import ARIMA
    except ModuleNotFoundError as error:
        raise JeongsanError(
            "the forecast needs statsmodels: pip install 'jeongsan[forecast]'"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that did not settle: the range is wide then
        fitted = ARIMA(used, order=(1, 0, 0), trend="c").fit()
        drawn = fitted.simulate(
            ahead, anchor="end", repetitions=PATHS, rng=np.random.default_rng(SEED)
        )
    walked: Floats = np.asarray(drawn).reshape(ahead, PATHS)
    return np.maximum(walked, 0)
