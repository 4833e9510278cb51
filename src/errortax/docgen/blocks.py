"""
What pages consist of, whatever their format: sections with paragraphs, lists, tables and listings.

Texts are as they are in the data; each format escapes them for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from errortax.docgen.values import Code, Row

Tone: TypeAlias = Literal["plain", "good", "wait", "bad"]


@frozen
class Link:
    """
    A link: to the page at *path* below the root of all pages, or to another *url*.

    *is_code* says that the text is a name. *tone* is None, or the text is a badge in this tone.
    """

    text: str
    path: str | None = None
    url: str | None = None
    is_code: bool = False
    tone: Tone | None = None


@frozen
class Strong:
    """A text that matters more than those around it."""

    text: str


Span: TypeAlias = str | Code | Link | Strong
Inline: TypeAlias = tuple[Span, ...]


@frozen
class Paragraph:
    """A paragraph."""

    spans: Inline


@frozen
class Notice:
    """A paragraph that nobody should miss."""

    spans: Inline


@frozen
class Items:
    """A list."""

    items: tuple[Inline, ...]


@frozen
class Fields:
    """Labels, each with a text."""

    fields: tuple[tuple[str, Inline], ...]


@frozen
class Table:
    """A table; the first cell of a row names it."""

    header: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]


@frozen
class Rows:
    """Entries as a list of links; *vendor* says whether to name the vendor of each."""

    rows: tuple[Row, ...]
    vendor: bool


@frozen
class Listing:
    """Text in a fixed width: *language* is http, json or python."""

    language: str
    text: str


@frozen
class Translated:
    """A sentence in several languages: language tag → sentence."""

    texts: Mapping[str, str]


@frozen
class Fold:
    """Blocks that readers open if they want them."""

    title: str
    blocks: tuple[Block, ...]


Block: TypeAlias = Paragraph | Notice | Items | Fields | Table | Rows | Listing | Translated | Fold


@frozen
class Section:
    """A part of a page; *id* is its anchor, which stays when the data changes, and *anchors* are further ones."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    anchors: tuple[str, ...] = ()


@frozen
class Outline:
    """A page in any format: its heading, what kind of page it is, badges, a first text, and sections."""

    heading: Inline
    kicker: Inline
    badges: tuple[Link, ...]
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
