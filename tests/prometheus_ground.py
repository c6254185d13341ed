"""A real Prometheus server on the loopback, filled with samples that a test makes."""

import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from metering.section import Endpoint
from metering.sources.batch import Batch

PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
NEEDED = "no `prometheus` and `promtool` on this machine (Debian package prometheus)"
Points = Iterable[tuple[int, str]]  # instants in ms and values as written


def needs_prometheus() -> None:
    """Skips a test where there is no server to run."""
    if PROMETHEUS is None or PROMTOOL is None:
        pytest.skip(NEEDED)


@dataclass(frozen=True)
class Written:
    """One series as it stands in a file of samples."""

    metric: str
    labels: str  # between the braces
    points: Points

    def lines(self) -> Iterator[str]:
        head = f"{self.metric}{{{self.labels}}}"
        return (f"{head} {value} {at // 1000}.{at % 1000:03d}\n" for at, value in self.points)


def fill(folder: Path, series: Iterable[Written]) -> None:
    """Write blocks of the series, which come metric by metric, into folder/store."""
    text = folder / "samples.txt"
    known = ""
    with text.open("w", encoding="utf-8") as file:
        for one in series:
            if one.metric != known:
                file.write(f"# TYPE {one.metric} unknown\n")
                known = one.metric
            file.writelines(one.lines())
        file.write("# EOF\n")
    assert PROMTOOL is not None
    made = [PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", text, folder / "store"]
    subprocess.run(made, check=True, capture_output=True)
    text.unlink()


class Server:
    """A running server; `stop` ends it, and `start` begins it again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.endpoint = Endpoint(self.url)
        (folder / "prometheus.yml").write_text("{}\n", encoding="utf-8")

    def start(self) -> None:
        """Begin, and wait for the line that says so."""
        command = [
            str(PROMETHEUS), f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'store'}", "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]  # fmt: skip
        self._log = (self.folder / "log").open("ab")
        self._running = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert self._running.stderr is not None
        for line in self._running.stderr:
            self._log.write(line)
            if b"Server is ready" in line:
                return
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """End the server that runs."""
        self._running.terminate()
        assert self._running.stderr is not None
        self._log.write(self._running.stderr.read())
        self._running.wait()
        self._running.stderr.close()
        self._log.close()


@contextmanager
def serving(folder: Path, series: Iterable[Written]) -> Iterator[Server]:
    """A server of the series, ended with the test."""
    folder.mkdir(parents=True, exist_ok=True)
    fill(folder, series)
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def rows_of(batches: Iterable[Batch]) -> list[dict[str, object]]:
    """The rows of all batches, none of which refused any."""
    listed = list(batches)
    assert [one for batch in listed for one in batch.quarantined] == []
    return [row for batch in listed for row in batch.table.to_pylist()]
