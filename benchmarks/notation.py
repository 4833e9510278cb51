"""
What the constructs of vendor files cost: places, conditions, patterns, XML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from measuring import Job, Scale, interleave, ratio
from samples import HEADERS, PARSED, compact
from table import Row

from errortax import RawResponse, load_registry, parse
from errortax.registry import Registry
from errortax.registry.loading import bundled_vendor, names

_CONVENTIONS = Path(__file__).parent.parent / "tests" / "conventions"
_CONSTANTS = 1000
_DETAILS = [{"@type": f"type.googleapis.com/google.rpc.Detail{number}", "at": number} for number in range(19)]
_INFO = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
_LIMITED = {"message": "API rate limit exceeded", "documentation_url": "https://docs.github.com/rest/overview/rate-limits"}
_UNKNOWN = {"error": {"type": "invalid_request_error", "code": "brand_new", "param": "x", "message": "unknown"}}
_DENIED = {"error": {"code": 403, "message": "x", "status": "PERMISSION_DENIED", "details": [*_DETAILS, _INFO]}}
_THROTTLED = {"__type": "com.amazon.coral.availability#ThrottlingException", "message": "Rate exceeded for this account"}
_BUSY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message>'
    b"<RequestId>4442587FB7D0A2F9</RequestId>"
    b"<HostId>Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==</HostId></Error>"
)

CONSTRUCTS: Mapping[str, tuple[str, RawResponse]] = {
    "a condition on a header": ("github", RawResponse(403, {**HEADERS, "X-RateLimit-Remaining": "0"}, compact(_LIMITED))),
    "the second of three codes": ("stripe", RawResponse(400, HEADERS, compact(_UNKNOWN))),
    "the last of 20 items": ("google", RawResponse(403, HEADERS, compact(_DENIED))),
    "a pattern": ("aws-json", RawResponse(400, HEADERS, compact(_THROTTLED))),
}
BUSY = RawResponse(503, {**HEADERS, "Content-Type": "application/xml"}, _BUSY)


def notation_rows(scale: Scale) -> Iterator[Row]:
    """
    Parse responses whose verdict needs more than plain members.
    """
    registry = load_registry(*sorted(_CONVENTIONS.glob("*.json")))
    slug = PARSED["89-byte slug body"][1]
    bundled = [bundled_vendor(name.removesuffix(".json")) for name in names("vendors")]
    bare = Registry(bundled)
    refined = RawResponse(400, HEADERS, compact({"error": {"code": "a", "sub": "c0", "message": "m"}}))
    jobs = {"xml": Job("read(body)", {"read": ElementTree.fromstring, "body": _BUSY}), "json": _loads(slug.body)}
    for name, (vendor, raw) in CONSTRUCTS.items():
        jobs[f"json {name}"], jobs[f"parse {name}"] = _loads(raw.body), _parse(raw, vendor, registry)
    jobs["parse xml"] = _parse(BUSY, "aws-s3", registry)
    jobs["bare"], jobs["standards"] = _parse(slug, None, bare), _parse(slug, None, load_registry())
    for number in (1, _CONSTANTS):
        jobs[f"{number} constants"] = _parse(refined, "constants", Registry([*bundled, _vendor(number)]))
    times = interleave(jobs, scale)
    for name in CONSTRUCTS:
        allowed = [max(2 * time, time + 3e-6) for time in times[f"json {name}"]]
        found = ratio(times[f"parse {name}"], allowed)
        yield Row(f"`parse`, {name} / the greater of twice `json.loads` and 3 µs more", found, bar=1)
    found = ratio(times[f"{_CONSTANTS} constants"], times["1 constants"])
    yield Row("`parse`, 1,000 variants by a constant / one", found, bar=1.2)
    yield Row("`parse`, XML / `xml.etree`", ratio(times["parse xml"], times["xml"]), bar=3)
    extra = [full - less for full, less in zip(times["standards"], times["bare"], strict=True)]
    yield Row("no vendor known, the bundled standards tried / `json.loads`, what they add", ratio(extra, times["json"]), bar=0.5)


def _vendor(constants: int) -> Any:
    constant = {"at": "/error/sub", "is": ""}
    variants = [
        {"name": f"v{number}", "when": {**constant, "is": f"c{number}"}, "category": "conflict"} for number in range(constants)
    ]
    entry = {"code": "a", "statuses": [400], "category": "declined", "variants": variants}
    envelope = {"name": "error", "recognise": "/error", "code": ["/error/code"], "outcome": "error"}
    head = {"format": "1.0", "vendor": "constants", "title": "Constants", "scheme": "slug"}
    return {**head, "envelopes": [envelope], "entries": [entry]}


def _loads(body: bytes) -> Job:
    return Job("loads(body)", {"loads": json.loads, "body": body})


def _parse(raw: RawResponse, vendor: str | None, registry: Registry) -> Job:
    return Job("parse(raw, vendor, registry=registry)", {"parse": parse, "raw": raw, "vendor": vendor, "registry": registry})
