"""Mistakes of the bank's lists, of what payments are for, and of the money of the state."""

from datetime import timedelta

from billing.payment.receivables import dues
from tests.builders.sites.year_site import (
    BANK,
    BY,
    CORRECTED,
    MONTHS,
    WHY,
    Centre,
    issue_day,
)
from tests.mistyped_year.mistake import again, mistake, refused

LATER = MONTHS[1:]
NAMELESS = ("--by", " ")


def file_of(centre: Centre, name: str, *lines: str, encoding: str = "utf-8-sig") -> str:
    """A file of a person's own."""
    path = centre.site / name
    path.write_text("\r\n".join([*lines, ""]), encoding=encoding)
    return str(path)


@mistake(after="pay")
def a_bank_list_is_taken_in_twice(centre: Centre, month: str) -> None:
    again(centre, "pay", str(centre.bank_list(month)), *BY)


@mistake(after="pay")
def a_bank_list_is_taken_in_under_another_name(centre: Centre, month: str) -> None:
    text = centre.bank_list(month).read_text(encoding="utf-8-sig")
    copy = file_of(centre, "사본.csv", *text.splitlines())
    again(centre, "pay", copy, *BY, but=("audit_trail", "bank_file", "bank_line"))


@mistake(after="pay")
def a_bank_list_comes_again_with_other_columns(centre: Centre, month: str) -> None:
    """Without the memo and in another order; the same rows of money."""
    lines = centre.bank_list(month).read_text(encoding="utf-8-sig").splitlines()[1:]
    rows = [line.split(",", 4) for line in lines if line]
    other = [f"{payer},{krw.removesuffix(',')},{at}" for at, _, payer, _, krw in rows]
    path = file_of(centre, "다른 열.csv", "보낸분,입금액,거래일시", *other, encoding="cp949")
    again(centre, "pay", path, *BY, but=("audit_trail", "bank_file", "bank_line"))


@mistake(after="pay", months=LATER)
def the_list_of_the_month_before_is_taken_in_again(centre: Centre, month: str) -> None:
    before = MONTHS[MONTHS.index(month) - 1]
    again(centre, "pay", str(centre.bank_list(before)), *BY)


@mistake(after="issue")
def a_list_that_is_none_is_taken_in(centre: Centre, month: str) -> None:
    for name, head, row in (
        ("카드.csv", "이용일,가맹점,이용금액", "2026-02-03,문구점,12000"),
        ("잔액.csv", "거래일시,잔액", "2026-02-03,12000"),
        ("빈.csv", "", ""),
    ):
        refused(centre, name, "pay", file_of(centre, name, head, row), *BY)


@mistake(after="issue")
def a_workbook_is_taken_in_as_a_list(centre: Centre, month: str) -> None:
    path = centre.site / "은행.csv"
    path.write_bytes(b"PK\x03\x04\x14\x00\x06\x00")
    refused(centre, "은행.csv", "pay", str(path), *BY)


@mistake(after="issue")
def a_list_that_is_not_there_is_taken_in(centre: Centre, month: str) -> None:
    refused(centre, "does not exist", "pay", str(centre.site / "없음.csv"), *BY)


@mistake(after="issue")
def a_list_is_taken_in_by_nobody(centre: Centre, month: str) -> None:
    path = file_of(centre, "이름 없음.csv", BANK, f"{issue_day(month)} 10:00:00,,아무개,,100,")
    refused(centre, "name", "pay", path, *NAMELESS)


@mistake(after="issue")
def a_list_of_tomorrow_is_taken_in(centre: Centre, month: str) -> None:
    path = file_of(centre, "내일.csv", BANK, f"{issue_day(month)} 10:00:00,,아무개,,100,")
    tomorrow = issue_day(month) + timedelta(1)
    refused(centre, f"today is {issue_day(month)}", "pay", path, *BY, "--on", str(tomorrow))


@mistake(after="pay", months=LATER)
def a_payment_is_matched_with_what_is_paid(centre: Centre, month: str) -> None:
    payment = payment_of(centre)
    for number in ("T2026-000001", "T2026-999999"):
        refused(centre, number, "match", payment, number, *BY)
    refused(centre, "0" * 16, "match", "0" * 16, "T2026-000001", *BY)


@mistake(after="pay", months=LATER)
def a_payment_is_taken_from_its_document_and_put_back(centre: Centre, month: str) -> None:
    """By mistake; the same person matches it again."""
    payment, number = payment_of(centre), number_paid(centre)
    centre.done("match", payment, "--undo", *BY, *WHY)
    refused(centre, "used for nothing", "match", payment, "--undo", *BY, *WHY)
    centre.done("match", payment, number, *BY)


