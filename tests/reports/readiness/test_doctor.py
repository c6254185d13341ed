"""A site looked over before its first night: what is well, each thing that is not, nothing done."""

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metering.calendar import Calendar
from metering.database.connection import newest_revision
from reports.layout import fonts
from reports.readiness import doctor
from reports.readiness.doctor import GIB, SiteCheck, examined
from tests.builders.servers import postgres
from tests.builders.servers.replayed_answers import replaying
from tests.builders.sites.command_line import JOBS, SITE, collect, run, write_jobs, write_site
from tests.builders.sites.example_month import tree_bytes

NOW = Calendar("Asia/Seoul").instant("2099-12-01T03:00:00+09:00")
REACHED = 'contact = "062-000-0000"\nbank_account = "예시은행 000-00"\n\n[cluster.hpc]'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site that is well: loaded, with a bank account and a contact."""
    begun = write_site(tmp_path / "site")
    change(begun, "[cluster.hpc]", REACHED)
    assert run(begun, "load").code == 0
    return begun


def change(site: Path, old: str, new: str) -> None:
    path = site / "site.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def source(site: Path, lines: str, section: str = "hpc") -> None:
    """The site with one source more."""
    begin = f'[[cluster.{section}.source]]\nname = "more"\n{lines}\n'
    change(site, "[cluster.edge]", f"{begin}\n[cluster.edge]")


def checks(site: Path, now_ms: int = NOW) -> dict[str, SiteCheck]:
    return {check.what: check for check in examined(site, now_ms)}


def check(site: Path, what: str, now_ms: int = NOW) -> tuple[str, str]:
    looked_at = checks(site, now_ms)[what]
    return looked_at.state, looked_at.seen


def is_database(path: Path) -> bool:
    """The database's own files: SQLite moves bytes between them without changing a row."""
    return path.name.startswith("jeongsan.db")


def rows_of(site: Path) -> list[str]:
    """All that the database holds, schema and rows."""
    with sqlite3.connect(site / "jeongsan.db") as connection:
        return list(connection.iterdump())


def test_a_site_that_is_well_is_told_so_and_nothing_is_written(site: Path) -> None:
    before, kept = tree_bytes(site, is_database), rows_of(site)
    said = run(site, "doctor", "--json")
    assert (said.code, said.err) == (0, "")
    rows = said.document["checks"]
    assert {row["state"] for row in rows} == {"ok"}, rows
    assert said.document["counts"] == {"ok": len(rows), "warning": 0, "wrong": 0, "not_tried": 0}
    assert [row["to_do"] for row in rows] == [None] * len(rows)
    assert {"원천 hpc.sacct", "원천 edge.sacct"} <= {row["what"] for row in rows}
    assert (tree_bytes(site, is_database), rows_of(site)) == (before, kept)
    names = {path.name for path in site.iterdir() if not is_database(path)}
    assert names == {"incoming", "registry", "site.toml"}
    shown = run(site, "doctor")
    assert shown.code == 0
    assert f"좋음 {len(rows)}" in shown.out


def test_before_the_first_command_nothing_is_made(tmp_path: Path) -> None:
    begun = write_site(tmp_path / "site")
    before = tree_bytes(begun)
    assert check(begun, "데이터베이스")[0] == "ok"
    assert "아직 비어 있음" in check(begun, "데이터베이스")[1]
    assert tree_bytes(begun) == before
    assert not (begun / "jeongsan.db").exists()
    assert not (begun / "lake").exists()
    assert not (begun / "documents").exists()


def test_what_invoices_lack_is_a_warning(tmp_path: Path) -> None:
    begun = write_site(tmp_path / "site")
    assert "bank_account" not in SITE
    warned = {name: each for name, each in checks(begun).items() if each.state == "warning"}
    assert sorted(warned) == ["공급자의 연락처", "공급자의 입금 계좌"]
    assert "bank_account" in warned["공급자의 입금 계좌"].to_do
    assert run(begun, "doctor").code == 0  # a warning stops nobody


