"""
The registry: an immutable mapping from vendor name to vendor, with its indexes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from errortax.http import CLASSES
from errortax.model import (
    AmbiguousCodeError,
    DuplicateHostError,
    DuplicateVendorError,
    InvalidFileError,
    UnknownCodeError,
    UnknownVariantError,
    UnknownVendorError,
    Verdict,
    did_you_mean,
)
from errortax.registry import loading
from errortax.registry.hosts import Hosts
from errortax.registry.marks import Marks, marks_of
from errortax.registry.standards import STANDARDS
from errortax.registry.verdicts import Verdicts

if TYPE_CHECKING:
    import os

    from errortax.registry.documents import Entry, Example, Taxonomy, Vendor
    from errortax.registry.plain import VendorJson

GENERIC: Final = "http"
"""The vendor that knows only what HTTP itself says."""

DOCUMENTATION_URL: Final = "https://errortax.readthedocs.io/codes"
"""The root of the pages about vendors and codes, unless a registry says otherwise."""

_NO_GENERIC: Final[VendorJson] = {
    "format": "1.0",
    "vendor": GENERIC,
    "title": "HTTP",
    "scheme": "http_status",
    "entries": [],
}

Derived: TypeAlias = defaultdict[object, dict[str | None, Any]]

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?")


class Registry(Mapping[str, "Vendor"]):
    """
    Map the names of vendors, in alphabetical order, to what is known about each, and find vendors by host and by code.

    Immutable, and compared by identity. Get one from `default_registry` or `load_registry`. The parser reads the plain
    JSON documents; a `Vendor` is made when it is first asked for. *documentation_url* is the root of the pages about codes.
    """

    __slots__ = ("_derived", "_documents", "_hosts", "_origins", "_standards", "documentation_url")

    def __init__(
        self,
        documents: Iterable[VendorJson],
        *,
        documentation_url: str = DOCUMENTATION_URL,
        origins: Mapping[str, Callable[[], VendorJson]] | None = None,
        standards: Mapping[str, Marks] | None = None,
    ) -> None:
        self._origins = origins or {}  # how to read a vendor's file again, with its examples
        files = {document["vendor"]: document for document in documents}
        own = {name: marks_of(document) for name, document in files.items() if "standard" in document}
        others = {name: marks for name, marks in (standards or {}).items() if name not in files}
        self._standards: dict[str, Marks] = dict(sorted({**others, **own}.items()))
        self._documents: dict[str, VendorJson] = dict(sorted(files.items()))
        self._hosts = _hosts(self._documents.values())
        self.documentation_url: Final = _address(documentation_url)
        self._derived: Derived = defaultdict(dict)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __reduce__(self) -> tuple[Callable[..., Registry], tuple[Any, ...]]:
        return _restore, (tuple(self._documents.values()), self.documentation_url, self._origins, self._standards)

    def __repr__(self) -> str:
        return f"<Registry of {', '.join(self)}>"

    def __getitem__(self, name: str) -> Vendor:
        """
        Return the vendor called *name*; raise `errortax.exceptions.UnknownVendorError` with the near misses.
        """
        document, vendors = self.document(name), self._derived[Registry]
        if name not in vendors:
            from errortax.registry import structuring  # cattrs, which parsing does without

            vendors[name] = structuring.vendor(document)
        vendor: Vendor = vendors[name]
        return vendor

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._documents if name not in self._standards)

    def __len__(self) -> int:
        return len(self._documents) - sum(name in self._standards for name in self._documents)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._documents and name not in self._standards

    @property
    def standards(self) -> Mapping[str, Marks]:
        """
        Return the marks of the standards by their names. A standard is found by its name, as a vendor is, but is not listed.
        """
        return MappingProxyType(self._standards)

    def document(self, name: str) -> VendorJson:
        """
        Return the vendor file of vendor *name* as plain JSON, defaults filled in, without its examples; do not change it.

        Raise `errortax.exceptions.UnknownVendorError`.
        """
        try:
            document: VendorJson | None = self._documents.get(name)
            if document is None and name in self._standards:
                document = _bundled_standard(name)  # read at its first use: most responses follow none
        except TypeError:  # not even a text
            document = None
        if document is None:
            raise UnknownVendorError(str(name), [*self, *self._standards])
        return document

    def verdict(self, vendor: str, code: str, variant: str | None = None) -> Verdict:
        """
        Return what the documented *code* of *vendor*, or one *variant* of it, means, with all defaults filled in.

        Raise `errortax.exceptions.UnknownVendorError`, `UnknownCodeError` or `UnknownVariantError` with the near misses.
        """
        verdict = verdicts_of(self, vendor).of_code(code)
        if verdict is None:
            raise UnknownCodeError(code, (entry["code"] for entry in self.document(vendor)["entries"]))
        if variant is None:
            return verdict
        for refined in verdict.variants:
            if refined.variant == variant:
                return refined
        raise UnknownVariantError(variant, (str(refined.variant) for refined in verdict.variants))

    def vendor_of_host(self, host: str) -> str | None:
        """
        Return the name of the vendor of a *host*, or None; the longest matching pattern decides.
        """
        return self._hosts.find(host)

    def examples(self, vendor: str) -> tuple[Example, ...]:
        """
        Return the examples of *vendor*, which are read from its file at each call.

        Raise `errortax.exceptions.UnknownVendorError`, and an error of the `errortax.exceptions.RegistryError` family
        if the file cannot be read any more.
        """
        from errortax.registry import expectations  # the typed view, which parsing does without

        document = self.document(vendor)
        whole = self._origins[vendor]() if vendor in self._origins else document
        return expectations.examples(whole, verdicts_of(self, vendor))

    def entries(self) -> Iterator[tuple[Vendor, Entry]]:
        """
        Iterate over all entries of all vendors, each with its vendor.
        """
        for vendor in self.values():
            for entry in vendor.entries:
                yield vendor, entry

    def find(self, code: str, vendor: str | None = None) -> tuple[Vendor, Entry]:
        """
        Return the one entry with this *code*, of *vendor* or of any, and its vendor.

        Raise `errortax.exceptions.AmbiguousCodeError` if several vendors document the code, and
        `errortax.exceptions.UnknownCodeError` with the near misses, and the other vendors that have the code, if none does.
        """
        found = [(owner, owner[code]) for owner in self.values() if code in owner]
        if vendor is not None:
            owner = self[vendor]
            if code not in owner:
                raise UnknownCodeError(code, owner, [other.name for other, _ in found])
            return owner, owner[code]
        if len(found) > 1:
            raise AmbiguousCodeError(code, [owner.name for owner, _ in found])
        if not found:
            raise UnknownCodeError(code, {entry.code for _, entry in self.entries()})
        return found[0]

    def search(self, text: str) -> tuple[tuple[Vendor, Entry], ...]:
        """
        Return the entries that contain all words of *text*: first those with the words in their code, then in their title.
        """
        words = text.lower().split()
        ranked: list[tuple[int, int, tuple[Vendor, Entry]]] = []
        for position, (vendor, entry) in enumerate(self.entries()):
            places = [entry.code, entry.title or "", f"{entry.description or ''} {entry.category or ''} {vendor.title}"]
            for depth in range(len(places)):
                haystack = " ".join(places[: depth + 1]).lower()
                if all(word in haystack for word in words):
                    ranked.append((depth, position, (vendor, entry)))
                    break
        return tuple(found for *_, found in sorted(ranked, key=itemgetter(0, 1)))

    @property
    def taxonomy(self) -> Taxonomy:
        """Return the closed vocabulary with its defaults."""
        from errortax.registry import structuring

        return structuring.taxonomy()


derived_from: Final[Callable[[Registry], Derived]] = attrgetter("_derived")
"""Return the store of what is derived from a registry: packages keep it there, each under a key of its own, then by name."""


def verdicts_of(registry: Registry, vendor: str) -> Verdicts:
    """
    Return the verdicts of *vendor*; raise `errortax.exceptions.UnknownVendorError`.
    """
    known = derived_from(registry)[Verdicts]
    if vendor not in known:
        generic = registry.document(GENERIC) if GENERIC in registry else _NO_GENERIC
        known[vendor] = Verdicts(registry.document(vendor), generic, registry.documentation_url)
    verdicts: Verdicts = known[vendor]
    return verdicts


def _restore(
    documents: Iterable[VendorJson], url: str, origins: Mapping[str, Callable[[], VendorJson]], standards: Mapping[str, Marks]
) -> Registry:
    return Registry(documents, documentation_url=url, origins=origins, standards=standards)


def _hosts(documents: Iterable[VendorJson]) -> Hosts[str]:
    """Index vendors by host; raise at once if two claim the same one."""
    hosts: dict[str, str] = {}
    for document in documents:
        for host in document.get("hosts", ()):
            other = hosts.setdefault(host, document["vendor"])
            if other != document["vendor"]:
                raise DuplicateHostError(host, (other, document["vendor"]))
    return Hosts(hosts)


def _without_examples(document: VendorJson) -> VendorJson:
    for entry in document["entries"]:
        entry.pop("examples", None)  # they are most of the file, and parsing does not need them
    return document


def in_force(registry: Registry | None) -> Registry:
    """
    Return the *registry* that a caller passed, or the default one; raise `TypeError` for any other object.
    """
    if registry is None:
        return default_registry()
    if not isinstance(registry, Registry):
        raise TypeError(f"registry must be an errortax.Registry or None, not {registry!r}; errortax.load_registry makes one")
    return registry


@cache
def default_registry() -> Registry:
    """
    Return the registry of the bundled vendors; nothing from plug-ins, the environment or files gets into it.
    """
    return load_registry()


def load_registry(*paths: str | os.PathLike[str], validate: bool = True, documentation_url: str = DOCUMENTATION_URL) -> Registry:
    """
    Return a registry of the bundled vendors and those of the files at *paths*.

    A file takes the place of the bundled one if both are about the same vendor. Either all files are loaded or none.

    Args:
        *paths: the vendor files.
        validate: False skips the validation of files that are known to be good.
        documentation_url: the absolute address that the addresses of pages about vendors and codes begin with.

    Raises:
        errortax.exceptions.RegistryError: a file cannot be read, is not valid, or is about the vendor of another file.
        ValueError: *documentation_url* is not an absolute address.

    """
    documents = {name: _bundled(name) for name in _bundled_names()}
    origins: dict[str, Callable[[], VendorJson]]
    origins = {name: partial(loading.bundled_vendor, name) for name in documents}
    own: dict[str, str | os.PathLike[str]] = {}
    for path in paths:
        document = _without_examples(loading.vendor_file(path, validate=validate))
        name = document["vendor"]
        if name in own:
            raise DuplicateVendorError(name, (own[name], path))
        own[name], documents[name] = path, document
        origins[name] = partial(loading.vendor_file, path, validate=validate)
    if GENERIC in own:
        _check_generic(documents[GENERIC], own[GENERIC])
    origins |= {name: partial(loading.bundled_vendor, name, "standards") for name in STANDARDS if name not in origins}
    registry = Registry(documents.values(), documentation_url=documentation_url, origins=origins, standards=STANDARDS)
    for name, path in own.items() if validate else ():
        _check_standards(documents[name], path, registry.standards)
    return registry


def _address(root: Any) -> str:
    """Return the *root* of our pages; other addresses are made from it, in header fields and identifiers, too."""
    if not isinstance(root, str) or not _ADDRESS.fullmatch(root):
        raise ValueError(f"documentation_url must be an absolute address such as {DOCUMENTATION_URL!r}, not {root!r}")
    return root.rstrip("/")


def _bundled_names() -> Iterator[str]:
    return (name.removesuffix(".json") for name in loading.names("vendors"))


@cache
def _bundled_standard(name: str) -> VendorJson:
    return _without_examples(loading.bundled_vendor(name, folder="standards"))


@cache
def _bundled(name: str) -> VendorJson:
    return _without_examples(loading.bundled_vendor(name))


def _check_generic(document: VendorJson, path: str | os.PathLike[str]) -> None:
    """All other vendors fall back on the generic one, so that it has to know every class of statuses."""
    codes = {entry["code"] for entry in document["entries"]}
    missing = [family for family in CLASSES if family not in codes]
    if missing:
        advice = "every vendor falls back on it, add it"
        raise InvalidFileError(path, [f"{path}#/entries: no entry has the code {family!r}; {advice}" for family in missing])


def _check_standards(document: VendorJson, path: str | os.PathLike[str], known: Collection[str]) -> None:
    """Refuse a name that is none of the *known* standards: the bundled ones and those of all files that are loaded."""
    violations = [
        f"{path}#/standards/{index}: no standard has the name {name!r}; {did_you_mean(name, known)}"
        for index, name in enumerate(document.get("standards", ()))
        if name not in known
    ]
    if violations:
        raise InvalidFileError(path, violations)
