"""
The outlines of the pages about the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from errortax.docgen.blocks import Block, Fields, Items, Link, Outline, Rows, Section, Translated
from errortax.docgen.outlines.parts import badge, paragraph, sentences, word
from errortax.docgen.values import CategoryPage, Code, FolderPage, WordPage

_REPEAT: Final = "An answer states its retryability. This is what each of them means:"


def category_outline(page: CategoryPage) -> Outline:
    """
    Return the outline of the *page* about a category.
    """
    return Outline(
        heading=(page.title,),
        kicker=(Link("Categories", path="categories"), " ", Code(page.name)),
        badges=(badge("groups", page.group), badge("retryabilities", page.retryability)),
        lead=(paragraph(page.description),),
        sections=tuple(_sections_of_category(page)),
    )


def _sections_of_category(page: CategoryPage) -> Iterator[Section]:
    what = (
        ("Unlike", (page.distinguish,)),
        ("By default", (word("actors", page.actor), " does ", word("actions", page.action))),
        ("In Python", (Code(f"errortax.exceptions.{page.exception}"),)),
        ("Elsewhere", ("gRPC ", Code(page.grpc_code), ", OAuth 2.0 ", Code(page.oauth_error), f", HTTP {page.http_status}")),
    )
    yield Section("meaning", "What it means", (Fields(what),))
    yield Section("repeat", "Whether to repeat the request", (paragraph(_REPEAT),), tuple(_repetitions(page)))
    if page.rows:
        yield Section("codes", "Codes with this category", (Rows(page.rows, vendor=True),))
    languages = Translated({tag: sentences(title, page.descriptions[tag]) for tag, title in page.titles.items()})
    yield Section("languages", "In other languages", (languages,))


def _repetitions(page: CategoryPage) -> Iterator[Section]:
    for each in page.repetitions:
        default = " This is the default." if each.default else ""
        yield Section(each.name, each.name, (paragraph(f"{each.description}{default}"),))


def word_outline(page: WordPage) -> Outline:
    """
    Return the outline of the *page* about another word.
    """
    return Outline(
        heading=(page.title,),
        kicker=(Link(page.folder.capitalize(), path=page.folder), " ", Code(page.name)),
        badges=(),
        lead=(paragraph(page.description), *_details(page)),
        sections=tuple(_sections_of_word(page)),
    )


def _details(page: WordPage) -> Iterator[Block]:
    if page.details:
        yield Fields(tuple((label, (text,)) for label, text in page.details.items()))


def _sections_of_word(page: WordPage) -> Iterator[Section]:
    if page.categories:
        named = tuple((word("categories", name),) for name in page.categories)
        yield Section("categories", "Categories with it by default", (Items(named),))
    if page.rows:
        yield Section("codes", "Codes with it", tuple(_rows(page)))
    if page.sentences:
        yield Section("languages", "The sentence in each language", (Translated(page.sentences),))


def _rows(page: WordPage) -> Iterator[Block]:
    yield Rows(page.rows, vendor=True)
    if page.count > len(page.rows):
        yield paragraph(f"{len(page.rows)} of {page.count}; the list of ", Link("all codes", path=""), " can be filtered.")


def folder_outline(page: FolderPage) -> Outline:
    """
    Return the outline of the *page* with all words in a folder.
    """
    words = tuple((word(page.folder, name), f": {text}") for name, text in page.words.items())
    return Outline(
        heading=(page.title,),
        kicker=("Vocabulary",),
        badges=(),
        lead=(paragraph(page.description),),
        sections=(Section("words", f"All {page.folder}", (Items(words),)),),
    )
