"""Mistakes of the registry, the rules, and of collecting and metering."""

from tests.builders.sites.year_site import (
    BUDGET_FROM,
    MONTHS,
    Centre,
    jobs_of,
    rule_texts,
)
from tests.mistyped_year.mistake import again, mistake, refused

LATER = MONTHS[1:]  # when something is issued


@mistake(after="load")
def a_registry_is_loaded_twice(centre: Centre, month: str) -> None:
    again(centre, "load", but=())


@mistake(after="load")
def the_registry_of_another_site_is_loaded(centre: Centre, month: str) -> None:
    """Whose accounts are called otherwise: the first month takes it, since nothing is issued."""
    back = [centre.edit("tenancy", f"hpc,{account},", f"hpc,other{account},") for account in "abc"]
    if month == MONTHS[0]:
        centre.done("load")
    else:
        refused(centre, "nothing was stored", "load")
    for put in reversed(back):
        put()
    centre.done("load")


@mistake(after="load")
def a_company_is_mistyped_in_a_project(centre: Centre, month: str) -> None:
    put_back = centre.edit("projects", "A-1,A,", "A-1,AA,")
    refused(centre, "registry/projects.csv:2", "load")
    put_back()


@mistake(after="load")
def a_day_that_there_is_not(centre: Centre, month: str) -> None:
    put_back = centre.edit("awards", "PA,P,A,,2025-12-20", "PA,P,A,,2025-12-32")
    refused(centre, "registry/awards.csv:2 agreed_on", "load")
    put_back()


@mistake(after="load")
def a_company_stands_there_twice(centre: Centre, month: str) -> None:
    row = centre.row("companies", "C,")
    put_back = centre.edit("companies", row, f"{row}\n{row}")
    refused(centre, "registry/companies.csv:", "load")
    put_back()


@mistake(after="load")
def a_column_is_renamed(centre: Centre, month: str) -> None:
    put_back = centre.edit("projects", "company_id", "회사")
    refused(centre, "has no column company_id", "load")
    put_back()


@mistake(after="load", months=MONTHS[5:])
def a_quota_below_what_was_used(centre: Centre, month: str) -> None:
    put_back = centre.edit("awards", ",200,device_hours,", ",20,device_hours,")
    refused(centre, "nothing was stored", "load")
    put_back()


@mistake(after="load", months=MONTHS[3:])
def a_unit_that_there_is_not(centre: Centre, month: str) -> None:
    put_back = centre.edit("awards", ",200,device_hours,", ",200,device_hour,")
    refused(centre, "registry/awards.csv:3 quota_unit", "load")
    put_back()


@mistake(after="meter", months=MONTHS[3:])
def a_quota_in_another_unit_for_one_draft(centre: Centre, month: str) -> None:
    """13.4 PF-hours are 200 hours of an H100: the same limit in another shape, then put back."""
    put_back = centre.edit("awards", ",200,device_hours,", ",13.4,pf_hours,")
    centre.done("load", "--yes")
    shaped = centre.done("draft", month, "--json").document["invoices"]
    put_back()
    centre.done("load", "--yes")
    assert centre.done("draft", month, "--json").document["invoices"] == shaped


@mistake(after="meter")
def a_budget_in_other_years_for_one_draft(centre: Centre, month: str) -> None:
    """Budgets of 2026 that are given until 2027 hold for the same months: nothing is otherwise."""
    shaped = drafted_under(centre, month, "2026-2027")
    assert drafted_under(centre, month, "2026") == shaped


def drafted_under(centre: Centre, month: str, years: str) -> object:
    """The month's draft under budgets of these years."""
    krw = 2_000_000 if month >= BUDGET_FROM else 1_500_000
    for name, text in rule_texts(krw, years).items():
        (centre.site / "rules" / name).write_text(text, encoding="utf-8")
    centre.done("load")
    return centre.done("draft", month, "--json").document["invoices"]


@mistake(after="meter")
def a_price_that_is_no_number(centre: Centre, month: str) -> None:
    with price_typed(centre, '"6000"', '"6OOO"'):
        for words in (("load",), ("draft", month)):
            refused(centre, "prices/gpu.h100.yaml:", *words)


@mistake(after="meter")
def a_price_with_a_zero_too_many_for_one_draft(centre: Centre, month: str) -> None:
    with price_typed(centre, '"6000"', '"60000"'):
        centre.done("load")
        dear = centre.done("draft", month, "--json").document["invoices"]
    centre.done("load")
    right = centre.done("draft", month, "--json").document["invoices"]
    assert sum(row["charge_krw"] for row in dear) == 10 * sum(row["charge_krw"] for row in right)


class price_typed:
    """An H100's price as it is mistyped, and put back."""

    def __init__(self, centre: Centre, old: str, new: str) -> None:
        self.path = centre.site / "rules" / "prices" / "gpu.h100.yaml"
        self.text, self.old, self.new = self.path.read_text(encoding="utf-8"), old, new

    def __enter__(self) -> None:
        assert self.old in self.text
        self.path.write_text(self.text.replace(self.old, self.new), encoding="utf-8")

    def __exit__(self, *_: object) -> None:
        self.path.write_text(self.text, encoding="utf-8")


