"""An S3 server on the loopback: what PyArrow asks of a bucket, over HTTP, its objects in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from tests.builders.servers.patient_server import PatientServer

WHEN = "2025-10-01T00:00:00.000Z"
HTTP_WHEN = "Wed, 01 Oct 2025 00:00:00 GMT"


class S3Bucket:
    """The objects of a running server, by key; a test may change them behind the program's back."""

    def __init__(self, port: int) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.uploads = count()  # their ids: no two have one, whichever of them end
        self.gets: list[str] = []  # keys, as they were asked for
        self.port = port

    def lake(self, prefix: str = "lake") -> str:
        """A site's `lake` in the bucket."""
        options = f"endpoint_override=127.0.0.1:{self.port}&scheme=http&region=x"
        return f"s3://bucket/{prefix}?{options}"


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: S3Bucket

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def _key(self) -> tuple[str, dict[str, list[str]]]:
        url = urlsplit(self.path)
        key = unquote(url.path).removeprefix("/bucket").lstrip("/")
        return key, parse_qs(url.query, keep_blank_values=True)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Last-Modified", HTTP_WHEN)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        key, _ = self._key()
        if not key:
            self._answer(200)
        elif key in self.bucket.objects:
            size = len(self.bucket.objects[key])
            self._answer(200, Content_Length=str(size), ETag='"x"')
        else:
            self._answer(404, Content_Length="0")

    def do_GET(self) -> None:
        key, query = self._key()
        if not key:
            self._answer(200, self._listing(query), Content_Type="application/xml")
            return
        content = self.bucket.objects.get(key)
        self.bucket.gets.append(key)
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        wanted = self.headers.get("Range")
        if wanted is None:
            self._answer(200, content, ETag='"x"')
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        end = min(int(last), len(content) - 1) if last else len(content) - 1
        span = f"bytes {first}-{end}/{len(content)}"
        self._answer(206, content[int(first) : end + 1], ETag='"x"', Content_Range=span)

    def do_PUT(self) -> None:
        key, query = self._key()
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:  # who sent it is gone: a part of an object is kept by nobody
            self.close_connection = True
            return
        if "uploadId" in query:
            self.bucket.parts[query["uploadId"][0]][int(query["partNumber"][0])] = body
        elif key:
            self.bucket.objects[key] = body
        self._answer(200, ETag='"x"')

    def do_POST(self) -> None:
        key, query = self._key()
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if "uploads" in query:
            upload = str(next(self.bucket.uploads))
            self.bucket.parts[upload] = {}
            inner = f"<Bucket>bucket</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
            body = f"<InitiateMultipartUploadResult>{inner}</InitiateMultipartUploadResult>"
        else:
            parts = self.bucket.parts.pop(query["uploadId"][0])
            self.bucket.objects[key] = b"".join(parts[number] for number in sorted(parts))
            body = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"
        self._answer(200, body.encode(), Content_Type="application/xml")

    def do_DELETE(self) -> None:
        key, _ = self._key()
        self.bucket.objects.pop(key, None)
        self._answer(204)

    def _listing(self, query: dict[str, list[str]]) -> bytes:
        prefix = query.get("prefix", [""])[0]
        delimiter = query.get("delimiter", [""])[0]
        keys, folders = [], set()
        for key in sorted(self.bucket.objects):
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            else:
                keys.append(key)
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{WHEN}</LastModified>"
            f"<Size>{len(self.bucket.objects[key])}</Size></Contents>"
            for key in keys
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"
            for folder in sorted(folders)
        )
        count = f"<KeyCount>{len(keys) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>"
        inner = f"<Name>bucket</Name>{count}{listed}{common}"
        return f"<ListBucketResult>{inner}</ListBucketResult>".encode()


@contextmanager
def s3_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Bucket]:
    """A bucket that is served until the end."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    server = PatientServer(("127.0.0.1", 0), _Asked)
    bucket = S3Bucket(server.server_address[1])
    server.RequestHandlerClass = type("_AskedOf", (_Asked,), {"bucket": bucket})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
