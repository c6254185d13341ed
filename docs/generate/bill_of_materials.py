"""Writes the bill of materials: every package of requirements.lock with its licence, as CycloneDX
JSON (1.6, https://cyclonedx.org/docs/1.6/json/), the same bytes for the same lock."""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)(?: ; (.+))?")
# What this machine need not have installed: of another system, Python or extra. As PyPI says it.
ELSEWHERE = {
    "colorama": "BSD-3-Clause",
    "grpcio-status": "Apache-2.0",
    "pyspark-client": "Apache-2.0",
    "pyyaml-ft": "MIT",
    "sqlglot": "MIT",
    "zstandard": "BSD-3-Clause",
}


def materials(lock: str) -> dict[str, object]:
    """The document of a lock; ValueError names a line that pins nothing, or a package of which
    nobody says the licence."""
    lines = [line for line in lock.splitlines() if line and not line.startswith("#")]
    own = distribution("jeongsan")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "jeongsan",
                "version": own.version,
                "bom-ref": f"pkg:pypi/jeongsan@{own.version}",
                "licenses": _licences("jeongsan"),
            }
        },
        "components": [_component(line) for line in lines],
    }


def _component(line: str) -> dict[str, object]:
    pin = PIN.fullmatch(line)
    if pin is None:
        raise ValueError(f"requirements.lock: {line!r} pins no version")
    name = re.sub(r"[-_.]+", "-", pin[1]).lower()
    address = f"pkg:pypi/{name}@{pin[2]}"
    component: dict[str, object] = {
        "type": "library",
        "name": name,
        "version": pin[2],
        "purl": address,
        "bom-ref": address,
        "licenses": _licences(name),
    }
    if pin[3]:
        component["properties"] = [{"name": "jeongsan:marker", "value": pin[3]}]
    return component


def _licences(name: str) -> list[dict[str, object]]:
    """What a package says of its licence: an SPDX expression, or the names that it gives."""
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        if name not in ELSEWHERE:
            raise ValueError(f"{name}: is not installed, and nobody says its licence") from None
        return [{"expression": ELSEWHERE[name]}]
    if expression := said.get("License-Expression"):
        return [{"expression": expression}]
    classifiers = said.get_all("Classifier") or []
    names = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License ::")]
    text = (said.get("License") or "").strip().partition("\n")[0]
    if not (names or text):
        raise ValueError(f"{name}: does not say its licence")
    return [{"license": {"name": each}} for each in names or [text]]


def main() -> None:
    """Write it to standard output."""
    document = materials(LOCK.read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
