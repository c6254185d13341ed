"""The page of the rules: every value of every rule file, with its day, its unit and its source."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook, read_rulebook
from docs.generate.markdown import GENERATED, cell, code, table
from metering.yaml_loader import read_strictly

HEAD = """\
# Prices and programmes

Every value of the rules that come with the program (`billing/rules/`). A value holds from its day
until the next day listed, *ends* ends it, and one without a day holds as long as its file does.
*Found* has a source that says so; *assumed* and *derived* have the reason, and must be confirmed
before real invoices are sent. A site may carry its own rules (`rules` in `site.toml`); `jeongsan
load` says whether they can be read.
"""
HEADINGS = (
    ("prices/", "Prices"),
    ("programmes/", "Programmes"),
    ("tax.yaml", "Tax"),
    ("pf.yaml", "PF per device"),
    ("market.yaml", "Market prices"),
    ("swap.yaml", "Tables of equals"),
    ("amendments.yaml", "Amended tax invoices"),
)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SAID = ("reference", "assumed", "derived")
# The unit of a value, by the last key that names it; `{unit}` is the file's or the member's own.
UNITS = {
    "price_krw": "won per {unit}",
    "market_price_krw": "won per unit of the price",
    "pf_per_device": "PF per device",
    "equals": "cards that are one",
    "company_share": "share of the charge",
    "market_share": "share of the market price",
    "factor": "factor of the company's share",
    "company_in_kind": "share of the charge",
    "award": "won an award",
    "award_month": "won an award and month",
    "company_year": "won a company and year",
    "krw_per_month": "won a month",
    "size": "{unit}",
    "most": "times the size",
    "amount": "{unit}",
    "budget": "won",
    "share": "share of the subsidy",
    "number": "awards at once",
    "months": "months",
    "periods": "months",
    "below": "share of what is granted",
    "warn_days": "days",
    "grace_days": "days",
    "vat_rate": "share",
    "due_business_days": "business days",
    "late_issue": "share of the supply",
    "no_issue": "share of the supply",
    "late_buyer": "share of the supply",
    "causes": "reason",
    "partly": "reason",
}
# Values that are words, lists or yes and no.
WORDS = {
    "tax_class", "org_type", "excess", "after_filing", "ceiling", "unit", "judged_on",
    "recalled_for", "referrers", "skus", "per", "other_units", "stacking", "measure", "propose",
    "vat_base", "due", "vat_rounding", "combine", "truncate_10won",
    "reasons", "eligible", "dated", "documents", "place", "youth", "relocated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """The way to a value: its keys, what it is a part of, its day and its unit."""

    keys: tuple[str, ...] = ()
    part: str = ""
    day: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as its file writes it."""

    where: Where
    body: Mapping[str, object]

    @property
    def name(self) -> str:
        """The key that names it, with the group that it stands in."""
        return ".".join(self.where.keys)

    @property
    def unit(self) -> str:
        """Its unit; KeyError for a key that neither UNITS nor WORDS knows."""
        if "unlimited" in self.body or self.body.get("value", "") is None:
            return ""
        for key in reversed(self.where.keys):
            if key in UNITS:
                return UNITS[key].format(unit=self.where.unit)
            if key in WORDS:
                return ""
        raise KeyError(f"{'.'.join(self.where.keys)}: say its unit in docs/generate/rules.py")

    @property
    def day(self) -> str:
        """Its first day, or the years of a budget."""
        if "first_year" in self.body:
            years = (self.body["first_year"], self.body["last_year"])
            return str(years[0]) if years[0] == years[1] else f"{years[0]} to {years[1]}"
        return self.where.day

    @property
    def text(self) -> str:
        """The value itself."""
        if "unlimited" in self.body:
            return "no limit known"
        value = self.body.get("value", self.body.get("krw"))
        if value is None:
            return "*ends*"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return ", ".join(cell(member) for member in value)
        figure = str(value)
        return f"{int(figure):,}" if figure.isdigit() and len(figure) > 4 else cell(figure)

    @property
    def source(self) -> str:
        """Found, assumed or derived, and who says so or why."""
        said = []
        reference = self.body.get("reference")
        if isinstance(reference, Mapping):
            title = cell(reference["title"])
            href = reference.get("href")
            said.append(f"found: [{title}]({href})" if href else f"found: {title}")
        said += [f"{key}: {cell(self.body[key])}" for key in SAID[1:] if key in self.body]
        if "announced" in self.body:
            said.append(f"announced {self.body['announced']}")
        return "; ".join(said)


