"""
From outlines to the nodes of docutils.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from docutils import nodes
from sphinx import addnodes

from errortax.docgen.blocks import (
    Block,
    Fields,
    Fold,
    Inline,
    Items,
    Link,
    Listing,
    Notice,
    Outline,
    Paragraph,
    Rows,
    Section,
    Span,
    Strong,
    Table,
    Translated,
)
from errortax.docgen.escaping import visible, web_address
from errortax.docgen.outlines.parts import row_table
from errortax.docgen.sphinx.details import details
from errortax.docgen.values import Code

DOMAIN: Final = "errortax"
PAGE: Final = "page"

_TEXT_WIDTH: Final = 100  # characters of a table in plain text


def page_section(outline: Outline) -> nodes.section:
    """
    Return a whole page as a section with the id `PAGE`; its parts are sections with the ids of the outline.
    """
    page = _titled(outline.heading, [PAGE])
    page += list(_head(outline))
    page += [_section(section) for section in outline.sections]
    return page


def embedded(outline: Outline, anchor: str, wanted: Sequence[str]) -> nodes.container:
    """
    Return a page as a part of another one, with the id *anchor*; *wanted* are the ids of sections to show, or none for all.
    """
    box = nodes.container("", ids=[anchor], classes=[DOMAIN])
    box += nodes.rubric("", "", *_inline(outline.heading))
    box += list(_head(outline))
    for section in outline.sections:
        if not wanted or section.id in wanted:
            box += list(_below_rubric(section, anchor))
    return box


def rows_table(rows: Rows) -> nodes.table:
    """
    Return *rows* as a table.
    """
    [table] = _table(row_table(rows))
    return table


def _head(outline: Outline) -> Iterator[nodes.Node]:
    line: list[Span] = list(outline.kicker)
    for badge in outline.badges:
        line += [" · ", badge] if line else [badge]
    if line:
        yield nodes.paragraph("", "", *_inline(line), classes=["errortax-head"])
    yield from _blocks(outline.lead)


def _titled(heading: Inline, ids: list[str]) -> nodes.section:
    return nodes.section("", nodes.title("", "", *_inline(heading)), ids=ids, names=[])


def _section(section: Section) -> nodes.section:
    node = _titled((section.title,), [section.id, *section.anchors])
    node += list(_blocks(section.blocks))
    node += [_section(part) for part in section.sections]
    return node


def _below_rubric(section: Section, anchor: str) -> Iterator[nodes.Node]:
    yield nodes.rubric("", visible(section.title), ids=[f"{anchor}-{section.id}"])
    yield from _blocks(section.blocks)
    for part in section.sections:
        yield from _below_rubric(part, anchor)


def _blocks(blocks: Iterable[Block]) -> Iterator[nodes.Node]:
    for block in blocks:
        yield from _WRITERS[type(block)](block)


def _paragraph(block: Paragraph) -> Iterator[nodes.Node]:
    yield nodes.paragraph("", "", *_inline(block.spans))


def _notice(block: Notice) -> Iterator[nodes.Node]:
    yield nodes.warning("", nodes.paragraph("", "", *_inline(block.spans)))


def _items(block: Items) -> Iterator[nodes.Node]:
    yield nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", "", *_inline(item))) for item in block.items))


def _fields(block: Fields) -> Iterator[nodes.Node]:
    yield nodes.field_list("", *(_field(label, _inline(spans)) for label, spans in block.fields))


def _field(label: str, content: Iterable[nodes.Node], **attributes: Any) -> nodes.field:
    body = nodes.field_body("", nodes.paragraph("", "", *content), **attributes)
    return nodes.field("", nodes.field_name("", visible(label)), body)


def _table(block: Table) -> Iterator[nodes.table]:
    width = _TEXT_WIDTH // len(block.header)  # counts in plain text alone, where Sphinx 7 hangs if a character is wider
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for _ in block.header), cols=len(block.header))
    group += nodes.thead("", _row([(name,) for name in block.header]))
    group += nodes.tbody("", *map(_row, block.rows))
    yield nodes.table("", group, classes=["colwidths-auto", "errortax"])


def _row(cells: Iterable[Inline]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *_inline(cell))) for cell in cells))


def _rows(block: Rows) -> Iterator[nodes.Node]:
    return _table(row_table(block))


def _listing(block: Listing) -> Iterator[nodes.Node]:
    text = visible(block.text)
    language = "none" if block.language == "http" else block.language  # Pygments finds faults with bodies of other kinds
    yield nodes.literal_block(text, text, language=language, linenos=False)


def _translated(block: Translated) -> Iterator[nodes.Node]:
    yield nodes.field_list("", *(_field(tag, [nodes.Text(visible(sentence))]) for tag, sentence in block.texts.items()))


def _fold(block: Fold) -> Iterator[nodes.Node]:
    yield details("", *_blocks(block.blocks), summary=visible(block.title))


_WRITERS: Final[Mapping[type[Any], Callable[[Any], Iterator[nodes.Node]]]] = {
    Fields: _fields,
    Fold: _fold,
    Items: _items,
    Listing: _listing,
    Notice: _notice,
    Paragraph: _paragraph,
    Rows: _rows,
    Table: _table,
    Translated: _translated,
}


def _inline(spans: Iterable[Span]) -> list[nodes.Node]:
    return [_span(span) for span in spans]


def _span(span: Span) -> nodes.Node:
    if isinstance(span, Strong):
        return nodes.strong("", visible(span.text))
    if isinstance(span, Link):
        return _link(span)
    shown = visible(span)
    return nodes.literal(shown, shown) if isinstance(span, Code) else nodes.Text(shown)


def _link(link: Link) -> nodes.Node:
    text = visible(link.text)
    shown = nodes.literal(text, text) if link.is_code else nodes.inline(text, text)
    if link.path is not None:
        return addnodes.pending_xref(
            "", shown, refdomain=DOMAIN, reftype="page", reftarget=link.path, refexplicit=True, refwarn=False
        )
    address = web_address(link.url)
    return nodes.reference("", "", shown, refuri=address, internal=False) if address else shown
