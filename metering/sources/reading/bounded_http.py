"""HTTP within bounds: all of it within a time, each answer within a size, as sent and unpacked."""

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import httpcore
import httpx

from metering.errors import SourceError

NS_IN_MS, NS_IN_S, S_IN_MS = 1_000_000, 1_000_000_000, 1000
MIB = 1024**2
PACKED = frozenset({"gzip", "x-gzip", "deflate"})
# `snappy` is how remote read packs its own body, whatever it calls it: its reader unpacks that
AS_SENT = frozenset({"", "identity", "snappy"})
EITHER_HEADER = 32 + zlib.MAX_WBITS  # gzip's, or zlib's of `deflate`
Clock = Callable[[], int]


class Deadline:
    """When all has to be done. `clock_ns` counts nanoseconds from any beginning."""

    def __init__(self, time_ms: int, clock_ns: Clock = time.monotonic_ns) -> None:
        self._time_ms, self._clock_ns = time_ms, clock_ns
        self._end_ns = clock_ns() + time_ms * NS_IN_MS

    def within(self, seconds: float | None) -> float:
        """So many seconds to wait, or fewer where less is left; SourceError where nothing is."""
        left_s = -(-(self._end_ns - self._clock_ns()) // NS_IN_S)
        if left_s <= 0:
            raise SourceError(
                f"took more than {-(-self._time_ms // S_IN_MS)} s in all; see why it is so slow, or"
                " raise `time` of its `limits` in site.toml"
            )
        return left_s if seconds is None else min(seconds, left_s)


class BoundedTransport(httpx.HTTPTransport):
    """A transport that waits for no byte longer than until a deadline, whoever drips them."""

    def __init__(self, verify: ssl.SSLContext | bool, deadline: Deadline) -> None:
        super().__init__(verify=verify, trust_env=False)
        # httpx lets nobody choose what httpcore opens sockets with
        self._pool._network_backend = _Network(deadline)


class _Network(httpcore.NetworkBackend):
    """Opens streams that know the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._sockets = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to a host."""
        stream = self._sockets.connect_tcp(
            host, port, self._deadline.within(timeout), local_address, socket_options
        )
        return _Stream(stream, self._deadline)


@dataclass(frozen=True, slots=True)
class _Stream(httpcore.NetworkStream):
    """Reads and writes while there is time."""

    stream: httpcore.NetworkStream
    deadline: Deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end."""
        return self.stream.read(max_bytes, self.deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        self.stream.write(buffer, self.deadline.within(timeout))

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same stream, encrypted."""
        seconds = self.deadline.within(timeout)
        return _Stream(self.stream.start_tls(ssl_context, server_hostname, seconds), self.deadline)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks of a socket."""
        return self.stream.get_extra_info(info)


@dataclass(slots=True)
class _Room:
    """How many bytes of one answer may come, and how many came."""

    size_bytes: int
    came: int = 0
    parts: list[bytes] = field(default_factory=list)

    @property
    def left(self) -> int:
        """One byte more than may come, so that one too many is seen."""
        return self.size_bytes - self.came + 1

    def take(self, part: bytes) -> None:
        """Keep a part; SourceError where it is too much."""
        self.came += len(part)
        if self.came > self.size_bytes:
            raise too_large(self.size_bytes)
        self.parts.append(part)


def content_of(response: httpx.Response, size_bytes: int) -> bytes:
    """The whole content of an answer, unpacked (but for `snappy`, a body of remote read).

    SourceError where it is more than may come, is cut short or is packed in a way that nobody asked
    for."""
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > size_bytes:
        raise too_large(size_bytes)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    sent, room = _Room(size_bytes), _Room(size_bytes)
    if encoding in AS_SENT:
        for chunk in response.iter_raw():
            room.take(chunk)
    elif encoding in PACKED:
        for part in _unpacked(response.iter_raw(), sent, room):
            room.take(part)
    else:
        raise SourceError(f"answers in the encoding {encoding[:40]!r}, which is not read")
    return b"".join(room.parts)


def _unpacked(chunks: Iterable[bytes], sent: _Room, room: _Room) -> Iterator[bytes]:
    """What is packed in some chunks, in parts no longer than there is room for."""
    unpacker = zlib.decompressobj(EITHER_HEADER)
    try:
        for chunk in chunks:
            sent.came += len(chunk)
            if sent.came > sent.size_bytes:
                raise too_large(sent.size_bytes)
            rest = chunk
            while rest:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(EITHER_HEADER)
                yield unpacker.decompress(rest, room.left)
                rest = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise SourceError(f"answers in an encoding that cannot be unpacked: {error}") from error
    if sent.came and not unpacker.eof:
        raise SourceError("answers with what was cut short: its packed end is missing")


def beginning_of(response: httpx.Response, size_bytes: int) -> bytes:
    """The first bytes of an answer, unpacked, no more than so many; what cannot be unpacked ends
    it."""
    came = b""
    parts = response.iter_raw()
    if response.headers.get("Content-Encoding", "").strip().lower() in PACKED:
        parts = _unpacked(parts, _Room(MIB), _Room(size_bytes))
    try:
        for part in parts:
            came += part
            if len(came) >= size_bytes:
                break
    except SourceError:
        return came[:size_bytes]  # the status says what matters
    return came[:size_bytes]


def too_large(size_bytes: int) -> SourceError:
    """That an answer, as sent or unpacked, has more bytes than it may."""
    return SourceError(
        f"answers with more than {size_bytes // MIB or 1:,} MiB; ask it for less at once, or raise"
        " `size_mib` of its `limits` in site.toml"
    )
