"""
Pages as plain text, for terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from errortax.advice import padded
from errortax.docgen.blocks import (
    Block,
    Fields,
    Fold,
    Items,
    Link,
    Listing,
    Notice,
    Paragraph,
    Rows,
    Section,
    Span,
    Strong,
    Table,
    Translated,
)
from errortax.docgen.escaping import one_line, visible
from errortax.docgen.outlines import outline_of
from errortax.docgen.values import Page

_GAP: Final = "  "


class Line(NamedTuple):
    """A text that may wrap behind its *label*, with all further lines indented as far."""

    label: str
    text: str


class Columns(NamedTuple):
    """A table: the *indent* of its lines, and its rows, whose last cells may wrap."""

    indent: str
    rows: list[list[str]]


Part: TypeAlias = Line | Columns | str
"""A part of a page: lines that may wrap, a table, or a line that stays as it is."""


def text(page: Page) -> str:
    """
    Return a *page* as text; what other formats fold away is left out, and the last line is the address of the page.
    """
    return "".join(f"{line}\n" for part in parts(page) for line in _plain(part))


def parts(page: Page) -> Iterator[Part]:
    """
    Yield the same page in parts, for a screen that knows its width.
    """
    outline = outline_of(page)
    about = ", ".join(filter(None, (_inline(outline.kicker).strip(), *(one_line(badge.text) for badge in outline.badges))))
    yield Line("", _inline(outline.heading) + (f" ({about})" if about else ""))
    for block in outline.lead:
        yield from _block(block, "")
    for section in outline.sections:
        yield from _section(section, "")
    yield from ("", Line(f"Page{_GAP}", visible(page.url)))


def _plain(part: Part) -> Iterator[str]:
    if isinstance(part, Columns):
        yield from (f"{part.indent}{_GAP.join(row)}".rstrip() for row in padded(part.rows))
        return
    yield "".join(part).rstrip()


def _section(section: Section, indent: str) -> Iterator[Part]:
    yield from ("", Line(indent, one_line(section.title)))
    for block in section.blocks:
        yield from _block(block, indent + _GAP)
    for part in section.sections:
        yield from _section(part, indent + _GAP)


def _block(block: Block, indent: str) -> Iterator[Part]:
    return _WRITERS[type(block)](block, indent)


def _paragraph(block: Paragraph | Notice, indent: str) -> Iterator[Part]:
    yield Line(indent, _inline(block.spans))


def _items(block: Items, indent: str) -> Iterator[Part]:
    yield from (Line(f"{indent}- ", _inline(item)) for item in block.items)


def _fields(block: Fields, indent: str) -> Iterator[Part]:
    labels = padded([[one_line(label)] for label, _ in block.fields])
    for [label], (_, spans) in zip(labels, block.fields, strict=True):
        yield Line(f"{indent}{label}{_GAP}", _inline(spans))


def _table(block: Table, indent: str) -> Iterator[Part]:
    yield Columns(indent, [[_inline(cell) for cell in row] for row in block.rows])


def _rows(block: Rows, indent: str) -> Iterator[Part]:
    cells = []
    for row in block.rows:
        where = [row.vendor] if block.vendor else []
        cells.append([row.code, *where, row.category or row.outcome, row.retryability, row.title])
    yield Columns(indent, [list(map(one_line, row)) for row in cells])


def _listing(block: Listing, indent: str) -> Iterator[Part]:
    yield from (f"{indent}{line}".rstrip() for line in visible(block.text).rstrip("\n").split("\n"))


def _translated(block: Translated, indent: str) -> Iterator[Part]:
    yield from (Line(f"{indent}{tag}{_GAP}", one_line(sentence)) for tag, sentence in block.texts.items())


def _fold(_: Fold, __: str) -> Iterator[Part]:
    return iter(())


_WRITERS: Final[Mapping[type[Any], Callable[[Any, str], Iterator[Part]]]] = {
    Fields: _fields,
    Fold: _fold,
    Items: _items,
    Listing: _listing,
    Notice: _paragraph,
    Paragraph: _paragraph,
    Rows: _rows,
    Table: _table,
    Translated: _translated,
}


def _inline(spans: Iterable[Span]) -> str:
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    if isinstance(span, Strong):
        return one_line(span.text)
    if isinstance(span, Link):
        return _link(span)
    return visible(span).replace("\n", " ")


def _link(link: Link) -> str:
    shown = one_line(link.text)
    return f"{shown} {visible(link.url)}" if link.url and link.url != link.text else shown
