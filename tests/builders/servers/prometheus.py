"""A real Prometheus server on the loopback, filled with samples that a test makes."""

import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from metering.settings.source_options.location import Endpoint
from metering.sources.reading.batch import Batch

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
    """Add blocks of the series, which come metric by metric, to folder/store."""
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
        self._running: subprocess.Popen[bytes] | None = None
        (folder / "prometheus.yml").write_text("{}\n", encoding="utf-8")

    def start(self) -> None:
        """Begin, and wait for the line that says so."""
        self.stop()
        command = [
            str(PROMETHEUS), f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'store'}", "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]  # fmt: skip
        self._running = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert self._running.stderr is not None
        said = []
        for line in self._running.stderr:
            said.append(line)
            if b"Server is ready" in line:
                return
        raise AssertionError(b"".join(said).decode())

    def stop(self) -> None:
        """End the server if it runs."""
        if self._running is None:
            return
        self._running.terminate()
        self._running.communicate()
        self._running = None


@contextmanager
def serving(folder: Path, pieces: Iterable[Iterable[Written]]) -> Iterator[Server]:
    """A server of series, ended with the test. Pieces are of hours of their own, two and two from
    midnight UTC on, as its blocks are."""
    folder.mkdir(parents=True, exist_ok=True)
    for series in pieces:
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
