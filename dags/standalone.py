"""Starts Airflow over a site: SQLite, LocalExecutor, loopback only (`make airflow`)."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

DAGS = Path(__file__).resolve().parent


def environment(home: Path, site: Path, port: int = 8080) -> dict[str, str]:
    """The variables that make Airflow serve these DAGs over `site`, with its state in `home`."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "finance:admin,viewer:viewer",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "JEONGSAN_SITE": str(site),
        # Airflow runs the tasks with the interpreter and the commands beside it
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def run(home: Path, site: Path, port: int, inherited: Mapping[str, str] = os.environ) -> None:
    """Replaces this process by `airflow standalone`; does not return."""
    command = Path(sys.executable).with_name("airflow")
    if not command.exists():
        raise SystemExit("Apache Airflow is not installed here: pip install 'jeongsan[airflow]'")
    variables = dict(inherited) | environment(home, site, port)
    os.execve(command, [str(command), "standalone"], variables)  # noqa: S606 - no shell


def main() -> None:
    """Makes the example site in ./demo when there is none, then starts Airflow over it."""
    from example.generate import generate

    site = Path(os.environ.get("JEONGSAN_SITE", "demo")).resolve()
    if not (site / "site.toml").exists():
        generate(site, lambda line: sys.stdout.write(f"{line}\n"))
    home = Path(os.environ.get("AIRFLOW_HOME", "airflow-home")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(
        f"Airflow over {site}: http://127.0.0.1:8080, user finance, password in\n"
        f"{home / 'simple_auth_manager_passwords.json.generated'}\n"
    )
    sys.stdout.flush()
    run(home, site, 8080)


if __name__ == "__main__":
    main()
