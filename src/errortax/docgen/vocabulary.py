"""
The pages about the vocabulary: categories, and the other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from errortax.advice import category_text, locales
from errortax.docgen.values import CategoryPage, FolderPage, Repetition, Row, WordPage
from errortax.model import Category, Level, documented_error, exception_for
from errortax.registry import GENERIC, OutcomeDefaults, Prose, Registry, RetryabilityProse, Taxonomy, loading
from errortax.registry.addresses import WORDS, path_of
from errortax.registry.registry import verdicts_of

SHOWN: Final = 100
"""The entries that the page of a word lists; the index can filter all of them."""

SINGULAR: Final[Mapping[str, str]] = {
    "categories": "category",
    "groups": "group",
    "retryabilities": "retryability",
    "actions": "action",
    "actors": "actor",
    "outcomes": "outcome",
    "levels": "level",
    "bodies": "body",
    "bases": "basis",
    "schemes": "scheme",
}
"""Folder of the vocabulary → the word for one of its names, which is also the member of a row that has one."""

_FOLDERS: Final[Mapping[str, str]] = {
    "categories": "What went wrong, by what the caller would do about it.",
    "groups": "The families that categories belong to.",
    "retryabilities": "Whether, and under which condition, repeating the request can succeed.",
    "actions": "What somebody has to do.",
    "actors": "Who has to do it.",
    "outcomes": "What a response that is not an error means.",
    "levels": "By what the entry behind a verdict was found, the most specific first.",
    "bodies": "What the body of a response turned out to be.",
    "bases": "Whether the vendor's document says so, or we concluded it.",
    "schemes": "How a vendor names failures.",
}


def category_page(registry: Registry, category: Category, rows: Sequence[Row]) -> CategoryPage:
    """
    Return the page about a *category*, which *rows* have.
    """
    taxonomy, path = registry.taxonomy, path_of("categories", category.value)
    data = taxonomy.categories[category]
    texts = {tag: category_text(category, tag) for tag in locales()}
    return CategoryPage(
        path=path,
        url=f"{registry.documentation_url}/{path}",
        title=data.title,
        description=data.description,
        name=category.value,
        group=data.group,
        distinguish=data.distinguish,
        retryability=data.retryability.value,
        repetitions=tuple(
            Repetition(name=name.value, description=prose.description, default=name is data.retryability)
            for name, prose in taxonomy.retryabilities.items()
        ),
        action=data.action.value,
        actor=data.actor.value,
        http_status=data.http_status,
        grpc_code=data.grpc_code,
        oauth_error=data.oauth_error,
        exception=_exception_of(registry, category),
        titles={tag: title for tag, (title, _) in texts.items()},
        descriptions={tag: description for tag, (_, description) in texts.items()},
        rows=tuple(rows),
    )


def word_page(registry: Registry, folder: str, name: str, rows: Sequence[Row]) -> WordPage:
    """
    Return the page about the word *name* in a *folder* of the vocabulary; *rows* are all entries.
    """
    prose, word, path = _words(registry.taxonomy, folder)[name], SINGULAR[folder], path_of(folder, name)
    having = [row for row in rows if getattr(row, word, None) == name]
    return WordPage(
        path=path,
        url=f"{registry.documentation_url}/{path}",
        title=prose.title or name.replace("_", " ").capitalize(),
        description=prose.description,
        name=name,
        folder=folder,
        word=word,
        details=_details(prose),
        sentences=_sentences(name) if folder == "actions" else {},
        categories=tuple(
            category.value for category, data in registry.taxonomy.categories.items() if getattr(data, word, None) == name
        ),
        rows=tuple(having[:SHOWN]),
        count=len(having),
    )


def folder_page(registry: Registry, folder: str) -> FolderPage:
    """
    Return the page with all words in one *folder* of the vocabulary.
    """
    words = _words(registry.taxonomy, folder)
    return FolderPage(
        path=folder,
        url=f"{registry.documentation_url}/{folder}",
        title=folder.capitalize(),
        description=_FOLDERS[folder],
        folder=folder,
        words={str(name): prose.description for name, prose in words.items()},
    )


def names_in(registry: Registry, folder: str) -> Iterator[str]:
    """
    Yield the names in one *folder* of the vocabulary.
    """
    yield from map(str, _words(registry.taxonomy, folder))


def folder_of(registry: Registry, name: str) -> str | None:
    """
    Return the first folder of the vocabulary that has the word *name*, or None.
    """
    return next((folder for folder in WORDS if name in names_in(registry, folder)), None)


def _words(taxonomy: Taxonomy, folder: str) -> Mapping[str, Prose]:
    words: Mapping[str, Prose] = getattr(taxonomy, folder)
    return words


def _details(prose: Prose) -> dict[str, str]:
    if isinstance(prose, RetryabilityProse):
        return {"Repeated automatically": "yes, if the method allows it" if prose.automatic else "no"}
    if isinstance(prose, OutcomeDefaults):
        return {"To repeat": prose.repeat, "HTTP status of an answer": str(prose.http_status)}
    return {}


def _sentences(action: str) -> dict[str, str]:
    return {tag: loading.bundled(f"locales/{tag}.json")["actions"][action][-1] for tag in locales()}


def _exception_of(registry: Registry, category: Category) -> str:
    """Return the name of the exception that `errortax.raise_for_error` raises for a *category*."""
    verdict = verdicts_of(registry, GENERIC if GENERIC in registry else next(iter(registry))).of_category(category)
    return type(exception_for(documented_error(verdict, level=Level.UNKNOWN))).__name__
