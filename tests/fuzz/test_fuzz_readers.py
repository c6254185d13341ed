"""Thousands of damaged inputs of every reader: taken, refused or one error, and no row lost."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from billing.document import parse
from billing.rulebook.rule_book import PACKAGED_RULES, parse_rulebook
from billing.verify.zip_bytes import read_archive, write_archive
from metering.calendar import Calendar
from metering.collect.collect import collect
from metering.errors import JeongsanError, Mistakes
from metering.registry.registry import read_registry
from metering.settings.sections import Store
from metering.settings.site_toml import read_site
from tests.builders.sites.command_line import SHEETS, SITE
from tests.builders.sites.metering_site import ground
from tests.fuzz import readers
from tests.fuzz.damage import damaged
from tests.fuzz.samples import SAMPLES

pytestmark = pytest.mark.breadth

FEW, MANY = 120, 10_000
LANDED = 3  # damaged inputs of each reader that go through all of `collect`
STRUCTURED = frozenset(
    name for name, content in SAMPLES.items() if content[:1] in b"{[" and name != "remote read"
)
TEXTS = ("table of runs", "table of readings", "table of samples", "table of node states")


@pytest.fixture(params=[FEW, pytest.param(MANY, marks=pytest.mark.soak)], ids=["few", "many"])
def times(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUZZ_TOKEN", "token")


def each(name: str, times: int, act: Callable[[bytes], object]) -> None:
    """Runs a reader on the sample, then on damage of it; the seed of a failure is in its note."""
    for number in range(times):
        content = damaged(SAMPLES[name], f"{name} {number}", name in STRUCTURED)
        try:
            act(content)
        except BaseException as error:
            error.add_note(f"seed {name} {number}: {content[:3000]!r}")
            raise


@pytest.mark.breadth
def test_every_sample_is_taken_whole(tmp_path: Path) -> None:
    """What is damaged below is sound before: each gives rows, and nothing of it is refused."""
    read = readers.FileReaders(tmp_path)
    for name in readers.FILES:
        batches = list(read(name, SAMPLES[name]))
        readers.check(batches)
        refused = [row for batch in batches for row in batch.quarantined]
        assert (name, refused) == (name, []) or name in ("lfs quota",)
        assert sum(batch.taken for batch in batches) or name in ("runaway list", "lfs quota"), name
    for name in readers.DECODERS:
        assert readers.measured(name, SAMPLES[name]).taken > 0, name
    for name in readers.CLOUDS:
        (batch,) = readers.cloud_batches(name, SAMPLES[name])
        assert (batch.taken, batch.quarantined) == (batch.rows_read, ()), name
    readers.bank(SAMPLES["bank list"])


@pytest.mark.parametrize("name", readers.FILES)
def test_files(tmp_path: Path, name: str, times: int) -> None:
    read = readers.FileReaders(tmp_path)

    def act(content: bytes) -> None:
        with readers.foreseen():
            batches = list(read(name, content))
            readers.check(batches)
            if name in TEXTS and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
                least, most = readers.lines_of(content)
                rows = sum(batch.rows_read for batch in batches)
                assert least - 1 <= rows <= most - 1, "a line that is no row was swallowed"

    each(name, times, act)


@pytest.mark.parametrize("name", readers.DECODERS)
def test_answers_of_servers(name: str, times: int) -> None:
    def act(content: bytes) -> None:
        with readers.foreseen():
            readers.check([readers.measured(name, content)])

    each(name, times, act)


@pytest.mark.parametrize("name", readers.CLOUDS)
def test_answers_of_clouds(name: str, times: int) -> None:
    def act(content: bytes) -> None:
        with readers.foreseen():
            readers.check(list(readers.cloud_batches(name, content)))

    each(name, times, act)


def test_lists_of_a_bank(times: int) -> None:
    def act(content: bytes) -> None:
        with readers.foreseen():
            readers.bank(content)

    each("bank list", times, act)


@pytest.mark.parametrize("name", readers.FILES)
def test_what_is_read_can_be_landed(tmp_path: Path, name: str) -> None:
    """All of `collect`: damaged input lands, or is a finding, and never ends the night."""
    section = readers.section_of(name)
    store = isinstance(section, Store)
    made = ground(tmp_path, *(() if store else (section,)), stores=(section,) if store else ())
    path = tmp_path / section.sources[0].paths[0]

    def act(content: bytes) -> None:
        path.write_bytes(content)
        (collected,) = collect(made.opened, readers.WINDOW, None, readers.WINDOW.end_ms)
        assert not [
            finding.detail for finding in collected.findings if "unforeseen" in finding.detail
        ]
        assert all(collected.landed(record) >= 0 for record in collected.rows)

    each(name, LANDED, act)


def mistaken(act: Callable[[], object]) -> None:
    """Runs what people write through its reader, which says mistakes or takes it."""
    try:
        act()
    except Mistakes as error:
        str(error).encode()


def written(times: int, name: str, content: bytes, act: Callable[[bytes], object]) -> None:
    for number in range(times):
        changed = damaged(content, f"{name} {number}", structured=False)
        try:
            act(changed)
        except BaseException as error:
            error.add_note(f"seed {name} {number}: {changed[:3000]!r}")
            raise


def test_settings(tmp_path: Path, times: int) -> None:
    def act(content: bytes) -> None:
        (tmp_path / "site.toml").write_bytes(content)
        mistaken(lambda: read_site(tmp_path, {}))

    written(times, "site.toml", SITE.encode(), act)


@pytest.mark.parametrize("sheet", SHEETS)
def test_sheets_of_the_registry(tmp_path: Path, times: int, sheet: str) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    for name, text in SHEETS.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    def act(content: bytes) -> None:
        (folder / f"{sheet}.csv").write_bytes(content)
        mistaken(lambda: read_registry(tmp_path, Calendar("Asia/Seoul")))

    written(times // 4, sheet, SHEETS[sheet].encode(), act)


@pytest.mark.parametrize("name", ["programmes/GPU10K.yaml", "tax.yaml"])
def test_rules(times: int, name: str) -> None:
    texts = {
        path.relative_to(PACKAGED_RULES).as_posix(): path.read_text(encoding="utf-8")
        for path in PACKAGED_RULES.rglob("*.yaml")
    }

    def act(content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        mistaken(lambda: parse_rulebook({name: text}))

    written(times // 4, name, texts[name].encode(), act)


def test_copies_and_documents(tmp_path: Path, times: int) -> None:
    path = tmp_path / "month.zip"
    write_archive(path, [("a.json", b'{"a": [1, "2"]}'), ("b/c.txt", b"text" * 50)])
    sound = path.read_bytes()

    def act(content: bytes) -> None:
        path.write_bytes(content)
        taken: list[tuple[str, bytes]] = []
        try:
            differences = read_archive(path, lambda name, member: taken.append((name, member)))
        except JeongsanError:
            return
        assert differences or content == sound, "a changed byte of a copy was not named"
        for name, member in taken:
            document(name, member)

    def document(name: str, member: bytes) -> None:
        with suppress(JeongsanError):
            parse(member, name)

    written(times, "month.zip", sound, act)
    written(times, "document", b'{"a": [1, -2, "3"], "b": null}', lambda raw: document("d", raw))


def test_workbooks(tmp_path: Path, times: int) -> None:
    """Parts of a workbook that are damaged before they are packed: the archive itself is sound."""
    from tests.metering.registry.test_registry import sheets, write_workbook

    path = write_workbook(tmp_path, sheets()) / "registry" / "registry.xlsx"
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(parts)

    def act(content: bytes) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name in names:
                archive.writestr(name, content if name == chosen else parts[name])
        mistaken(lambda: read_registry(tmp_path, Calendar("Asia/Seoul")))

    for chosen in names:
        written(max(2, times // (8 * len(names))), chosen, parts[chosen], act)
