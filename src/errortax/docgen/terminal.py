"""
Pages as plain text, for terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

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


def text(page: Page) -> str:
    """
    Return a *page* as text; what other formats fold away is left out, and the last line is the address of the page.
    """
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    outline = outline_of(page)
    about = ", ".join(filter(None, (_inline(outline.kicker).strip(), *(one_line(badge.text) for badge in outline.badges))))
    yield _inline(outline.heading) + (f" ({about})" if about else "")
    for block in outline.lead:
        yield from _block(block)
    for section in outline.sections:
        yield from _section(section, "")
    yield from ("", f"Page  {visible(page.url)}")


def _section(section: Section, indent: str) -> Iterator[str]:
    lines = [line for block in section.blocks for line in _block(block)]
    yield from ("", indent + one_line(section.title))
    yield from (f"{indent}{_GAP}{line}".rstrip() for line in lines)
    for part in section.sections:
        yield from _section(part, indent + _GAP)


def _block(block: Block) -> Iterator[str]:
    return _WRITERS[type(block)](block)


def _paragraph(block: Paragraph | Notice) -> Iterator[str]:
    yield _inline(block.spans)


def _items(block: Items) -> Iterator[str]:
    yield from (f"- {_inline(item)}" for item in block.items)


def _fields(block: Fields) -> Iterator[str]:
    yield from _columns([[one_line(label), _inline(spans)] for label, spans in block.fields])


def _table(block: Table) -> Iterator[str]:
    return _columns([[_inline(cell) for cell in row] for row in block.rows])


def _rows(block: Rows) -> Iterator[str]:
    cells = []
    for row in block.rows:
        where = [row.vendor] if block.vendor else []
        cells.append([row.code, *where, row.category or row.outcome, row.retryability, row.title])
    return _columns([list(map(one_line, row)) for row in cells])


def _columns(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield from (_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _listing(block: Listing) -> Iterator[str]:
    yield from visible(block.text).rstrip("\n").split("\n")


def _translated(block: Translated) -> Iterator[str]:
    yield from (f"{tag}  {one_line(sentence)}" for tag, sentence in block.texts.items())


def _fold(_: Fold) -> Iterator[str]:
    return iter(())


_WRITERS: Final[Mapping[type[Any], Callable[[Any], Iterator[str]]]] = {
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
