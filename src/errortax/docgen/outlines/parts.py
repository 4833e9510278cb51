"""
Parts that several kinds of pages have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from errortax.docgen.blocks import Block, Fold, Inline, Items, Link, Paragraph, Rows, Strong, Table, Tone, Translated
from errortax.docgen.values import Advice, Cited, Code, Knowledge, Row
from errortax.registry.addresses import path_of

ACTORS: Final[Mapping[str, str]] = {
    "client": "The program",
    "developer": "The developer",
    "end_user": "The end user",
    "account_owner": "The account owner",
    "vendor": "The vendor",
}
_TONES: Final[Mapping[str, Tone]] = {"after_delay": "good", "backoff": "good", "never": "bad"}


def way(path: str, target: str = "") -> str:
    """
    Return the relative address of the folder of the page at *target*, seen from the page at *path*; the default is the index.
    """
    return ("../" * (path.count("/") + 1) if path else "") + (f"{target}/" if target else "")


def word(folder: str, name: str) -> Link:
    """
    Return a link to the page about the word *name* in a *folder* of the vocabulary.
    """
    return Link(name, path=path_of(folder, name), is_code=True)


def badge(folder: str, name: str) -> Link:
    """
    Return the same link as a badge.
    """
    return Link(name, path=path_of(folder, name), tone=tone_of(name) if folder == "retryabilities" else "plain")


def tone_of(retryability: str, outcome: str = "error") -> Tone:
    """
    Return the tone of a *retryability*; plain for a success, after which nobody repeats.
    """
    return "plain" if outcome == "success" else _TONES.get(retryability, "wait")


def hint_blocks(hints: Iterable[Advice]) -> Iterator[Block]:
    """
    Yield the *hints*, and below them the sentences for end users in all languages.
    """
    hints = tuple(hints)
    yield Items(tuple(map(_hint, hints)))
    translated = tuple(Translated(hint.translations) for hint in hints if hint.translations)
    if translated:
        yield Fold("The end user's sentence in every language", translated)


def _hint(hint: Advice) -> Inline:
    spans: list[str | Link | Strong] = [Strong(ACTORS.get(hint.actor, hint.actor)), f": {hint.text} ("]
    spans += [word("actions", hint.action), *((": ", Code(hint.target)) if hint.target else ()), ")"]
    return (*spans, " ", Link(hint.url, url=hint.url)) if hint.url else tuple(spans)


def fact_items(facts: Iterable[Knowledge]) -> Items:
    """
    Return the *facts*, each with its own source.
    """
    return Items(tuple(_fact(fact) for fact in facts))


def _fact(fact: Knowledge) -> Inline:
    text = f". {fact.text}" if fact.text else ""
    source: Inline = () if fact.source is None else (" (", *citation(fact.source), ")")
    return (Strong(fact.about), f": {fact.value}{text}", *source)


def citation(source: Cited) -> Inline:
    """
    Return the place in a document, as a link where it has an address.
    """
    title: str | Link = Link(source.document, url=source.url) if source.url else source.document
    return (title, f", {source.section}") if source.section else (title,)


def row_table(block: Rows) -> Table:
    """
    Return rows as a table, for formats that have no better form for them.
    """
    header = (*(("Vendor",) if block.vendor else ()), "HTTP", "Category", "Retry", "Meaning")
    return Table(("Code", *header), tuple(_row(row, vendor=block.vendor) for row in block.rows))


def _row(row: Row, *, vendor: bool) -> tuple[Inline, ...]:
    category: Link | str = word("categories", row.category) if row.category else word("outcomes", row.outcome)
    return (
        (Link(row.code, path=row.path, is_code=True),),
        *(((Link(row.vendor, path=path_of(row.vendor)),),) if vendor else ()),
        (", ".join(map(str, row.statuses)),),
        (category,),
        (word("retryabilities", row.retryability),) if row.outcome != "success" else (),
        (f"{row.title} (deprecated)" if row.deprecated else row.title,),
    )


def paragraph(*spans: str | Code | Link | Strong) -> Paragraph:
    """
    Return a paragraph of these *spans*.
    """
    return Paragraph(spans)


def sentences(title: str | None, description: str | None) -> str:
    """
    Return a title and a description as two sentences, with the full stop of their language.
    """
    return f"{title}。{description}" if (description or "").endswith("。") else f"{title}. {description}"
