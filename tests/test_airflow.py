"""The DAGs on a real Airflow: a day and a month to `issued` through its REST API."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from example_month import MONTH, copy_site

from metering.opened import open_site

httpx = pytest.importorskip("httpx")
pytest.importorskip("airflow", reason="Apache Airflow is not installed (extra `airflow`)")
pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow")]

DEADLINE_S = 200
LAST_DAY = "2025-10-31"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(ask: Callable[[], Any], what: str) -> Any:
    """Asks a real server again until it answers; fails with `what` when it never does."""
    gate = threading.Event()
    for _ in range(DEADLINE_S * 2):
        answer = ask()
        if answer:
            return answer
        gate.wait(0.5)
    pytest.fail(f"no {what} within {DEADLINE_S} s")


class Airflow:
    """A running Airflow over one site, spoken to through its REST API."""

    def __init__(self, home: Path, site: Path) -> None:
        from dags.standalone import environment

        self.home, self.port = home, free_port()
        home.mkdir()
        variables = dict(os.environ) | environment(home, site, self.port)
        command = [str(Path(sys.executable).with_name("airflow")), "standalone"]
        self.log = (home / "standalone.log").open("wb")
        self.process = subprocess.Popen(
            command, env=variables, stdout=self.log, stderr=self.log, start_new_session=True
        )
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def sign_in(self) -> None:
        passwords = self.home / "simple_auth_manager_passwords.json.generated"
        until(self._healthy, "healthy Airflow")
        password = until(lambda: passwords.exists() and passwords.read_text(), "password")
        answer = self.api.post(
            "/auth/token", json={"username": "finance", "password": json.loads(password)["finance"]}
        )
        answer.raise_for_status()
        self.api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        until(lambda: len(self.get("/api/v2/dags")["dags"]) == 4, "four DAGs")

    def _healthy(self) -> bool:
        assert self.process.poll() is None, (self.home / "standalone.log").read_text()[-3000:]
        try:
            health = self.api.get("/api/v2/monitor/health").json()
        except httpx.HTTPError:
            return False
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler"))

    def get(self, path: str) -> Any:
        answer = self.api.get(path)
        answer.raise_for_status()
        return answer.json()

    def trigger(self, dag: str, key: str) -> str:
        answer = self.api.post(
            f"/api/v2/dags/{dag}/dagRuns", json={"logical_date": None, "partition_key": key}
        )
        assert answer.status_code == 200, answer.text
        run: str = answer.json()["dag_run_id"]
        return run

    def run_of(self, dag: str, key: str) -> Any:
        runs = self.get(f"/api/v2/dags/{dag}/dagRuns")["dag_runs"]
        return next((run for run in runs if (run["partition_key"] or "").startswith(key)), None)

    def finished(self, dag: str, run: str) -> str:
        def ended() -> str | None:
            state: str = self.get(f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]
            return state if state in ("success", "failed") else None

        state = until(ended, f"end of {dag} {run}")
        assert state == "success", self.logs(dag, run)
        return str(state)

    def logs(self, dag: str, run: str) -> str:
        lines = []
        for task in self.get(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]:
            path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task['task_id']}/logs/1"
            text = self.api.get(path, params={"map_index": task["map_index"]}).text
            lines.append(f"{task['task_id']} {task['state']}: {text[-4000:]}")
        return "\n".join(lines)

    def close(self) -> None:
        self.api.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        self.log.close()


@pytest.fixture
def site(metered_example: Path, tmp_path: Path) -> Path:
    return copy_site(metered_example, tmp_path / "site")


@pytest.fixture
def airflow(site: Path, tmp_path: Path) -> Iterator[Airflow]:
    running = Airflow(tmp_path / "airflow", site)
    try:
        running.sign_in()
        yield running
    finally:
        running.close()


def test_a_day_and_a_month_run_to_issued_with_a_persons_approval(
    airflow: Airflow, site: Path, metered_example: Path, tmp_path: Path
) -> None:
    night = airflow.trigger("meter_nightly", LAST_DAY)
    airflow.finished("meter_nightly", night)
    assert "dark" in airflow.logs("meter_nightly", night)  # findings stand in the task log

    # the 31st day completes the month, so its run opens by itself and waits for a person
    month = until(lambda: airflow.run_of("bill_monthly", MONTH), "run of the month")["dag_run_id"]
    task = f"/api/v2/dags/bill_monthly/dagRuns/{month}/taskInstances/approval/-1"
    waiting = ("awaiting_input", "deferred")
    task_path = f"/api/v2/dags/bill_monthly/dagRuns/{month}/taskInstances/approval"
    until(lambda: airflow.get(task_path)["state"] in waiting, "request for approval")
    asked = airflow.get(f"{task}/hitlDetails")
    assert MONTH in asked["subject"]
    assert "| 기업 | 정가 | 지원 | 자부담 | 청구액 |" in asked["body"]
    with open_site(site).database as database, database.read() as connection:
        from billing.ledger import month_state

        assert month_state(connection, MONTH).state == "draft"

    answer = airflow.api.patch(f"{task}/hitlDetails", json={"chosen_options": ["Approve"]})
    assert answer.status_code == 200, answer.text
    airflow.finished("bill_monthly", month)
    report = until(lambda: airflow.run_of("report_monthly", MONTH), "run of the report")
    airflow.finished("report_monthly", report["dag_run_id"])

    by_hand = issued_by_hand(metered_example, site, tmp_path / "by-hand")
    made = {path.name: path.read_bytes() for path in (site / "documents").rglob("*.pdf")}
    assert made
    assert made == {path.name: path.read_bytes() for path in (by_hand / "documents").rglob("*.pdf")}


def issued_by_hand(metered: Path, like: Path, to: Path) -> Path:
    """A copy of the site, closed on the command line on the same day by the same person."""
    from billing.issued import issued_month

    issued = issued_month(open_site(like), MONTH)
    copy_site(metered, to)
    program = [str(Path(sys.executable).with_name("jeongsan")), "--site", str(to)]
    for step in (
        ["meter", LAST_DAY],
        ["draft", MONTH],
        ["approve", MONTH, "--by", issued.approved_by],
        ["issue", MONTH, "--on", str(issued.issued_on)],
    ):
        done = subprocess.run([*program, *step], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return to
