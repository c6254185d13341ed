"""Starts Airflow over a site: SQLite, LocalExecutor, loopback only (`make airflow`)."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path

DAGS = Path(__file__).resolve().parent
HOST = "127.0.0.1"
PASSWORDS = "simple_auth_manager_passwords.json.generated"
# `airflow standalone` would serve the task logs to every network and start tasks before the API
# that they report to. Nothing here defers, but Airflow's own page asks for the triggerer.
FIRST = (("api-server",), ("dag-processor",))
THEN = (("scheduler", "--skip-serve-logs"), ("triggerer", "--skip-serve-logs"))
READY_S = 240
STOP_S = 10
SAY_S = 10  # between two lines for whom waits
DEMO = Path("demo")  # where `make demo` leaves its site
# Whose tables the database has: looking whether they are there takes Airflow several seconds.
MIGRATED = "migrated"
OWN_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def environment(home: Path, site: Path, port: int) -> dict[str, str]:
    """The variables that make Airflow serve these DAGs over `site`, with its state in `home`."""
    direct = ",".join(filter(None, (os.environ.get("NO_PROXY"), HOST)))
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "dags.ready_workers.ReadyWorkers",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "finance:admin,viewer:viewer",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        # A task that ends just as its worker looks is seen to have ended at the next look only.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "JEONGSAN_SITE": str(site),
        "NO_PROXY": direct,  # tasks speak to the API on loopback
        "no_proxy": direct,
        # Airflow runs the tasks with the interpreter and the commands beside it
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


class Parts:
    """The programs that Airflow is made of; each writes its own log and ends with this one."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        self._logs, self._variables = home / "parts", variables
        self._logs.mkdir(exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def ended(self, name: str) -> bool:
        """Whether a part is through; SystemExit where it ended badly."""
        code = self._running[name].poll()
        if code:
            self.refuse_if_ended(name)
        if code == 0:
            del self._running[name]
        return code == 0

    def start(self, *arguments: str) -> None:
        """Starts a part in a session of its own, so that Ctrl-C reaches it only through here."""
        airflow = str(Path(sys.executable).with_name("airflow"))
        with self._log(arguments[0]).open("wb") as log:
            self._running[arguments[0]] = subprocess.Popen(
                [airflow, *arguments],
                env=dict(os.environ) | dict(self._variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def refuse_if_ended(self, *names: str) -> None:
        """SystemExit with the end of the log of a part that is no more."""
        for name in names or tuple(self._running):
            code = self._running[name].poll()
            if code is not None:
                log = self._log(name)
                end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
                raise refused("\n".join([*end, f"airflow {name} ended ({code}); see {log}"]))

    def stop(self) -> None:
        """Asks every part to end, and ends those that do not."""
        for sign, patience in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            for part in self._running.values():
                with _gone():
                    os.killpg(part.pid, sign)
            until = time.monotonic() + patience
            while time.monotonic() < until and any(map(_alive, self._running.values())):
                time.sleep(0.1)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _alive(part: "subprocess.Popen[bytes]") -> bool:
    """Whether a part, or anything that it started, still runs."""
    part.poll()
    with _gone():
        os.killpg(part.pid, 0)
        return True
    return False


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return


def answers(port: int) -> bool:
    """Whether the API answers."""
    asked = HTTPConnection(HOST, port, timeout=5)
    try:
        asked.request("GET", "/api/v2/version")
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()


def wait_until(there: Callable[[], bool], what: str) -> None:
    """Waits, and says so every few seconds; SystemExit where it takes longer than READY_S."""
    began = said = time.monotonic()
    while not there():
        now = time.monotonic()
        if now - began > READY_S:
            raise refused(f"{what}: not there in {READY_S} s")
        if now - said >= SAY_S:
            said = now
            say(f"    {what} ... {now - began:.0f}초")
        time.sleep(0.2)


def migrate_while(parts: Parts, home: Path, act: Callable[[], None]) -> None:
    """Makes Airflow's database beside what else is to be done; one of this version stays as it is.
    Which tables a database elsewhere has is Airflow's to say, each time."""
    ready, own = home / MIGRATED, OWN_DATABASE not in os.environ
    known = own and (home / "airflow.db").exists() and ready.exists()
    if known and ready.read_text(encoding="utf-8") == version("apache-airflow"):
        act()
        return
    say("Airflow 의 데이터베이스를 준비합니다")
    parts.start("db", "migrate")
    act()
    wait_until(partial(parts.ended, "db"), "Airflow 의 데이터베이스")
    if own:
        ready.write_text(version("apache-airflow"), encoding="utf-8")


def serve(parts: Parts, home: Path, site: Path, port: int) -> None:
    """Runs Airflow over a site until it is told to end, or a part of it ends."""
    say("Airflow 를 시작합니다")
    for part in FIRST:
        parts.start(*part)

    def there() -> bool:
        parts.refuse_if_ended()
        return answers(port)

    wait_until(there, f"Airflow 의 화면 (127.0.0.1:{port})")
    for part in THEN:
        parts.start(*part)
    say("")
    say(f"화면      http://{HOST}:{port}")
    say(f"사용자    finance, 비밀번호는 {home / PASSWORDS}")
    say(f"사이트    {site}")
    if is_demo(site):
        say("          2025-10 은 이미 발행되었습니다. report_monthly 를 Trigger 로 열어 보십시오")
    else:
        say("          bill_monthly 를 Trigger 로 열어 달(예시는 2025-10)을 적으면, 초안이")
        say("          Required Actions 에서 승인을 기다립니다")
    say(f"기록      {home / 'parts'}")
    say("끝내려면  Ctrl-C")
    while True:
        parts.refuse_if_ended()
        time.sleep(0.5)


def is_demo(site: Path) -> bool:
    """Whether it is the example, with its month issued and its documents there."""
    from example.generate import MONTH, is_example

    return is_example(site) and (site / "documents" / MONTH).is_dir()


def example_site(home: Path) -> Path:
    """The example that was used before, else that of `make demo`, else one that is to be made."""
    own = home / "example"
    demo = DEMO.resolve()
    return demo if not own.exists() and is_demo(demo) else own


def prepare(site: Path) -> None:
    """Makes the example site, its month metered, where there is no site yet."""
    if (site / "site.toml").exists():
        return
    from example.demo import meter_example
    from example.first_look import program_name
    from reports.terminal.screen import Screen

    say("예시 사이트를 만듭니다 (`make demo` 를 먼저 실행했으면 그것을 씁니다)")
    # made under another name first: a directory of the right name is a whole one
    making = site.with_name(f"{site.name}.making")
    opened, findings = meter_example(Screen(), making)
    opened.database.close()
    making.replace(site)
    say(f"확인할 사항 {len(findings)}건: {program_name()} --site {site} status")


def refused(text: str) -> SystemExit:
    """What ends this, in Korean as all that it says."""
    from reports.wording.shown_text import korean

    return SystemExit(korean(text))


def say(line: str) -> None:
    """One line for whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Starts Airflow over a site, the example when none is named."""
    parser = argparse.ArgumentParser(prog="python -m dags.standalone", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("airflow-home"), help="Airflow's state")
    site_help = "default: $JEONGSAN_SITE, else the example: of `make demo`, or made in HOME/example"
    parser.add_argument("--site", default=os.environ.get("JEONGSAN_SITE"), help=site_help)
    port = int(os.environ.get("AIRFLOW__API__PORT", "8080"))
    parser.add_argument("--port", type=int, default=port)
    given = parser.parse_args(arguments)
    home = given.home.resolve()
    site = Path(given.site).resolve() if given.site else example_site(home)
    if not Path(sys.executable).with_name("airflow").exists():
        raise refused("Apache Airflow is not installed here: pip install 'jeongsan[airflow]'")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, given.port))
        except OSError as error:
            raise refused(f"port {given.port}: {error.strerror}; choose another --port") from error
    if given.site and not (site / "site.toml").exists():
        raise refused(f"{site} has no site.toml: `jeongsan init` makes one")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold passwords
    for sign in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores the first
        signal.signal(sign, signal.default_int_handler)
    parts = Parts(home, environment(home, site, given.port))
    try:
        migrate_while(parts, home, lambda: prepare(site))
        serve(parts, home, site, given.port)
    except KeyboardInterrupt:
        say("끝냈습니다")
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C leaves nothing running
            signal.signal(sign, signal.SIG_IGN)
        parts.stop()


if __name__ == "__main__":
    main()
