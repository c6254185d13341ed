"""A correction is consented to as it was shown, by two people where the site wants that."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.adjust.adjust import adjust, look
from billing.ledger.adjustment_ledger import amendments_of
from billing.ledger.month_history import Who
from billing.verify.verify import verify
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from tests.builders.sites.adjust_site import LATER, OCT, OCTOBER, closed, hours, put

KIM = Who("김정산", 1, "kim")
LATE = hours("A-1", 5, f"{OCT}-07")
MORE = hours("B-1", 1, f"{OCT}-08")


@pytest.fixture
def site(tmp_path: Path) -> OpenSite:
    return closed(tmp_path / "site")


def test_another_correction_than_the_one_that_was_shown_is_refused(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    seen = look(site)
    assert seen is not None
    put(site, OCT, [*OCTOBER, LATE, MORE])
    newer = look(site)  # somebody else looks, and tells nobody
    assert newer is not None
    for digest in (seen.digest, "0" * 64):
        with pytest.raises(CloseError, match="is not what was looked at any more"):
            adjust(site, None, "박승인", "늦은 자료", LATER, digest=digest)
    with pytest.raises(CloseError, match="too short"):
        adjust(site, None, "박승인", "늦은 자료", LATER, digest=newer.digest[:11])
    done = adjust(site, None, "박승인", "늦은 자료", LATER, digest=newer.digest[:12])
    assert done is not None
    assert done.adjustment.digest == newer.digest


def test_a_correction_that_grew_since_says_by_how_much(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    seen = look(site)
    assert seen is not None
    put(site, OCT, [*OCTOBER, LATE, MORE])
    with pytest.raises(CloseError) as refused:
        adjust(site, None, "박승인", "늦은 자료", LATER, digest=seen.digest)
    assert f"{seen.payable_krw:+,} won to pay then" in str(refused.value)


def test_a_cascade_is_not_issued_by_the_digest_of_the_correction_alone(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    alone, every = look(site), look(site, cascade=True)
    assert alone is not None
    assert every is not None
    with pytest.raises(CloseError, match="is not what was looked at"):
        adjust(site, None, "박승인", "늦은 자료", LATER, cascade=True, digest=alone.digest)


def test_who_looked_does_not_approve_where_the_site_wants_two_people(site: OpenSite) -> None:
    strict = replace(site, site=replace(site.site, four_eyes=True))
    put(site, OCT, [*OCTOBER, LATE])
    look(strict, who=KIM)
    with pytest.raises(CloseError, match=r"김정산 \(kim\) made it, .* four_eyes"):
        adjust(strict, None, "박승인", "늦은 자료", LATER, account="kim")
    assert adjust(strict, None, "박승인", "늦은 자료", LATER, account="park") is not None


def test_only_the_logins_that_the_site_names_may_approve_a_correction(site: OpenSite) -> None:
    named = replace(site, site=replace(site.site, approvers=("park",)))
    put(site, OCT, [*OCTOBER, LATE])
    look(named, who=KIM)
    with pytest.raises(CloseError, match="only park may approve here"):
        adjust(named, None, "박승인", "늦은 자료", LATER, account="lee")
    assert adjust(named, None, "박승인", "늦은 자료", LATER, account="park") is not None


def test_a_correction_is_not_issued_tomorrow(site: OpenSite) -> None:
    put(site, OCT, [*OCTOBER, LATE])
    look(site)
    today = site.site.calendar.day(LATER).start_ms
    tomorrow = date.fromordinal(LATER.toordinal() + 1)
    with pytest.raises(CloseError, match=f"today is {LATER}"):
        adjust(site, None, "박승인", "늦은 자료", tomorrow, at_ms=today)
    assert adjust(site, None, "박승인", "늦은 자료", LATER, at_ms=today) is not None


RULES = Path("rules/tax.yaml")
TEN_DAYS = """due_business_days:
  2023-01-01: {value: 10, assumed: "시험"}
"""


@pytest.mark.parametrize(("more", "keeps"), [(-1, True), (1, False)])
def test_what_a_correction_does_not_raise_is_due_when_it_was(
    tmp_path: Path, more: int, keeps: bool
) -> None:
    site = closed(tmp_path / "site")
    assert site.site.rules is not None
    tax = site.site.rules / "tax.yaml"
    tax.write_text(tax.read_text(encoding="utf-8") + TEN_DAYS, encoding="utf-8")
    first = next(row for row in OCTOBER if row.project_id == "A-1")
    changed = replace(first, quantity=first.quantity + more * 3_600_000_000)
    put(site, OCT, [changed if row is first else row for row in OCTOBER])
    look(site)
    done = adjust(site, None, "박승인", "늦은 자료", LATER)
    assert done is not None
    with site.database.read() as connection:
        right = [d for d in amendments_of(connection, [OCT]) if d.step == "right"]
    originals = {d.invoice.due_on for d in right}
    was = date(2025, 12, 1)
    assert right
    assert (originals == {was}) is keeps
    assert all(d.invoice.due_on is not None and d.invoice.due_on >= was for d in right)
    assert verify(site, OCT).differences == ()
