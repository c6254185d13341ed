"""The loop that puts exact numbers of series into their fields' units, within their ranges."""

# mypy: disallow-untyped-decorators=False

import numba as nb
import numpy as np
import numpy.typing as npt

from metering.sources.reading.number_kernel import NOT_A_NUMBER, ODD, Int8s, Int64s

TAKEN, BLANK, OUTSIDE, NAN, BY_HAND, LEFT_OUT = range(6)  # what becomes of a value
LOW, HIGH, BLANK_FROM, MOST, TIMES, PARTS, GOOD = range(7)  # columns of a rule, one row a scale
HEALTH, ZERO_TAKEN = 1, 2  # flags of a rule: good or not; 0 is taken though it is below LOW
NO_MANTISSA = -(2**63)  # of a good value that no number of that scale is
Rules = npt.NDArray[np.int64]  # rule, scale, column


@nb.njit(nogil=True, cache=True)
def measure(
    bounds: Int64s, mantissa: Int64s, scale: Int8s, which: Int64s, rules: Rules, flags: Int8s
) -> tuple[Int64s, Int8s]:
    """The values in their fields' units, rounded down, and what becomes of each.

    `which` is each series' rule, below zero for one that is left out. BY_HAND is what 64 bits or
    this loop cannot say.
    """
    value = np.zeros(mantissa.size, np.int64)
    fate = np.full(mantissa.size, LEFT_OUT, np.int8)
    for series in range(which.size):
        rule = which[series]
        if rule < 0:
            continue
        for i in range(bounds[series], bounds[series + 1]):
            if scale[i] == NOT_A_NUMBER:
                fate[i] = NAN
                continue
            if scale[i] == ODD:
                fate[i] = BY_HAND
                continue
            own = rules[rule, scale[i]]
            number = mantissa[i]
            if number >= own[BLANK_FROM]:
                fate[i] = BLANK
            elif (number < own[LOW] or number > own[HIGH]) and not (
                flags[rule] & ZERO_TAKEN and number == 0
            ):
                fate[i] = OUTSIDE
            elif flags[rule] & HEALTH:
                value[i] = number == own[GOOD]
                fate[i] = TAKEN
            elif own[PARTS] == 0 or number > own[MOST] or number < -own[MOST]:
                fate[i] = BY_HAND
            else:
                value[i] = number * own[TIMES] // own[PARTS]
                fate[i] = TAKEN
    return value, fate
