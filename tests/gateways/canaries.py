"""
Secrets put into every place of a response from which something could leak.

Each place has a canary of its own: ``canary9f2c`` and the name of the place, so that whoever finds one knows where it
came from. What survives by design has none: the code, the request id, the names of fields, and whatever decides the verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from attrs import evolve

import errortax
from errortax import CanonicalError, RawResponse
from errortax.model import verdict_of
from gateways.upstream import CANARY, Reply

HEADERS = (
    "Alt-Svc", "Authentication-Info", "Authorization", "CF-Ray", "Content-Disposition", "Content-Location",
    "Content-Security-Policy", "Cookie", "ETag", "From", "Link", "Location", "NEL", "P3P", "Proxy-Authenticate",
    "Public-Key-Pins", "Referer", "Refresh", "Report-To", "Server", "Server-Timing", "Set-Cookie", "SourceMap",
    "Strict-Transport-Security", "Via", "WWW-Authenticate", "Warning", "X-Amz-Cf-Id", "X-Api-Key", "X-AspNet-Version",
    "X-Auth-Token", "X-Backend", "X-Cache", "X-Debug-Token", "X-Debug-Token-Link", "X-Error", "X-Error-Detail",
    "X-Exception", "X-Generator", "X-Internal-Host", "X-Powered-By", "X-Runtime", "X-Session", "X-Stack-Trace",
    "X-Unknown", "X-User",
)  # fmt: skip
"""Fields in which upstreams tell more than callers should know."""

_SHAPES = {
    "Alt-Svc": 'h2="{}.example:443"',
    "Content-Disposition": 'attachment; filename="{}"',
    "ETag": '"{}"',
    "Link": "<https://{}.example/>; rel=help",
    "Location": "https://{}.example/",
    "Refresh": "5; url=https://{}.example/",
    "Set-Cookie": "session={}; Path=/",
    "Via": "1.1 {}",
    "WWW-Authenticate": 'Bearer realm="{}", error_description="{}"',
    "Warning": '199 - "{}"',
}


def canary(place: str) -> str:
    """Return the secret for *place*."""
    return f"{CANARY}-{place}"


@cache
def with_canaries(reply: Reply, vendor: str) -> Reply:
    """
    Return *reply* with a canary in its reason phrase, in each of `HEADERS`, and in each text of its body.
    """
    given = {name.lower() for name, _ in reply.fields}
    fields = tuple(
        (name, _SHAPES.get(name, "{}").replace("{}", canary(name.lower()))) for name in HEADERS if name.lower() not in given
    )
    return evolve(reply, reason=canary("reason"), fields=(*reply.fields, *fields), body=_with_canaries(reply, vendor))


def _with_canaries(reply: Reply, vendor: str) -> bytes:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return reply.body and reply.body + canary("text").encode()
    if not isinstance(document, (dict, list)):
        return reply.body
    before = _verdict(errortax.parse(reply.raw, vendor))
    for path in list(_places(document)):
        changed = deepcopy(document)
        _put(changed, path, canary(".".join(map(str, path))))
        body = json.dumps(changed).encode()
        if before == _verdict(errortax.parse(RawResponse(reply.status, reply.fields, body), vendor)):
            document = changed
    return json.dumps(document).encode()


def _verdict(error: CanonicalError | None) -> object:
    """Return what must not change: the judgement, what it stands on, and how many complaints there are about what."""
    return error and (verdict_of(error), error.code, error.request_id, error.match, [each.field for each in error.field_errors])


def _places(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of each text, and of a new member with an object in it for each object."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        if isinstance(value, (dict, list)):
            yield from _places(value, (*path, key))
        elif isinstance(value, str):
            yield (*path, key)
    if isinstance(document, dict):
        yield (*path, "debug")
        yield (*path, "trace", "inner")
        yield (*path, canary("name"))


def _put(document: Any, path: tuple[str | int, ...], value: str) -> None:
    for key in path[:-1]:
        document = document.setdefault(key, {}) if isinstance(document, dict) else document[key]
    document[path[-1]] = value
