"""Every message of the source is shown in both languages, and every entry has its message."""

from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.wording import english as english_folder
from reports.wording import messages as korean_folder
from reports.wording.labels import MONTH_STATES
from reports.wording.messages import system_errors, usage_errors
from reports.wording.shown_text import ENGLISH, KOREAN, PATTERNS, PLACE, Catalogue, filled, korean
from reports.wording.shown_text import english as in_english
from tests.reports.wording.messages.sql_templates import sql_messages
from tests.reports.wording.messages.templates import (
    HANGUL,
    KOREAN_NAMES,
    NAMES,
    Message,
    korean_messages,
    messages,
    shape_of,
)

OTHERS = system_errors.MESSAGES.keys() | usage_errors.MESSAGES.keys()  # of Typer and the system
OURS = [recorded for recorded in KOREAN.entries if recorded not in OTHERS]
Side = tuple[tuple[Message, ...], list[str], set[str]]
ENTRIES = [
    *((KOREAN, recorded) for recorded in sorted(KOREAN.entries)),
    *((ENGLISH, recorded) for recorded in sorted(ENGLISH.entries)),
]
# Shown as they are but for what stands at their places.
SAME = {
    "{where}: labels: {meaning}", "quantity {reason}", "quantity_milli {reason}",
    "Value error, {reason}", "[Errno {number}] {reason}", "[Errno {number}] {reason}: {path}",
}  # fmt: skip


@pytest.fixture(scope="module", params=["korean", "english"])
def side(request: pytest.FixtureRequest) -> Side:
    """What the source says, the entries of the catalogue that shows it, and what has none."""
    if request.param == "korean":
        return messages(), OURS, NAMES
    return (*korean_messages(), *sql_messages()), list(ENGLISH.entries), KOREAN_NAMES


def places(template: str) -> list[str]:
    return [name for name in PLACE.findall(template) if name]


def shown_values(values: dict[str, str]) -> dict[str, str]:
    return {
        name: MONTH_STATES.get(value, value) if name == "month_state" else value
        for name, value in values.items()
    }


def test_the_source_is_read() -> None:
    assert "{} ends before it begins" in {message.shape for message in messages()}
    assert (len(messages()) > 900, len(korean_messages()) > 100, len(sql_messages()) > 25) == (
        True, True, True,
    )  # fmt: skip


def test_every_message_of_the_source_is_shown(side: Side) -> None:
    said, entries, names = side
    known = {shape_of(entry) for entry in entries} | names
    missing = {message.shape: message.place for message in said if message.shape not in known}
    assert missing == {}, "write them into a module of reports/wording/messages or english"


def test_every_entry_is_of_a_message_of_the_source(side: Side) -> None:
    said, entries, names = side
    shapes = {message.shape for message in said}
    assert [entry for entry in entries if shape_of(entry) not in shapes] == []
    assert names - shapes == set()


def test_a_place_that_stands_twice_has_the_same_value_in_the_source(side: Side) -> None:
    said, entries, _ = side
    by_shape = {shape_of(entry): places(entry) for entry in entries}
    wrong = []
    for message in said:
        value_at: dict[str, str] = {}
        for name, value in zip(by_shape.get(message.shape, ()), message.values, strict=False):
            if value_at.setdefault(name, value) != value:
                wrong.append((message, name))
    assert wrong == []


def test_an_entry_keeps_its_values_and_is_in_its_language() -> None:
    wrong = []
    for catalogue, recorded in ENTRIES:
        shown = catalogue.entries[recorded]
        alike = set(places(recorded)) == set(places(shown))
        in_korean = catalogue is KOREAN and recorded not in SAME
        plain = recorded == recorded.strip() and "\n" not in recorded + shown
        if not (alike and plain) or bool(HANGUL.search(shown)) != in_korean:
            wrong.append(recorded)
    assert wrong == []


@pytest.mark.parametrize(
    ("folder", "catalogue"), [(korean_folder, KOREAN), (english_folder, ENGLISH)]
)
def test_no_two_modules_of_a_catalogue_have_the_same_message(
    folder: ModuleType, catalogue: Catalogue
) -> None:
    names = [module.name for module in iter_modules(folder.__path__)]
    entries = [import_module(f"{folder.__name__}.{name}").MESSAGES for name in names]
    assert sorted(chain(*entries)) == sorted(catalogue.entries)


