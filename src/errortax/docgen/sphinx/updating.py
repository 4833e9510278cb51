"""
What depends on the registry: a document is read again if a page or a list in it would now be another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from errortax.docgen import plain
from errortax.docgen.catalogue import Catalogue
from errortax.docgen.values import Page, Row

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_ROWS: Final = "rows:"
FILTERS: Final = ("vendor", "category", "group", "retryability", "action", "actor", "outcome", "status")
"""Properties that a list of rows can be filtered by."""


class Pages:
    """The pages of a *catalogue* by path, and lists of rows by what is wanted, each with its fingerprint."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._fingerprints: dict[str, str | None] = {}

    @cached_property
    def by_path(self) -> Mapping[str, Page]:
        """Return all pages by their paths."""
        return {page.path: page for page in self._catalogue.pages()}

    def rows(self, key: str) -> tuple[Row, ...]:
        """
        Return the rows that a *key* of `rows_key` means.
        """
        wanted: Mapping[str, str] = json.loads(key.removeprefix(_ROWS))
        return tuple(row for row in self._catalogue.rows if all(value in values_of(row, name) for name, value in wanted.items()))

    def fingerprint(self, key: str) -> str | None:
        """
        Return the fingerprint of a page by its path, or of a list of rows by its key; None if there is no such page any more.
        """
        if key not in self._fingerprints:
            self._fingerprints[key] = self._made(key)
        return self._fingerprints[key]

    def _made(self, key: str) -> str | None:
        if key.startswith(_ROWS):
            return _digest(json.dumps([plain.row_document(row) for row in self.rows(key)]))
        page = self.by_path.get(key)
        return None if page is None else _digest(plain.text(page))


def rows_key(wanted: Mapping[str, str]) -> str:
    """
    Return the key of the list of rows that have all properties *wanted*.
    """
    return _ROWS + json.dumps(wanted, sort_keys=True)


def values_of(row: Row, name: str) -> tuple[str, ...]:
    """
    Return the values that a *row* has of the property *name*, which is one of `FILTERS`.
    """
    found = getattr(row, {"status": "statuses", "actor": "actors"}.get(name, name))
    return tuple(str(each) for each in (found if isinstance(found, tuple) else (found,)) if each is not None)


def outdated(_: Sphinx, env: BuildEnvironment, __: set[str], ___: set[str], removed: set[str]) -> Sequence[str]:
    """
    Return the documents that depend on what has changed in the registry.
    """
    from errortax.docgen.sphinx.domain import domain_of  # which imports this module

    domain = domain_of(env)
    uses: Mapping[str, Mapping[str, str]] = domain.data["uses"]
    return [
        docname
        for docname, used in uses.items()
        if docname not in removed and any(domain.pages.fingerprint(key) != old for key, old in used.items())
    ]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
