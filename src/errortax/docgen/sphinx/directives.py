"""
The directives: a page, a page within another one, a list of codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from errortax.docgen.blocks import Rows
from errortax.docgen.outlines import outline_of
from errortax.docgen.sphinx.updating import FILTERS, rows_key, values_of
from errortax.docgen.sphinx.writing import embedded, page_section, rows_table
from errortax.docgen.values import CategoryPage, EntryPage, Page, VendorPage, WordPage
from errortax.model import did_you_mean

if TYPE_CHECKING:
    from errortax.docgen.sphinx.domain import ErrortaxDomain


class _Directive(SphinxDirective):
    """What all directives have: one argument, and the domain."""

    required_arguments = 1
    final_argument_whitespace = True

    @property
    def domain(self) -> ErrortaxDomain:
        """Return the domain of the project."""
        from errortax.docgen.sphinx.domain import domain_of  # which imports this module

        return domain_of(self.env)

    def found(self, kind: str, name: str) -> Page:
        """
        Return the page that a role would link to, on which the document now depends; raise a docutils error if there is none.
        """
        pages = self.domain.pages.by_path
        path, problem = self.domain.look_up(kind, name)
        if path is None:
            raise self.error(f"errortax: {problem}")
        page = pages.get(path)
        if page is None:
            raise self.error(f"errortax: no page {path!r} in this project; {did_you_mean(path, pages)}")
        self.domain.note_use(self.env.docname, page.path)
        return page

    def note(self, page: Page, anchor: str) -> None:
        """
        Register the *page* as one of the document.
        """
        for kind, name in _names(page):
            self.domain.note_object(kind, name, page.path, self.env.docname, anchor, page.title)


class PageDirective(_Directive):
    """The whole page at a path, as the only contents of a document."""

    def run(self) -> list[nodes.Node]:
        """
        Return the page as a section.
        """
        page = self.found("page", self.arguments[0] if self.arguments[0] != "/" else "")
        self.note(page, "")
        return [page_section(outline_of(page))]


class EmbeddedDirective(_Directive):
    """A page by its name within another document; the option ``sections`` names the parts to show."""

    option_spec = {  # noqa: RUF012  # docutils declares it
        "sections": lambda text: [name.strip() for name in (text or "").split(",") if name.strip()],
        "noindex": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """
        Return the page in a container.
        """
        page = self.found(self.name.rpartition(":")[2], self.arguments[0].strip())
        anchor = nodes.make_id(f"errortax {page.path}")
        if "noindex" not in self.options:
            self.note(page, anchor)
        return [embedded(outline_of(page), anchor, self.options.get("sections", ()))]


class CatalogueDirective(_Directive):
    """A list of all codes, or of those that have the properties in its options."""

    required_arguments = 0
    option_spec = dict.fromkeys(FILTERS, directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """
        Return the list as a table.
        """
        key = rows_key(self.options)
        rows = self.domain.pages.rows(key)
        self.domain.note_use(self.env.docname, key)
        if not rows:
            raise self.error(f"errortax: {self._problem()}")
        return [rows_table(Rows(rows, vendor="vendor" not in self.options))]

    def _problem(self) -> str:
        """Return which option no code meets; or else, that none meets all of them."""
        for name, value in self.options.items():
            known = sorted({each for row in self.domain.catalogue.rows for each in values_of(row, name)})
            if value not in known:
                return f"no code has {name} {value!r}; {did_you_mean(value, known)}"
        return f"no code has {', '.join(f'{name} {value!r}' for name, value in self.options.items())}"


DIRECTIVES: Final[Mapping[str, type[SphinxDirective]]] = {
    "page": PageDirective,
    "code": EmbeddedDirective,
    "category": EmbeddedDirective,
    "vendor": EmbeddedDirective,
    "catalogue": CatalogueDirective,
}


def _names(page: Page) -> list[tuple[str, str]]:
    """Return the kind and the name under which links find a *page*."""
    if isinstance(page, EntryPage):
        return [("code", f"{page.vendor}/{page.code}")]
    if isinstance(page, VendorPage):
        return [("vendor", page.name)]
    if isinstance(page, CategoryPage):
        return [("category", page.name)]
    return [("word", page.name)] if isinstance(page, WordPage) else [("word", page.path or "codes")]
