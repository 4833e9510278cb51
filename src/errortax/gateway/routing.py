"""
From the route of a request (path and host) to the vendor that answers it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from errortax.registry import Registry
from errortax.registry.hosts import Hosts

Vendors: TypeAlias = str | Mapping[str, str] | Callable[[Any], str | None] | None

_EXPECTED: Final = "a name, a mapping of paths and hosts to names, a callable, or None"
_PORT: Final = re.compile(r":[0-9]*\Z")
_ROUTE: Final = re.compile(
    r"/[^\s?#]*"  # a path
    r"|(?:(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?"  # a host (RFC 3986, section 3.2.2)
)


class Routes:
    """
    Find the vendor of a request. The attribute `only` is the vendor if it is the same for all requests, else None.

    Args:
        vendors: as in `errortax.Translator`.
        registry: the known vendors.
        others: names that are allowed in place of vendors.

    Raises:
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.
        TypeError: *vendors* has a wrong type.
        ValueError: a route is malformed, or occurs twice with different vendors.

    """

    __slots__ = ("_choose", "_hosts", "_others", "_patterns", "_prefixes", "_registry", "only")

    def __init__(self, vendors: Vendors, registry: Registry, others: Collection[str] = ()) -> None:
        self._registry, self._others = registry, others
        self.only: str | None = None
        self._choose: Callable[[Any], str | None] | None = None
        self._prefixes: tuple[tuple[str, str], ...] = ()
        self._hosts: Mapping[str, str] | None = None
        self._patterns: Hosts[str] = Hosts({})
        if isinstance(vendors, str):
            self._check(vendors)
            self.only = vendors
        elif isinstance(vendors, Mapping):
            self._set_routes(vendors)
        elif callable(vendors):
            self._choose = vendors
        elif vendors is not None:
            raise TypeError(f"vendor must be {_EXPECTED}, not {vendors!r}; known: {', '.join(registry)}")

    def _set_routes(self, vendors: Mapping[Any, str]) -> None:
        taken: dict[str, tuple[str, str]] = {}  # normalised route → the route as the user wrote it, and its vendor
        for route, vendor in vendors.items():
            if not isinstance(route, str) or not _ROUTE.fullmatch(route):
                raise ValueError(
                    f"vendor: {route!r} is not a route; use a path such as '/points/' or a host such as 'api.example.com'"
                )
            self._check(vendor)
            plain = route.rstrip("/") + "/" if route.startswith("/") else route.lower()
            given, other = taken.setdefault(plain, (route, vendor))
            if other != vendor:
                raise ValueError(
                    f"vendor: {given!r} and {route!r} are the same route, to {other} and to {vendor}; keep one of them"
                )
        paths = ((route, vendor) for route, (_, vendor) in taken.items() if route.startswith("/"))
        self._prefixes = tuple(sorted(paths, key=lambda route: -len(route[0])))
        self._hosts = {route: vendor for route, (_, vendor) in taken.items() if not route.startswith("/")}
        self._patterns = Hosts(self._hosts)

    def vendor_of(self, path: str, host: str | None, request: object) -> str | None:
        """
        Return the vendor that answers requests for this *path* and *host*, or None if it is not known.

        The longest path counts; a path counts before a host, and a host with a port before one without.

        Args:
            path: the path of the request, with or without its query.
            host: the field ``Host``, with or without a port; None without one.
            request: the argument for a callable in `Routes`.

        Raises:
            errortax.exceptions.UnknownVendorError: the callable returned a vendor that the registry does not have.

        """
        if self.only is not None:
            return self.only
        if self._choose is not None:
            return self._known(self._choose(request))
        whole = path.partition("?")[0] + "/"
        for prefix, vendor in self._prefixes:
            if whole.startswith(prefix):
                return vendor
        if host is None:
            return None
        name = _PORT.sub("", host)
        if self._hosts is None:
            return self._registry.vendor_of_host(name)
        return self._hosts.get(host.lower()) or self._patterns.find(name)

    def _known(self, vendor: str | None) -> str | None:
        if vendor is not None:
            self._check(vendor)
        return vendor

    def _check(self, vendor: str) -> None:
        if vendor not in self._others:
            self._registry.document(vendor)
