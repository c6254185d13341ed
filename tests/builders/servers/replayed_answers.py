"""A small server on the loopback that gives the answers a test wrote, over http or https."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Thread
from urllib.parse import parse_qs

from tests.builders.servers.patient_server import PatientServer


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    content: bytes = b""


@dataclass
class Replay:
    """Answers to requests; `busy` are the statuses that it answers with first."""

    answer: Callable[[Asked], tuple[int, bytes]]
    busy: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


def taken(handler: BaseHTTPRequestHandler) -> Asked:
    content = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    plain = handler.headers.get("Content-Type", "").startswith("application/x-www-form")
    form = parse_qs(content.decode()) if plain else {}
    return Asked(
        handler.path,
        {name: values[0] for name, values in form.items()},
        {name.lower(): value for name, value in handler.headers.items()},
        content,
    )


@contextmanager
def replaying(
    answer: Callable[[Asked], tuple[int, bytes]], tls: ssl.SSLContext | None = None
) -> Iterator[Replay]:
    """A server that lives as long as the test."""
    replay = Replay(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # one packet an answer: two would wait for each other

        def do_POST(self) -> None:
            asked = taken(self)
            replay.asked.append(asked)
            status, body = (replay.busy.pop(0), b"busy") if replay.busy else replay.answer(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    server = PatientServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    replay.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
