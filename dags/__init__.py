"""When things happen: the timetables of collecting, metering, billing and reporting on Airflow.

Not here: what happens then (metering, billing, reports); a task only calls it.
Entry: `bill_monthly.bill_monthly` and its neighbours; `standalone.main` starts Airflow over a site.
"""
