"""Mistakes of a month's close: draft, decide, approve, issue, and what is asked of documents."""

from datetime import timedelta

from metering.calendar import next_month
from tests.builders.sites.year_site import BY, MONTHS, WHY, Centre, issue_day
from tests.mistyped_year.mistake import again, mistake, refused

LATER = MONTHS[1:]


@mistake(after="load")
def a_month_is_drafted_before_it_is_metered(centre: Centre, month: str) -> None:
    """Or once its days were metered ahead: what lies there cannot be issued yet."""
    said = centre.type("draft", month, "--json")
    if said.code == 0:
        assert len(said.document["provisional"]) == 2, said.out
    else:
        assert "jeongsan meter" in said.err, said.err


@mistake(after="draft")
def a_month_is_drafted_before_its_turn(centre: Centre, month: str) -> None:
    refused(centre, month, "draft", next_month(month))


@mistake(after="draft", months=LATER)
def an_issued_month_is_drafted(centre: Centre, month: str) -> None:
    before = MONTHS[MONTHS.index(month) - 1]
    refused(centre, "is issued", "draft", before)


@mistake(after="draft")
def a_month_that_there_is_not(centre: Centre, month: str) -> None:
    for typed in ("2026-13", "2026-1", "202601", "2026/01", "26-01"):
        refused(centre, typed, "draft", typed)


@mistake(after="draft")
def a_month_is_drafted_twice(centre: Centre, month: str) -> None:
    said = again(centre, "draft", month, "--json")
    assert said.document["digest"] == centre.digest


@mistake(after="draft")
def a_draft_is_issued_that_nobody_approved(centre: Centre, month: str) -> None:
    refused(centre, "approve", "issue", month, "--on", str(issue_day(month)))


@mistake(after="draft")
def another_draft_is_approved(centre: Centre, month: str) -> None:
    refused(centre, "look at the new draft", "approve", month, "--digest", "0" * 64, *BY)


@mistake(after="draft")
def a_digest_is_typed_too_short(centre: Centre, month: str) -> None:
    refused(centre, "too short", "approve", month, "--digest", centre.digest[:8], *BY)


@mistake(after="draft")
def a_draft_is_approved_for_another_month(centre: Centre, month: str) -> None:
    words = ("--digest", centre.digest, *BY)
    refused(centre, f"jeongsan draft {next_month(month)}", "approve", next_month(month), *words)


@mistake(after="draft")
def a_draft_is_approved_by_nobody(centre: Centre, month: str) -> None:
    refused(centre, "needs the name", "approve", month, "--digest", centre.digest, "--by", " ")
    refused(centre, "--by", "approve", month, "--digest", centre.digest)


@mistake(after="draft")
def a_draft_is_approved_that_nobody_looked_at(centre: Centre, month: str) -> None:
    refused(centre, "--digest", "approve", month, *BY)


@mistake(after="draft")
def the_draft_of_before_is_approved(centre: Centre, month: str) -> None:
    """A job came that belongs elsewhere; by the time of the approval it is gone again."""
    centre.tell(month, "21")
    said = centre.type("approve", month, "--digest", centre.digest, *BY)
    assert (said.code, "has changed since" in said.err) == (1, True), said.err
    stray = str(centre.done("draft", month, "--json").document["digest"])
    centre.tell(month, "21", hours=0)
    said = centre.type("approve", month, "--digest", stray, *BY)
    assert (said.code, "has changed since" in said.err) == (1, True), said.err
    centre.draft(month)


@mistake(after="approve")
def a_draft_is_approved_twice(centre: Centre, month: str) -> None:
    words = ("--digest", centre.digest, "--by", "박승인", "--json")
    assert again(centre, "approve", month, *words).document["approved_by"] == "김정산"


@mistake(after="approve")
def an_approval_is_withdrawn_twice(centre: Centre, month: str) -> None:
    centre.done("withdraw", month, *BY, *WHY)
    refused(centre, "no approval to take back", "withdraw", month, *BY, *WHY)
    refused(centre, "approve", "issue", month, "--on", str(issue_day(month)))
    centre.approve(month)


@mistake(after="approve")
def an_approval_is_withdrawn_without_a_reason(centre: Centre, month: str) -> None:
    refused(centre, "reason", "withdraw", month, *BY, "--reason", " ")


@mistake(after="approve")
def an_approved_month_is_drafted_again(centre: Centre, month: str) -> None:
    """As a task that somebody clears: the approval of the same draft stays."""
    again(centre, "draft", month)


@mistake(after="approve")
def a_month_is_issued_tomorrow(centre: Centre, month: str) -> None:
    tomorrow = issue_day(month) + timedelta(1)
    refused(centre, f"today is {issue_day(month)}", "issue", month, "--on", str(tomorrow))


@mistake(after="approve")
def a_month_is_issued_before_it_ends(centre: Centre, month: str) -> None:
    refused(centre, "it ends on", "issue", month, "--on", f"{month}-20")


@mistake(after="approve", months=LATER)
def a_month_is_issued_before_the_last_number(centre: Centre, month: str) -> None:
    """A day of the year before is typed."""
    refused(centre, "cannot be issued on", "issue", month, "--on", "2025-12-05")


@mistake(after="approve")
def a_month_is_issued_late_by_mistake(centre: Centre, month: str) -> None:
    late = issue_day(month) + timedelta(12)
    centre.set_today(late)
    refused(centre, "say --yes", "issue", month, "--on", str(late))
    refused(centre, "say --yes", "issue", month)
    centre.set_today(issue_day(month))


