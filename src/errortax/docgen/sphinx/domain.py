"""
The domain: which document has which page, and how a link finds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from docutils import nodes
from sphinx.domains import Domain, Index, IndexEntry, ObjType
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from errortax.docgen.catalogue import Catalogue
from errortax.docgen.finding import find, is_documented
from errortax.docgen.sphinx.directives import DIRECTIVES
from errortax.docgen.sphinx.updating import Pages
from errortax.docgen.sphinx.writing import DOMAIN, PAGE
from errortax.docgen.values import TITLE
from errortax.docgen.vocabulary import names_in
from errortax.model import did_you_mean
from errortax.registry import load_registry
from errortax.registry.addresses import WORDS, path_of

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

_TYPES: Final = ("code", "category", "vendor", "word")
_LOG: Final = logging.getLogger(__name__)


class Role(XRefRole):
    """A link to a page by its name; a name that does not exist is a warning."""

    def process_link(
        self, env: BuildEnvironment, refnode: Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """
        Remember that the document depends on the page, and show a code without its vendor.
        """
        domain = domain_of(env)
        path = domain.path_to(refnode["reftype"], target)
        if path is not None:
            domain.note_use(env.docname, path)
        if not has_explicit_title and refnode["reftype"] == "code":
            title = target.partition("/")[2] or target
        return title, target


class CodeIndex(Index):
    """All codes in alphabetical order."""

    name = "codes"
    localname = TITLE
    shortname = "codes"

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """
        Return the entries by their first letter.
        """
        wanted = None if docnames is None else set(docnames)
        found: defaultdict[str, list[IndexEntry]] = defaultdict(list)
        for kind, name, docname, anchor, title in sorted(self.domain.data["objects"].values()):
            if kind == "code" and (wanted is None or docname in wanted):
                vendor, _, code = name.partition("/")
                found[code[:1].lower()].append(IndexEntry(code, 0, docname, anchor or PAGE, vendor, "", title))
        return sorted(found.items()), False


class ErrortaxDomain(Domain):
    """Codes, categories, vendors and words of the vocabulary."""

    name = DOMAIN
    label = "errortax"
    object_types: ClassVar[dict[str, ObjType]] = {kind: ObjType(kind, kind) for kind in _TYPES}
    roles: ClassVar[dict[str, Any]] = {kind: Role(warn_dangling=True, innernodeclass=nodes.literal) for kind in _TYPES}
    directives: ClassVar[dict[str, Any]] = dict(DIRECTIVES)
    indices: ClassVar[list[type[Index]]] = [CodeIndex]
    initial_data: ClassVar[dict[str, Any]] = {"objects": {}, "uses": {}}
    data_version = 1

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the pages of the project's registry."""
        config = self.env.config
        registry = load_registry(*config.errortax_registry, documentation_url=config.errortax_base_url)
        return Catalogue(registry, config.errortax_vendors)

    @cached_property
    def pages(self) -> Pages:
        """Return the pages with their fingerprints."""
        return Pages(self.catalogue)

    def note_object(self, kind: str, name: str, path: str, docname: str, anchor: str, title: str) -> None:
        """
        Remember that a document has the page at *path*, about *name*.
        """
        self.data["objects"][path] = (kind, name, docname, anchor, title)

    def note_use(self, docname: str, key: str) -> None:
        """
        Remember that a document depends on the page or the list of rows with that *key*.
        """
        self.data["uses"].setdefault(docname, {})[key] = self.pages.fingerprint(key)

    def path_to(self, kind: str, target: str) -> str | None:
        """
        Return the path of the page that a role means, or None.
        """
        return self.look_up(kind, target)[0]

    def look_up(self, kind: str, target: str) -> tuple[str | None, str]:
        """
        Return the path of the page that a role means; or else None, and what is wrong with the name.
        """
        try:
            return self._path(kind, target), ""
        except LookupError as error:
            return None, str(error)

    def _path(self, kind: str, target: str) -> str:
        registry = self.catalogue.registry
        if kind == "page":
            return target
        if kind == "code":
            vendor, slash, code = target.partition("/")
            owner, entry = find(registry, *((code, vendor) if slash and is_documented(registry, vendor) else (target,)))
            return path_of(owner.name, entry.code)
        if kind == "vendor":
            registry.document(target)  # this reports an unknown vendor
            return path_of(target)
        folders = ("categories",) if kind == "category" else reversed(WORDS)  # the first folder with a word has its page
        folder_of = {name: folder for folder in folders for name in names_in(registry, folder)}
        if target not in folder_of:
            raise LookupError(f"unknown {kind} {target!r}; {did_you_mean(target, folder_of)}")
        return path_of(folder_of[target], target)

    def clear_doc(self, docname: str) -> None:
        """
        Forget a document.
        """
        self.data["uses"].pop(docname, None)
        for path, found in list(self.data["objects"].items()):
            if found[2] == docname:
                del self.data["objects"][path]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """
        Take over what another process has read.
        """
        read = set(docnames)
        self.data["uses"] |= {docname: used for docname, used in otherdata["uses"].items() if docname in read}
        self.data["objects"] |= {path: found for path, found in otherdata["objects"].items() if found[2] in read}

    def resolve_xref(
        self,
        env: BuildEnvironment,  # noqa: ARG002  # Sphinx passes it
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,  # noqa: ARG002  # as above
        contnode: Element,
    ) -> nodes.reference | None:
        """
        Return a link to a page of this project, or None.
        """
        path = self.path_to(typ, target)
        found = None if path is None else self.data["objects"].get(path)
        if found is None:
            return None
        _, _, docname, anchor, title = found
        return make_refnode(builder, fromdocname, docname, anchor, contnode, title)

    def resolve_any_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, target: str, node: pending_xref, contnode: Element
    ) -> list[tuple[str, nodes.reference]]:
        """
        Return the links to pages that are called *target*.
        """
        found = ((kind, self.resolve_xref(env, fromdocname, builder, kind, target, node, contnode)) for kind in _TYPES)
        return [(f"{DOMAIN}:{kind}", link) for kind, link in found if link is not None]

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """
        Yield the pages of this project for inventories and the search.
        """
        for kind, name, docname, anchor, title in self.data["objects"].values():
            yield name, title, kind, docname, anchor, 1


def domain_of(env: BuildEnvironment) -> ErrortaxDomain:
    """
    Return the domain of a project.
    """
    domain = env.get_domain(DOMAIN)
    assert isinstance(domain, ErrortaxDomain)  # noqa: S101  # for type checkers
    return domain


def warn(_: Sphinx, domain: Domain | None, node: pending_xref) -> bool | None:
    """
    Warn of a name that does not exist, in place of Sphinx, and return True if the name is of this domain.
    """
    if not isinstance(domain, ErrortaxDomain):
        return None
    kind = node["reftype"]
    _LOG.warning("%s", domain.look_up(kind, node["reftarget"])[1], location=node, type="ref", subtype=kind)
    return True


def resolve_elsewhere(_: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element) -> nodes.reference | None:
    """
    Return a link to the page at the registry's own address, if the registry has it and this project and no inventory does.
    """
    if node.get("refdomain") != DOMAIN:
        return None
    domain = domain_of(env)
    path = domain.path_to(node["reftype"], node["reftarget"])
    if path is None:
        return None
    root = domain.catalogue.registry.documentation_url
    return nodes.reference("", "", contnode, refuri=f"{root}/{path}".rstrip("/"), internal=False)
