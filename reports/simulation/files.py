"""Writes what a simulation leaves behind: a spreadsheet and a picture, beside the documents."""

from pathlib import Path

from billing.paths import PACKAGED_RULES
from billing.simulate.simulate import Simulation
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from reports.layout.file_names import safe_name
from reports.layout.write_files import write_file
from reports.simulation.figures import months_text
from reports.simulation.picture import simulation_pdf
from reports.simulation.xlsx import simulation_xlsx

FOLDER = "simulations"


def check_rules(opened: OpenSite, rules: Path) -> None:
    """JeongsanError where the rules are no directory; it says how to make one."""
    if not rules.is_dir():
        raise JeongsanError(
            f"{rules}: no such directory; copy the rules in force and change the copy:"
            f" cp -r {opened.site.rules or PACKAGED_RULES} {rules}"
        )


def write_simulation(
    opened: OpenSite, simulation: Simulation, rules: Path, to: Path | None
) -> list[Path]:
    """The files' paths. They are named for the months and the rules' digest, so that the answers
    about two drafts of rules lie side by side."""
    name = rules.resolve().name
    other, standing = simulation.other.digest, simulation.standing.digest
    subtitle = f"{name} (규칙 {other[:12]}) · 지금 규칙 {standing[:12]}"
    stem = safe_name(f"{months_text(simulation)}_{name}_{other[:8]}")
    author = opened.site.issuer.name
    files = {
        f"{stem}.xlsx": simulation_xlsx(simulation, subtitle, author),
        f"{stem}.pdf": simulation_pdf(simulation, subtitle, author),
    }
    folder = to or opened.site.documents / FOLDER
    return [write_file(folder / name, content) for name, content in files.items()]
