"""Where the tests find the project, and the files that lie beside them."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SQL_CASES = TESTS / "sql"
RULE_CASES = TESTS / "rule_cases"
BROKEN_RULES = TESTS / "rules_broken"
