"""
Guess which vendor sent a response; the parser itself never guesses.
"""

from __future__ import annotations

import re
from typing import Final

from errortax.http import RawResponse, host_of, raw_response
from errortax.parsing.decoding import decode
from errortax.parsing.prepared import PreparedVendor, prepared_vendor
from errortax.registry import GENERIC, Registry
from errortax.registry.registry import in_force

_NOTHING: Final = (0, False, 0)


def detect_vendor(response: object, *, registry: Registry | None = None) -> str | None:
    """
    Return the name of the only vendor that the evidence points to, or None.

    The host of the URL decides. Otherwise the vendor with the most typical header fields counts, then one that documents
    the code, then the one whose envelope requires the most members beyond the usual shape of bodies. If several vendors
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
    demands = _demands(prepared_vendor(registry, GENERIC), document)
    weights = {name: _weigh(prepared_vendor(registry, name), raw, document, demands) for name in registry if name != GENERIC}
    most = max(weights.values(), default=_NOTHING)
    best = [name for name, weight in weights.items() if weight == most > _NOTHING]
    return best[0] if len(best) == 1 else None


def _weigh(vendor: PreparedVendor, raw: RawResponse, document: object, commonplace: int) -> tuple[int, bool, int]:
    found = sum(
        bool(re.match(fingerprint["pattern"], raw.headers.get(fingerprint["header"], "")))
        for fingerprint in vendor.data.get("fingerprints", ())
    )
    envelope = None if document is None else vendor.recognise(document)
    if envelope is None:
        return found, False, 0
    documented = vendor.verdicts.of_code(envelope.code(document)) is not None
    return found, documented, max(0, envelope.demands - commonplace)


def _demands(vendor: PreparedVendor, document: object) -> int:
    envelope = None if document is None else vendor.recognise(document)
    return 0 if envelope is None else envelope.demands
