"""The invoice of a company: 청구서 겸 거래명세서, or 거래명세서 where nothing is taxed."""

from itertools import groupby

from billing.ledger.amendments import Amendment
from billing.money import format_krw, official_amount
from billing.records import Invoice, InvoiceLine, Party, ProgrammePart
from reports.layout.fonts import clean, shorten, width, wrap
from reports.layout.page_elements import FAINT, HAIR, HEAD, MM, RULE, SOFT
from reports.layout.page_table import PageCell, PageColumn, PageRow, Title, Tone, draw_table, row
from reports.layout.pdf_pages import LEADING, PdfPages, Style
from reports.month.month_view import Desk
from reports.wording.amendment_words import STEPS, causes_text, reason_text
from reports.wording.labels import VAT_BASES, invoice_title
from reports.wording.numbers_and_dates import (
    date_text,
    krw,
    month_text,
    price,
    price_unit_label,
    quantity_text,
)

NO_NUMBER = "(발행 전)"
COLUMNS = (
    PageColumn(53),
    PageColumn(23, "right"),
    PageColumn(15, "centre"),
    PageColumn(19, "right"),
    PageColumn(24, "right"),
    PageColumn(23, "right"),
    PageColumn(23, "right"),
)
LINES_HEAD = (
    row("과제 · 자원", "수량", "단위", "단가(원)", "정가 금액(A)", "지원금(B)", "기업 부담(A-B)"),
)
LABEL = Style(7.5, align="centre")
VALUE = Style(8.5)
LABEL_WIDTH = 17 * MM
SIDE_WIDTH = 6 * MM
PARTY_PAD = 3.0
PARTY_LINES_MAX = 5  # of one field of a party
PAIR = ("negative", "right")  # documents that go out together


def invoice_pdf(
    invoice: Invoice, desk: Desk, seconds_in_month: int, amended: Amendment | None = None
) -> bytes:
    """The PDF of one invoice; without a number it is marked as a draft on every page. `amended` is
    given for one that corrects an earlier document."""
    title = f"수정 {invoice_title(invoice)}" if amended else invoice_title(invoice)
    number = invoice.number or NO_NUMBER
    pdf = PdfPages(
        title=f"{title} {number} {invoice.company.name}",
        author=invoice.issuer.name,
        running=f"{title} · {number} · {invoice.company.name} · {month_text(invoice.month)}",
        footer=f"{invoice.issuer.name} · {number}",
        draft=invoice.number is None,
    )
    _draw_title(pdf, invoice, title, number)
    _draw_parties(pdf, invoice.issuer, invoice.company)
    if amended:
        _draw_amended(pdf, amended)
    _draw_amount(pdf, invoice)
    _draw_summary(pdf, invoice)
    _draw_payment(pdf, invoice, desk)
    _draw_lines(pdf, invoice, seconds_in_month)
    notes = [*(_amended_notes(amended) if amended else ()), *_notes(invoice)]
    if invoice.kind == "tax":
        _draw_tax_base(pdf, invoice)
    if invoice.kind == "tax":
        name = "수정세금계산서" if amended else "세금계산서"
        notes.append(f"{name}는 별도로 발행됩니다.")
    elif invoice.tax_class == "exempt" and invoice.company_krw:
        notes.append("계산서(면세)는 별도로 발행됩니다.")
    _draw_notes(pdf, invoice, notes)
    return pdf.render()


def _draw_title(pdf: PdfPages, invoice: Invoice, title: str, number: str) -> None:
    side = pdf.right - pdf.left
    pdf.place(pdf.left, pdf.y, title, Style(20, bold=True, align="centre"), side)
    pdf.skip(32)
    facts = [
        ("문서번호", number),
        ("작성연월일", date_text(invoice.written_on)),
        ("이용월", month_text(invoice.month)),
    ]
    if invoice.issued_on:
        facts.append(("발행일", date_text(invoice.issued_on)))
    step = side / len(facts)
    for at, (label, fact) in enumerate(facts):
        x = pdf.left + at * step
        style = Style(8.5, colour=FAINT)
        pdf.place(x, pdf.y, label, style, step)
        gone = width(label, style.face, style.size) + 6
        pdf.write(x + gone, pdf.y, fact, Style(8.5, bold=True), step - gone - 4)
    pdf.skip(17)