@mistake(after="load")
def a_company_is_called_otherwise_for_a_moment(centre: Centre, month: str) -> None:
    put_back = centre.edit("companies", "마바기술", "마바 기술")
    centre.done("load")
    put_back()
    centre.done("load")


@mistake(after="collect")
def an_account_is_mistyped_and_loaded_with_yes(centre: Centre, month: str) -> None:
    """The account belongs to nobody then, which stops the month until it is put back."""
    put_back = centre.edit("tenancy", "hpc,c,C-1", "hpc,cc,C-1")
    centre.done("load", "--yes")
    said = centre.type("meter", centre.days(month), "--json")
    kinds = {row["kind"] for row in said.document["findings"] if row["severity"] == "fail"}
    assert (said.code, kinds) == (1, {"unowned_usage"}), said.out
    put_back()
    centre.done("load", "--yes")


@mistake(after="collect")
def a_project_ends_too_early(centre: Centre, month: str) -> None:
    """On the last day of the month before: what ran is outside of it."""
    put_back = centre.edit("projects", "C 과제,2026-01-01,", f"C 과제,2026-01-01,{month}-05")
    centre.done("load", "--yes")
    said = centre.type("meter", centre.days(month), "--json")
    assert said.code == 0, said.err
    drafted = centre.type("draft", month, "--json")
    kinds = {row["kind"] for row in drafted.document["findings"] if row["severity"] == "fail"}
    assert (drafted.code, kinds) == (1, {"outside_project"}), drafted.out
    put_back()
    centre.done("load", "--yes")


@mistake(after="meter")
def an_account_is_set_aside_for_one_draft(centre: Centre, month: str) -> None:
    path = centre.site / "registry" / "set_aside.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}hpc,c,시험 작업,김정산\n", encoding="utf-8")
    centre.type("load", "--yes")
    centre.type("meter", centre.days(month))
    centre.type("draft", month)
    path.write_text(text, encoding="utf-8")
    centre.done("load", "--yes")
    centre.meter(month)


@mistake(after="load")
def a_window_that_ends_before_it_begins(centre: Centre, month: str) -> None:
    words = ("--from", f"{month}-07", "--to", f"{month}-05")
    refused(centre, "is not after", "collect", *words)


@mistake(after="load")
def a_window_of_a_day_that_there_is_not(centre: Centre, month: str) -> None:
    refused(centre, "2026-13-01", "collect", "--from", "2026-13-01")


@mistake(after="load")
def a_window_that_is_said_to_be_complete_in_a_year(centre: Centre, month: str) -> None:
    """Nothing of that year has happened: what is said to be complete would be of nothing."""
    words = ("--from", f"{month}-05", "--to", f"{month}-07", "--complete-to", "2027-12-07")
    refused(centre, "has not come", "collect", *words)
    refused(centre, "has not come", "collect", "--from", f"{month}-05", "--to", "2027-12-07")


@mistake(after="load")
def a_cluster_that_there_is_not(centre: Centre, month: str) -> None:
    refused(centre, "hcp", "collect", *centre.window(month), "--cluster", "hcp")
    refused(centre, "hcp", "meter", centre.days(month), "--cluster", "hcp")


@mistake(after="collect")
def a_month_is_collected_twice(centre: Centre, month: str) -> None:
    again(centre, "collect", *centre.window(month), but=("audit_trail", "source_input"))


@mistake(after="collect")
def the_dump_is_cut_short(centre: Centre, month: str) -> None:
    """Two of its jobs are not listed any more; the whole dump afterwards lists them again."""
    path = centre.put(month)
    path.write_text("\n".join(jobs_of(month).splitlines()[:2]) + "\n", encoding="utf-8")
    centre.done("collect", *centre.window(month))
    centre.collect(month)


@mistake(after="collect")
def the_dump_lies_there_under_two_names(centre: Centre, month: str) -> None:
    copy = centre.put(month, name=f"{month}-copy")
    centre.done("collect", *centre.window(month))
    copy.unlink()
    centre.collect(month)


@mistake(after="collect", months=LATER)
def the_dump_of_the_month_before(centre: Centre, month: str) -> None:
    path = centre.put(month)
    before = MONTHS[MONTHS.index(month) - 1]
    path.write_text(jobs_of(before), encoding="utf-8")
    centre.type("collect", *centre.window(month))
    centre.collect(month)


@mistake(after="collect")
def a_dump_that_is_none(centre: Centre, month: str) -> None:
    path = centre.put(month)
    path.write_bytes(b"PK\x03\x04 a workbook")
    centre.type("collect", *centre.window(month))
    centre.collect(month)


@mistake(after="collect")
def the_days_of_another_year_are_metered(centre: Centre, month: str) -> None:
    centre.type("meter", "2036-01-05..2036-01-06")


@mistake(after="collect")
def days_in_the_wrong_order_are_metered(centre: Centre, month: str) -> None:
    refused(centre, "", "meter", f"{month}-06..{month}-05")


@mistake(after="meter")
def a_month_is_metered_twice(centre: Centre, month: str) -> None:
    again(centre, "meter", centre.days(month))


@mistake(after="meter", months=MONTHS[:-1])
def the_days_of_the_next_month_are_metered(centre: Centre, month: str) -> None:
    centre.type("meter", centre.days(MONTHS[MONTHS.index(month) + 1]))
