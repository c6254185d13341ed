"""Code run in a process of its own that may take only so much memory beside what it imports."""

import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

MEMORY_MIB = 300
HUNG_S = 120  # what is refused at once takes a second; a machine under load gets more
LIMITED = """
import resource, re, sys, time
{imports}
with open("/proc/self/status") as file:
    taken_kib = int(re.search(r"VmSize:\\s+(\\d+)", file.read())[1])
resource.setrlimit(resource.RLIMIT_AS, ((taken_kib << 10) + ({mib} << 20),) * 2)
began_ns = time.monotonic_ns()
try:
    {act}
except {errors} as error:
    print(type(error).__name__, error)
else:
    print("taken")
print(f"{{(time.monotonic_ns() - began_ns) // 1_000_000}} ms", file=sys.stderr)
"""


def refused(imports: str, act: str, errors: str, folder: Path) -> str:
    """What code says of what it refuses, by one of its errors; the test fails where it takes it,
    raises another, is killed or takes more memory. The time is printed, for who looks."""
    code = LIMITED.format(imports=imports, act=act, errors=errors, mib=MEMORY_MIB)
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=HUNG_S,
        env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.strip() != "taken"
    print(ended.stderr.strip())
    return ended.stdout
