"""The screen: figures stay whole in a narrow terminal, and text from outside is only ever text."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from metering.errors import CheckError, JeongsanError
from metering.finding import Finding
from reports.terminal.failures import failure_of
from reports.terminal.screen import Screen, stop_on_fail
from reports.terminal.screen_table import fitting, visible

COLUMNS = (
    ("number", "번호"),
    ("company", "기업"),
    ("charge_krw", "정가"),
    ("subsidy_krw", "지원"),
    ("company_krw", "자부담"),
    ("taxable_krw", "과세표준"),
    ("vat_krw", "부가세"),
    ("payable_krw", "청구액"),
)
SPARE = ("taxable_krw", "company_krw", "vat_krw")
ROW = ("T2025-000006", "서남대학교 산학협력단", 5_771_160, 3_409_511, 2_361_649, 2_361_649, 236_164,
       2_597_813)  # fmt: skip
SUM = ("합계", "12건", 53_801_446, 23_489_785, 30_311_661, 30_311_661, 3_031_160, 33_342_821)
EVIL = "[red]x[/red] :dog: \x1b[31mred\x1b[0m \u202egnp.exe"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A terminal of 80 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    return monkeypatch


def plain(text: str) -> list[str]:
    """The lines of a terminal without colours and links."""
    text = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\", "", text)
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


@pytest.mark.parametrize(("width", "left_out"), [
    (80, ["과세표준", "자부담", "부가세"]), (96, ["과세표준", "자부담"]), (108, ["과세표준"]),
    (120, []),
])  # fmt: skip
def test_amounts_are_whole_at_every_width_and_the_spare_ones_go_first(
    terminal: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    width: int,
    left_out: list[str],
) -> None:
    terminal.setenv("COLUMNS", str(width))
    Screen().table("invoices", "2025-10 청구서", COLUMNS, [ROW, SUM], spare=SPARE)
    lines = plain(capsys.readouterr().out)
    assert max(cell_len(line) for line in lines) <= width
    shown = [at for at, (_, heading) in enumerate(COLUMNS) if heading not in left_out]
    wanted = [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in ROW]
    assert re.split(r" {2,}", lines[3].strip()) == [wanted[at] for at in shown]
    missing = ", ".join(heading for _, heading in COLUMNS if heading in left_out)
    note = f"화면이 좁아 {missing} 열을 뺐습니다. 모두 보려면 --json"
    assert [line for line in lines if "뺐습니다" in line] == ([note] if left_out else [])


def test_columns_are_left_out_in_their_order_and_only_as_many_as_need_be() -> None:
    assert fitting([10, 10, 10], [2, 1], 36) == [0, 1, 2]  # with two gaps of three
    assert fitting([10, 10, 10], [2, 1], 35) == [0, 1]
    assert fitting([10, 10, 10], [2, 1], 22) == [0]
    assert fitting([10, 10, 10], [2, 1], 5) == [0]  # what is never left out stays


def test_where_the_output_is_no_terminal_nothing_is_left_out_or_folded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    long = "x" * 300
    Screen().table("t", "제목", (*COLUMNS, ("path", "경로")), [(*ROW, long)], spare=SPARE)
    lines = capsys.readouterr().out.splitlines()
    assert all(word in lines[3] for word in (long, "5,771,160", "236,164"))


def test_text_from_outside_is_printed_literally(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = "[red]x[/red] :dog: \ufffd[31mred\ufffd[0m \ufffdgnp.exe"
    assert visible(EVIL) == seen
    terminal.setenv("COLUMNS", "200")
    screen = Screen()
    screen.say(EVIL)
    screen.fact("name", EVIL)
    screen.table("names", EVIL, (("name", "이름"),), [(EVIL,)])
    screen.findings([Finding("fail", "dark", "meter", "a", None, "s", EVIL)], every=True)
    screen.path(Path(f"/tmp/{EVIL}"))  # noqa: S108
    with screen.progress() as progress:
        progress(EVIL, 1, 1)
    screen.error(failure_of(JeongsanError(EVIL)))
    said = capsys.readouterr()
    assert "\x1b[31mred" not in said.out + said.err
    assert "\u202e" not in said.out + said.err
    lines = plain(said.out + said.err)
    assert sum(seen in line for line in lines) >= 7


def test_a_file_can_be_clicked_in_a_terminal_and_is_its_path_elsewhere(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("/data/documents/T2025-000001_(주)기업.pdf")
    Screen().path(path)
    said = capsys.readouterr().out
    assert path.as_uri() in said
    assert plain(said) == [f"  {path}"]
    terminal.delenv("FORCE_COLOR")
    Screen().path(path)
    assert capsys.readouterr().out == f"  {path}\n"


def finding(severity: str, kind: str, day: int, subject: str = "h100") -> Finding:
    said = f"{subject} 자세한 내용"
    return Finding(severity, kind, "meter", "hpc", date(2025, 10, day), subject, said)  # type: ignore[arg-type]


def test_findings_are_counted_by_kind_and_those_that_stop_are_told_in_full(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fail = finding("fail", "over_capacity", 3)
    listed = [finding("warn", "dark", 1), fail, finding("warn", "dark", 2, "a100")]
    with pytest.raises(CheckError, match=r"^1 finding stops this stage"):
        stop_on_fail(Screen(), listed)
    lines = [re.sub(r" {2,}", "  ", line).strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "확인할 사항 3건"
    assert lines[3:] == [
        "중단  장비 초과 할당 (over_capacity)  hpc  1",
        "주의  관측 공백 (dark)  hpc  2",
        "2건의 내용은 jeongsan status --findings",
        "",
        f"중단  {fail.key}  장비 초과 할당 (over_capacity)  hpc  2025-10-03  h100",
        "h100 자세한 내용",
    ]


def test_fails_that_people_answered_do_not_stop(capsys: pytest.CaptureFixture[str]) -> None:
    stop_on_fail(Screen(), [finding("fail", "over_capacity", 3)], ())
    assert "장비 초과 할당" in capsys.readouterr().out


def test_a_json_document_holds_all_that_is_shown_and_nothing_else_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen = Screen(as_json=True)
    screen.say("nothing")
    screen.fact("day", date(2025, 10, 1), "날")
    screen.table("rows", "표", (("name", "이름"), ("amount_krw", "원")), [("a", 1), (None, 2)])
    warning = finding("warn", "dark", 1)
    screen.findings([warning])
    with screen.progress() as progress:
        progress("work", 1, 2)
    screen.close()
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == {
        "day": "2025-10-01",
        "rows": [{"name": "a", "amount_krw": 1}, {"name": None, "amount_krw": 2}],
        "findings": [
            {
                "key": warning.key, "severity": "warn", "kind": "dark", "title": "관측 공백",
                "stage": "meter", "cluster": "hpc", "day": "2025-10-01", "subject": "h100",
                "detail": "h100 자세한 내용", "worth_krw": None,
            }
        ],
    }  # fmt: skip


def test_progress_is_a_bar_a_piece_of_work(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Screen().progress() as progress:
        for done in range(32):
            progress("hpc-h100", done, 31)
    last = [line for line in plain(capsys.readouterr().err) if "31/31" in line]
    assert last
    assert all(line.count("hpc-h100") == 1 for line in last)
    terminal.delenv("FORCE_COLOR")
    with Screen().progress() as progress:
        for done in range(32):
            progress("hpc-h100", done, 31)
    assert capsys.readouterr().err == "  hpc-h100: 31/31\n"


def test_a_fact_of_nothing_says_so(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen()
    screen.fact("days", [], "날")
    screen.fact("days", ["a"], "날")
    assert plain(capsys.readouterr().out) == ["날  없음", "날  a"]