@mistake(after="approve")
def another_month_is_issued(centre: Centre, month: str) -> None:
    refused(centre, next_month(month), "issue", next_month(month))


@mistake(after="approve")
def usage_changes_after_the_approval(centre: Centre, month: str) -> None:
    """The approval was of another month than what would be issued."""
    centre.tell(month, "22")
    said = centre.type("issue", month, "--on", str(issue_day(month)))
    assert said.code == 1, said.out
    assert "has changed since" in said.err, said.err
    centre.tell(month, "22", hours=0)
    centre.draft(month)
    centre.approve(month)


@mistake(after="issue")
def a_month_is_issued_twice(centre: Centre, month: str) -> None:
    centre.done("report", month)
    again(centre, "issue", month)
    again(centre, "issue", month, "--on", str(issue_day(month)))


@mistake(after="issue")
def an_issued_month_is_approved_or_withdrawn(centre: Centre, month: str) -> None:
    refused(centre, "issued", "approve", month, "--digest", "1" * 64, *BY)
    refused(centre, "issued", "withdraw", month, *BY, *WHY)


@mistake(after="meter")
def a_finding_that_there_is_not(centre: Centre, month: str) -> None:
    words = ("acknowledge", "0123456789ab", "--effect", "bill", *BY, *WHY)
    refused(centre, "0123456789ab", *words)
    refused(centre, "nobody", "withdraw", "0123456789ab", *BY, *WHY)


@mistake(after="meter")
def an_effect_that_there_is_not(centre: Centre, month: str) -> None:
    words = ("acknowledge", "0123456789ab", "--effect", "pay", *BY, *WHY)
    refused(centre, "bill or exclude", *words)


@mistake(after="meter")
def findings_of_a_kind_that_there_is_not(centre: Centre, month: str) -> None:
    words = ("--days", centre.days(month), "--effect", "bill", "--yes", *BY, *WHY)
    refused(centre, "over_capasity", "acknowledge", "--kind", "over_capasity", *words)


@mistake(after="meter")
def a_finding_is_decided_twice_and_the_wrong_way(centre: Centre, month: str) -> None:
    """Left out first, billed then, and neither after all."""
    findings = centre.done("status", "--month", month, "--json").document["findings"]
    if not findings:
        return
    words = ("acknowledge", findings[0]["key"], *BY, *WHY)
    centre.done(*words, "--effect", "exclude")
    centre.done(*words, "--effect", "bill")
    centre.done("withdraw", findings[0]["key"], *BY, *WHY)
    refused(centre, "nobody", "withdraw", findings[0]["key"], *BY, *WHY)


@mistake(after="meter")
def the_wrong_day_is_waived(centre: Centre, month: str) -> None:
    day = f"{month}-05"
    said = centre.type("waive", "hpc", day, *BY, *WHY)
    if said.code == 0:
        centre.done("withdraw", "hpc", day, *BY, *WHY)
    refused(centre, "nobody waived", "withdraw", "hpc", day, *BY, *WHY)


@mistake(after="meter")
def a_day_of_a_cluster_that_there_is_not_is_waived(centre: Centre, month: str) -> None:
    refused(centre, "hcp", "waive", "hcp", f"{month}-05", *BY, *WHY)
    refused(centre, "2026-02-30", "waive", "hpc", "2026-02-30", *BY, *WHY)
    refused(centre, "nobody waived", "withdraw", "hpc", f"{month}-05", *BY, *WHY)


@mistake(after="issue")
def a_day_of_an_issued_month_is_waived(centre: Centre, month: str) -> None:
    """The month was issued without that: it is taken back, and what it was issued with is not."""
    centre.done("waive", "hpc", f"{month}-05", *BY, *WHY)
    centre.done("withdraw", "hpc", f"{month}-05", *BY, *WHY)
    refused(centre, "nobody waived", "withdraw", "hpc", f"{month}-05", *BY, *WHY)
    refused(centre, "is issued", "withdraw", "hpc", f"{month}-01", *BY, *WHY)


@mistake(after="issue")
def a_document_that_there_is_not_is_asked_about(centre: Centre, month: str) -> None:
    for number in ("T2026-999999", "T2026-1", "X2026-000001", month.replace("-", "")):
        refused(centre, number, "explain", number, "1")
        refused(centre, number, "dispute", number, "1")


@mistake(after="issue")
def a_line_that_there_is_not_is_asked_about(centre: Centre, month: str) -> None:
    for line in ("99", "0", "-1"):
        refused(centre, "", "dispute", "T2026-000001", line)


@mistake(after="issue")
def what_is_not_issued_yet_is_proved_and_sent(centre: Centre, month: str) -> None:
    later = next_month(month)
    for command in ("report", "verify", "tax"):
        refused(centre, later, command, later)
    refused(centre, later, "bundle", later, "--copy", str(centre.site / "copy.zip"))
    assert not (centre.site / "copy.zip").exists()


@mistake(after="issue")
def a_kind_of_document_that_there_is_not(centre: Centre, month: str) -> None:
    refused(centre, "invoice, amended", "report", month, "--only", "invoices")


@mistake(after="issue")
def a_copy_that_is_another_file_is_verified(centre: Centre, month: str) -> None:
    refused(centre, "hpc", "verify", str(centre.site / "incoming" / f"hpc-{month}.psv"))
