"""What `make airflow` starts, over one site, spoken to through its REST API."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from dags.standalone import PASSWORDS
from tests.builders.sites.command_line import MONTH
from tests.paths import ROOT

Page = dict[str, Any]  # what Required Actions shows of one request
DEADLINE_S = 240
POLL_S = 0.4
DAGS = [
    "bill_monthly", "check_weekly", "collect_hourly", "meter_nightly", "report_monthly",
    "scrape_targets",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(ask: Callable[[], Any], what: str) -> Any:
    """Asks a real server again until it answers; fails with `what` when it never does."""
    gate = threading.Event()
    for _ in range(int(DEADLINE_S / POLL_S)):
        answer = ask()
        if answer:
            return answer
        gate.wait(POLL_S)
    pytest.fail(f"no {what} within {DEADLINE_S} s")


def digest_on(page: Page) -> str:
    """Of which draft a page of Required Actions is."""
    return str(page["params"]["digest"]["value"])


class Airflow:
    """What `make airflow` starts, over one site, spoken to through its REST API."""

    def __init__(self, home: Path, site: Path, root: Path = ROOT, reread_s: int = 600) -> None:
        """`root` holds the folder dags/, whose files are read again when `reread_s` are over: a
        program each, for files that do not change."""
        self.home, self.close_dag, port = home, "bill_monthly", free_port()
        home.mkdir()
        command = [sys.executable, "-m", "dags.standalone", "--port", str(port)]
        settings = {
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": str(reread_s),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        }
        with (home / "standalone.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--home", str(home), "--site", str(site)],
                cwd=root,
                env=os.environ | settings | {"PYTHONPATH": str(root)},
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
        until(lambda: self.dags() == DAGS, "all DAGs")

    def dags(self) -> list[str]:
        """What Airflow has found in the files, in the order of their names."""
        return sorted(one["dag_id"] for one in self.get("dags")["dags"])

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

    def refused(self, dag: str, form: dict[str, str]) -> int:
        """The status of a form that is refused before anything runs."""
        asked = {"logical_date": None, "conf": form}
        return self.api.post(f"/api/v2/dags/{dag}/dagRuns", json=asked).status_code

    def tries(self, dag: str, run: str, task: str) -> int:
        """How often a task has been tried."""
        place = f"dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}"
        number: int = self.get(place)["try_number"]
        return number

    def map_names(self, dag: str, run: str, task: str) -> set[str]:
        """What the mapped instances of a task are called on its page."""
        place = f"dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}/listMapped"
        return {one["rendered_map_index"] for one in self.get(place)["task_instances"]}

    def runs(self, dag: str) -> dict[str, str]:
        """The state of every run of a DAG, oldest first, by its id."""
        found = self.get(f"dags/{dag}/dagRuns?order_by=run_after")["dag_runs"]
        return {one["dag_run_id"]: one["state"] for one in found}

    def opened_besides(self, dag: str, known: set[str]) -> str:
        """The run of the month that Airflow opened by itself."""
        found: set[str] = until(lambda: set(self.runs(dag)) - known, f"run of {dag}")
        (run,) = found
        assert self.get(f"dags/{dag}/dagRuns/{quote(run)}")["partition_key"] == MONTH
        return run

    def finished(self, dag: str, run: str, state: str = "success") -> None:
        def ended() -> str | None:
            state: str = self.get(f"dags/{dag}/dagRuns/{quote(run)}")["state"]
            return state if state in ("success", "failed") else None

        assert until(ended, f"end of {dag} {run}") == state, self.logs(dag, run)

    def clear(self, run: str, task: str, *, followers: bool) -> None:
        """Has a task of the close run again, alone or with all that follows it."""
        answer = self.api.post(
            f"/api/v2/dags/{self.close_dag}/clearTaskInstances",
            json={
                "dry_run": False,
                "dag_run_id": run,
                "task_ids": [task],
                "only_failed": False,
                "include_downstream": followers,
                "reset_dag_runs": True,
            },
        )
        assert answer.status_code == 200, answer.text

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

    def refusal(self, run: str, task: str, times: int = 1) -> str:
        """What a task of the close logged that failed at its so manieth try."""
        place = f"dags/{self.close_dag}/dagRuns/{quote(run)}/taskInstances/{task}"

        def failed() -> bool:
            state = self.get(place)
            return bool(state["state"] == "failed" and state["try_number"] >= times)

        until(failed, f"failed {task}")
        tried = self.get(place)["try_number"]
        answer = self.get(f"{place}/logs/{tried}?map_index=-1")
        return json.dumps(answer["content"], ensure_ascii=False)

    def asked(self, run: str, times: int = 1) -> Page:
        """What a person reads in Required Actions, once the run waits for it; for the second time
        where it was asked anew."""
        place = f"dags/{self.close_dag}/dagRuns/{quote(run)}/taskInstances/approval"

        def waits() -> bool:
            state = self.get(place)
            return bool(state["state"] == "awaiting_input" and state["try_number"] >= times)

        until(waits, "request for approval")
        # Airflow 3.3 fails a task that is answered before its scheduler has seen it begin to wait
        begun = (
            f"executor event with state success .* task_id='approval', run_id='{re.escape(run)}', "
            f"try_number={times}"
        )
        log = self.home / "parts" / "scheduler.log"
        until(lambda: re.search(begun, log.read_text()), "scheduler that has seen it wait")
        details: Page = self.get(f"{place}/-1/hitlDetails")
        return details

    def answer(self, run: str, option: str, page: Page, **typed: object) -> int:
        """Answers a page as a browser does that shows it: its form, but for what was typed in.
        The status of the answer."""
        place = f"/api/v2/dags/{self.close_dag}/dagRuns/{quote(run)}/taskInstances/approval/-1"
        form = {name: field["value"] for name, field in page["params"].items()} | typed
        answer = self.api.patch(
            f"{place}/hitlDetails", json={"chosen_options": [option], "params_input": form}
        )
        return answer.status_code

    def close(self) -> None:
        self.api.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@contextmanager
def running(home: Path, site: Path, root: Path = ROOT, reread_s: int = 600) -> Iterator[Airflow]:
    """An Airflow over a site, signed in to."""
    airflow = Airflow(home, site, root, reread_s)
    try:
        airflow.sign_in()
        yield airflow
    finally:
        airflow.close()
