"""
Pages as Markdown: MyST for Sphinx, which other generators read as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
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
from errortax.docgen.escaping import one_line, visible, web_address
from errortax.docgen.outlines import outline_of
from errortax.docgen.outlines.parts import row_table, way
from errortax.docgen.values import Code, Page

FILE: Final = "index.md"

_SPECIAL: Final = str.maketrans({char: f"\\{char}" for char in r"\`*{}[]"} | {char: f"&#{ord(char)};" for char in "<>&|$~"})
"""Entities where some generators do not know the backslash."""

_EMPHASIS: Final = re.compile(r"(?<!\w)_|_(?!\w)")
_AT_THE_START: Final = re.compile(r"[-+=#:%(]|[0-9]+[.)]")
"""What would begin a list, a heading, a comment, a directive or a target."""

_PLAIN_CODE: Final = re.compile(r"[^`|\n\\]*[^`|\n\\ ]")  # as a code span, these look the same everywhere
_HEADINGS: Final = "######"
_LEVELS: Final = 6


def text(page: Page) -> str:
    """
    Return a *page* as a Markdown file with front matter.
    """
    outline, write = outline_of(page), partial(_block, page.path)
    lines = [*_front_matter(page), f"# {_inline(page.path, outline.heading)}", ""]
    if line := [*outline.kicker, *(span for badge in outline.badges for span in (" · ", badge))]:
        lines += [_inline(page.path, line), ""]
    for block in outline.lead:
        lines += [*write(block), ""]
    for section in outline.sections:
        lines += _section(page.path, section, 2)
    return "\n".join(lines).rstrip() + "\n"


def navigation(pages: Iterable[tuple[str, str]]) -> str:
    """
    Return a fragment of navigation in YAML, as MkDocs has it: a list of title and file for each of the *pages*.
    """
    return "".join(f"- {json.dumps(one_line(title))}: {json.dumps(file)}\n" for title, file in pages)


def escaped(content: str) -> str:
    """
    Return *content* as Markdown that shows it as it is, on one line.
    """
    return _EMPHASIS.sub(r"\\_", visible(content).replace("\n", " ").translate(_SPECIAL))


def _front_matter(page: Page) -> Iterator[str]:
    title, about = one_line(page.title), one_line(page.description)
    yield "---"
    yield f"title: {json.dumps(title, ensure_ascii=False)}"
    yield "orphan: true"  # Sphinx does not miss it in a toctree
    yield "myst:"
    yield "  html_meta:"
    yield f"    description: {json.dumps(about, ensure_ascii=False)}"
    yield "---"
    yield ""


def _section(path: str, section: Section, level: int) -> Iterator[str]:
    yield from (f"{_HEADINGS[:level]} {escaped(section.title)}", "")
    for block in section.blocks:
        yield from (*_block(path, block), "")
    for part in section.sections:
        yield from _section(path, part, min(level + 1, _LEVELS))


def _block(path: str, block: Block) -> Iterator[str]:
    return _WRITERS[type(block)](path, block)


def _paragraph(path: str, block: Paragraph) -> Iterator[str]:
    yield _inline(path, block.spans)


def _notice(path: str, block: Notice) -> Iterator[str]:
    yield f"> {_inline(path, block.spans)}"


def _items(path: str, block: Items) -> Iterator[str]:
    yield from (f"- {_inline(path, item)}" for item in block.items)


def _fields(path: str, block: Fields) -> Iterator[str]:
    yield from (f"- **{escaped(label)}**: {_inline(path, spans)}" for label, spans in block.fields)


def _table(path: str, block: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(escaped, block.header))} |"
    yield f"|{'---|' * len(block.header)}"
    for row in block.rows:
        yield f"| {' | '.join(_inline(path, cell) for cell in row)} |"


def _rows(path: str, block: Rows) -> Iterator[str]:
    return _table(path, row_table(block))


def _listing(_: str, block: Listing) -> Iterator[str]:
    content = visible(block.text)
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    language = "text" if block.language == "http" else block.language  # Pygments finds faults with bodies of other kinds
    yield from (f"{fence}{language}", *content.split("\n"), fence)


def _translated(_: str, block: Translated) -> Iterator[str]:
    yield from (f"- {escaped(tag)}: {escaped(sentence)}" for tag, sentence in block.texts.items())


def _fold(path: str, block: Fold) -> Iterator[str]:
    yield from (f"**{escaped(block.title)}**", "")
    for inner in block.blocks:
        yield from (*_block(path, inner), "")


_WRITERS: Final[Mapping[type[Any], Callable[[str, Any], Iterator[str]]]] = {
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


def _inline(path: str, spans: Iterable[Span]) -> str:
    """Return *spans* on one line; a first character that would begin a list or the like is an entity."""
    written = "".join(_span(path, span) for span in spans)
    return f"&#{ord(written[0])};{written[1:]}" if _AT_THE_START.match(written) else written


def _span(path: str, span: Span) -> str:
    if isinstance(span, Strong):
        return f"**{escaped(span.text)}**"
    if isinstance(span, Link):
        return _link(path, span)
    return _code(span) if isinstance(span, Code) else escaped(span)


def _link(path: str, link: Link) -> str:
    shown = _code(link.text) if link.is_code else escaped(link.text)
    if link.path is not None:
        return f"[{shown}]({way(path, link.path)}{FILE})"
    address = web_address(link.url)
    return f"[{shown}](<{address}>)" if address else shown


def _code(text: str) -> str:
    shown = one_line(text)
    return f"`{shown}`" if _PLAIN_CODE.fullmatch(shown) else escaped(text)
