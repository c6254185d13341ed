"""Every benchmark, each in a process of its own so that memory is counted apart (`make bench`)."""

import subprocess
import sys

BENCHMARKS = (
    "bench.landing", "bench.reading", "bench.decode", "bench.month", "bench.documents",
    "bench.simulate", "bench.digests", "bench.status",
)  # fmt: skip


def main() -> None:
    """Run them one after another; the first that fails ends it."""
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", name], check=True)


if __name__ == "__main__":
    main()
