"""Runs the programs of races and kills as forks of one process that has imported what they need.

A whole Python spends more on its imports than such a program on its work. The server forks only
while it is a single thread and has opened nothing: a program finds itself as a fresh process would,
and what it forks in its turn are processes that end by a real signal.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from atexit import register
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.builders.sites.adjust_site import import_late
from tests.paths import ROOT

# Each of the two starts a thread as it is imported.
ALONE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


def run_forked(module: str, *arguments: object) -> str:
    """What `main(*arguments)` of a module prints, in a process of its own.

    The arguments are given as text. AssertionError with what it printed unless it ends well.
    """
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory(prefix="forked-") as folder:
        printed = Path(folder) / "printed"
        request = [module, [str(argument) for argument in arguments], str(printed)]
        server.stdin.write(f"{json.dumps(request)}\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        text = printed.read_text(encoding="utf-8") if printed.exists() else ""
    assert answer == "0\n", f"{module} ended with {answer.strip()}\n{text}"
    return text


@cache
def _server() -> "subprocess.Popen[str]":
    """The server of this process, started when it is first needed; it ends with its input."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.builders.servers.fork_server"],
        cwd=ROOT,
        env={**os.environ, **ALONE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    register(server.communicate)
    return server


def refuse_threads() -> None:
    """AssertionError where this process has more than its first thread, as a fork would not."""
    tasks = Path("/proc/self/task")  # of Linux; it lists the threads of libraries too
    names = [(task / "comm").read_text().strip() for task in tasks.glob("*")]
    assert len(names) <= 1, f"a fork would lose the threads {names}"


def forked(module: str, arguments: list[str], printed: str) -> int:
    """The exit code of the program, run in a fork; it prints to a file."""
    main = import_module(module).main
    refuse_threads()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        file = os.open(printed, os.O_WRONLY | os.O_CREAT, 0o600)
        for standard in (1, 2):
            os.dup2(file, standard)
        main(*arguments)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what is to run at the end of the server is not the child's


def main() -> None:
    """Answer each line of a request with an exit code, until there are no more."""
    import_late()
    for line in sys.stdin:
        module, arguments, printed = json.loads(line)
        print(forked(module, arguments, printed), flush=True)


if __name__ == "__main__":
    main()
