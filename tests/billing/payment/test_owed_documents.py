"""What documents still ask once others take them back: owed = issued - taken back - paid."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.payment.cash_application import MoneyUse
from billing.payment.owed_documents import Owed, PayableDocument, owed

DAY = date(2026, 11, 30)
CHAIN = ("1", "C", "taxable", "2026-08")


def asks(number: str, krw: int, amends: str | None = None, back: bool = False) -> PayableDocument:
    """A document of one chain."""
    return PayableDocument("1", number, "C", "다", DAY, DAY, krw, CHAIN, amends, back)


def paid(number: str, krw: int, how: str = "number") -> MoneyUse:
    return MoneyUse("matched", "p", "C", number, krw, DAY, how, "김")


def figures(standing: Owed) -> dict[str, tuple[int, int, bool]]:
    """What is open of each, what is to be given back of it, and whether it is taken back."""
    return {
        document.number: (
            document.open_krw,
            standing.overpaid_krw.get(document.number, 0),
            document.taken_back,
        )
        for document in standing.documents
    }


ORIGINAL = asks("T1", 132_000)
PAIR = (asks("T2", -132_000, "T1", back=True), asks("T3", 198_000, "T1"))


def test_an_original_that_a_pair_takes_back_unpaid_is_not_owed_and_nothing_is_given_back() -> None:
    assert figures(owed([ORIGINAL, *PAIR], [])) == {
        "T1": (0, 0, True), "T3": (198_000, 0, False),
    }  # fmt: skip


def test_of_an_original_that_was_paid_just_that_is_given_back() -> None:
    for krw in (1, 131_999, 132_000):
        standing = owed([ORIGINAL, *PAIR], [paid("T1", krw)])
        assert figures(standing) == {"T1": (0, krw, True), "T3": (198_000, 0, False)}
        assert standing.set_off_krw["T1"] == 132_000 - krw


def test_a_difference_lowers_its_original_and_gives_back_only_what_was_paid_beyond() -> None:
    lower = asks("T2", -30_000, "T1")
    for krw, left in (
        (0, (102_000, 0)),
        (102_000, (0, 0)),
        (102_001, (0, 1)),
        (132_000, (0, 30_000)),
    ):
        standing = owed([ORIGINAL, lower], [paid("T1", krw)])
        assert figures(standing) == {"T1": (*left, False)}
    more = asks("T2", 30_000, "T1")
    assert figures(owed([ORIGINAL, more], [])) == {
        "T1": (132_000, 0, False), "T2": (30_000, 0, False),
    }  # fmt: skip


def test_what_takes_a_difference_back_is_no_debt_of_its_own() -> None:
    """A 1 after a 2: each document of the chain is taken back, then the right one is due."""
    chain = [
        ORIGINAL,
        asks("T2", -30_000, "T1"),
        asks("T3", -132_000, "T1", back=True),
        asks("T4", 30_000, "T2", back=True),
        asks("T5", 90_000, "T1"),
    ]
    assert figures(owed(chain, [])) == {"T1": (0, 0, True), "T5": (90_000, 0, False)}


def test_what_is_taken_back_beyond_a_document_is_set_against_the_newest_of_its_chain() -> None:
    """A 1 after a 2 that leaves the 2: the right document makes up for it."""
    chain = [
        ORIGINAL,
        asks("T2", -30_000, "T1"),
        asks("T3", -132_000, "T1", back=True),
        asks("T4", 120_000, "T1"),
    ]
    standing = owed(chain, [])
    assert figures(standing) == {"T1": (0, 0, True), "T4": (90_000, 0, False)}
    assert standing.set_off_krw == {"T1": 132_000, "T4": 30_000}


def test_other_companies_and_months_are_other_chains() -> None:
    other = PayableDocument("1", "T9", "C", "다", DAY, DAY, 50, ("1", "C", "taxable", "2026-09"))
    assert figures(owed([ORIGINAL, PAIR[0], other], [])) == {
        "T1": (0, 0, True), "T9": (50, 0, False),
    }  # fmt: skip


def test_what_was_set_off_by_rule_is_no_money() -> None:
    assert figures(owed([ORIGINAL, *PAIR], [paid("T1", 132_000, "rule")]))["T1"] == (0, 0, True)


STEP = st.tuples(
    st.sampled_from(["pair", "difference", "negative", "pay"]), st.integers(0, 300),
    st.integers(0, 9),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.integers(1, 300), st.lists(STEP, max_size=10))
def test_any_corrections_and_payments_leave_the_truth_owed_and_refund_no_more_than_was_paid(
    first: int, steps: list[tuple[str, int, int]]
) -> None:
    """Model: a truth that corrections move, as documents that sum to it, and money on open ones."""
    documents, uses = [asks("T00", first)], []
    truth, live = first, "T00"
    for kind, krw, which in steps:
        number = f"T{len(documents):02d}"
        standing = owed(documents, uses)
        if kind == "pay":
            open_ones = [due for due in standing.documents if due.open_krw]
            if open_ones and krw:
                due = open_ones[which % len(open_ones)]
                uses.append(paid(due.number, min(krw, due.open_krw)))
        elif kind == "difference" and krw != truth and live:
            documents.append(asks(number, krw - truth, live))
            truth = krw
        elif kind != "difference" and live:
            of_live = next(document for document in documents if document.number == live)
            others = truth - of_live.payable_krw
            documents.append(asks(number, -of_live.payable_krw, live, back=True))
            truth = krw if kind == "pair" else 0
            if (right := truth - others) > 0:
                live = f"T{len(documents):02d}"
                documents.append(asks(live, right, of_live.number))
            else:  # nothing whole is left; what others took or gave is evened out
                documents.append(asks(f"T{len(documents):02d}", right, of_live.number))
                live = ""
        standing = owed(documents, uses)
        money = sum(use.amount_krw for use in uses)
        open_krw = sum(due.open_krw for due in standing.documents)
        back_krw = sum(standing.overpaid_krw.values())
        assert sum(document.payable_krw for document in documents) == truth
        assert open_krw - back_krw == truth - money
        assert 0 <= back_krw <= money
        assert all(due.open_krw == 0 for due in standing.documents if due.taken_back)
        negatives = -sum(min(document.payable_krw, 0) for document in documents)
        assert negatives - sum(standing.set_off_krw.values()) == back_krw
