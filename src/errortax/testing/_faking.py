"""
Fake responses, made from the examples in the data and changed as a test needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack, overload

from attrs import evolve

from errortax.http import Headers, RawResponse
from errortax.model import Level, OutcomeKind
from errortax.registry import Registry
from errortax.registry.registry import in_force
from errortax.testing._clients import ClientName, builder

if TYPE_CHECKING:
    import aiohttp
    import httpx
    import httpx2
    import requests

    from errortax.registry import Entry, Example, Vendor

_ELSEWHERE: Final = "https://api.example/"
"""The address of a response if its vendor has no hosts; no such host exists (:rfc:`2606`)."""


class Variation(TypedDict, total=False):
    """
    The optional keywords of `fake`: the differences from the example.

    Attributes:
        example: the name of the example to begin with; left out, the one that is closest to the entry.
        status: the HTTP status; None for a response without a status.
        headers: header fields to merge over those of the example; None removes a field.
        json: members to merge over those of the JSON body.
        body: a body to replace that of the example.
        retry_after: the delay in ``Retry-After``, in seconds.
        url: the address of the response; left out, one of the vendor's hosts.
        method: the method of the request; left out, GET.
        registry: the registry that has the vendor; None for the default one.

    """

    example: str
    status: int | None
    headers: Mapping[str, str | None]
    json: Mapping[str, Any]
    body: bytes | str | None
    retry_after: float
    url: str | None
    method: str | None
    registry: Registry | None


@overload
def fake(vendor: str, code: str, *, client: None = None, **variation: Unpack[Variation]) -> RawResponse: ...
@overload
def fake(vendor: str, code: str, *, client: Literal["httpx"], **variation: Unpack[Variation]) -> httpx.Response: ...
@overload
def fake(vendor: str, code: str, *, client: Literal["httpx2"], **variation: Unpack[Variation]) -> httpx2.Response: ...
@overload
def fake(vendor: str, code: str, *, client: Literal["requests"], **variation: Unpack[Variation]) -> requests.Response: ...
@overload
def fake(vendor: str, code: str, *, client: Literal["aiohttp"], **variation: Unpack[Variation]) -> aiohttp.ClientResponse: ...
@overload
def fake(vendor: str, code: str, *, client: ClientName | None, **variation: Unpack[Variation]) -> Any: ...


def fake(vendor: str, code: str, *, client: ClientName | None = None, **variation: Unpack[Variation]) -> Any:
    """
    Return the response with which *vendor* reports *code*, made from an example in the vendor's file.

    Args:
        vendor: the name of the vendor.
        code: the documented code.
        client: the HTTP client whose response object to return, with its body in memory; None for a `RawResponse`. The
            objects of aiohttp need a running event loop.
        **variation: the differences from the example, see `Variation`.

    Raises:
        errortax.exceptions.UnknownVendorError: if the registry does not have the vendor.
        errortax.exceptions.UnknownCodeError: if the code is not documented.
        TypeError: if a keyword is unknown, has a value of the wrong type, or contradicts another one.
        ValueError: if there is no such example or client, or a value is not possible.

    """
    build = None if client is None else builder(client)
    raw = _varied(vendor, code, variation)
    return raw if build is None else build(raw)


def documented_errors(vendor: str | None = None, *, registry: Registry | None = None) -> tuple[tuple[str, str], ...]:
    """
    Return each documented error of *vendor* as a pair of vendor and code, the arguments of `fake`; None means all vendors.

    Raise `errortax.exceptions.UnknownVendorError` if the registry does not have the vendor.
    """
    registry = in_force(registry)
    vendors = registry.values() if vendor is None else (registry[vendor],)
    return tuple(
        (each.name, entry.code) for each in vendors for entry in each.entries if entry.outcome in (None, OutcomeKind.ERROR)
    )


def _varied(name: str, code: str, variation: Variation) -> RawResponse:
    if unknown := variation.keys() - Variation.__annotations__:
        raise TypeError(f"fake() has no keyword {min(unknown)!r}; it has {', '.join(Variation.__annotations__)} and client")
    registry = in_force(variation.get("registry"))
    vendor = registry[name]
    example = _example(registry, vendor, vendor[code], variation.get("example"))
    raw = example.raw
    body = _body(example, variation)
    fields = _fields(raw.headers, variation)
    status = variation.get("status", raw.status)
    if isinstance(status, int) and not 100 <= status <= 999:
        raise ValueError(f"status must be an int of three digits, or None for an unknown one, not {status}")
    url, method = variation.get("url", _address(vendor)), variation.get("method", "GET")
    return evolve(raw, status=status, headers=fields, body=body, url=url, method=method)


def _example(registry: Registry, vendor: Vendor, entry: Entry, name: str | None) -> Example:
    examples = [example for example in registry.examples(vendor.name) if example.code == entry.code]
    if not examples:
        raise ValueError(f"{vendor.name!r} has no example of {entry.code!r}; add one to the vendor's file")
    if name is None:
        return min(examples, key=lambda example: _distance(example, entry))
    for example in examples:
        if example.name == name:
            return example
    raise ValueError(f"{vendor.name!r} has no example {name!r} of {entry.code!r}; it has {_listed(examples)}")


def _distance(example: Example, entry: Entry) -> tuple[bool, bool]:
    """Return how far an example is from the plain entry, as a key for sorting."""
    status = example.response.get("status")
    return status not in entry.statuses if entry.statuses else status is None, example.expect.get("level") == Level.VARIANT


def _listed(examples: list[Example]) -> str:
    return ", ".join(repr(example.name) for example in examples)


def _body(example: Example, variation: Variation) -> bytes | str | None:
    if "json" not in variation:
        return variation.get("body", example.raw.body)
    members = variation["json"]
    if "body" in variation:
        raise TypeError("json is merged over the example's body, and body replaces it; pass only one of them")
    if not isinstance(members, Mapping):
        raise TypeError(f"json must be a mapping of members to merge, not {members!r}; pass other bodies as body")
    if not isinstance(whole := example.response.get("json"), Mapping):
        raise ValueError(f"the body of example {example.name!r} is not a JSON object, so json cannot be merged; pass body")
    return json.dumps({**whole, **members}).encode()


def _fields(headers: Headers, variation: Variation) -> Headers:
    wanted = variation.get("headers", {})
    if not isinstance(wanted, Mapping):
        raise TypeError(f"headers must be a mapping of names to values, or to None to remove a field, not {wanted!r}")
    changes: dict[str, str | None] = {"content-length": None} if variation.keys() & {"json", "body"} else {}
    changes |= {name.lower(): value for name, value in wanted.items()}
    if "retry_after" in variation:
        changes["retry-after"] = _delay_seconds(variation["retry_after"])
    kept = [(name, value) for name in headers for value in headers.get_all(name) if name not in changes]
    return Headers([*kept, *((name, value) for name, value in changes.items() if value is not None)])


def _delay_seconds(seconds: Any) -> str:
    """Return a delay in whole seconds (:rfc:`9110#section-10.2.3`), rounded up."""
    if not isinstance(seconds, (int, float)) or not isfinite(seconds) or seconds < 0:
        raise ValueError(f"retry_after must be a number of seconds from 0 up, not {seconds!r}; pass other values in headers")
    return str(ceil(seconds))


def _address(vendor: Vendor) -> str:
    """Return an address that identifies the vendor, or `_ELSEWHERE` if it has no hosts."""
    return f"https://{vendor.hosts[0].replace('*', 'api')}/" if vendor.hosts else _ELSEWHERE
