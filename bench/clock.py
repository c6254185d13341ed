"""The clock of the benchmarks."""

import time
from collections.abc import Callable


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