def test_without_settings_that_can_be_read_nothing_else_is_tried(site: Path) -> None:
    change(site, 'timezone = "Asia/Seoul"', 'timezone = "Mars/Olympus"')
    change(site, "[cluster.hpc]", "unknown = 1\n[cluster.hpc]")
    looked_at = examined(site, NOW)
    assert [each.state for each in looked_at] == ["wrong", "wrong", "not_tried"]
    said = run(site, "doctor", "--json")
    assert (said.code, said.document["error_kind"]) == (1, "findings")
    (site / "site.toml").unlink()
    assert [each.state for each in examined(site, NOW)] == ["wrong"]
    assert run(site, "doctor").code == 1


def test_mistakes_of_registry_and_rules_are_rows_of_their_own(site: Path) -> None:
    path = site / "registry" / "companies.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("(주)둘째", "圳圳圳"), "utf-8")
    state, seen = check(site, "등록부와 규칙")
    assert (state, "圳" in seen, "companies.csv" in seen) == ("wrong", True, True)
    assert run(site, "doctor").code == 1


def test_rules_that_nobody_uses_are_told(site: Path) -> None:
    assert "쓰이지 않는 규칙" not in checks(site)
    assert run(site, "rules", "--copy").code == 0
    state, seen = check(site, "쓰이지 않는 규칙")
    assert (state, str(site / "rules") in seen) == ("warning", True)
    change(site, "[issuer]", 'rules = "rules"\n[issuer]')
    assert "쓰이지 않는 규칙" not in checks(site)
    assert str(site / "rules") in check(site, "규칙")[1]


