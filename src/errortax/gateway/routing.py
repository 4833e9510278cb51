"""
Whose response it is: from the route of a request to the vendor behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from errortax.registry import Registry
from errortax.registry.registry import vendor_at

Vendors: TypeAlias = str | Mapping[str, str] | Callable[[Any], str | None] | None

_EXPECTED: Final = "a name, a mapping of paths and hosts to names, a callable, or None"
_PORT: Final = re.compile(r":[0-9]*\Z")
_ROUTE: Final = re.compile(
    r"/[^\s?#]*"  # a path
    r"|(?:(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?"  # a host (RFC 3986, section 3.2.2)
)


class Routes:
    """
    Find the vendor of a request: see `errortax.Translator` for what *vendors* may be. The names in *others* are good, too.

    *only* is the vendor of all requests, if there is but one. Raise `errortax.exceptions.UnknownVendorError`, `TypeError` or
    `ValueError` for what cannot be used.
    """

    __slots__ = ("_ask", "_hosts", "_others", "_prefixes", "_registry", "only")

    def __init__(self, vendors: Vendors, registry: Registry, others: Collection[str] = ()) -> None:
        self._registry, self._others = registry, others
        self.only: str | None = None
        self._ask: Callable[[Any], str | None] | None = None
        self._prefixes: tuple[tuple[str, str], ...] = ()
        self._hosts: Mapping[str, str] | None = None
        if isinstance(vendors, str):
            self._check(vendors)
            self.only = vendors
        elif isinstance(vendors, Mapping):
            self._take(vendors)
        elif callable(vendors):
            self._ask = vendors
        elif vendors is not None:
            raise TypeError(f"vendor must be {_EXPECTED}, not {vendors!r}; known: {', '.join(registry)}")

    def _take(self, vendors: Mapping[Any, str]) -> None:
        taken: dict[str, tuple[str, str]] = {}  # the route as it counts: the route as it was given, and its vendor
        for route, vendor in vendors.items():
            if not isinstance(route, str) or not _ROUTE.fullmatch(route):
                raise ValueError(
                    f"vendor: {route!r} is no route; use a path such as '/points/' or a host such as 'api.example.com'"
                )
            self._check(vendor)
            plain = route.rstrip("/") + "/" if route.startswith("/") else route.lower()
            given, other = taken.setdefault(plain, (route, vendor))
            if other != vendor:
                raise ValueError(
                    f"vendor: {given!r} and {route!r} are the same route, of {other} and of {vendor}; keep one of them"
                )
        paths = ((route, vendor) for route, (_, vendor) in taken.items() if route.startswith("/"))
        self._prefixes = tuple(sorted(paths, key=lambda route: -len(route[0])))
        self._hosts = {route: vendor for route, (_, vendor) in taken.items() if not route.startswith("/")}

    def vendor_of(self, path: str, host: str | None, request: object) -> str | None:
        """
        Return who answers requests for this *path* and *host* (``Host``, with or without a port); None if nobody knows.

        Of several paths the longest counts, and a path before a host, and a host with that port before one without.
        *request* is what a callable gets; raise
        `errortax.exceptions.UnknownVendorError` where that names a vendor that the registry does not hold.
        """
        if self.only is not None:
            return self.only
        if self._ask is not None:
            return self._known(self._ask(request))
        whole = path.partition("?")[0] + "/"
        for prefix, vendor in self._prefixes:
            if whole.startswith(prefix):
                return vendor
        if host is None:
            return None
        name = _PORT.sub("", host)
        if self._hosts is None:
            return self._registry.vendor_of_host(name)
        return self._hosts.get(host.lower()) or vendor_at(name, self._hosts)

    def _known(self, vendor: str | None) -> str | None:
        if vendor is not None:
            self._check(vendor)
        return vendor

    def _check(self, vendor: str) -> None:
        if vendor not in self._others:
            self._registry.document(vendor)
