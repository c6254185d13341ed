"""Lives one seed, or several, and prints the plan and what the judge has against it."""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """python -m tests.simulator SEED [COUNT] [--months N] [--keep DIRECTORY]"""
    from tests.simulator.story import live, report

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int, nargs="?", default=1)
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    failed = 0
    for seed in range(options.seed, options.seed + options.count):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            life = live(seed, options.keep or Path(folder) / "centre", options.months,
                        options.small)  # fmt: skip
        usage = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu = sum(each.ru_utime + each.ru_stime for each in usage)
        failed += bool(life.complaints)
        verdict = "FAILED" if life.complaints else "well"
        print(f"seed {seed}: {verdict}, {life.step} steps, {time.monotonic() - begun:.1f} s,"
              f" {cpu:.1f} s of CPU so far", flush=True)  # fmt: skip
        if life.complaints or options.count == 1:
            print("\n".join(report(life)), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
