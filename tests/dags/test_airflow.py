"""The DAGs on a real Airflow: a night and a month to `issued` through its REST API."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from billing.close.issued_month import IssuedMonth, issued_month
from billing.ledger.ledger import month_state
from dags.standalone import PASSWORDS
from metering.site.open_site import open_site
from tests.builders.sites.command_line import (
    JOBS,
    MONTH,
    SHEETS,
    collect,
    run,
    without_edge,
    write_jobs,
    write_site,
)
from tests.builders.sites.example_month import copy_site
from tests.paths import ROOT

httpx = pytest.importorskip("httpx")
pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="Apache Airflow is not installed"),
]

DEADLINE_S = 240
LAST_DAY, LAST_HOUR = "2025-10-31", "2025-10-31T23"
ISSUED_ON = "2025-11-03"
DAGS = ["bill_monthly", "collect_hourly", "meter_nightly", "report_monthly", "scrape_targets"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(ask: Callable[[], Any], what: str) -> Any:
    """Asks a real server again until it answers; fails with `what` when it never does."""
    gate = threading.Event()
    for _ in range(DEADLINE_S):
        answer = ask()
        if answer:
            return answer
        gate.wait(1)
    pytest.fail(f"no {what} within {DEADLINE_S} s")


class Airflow:
    """What `make airflow` starts, over one site, spoken to through its REST API."""

    def __init__(self, home: Path, site: Path) -> None:
        self.home, port = home, free_port()
        home.mkdir()
        command = [sys.executable, "-m", "dags.standalone", "--port", str(port)]
        # the timetables do not change while they run: to read them again takes a program each
        reading = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600"}
        with (home / "standalone.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--home", str(home), "--site", str(site)],
                cwd=ROOT,
                env=os.environ | reading,
                stdout=log,
                stderr=log,
            )
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)

    def sign_in(self) -> None:
        until(self._ready, "running Airflow")
        password = json.loads((self.home / PASSWORDS).read_text())["finance"]
        answer = self.api.post(
            "/auth/token", json={"username": "finance", "password": password}
        ).raise_for_status()
        self.api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        until(lambda: [one["dag_id"] for one in self.get("dags")["dags"]] == DAGS, "five DAGs")

    def _ready(self) -> bool:
        log = (self.home / "standalone.log").read_text()
        assert self.process.poll() is None, log
        return "http://127.0.0.1" in log

    def get(self, path: str) -> Any:
        return self.api.get(f"/api/v2/{path}").raise_for_status().json()

    def trigger(self, dag: str, key: str | None, **form: str) -> str:
        answer = self.api.post(
            f"/api/v2/dags/{dag}/dagRuns",
            json={"logical_date": None, "partition_key": key, "conf": form},
        )
        assert answer.status_code == 200, answer.text
        run: str = answer.json()["dag_run_id"]
        return run

    def runs(self, dag: str) -> dict[str, str]:
        """The state of every run of a DAG, oldest first, by its id."""
        found = self.get(f"dags/{dag}/dagRuns?order_by=run_after")["dag_runs"]
        assert {one["partition_key"] for one in found} <= {MONTH, None}
        return {one["dag_run_id"]: one["state"] for one in found}

    def opened_besides(self, dag: str, known: set[str]) -> str:
        """The run that Airflow opened by itself."""
        found: set[str] = until(lambda: set(self.runs(dag)) - known, f"run of {dag}")
        (run,) = found
        return run

    def finished(self, dag: str, run: str) -> None:
        def ended() -> str | None:
            state: str = self.get(f"dags/{dag}/dagRuns/{quote(run)}")["state"]
            return state if state in ("success", "failed") else None

        assert until(ended, f"end of {dag} {run}") == "success", self.logs(dag, run)

    def states(self, dag: str, run: str) -> dict[str, str]:
        found = self.get(f"dags/{dag}/dagRuns/{quote(run)}/taskInstances")["task_instances"]
        return {one["task_id"]: one["state"] for one in found}

    def logs(self, dag: str, run: str) -> str:
        lines = []
        place = f"dags/{dag}/dagRuns/{quote(run)}/taskInstances"
        for one in self.get(place)["task_instances"]:
            path = f"{place}/{one['task_id']}/logs/1?map_index={one['map_index']}"
            answer = self.get(path) if one["state"] != "skipped" else {"content": []}
            events = [line["event"] for line in answer["content"] if isinstance(line, dict)]
            lines += [f"{one['task_id']} {one['state']}:", *events]
        return "\n".join(lines)

    def asked(self, run: str) -> dict[str, Any]:
        """What a person reads in Required Actions, once the run waits for it."""
        place = f"dags/bill_monthly/dagRuns/{quote(run)}/taskInstances/approval"
        until(lambda: self.get(place)["state"] == "awaiting_input", "request for approval")
        # Airflow 3.3 fails a task that is answered before its scheduler has seen it begin to wait
        begun = (
            f"executor event with state success .* task_id='approval', run_id='{re.escape(run)}'"
        )
        log = self.home / "parts" / "scheduler.log"
        until(lambda: re.search(begun, log.read_text()), "scheduler that has seen it wait")
        details: dict[str, Any] = self.get(f"{place}/-1/hitlDetails")
        return details

    def answer(self, run: str, option: str, form: dict[str, str | None]) -> None:
        place = f"/api/v2/dags/bill_monthly/dagRuns/{quote(run)}/taskInstances/approval/-1"
        answer = self.api.patch(
            f"{place}/hitlDetails", json={"chosen_options": [option], "params_input": form}
        )
        assert answer.status_code == 200, answer.text

    def close(self) -> None:
        self.api.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@pytest.fixture
def metered(tmp_path: Path) -> Path:
    """A month of a small cluster, metered; copy it before changing it."""
    site = without_edge(write_site(tmp_path / "metered"))
    (site / "registry" / "set_aside.csv").write_text(
        SHEETS["set_aside"] + "hpc,ops,운영 점검,김정산\n", encoding="utf-8"
    )
    ours = ("5", "ops", f"{LAST_DAY}T08:00:00", f"{LAST_DAY}T08:45:00", "h100=1")
    write_jobs(site, "hpc", [*JOBS, ours])
    done = run(site, "load"), collect(site), run(site, "meter", "2025-10-01..2025-10-31")
    for said in done:
        assert said.code == 0, said.err
    return site


@pytest.fixture
def site(metered: Path, tmp_path: Path) -> Path:
    return copy_site(metered, tmp_path / "site")


@pytest.fixture
def airflow(site: Path, tmp_path: Path) -> Iterator[Airflow]:
    running = Airflow(tmp_path / "airflow", site)
    try:
        running.sign_in()
        yield running
    finally:
        running.close()


def test_a_day_and_a_month_run_to_issued_with_a_persons_approval(
    airflow: Airflow, site: Path, metered: Path, tmp_path: Path
) -> None:
    hour = airflow.trigger("collect_hourly", LAST_HOUR)
    by_hand = airflow.trigger("bill_monthly", None, month=MONTH)
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    log = airflow.logs("meter_nightly", night)
    assert "set_aside hpc 2025-10-31: 청구 제외: 0.75 장비시간" in log
    assert "complete: 2025-10-01, 2025-10-02, " in log

    airflow.finished("collect_hourly", hour)
    assert "from 2025-10-31T23:00:00+09:00 to 2025-11-01" in airflow.logs("collect_hourly", hour)

    # the 31st day completes the month, whose run opens by itself and waits for the one by hand
    asked = airflow.asked(by_hand)
    assert asked["subject"] == "2025-10 정산 초안 승인"
    assert "| 기업 | 정가 | 지원 | 자부담 | 청구액 |" in asked["body"]
    by_itself = airflow.opened_besides("bill_monthly", {by_hand})
    assert airflow.runs("bill_monthly") == {by_hand: "running", by_itself: "queued"}

    airflow.answer(by_hand, "Reject", {"issued_on": None})
    airflow.finished("bill_monthly", by_hand)
    assert airflow.states("bill_monthly", by_hand)["issue"] == "skipped"
    again = airflow.asked(by_itself)
    assert again["body"] == asked["body"]
    assert state_of(site) == "draft"

    airflow.answer(by_itself, "Approve", {"issued_on": ISSUED_ON})
    airflow.finished("bill_monthly", by_itself)
    airflow.finished("report_monthly", airflow.opened_besides("report_monthly", set()))

    issued = issued_at(site)
    assert (str(issued.issued_on), issued.approved_by) == (ISSUED_ON, "finance")
    made = documents(site)
    assert len(made) == len(issued.invoices) + 1
    assert made == documents(closed_on_the_command_line(metered, tmp_path / "by-hand"))


def state_of(site: Path) -> str:
    with open_site(site).database as database, database.read() as connection:
        return month_state(connection, MONTH).state


def issued_at(site: Path) -> IssuedMonth:
    opened = open_site(site)
    with opened.database:
        return issued_month(opened, MONTH)


def documents(site: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site / "documents").rglob("*.pdf")}


def closed_on_the_command_line(metered: Path, to: Path) -> Path:
    """A copy of the site, closed on the command line on the same day by the same person."""
    copy_site(metered, to)
    for step in (
        ["meter", LAST_DAY],
        ["draft", MONTH],
        ["approve", MONTH, "--by", "finance"],
        ["issue", MONTH, "--on", ISSUED_ON],
    ):
        said = run(to, *step)
        assert said.code == 0, said.out + said.err
    return to
