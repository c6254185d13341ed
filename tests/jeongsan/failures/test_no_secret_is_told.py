"""A site whose every secret is planted, with servers that send back all that they were sent: no
command tells one, and none lies in the database, in the lake or among the documents."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import pytest

from metering.sources.reading import web
from tests.builders.servers.hostile import asked, talking
from tests.builders.sites.command_line import MONTH, collect, meter, run, write_site
from tests.jeongsan.failures.test_json_failures import RIGHT

PLANTED = {
    name: f"pl4nted-{name.lower()}-7fQ/9+x"
    for name in ("BEARER", "PASSWORD", "TOKEN", "ACCESS", "SECRET", "MAIL")
}
HOOK_PATH = "services/pl4nted-hook-7fQ9x"
MARK = "pl4nted"
SOURCES = """
[cluster.echo]
title = "되돌려 보냄"
scrape = "30s"

[[cluster.echo.source]]
name = "refuses"
kind = "exposition"
record = "sample"
family = "dcgm"
url = "{url}/404"
bearer_env = "BEARER"

[[cluster.echo.source]]
name = "redirects"
kind = "prometheus"
record = "sample"
family = "dcgm"
url = "{url}/302"
user = "u"
password_env = "PASSWORD"

[[cluster.echo.source]]
name = "answers"
kind = "exposition"
record = "sample"
family = "dcgm"
url = "{url}/200"
bearer_env = "BEARER"

[[cluster.echo.source]]
name = "no_tls"
kind = "exposition"
record = "sample"
family = "dcgm"
url = "{tls}/x"
bearer_env = "BEARER"

[[cluster.echo.source]]
name = "no_host"
kind = "exposition"
record = "sample"
family = "dcgm"
url = "http://a..b/x"
bearer_env = "BEARER"

[store.nhn]
title = "NHN"

[[store.nhn.source]]
name = "api"
kind = "cloud"
record = "reading"
provider = "nhn"
url = "{url}/403"
partner = "p"
token_env = "TOKEN"

[[store.nhn.source.counter]]
name = "c"
unit = "GB"
type = "DELTA"
product = "p"
sku = "storage"
measure = "gb_hour"

[store.naver]
title = "Naver"

[[store.naver.source]]
name = "api"
kind = "cloud"
record = "reading"
provider = "naver"
url = "{url}/403"
access_key_env = "ACCESS"
secret_key_env = "SECRET"

[[store.naver.source.counter]]
name = "c"
unit = "GB"
sku = "storage"
measure = "gb_hour"

[notices.mail]
host = "127.0.0.1"
port = 9
from = "a@example.invalid"
to = ["b@example.invalid"]
user = "a"
password_env = "MAIL"

[notices.webhook]
url_env = "HOOK"
"""


def echo(client: socket) -> None:
    """Answers with the status that the path names, and sends back the whole of the request, as text
    of the answer and in the address of a redirect."""
    head = asked(client).decode("latin-1")
    path = head.split(" ", 2)[1]
    status = next((part for part in ("302", "403", "404") if part in path), "200")
    signed = " ".join(line for line in head.split("\r\n") if told(line))
    cut = "x" * 270 if status == "404" else ""  # what is shown of a refusal ends within a secret
    body = f"{cut} {signed}\n{head}".encode()
    lines = [f"HTTP/1.1 {status} no", f"Location: http://x/?token={signed}", "Connection: close"]
    lines += [f"Content-Length: {len(body)}", "", ""]
    client.sendall("\r\n".join(lines).encode() + body)


def hang_up(client: socket) -> None:
    """Ends a handshake before it begins."""
    client.recv(1)


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(web, "PAUSES_S", (0, 0))
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    site = write_site(tmp_path / "site")
    with talking(echo) as url, talking(hang_up) as tls:
        monkeypatch.setenv("HOOK", f"{url}/404/{HOOK_PATH}")
        toml = (site / "site.toml").read_text(encoding="utf-8")
        sources = SOURCES.format(url=url, tls=tls.replace("http:", "https:"))
        (site / "site.toml").write_text(toml + sources, encoding="utf-8")
        yield site


def told(text: str) -> list[str]:
    """The lines in which a secret stands, also as the header of a password has it."""
    return [line for line in text.splitlines() if MARK in line or "dTpwbDRudGVk" in line]


@pytest.mark.breadth
def test_no_command_tells_a_secret_or_keeps_one(
    planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    said = [run(planted, "load"), collect(planted), meter(planted), run(planted, "draft", MONTH)]
    assert [one.code for one in said[:2]] == [0, 1]
    for command, arguments in sorted(RIGHT.items()):
        said.append(run(planted, command, *arguments, "--json"))
    said += [run(planted, "doctor"), run(planted, "status", "--findings")]
    for one in said:
        assert told(one.out) == told(one.err) == []
    assert told(caplog.text) == []
    with sqlite3.connect(planted / "jeongsan.db") as database:
        rows = "\n".join(database.iterdump())
        findings = database.execute("SELECT detail FROM finding WHERE detail LIKE '%***%'")
        assert len(findings.fetchall()) >= 3  # servers did send secrets back
    assert told(rows) == []
    assert "xxxx Authorization: Bearer" in rows
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in kept if MARK.encode() in path.read_bytes()] == []


def test_no_command_tells_the_password_of_a_database_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_site(tmp_path / "site")
    toml = (site / "site.toml").read_text(encoding="utf-8")
    changed = toml.replace("[issuer]", 'database_env = "DATABASE"\n[issuer]', 1)
    (site / "site.toml").write_text(changed, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for url in (
        f"postgresql+psycopg://u:{MARK}-database@127.0.0.1:9/x",
        f"postgrsql://u:{MARK}-database@127.0.0.1:9/x",
        f"postgresql+psycopg:/u:{MARK}-database@127.0.0.1",
        f"postgresql+psycopg://u:{MARK}/data@base@127.0.0.1:9/x",
        f"u:{MARK}-database",
    ):
        monkeypatch.setenv("DATABASE", url)
        for command in ("doctor", "status", "load", "draft"):
            for more in ((), ("--json",)):
                said = run(site, command, *RIGHT[command], *more)
                assert said.code == 1
                assert told(said.out) == told(said.err) == []
