"""What lies beside the code is found where the code says that it is, wherever a module moves."""

import tomllib

import billing.paths
import metering.paths
from billing.bundle.versions import versions


def test_every_folder_of_files_holds_what_is_looked_for_in_it() -> None:
    assert (metering.paths.SQL / "usage_day" / "table.yaml").is_file()
    assert (metering.paths.SQL / "usage_day" / "query.sql").is_file()
    assert (metering.paths.MIGRATIONS / "versions" / "0001_metering.py").is_file()
    assert (metering.paths.MIGRATIONS / "env.py").is_file()
    assert (metering.paths.FAMILIES / "dcgm.yaml").is_file()
    assert (billing.paths.PACKAGED_RULES / "tax.yaml").is_file()
    assert (billing.paths.PACKAGED_RULES / "programmes").is_dir()


def test_the_version_is_that_of_the_tree_that_runs() -> None:
    """Looked for one folder too deep, it would be the installed one, and nobody would be told."""
    project = tomllib.loads(billing.paths.PROJECT.read_text(encoding="utf-8"))["project"]
    assert project["name"] == "jeongsan"
    assert versions()["jeongsan"] == project["version"]
