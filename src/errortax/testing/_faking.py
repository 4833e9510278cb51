"""
Responses made from the catalogue's examples, with what a test wants to be different.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack, overload

from attrs import evolve

from errortax.http import Headers, RawResponse
from errortax.model import Kind, Level
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
"""The address of a response whose vendor answers anywhere; no such host exists (:rfc:`2606`)."""


class Variation(TypedDict, total=False):
    """
    What may differ from the example: each keyword of `fake` that may be left out.

    *example* is the name of the example to begin with. *headers* are merged over its fields, where None takes one away;
    *json* is merged over the members of its JSON body, *body* takes the body's place. *retry_after* is in seconds.
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
    Return the response by which *vendor* tells *code*, made from an example in the vendor's file.

    That is the first which shows the code as it is documented, or the one called *example*. The other keywords are those
    of `Variation`. With *client* the result is that client's own response object, body in memory, as if it had been
    received; aiohttp's needs a running event loop. Raise `errortax.exceptions.UnknownVendorError`,
    `errortax.exceptions.UnknownCodeError`, `TypeError` or `ValueError` for what cannot be made.
    """
    build = None if client is None else builder(client)
    raw = _varied(vendor, code, variation)
    return raw if build is None else build(raw)


def documented_errors(vendor: str | None = None, *, registry: Registry | None = None) -> tuple[tuple[str, str], ...]:
    """
    Return each documented error of *vendor*, or of all, as a pair of vendor and code: the arguments of `fake`.

    Raise `errortax.exceptions.UnknownVendorError`.
    """
    registry = in_force(registry)
    vendors = registry.values() if vendor is None else (registry[vendor],)
    return tuple((each.name, entry.code) for each in vendors for entry in each.entries if entry.outcome in (None, Kind.ERROR))


def _varied(name: str, code: str, variation: Variation) -> RawResponse:
    if unknown := variation.keys() - Variation.__annotations__:
        raise TypeError(f"fake() cannot vary {min(unknown)!r}; it can vary {', '.join(Variation.__annotations__)} and client")
    registry = in_force(variation.get("registry"))
    vendor = registry[name]
    example = _example(registry, vendor, vendor[code], variation.get("example"))
    raw = example.raw
    body = _body(example, variation)
    fields = _fields(raw.headers, variation)
    status = variation.get("status", raw.status)
    if isinstance(status, int) and not 100 <= status <= 999:
        raise ValueError(f"status must have three digits, or be None where none is known, not {status}")
    url, method = variation.get("url", _address(vendor)), variation.get("method", "GET")
    return evolve(raw, status=status, headers=fields, body=body, url=url, method=method)


def _example(registry: Registry, vendor: Vendor, entry: Entry, name: str | None) -> Example:
    examples = [example for example in registry.examples(vendor.name) if example.code == entry.code]
    if not examples:
        raise ValueError(f"{vendor.name!r} has no example of {entry.code!r}; add one to the vendor's file")
    if name is None:
        return min(examples, key=lambda example: _oddity(example, entry))
    for example in examples:
        if example.name == name:
            return example
    raise ValueError(f"{vendor.name!r} has no example {name!r} of {entry.code!r}; it has {_listed(examples)}")


def _oddity(example: Example, entry: Entry) -> tuple[bool, bool]:
    """Tell how far an example is from the plain entry; of several that are equally far the first will do."""
    status = example.response.get("status")
    return status not in entry.statuses if entry.statuses else status is None, example.expect.get("level") == Level.VARIANT


def _listed(examples: list[Example]) -> str:
    return ", ".join(repr(example.name) for example in examples)


def _body(example: Example, variation: Variation) -> bytes | str | None:
    if "json" not in variation:
        return variation.get("body", example.raw.body)
    members = variation["json"]
    if "body" in variation:
        raise TypeError("json is merged over the example's body, which body replaces; pass one of the two")
    if not isinstance(members, Mapping):
        raise TypeError(f"json must be a mapping of members to merge, not {members!r}; body takes anything encoded")
    if not isinstance(whole := example.response.get("json"), Mapping):
        raise ValueError(f"the body of example {example.name!r} is no JSON object, so that json cannot be merged; pass body")
    return json.dumps({**whole, **members}).encode()


def _fields(headers: Headers, variation: Variation) -> Headers:
    wanted = variation.get("headers", {})
    if not isinstance(wanted, Mapping):
        raise TypeError(f"headers must be a mapping of names to values, or to None for a field to take away, not {wanted!r}")
    changes: dict[str, str | None] = {"content-length": None} if variation.keys() & {"json", "body"} else {}
    changes |= {name.lower(): value for name, value in wanted.items()}
    if "retry_after" in variation:
        changes["retry-after"] = _delay_seconds(variation["retry_after"])
    kept = [(name, value) for name in headers for value in headers.get_all(name) if name not in changes]
    return Headers([*kept, *((name, value) for name, value in changes.items() if value is not None)])


def _delay_seconds(seconds: Any) -> str:
    """Write a delay as :rfc:`9110#section-10.2.3` has it, never shorter than it is."""
    if not isinstance(seconds, (int, float)) or not isfinite(seconds) or seconds < 0:
        raise ValueError(f"retry_after must be a number of seconds from 0 on, not {seconds!r}; headers takes any Retry-After")
    return str(ceil(seconds))


def _address(vendor: Vendor) -> str:
    """Return an address from which the vendor is recognised, where there is one."""
    return f"https://{vendor.hosts[0].replace('*', 'api')}/" if vendor.hosts else _ELSEWHERE
