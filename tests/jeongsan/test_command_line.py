"""The command line: help, exit codes, one JSON document, and what it says when things are wrong."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.main import get_command

from billing.paths import PACKAGED_RULES
from jeongsan.app import app
from metering.collect.watermark import watermarks
from metering.site.open_site import open_site
from tests.builders.sites.command_line import (
    COMPLETE,
    EDGE_JOBS,
    JOBS,
    MONTH,
    Said,
    collect,
    meter,
    run,
    write_jobs,
    write_site,
)
from tests.builders.sites.example_month import tree_bytes
from tests.paths import ROOT

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
FIRST = "2025-10-05"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose registry is loaded; nothing is collected yet."""
    made = write_site(tmp_path / "site")
    assert run(made, "load").code == 0
    return made


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose month is metered. Copy it before changing it."""
    made = write_site(tmp_path_factory.mktemp("month") / "site")
    assert run(made, "load").code == collect(made).code == meter(made).code == 0
    return made


@pytest.fixture
def metered(month: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(month, tmp_path / "site"))


def flat(text: str) -> str:
    """Help without the frame that a terminal's width puts around it."""
    return re.sub(r"[\s│]+", " ", text)


def keys(said: Said) -> set[str]:
    return set(said.document)


def failing(said: Said) -> list[tuple[str, str, str]]:
    return [
        (one["kind"], one["cluster"], one["subject"])
        for one in said.document["findings"]
        if one["severity"] == "fail"
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_an_example_and_a_place_in_the_readme(command: str) -> None:
    said = run(Path("."), command, "--help")
    assert said.code == 0
    example = re.search(r"예: (jeongsan [^│]*)", flat(said.out))
    assert example is not None
    assert re.match(rf"jeongsan (--site \S+ )?{command}\b", example[1])
    assert "--json" in said.out
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^jeongsan (--site \S+ )?{command}\b", readme, re.MULTILINE), command


def test_the_readme_names_no_command_that_there_is_not() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^jeongsan (?:--site \S+ )?([a-z]+)", readme, re.MULTILINE)
    assert sorted(set(named)) == COMMANDS


def test_every_command_gives_one_json_document(metered: Path, tmp_path: Path) -> None:
    said = {
        "init": run(tmp_path, "init", str(tmp_path / "new"), "--json"),
        "load": run(metered, "load", "--json"),
        "collect": collect(metered, "--json"),
        "meter": run(metered, "meter", "2025-10-20", "--json"),
        "waive": run(
            metered, "waive", "hpc", FIRST, "--reason", "정전", "--by", "김정산", "--json"
        ),
        "draft": run(metered, "draft", MONTH, "--documents", "--json"),
        "approve": run(metered, "approve", MONTH, "--by", "김정산", "--json"),
        "issue": run(metered, "issue", MONTH, "--on", "2025-11-03", "--json"),
        "report": run(metered, "report", MONTH, "--json"),
        "verify": run(metered, "verify", MONTH, "--json"),
        "adjust": run(metered, "adjust", "--json"),
        "bundle": run(metered, "bundle", MONTH, "--copy", str(metered / "copy.zip"), "--json"),
        "explain": run(metered, "explain", MONTH, "--company", "C-1", "--json"),
        "dispute": run(metered, "dispute", "T2025-000001", "1", "--json"),
        "quota": run(metered, "quota", MONTH, "--json"),
        "ledger": run(metered, "ledger", "--json"),
        "simulate": run(metered, "simulate", MONTH, "--rules", str(PACKAGED_RULES), "--json"),
        "pay": run(metered, "pay", bank_list(metered), "--by", "김정산", "--json"),
        "match": run(metered, "match", stray(metered), "C-1", "--by", "김정산", "--json"),
        "credit": run(metered, "credit", "C-1", "--refund", "--by", "김정산", "--json"),
        "ageing": run(metered, "ageing", "2026-03-01", "--json"),
        "fund": run(
            metered,
            "fund",
            "AICA-2025R",
            "2025",
            "national",
            "received",
            "9",
            "--by",
            "김정산",
            "--reason",
            "교부",
            "--json",
        ),
        "grant": run(metered, "grant", "AICA-2025R", "2025", "--json"),
        "tax": run(metered, "tax", MONTH, "--json"),
        "status": run(metered, "status", "--json"),
    }
    assert {name: (one.code, one.err) for name, one in said.items()} == dict.fromkeys(said, (0, ""))
    assert {name: keys(one) for name, one in said.items()} == {
        "init": {"written"},
        "load": {"differences", "registry_digest", "rules_digest"},
        "collect": {"collected", "findings"},
        "meter": {"days", "restatements", "findings"},
        "waive": {"waived"},
        "draft": {
                "blocking", "digest", "documents", "findings", "invoices",
                "moved", "provisional", "state", "unbilled", "without_invoice",
            },
        "approve": {"approved"},
        "issue": {"invoices", "bundle", "documents"},
        "report": {"documents"},
        "adjust": {"differences", "documents", "last_adjustment", "unexplained"},
        "verify": {"checked"},
        "bundle": {"copied", "files", "sha256"},
        "explain": {
            "question", "state", "company_name", "bundle", "rules_digest", "charge_krw",
            "support_krw", "in_kind_krw", "company_krw", "lines", "orders", "orders_left_out",
            "invoices", "stale"
        },
        "dispute": {"written", "files", "company_id", "charge_krw", "company_krw", "changed"},
        "quota": {
            "day", "month", "state", "until", "missing", "limits", "awards", "idle", "low_use",
            "recalls",
        },
        "ledger": {"trial", "months", "entries", "balanced"},
        "simulate": {
            "first", "last", "rules_digest", "months", "programmes", "companies", "budgets", "paid",
            "due", "findings", "written"
        },
        "pay": {"file", "payments", "known", "left_out", "uses", "unmatched"},
        "match": {"uses"},
        "credit": {"uses"},
        "ageing": {"on", "ageing", "open", "unmatched"},
        "fund": {"recorded", "amount_krw"},
        "grant": {
            "sources", "origins", "differences", "open_months", "filed", "ties", "untied", "written"
        },
        "tax": {"documents", "written", "deadline", "late", "signed"},
        "status": {
            "adjustments", "months", "next", "restatements", "steps", "coverage", "findings"
        },
    }  # fmt: skip
    # the two that are refused here: nothing to acknowledge, and this is not the example
    refused = {
        "acknowledge": run(
            metered, "acknowledge", "none", "--effect", "bill", "--reason", "r", "--by", "b",
            "--json",
        ),
        "demo": run(metered, "demo", "--json"),
    }  # fmt: skip
    assert {name: (one.code, keys(one)) for name, one in refused.items()} == dict.fromkeys(
        refused, (1, {"error"})
    )
    assert sorted([*said, *refused]) == COMMANDS


def bank_list(site: Path) -> str:
    """A list of the bank with one payment that names no document."""
    path = site / "bank.csv"
    path.write_text("거래일시,보낸분,입금액\n2025-11-20,모르는 이,777\n", encoding="utf-8")
    return str(path)


def test_what_a_command_about_money_cannot_do_is_told_and_changes_nothing(metered: Path) -> None:
    by = ("--by", "김정산")
    bad = metered / "bad.csv"
    bad.write_text("거래일시,보낸분,입금액\n어제,x,1\n2025-11-20,x,1.5\n", encoding="utf-8")
    said = run(metered, "pay", str(bad), *by)
    assert said.code == 1
    assert "bad.csv:2 paid" in said.err
    assert "bad.csv:3 amount" in said.err  # all at once
    assert run(metered, "pay", str(metered / "none.csv"), *by).code == 2
    assert run(metered, "match", "none", "C-1", *by).code == 1
    assert run(metered, "match", "none", *by).code == 2
    assert run(metered, "credit", "C-1", *by).code == 2
    assert run(metered, "credit", "C-1", "--refund", *by).code == 1
    assert run(metered, "tax", MONTH).code == 1  # it is not issued
    assert run(metered, "tax", MONTH, "--key", str(bad)).code == 2
    fund = ("fund", "AICA-2025R", "2025", "national")
    assert run(metered, *fund, "given", "5", *by, "--reason", "r").code == 2
    assert run(metered, "grant", "NOBODY", "2025").code == 1
    assert run(metered, "ledger", "--json").document.keys() == {"error"}


def stray(site: Path) -> str:
    """The payment that nobody knows."""
    said = run(site, "ageing", "2026-03-01", "--json")
    return str(said.document["unmatched"][0]["payment_id"])


def test_the_demo_never_writes_over_a_site_that_is_not_the_example(site: Path) -> None:
    before = tree_bytes(site, lambda path: path.suffix != ".csv" and path.name != "site.toml")
    for more in ([], ["--only-data"]):
        said = run(site, "demo", *more)
        assert (said.code, "choose another --site" in said.err) == (1, True)
    assert before == tree_bytes(
        site, lambda path: path.suffix != ".csv" and path.name != "site.toml"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ["draft", "2025-13"],
        ["approve", "October", "--by", "김정산"],
        ["issue", MONTH, "--on", "3. 11. 2025"],
        ["report", "2025"],
        ["report", MONTH, "--only", "hwpx"],
        ["verify", ""],
        ["status", "--month", "2025-00"],
        ["meter", "2025-10-32"],
        ["meter", "2025-10-31..2025-10-01"],
        ["waive", "hpc", "yesterday", "--reason", "r", "--by", "b"],
        ["acknowledge", "key", "--effect", "forgive", "--reason", "r", "--by", "b"],
        ["collect", "--from", "2025-10-01T00:00", "--to", "2025-11-01"],
        ["collect", "--from", "2025-10-02", "--to", "2025-10-01"],
        ["collect", "--from", "2025-10-01", "--to", "2025-10-01"],
        ["collect", "--from", "2025-10-01", "--to", "2025-11-01", "--complete-to", "later"],
        ["approve", MONTH],
        ["pay"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(site: Path, wrong: list[str]) -> None:
    said = run(site, *wrong)
    assert (said.code, said.out) == (2, "")
    assert "Error" in said.err


def test_wrong_usage_is_in_the_json_document_too(site: Path) -> None:
    said = run(site, "draft", "2025-13", "--json")
    assert said.code == 2
    assert said.document == {"error": "'2025-13' is no month: write it like 2025-10"}


@pytest.mark.parametrize(
    "command",
    [
        ["load"],
        ["collect"],
        ["meter", FIRST],
        ["waive", "hpc", FIRST, "--reason", "r", "--by", "b"],
        ["draft", MONTH],
        ["approve", MONTH, "--by", "b"],
        ["issue", MONTH],
        ["report", MONTH],
        ["verify", MONTH],
        ["status"],
        ["adjust"],
    ],
    ids=lambda c: str(c[0]),
)
def test_without_a_site_every_command_says_how_to_begin(tmp_path: Path, command: list[str]) -> None:
    said = run(tmp_path / "nowhere", *command)
    assert (said.code, said.out) == (1, "")
    assert "jeongsan init" in said.err
    assert not (tmp_path / "nowhere").exists()


def test_before_anything_was_loaded_the_way_on_is_named(tmp_path: Path) -> None:
    made = write_site(tmp_path / "site")
    said = run(made, "meter", FIRST)
    assert (said.code, "jeongsan load" in said.err) == (1, True)
    assert run(made, "status").code == 0


def test_a_section_that_site_toml_does_not_have_is_refused(site: Path) -> None:
    for command in (
        ["collect", "--from", FIRST, "--to", "2025-10-06", "--cluster", "mars"],
        ["meter", FIRST, "--cluster", "mars"],
        ["waive", "mars", FIRST, "--reason", "r", "--by", "b"],
    ):
        said = run(site, *command)
        assert (said.code, "'mars'" in said.err) == (1, True)


def test_all_mistakes_of_rules_and_registry_are_told_at_once_and_nothing_is_stored(
    site: Path,
) -> None:
    before = run(site, "status", "--json").document
    registry = site / "registry"
    for sheet, old, new in (
        ("companies", "220-81-62517", "220-81-62518"),
        ("tenancy", "edge,two,P-2,2025-10-01", "edge,two,P-9,2025-10-32"),
        ("awards", "AICA-2025R", "AICA-2026"),
        ("awards", "A-1,", "A-2,"),
    ):
        path = registry / f"{sheet}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    said = run(site, "load")
    assert said.code == 1
    lines = [line.strip() for line in said.err.splitlines()[1:] if line.strip()]
    assert "4 mistakes; nothing was stored" in said.err
    assert [line.split(": ")[0] for line in lines] == [
        "registry/awards.csv:2 programme",
        "registry/companies.csv:2 business_number",
        "registry/tenancy.csv:4 from",
        "registry/tenancy.csv:4 project_id",
    ]
    assert "'AICA-2026'; they have AICA-2025R, AIDC-BASE, AIV-2026, CLV, " in said.err
    rules = site / "rules"
    shutil.copytree(ROOT / "billing" / "rules", rules)
    (rules / "prices" / "gpu.h100.yaml").write_text("title: 1.5\n", encoding="utf-8")
    toml = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(toml.replace("[issuer]", 'rules = "rules"\n[issuer]'))
    said = run(site, "load")
    assert said.code == 1
    assert "prices/gpu.h100.yaml:1" in said.err
    assert "registry/companies.csv:2 business_number" in said.err  # all at once
    assert run(site, "status", "--json").document == before
    opened = open_site(site)
    assert [award.award_id for award in opened.registry.awards] == ["A-1"]


def test_a_new_site_is_filled_and_loaded(tmp_path: Path) -> None:
    new, filled = tmp_path / "new", write_site(tmp_path / "filled")
    said = run(tmp_path, "init", str(new))
    assert said.code == 0
    assert f"jeongsan --site {new} load" in said.out
    said = run(new, "load")
    assert (said.code, "site.toml" in said.err) == (1, True)  # every empty setting, by its line
    for path in (*(filled / "registry").glob("*.csv"), filled / "site.toml"):
        sheet = new / path.relative_to(filled)
        assert sheet.exists()
        text = path.read_text(encoding="utf-8")
        if sheet.suffix == ".csv":  # below the comments of the new sheet, by its own columns
            begun = sheet.read_text(encoding="utf-8-sig")
            given, wanted = text.splitlines(), begun.splitlines()[0].split(",")
            at = [given[0].split(",").index(c) if c in given[0].split(",") else -1 for c in wanted]
            rows = [line.split(",") for line in given[1:]]
            text = begun + "".join(
                ",".join(row[i] if i >= 0 else "" for i in at) + "\n" for row in rows
            )
        sheet.write_text(text, encoding="utf-8")
    said = run(new, "load", "--json")
    assert said.code == 0, said.err
    assert (
        said.document["registry_digest"]
        == run(filled, "load", "--json").document["registry_digest"]
    )
    assert run(tmp_path, "init", str(new)).code == 1  # never over what is there


def test_a_damaged_source_is_a_finding_and_the_other_clusters_go_on(site: Path) -> None:
    (site / "incoming" / "hpc.psv").write_bytes(b"\xff\xfe\x00 no dump\n" * 5)
    said = collect(site, "--json")
    assert said.code == 1
    assert failing(said) == [("source_unavailable", "hpc", "sacct")]
    assert said.document["collected"] == [
        {"section": "edge", "record": "allocation", "rows": 1, "quarantined": 0}
    ]
    assert run(site, "meter", "2025-10-20", "--cluster", "edge").code == 0
    write_jobs(site, "hpc", JOBS)  # mended: the finding goes
    assert failing(collect(site, "--json")) == []


def test_a_source_that_is_missing_is_a_finding_and_nothing_is_taken_for_zero(site: Path) -> None:
    (site / "incoming" / "edge.psv").unlink()
    said = collect(site)
    assert said.code == 1
    assert "원천을 읽지 못함 (source_unavailable)" in said.out
    assert "incoming/edge.psv" in said.out
    run(site, "meter", "2025-10-20")
    status = run(site, "status", "--json").document
    marks = {row["section"]: row["days"][19] for row in status["coverage"]}
    assert marks == {"hpc": "●", "edge": "◐"}


def test_too_many_bad_rows_fail_the_source_and_few_are_quarantined(site: Path) -> None:
    bad = ("9", "one", "2025-10-05T01:00:00", "2025-10-04T01:00:00", "h100=1")
    write_jobs(site, "hpc", [*JOBS, bad])
    said = collect(site, "--json")
    assert failing(said) == [("source_unavailable", "hpc", "sacct")]
    many = [(str(n), *JOBS[0][1:]) for n in range(100, 220)]
    write_jobs(site, "hpc", [*many, bad])
    said = collect(site, "--json")
    assert said.document["collected"][0] == {
        "section": "hpc", "record": "allocation", "rows": 121, "quarantined": 1
    }  # fmt: skip


def test_an_unowned_account_stops_the_month_until_it_is_decided(metered: Path) -> None:
    stray = ("5", "stray", "2025-10-20T06:00:00", "2025-10-20T07:00:00", "a100=1")
    write_jobs(metered, "edge", [*EDGE_JOBS, stray])
    assert collect(metered, "--cluster", "edge").code == 0
    said = run(metered, "meter", "2025-10-20", "--json")
    assert (said.code, failing(said)) == (1, [("unowned_usage", "edge", "edge/stray")])
    key = next(one["key"] for one in said.document["findings"] if one["severity"] == "fail")
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (1, [key])
    refused = run(metered, "approve", MONTH, "--by", "김정산")
    assert (refused.code, "소속 과제가 없습니다" in refused.err) == (1, True)

    decide = ("acknowledge", key, "--effect", "exclude", "--reason", "시험 작업")
    assert run(metered, *decide, "--by", " ").code == 1  # nobody's name
    assert run(metered, *decide, "--by", "김정산").code == 0
    assert key not in {one["key"] for one in run(metered, "status", "--json").document["findings"]}
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (0, [])
    assert run(metered, "approve", MONTH, "--by", "김정산").code == 0


def test_a_day_that_is_not_complete_keeps_a_month_from_issue_until_it_is_waived(
    tmp_path: Path, month: Path
) -> None:
    made = write_site(tmp_path / "site")
    shutil.copytree(month, made, dirs_exist_ok=True)
    with open_site(made).database.begin() as connection:  # as if the last hour had not come yet
        from metering.database.tables import watermark

        calendar = open_site(made).site.calendar
        early = calendar.day(date(2025, 10, 31)).end_ms - 3_600_000
        connection.execute(
            watermark.update().where(watermark.c.cluster == "hpc").values(complete_to_ms=early)
        )
    assert run(made, "meter", "2025-10-31").code == 0
    drafted = run(made, "draft", MONTH)
    assert "hpc 2025-10-31" in drafted.out
    assert "jeongsan waive" in drafted.out
    run(made, "approve", MONTH, "--by", "김정산")
    refused = run(made, "issue", MONTH, "--on", "2025-11-03")
    assert (refused.code, "hpc 2025-10-31" in refused.err) == (1, True)

    assert run(made, "waive", "hpc", "2025-10-31", "--reason", "정전", "--by", "김정산").code == 0
    marks = run(made, "status", "--json").document["coverage"][0]
    assert (marks["days"][-1], marks["complete"]) == ("–", "30/31")
    for command in (["draft", MONTH], ["approve", MONTH, "--by", "김정산"]):
        assert run(made, *command).code == 0
    assert run(made, "issue", MONTH, "--on", "2025-11-03").code == 0


def test_a_month_goes_its_steps_in_order_and_status_tells_where_it_is(metered: Path) -> None:
    def state() -> list[str]:
        return [one["state"] for one in run(metered, "status", "--json").document["months"]]

    assert state() == []
    for early in (["approve", MONTH, "--by", "b"], ["issue", MONTH], ["report", MONTH]):
        said = run(metered, *early)
        assert (said.code, f"jeongsan draft {MONTH}" in said.err) == (1, True)
    assert run(metered, "draft", MONTH).code == 0
    assert state() == ["draft"]
    assert run(metered, "approve", MONTH, "--by", "김정산").code == 0
    assert state() == ["approved"]
    first = run(metered, "issue", MONTH, "--on", "2025-11-03", "--json").document
    assert state() == ["issued"]
    again = run(metered, "issue", MONTH, "--on", "2025-11-04", "--json").document
    assert again == first
    assert [one["number"] for one in first["invoices"]] == ["T2025-000001", "T2025-000002"]
    assert run(metered, "draft", MONTH).code == 1
    assert run(metered, "draft", "2025-12").code == 1  # November comes first

    Path(first["documents"][0]).write_bytes(b"somebody else's")
    said = run(metered, "verify", MONTH)
    assert (said.code, first["documents"][0] in said.out) == (1, True)
    assert run(metered, "report", MONTH, "--only", "invoice").code == 0
    assert run(metered, "verify", MONTH).code == 0


def reached(site: Path) -> dict[str, str]:
    opened = open_site(site)
    with opened.database.read() as connection:
        return {
            name: opened.site.calendar.iso(ms)
            for name in ("hpc", "edge")
            for ms in watermarks(connection, name).values()
        }


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-10-01", "2025-11-01"),
        ("2025-10-01T00:00:00+09:00", "2025-11-01T00:00+09:00"),
        ("2025-09-30T15:00:00Z", "2025-10-31T15:00Z"),
        ("2025-09-30", "2025-10-31T15:00:00+00:00"),
    ],
)
def test_a_window_is_days_or_instants_with_their_offset(site: Path, first: str, last: str) -> None:
    said = run(site, "collect", "--from", first, "--to", last, "--complete-to", COMPLETE, "--json")
    assert said.code == 0
    assert [row["rows"] for row in said.document["collected"]] == [3, 1]
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-01T00:00:00+09:00")


@pytest.mark.parametrize(
    "window",
    [[], ["--from", "2025-10-01"], ["--to", COMPLETE], ["--from", "2025-10-01", "--to", COMPLETE]],
    ids=["neither", "from", "to", "both"],
)
def test_a_window_left_open_begins_where_sources_stand_and_ends_where_they_are_complete(
    site: Path, window: list[str]
) -> None:
    said = run(site, "collect", *window, "--complete-to", COMPLETE)
    assert said.code == 0
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-01T00:10:00+09:00")
    later = "2025-11-02T12:00+09:00"
    write_jobs(site, "edge", [*EDGE_JOBS, ("6", "two", *["2025-11-01T20:00:00"] * 2, "a100=1")])
    assert run(site, "collect", "--complete-to", later).code == 0  # from there on
    assert reached(site) == dict.fromkeys(("hpc", "edge"), "2025-11-02T12:00:00+09:00")


def test_nobody_is_taken_to_have_said_that_a_dump_is_complete(site: Path) -> None:
    said = run(site, "collect", "--from", "2025-10-01", "--to", "2025-11-01", "--json")
    assert (said.code, len(failing(said))) == (1, 2)
    assert "--complete-to" in said.document["findings"][0]["detail"]


def test_names_from_outside_are_shown_as_they_are(metered: Path) -> None:
    said = run(metered, "draft", MONTH)
    assert "[red]빨강[/red] :dog:" in said.out
    stray = ("5", "[bold]s[/bold]", "2025-10-20T06:00:00", "2025-10-20T07:00:00", "a100=1")
    write_jobs(metered, "edge", [*EDGE_JOBS, stray])
    collect(metered, "--cluster", "edge")
    said = run(metered, "meter", "2025-10-20")
    assert "edge/[bold]s[/bold]" in said.out


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output of no terminal, whatever the shell of who runs the tests says."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
