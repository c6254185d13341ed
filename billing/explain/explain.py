"""Owns explaining a won: charge, subsidy by subsidy, rule values, what stopped them."""

from collections import defaultdict
from collections.abc import Sequence

from billing.explain.explanation import (
    AwardPart,
    DayPart,
    Explanation,
    Line,
    PriceStep,
    Question,
    Source,
)
from billing.explain.programme_order import other_orders
from billing.explain.why_not_paid import stops_of, unpaid_of
from billing.records import Charge, Invoice, Subsidy
from billing.rulebook.programme import COMPANY_IN_KIND, Programme
from billing.rulebook.rule_value import RuleValue, price_value, programme_values
from billing.simulate.months_as_they_stand import ChainMonth
from metering.errors import JeongsanError
from metering.registry.registry import Award
from metering.site.open_site import Progress, silent

LineKey = tuple[str, str]  # project, SKU


def explain(
    month: ChainMonth,
    subsidies: Sequence[Subsidy],
    invoices: Sequence[Invoice],
    question: Question,
    progress: Progress = silent,
) -> Explanation:
    """The answer to a question about a month, from its charges, subsidies and invoices;
    JeongsanError where it has no such charge."""
    company = month.registry.company(question.company_id)
    charges = [charge for charge in month.charges if _asked(month, question, charge)]
    if not charges:
        raise JeongsanError(_nothing(month, question))
    by_line: dict[LineKey, list[Charge]] = defaultdict(list)
    for charge in charges:
        by_line[charge.project_id, charge.sku].append(charge)
    rows = {(c.day, c.project_id, c.sku) for c in charges}
    paid = [
        subsidy
        for subsidy in subsidies
        if subsidy.company_id == question.company_id
        and (subsidy.day, subsidy.project_id, subsidy.sku) in rows
    ]
    by_paid: dict[LineKey, list[Subsidy]] = defaultdict(list)
    for subsidy in paid:
        by_paid[subsidy.project_id, subsidy.sku].append(subsidy)
    lines = tuple(_line(month, key, by_line[key], by_paid.get(key, [])) for key in sorted(by_line))
    orders, left_out = other_orders(month, question.company_id, charges, paid, progress)
    whole = tuple(invoice for invoice in invoices if _covers(question, invoice))
    answer = Explanation(
        question=question,
        state=month.state,
        company_name=company.name,
        bundle=month.bundle.digest if month.bundle else "",
        rules_digest=month.book.digest,
        charge_krw=sum(line.charge_krw for line in lines),
        support_krw=sum(line.support_krw for line in lines),
        in_kind_krw=sum(line.in_kind_krw for line in lines),
        company_krw=sum(line.company_krw for line in lines),
        lines=lines,
        orders=orders,
        orders_left_out=left_out,
        invoices=whole,
    )
    prove(answer)
    return answer


def prove(answer: Explanation) -> None:
    """Our own promise: what is told adds up to the won asked about, at every level."""
    for line in answer.lines:
        assert line.charge_krw == sum(step.charge_krw for step in line.prices), "prices make it"
        assert line.charge_krw == sum(day.charge_krw for day in line.days), "and so do days"
        paid = sum(part.support_krw + part.in_kind_krw for part in line.parts)
        assert line.charge_krw == paid + line.company_krw, "a line is wholly paid"
        for part in line.parts:
            assert part.support_krw == sum(source.krw for source in part.sources), (
                "sources make a part"
            )
        for day in line.days:
            rest = sum(krw for _, krw in day.paid) + day.in_kind_krw + day.company_krw
            assert day.charge_krw == rest, "a day is wholly paid"
    for actual in (order for order in answer.orders if order.actual):
        assert actual.company_krw == answer.company_krw, "the order in force gives what is due"
    if answer.invoices:
        assert answer.charge_krw == sum(invoice.charge_krw for invoice in answer.invoices), (
            "all charged"
        )
        assert answer.company_krw == sum(invoice.company_krw for invoice in answer.invoices), (
            "all due"
        )
        for invoice in answer.invoices:
            assert invoice.payable_krw == invoice.company_krw + invoice.vat_krw, "with its tax"


def _asked(month: ChainMonth, question: Question, charge: Charge) -> bool:
    if charge.company_id != question.company_id:
        return False
    if question.project_id and charge.project_id != question.project_id:
        return False
    if question.sku and charge.sku != question.sku:
        return False
    if question.day is not None and charge.day != question.day:
        return False
    tax_class = question.tax_class
    return tax_class is None or month.book.prices[charge.sku].tax_class.on(charge.day) == tax_class


def _covers(question: Question, invoice: Invoice) -> bool:
    """Whether a question is about the whole of an invoice."""
    part = question.project_id or question.sku or question.day
    mine = invoice.company_id == question.company_id
    return not part and mine and question.tax_class in (None, invoice.tax_class)


def _nothing(month: ChainMonth, question: Question) -> str:
    """What the company was charged for instead."""
    known = sorted(
        {(c.project_id, c.sku) for c in month.charges if c.company_id == question.company_id}
    )
    what = " ".join(str(part) for part in (question.project_id, question.sku, question.day) if part)
    there = ", ".join(f"{project} {sku}" for project, sku in known[:20]) or "nothing"
    whose = f"{question.company_id} for {what}" if what else question.company_id
    return f"{question.month} has no charge to {whose}; it was charged for: {there}"