def _draw_parties(pdf: PdfPages, issuer: Party, company: Party) -> None:
    """Both boxes side by side, their rows of the same height."""
    gap = 4 * MM
    wide = (pdf.right - pdf.left - gap) / 2
    fields = (_party_fields(issuer), _party_fields(company))
    room = wide - SIDE_WIDTH - LABEL_WIDTH - 2 * PARTY_PAD
    wrapped = [
        [
            shorten(wrap(clean(text), VALUE.face, VALUE.size, room), PARTY_LINES_MAX)
            for _, text in side
        ]
        for side in fields
    ]
    line = VALUE.size * LEADING
    heights = [
        max(len(left), len(right)) * line + 2 * PARTY_PAD
        for left, right in zip(*wrapped, strict=True)
    ]
    for at, (title, side) in enumerate((("공급자", fields[0]), ("공급받는자", fields[1]))):
        x = pdf.left + at * (wide + gap)
        labels = [label for label, _ in side]
        _draw_party(pdf, x, wide, title, labels, wrapped[at], heights)
    pdf.skip(sum(heights))


def _party_fields(party: Party) -> list[tuple[str, str]]:
    trade = " / ".join(text for text in (party.business_type, party.business_item) if text)
    return [
        ("등록번호", party.business_number),
        ("상호(법인명)", party.name),
        ("성명(대표자)", party.representative),
        ("사업장 주소", party.address),
        ("업태 / 종목", trade),
    ]


def _draw_party(
    pdf: PdfPages,
    x: float,
    wide: float,
    title: str,
    labels: list[str],
    values: list[list[str]],
    heights: list[float],
) -> None:
    high = sum(heights)
    if not pdf.draft:
        pdf.box(x, pdf.y, SIDE_WIDTH + LABEL_WIDTH, high, HEAD)
    y = pdf.y + (high - len(title) * 12) / 2
    for letter in title:
        pdf.place(x, y, letter, Style(8.5, bold=True, align="centre"), SIDE_WIDTH)
        y += 12
    y = pdf.y
    for label, lines, tall in zip(labels, values, heights, strict=True):
        top = y + (tall - LABEL.size * LEADING) / 2
        pdf.place(x + SIDE_WIDTH, top, label, LABEL, LABEL_WIDTH)
        top = y + (tall - len(lines) * VALUE.size * LEADING) / 2
        for text in lines:
            style = Style(VALUE.size, bold=label == "등록번호")
            pdf.place(x + SIDE_WIDTH + LABEL_WIDTH + PARTY_PAD, top, text, style, wide)
            top += VALUE.size * LEADING
        if y > pdf.y:
            pdf.line(x + SIDE_WIDTH, y, x + wide, y, HAIR, 0.5)
        y += tall
    pdf.line(x + SIDE_WIDTH, pdf.y, x + SIDE_WIDTH, y, HAIR, 0.5)
    pdf.line(x + SIDE_WIDTH + LABEL_WIDTH, pdf.y, x + SIDE_WIDTH + LABEL_WIDTH, y, HAIR, 0.5)
    pdf.frame(x, pdf.y, wide, high, RULE, 0.8)


def _draw_amended(pdf: PdfPages, amendment: Amendment) -> None:
    """The table of what is amended."""
    pdf.skip(7)
    rows = [
        _amended_row("수정사유", reason_text(amendment), "문서 구분", STEPS[amendment.step]),
        _amended_row(
            "당초 문서번호",
            amendment.amends or "-",
            "당초 작성연월일",
            date_text(amendment.original_written_on),
        ),
        _amended_row(
            "달라진 것", causes_text(amendment) or "-", "정정 번호", str(amendment.adjustment)
        ),
    ]
    columns = (PageColumn(24), PageColumn(76), PageColumn(27), PageColumn(53))
    draw_table(pdf, columns, (), rows, size=8.5, title=Title("수정 내용"))
    pdf.skip(6)


def _amended_row(label: str, text: str, other: str, more: str) -> PageRow:
    cells = (
        PageCell(label, align="centre"),
        PageCell(text),
        PageCell(other, align="centre"),
        PageCell(more),
    )
    return PageRow(cells)


def _amended_notes(amendment: Amendment) -> list[str]:
    """What a reader of the document has to know."""
    notes = []
    if amendment.step in PAIR:
        notes.append(
            "당초 문서를 취소하는 문서와 바른 금액의 문서가 함께 나가며,"
            " 더 내시거나 돌려받으실 금액은 두 문서의 합입니다."
        )
    if amendment.step == "difference":
        notes.append("당초 문서는 그대로 두고 차액만 적은 문서입니다. △는 줄어드는 금액입니다.")
    if amendment.step == "negative":
        notes.append("△는 취소하는 금액입니다.")
    return notes


