"""The two boxes at the head of an invoice: who supplies and who is supplied."""

from billing.records import Party
from reports.layout.drawing import HAIR, HEAD, MM, RULE
from reports.layout.fonts import clean, shorten, wrap
from reports.layout.page import LEADING, Paper, Style

LABEL = Style(7.5, align="centre")
VALUE = Style(8.5)
LABEL_WIDTH = 17 * MM
SIDE_WIDTH = 6 * MM
PAD = 3.0
LINES_MAX = 5  # of one field


def draw_parties(paper: Paper, issuer: Party, company: Party) -> None:
    """Both boxes side by side, their rows of the same height."""
    gap = 4 * MM
    wide = (paper.right - paper.left - gap) / 2
    fields = (_fields(issuer), _fields(company))
    room = wide - SIDE_WIDTH - LABEL_WIDTH - 2 * PAD
    wrapped = [
        [shorten(wrap(clean(text), VALUE.face, VALUE.size, room), LINES_MAX) for _, text in side]
        for side in fields
    ]
    line = VALUE.size * LEADING
    heights = [
        max(len(left), len(right)) * line + 2 * PAD for left, right in zip(*wrapped, strict=True)
    ]
    for at, (title, side) in enumerate((("공급자", fields[0]), ("공급받는자", fields[1]))):
        x = paper.left + at * (wide + gap)
        labels = [label for label, _ in side]
        _draw_box(paper, x, wide, title, labels, wrapped[at], heights)
    paper.skip(sum(heights))


def _fields(party: Party) -> list[tuple[str, str]]:
    trade = " / ".join(text for text in (party.business_type, party.business_item) if text)
    return [
        ("등록번호", party.business_number),
        ("상호(법인명)", party.name),
        ("성명(대표자)", party.representative),
        ("사업장 주소", party.address),
        ("업태 / 종목", trade),
    ]


def _draw_box(
    paper: Paper,
    x: float,
    wide: float,
    title: str,
    labels: list[str],
    values: list[list[str]],
    heights: list[float],
) -> None:
    high = sum(heights)
    if not paper.draft:
        paper.box(x, paper.y, SIDE_WIDTH + LABEL_WIDTH, high, HEAD)
    y = paper.y + (high - len(title) * 12) / 2
    for letter in title:
        paper.place(x, y, letter, Style(8.5, bold=True, align="centre"), SIDE_WIDTH)
        y += 12
    y = paper.y
    for label, lines, tall in zip(labels, values, heights, strict=True):
        top = y + (tall - LABEL.size * LEADING) / 2
        paper.place(x + SIDE_WIDTH, top, label, LABEL, LABEL_WIDTH)
        top = y + (tall - len(lines) * VALUE.size * LEADING) / 2
        for text in lines:
            style = Style(VALUE.size, bold=label == "등록번호")
            paper.place(x + SIDE_WIDTH + LABEL_WIDTH + PAD, top, text, style, wide)
            top += VALUE.size * LEADING
        if y > paper.y:
            paper.line(x + SIDE_WIDTH, y, x + wide, y, HAIR, 0.5)
        y += tall
    paper.line(x + SIDE_WIDTH, paper.y, x + SIDE_WIDTH, y, HAIR, 0.5)
    paper.line(x + SIDE_WIDTH + LABEL_WIDTH, paper.y, x + SIDE_WIDTH + LABEL_WIDTH, y, HAIR, 0.5)
    paper.frame(x, paper.y, wide, high, RULE, 0.8)
