"""When things happen: the timetables of collecting, metering, billing and reporting on Airflow."""
