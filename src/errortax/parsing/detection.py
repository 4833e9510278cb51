"""
Guess which vendor sent a response; the parser itself never guesses.
"""

from __future__ import annotations

import re
from typing import Final

from errortax.http import Headers, RawResponse, host_of, raw_response
from errortax.parsing.decoding import decode
from errortax.parsing.prepared import PreparedVendor, prepared_vendor
from errortax.registry import GENERIC, Registry
from errortax.registry.registry import in_force

_NOTHING: Final = (0, False, 0)


def detect_vendor(response: object, *, registry: Registry | None = None) -> str | None:
    """
    Return the name of the only vendor that the evidence points to, or None.

    The host of the URL decides. Otherwise the vendor with the most typical header fields counts, then one that documents
    the code, then the one whose envelope makes the most tests beyond the usual shape of bodies. If several vendors
    are equal, the result is None.

    Args:
        response: a `RawResponse` or the response object of an HTTP client.
        registry: the vendors; None means the bundled ones.

    Raises:
        TypeError: *response* is not a response.

    """
    raw = raw_response(response)
    registry = in_force(registry)
    by_host = None if raw.url is None else registry.vendor_of_host(host_of(raw.url))
    if by_host is not None:
        return by_host
    document = decode(raw)[1]
    commonplace = _tests(prepared_vendor(registry, GENERIC), document, raw.headers)
    others = (name for name in registry if name != GENERIC)
    weights = {name: _weigh(prepared_vendor(registry, name), raw, document, commonplace) for name in others}
    most = max(weights.values(), default=_NOTHING)
    best = [name for name, weight in weights.items() if weight == most > _NOTHING]
    return best[0] if len(best) == 1 else None


def _weigh(vendor: PreparedVendor, raw: RawResponse, document: object, commonplace: int) -> tuple[int, bool, int]:
    found = sum(
        bool(re.match(fingerprint["pattern"], raw.headers.get(fingerprint["header"], "")))
        for fingerprint in vendor.data.get("fingerprints", ())
    )
    envelope, _, verdict = vendor.find_code(document, raw.headers)
    if envelope is None or not document:  # an empty body says nothing about who sent it
        return found, verdict is not None, 0
    return found, verdict is not None, max(0, envelope.tests - commonplace)


def _tests(vendor: PreparedVendor, document: object, headers: Headers) -> int:
    envelope, _, _ = vendor.find_code(document, headers)
    return 0 if envelope is None else envelope.tests
