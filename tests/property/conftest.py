"""The engine that the properties of usage ask, made once a file."""

import pytest

from metering.usage.duckdb_engine import Engine


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()
