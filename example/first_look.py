"""Where to look next after the demo: commands to paste, and other rules for one to try."""

import shlex
import shutil
import sys
from pathlib import Path

from billing.close.issued_month import Issued
from billing.paths import PACKAGED_RULES
from reports.terminal.screen import Screen

WHAT_IF = "rules-what-if"
PRICE = Path("prices") / "gpu.h100.yaml"
LOWER_PRICE = """\
  2025-10-15:
    value: "5400"
    assumed: "검토 중인 안(예시): 15일부터 10 % 내림"
"""
LOOKED_AT = "2025-10-20"  # a limit of the largest company has been used up by then


def write_what_if(directory: Path) -> Path:
    """The packaged rules with H100 hours a tenth cheaper from the 15th on; the same on each run."""
    rules = directory / WHAT_IF
    shutil.copytree(PACKAGED_RULES, rules, dirs_exist_ok=True)
    packaged = (PACKAGED_RULES / PRICE).read_text(encoding="utf-8")
    (rules / PRICE).write_text(packaged.rstrip("\n") + "\n" + LOWER_PRICE, encoding="utf-8")
    return rules


def next_looks(directory: Path, issued: Issued, program: str) -> list[tuple[str, str]]:
    """What a newcomer asks next, and the command that answers it, as a shell takes it."""
    largest = max(issued.invoices, key=lambda invoice: invoice.charge_krw)
    site = shlex.quote(str(directory))
    rules = shlex.quote(str(directory / WHAT_IF))
    jeongsan = f"{shlex.quote(program)} --site {site}"
    return [
        ("청구서의 한 줄이 왜 그 금액인지", f"{jeongsan} explain {largest.number} 1"),
        (
            "그 기업의 한도가 얼마나 남았고 무엇이 놀고 있는지",
            f"{jeongsan} quota {LOOKED_AT} --company {largest.company_id}",
        ),
        (
            "H100 값을 15일부터 10 % 내렸다면 그달이 어땠을지",
            f"{jeongsan} simulate {issued.month} --rules {rules}",
        ),
    ]


def program_name() -> str:
    """What a shell has to be given so that this program runs, and a line can be pasted: `jeongsan`
    where the shell finds that, else its path from here."""
    own, here = Path(sys.executable).with_name("jeongsan"), Path.cwd()
    if not own.exists() or shutil.which("jeongsan") == str(own):
        return "jeongsan"
    return str(own.relative_to(here) if own.is_relative_to(here) else own)


def show_looks(screen: Screen, looks: list[tuple[str, str]]) -> None:
    """The questions, each with its command in a line of its own."""
    if screen.as_json:
        screen.fact("next", [command for _, command in looks])
        return
    screen.say("")
    screen.say("다음에 볼 것 (그대로 붙여 넣으면 됩니다):")
    for question, command in looks:
        screen.say(f"  {question}")
        screen.say(f"    {command}")
