"""Which of many like cases run every time: the first few; the others with `make breadth`."""

from collections.abc import Iterable
from typing import Any

import pytest


def few(count: int, cases: Iterable[Any]) -> list[Any]:
    """The cases for `parametrize`, of which all but the first `count` are marked `breadth`."""
    listed = list(cases)
    return listed[:count] + [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.breadth)
        for case in listed[count:]
    ]
