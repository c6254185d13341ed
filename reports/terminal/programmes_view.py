"""The programmes of a day as a person reads them: each value, its first day and who says so."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from billing.rulebook.dated import Dated
from billing.rulebook.programme import (
    CapacitySize,
    Clause,
    Condition,
    FlatFee,
    Programme,
    ShareOfCharge,
    ShareOfMarket,
)
from billing.rulebook.rule_book import RuleBook
from billing.rulebook.rule_value import RuleValue, programme_values
from metering.errors import JeongsanError
from reports.terminal.rules_view import SourceNotes, origin_document, rules_head
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import CAPS, KEYS, TRUNCATED
from reports.wording.labels import ORG_TYPES, VAT_BASES
from reports.wording.limit_words import UNITS
from reports.wording.numbers_and_dates import price

BASES: Final = {
    ShareOfCharge: ("share_of_charge", "정가의 일부를 기업이 부담"),
    ShareOfMarket: ("share_of_market", "시장 가격의 일부를 기업이 부담"),
    FlatFee: ("flat_fee", "용량의 월 정액을 기업이 부담"),
}
JUDGED: Final = {"announcement": "공고일", "agreement": "협약일", "day": "이용일"}
EXCESS: Final = {"list": "정가", "refused": "받지 않음"}
AFTER_FILING: Final = {"self_pay": "기업 부담", "centre": "센터 부담"}
COMBINED: Final = {"multiply": "모두 곱함", "best": "가장 유리한 하나"}
WORDS: Final = {
    **ORG_TYPES,
    "micro": "소상공인", "small": "소기업", "medium": "중기업", "none": "기업 아님",
    "commercial": "상업적 이용", "other_use": "목적 외 사용",
}  # fmt: skip
YES_OR_NO: Final = {
    ("youth", "yes"): "청년기업", ("youth", "no"): "청년기업 아님",
    ("relocated", "yes"): "이전 기업", ("relocated", "no"): "이전 기업 아님",
}  # fmt: skip
# From these no amount follows, so that no explanation names them.
MORE_KEYS: Final = {
    "utilisation": "이용률 기준 (아래면 경고)",
    "seats": "한때의 협약 수",
    "other_use": "회수하는 용도",
}
SHARES: Final = ("company_share", "market_share", "company_in_kind", "funding", "utilisation")


def show_programmes(
    screen: Screen, book: RuleBook, day: date, directory: Path | None, only: str = ""
) -> None:
    """The programmes in the order in which they are applied, and every value of those in force on
    a day; JeongsanError where `only` names none."""
    programmes = [each for each in book.programmes if only in ("", each.programme)]
    if not programmes:
        names = ", ".join(each.programme for each in book.programmes)
        raise JeongsanError(f"the rules have no programme {only!r}; they have {names}")
    rules_head(screen, book, day, directory)
    if screen.as_json:
        screen.fact("programmes", [_document(each, day) for each in programmes])
        return
    rows: list[tuple[Cell, ...]] = [
        (each.programme, each.title, each.authority, each.order, _in_force_text(each, day))
        for each in programmes
    ]
    columns = (
        ("programme", "사업"), ("title", "이름"), ("authority", "기관"), ("order", "순서"),
        ("in_force", "그날"),
    )  # fmt: skip
    screen.table("programmes", "지원 사업", columns, rows, spare=("authority", "order"))
    for each in programmes:
        if each.in_force(day):
            _show(screen, each, day)


def _in_force_text(programme: Programme, day: date) -> str:
    """시행 중; or its first day, or the last that it had."""
    if programme.in_force(day):
        return "시행 중"
    steps = [step for clause in programme.basis.clauses for step in clause.value.steps]
    ended = [step.start for step in steps if step.start <= day]
    if ended:
        return f"{max(ended) - timedelta(days=1)}까지"
    return f"{min(step.start for step in steps)}부터"


def _show(screen: Screen, programme: Programme, day: date) -> None:
    """A programme's values, what it is for, and the notes."""
    notes = SourceNotes()
    rows: list[tuple[Cell, ...]] = [
        (
            _label(programme, value),
            _shown(programme, value),
            "-" if value.start is None else str(value.start),
            notes.mark(value.origin),
        )
        for value in _values(programme, day)
    ]
    columns = (("rule", "규칙"), ("value", "값"), ("start", "부터"), ("origin", "근거"))
    title = f"{programme.programme}  {programme.title}"
    screen.table("values", title, columns, rows, right=("value",))
    for line in _facts(programme):
        screen.say(line)
    screen.say("")
    notes.show(screen)


def _facts(programme: Programme) -> Iterator[str]:
    """What holds on every day, a line each."""
    yield f"  방식  {BASES[type(programme.basis)][1]}"
    yield f"  자원  {', '.join(programme.skus)}"
    if programme.eligible:
        yield f"  대상  {_conditions_text(programme.eligible)}"
    if len(programme.reductions) > 1:
        yield f"  감면  {COMBINED[programme.combine]}"
    stacking = "함께 받을 수 있음" if programme.stacking else "함께 받지 못함"
    yield f"  중복  같은 이용에 다른 사업과 {stacking}"
    yield f"  판단  자격을 보는 날은 {JUDGED[programme.judged_on]}"
    yield f"  초과  한도를 넘는 이용은 {EXCESS[programme.excess]}"
    yield f"  제출  정산을 제출한 뒤에 늘어난 지원은 {AFTER_FILING[programme.after_filing]}"
    yield f"  파일  {programme.file} ({programme.checked_on}에 공고와 대조)"


