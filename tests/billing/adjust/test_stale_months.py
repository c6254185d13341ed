"""What there is to do next: the way of a month to its issue, and corrections that may be due."""

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from billing.adjust.stale_months import changed_rules, draft_is_old
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger import ledger
from billing.rulebook.rule_book import parse_rulebook, read_rulebook
from metering.database.findings import findings
from metering.database.tables import waived_day
from metering.finding import Finding
from metering.registry.records import Tenancy
from metering.site.open_site import OpenSite
from reports.readiness.next_steps import next_steps
from tests.builders.rules_and_usage import award, book, caps, price, programme, source
from tests.builders.sites.adjust_site import (
    DEC,
    HELD,
    NOV,
    OCT,
    OCTOBER,
    ON,
    RULES,
    again,
    hours,
    put,
    write_rules,
)
from tests.builders.sites.close_site import as_if_metered, put_findings, store_registry


def steps(opened: OpenSite) -> list[tuple[str, str, str]]:
    """The steps of a site that is opened afresh, but for the documents that nobody drew here."""
    opened = again(opened.site.directory)
    with opened.database.read() as connection:
        states, left = ledger.month_states(connection), findings(connection)
    todo = next_steps(opened, states, left)
    opened.database.close()
    undrawn = "발행한 문서 가운데 없는 것"
    return [
        (step.month, step.what, step.command) for step in todo if not step.what.startswith(undrawn)
    ]


def test_where_all_is_issued_and_nothing_has_changed_there_is_nothing_to_do(
    site: OpenSite,
) -> None:
    assert steps(site) == []


def test_late_usage_of_an_issued_month_wants_a_look_at_its_correction(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, hours("A-1", 2, f"{OCT}-07")])
    what = f"발행한 달: 늦게 달라진 사용량: {OCT}-07"
    assert steps(site) == [(OCT, what, f"jeongsan adjust {OCT}")]


def test_an_award_that_changed_is_named_for_the_months_that_it_reaches(site: OpenSite) -> None:
    until = replace(HELD.awards[0], until=date(2025, 11, 10))
    store_registry(site, replace(HELD, awards=(until, *HELD.awards[1:])))
    as_if_metered(site)
    what = "발행한 달: 달라진 협약·기업 정보: WA"
    assert steps(site) == [(f"{OCT} ~ {NOV}", what, f"jeongsan adjust {OCT}")]
    later = award("WC", "P", "C", start=date(2026, 3, 1))
    store_registry(site, replace(HELD, awards=(*HELD.awards, later)))
    as_if_metered(site)
    assert steps(site) == []  # an award to come reaches no issued month


def test_a_rule_that_changed_is_named_and_one_to_come_is_not(site: OpenSite) -> None:
    write_rules(site.site.directory, price("gpu.h100", "7000"))
    what = "발행한 달: 달라진 규칙: gpu.h100"
    assert steps(site) == [(f"{OCT} ~ {NOV}", what, f"jeongsan adjust {OCT}")]
    dearer = {"2025-01-01": "6000", "2025-11-30": "7000"}
    write_rules(site.site.directory, price("gpu.h100", dearer))
    assert steps(site) == [(NOV, what, f"jeongsan adjust {NOV}")]
    write_rules(site.site.directory, {**price("gpu.h100", "6000"), **price("gpu.a100", "1")})
    write_rules(site.site.directory, programme("Q"))
    assert steps(site) == []  # nobody used the one, nobody has an award of the other
    to_come = {"2025-01-01": "6000", "2025-12-01": "7000"}
    write_rules(site.site.directory, price("gpu.h100", to_come))
    assert steps(site) == []


def test_a_budget_of_a_later_year_changes_no_month_of_this_one() -> None:
    def with_budget(years: dict[str, int]) -> dict[str, str]:
        return programme("P", "0.5", funding=[source("national", "1", years)])

    before = book(with_budget({"2025": 100}))
    assert changed_rules(before, book(with_budget({"2025": 100, "2026": 5})), DEC) == []
    assert changed_rules(before, book(with_budget({"2025": 101})), DEC) == ["P"]
    more = book(with_budget({"2025": 100}), programme("Q"))
    assert changed_rules(before, more, DEC) == ["Q"]
    capped = book(programme("P", "0.5", funding=[source("national", "1", {"2025": 100})],
                            more=caps(award=1)))  # fmt: skip
    assert changed_rules(before, capped, DEC) == ["P"]
    assert changed_rules(RULES, RULES, OCT) == []


def test_who_says_so_and_what_moves_no_won_change_no_month() -> None:
    packaged = read_rulebook()
    name = "programmes/AICA-2025R.yaml"
    said = packaged.texts[name].replace("96억원", "9,600,000,000원")
    otherwise = parse_rulebook({**packaged.texts, name: said})
    assert otherwise.digest != packaged.digest
    assert changed_rules(packaged, otherwise, OCT) == []
    recalled = [rule for rule in packaged.programmes if rule.other_use is not None]
    assert recalled
    without = tuple(replace(rule, other_use=None) for rule in packaged.programmes)
    assert changed_rules(packaged, replace(packaged, programmes=without), "2026-06") == []


def test_usage_that_its_inputs_do_not_give_any_more_is_metered_first(site: OpenSite) -> None:
    owned = Tenancy("gpu", "acc", "A-1", date(2025, 11, 1), None)
    store_registry(site, replace(HELD, tenancies=(owned,)))
    days = (f"{NOV}-05", f"{NOV}-06")
    command = f"jeongsan meter {days[0]}..{days[1]}"
    assert steps(site) == [(NOV, f"발행한 달: 다시 계량할 날: {', '.join(days)}", command)]


def test_a_month_is_led_to_its_issue(site: OpenSite) -> None:
    put(site, DEC, [hours("A-1", 1, f"{DEC}-05")])
    assert steps(site) == [(DEC, "초안을 만들 수 있음", f"jeongsan draft {DEC}")]
    draft(site, DEC)
    assert steps(site) == [(DEC, "초안을 승인할 수 있음", f"jeongsan approve {DEC} --by 이름")]
    approve(site, DEC, "박승인")
    assert steps(site) == [(DEC, "승인됨, 발행할 수 있음", f"jeongsan issue {DEC}")]
    assert not draft_is_old(site, DEC)
    put(site, DEC, [hours("A-1", 2, f"{DEC}-05")])
    assert draft_is_old(site, DEC)
    assert steps(site) == [(DEC, "초안을 만든 뒤 자료가 달라짐", f"jeongsan draft {DEC}")]
    draft(site, DEC)
    approve(site, DEC, "박승인")
    issue(site, DEC, ON)
    assert steps(site) == []


def test_what_stands_in_the_way_of_a_month_comes_before_its_draft(site: OpenSite) -> None:
    put(
        site,
        DEC,
        [
            hours(
                "A-1",
                1,
                f"{DEC}-05",
            )
        ],
    )
    day = date(2025, 12, 5)
    with site.database.begin() as connection:
        connection.execute(sa.delete(waived_day).where(waived_day.c.day == date(2025, 12, 6)))
    put_findings(site, "gpu", Finding("fail", "over_capacity", "meter", "gpu", day, "h100", "많음"))
    command = f"jeongsan status --month {DEC} --findings"
    assert steps(site) == [
        (DEC, f"사용량이 없는 날 1: gpu {DEC}-06", f"jeongsan meter {DEC}-01..{DEC}-31"),
        (DEC, "결정할 중단 사항 1건", command),
    ]