@mistake(after="pay", months=LATER)
def a_payment_is_owed_to_another_company(centre: Centre, month: str) -> None:
    payment, number = payment_of(centre), number_paid(centre)
    centre.done("match", payment, "--undo", *BY, *WHY)
    centre.done("match", payment, "B", *BY)
    refused(centre, "has 0", "match", payment, number, *BY)
    centre.done("match", payment, "--undo", *BY, *WHY)
    centre.done("match", payment, number, *BY)


@mistake(after="pay", months=LATER)
def the_list_of_another_account_is_taken_in(centre: Centre, month: str) -> None:
    """Money of strangers, which the centre's account never had: each is taken back."""
    on = issue_day(month) + timedelta(11)
    rows = [f"{on} 11:00:0{n},회비,이웃{n},,{n}000," for n in (1, 2)]
    said = centre.done("pay", file_of(centre, f"동호회-{month}.csv", BANK, *rows), *BY, "--json")
    strangers = [row["payment_id"] for row in said.document["unmatched"]]
    assert len(strangers) == 2, said.out
    for payment in strangers:
        centre.done("line", payment, "--drop", *BY, *WHY)
        refused(centre, "was decided by", "line", payment, "--drop", *BY, *WHY)
    refused(centre, "is used", "line", payment_of(centre), "--drop", *BY, *WHY)


@mistake(after="pay")
def a_credit_that_nobody_has_is_refunded(centre: Centre, month: str) -> None:
    refused(centre, "is owed 0", "credit", "A", "--refund", *BY, *WHY)
    refused(centre, "is owed 0", "credit", "A", "--against", "T2026-000001", *BY)
    refused(centre, "Z", "credit", "Z", "--refund", *BY, *WHY)


@mistake(after="correct", months=(CORRECTED,))
def a_refund_is_recorded_twice(centre: Centre, month: str) -> None:
    refused(centre, "is owed 0", "credit", "C", "--refund", *BY, *WHY)


@mistake(after="correct", months=(CORRECTED,))
def a_refund_is_taken_back_and_recorded_again(centre: Centre, month: str) -> None:
    centre.done("credit", "C", "--undo", *BY, *WHY)
    refused(centre, "can be used", "credit", "C", "--refund", "--amount", "52801", *BY, *WHY)
    refused(centre, "is of A", "credit", "C", "--against", number_open(centre, "A"), *BY)
    centre.done("credit", "C", "--refund", *BY, *WHY)


def payment_of(centre: Centre) -> str:
    """The last payment that the year knows."""
    return _last_paid(centre)[0]


def number_paid(centre: Centre) -> str:
    return _last_paid(centre)[1]


def _last_paid(centre: Centre) -> tuple[str, str]:
    from billing.payment.payment_ledger import undone, uses_of

    with centre.opened().database.read() as connection:
        uses = uses_of(connection)
    gone = undone(uses)
    use = [
        use
        for use in uses
        if use.kind == "matched" and use.payment_id and use.sequence not in gone and not use.undoes
    ][-1]
    return str(use.payment_id), str(use.number)


def number_open(centre: Centre, company: str) -> str:
    with centre.opened().database.read() as connection:
        every = dues(connection)
    return next(due.number for due in every if due.company_id == company and due.open_krw > 0)


@mistake(after="fund")
def money_of_a_source_that_there_is_not(centre: Centre, month: str) -> None:
    amount = ("received", "1000000", *BY, *WHY)
    refused(centre, "P gets no money of natoinal", "fund", "P", "2026", "natoinal", *amount)
    refused(centre, "the rules have no programme PP", "fund", "PP", "2026", "national", *amount)


@mistake(after="fund")
def money_of_no_amount_or_kind(centre: Centre, month: str) -> None:
    source = ("fund", "P", "2026", "national")
    refused(centre, "one of received", *source, "recieved", "100", *BY, *WHY)
    refused(centre, "positive amount", *source, "received", "0", *BY, *WHY)
    refused(centre, "received", *source, "returned", "1000001", *BY, *WHY)


@mistake(after="fund")
def money_of_the_state_is_recorded_twice(centre: Centre, month: str) -> None:
    words = ("fund", "P", "2026", "national", "received", "1000000", *BY, *WHY)
    centre.done(*words)
    centre.done(*words, "--minus")
    refused(centre, "by 2027-01-01", *words, "--minus", "--on", "2027-01-01")


@mistake(after="fund")
def money_of_the_state_comes_tomorrow(centre: Centre, month: str) -> None:
    words = ("fund", "P", "2026", "national", "received", "1000000", *BY, *WHY)
    refused(centre, "today is 2027-01-20", *words, "--on", "2027-01-21")
