"""The commands that ask, on a real site: from won to rows, out of the bundle, in Korean."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.builders.explained_month import drafted_site, issue
from tests.builders.rules_and_usage import HOUR_US
from tests.builders.servers.mail_and_webhook import mail_server, text_of, webhook_server
from tests.builders.sites.command_line import MONTH, run


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is drafted. Copy it before changing it."""
    return drafted_site(tmp_path_factory.mktemp("asking") / "site")


@pytest.fixture(scope="module")
def issued(drafted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its month issued. Copy it before changing it."""
    return issue(Path(shutil.copytree(drafted, tmp_path_factory.mktemp("issued") / "site")))


@pytest.fixture
def copied(issued: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(issued, tmp_path / "site"))


def test_a_won_of_an_issued_invoice_is_followed_to_the_rows_in_duckdb(issued: Path) -> None:
    numbers = run(issued, "issue", MONTH, "--json").document["invoices"]
    number = next(row["number"] for row in numbers if row["company_id"] == "C-1")
    said = run(issued, "explain", number, "1", "--json").document
    line = said["lines"][0]
    # 20 device-hours at 6,000; 80 % of it until the award's 100,000 won are used
    assert (said["charge_krw"], said["support_krw"], said["company_krw"]) == (120000, 100000, 20000)
    assert (line["evidence"]["counted"], line["quantity"]) == (20 * HOUR_US, 20 * HOUR_US)
    assert [row["allocation_id"] for row in line["evidence"]["held"]] == ["1"]
    assert line["evidence"]["changed"] == []
    sums = {
        query["table"]: duckdb.sql(query["sql"]).fetchall()  # as anybody would run it
        for query in line["queries"]
    }
    assert sum(row[4] for row in sums["charge"]) == 120000
    assert [(row[1], row[2], row[4]) for row in sums["subsidy"]] == [("AICA-2025R", "A-1", 100000)]
    assert [int(row[2]) for row in sums["usage_day"]] == [20 * HOUR_US]
    assert sum(row[3] for row in sums["usage_hour"]) == 20 * HOUR_US
    assert [row[4] for row in sums["allocation"]] == [2000]
    assert [query["table"] for query in line["queries"] if query["pinned"]] == [
        "charge", "subsidy", "usage_day"
    ]  # fmt: skip


def test_an_issued_month_is_explained_out_of_its_bundle_alone(copied: Path) -> None:
    before = run(copied, "explain", MONTH, "--company", "C-1", "--json").document
    awards = copied / "registry" / "awards.csv"
    awards.write_text(awards.read_text().replace("100000", "50000"), encoding="utf-8")
    assert run(copied, "load", "--yes").code == 0
    assert run(copied, "explain", MONTH, "--company", "C-1", "--json").document == before
    assert before["bundle"]
    assert before["state"] == "issued"


def test_a_company_reads_it_in_korean(issued: Path) -> None:
    said = run(issued, "explain", MONTH, "--company", "C-1", "--sku", "gpu.h100")
    assert said.code == 0
    assert "정가 120,000 - 지원 100,000 = 자부담 20,000원" in said.out
    assert "멈춤 협약 지원금 한도(A-1): 2025-10-05, 100,000원 가운데 그날 아침" in said.out
    assert "FROM read_parquet([" in said.out
    assert "[red]빨강[/red] :dog:" in said.out


def test_queries_are_written_to_a_file(issued: Path, tmp_path: Path) -> None:
    written = tmp_path / "queries.sql"
    said = run(issued, "explain", MONTH, "--company", "C-1", "--sql", str(written))
    assert said.code == 0
    assert "read_parquet" not in said.out
    results = [
        query for query in written.read_text(encoding="utf-8").split(";") if "SELECT" in query
    ]
    assert all(duckdb.sql(query).fetchall() for query in results)
    assert len(results) == 5


def test_a_draft_is_explained_as_it_stands_and_says_when_it_is_stale(
    drafted: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(drafted, tmp_path / "site"))
    first = run(site, "explain", MONTH, "--company", "C-1", "--json").document
    assert (first["state"], first["stale"], first["support_krw"]) == ("draft", False, 100000)
    awards = site / "registry" / "awards.csv"
    awards.write_text(awards.read_text().replace("100000", "50000"), encoding="utf-8")
    assert run(site, "load").code == 0
    again = run(site, "explain", MONTH, "--company", "C-1", "--json").document
    assert (again["stale"], again["support_krw"]) == (True, 50000)
    assert (
        "초안을 만든 뒤 자료가 바뀌었습니다" in run(site, "explain", MONTH, "--company", "C-1").out
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["T2025-999999"], "no invoice has the number T2025-999999"),
        ([MONTH], "say whose 2025-10 it is: --company C-001"),
        (["2025-09", "--company", "C-1"], "2025-09 is before the first month of the site, 2025-10"),
        ([MONTH, "--company", "C-1", "--day", "2025-11-01"], "does not lie in 2025-10"),
        ([MONTH, "--company", "C-1", "--sku", "x"], "it was charged for: P-1 gpu.h100"),
        ([MONTH, "--company", "C-9"], "the registry has no company 'C-9'"),
        (["T2025-000001", "7"], "has lines 1 to 1, not 7"),
    ],
)
def test_what_cannot_be_explained_says_what_can(
    issued: Path, arguments: list[str], error: str
) -> None:
    said = run(issued, "explain", *arguments)
    assert (said.code, error in said.err) == (1, True), said.err


def limits(site: Path, *asked: str) -> dict[str, tuple[int | None, int, int | None]]:
    said = run(site, "quota", *asked, "--json")
    assert said.code == 0, said.err
    return {
        limit["name"]: (limit["granted"], limit["used"], limit["left"])
        for limit in said.document["limits"]
    }  # fmt: skip


def test_limits_are_told_for_any_day_of_a_drafted_and_of_an_issued_month(
    drafted: Path, issued: Path
) -> None:
    total = "award:AICA-2025R:A-1:C-1:krw"
    for site in (drafted, issued):
        # 20 device-hours on the 5th, of which the programme pays until the award is used up
        assert limits(site, "2025-10-04")[total] == (100_000, 0, 100_000)
        assert limits(site, "2025-10-05")[total] == (100_000, 100_000, 0)
    assert limits(issued, MONTH) == limits(issued, "2025-10-31") == limits(issued)
    assert limits(issued, "--company", "C-2") == {}
    assert set(limits(issued, "--award", "A-1")) == {
        total, "level:AICA-2025R:A-1:C-1:gb"
    }  # fmt: skip


def test_the_board_of_limits_is_read_by_a_person(drafted: Path) -> None:
    said = run(drafted, "quota").out
    assert said.startswith("2025-10-10까지 사용한 한도 (2025-10 초안)\n")
    line = next(line for line in said.splitlines() if "지원금 (원)" in line)
    assert line.split() == [
        "[red]빨강[/red]", ":dog:", "A-1", "AICA-2025R", "지원금", "(원)", "100,000", "100,000",
        "0", "█" * 20, "100.0%",
    ]  # fmt: skip
    assert "한도가 없는 지원 1건" in said
    late = run(drafted, "quota", "2025-10-31").out
    assert "사용량은 2025-10-10까지 있습니다" in late


@pytest.mark.parametrize(
    ("asked", "code", "answer"),
    [
        (["2025-13"], 2, "is no month and no day"),
        (["2025-10-32"], 2, "is no month and no day"),
        (["2025-09-30"], 1, "before the first month of the site"),
        (["--company", "C-9"], 1, "knows no company 'C-9'"),
        (["--award", "A-9"], 1, "knows no award 'A-9'"),
        (["--programme", "P"], 1, "knows no programme 'P'"),
    ],
)
def test_limits_that_there_are_not_are_refused(
    issued: Path, asked: list[str], code: int, answer: str
) -> None:
    said = run(issued, "quota", *asked)
    assert (said.code, answer in " ".join(said.err.split())) == (code, True), said.err


def test_an_alarm_is_told_once_a_channel_and_again_where_one_failed(copied: Path) -> None:
    refused = run(copied, "quota", "--alarm")
    assert (refused.code, "add [notices.mail] or [notices.webhook]" in refused.err) == (1, True)
    with mail_server() as mail, webhook_server() as hook:
        with (copied / "site.toml").open("a", encoding="utf-8") as toml:
            toml.write(
                f'\n[notices.mail]\nhost = "127.0.0.1"\nport = {mail.port}\nsecurity = "none"\n'
                'from = "settlement@example.invalid"\nto = ["kim@example.invalid"]\n'
                f'[notices.webhook]\nurl = "{hook.url}"\n'
            )
        hook.status = 500
        first = run(copied, "quota", "--alarm", "--json")
        hook.status = 204
        later = [run(copied, "quota", "--alarm", "--json").document for _ in range(2)]
    alarms = ["award:AICA-2025R:A-1:C-1:krw 100%"]
    assert (first.code, first.document["mail"], "webhook" in first.document) == (1, alarms, False)
    assert "refuses: status 500" in first.document["error"]
    assert [(document["mail"], document["webhook"]) for document in later] == [
        ([], alarms),
        ([], []),
    ]
    [(_, to, letter)] = mail.letters
    assert (to, letter["Subject"]) == (
        ["kim@example.invalid"], "[정산] [bold]시험[/bold] 센터 한도 알림 1건"
    )  # fmt: skip
    assert text_of(letter) == (
        "2025-10-10까지의 사용량으로 아래 한도가 정한 비율에 닿았습니다.\n\n"
        "100% 도달: [red]빨강[/red] :dog: A-1 AICA-2025R 지원금\n"
        "    배정 100,000원, 사용 100,000원, 잔여 0원\n    근거: 협약-1\n\n"
        "자세히: jeongsan quota 2025-10-10\n"
    )
    [_, (path, _, document)] = hook.posts  # the one that failed, and the same again
    assert hook.posts[0][2] == document
    assert (path, document["text"]) == ("/quota", text_of(letter))
    assert letter["Message-ID"] == f"<{document['id']}@example.invalid>"
    assert [(alarm["name"], alarm["mark"], alarm["left"]) for alarm in document["alarms"]] == [
        ("award:AICA-2025R:A-1:C-1:krw", 100, 0)
    ]


def test_a_forecast_of_too_few_days_says_so_and_gives_no_day(drafted: Path, issued: Path) -> None:
    assert "forecast" not in run(issued, "quota", "--json").document
    outlooks = run(issued, "quota", "2025-10-04", "--forecast", "--json").document["forecast"]
    assert outlooks == []  # no usage by then
    rows = run(drafted, "quota", "--forecast", "--json").document["forecast"]
    total = next(row for row in rows if row["name"] == "award:AICA-2025R:A-1:C-1:krw")
    assert (total["estimate"], total["likely"], total["why"]) == (True, None, "used_up")
    said = run(drafted, "quota", "--forecast")
    assert said.code == 0
    assert "소진 예상 (추정)" in said.out
