"""What a row of the registry cannot say, and what rows owe to each other."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from metering.errors import JeongsanError
from metering.registry.checks import SiteNames
from metering.registry.registry import (
    CompanyFacts,
    read_registry,
)
from tests.metering.registry.test_registry import (
    ASIDE,
    AWARD,
    COMPANY,
    DEVICE,
    OCTOBER_MS,
    OTHER,
    PROJECT,
    READ,
    SEOUL,
    TENANCY,
    Rows,
    mistakes_in,
    mistakes_of,
    sheets,
    write_csv,
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"companies": [COMPANY, OTHER | {"business_number": "124-81-00998"}]},
            "registry/companies.csv:3 business_number: '124-81-00998' is in row 2 already",
        ),
        (
            {"projects": [PROJECT, PROJECT]},
            "registry/projects.csv:3 project_id: 'P-1' is in row 2 already",
        ),
        (
            {"awards": [AWARD, AWARD]},
            "registry/awards.csv:3 award_id: 'A-1' is in row 2 already",
        ),
        (
            {"set_aside": [ASIDE, ASIDE]},
            "registry/set_aside.csv:3 account: 'burn-in' is in row 2 already",
        ),
        (
            {"set_aside": [ASIDE | {"account": "mudeung"}]},
            "registry/set_aside.csv:2 account: 'mudeung' of hpc is owned by row 2 of tenancy",
        ),
        (
            {"companies": [COMPANY, OTHER], "awards": [AWARD | {"company_id": "C-2"}]},
            "registry/awards.csv:2 project_id: P-1 is a project of C-1, not of C-2",
        ),
        (
            {"awards": [AWARD | {"announced_on": "2025-09-26"}]},
            "registry/awards.csv:2 announced_on: 2025-09-26 is after the agreement of 2025-09-25",
        ),
        (
            {"awards": [AWARD | {"quota_unit": ""}]},
            "registry/awards.csv:2 quota_unit: a quota and its unit stand together or not at all",
        ),
        (
            {"awards": [AWARD | {"until": "2025-10-01"}]},
            ("registry/awards.csv:2 until: 2025-10-01 is not after 2025-10-01; it is the first day"
            " without"),
        ),
        (
            {"devices": [DEVICE | {"removed_at": "2025-10-01"}]},
            "registry/devices.csv:2 removed_at: is not after installed_at",
        ),
        (
            {"devices": [DEVICE, DEVICE]},
            ("registry/devices.csv:3 installed_at: 'GPU-1' is in hpc at that time already, by"
            " row 2"),
        ),
        (
            {"devices": [DEVICE, DEVICE | {"device_uid": "MIG-1", "slice": "1g.10gb"}]},
            "registry/devices.csv:3 parent: a slice needs the board that it is a part of",
        ),
        (
            {"devices": [DEVICE | {"parent": "GPU-9"}]},
            "registry/devices.csv:2 parent: there is no device 'GPU-9' in hpc",
        ),
        (
            {"companies": [COMPANY | {"from": "2025-09-11"}]},
            ("registry/companies.csv:2 from: 2025-09-11 is too late: awards row 2 needs"
            " 2025-09-10; leave the first `from` empty"),
        ),
        (
            {"companies": [COMPANY, COMPANY | {"founded_on": "2021-03-03", "from": "2025-10-01"}]},
            ("registry/companies.csv:3 founded_on: '2021-03-03', but row 2 says '2021-03-02' of the"
            " same company"),
        ),
        (
            {"companies": [COMPANY, COMPANY | {"size": "medium"}]},
            ("registry/companies.csv:3 from: row 2 says as well what the company is from the"
            " beginning on"),
        ),
        (
            {"companies": [COMPANY | {"company_id": "../C-1"}], "projects": []},
            ("registry/companies.csv:2 company_id: '../C-1' may have letters, digits and . _ -"
            " inside only"),
        ),
        (
            {"companies": [COMPANY | {"name": "(주)무\u202e등"}]},
            "registry/companies.csv:2 name: character 5 (U+202E) cannot be printed; remove it",
        ),
        (
            {"companies": [COMPANY | {"address": "광주\n북구"}]},
            "registry/companies.csv:2: is of a quoted cell that runs over lines, 2 to 3",
        ),
        (
            {"companies": [COMPANY | {"name": "가" * 301}]},
            "registry/companies.csv:2 name: has 301 characters, 300 at most are allowed",
        ),
    ],
)  # fmt: skip
def test_what_rows_cannot_say_is_refused_with_its_cell(
    tmp_path: Path, changed: dict[str, Rows], message: str
) -> None:
    assert message in mistakes_in(tmp_path, **changed)


@pytest.mark.parametrize(
    ("spans", "wrong"),
    [
        ([("2025-10-01", "2025-10-15"), ("2025-10-15", "")], []),
        ([("2025-10-15", ""), ("2025-10-01", "2025-10-15")], []),
        ([("2025-10-01", "2025-10-16"), ("2025-10-15", "")], [(3, "2025-10-15", 2)]),
        ([("2025-10-01", ""), ("2025-11-01", "2025-12-01")], [(3, "2025-11-01", 2)]),
        (
            [("2025-10-01", ""), ("2025-11-01", "2025-12-01"), ("2026-01-01", "")],
            [(3, "2025-11-01", 2), (4, "2026-01-01", 2)],
        ),
    ],
)
def test_an_account_has_one_owner_a_day(
    tmp_path: Path, spans: list[tuple[str, str]], wrong: list[tuple[int, str, int]]
) -> None:
    rows: Rows = [TENANCY | {"from": start, "until": until} for start, until in spans]
    site = write_csv(tmp_path, sheets(tenancy=rows))
    expected = [
        f"registry/tenancy.csv:{row} from: account 'mudeung' of hpc has an owner already on {day},"
        f" by row {by}"
        for row, day, by in wrong
    ]
    if expected:
        assert mistakes_of(site) == expected
    else:
        assert len(read_registry(site, SEOUL).tenancies) == len(spans)


def test_the_same_account_of_two_sources_has_two_owners(tmp_path: Path) -> None:
    rows: Rows = [TENANCY, TENANCY | {"source": "cloud"}]
    registry = read_registry(write_csv(tmp_path, sheets(tenancy=rows)), SEOUL)
    assert [tenancy.source for tenancy in registry.tenancies] == ["cloud", "hpc"]


def test_a_device_may_come_back_after_it_was_removed(tmp_path: Path) -> None:
    noon = "2025-10-02T12:00:00"
    first = DEVICE | {"removed_at": f"{noon}+09:00"}
    registry = read_registry(
        write_csv(tmp_path, sheets(devices=[DEVICE | {"installed_at": noon}, first])), SEOUL
    )
    assert [(device.installed_ms, device.removed_ms) for device in registry.devices] == [
        (OCTOBER_MS, SEOUL.instant(noon, "site")),
        (SEOUL.instant(noon, "site"), None),
    ]


def test_a_slice_belongs_to_a_board_and_not_to_a_slice(tmp_path: Path) -> None:
    inner = DEVICE | {"device_uid": "MIG-1", "parent": "GPU-1", "slice": "1g.10gb"}
    deep = inner | {"device_uid": "MIG-2", "parent": "MIG-1"}
    assert mistakes_in(tmp_path, devices=[DEVICE, inner, deep]) == [
        "registry/devices.csv:4 parent: 'MIG-1' is a slice itself"
    ]


def test_type_size_and_place_hold_from_their_day(tmp_path: Path) -> None:
    moved = {**COMPANY, "org_type": "sme", "place": "서울", "from": "2025-10-15"}
    site = write_csv(tmp_path, sheets(companies=[moved, COMPANY]))
    company = read_registry(site, SEOUL).company("C-1")
    before = CompanyFacts(None, "startup", "small", "광주")
    after = CompanyFacts(date(2025, 10, 15), "sme", "small", "서울")
    assert company.facts == (before, after)
    assert company.on(date(2025, 10, 14)) == before
    assert company.on(date(2025, 10, 15)) == after


def test_a_day_before_the_first_facts_has_none() -> None:
    facts = (CompanyFacts(date(2025, 10, 15), "sme", "small", "서울"),)
    company = replace(READ.companies[0], facts=facts)
    with pytest.raises(JeongsanError, match="does not say what it was on 2025-10-14"):
        company.on(date(2025, 10, 14))


def test_clusters_and_sources_are_those_of_the_site(tmp_path: Path) -> None:
    site = write_csv(tmp_path, sheets())
    names = SiteNames(frozenset({"gpu"}), frozenset({"gpu"}))
    assert mistakes_of(site, names) == [
        "registry/devices.csv:2 cluster: site.toml has no cluster 'hpc'",
        "registry/set_aside.csv:2 source: site.toml has no cluster, store or source 'hpc'",
        "registry/tenancy.csv:2 source: site.toml has no cluster, store or source 'hpc'",
    ]
    assert read_registry(site, SEOUL, SiteNames(frozenset({"hpc"}), None)) == READ


def test_a_company_has_another_number_than_who_issues_its_invoices(tmp_path: Path) -> None:
    site = write_csv(tmp_path, sheets())
    own, other = (
        SiteNames(frozenset({"hpc"}), None, issuer=digits)
        for digits in ("1248100998", "9908012346")
    )
    assert mistakes_of(site, own) == [
        (
            "registry/companies.csv:2 business_number: 124-81-00998 is the issuer's own"
            " (site.toml): nobody sends itself an invoice; write its accounts to set_aside"
        )
    ]
    assert read_registry(site, SEOUL, other) == READ