def _draw_amount(pdf: PdfPages, invoice: Invoice) -> None:
    """The amount due, large and in words."""
    pdf.skip(7)
    side, high = pdf.right - pdf.left, 44.0
    if not pdf.draft:
        pdf.box(pdf.left, pdf.y, side, high, SOFT)
    pdf.frame(pdf.left, pdf.y, side, high, RULE, 1.0)
    label = "합계 청구액" if invoice.payable_krw > 0 else "청구할 금액 없음"
    if invoice.payable_krw < 0:
        label = "합계 감액"
    pdf.place(pdf.left + 10, pdf.y + 14, label, Style(11, bold=True), 40 * MM)
    amount = f"{format_krw(invoice.payable_krw)}원"
    x, room = pdf.left + 45 * MM, side - 45 * MM - 10
    pdf.write(x, pdf.y + 3, amount, Style(17, bold=True, align="right"), room)
    words = official_amount(invoice.payable_krw)
    pdf.write(x, pdf.y + 27, words, Style(9, align="right"), room)
    pdf.skip(high + 6)


def _draw_summary(pdf: PdfPages, invoice: Invoice) -> None:
    """How the amount due comes about, in one row."""
    heads = ["정가 합계(A)", "지원금(B)", "기업 부담(A-B)"]
    amounts = [invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw]
    if invoice.kind == "tax":
        heads += ["과세표준", "부가가치세(C)", "합계(A-B+C)"]
        amounts += [invoice.taxable_krw, invoice.vat_krw, invoice.payable_krw]
    columns = [PageColumn(180 / len(heads), "right")] * len(heads)
    cells = tuple(PageCell(krw(amount)) for amount in amounts)
    draw_table(pdf, columns, (row(*heads),), (PageRow(cells, "body"),), size=8.5)
    pdf.skip(6)


def _draw_payment(pdf: PdfPages, invoice: Invoice, desk: Desk) -> None:
    asked = " · ".join(text for text in (desk.department, desk.contact) if text)
    rows = [PageRow((PageCell("문의", align="centre"), PageCell(asked or "-", span=3)))]
    if invoice.payable_krw > 0:
        due = date_text(invoice.due_on) if invoice.due_on else "발행할 때 정함"
        account = desk.bank_account and f"{desk.bank_account} (예금주 {invoice.issuer.name})"
        labels = (PageCell("납부기한", align="centre"), PageCell("입금계좌", align="centre"))
        rows.insert(0, PageRow((labels[0], PageCell(due), labels[1], PageCell(account or "-"))))
    draw_table(
        pdf, (PageColumn(20), PageColumn(42), PageColumn(20), PageColumn(98)), (), rows, size=8.5
    )
    pdf.skip(9)


def _draw_lines(pdf: PdfPages, invoice: Invoice, seconds: int) -> None:
    rows: list[PageRow] = []
    for _, lines in groupby(invoice.lines, key=lambda line: line.project_id):
        rows += _project_rows(list(lines), seconds)
    if rows:
        rows[-1] = PageRow(rows[-1].cells, rows[-1].tone, keep=True)
    amounts_krw = (invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw)
    rows.append(_sum_row("total", "정가 금액·지원금·기업 부담 합계", *amounts_krw))
    unit = "(단위: 원, 부가가치세 별도)" if invoice.kind == "tax" else "(단위: 원)"
    draw_table(pdf, COLUMNS, LINES_HEAD, rows, title=Title("이용 내역", unit))
    pdf.skip(9)


def _project_rows(lines: list[InvoiceLine], seconds: int) -> list[PageRow]:
    """A project's heading, its lines with the support below each, and its subtotal."""
    first = lines[0]
    rows = [
        PageRow(
            (PageCell(f"[{first.project_id}] {first.project_name}", span=7),), "group", keep=True
        )
    ]
    for line in lines:
        rows += _line_rows(line, seconds)
    charge_krw = sum(line.charge_krw for line in lines)
    company_krw = sum(line.company_krw for line in lines)
    rows[-1] = PageRow(rows[-1].cells, rows[-1].tone, keep=True)
    rows.append(
        _sum_row("subtotal", "과제 소계", charge_krw, charge_krw - company_krw, company_krw)
    )
    return rows


def _line_rows(line: InvoiceLine, seconds: int) -> list[PageRow]:
    support_krw = sum(part.subsidy_krw for part in line.parts)
    prices = tuple(price(each) for each in line.prices_krw)
    rows = [
        row(
            f"{line.sku_title} ({line.sku})" if line.sku_title != line.sku else line.sku,
            quantity_text(line.quantity, line.price_unit, seconds),
            price_unit_label(line.price_unit),
            prices,
            krw(line.charge_krw),
            krw(support_krw),
            krw(line.company_krw),
            keep=bool(line.parts),
        )
    ]
    for at, part in enumerate(line.parts, start=1):
        rows.append(_part_row(part, keep=at < len(line.parts)))
    return rows


