"""Where the files lie that belong to the code: the packaged rules, the project's description."""

from pathlib import Path

_BILLING = Path(__file__).resolve().parent

PACKAGED_RULES = _BILLING / "rules"
PROJECT = _BILLING.parent / "pyproject.toml"  # absent where the program was installed
