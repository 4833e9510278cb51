"""
From the route of a request to the vendor behind it.
"""

from __future__ import annotations

import pytest

from errortax import default_registry
from errortax.exceptions import UnknownVendorError
from errortax.gateway import Routes

REGISTRY = default_registry()
MAPPING = {
    "/points": "gopoints",
    "/points/auth/": "planoauth",
    "/": "youforce",
}
HOSTS = {
    "api.example.com": "gopoints",
    "*.example.com": "planoauth",
    "*.eu.example.com": "authrocket",
    "localhost": "youforce",
    "localhost:8001": "authrocket",
    "127.0.0.1": "gopoints",
    "[::1]": "youforce",
    "[2001:DB8::1]:8443": "planoauth",
    "Upper.Example.ORG": "gopoints",
}


def vendor_of(vendors, path="/", host=None, request=None):
    """Return the vendor of a request."""
    return Routes(vendors, REGISTRY).vendor_of(path, host, request)


@pytest.mark.parametrize("path", ["", "/", "/anything", "*", "//", "\ud800"])
@pytest.mark.parametrize("host", [None, "", "api.gopoints.example", "[::1]:80"])
def test_one_name(path, host):
    """
    A name is the vendor of every request.
    """
    assert "gopoints" == vendor_of("gopoints", path, host)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/points", "gopoints"), ("/points/", "gopoints"), ("/points/v1/a", "gopoints"), ("/points?x=/points/auth/", "gopoints"),
        ("/points/auth", "planoauth"), ("/points/auth/", "planoauth"), ("/points/auth/login?x=1", "planoauth"),
        ("/points/authors", "gopoints"), ("/pointsmen", "youforce"), ("/", "youforce"), ("/else/points/", "youforce"),
        ("", "youforce"),
        ("/Points/", "youforce"), ("*", None), ("points/", None),
    ],
)  # fmt: skip
def test_paths(path, expected):
    """
    The longest path counts, by whole segments, without the query, in any order of the mapping.
    """
    assert expected == vendor_of(MAPPING, path)
    assert expected == vendor_of(dict(reversed(MAPPING.items())), path)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.example.com", "gopoints"), ("API.Example.Com", "gopoints"), ("api.example.com:443", "gopoints"),
        ("api.example.com.", "gopoints"),
        ("api.example.com:", "gopoints"), ("www.example.com", "planoauth"), ("a.b.example.com:8080", "planoauth"),
        ("a.eu.example.com", "authrocket"),
        ("eu.example.com", "planoauth"), ("example.com", None), ("badexample.com", None), ("localhost", "youforce"),
        ("localhost:8000", "youforce"), ("localhost:8001", "authrocket"), ("LOCALHOST:8001", "authrocket"),
        ("127.0.0.1:9", "gopoints"),
        ("[::1]", "youforce"), ("[::1]:8080", "youforce"), ("[::2]:8080", None), ("[2001:db8::1]:8443", "planoauth"),
        ("[2001:db8::1]", None),
        ("upper.example.org", "gopoints"), ("", None), (":80", None), ("[", None), ("]", None), ("[]:1", None),
        ("\ud800", None), ("a" * 100_000, None), (None, None),
    ],
)  # fmt: skip
def test_hosts(host, expected):
    """
    The longest host counts, with or without a port, whatever the letter case; a host with its port before one without.
    """
    assert expected == vendor_of(HOSTS, "/", host)
    assert expected == vendor_of(dict(reversed(HOSTS.items())), "/", host)


def test_paths_before_hosts():
    """
    A path counts before a host.
    """
    vendors = {"api.example.com": "gopoints", "/auth/": "planoauth"}
    assert "planoauth" == vendor_of(vendors, "/auth/login", "api.example.com")
    assert "gopoints" == vendor_of(vendors, "/points", "api.example.com")


def test_the_host_decides():
    """
    Without routes, the hosts in the vendors' files decide; with a mapping they do not.
    """
    known = next(vendor for vendor in REGISTRY.values() if vendor.hosts)
    host = known.hosts[0].replace("*", "api")
    assert known.name == vendor_of(None, "/", host) == vendor_of(None, "/", f"{host.upper()}:443")
    assert vendor_of(None, "/", "unknown.example") is None
    assert vendor_of(None) is None
    assert vendor_of({}, "/", host) is None


def test_callables():
    """
    A callable gets the request unchanged and may return None; an unknown vendor raises.
    """
    seen = []
    routes = Routes(lambda request: seen.append(request) or request["vendor"], REGISTRY)
    requests = [{"vendor": "gopoints"}, {"vendor": None}, {"vendor": "gopoint"}]
    assert "gopoints" == routes.vendor_of("/", None, requests[0])
    assert routes.vendor_of("/", "localhost", requests[1]) is None
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        routes.vendor_of("/", None, requests[2])
    assert requests == seen


@pytest.mark.parametrize("vendors", ["gopoint", "", {"/points/": "gopoint"}, {"localhost": None}, {"localhost": []}])
def test_unknown_vendors(vendors):
    """
    An unknown vendor raises at once, and the message has the choices.
    """
    with pytest.raises(UnknownVendorError, match=r"did you mean 'gopoints'|known: authrocket, google-rpc, gopoints, http"):
        Routes(vendors, REGISTRY)


@pytest.mark.parametrize(("one", "other"), [("/a", "/a/"), ("/a//", "/a"), ("a.example", "A.example")])
def test_one_route_twice(one, other):
    """
    The same route in two spellings raises at once if it leads to two vendors; with one vendor it is allowed.
    """
    with pytest.raises(ValueError, match=f"'{one}' and '{other}' are the same route, to gopoints and to youforce; keep one"):
        Routes({one: "gopoints", other: "youforce"}, REGISTRY)
    routes = Routes({one: "gopoints", other: "gopoints"}, REGISTRY)
    assert "gopoints" == routes.vendor_of(one if one.startswith("/") else "/", one, None)


@pytest.mark.parametrize("vendors", [5, True, b"gopoints", ["gopoints"], object()])
def test_wrong_types(vendors):
    """
    A value of a wrong type raises at once, and the message has the choices.
    """
    with pytest.raises(TypeError, match=r"vendor must be a name, a mapping of .*known: authrocket, gopoints, "):
        Routes(vendors, REGISTRY)


@pytest.mark.parametrize(
    "route",
    [
        "", " ", " /a", "/a ", "/a b", "/a?b", "/a#b", "https://api.example.com/", "api.example.com/points", "*", "*.", "api.*",
        "*a.example.com",
        "a..b", ".a", "[::1", "::1", "api:port", "api:", "user@api", None, 5, (),
    ],
)  # fmt: skip
def test_malformed_routes(route):
    """
    A route that no request can fit raises at once, instead of never matching.
    """
    with pytest.raises(
        ValueError, match=r"vendor: .* is not a route; use a path such as '/points/' or a host such as 'api.example.com'"
    ):
        Routes({route: "gopoints"}, REGISTRY)