def _part_row(part: ProgrammePart, keep: bool) -> PageRow:
    label = "기업 현물 부담" if part.in_kind else "지원"
    text = f"└ {label}: {part.title} ({part.programme})"
    cells = (PageCell(text, span=5), PageCell(krw(part.subsidy_krw)), PageCell(""))
    return PageRow(cells, "part", keep)


def _sum_row(
    tone: Tone, label: str, charge_krw: int, subsidy_krw: int, company_krw: int
) -> PageRow:
    amounts = (PageCell(krw(charge_krw)), PageCell(krw(subsidy_krw)), PageCell(krw(company_krw)))
    return PageRow((PageCell(label, span=4), *amounts), tone)


def _draw_tax_base(pdf: PdfPages, invoice: Invoice) -> None:
    """How the tax base comes about: the company's part, and each programme by its VAT basis."""
    sums: dict[tuple[str, str, str, bool], int] = {}
    for line in invoice.lines:
        for part in line.parts:
            key = (part.programme, part.title, part.vat_base, part.in_kind)
            sums[key] = sums.get(key, 0) + part.subsidy_krw
    rows = [row("기업 부담(자부담)", "-", krw(invoice.company_krw), krw(invoice.company_krw))]
    for (programme, title, basis, in_kind), amount_krw in sorted(sums.items()):
        kind = "기업 현물 부담" if in_kind else "지원금"
        counted = amount_krw if basis == "GROSS" else 0
        label = VAT_BASES[basis] + (" (과세표준 포함)" if counted else " (과세표준 제외)")
        rows.append(row(f"{kind}: {title} ({programme})", label, krw(amount_krw), krw(counted)))
    rows[-1] = PageRow(rows[-1].cells, keep=True)
    total = (PageCell("과세표준", span=3), PageCell(krw(invoice.taxable_krw)))
    rows += [PageRow(total, "subtotal", keep=True)]
    rows += [PageRow((PageCell("부가가치세", span=3), PageCell(krw(invoice.vat_krw))), "subtotal")]
    columns = (PageColumn(84), PageColumn(40), PageColumn(25, "right"), PageColumn(31, "right"))
    keep = [PageRow(each.cells, each.tone, keep=True) for each in rows[:-1]] + rows[-1:]
    head = (row("구분", "과세 기준", "금액", "과세표준 산입액"),)
    draw_table(pdf, columns, head, keep, title=Title("부가가치세 과세표준", "(단위: 원)"))
    pdf.skip(9)


def _draw_notes(pdf: PdfPages, invoice: Invoice, notes: list[str]) -> None:
    pdf.need(58)
    for note in notes:
        pdf.paragraph(note, Style(7.5, colour=FAINT), mark="※")
    pdf.skip(4)
    small = Style(6, colour=FAINT)
    pdf.paragraph(f"규칙집 sha256 {invoice.rules_digest}", small)
    pdf.paragraph(f"사용량 sha256 {invoice.usage_digest}", small)


def _notes(invoice: Invoice) -> list[str]:
    notes = [
        "수량은 정확한 정수로 계산하며, 소수점 넷째 자리는 표시를 위해 반올림한 것입니다.",
        "정가 금액은 과제·자원별 한 달 금액에서 1원 미만을 버린 것이고, 합계는 각 줄의 합입니다.",
    ]
    if any(len(line.prices_krw) > 1 for line in invoice.lines):
        notes.append(
            "단가가 둘 이상이면 월중에 단가가 바뀐 것이며,"
            " 날짜별 적용 단가는 함께 보내는 이용명세서(엑셀)에 있습니다."
        )
    if any(part.in_kind for line in invoice.lines for part in line.parts):
        notes.append("지원금에는 기업이 현물로 부담하는 금액이 들어 있으며, 청구하지 않습니다.")
    if invoice.tax_class == "exempt":
        notes.append("이 문서의 공급은 부가가치세가 면제됩니다.")
    elif invoice.kind == "statement":
        notes.append("과세표준이 없어 세금계산서를 발행하지 않으며, 부가가치세가 없습니다.")
    elif any(part.vat_base == "GROSS" for line in invoice.lines for part in line.parts):
        notes.append(
            "총액 기준 사업의 지원금은 과세표준에 포함되며, 그 부가가치세도 기업이 부담합니다."
        )
    return notes
