"""What the tests of landing land in."""

from pathlib import Path

import pytest

from tests.builders.landing import Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)
