"""Which month nobody drafted although it is complete: whoever was told of its days has forgotten
them, as an Airflow with a new database or a DAG of another name has."""

from datetime import date

import sqlalchemy as sa

from billing.ledger.ledger import month_state, month_states
from metering.calendar import days_of_month, month_of, next_month
from metering.database.tables import announced_day
from metering.site.open_site import OpenSite


def undrafted_days(opened: OpenSite) -> dict[date, str]:
    """The days of the first month that is not issued, with the digests that they were announced
    with; empty unless all of them were announced and the month has had no draft."""
    with opened.database.read() as connection:
        issued = {state.month for state in month_states(connection) if state.state == "issued"}
        month = opened.site.first_month
        while month in issued:
            month = next_month(month)
        drafted = month_state(connection, month).state != "open"
        rows = connection.execute(sa.select(announced_day).order_by(announced_day.c.day))
        days = {row.day: row.digest for row in rows if month_of(row.day) == month}
    return days if list(days) == days_of_month(month) and not drafted else {}
