"""Every message of the source has its Korean, and every Korean one its message."""

import re
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.wording import messages as folder
from reports.wording import shown_text
from reports.wording.labels import MONTH_STATES
from reports.wording.messages import usage_errors
from reports.wording.shown_text import catalogue, filled, korean
from tests.reports.wording.messages.templates import HANGUL, NAMES, messages, shape_of

ENGLISH = sorted(catalogue())
OURS = {shape_of(english): english for english in ENGLISH if english not in usage_errors.MESSAGES}


def places(template: str) -> list[str]:
    return [name for name in shown_text.PLACE.findall(template) if name]


def test_the_source_is_read() -> None:
    shapes = {message.shape for message in messages()}
    assert len(shapes) > 800
    assert "{} ends before it begins" in shapes


def test_every_message_of_the_source_has_its_korean() -> None:
    missing = {
        message.shape: message.place
        for message in messages()
        if message.shape not in OURS and message.shape not in NAMES
    }
    assert missing == {}, "write their Korean into a module of reports/wording/messages"


def test_every_entry_is_of_a_message_of_the_source() -> None:
    shapes = {message.shape for message in messages()}
    assert [english for shape, english in OURS.items() if shape not in shapes] == []
    assert NAMES - shapes == set()


def test_an_entry_has_its_places_where_the_source_has_the_same_value() -> None:
    wrong = []
    for message in messages():
        names = places(OURS.get(message.shape, ""))
        for name, value in zip(names, message.values, strict=False):
            others = {v for n, v in zip(names, message.values, strict=False) if n == name}
            if names.count(name) > 1 and len(others) > 1:
                wrong.append((message.place, name, value))
    assert wrong == []


@pytest.mark.parametrize("english", ENGLISH)
def test_an_entry_keeps_its_values_and_is_korean(english: str) -> None:
    shown = catalogue()[english]
    assert set(places(english)) == set(places(shown))
    assert HANGUL.search(shown) or english in (
        '"namespace", "pod_label:label_<name>" or "namespace_label:label_<name>"',
        "{where}: labels: {meaning}",
        "quantity {reason}", "quantity_milli {reason}", "Value error, {reason}",
    )  # fmt: skip
    assert english == english.strip()
    assert "\n" not in english + shown


def test_no_module_of_the_catalogue_is_left_out_and_none_says_another_ones_message() -> None:
    names = sorted(module.name for module in iter_modules(folder.__path__))
    assert names == sorted(shown_text.MODULES)
    entries = [import_module(f"{folder.__name__}.{name}").MESSAGES for name in names]
    assert sorted(chain(*entries)) == ENGLISH


VALUES = st.text("ABCXYZ019_-/", min_size=1, max_size=12)


@given(english=st.sampled_from(ENGLISH), data=st.data())
def test_a_filled_template_is_shown_as_its_korean_with_the_same_values(
    english: str, data: st.DataObject
) -> None:
    values = {name: data.draw(VALUES) for name in places(english)}
    values |= {name: str(data.draw(st.integers(1, 999))) for name in values if name == "row"}
    shown = {name: MONTH_STATES.get(value, value) for name, value in values.items()}
    assert korean(filled(english, values)) == filled(catalogue()[english], shown)


@pytest.mark.parametrize("english", ENGLISH)
def test_each_template_is_recognised(english: str) -> None:
    values = {name: f"V-{number}" for number, name in enumerate(places(english))}
    values |= {name: "7" for name in values if name == "row"}
    assert korean(filled(english, values)) == filled(catalogue()[english], values)


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
    ["", "  ", "\n", "[Errno 2] No such file or directory: '/a'", "이미 한국어입니다. 그대로",
     "{}", "{path}", "a: b; c, d. e"],
)  # fmt: skip
def test_what_is_no_message_stays_as_it_is(text: str) -> None:
    assert korean(text) == text


@given(st.lists(st.sampled_from([*"ab:;,. \n{}'", "is ", "no ", "row "]), max_size=60))
def test_any_text_is_shown_and_soon(parts: list[str]) -> None:
    text = "".join(parts)
    assert re.sub(r"[가-힣]", "", korean(text)).count("\n") == text.count("\n")