# A word, as beside a number that it follows at once.
VALUES = st.text("ABCXYZ019_-/", max_size=11).map(lambda end: f"V{end}")


@given(entry=st.sampled_from(ENTRIES), data=st.data())
def test_a_filled_template_is_shown_with_the_same_values(
    entry: tuple[Catalogue, str], data: st.DataObject
) -> None:
    catalogue, recorded = entry
    values = {
        name: str(data.draw(st.integers(0, 999))) if name in PATTERNS else data.draw(VALUES)
        for name in places(recorded)
    }
    shown = filled(catalogue.entries[recorded], shown_values(values))
    assert catalogue.shown(filled(recorded, values)) == shown


def test_each_template_is_recognised() -> None:
    wrong = {}
    for catalogue, recorded in ENTRIES:
        values = {
            name: str(at) if name in PATTERNS else f"V-{at}"
            for at, name in enumerate(places(recorded))
        }
        shown = catalogue.shown(filled(recorded, values))
        if shown != filled(catalogue.entries[recorded], shown_values(values)):
            wrong[recorded] = shown
    assert wrong == {}


def test_values_that_are_messages_are_shown_in_turn() -> None:
    assert korean("2025-10 is draft; run `jeongsan approve 2025-10 --by NAME` first") == (
        "2025-10: 초안 상태입니다. 먼저 `jeongsan approve 2025-10 --by NAME` 을(를) 실행하십시오"
    )
    assert korean("Invalid value for 'MONTH': '2025' is no month: write it like 2025-10") == (
        "'MONTH' 의 값이 잘못되었습니다: '2025': 월이 아닙니다. 2025-10처럼 쓰십시오"
    )


def test_messages_that_stand_in_one_another_or_in_a_list_are_shown_each() -> None:
    assert korean(
        "2 mistakes; nothing was stored\n  registry/projects.csv:3 name: must not be empty\n"
        "  site.toml cluster.hpc scrape: must be 5min at most"
    ) == (
        "잘못 2건이 있어 저장하지 않았습니다\n  registry/projects.csv:3 name: 비울 수 없습니다\n"
        "  site.toml cluster.hpc scrape: 5min 이하여야 합니다"
    )
    assert korean("HPC sacct: 읽지 못함. a.csv: has no list of jobs; b.csv: has no account") == (
        "HPC sacct: 읽지 못함. a.csv: 작업의 목록이 없습니다; b.csv: 계정이 없습니다"
    )


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\n", "[Errno] NO: '/a'", "이미 한국어입니다. 그대로",
     "{}", "{path}", "a: b; c, d. e"],
)  # fmt: skip
def test_what_is_no_message_stays_as_it_is(text: str) -> None:
    assert korean(text) == text


@given(st.lists(st.sampled_from([*"ab:;,. \n{}'", "is ", "no ", "row "]), max_size=60))
def test_any_text_is_shown_line_by_line(parts: list[str]) -> None:
    text = "".join(parts)
    assert korean(text).count("\n") == text.count("\n")


def test_what_the_system_says_is_shown_too() -> None:
    said = "[Errno 28] No space left on device: '/a/b'; nothing is half-written"
    shown = "'/a/b': 장치에 남은 공간이 없습니다(Errno 28). 반쯤 쓰인 것은 없습니다"
    assert korean(said) == shown


def test_a_finding_is_shown_in_english_and_its_reason_too() -> None:
    assert in_english("HPC sacct: 읽지 못함. a.csv: has no list of jobs") == (
        "HPC sacct: could not be read. a.csv: has no list of jobs"
    )
    assert in_english(
        "계정의 소속 과제가 없습니다: 3.05 GPU·시간."
        " 과제에 연결하거나 사유와 함께 청구 제외로 등록하세요."
    ) == (
        "The account belongs to no project: 3.05 GPU·시간. Assign it to a project, or set it aside"
        " with a reason."
    )
