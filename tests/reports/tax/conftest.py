"""Keys to sign with, made once: keys take time to make."""

from pathlib import Path

import pytest

from reports.tax.signature import (
    Signer,
    own_test_signer,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a test key, made once: keys take time to make."""
    key_folder = tmp_path_factory.mktemp("key")
    own_test_signer(key_folder)
    return key_folder


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another one."""
    key_folder = tmp_path_factory.mktemp("other")
    own_test_signer(key_folder)
    return key_folder


@pytest.fixture
def signer(folder: Path) -> Signer:
    return own_test_signer(folder)