def test_a_typeface_that_is_not_the_right_one_is_wrong(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(site, "글꼴")[0] == "ok"
    monkeypatch.setitem(fonts.DIGESTS, fonts.BOLD, "0" * 64)
    fonts.face.cache_clear()
    assert check(site, "글꼴")[0] == "wrong"
    monkeypatch.undo()
    fonts.face.cache_clear()


def test_the_clock_is_held_to_what_is_known(site: Path) -> None:
    calendar = Calendar("Asia/Seoul")
    assert check(site, "시계와 시간대")[0] == "ok"
    # the site was loaded now, in the year of whoever runs this: a clock of 2025 is behind that
    assert check(site, "시계와 시간대", calendar.instant("2025-12-01T00:00:00Z"))[0] == "wrong"
    (site / "jeongsan.db").unlink()
    first = calendar.month("2025-10").start_ms
    assert check(site, "시계와 시간대", first)[0] == "ok"
    assert check(site, "시계와 시간대", first - 1)[0] == "warning"


def schema(site: Path, revision: str) -> None:
    with sqlite3.connect(site / "jeongsan.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_an_older_schema_is_told_and_left_and_a_newer_one_is_wrong(site: Path) -> None:
    schema(site, "0014")
    state, seen = check(site, "데이터베이스")
    assert (state, "0014" in seen, newest_revision() in seen) == ("warning", True, True)
    assert check(site, "데이터베이스")[0] == "warning"  # it was not migrated by being looked at
    schema(site, "9999")
    assert check(site, "데이터베이스")[0] == "wrong"


def test_a_database_that_is_none_or_is_held_is_wrong(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "WAIT_S", 0)
    held = sqlite3.connect(site / "jeongsan.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    state, seen = check(site, "데이터베이스")
    assert (state, "locked" in seen) == ("wrong", True)
    held.close()
    assert check(site, "데이터베이스")[0] == "ok"
    for path in site.glob("jeongsan.db*"):
        path.unlink()
    (site / "jeongsan.db").write_bytes(b"no database" * 500)
    assert check(site, "데이터베이스")[0] == "wrong"
    (site / "jeongsan.db").unlink()
    change(site, "[issuer]", 'database = "sqlite:///site.toml/x.db"\n[issuer]')
    assert check(site, "데이터베이스")[0] == "wrong"


def test_a_server_of_databases_is_asked_as_it_is(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.serving(own=True) as server:
        url = server.database()
        monkeypatch.setenv("JEONGSAN_DATABASE", url)
        change(site, "[issuer]", 'database_env = "JEONGSAN_DATABASE"\n[issuer]')
        assert check(site, "데이터베이스") == (
            "ok",
            "PostgreSQL: 아직 비어 있음, 처음 쓰는 명령이 만듭니다",
        )
        assert run(site, "load").code == 0
        state, seen = check(site, "데이터베이스")
        assert (state, seen) == ("ok", f"PostgreSQL: 쓸 수 있음, 스키마 {newest_revision()}")
        assert check(site, "시계와 시간대", 0)[0] == "wrong"
        server._do("CREATE ROLE reader LOGIN")
        monkeypatch.setenv("JEONGSAN_DATABASE", url.replace("jeongsan@", "reader@"))
        state, seen = check(site, "데이터베이스")
        assert (state, "permission denied" in seen) == ("wrong", True)
        monkeypatch.setenv("JEONGSAN_DATABASE", url)
    assert check(site, "데이터베이스")[0] == "wrong"  # it is away now
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert checks(site)["데이터베이스"].to_do == 'pip install "jeongsan[postgres]"'


def test_a_place_that_cannot_be_written_is_wrong(site: Path) -> None:
    (site / "lake").write_text("a file", encoding="utf-8")
    (site / "documents").write_text("a file", encoding="utf-8")
    wrong = {name for name, each in checks(site).items() if each.state == "wrong"}
    assert wrong == {"레이크", "문서 디렉터리"}


@pytest.mark.breadth
def test_a_bucket_that_does_not_answer_is_wrong(
    site: Path, monkeypatch: pytest.MonkeyPatch, away: int
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    place = f"s3://bucket/lake?endpoint_override=127.0.0.1:{away}&scheme=http&region=x"
    change(site, "[issuer]", f'lake = "{place}"\n[issuer]')
    state, seen = check(site, "레이크")
    assert (state, "does not answer" in seen) == ("wrong", True)
    assert "레이크에 쓰기" not in checks(site)


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (GIB - 1, "wrong"),
        (GIB, "warning"),
        (10 * GIB - 1, "warning"),
        (10 * GIB, "ok"),
    ],
)
def test_the_room_on_the_disk_has_two_limits(
    site: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(doctor, "free_bytes", lambda _: free)
    assert check(site, "디스크")[0] == state


@pytest.fixture
def away() -> Iterator[int]:
    """A port of the loopback at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


PROMETHEUS = 'kind = "prometheus"\nrecord = "sample"\nfamily = "dcgm"\nurl = "{url}"'
EXPORTER = 'kind = "exposition"\nrecord = "sample"\nfamily = "dcgm"\nurl = "{url}"'
SAMPLES = b'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",modelName="NVIDIA H100 80GB HBM3"} 97\n'
EMPTY = b'{"status":"success","data":{"resultType":"matrix","result":[]}}'


@pytest.fixture
def sampled(site: Path) -> Path:
    change(site, 'title = "HPC"', 'title = "HPC"\nscrape = "30s"')
    return site


def test_a_server_that_is_away_is_asked_once(sampled: Path, away: int) -> None:
    source(sampled, PROMETHEUS.format(url=f"http://127.0.0.1:{away}"))
    state, seen = check(sampled, "원천 hpc.more")
    assert (state, "does not answer" in seen) == ("wrong", True)
    assert check(sampled, "원천 hpc.sacct")[0] == "ok"
    said = run(sampled, "doctor")
    assert (said.code, "원천 hpc.more" in said.err) == (1, True)


def test_a_busy_server_is_asked_once_and_a_silent_one_is_a_warning(sampled: Path) -> None:
    with replaying(lambda asked: (503, b"busy")) as replay:
        source(sampled, PROMETHEUS.format(url=replay.url))
        assert check(sampled, "원천 hpc.more")[0] == "wrong"
        first = {asked.form["query"] for asked in replay.asked}
        assert len(replay.asked) == len(first)  # nothing was asked for twice
        replay.answer = lambda asked: (200, EMPTY)
        state, seen = check(sampled, "원천 hpc.more")
        assert (state, "읽은 행 0" in seen) == ("warning", True)


def test_an_exporter_is_scraped_and_one_of_another_kind_told(sampled: Path) -> None:
    with replaying(lambda asked: (200, SAMPLES)) as replay:
        source(sampled, EXPORTER.format(url=replay.url))
        assert check(sampled, "원천 hpc.more")[0] == "ok"
        assert not (sampled / "lake").exists()  # it landed nowhere
        replay.answer = lambda asked: (200, b"<html>not metrics</html>\n")
        assert check(sampled, "원천 hpc.more")[0] == "wrong"  # it is refused row by row
        replay.answer = lambda asked: (401, b"who are you")
        state, seen = check(sampled, "원천 hpc.more")
        assert (state, "who are you" in seen) == ("wrong", True)


def test_a_secret_that_is_not_set_is_named(sampled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    source(sampled, PROMETHEUS.format(url="http://127.0.0.1:9") + '\nbearer_env = "NO_SUCH_TOKEN"')
    state, seen = check(sampled, "원천 hpc.more")
    assert (state, "NO_SUCH_TOKEN" in seen) == ("wrong", True)


def no_files(site: Path) -> None:
    (site / "incoming" / "hpc.psv").unlink()


def another_heading(site: Path) -> None:
    (site / "incoming" / "hpc.psv").write_text("a|b\n1|2\n", encoding="utf-8")


def no_rows(site: Path) -> None:
    write_jobs(site, "hpc", [])


def a_bad_row(site: Path) -> None:
    """One of two, where one of a hundred is allowed."""
    write_jobs(site, "hpc", [JOBS[0], ("x", "one", "yesterday", "Unknown", "h100=1")])


def a_bad_row_that_is_allowed(site: Path) -> None:
    a_bad_row(site)
    change(site, 'title = "HPC"', 'title = "HPC"\nquarantine_share_max = 0.5')


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (no_files, "wrong"),
        (another_heading, "wrong"),
        (no_rows, "warning"),
        (a_bad_row, "wrong"),
        (a_bad_row_that_is_allowed, "warning"),
    ],
)
def test_files_are_read_by_the_sources_own_reader(
    site: Path, spoil: Callable[[Path], None], state: str
) -> None:
    assert check(site, "원천 hpc.sacct")[0] == "ok"
    spoil(site)
    assert check(site, "원천 hpc.sacct")[0] == state


def test_the_newest_file_alone_is_read_and_a_huge_one_is_not(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(site, 'paths = ["incoming/hpc.psv"]', 'paths = ["incoming/hpc*.psv"]')
    shutil.copy(site / "incoming" / "hpc.psv", site / "incoming" / "hpc[2].psv")
    state, seen = check(site, "원천 hpc.sacct")
    assert (state, "파일 2, 새것 incoming/hpc[2].psv: 읽은 행 3" in seen) == ("ok", True)
    monkeypatch.setattr("metering.sources.ask_once.FILE_BYTES_MAX", 10)
    assert check(site, "원천 hpc.sacct")[0] == "not_tried"


def test_notices_need_their_secrets_and_are_not_sent(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    mail = (
        '[notices.mail]\nhost = "127.0.0.1"\nfrom = "a@example.invalid"\n'
        'to = ["b@example.invalid"]\nuser = "a"\npassword_env = "SMTP_PASSWORD"\n[cluster.hpc]'
    )
    change(site, "[cluster.hpc]", mail)
    told = [each.state for each in examined(site, NOW) if each.what == "알림 메일"]
    assert told == ["wrong", "not_tried"]
    monkeypatch.setenv("SMTP_PASSWORD", "x")
    told = [each.state for each in examined(site, NOW) if each.what == "알림 메일"]
    assert told == ["not_tried"]


def test_a_site_in_use_is_looked_over_without_a_change(site: Path) -> None:
    assert collect(site).code == 0
    before, kept = tree_bytes(site, is_database), rows_of(site)
    assert run(site, "doctor").code == 0
    assert (tree_bytes(site, is_database), rows_of(site)) == (before, kept)