def _values(programme: Programme, day: date) -> tuple[RuleValue, ...]:
    """Every dated value in force on a day: those that amounts follow from, then the others."""
    names = [reduction.name for reduction in programme.reductions]
    names += [clause.mark for clause in programme.basis.clauses]
    others = (
        programme.seats.number,
        programme.utilisation.below if programme.utilisation else None,
        programme.other_use.recalled_for if programme.other_use else None,
    )
    more = tuple(_no_amount(each, day) for each in others if each and each.or_none(day) is not None)
    return programme_values(programme, day, names) + more


def _no_amount(dated: Dated[Any], day: date) -> RuleValue:
    """A value from which no amount follows, in force on the day."""
    step = dated.step(day)
    text = ", ".join(step.value) if isinstance(step.value, tuple) else str(step.value)
    return RuleValue(dated.file, dated.key, "", text, step.start, step.origin)


def _clause(
    programme: Programme, value: RuleValue
) -> tuple[Clause[Decimal] | None, CapacitySize | None]:
    """The clause that a value is of, and the size of capacity that it prices."""
    _, _, number = value.key.partition("#")
    of_basis = value.key.partition("#")[0] in ("company_share", "market_share", "krw_per_month")
    for clause in programme.basis.clauses if of_basis else ():
        if clause.number == int(number or 0):
            bundles = programme.basis.bundles if isinstance(programme.basis, FlatFee) else ()
            return clause, next((each for each in bundles if clause in each.clauses), None)
    return None, None


def _label(programme: Programme, value: RuleValue) -> str:
    """기업 부담 비율: 창업기업, 중소기업."""
    word, _, rest = value.key.partition("#")[0].partition(" ")
    label = KEYS.get(word, MORE_KEYS.get(word, word))
    clause, size = _clause(programme, value)
    if size is not None and isinstance(programme.basis, FlatFee):
        unit = UNITS[programme.basis.unit]
        label += f" {size.size} {unit}" + ("마다" if size.most != 1 else "")
    if clause is not None and clause.number:
        return f"{label}: {_conditions_text(clause.who) or '그 밖의 기업'}"
    part = value.part or (CAPS.get(rest, "") if word == "cap" else "")
    return f"{label}: {part}" if part else label


def _shown(programme: Programme, value: RuleValue) -> str:
    """A value with its unit: 20 %, 10,000 GB, 15,500,000원."""
    word, _, rest = value.key.partition("#")[0].partition(" ")
    if word == "vat_base":
        return VAT_BASES.get(value.value, value.value)
    if word == "truncate":
        return TRUNCATED[value.value]
    if word == "other_use":
        return ", ".join(WORDS.get(use, use) for use in value.value.split(", "))
    amount = price(Decimal(value.value)) if word not in SHARES else ""
    match word:
        case "reduction":
            return f"× {amount}"
        case "quota":
            return f"{amount} {UNITS[rest]}"
        case "seats":
            return amount
        case "cap" | "budget" | "krw_per_month":
            return f"{amount}원"
        case _:
            return f"{price(Decimal(value.value) * 100)} %"


def _conditions_text(conditions: Sequence[Condition]) -> str:
    """창업기업, 중소기업; 광주."""
    return "; ".join(
        ", ".join(
            YES_OR_NO.get((condition.fact, word), WORDS.get(word, word))
            for word in condition.values
        )
        for condition in conditions
    )


def _document(programme: Programme, day: date) -> dict[str, object]:
    in_force = programme.in_force(day)
    return {
        "programme": programme.programme,
        "title": programme.title,
        "authority": programme.authority,
        "order": programme.order,
        "file": programme.file,
        "checked_on": programme.checked_on,
        "in_force": in_force,
        "basis": BASES[type(programme.basis)][0],
        "skus": list(programme.skus),
        "eligible": _conditions_document(programme.eligible),
        "combine": programme.combine,
        "stacking": programme.stacking,
        "judged_on": programme.judged_on,
        "excess": programme.excess,
        "after_filing": programme.after_filing,
        "values": [_value_document(programme, value) for value in _values(programme, day)]
        if in_force
        else [],
    }


def _value_document(programme: Programme, value: RuleValue) -> dict[str, object]:
    clause, size = _clause(programme, value)
    return {
        "key": value.key,
        "part": value.part or None,
        "size": None if size is None else size.size,
        "for": [] if clause is None else _conditions_document(clause.who),
        "value": value.value,
        "start": value.start,
        **origin_document(value.origin),
    }


def _conditions_document(conditions: Sequence[Condition]) -> list[dict[str, object]]:
    return [{"fact": condition.fact, "values": list(condition.values)} for condition in conditions]
