"""
The formats of pages, each as the files that it consists of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from errortax.docgen import html, markdown, openapi, plain
from errortax.docgen.catalogue import Catalogue

File: TypeAlias = tuple[str, str]  # the path below the folder, and the text

_NAVIGATION: Final = "nav.yml"


def _html(catalogue: Catalogue) -> Iterator[File]:
    for page in catalogue.pages():
        yield _below(page.path, html.FILE), html.text(page)
    yield from html.static_files(catalogue.index())


def _markdown(catalogue: Catalogue) -> Iterator[File]:
    entries: list[File] = []
    for page in catalogue.pages():
        file = _below(page.path, markdown.FILE)
        entries.append((page.title, file))
        yield file, markdown.text(page)
    yield _NAVIGATION, markdown.navigation(entries)


def _json(catalogue: Catalogue) -> Iterator[File]:
    for page in catalogue.pages():
        yield _below(page.path, "index.json"), plain.text(page)


def _openapi(catalogue: Catalogue) -> Iterator[File]:
    yield openapi.FILE, openapi.text(catalogue)


FORMATS: Final[Mapping[str, Callable[[Catalogue], Iterator[File]]]] = {
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "openapi": _openapi,
}
"""Name → the function that yields the files of a catalogue, each when it is asked for."""


def files(catalogue: Catalogue, format: str) -> Iterator[File]:  # noqa: A002  # the word for it
    """
    Yield the files of a *catalogue* in a *format*, one by one.

    Raise `KeyError` for an unknown format, and `ModuleNotFoundError` for ``html`` without Jinja2, which the extra ``cli`` brings.
    """
    return FORMATS[format](catalogue)


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
