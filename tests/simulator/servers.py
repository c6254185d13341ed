"""The servers of a seed in one process of their own: Prometheus, and a bucket that fails."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs

from tests.builders.servers.patient_server import PatientServer
from tests.builders.servers.s3 import S3Bucket, _Asked
from tests.simulator.centre import World
from tests.simulator.plan import Plan
from tests.simulator.telling import scrapes

FAILS = 0.1
METRICS = ("DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_POWER_USAGE")


@dataclass(frozen=True)
class Addresses:
    """Where the servers of a seed are; no bucket where its lake lies on a disk."""

    prometheus: str
    lake: str


class Failing:
    """Draws which request fails: a tenth of them, and never twice in a row the same client's."""

    def __init__(self, seed: str, active: bool) -> None:
        self._random, self._lock, self._active = Random(seed), Lock(), active
        self._last = False

    def drawn(self) -> str:
        """'', or how this request fails."""
        with self._lock:
            if not self._active or self._last or self._random.random() >= FAILS:
                self._last = False
                return ""
            self._last = True
            return self._random.choice(("500", "503", "cut"))


@contextmanager
def serving(folder: Path, world: World, plan: Plan) -> Iterator[Addresses]:
    """The servers of a seed for as long as it is lived."""
    folder.mkdir(parents=True)
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            _serve(writing, world, plan)
        finally:
            os._exit(1)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            ports = json.loads(pipe.readline())
        lake = S3Bucket(ports["s3"]).lake() if plan.s3 else ""
        yield Addresses(f"http://127.0.0.1:{ports['prometheus']}", lake)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(writing: int, world: World, plan: Plan) -> None:
    prometheus = PatientServer(("127.0.0.1", 0), _prometheus(world, plan))
    bucket = S3Bucket(0)
    failing = Failing(f"s3 {plan.seed}", plan.s3)
    handler = type("_FailingBucket", (_FailingAsked,), {"bucket": bucket, "failing": failing})
    s3 = PatientServer(("127.0.0.1", 0), handler)
    for server in (prometheus, s3):
        Thread(target=server.serve_forever, daemon=True).start()
    ports = {"prometheus": prometheus.server_port, "s3": s3.server_port}
    with os.fdopen(writing, "w") as pipe:
        pipe.write(json.dumps(ports) + "\n")
    while True:
        time.sleep(60)


class _FailingAsked(_Asked):
    failing: Failing

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        failure = self.failing.drawn()
        if not failure:
            return True
        if failure == "cut":
            self.close_connection = True
            self.connection.close()
            return False
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(int(failure))
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False


def _prometheus(world: World, plan: Plan) -> type[BaseHTTPRequestHandler]:
    """Answers an instant query of a range with what is stored."""
    seen = {}
    for month in world.months:
        for device, points in scrapes(world, plan, month).items():
            seen.setdefault(device, []).extend(points)
    failing = Failing(f"prometheus {plan.seed}", plan.busy_server)

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            answer = json.dumps(_matrix(seen, form)).encode()
            failure = failing.drawn()
            self.send_response(int(failure) if failure.isdigit() else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if failure == "cut":
                self.close_connection = True
                answer = answer[: len(answer) // 2]
            self.wfile.write(answer)

    return Answer


def _matrix(seen: dict[str, list[tuple[int, str]]], form: dict[str, str]) -> dict[str, Any]:
    selector, _, span = form["query"].rpartition("[")
    to_ms = round(float(form["time"]) * 1000)
    after_ms = to_ms - int(span.removesuffix("ms]"))
    series: dict[tuple[str, str, str], list[list[object]]] = {}
    for device, points in seen.items():
        for at, job in points:
            if after_ms <= at * 1000 <= to_ms:
                for metric in METRICS:
                    if metric in selector:
                        value = _value(metric, at, job)
                        series.setdefault((metric, device, job), []).append([at, value])
    result = [
        {
            "metric": {
                "__name__": metric, "UUID": device, "Hostname": "gpu-n1",
                "modelName": "NVIDIA H100 80GB HBM3", **({"hpc_job": job} if job else {}),
            },
            "values": values,
        }
        for (metric, device, job), values in series.items()
    ]  # fmt: skip
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _value(metric: str, at: int, job: str) -> str:
    if metric == METRICS[0]:
        return "1000"
    if metric == METRICS[1]:
        return "50" if job else "0"
    return "300"
