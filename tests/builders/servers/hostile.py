"""Servers on the loopback that give bytes of a test's choosing, and never come to an end of it."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

HOST = "127.0.0.1"
Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that talks to each client in a thread of its own; gives its address."""
    with socket.create_server((HOST, 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return  # the test is over
                Thread(target=alone, args=(client,), daemon=True).start()

        def alone(client: socket.socket) -> None:
            with client:
                try:
                    talk(client)
                except OSError:
                    return  # the client had enough

        Thread(target=serve, daemon=True).start()
        yield f"http://{HOST}:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def asked(client: socket.socket) -> bytes:
    """A whole request. What is left unread would cut the answer off when the socket is closed."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += some(client)
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while len(body) < (int(length[1]) if length else 0):
        body += some(client)
    return head


def some(client: socket.socket) -> bytes:
    """What comes next; ConnectionError at the end."""
    part = client.recv(65_536)
    if not part:
        raise ConnectionError
    return part


def answering(head: str, parts: Callable[[], Iterator[bytes]]) -> Talk:
    """Talks HTTP: a status and headers, then parts for as long as they are taken."""

    def talk(client: socket.socket) -> None:
        asked(client)
        client.sendall(f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode())
        for part in parts():
            client.sendall(part)

    return talk


def endless(part: bytes) -> Iterator[bytes]:
    """The same bytes for ever."""
    while True:
        yield part
