"""
Retry policies for Envoy: the statuses, the methods and the delays with which each vendor's requests are repeated.

The result is a ``route_config`` with a virtual host for each vendor: use its policies, and change the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from errortax.advice import BASE_DELAY, IDEMPOTENT_METHODS
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row, ignored_by
from errortax.http.fields import Reader, Role, fields
from errortax.model import Retryability
from errortax.registry import GENERIC

ROUTES: Final = "retry-routes.yaml"

_MAX_WAIT: Final = 30
"""Seconds. A gateway should not hold a request longer; if a vendor asks for more, the caller gets the error."""

LIMITS: Final = (
    "Envoy reads the status, not the body: a status is repeated only if all codes documented with it allow it.",
    "Codes that are documented without a status are ignored, and undocumented statuses are not repeated.",
    f"An error with a documented delay of more than {_MAX_WAIT} s is not repeated.",
    f"If a header field asks for more than {_MAX_WAIT} s, Envoy repeats after its own backoff, which is too early.",
    "In header fields, Envoy reads seconds and Unix time, but no HTTP-dates, which count as absent.",
    "A host with a dot at its end is found only if the connection manager has strip_trailing_host_dot.",
    "After the last attempt the caller gets the vendor's own error: to translate it, use the ext_proc server.",
)

_RETRIES: Final = 2
_DELAYS: Final = tuple(row.name for row in fields(Role.DELAY, reader=Reader.ENVOY))
_RESETS: Final = tuple(row.name for row in fields(Role.RESET, reader=Reader.ENVOY))
_METHODS: Final = "|".join(sorted(IDEMPOTENT_METHODS))
_UNSENT: Final = ("connect-failure", "refused-stream")  # the request was not processed: any method may be repeated
_LOST: Final = ("reset",)  # the request may have been processed


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str) -> Mapping[str, str]:
    """
    Return the routes as YAML.
    """
    lines = ["name: errortax", "ignore_port_in_host_matching: true", "virtual_hosts:"]
    without_hosts = sorted((lookup.vendor for lookup in lookups if not lookup.hosts), key=lambda vendor: vendor != GENERIC)
    for lookup in lookups:
        takes_the_rest = lookup.vendor in without_hosts[:1]  # Envoy allows one such host
        lines += _virtual_host(lookup, [row for row in rows if row.vendor == lookup.vendor], takes_the_rest=takes_the_rest)
    return {ROUTES: f"{heading(command, (*LIMITS, *ignored_by(lookups)))}\n" + "".join(f"{line}\n" for line in lines)}


def _virtual_host(lookup: Lookup, rows: Sequence[Row], *, takes_the_rest: bool) -> Iterator[str]:
    refused = _statuses(rows, {Retryability.AFTER_DELAY})
    failed = _statuses(rows, {Retryability.AFTER_DELAY, Retryability.BACKOFF})
    idempotent = _policy(lookup, (*_UNSENT, *_LOST), failed)
    routes: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("any method, with an idempotency key", {"headers": [{"name": "Idempotency-Key", "present_match": True}]}, idempotent),
        ("methods that may be repeated", {"headers": [_method()]}, idempotent),
        ("other methods: only requests that were refused before they were processed", {}, _policy(lookup, _UNSENT, refused)),
    )
    yield f"- name: {_yaml(lookup.vendor)}"
    if not lookup.hosts and not takes_the_rest:
        yield "  # its file has no hosts: write your host for it here"
    yield f"  domains: {_yaml(lookup.hosts or ['*' if takes_the_rest else f'{lookup.vendor}.invalid'])}"
    yield "  routes:"
    for comment, match, policy in routes:
        yield f"  # {comment}"
        yield f"  - match: {_yaml({'prefix': '/', **match})}"
        yield "    route:"
        yield f"      cluster: {_yaml(lookup.vendor)}"
        yield f"      timeout: {2 * _MAX_WAIT}s"
        yield "      retry_policy:"
        yield from (f"        {name}: {_yaml(value)}" for name, value in policy.items())


def _method() -> dict[str, Any]:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": _METHODS}}}


def _statuses(rows: Iterable[Row], allowed: set[Retryability]) -> list[int]:
    """Return the statuses for which every row allows a repeat soon enough."""
    may: dict[int, bool] = {}
    for row in rows:
        if row.code is None and len(row.statuses) > 1:
            continue  # undocumented statuses
        repeats = row.retryability in allowed and (row.retry_after or 0) <= _MAX_WAIT
        for status in row.statuses:
            may[status] = may.get(status, True) and repeats
    return sorted(status for status, repeats in may.items() if repeats)


def _policy(lookup: Lookup, conditions: Sequence[str], statuses: Sequence[int]) -> dict[str, Any]:
    resets = dict.fromkeys((*lookup.reset_headers, *_RESETS))
    seconds = [{"name": name, "format": "SECONDS"} for name in (*_DELAYS, *resets)]
    moments = [{"name": name, "format": "UNIX_TIMESTAMP"} for name in resets]  # read as seconds they are too large
    return {
        "retry_on": ",".join([*conditions, *(["retriable-status-codes"] if statuses else ())]),
        **({"retriable_status_codes": statuses} if statuses else {}),
        "num_retries": _RETRIES,
        "retry_back_off": {"base_interval": f"{BASE_DELAY:g}s", "max_interval": f"{_MAX_WAIT}s"},
        "rate_limited_retry_back_off": {"max_interval": f"{_MAX_WAIT}s", "reset_headers": [*seconds, *moments]},
    }


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)  # JSON is YAML
