"""The bill of materials has every package of the lock, each with the licence that it says."""

import pytest

from docs.generate.bill_of_materials import LOCK, materials
from tests.paths import ROOT

TEXT = LOCK.read_text(encoding="utf-8")


def test_every_package_of_the_lock_is_in_it_with_a_licence() -> None:
    document = materials(TEXT)
    components: list[dict[str, str]] = document["components"]  # type: ignore[assignment]
    pins = [line.split(" ;")[0].lower().replace("_", "-").replace(".", "-")
            for line in TEXT.splitlines() if line and not line.startswith("#")]  # fmt: skip
    written = [f"{c['name']}=={c['version']}".replace("_", "-").replace(".", "-").lower()
               for c in components]  # fmt: skip
    assert written == pins
    assert len({component["bom-ref"] for component in components}) == len(pins) > 100
    assert [c["name"] for c in components if not c["licenses"]] == []
    assert document == materials(TEXT)
    known = {component["name"]: component["licenses"] for component in components}
    assert known["sqlglot"] == [{"expression": "MIT"}]


@pytest.mark.parametrize("line", ["pyarrow>=26", "nobody-has-this-package==1"])
def test_what_pins_nothing_or_says_no_licence_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=line.partition(">")[0].partition("==")[0]):
        materials(line)


def test_ci_makes_it() -> None:
    assert "bom" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
