"""Allocations that hold devices and do little: which they are, and what that is worth."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from close_ground import HOUR_US as HOUR
from close_ground import MONTH, REGISTRY, open_ground, put_day, store_registry
from close_ground import used as metered

from billing.chain import chain_month
from billing.idle import idle_of
from metering.contract import contract
from metering.lake import Lake
from reports.idle_board import idle_of_board
from reports.quota_board import Wanted, board


def test_idle_time_is_worth_its_list_price_and_the_companys_part(tmp_path: Path) -> None:
    opened = open_ground(tmp_path)
    store_registry(opened, REGISTRY)
    day = date(2025, 10, 1)
    put_day(opened, day, {"gpu": [metered(day, n, "gpu.h100", 20 * HOUR) for n in (1, 3)]})
    put_hours(
        opened.lake,
        day,
        [
            ("acc1", "idle", 10, 10, 1),  # account, id, hours held, seen, busy
            ("acc1", "dark", 5, 0, 0),
            ("acc1", "busy", 5, 5, 2),
            ("acc3", "half", 20, 10, 2),
            ("acc3", "brief", 0, 0, 0),
            ("nobody", "none", 9, 9, 0),
        ],
    )
    month = chain_month(opened, MONTH)
    found = idle_of(month, day, Decimal("0.3"))
    # C-1 pays 20 % x 0.5 (Gwangju) of it; C-3 has no award and pays all
    assert [
        (one.allocation_id, one.company_id, one.held_us // HOUR, one.busy_ns // HOUR // 1000,
         one.idle_us // HOUR, one.list_krw, one.own_krw)
        for one in found
    ] == [
        ("idle", "C-1", 10, 1, 9, 54_000, 5_400),
        ("half", "C-3", 20, 2, 8, 48_000, 48_000),  # what nobody saw of it is not idle
    ]  # fmt: skip
    stood = board(opened, "2025-10-01")
    asked = {
        Wanted(): ["idle", "half"], Wanted(company="C-3"): ["half"], Wanted(award="A-1"): ["idle"],
        Wanted(programme="AICA-2025R"): ["idle"], Wanted(programme="AIDC-BASE"): [],
        Wanted(award="A-1", company="C-3"): [],
    }  # fmt: skip
    assert {
        wanted: [one.allocation_id for one in idle_of_board(stood, wanted, opened)]
        for wanted in asked
    } == asked
    assert idle_of(month, day, Decimal("0.1")) == ()  # busy for a tenth is not below a tenth


def put_hours(lake: Lake, day: date, runs: list[tuple[str, str, int, int, int]]) -> None:
    kept = contract("usage_hour")
    rows = [
        {
            "hour_ms": 1_759_244_400_000, "source": "gpu", "account": account,
            "allocation_id": name, "submitted_ms": 0, "started_ms": 0, "sku": "gpu.h100",
            "held_us": held * HOUR, "busy_ns": busy * HOUR * 1000,
            "observed_ms": seen * HOUR // 1000,
            "energy_uj": 0, "estimated": False, "provisional": False,
            "cluster": "gpu", "date": day,
        }
        for account, name, held, seen, busy in runs
    ]  # fmt: skip
    own = pa.schema([field for field in kept.schema if field.name not in kept.partition])
    rows = [{name: row[name] for name in own.names} for row in rows]
    with lake.change() as change:
        change.replace("usage_hour", {"cluster": "gpu", "date": day},
                       pa.Table.from_pylist(rows, schema=own), {})  # fmt: skip