def rules_page(book: RuleBook | None = None) -> str:
    """The page in Markdown, of a rule book or of the one that comes with the program."""
    book = book or read_rulebook()
    assumed = sum("assumed" in value.body for text in book.texts.values() for value in values(text))
    total = sum(1 for text in book.texts.values() for _ in values(text))
    lines = [GENERATED, "", *HEAD.splitlines(), ""]
    lines += [f"Of {total} values {assumed} are assumed. Digest of this rule book:", ""]
    lines += ["```text", book.digest, "```", ""]
    programmes = {one.file: one for one in book.programmes}
    for start, heading in HEADINGS:
        lines += [f"## {heading}", ""]
        for name in _files(book, start, programmes):
            lines += _file(name, book.texts[name], programmes.get(name))
    return "\n".join(lines).rstrip() + "\n"


def _files(book: RuleBook, start: str, programmes: Mapping[str, Programme]) -> list[str]:
    """The files of a heading; programmes in the order in which they are applied."""
    names = [name for name in sorted(book.texts) if name.startswith(start)]
    if start == "programmes/":
        return sorted(names, key=list(programmes).index)
    return names


def _file(name: str, text: str, programme: Programme | None) -> list[str]:
    """One file: what it is about, then its values."""
    document = read_strictly(text)
    lines = []
    if "/" in name:
        lines += [f"### {name.rpartition('/')[2].removesuffix('.yaml')}", ""]
    if title := document.get("title"):
        lines += [f"{cell(title)} ({code(name)})", ""]
    else:
        lines += [code(name), ""]
    if programme:
        lines += [
            f"- authority: {cell(programme.authority)}",
            f"- order: {programme.order}; basis: `{document['basis']}`",
            f"- last compared with the notice on {programme.checked_on}",
            *(
                f"- {cell(source.title)} (`{source.name}`) is {source.settled}"
                for source in programme.funding
            ),
            "",
        ]
    head = ("value", "of", "from", "is", "unit", "source")
    rows = [
        (code(one.name), cell(one.where.part), code(one.day), one.text, cell(one.unit), one.source)
        for one in values(text)
    ]
    return lines + table(head, rows)


def values(text: str) -> Iterator[Value]:
    """Every value of a rule file: whatever has a reference or says that it is assumed."""
    document = read_strictly(text)
    yield from _walk(document, Where(unit=str(document.get("unit", ""))))


def _walk(node: object, where: Where) -> Iterator[Value]:
    if isinstance(node, list):
        for number, member in enumerate(node, start=1):
            yield from _walk(member, _member(where, member, number, len(node)))
    elif isinstance(node, dict):
        if any(key in node for key in SAID):
            yield Value(where, node)
            return
        unit = node.get("unit")
        if isinstance(unit, dict):
            where = replace(where, unit=str(unit["value"]))
        for key, child in node.items():
            if key == "by_day":
                yield from _walk(child, where)
            elif DAY.fullmatch(key):
                yield from _walk(child, replace(where, day=key))
            else:
                yield from _walk(child, replace(where, keys=(*where.keys, key)))


def _member(where: Where, member: object, number: int, many: int) -> Where:
    """Where a member of a list stands: what it is called, or whom it is for, or its number."""
    if not isinstance(member, dict):
        return where
    unit = member.get("unit")
    names = [str(member[key]) for key in ("source", "id", "title") if key in member][:1]
    if isinstance(unit, str):
        where = replace(where, unit=unit)
        names.append(unit)
    if who := member.get("for"):
        facts = [f"{fact} {', '.join(map(str, those))}" for fact, those in who.items()]
        names.append("; ".join(facts))
    elif "by_day" in member:
        names.append("everybody else" if many > 1 else "everybody")
    size = member.get("size")
    if isinstance(size, dict) and not names:
        names.append(f"bundle of {size['value']}")
    if not names and many > 1 and "first_year" not in member:
        names.append(f"no. {number}")
    return replace(where, part=", ".join(filter(None, (where.part, *names))))
