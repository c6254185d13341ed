"""Airflow's local executor, whose workers have read the program before the first task comes.

Each task is a fork of a worker: what a worker has imported, no task imports again. A task needs
half as much processor time so, and a start of Airflow a second more.
"""

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

# with what these import, all that `dags/stages.py` does
PROGRAM = (
    "jeongsan.clock",
    "metering.collect.collect",
    "metering.usage.complete_days",
    "metering.usage.meter",
    "billing.close.approve_month",
    "billing.close.undrafted_month",
    "billing.verify.check_site",
    "reports.documents",
    "reports.notices.run_notices",
    "reports.operations.metrics",
    "reports.operations.run_log",
    "reports.quota.alarm_messages",
    "reports.readiness.approval_text",
    "reports.readiness.audit_view",
)


class ReadyWorkers(LocalExecutor):
    """Imports the program, then starts its workers: they go on with what was installed then."""

    def start(self) -> None:
        """Before the workers, which are forks of this process."""
        for module in PROGRAM:
            import_module(module)
        super().start()