def _line(
    month: ChainMonth, key: LineKey, charges: Sequence[Charge], paid: Sequence[Subsidy]
) -> Line:
    project_id, sku = key
    price = month.book.prices[sku]
    ordered = sorted(charges, key=lambda charge: charge.day)
    charge_krw = sum(charge.charge_krw for charge in ordered)
    in_kind_krw = sum(subsidy.subsidy_krw for subsidy in paid if subsidy.funding == COMPANY_IN_KIND)
    support_krw = sum(subsidy.subsidy_krw for subsidy in paid) - in_kind_krw
    return Line(
        project_id=project_id,
        project_name=month.registry.project(project_id).name,
        sku=sku,
        sku_title=price.title,
        unit=ordered[0].unit,
        price_unit=price.unit,
        quantity=sum(charge.quantity for charge in ordered),
        charge_krw=charge_krw,
        support_krw=support_krw,
        in_kind_krw=in_kind_krw,
        company_krw=charge_krw - support_krw - in_kind_krw,
        prices=_prices(month, ordered),
        parts=_parts(month, ordered, paid),
        days=_days(ordered, paid),
    )


def _prices(month: ChainMonth, charges: Sequence[Charge]) -> tuple[PriceStep, ...]:
    steps: dict[RuleValue, list[Charge]] = defaultdict(list)
    for charge in charges:
        steps[price_value(month.book.prices[charge.sku], charge.day)].append(charge)
    return tuple(
        PriceStep(
            value=value,
            first=rows[0].day,
            last=rows[-1].day,
            quantity=sum(row.quantity for row in rows),
            charge_krw=sum(row.charge_krw for row in rows),
        )
        for value, rows in steps.items()
    )


def _parts(
    month: ChainMonth, charges: Sequence[Charge], paid: Sequence[Subsidy]
) -> tuple[AwardPart, ...]:
    """The company's awards for the project, in the order in which they are applied."""
    company_id, project_id = charges[0].company_id, charges[0].project_id
    order = {programme.programme: at for at, programme in enumerate(month.book.programmes)}
    awards = [
        award
        for award in month.registry.awards
        if award.company_id == company_id and award.project_id in ("", project_id)
    ]
    awards.sort(key=lambda a: (order.get(a.programme, len(order)), a.start, a.award_id))
    return tuple(
        _part(
            month,
            award,
            charges,
            [subsidy for subsidy in paid if subsidy.award_id == award.award_id],
        )
        for award in awards
    )


def _part(
    month: ChainMonth, award: Award, charges: Sequence[Charge], paid: Sequence[Subsidy]
) -> AwardPart:
    programme = month.book.programme(award.programme)
    support = [subsidy for subsidy in paid if subsidy.funding != COMPANY_IN_KIND]
    return AwardPart(
        award_id=award.award_id,
        agreement_number=award.agreement_number,
        start=award.start,
        until=award.until,
        programme=award.programme,
        title=programme.title if programme else award.programme,
        authority=programme.authority if programme else "",
        order=programme.order if programme else 0,
        support_krw=sum(subsidy.subsidy_krw for subsidy in support),
        in_kind_krw=sum(subsidy.subsidy_krw for subsidy in paid)
        - sum(subsidy.subsidy_krw for subsidy in support),
        sources=_sources(programme, support),
        vat_bases=tuple(dict.fromkeys(subsidy.vat_base for subsidy in support)),
        values=_values(programme, paid, charges[0].unit == "mib_s"),
        stops=stops_of(month, award, charges, paid),
        unpaid=unpaid_of(month, award, charges, paid),
    )


def _sources(programme: Programme | None, support: Sequence[Subsidy]) -> tuple[Source, ...]:
    if programme is None:
        return ()
    sums = {
        source.name: sum(
            subsidy.subsidy_krw for subsidy in support if subsidy.funding == source.name
        )
        for source in programme.funding
    }
    return tuple(
        Source(source.name, source.title, source.settled, sums[source.name])
        for source in programme.funding
        if sums[source.name]
    )


def _values(
    programme: Programme | None, paid: Sequence[Subsidy], storage: bool
) -> tuple[RuleValue, ...]:
    """Every value by which the rows were made, each once; no quota of another kind of use."""
    if programme is None:
        return ()
    values: dict[RuleValue, None] = {}
    for day, rule in sorted({(subsidy.day, subsidy.rule) for subsidy in paid}):
        values |= dict.fromkeys(programme_values(programme, day, rule.split("+")))
    return tuple(
        value
        for value in values
        if not value.key.startswith("quota ") or (value.key == "quota gb") == storage
    )


def _days(charges: Sequence[Charge], paid: Sequence[Subsidy]) -> tuple[DayPart, ...]:
    day_parts = []
    for charge in charges:
        rows = [subsidy for subsidy in paid if subsidy.day == charge.day]
        support: dict[str, int] = defaultdict(int)
        for row in rows:
            if row.funding != COMPANY_IN_KIND:
                support[row.award_id] += row.subsidy_krw
        in_kind = sum(row.subsidy_krw for row in rows if row.funding == COMPANY_IN_KIND)
        day_parts.append(
            DayPart(
                day=charge.day,
                quantity=charge.quantity,
                price_krw=charge.price_krw,
                charge_krw=charge.charge_krw,
                paid=tuple((award, krw) for award, krw in support.items() if krw),
                in_kind_krw=in_kind,
                company_krw=charge.charge_krw - sum(row.subsidy_krw for row in rows),
                stopped_by=tuple(dict.fromkeys(row.stopped_by for row in rows if row.stopped_by)),
            )
        )
    return tuple(day_parts)
