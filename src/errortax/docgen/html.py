"""
Pages as static HTML, which works from a file system, a folder of any server, and without scripts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from errortax.docgen.blocks import (
    Block,
    Fields,
    Fold,
    Inline,
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
from errortax.docgen.outlines.parts import tone_of, way
from errortax.docgen.values import TITLE, Code, IndexPage, Page, Row

if TYPE_CHECKING:
    from jinja2 import Environment

FILE: Final = "index.html"
STATIC: Final = "_static"
"""The folder of style and script; no vendor can have this name."""

_THEME: Final = ("docs.css", "docs.js")
_MAX_HEADING: Final = 6


def text(page: Page) -> str:
    """
    Return a *page* as an HTML file.
    """
    shared = {
        "site": TITLE,
        "heading": one_line(page.title),
        "about": one_line(page.description),
        "url": page.url,
        "root": way(page.path),
    }
    if isinstance(page, IndexPage):
        return _environment().get_template("index.html").render(**shared, **_index(page))
    return _environment().get_template("page.html").render(**shared, **_page(page))


def static_files(index: IndexPage) -> Iterator[tuple[str, str]]:
    """
    Yield the names and texts of the files that all pages share, and of what the search of the *index* needs.
    """
    for name in _THEME:
        yield f"{STATIC}/{name}", _theme(name)
    groups = {name: group.name for group in index.groups for name in group.categories}
    words = [" ".join((row.description, row.hint, *row.also)) for row in index.rows]
    yield f"{STATIC}/search.js", f"window.errortaxSearch = {json.dumps({'groups': groups, 'words': words})};\n"


def _index(page: IndexPage) -> dict[str, Any]:
    rows = page.rows
    return {
        "rows": rows,
        "vendors": page.vendors,
        "groups": page.groups,
        "folders": page.folders,
        "filters": (
            ("vendor", "Vendor", [(vendor.name, visible(vendor.title)) for vendor in page.vendors]),
            ("group", "Group", [(group.name, visible(group.title)) for group in page.groups]),
            ("retryability", "Retry", _choices(rows, lambda row: (row.retryability,))),
            ("status", "HTTP status", _choices(rows, lambda row: map(str, row.statuses))),
        ),
    }


def _choices(rows: Iterable[Row], values: Callable[[Row], Iterable[str]]) -> list[tuple[str, str]]:
    return [(value, value) for value in sorted({value for row in rows for value in values(row)})]


def _page(page: Page) -> dict[str, Any]:
    outline, path = outline_of(page), page.path
    return {
        "title": _markup(_inline(path, outline.heading)),
        "kicker": _markup(_inline(path, outline.kicker)),
        "badges": _markup("\n".join(_link(path, badge) for badge in outline.badges)),
        "lead": _markup("\n".join(_block(path, block) for block in outline.lead)),
        "sections": _markup("\n".join(_section(path, section, 2) for section in outline.sections)),
        "contents": [(section.id, section.title) for section in outline.sections],
    }


def _section(path: str, section: Section, level: int) -> str:
    """Return a *section*; its id is that of its heading's link, too."""
    heading, title = f"h{min(level, _MAX_HEADING)}", _escaped(section.title)
    anchor = f'<a class="anchor" href="#{section.id}" aria-label="Link to {escape(visible(section.title))}">#</a>'
    more = "".join(f'<span id="{escape(name)}"></span>' for name in section.anchors)
    parts = [_block(path, block) for block in section.blocks] + [_section(path, each, level + 1) for each in section.sections]
    return f'<section id="{section.id}">{more}\n<{heading}>{title}{anchor}</{heading}>\n' + "\n".join(parts) + "\n</section>"


def _block(path: str, block: Block) -> str:
    return _WRITERS[type(block)](path, block)


def _paragraph(path: str, block: Paragraph) -> str:
    return f"<p>{_inline(path, block.spans)}</p>"


def _notice(path: str, block: Notice) -> str:
    return f'<p class="notice">{_inline(path, block.spans)}</p>'


def _items(path: str, block: Items) -> str:
    return "<ul>\n" + "".join(f"<li>{_inline(path, item)}</li>\n" for item in block.items) + "</ul>"


def _fields(path: str, block: Fields) -> str:
    rows = (f"<div><dt>{_escaped(label)}</dt><dd>{_inline(path, spans)}</dd></div>\n" for label, spans in block.fields)
    return "<dl>\n" + "".join(rows) + "</dl>"


def _table(path: str, block: Table) -> str:
    head = "".join(f'<th scope="col">{_escaped(name)}</th>' for name in block.header)
    body = "\n".join(
        f'<tr><th scope="row">{_inline(path, first)}</th>{"".join(f"<td>{_inline(path, cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in block.rows
    )
    label = escape(", ".join(block.header))
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {label}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _rows(path: str, block: Rows) -> str:
    return str(_environment().get_template("rows.html").render(rows=block.rows, vendor=block.vendor, root=way(path)))


def _listing(_: str, block: Listing) -> str:
    return f'<pre><code class="language-{block.language}">{_escaped(block.text)}</code></pre>'


def _translated(_: str, block: Translated) -> str:
    rows = (f'<div><dt>{tag}</dt><dd lang="{tag}">{_escaped(sentence)}</dd></div>\n' for tag, sentence in block.texts.items())
    return '<dl class="languages">\n' + "".join(rows) + "</dl>"


def _fold(path: str, block: Fold) -> str:
    inner = "\n".join(_block(path, each) for each in block.blocks)
    return f"<details>\n<summary>{_escaped(block.title)}</summary>\n{inner}\n</details>"


_WRITERS: Final[Mapping[type[Any], Callable[[str, Any], str]]] = {
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


def _inline(path: str, spans: Inline) -> str:
    return "".join(_span(path, span) for span in spans)


def _span(path: str, span: Span) -> str:
    if isinstance(span, Strong):
        return f"<strong>{_escaped(span.text)}</strong>"
    if isinstance(span, Link):
        return _link(path, span)
    return f"<code>{_escaped(span)}</code>" if isinstance(span, Code) else _escaped(span)


def _link(path: str, link: Link) -> str:
    shown = f"<code>{_escaped(link.text)}</code>" if link.is_code else _escaped(link.text)
    kind = f' class="badge {link.tone}"' if link.tone else ""
    if link.path is not None:
        return f'<a{kind} href="{way(path, link.path)}{FILE}">{shown}</a>'
    if address := web_address(link.url):
        return f'<a{kind} href="{escape(address)}" rel="noreferrer">{shown}</a>'
    return f"<span{kind}>{shown}</span>" if kind else shown


def _escaped(content: str) -> str:
    return escape(visible(content))


def _markup(content: str) -> Any:
    from markupsafe import Markup  # comes with Jinja2

    return Markup(content)  # noqa: S704  # every text in it is escaped above


def _theme(name: str) -> str:
    return files("errortax.docgen").joinpath("theme", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """Return Jinja2's environment; raise `ModuleNotFoundError` if it is not installed."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_theme), autoescape=True, trim_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters |= {"shown": visible, "tone": tone_of}
    return environment
