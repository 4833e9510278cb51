"""
Which vendor a response seems to come from; asked for explicitly, and never by the parser.
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
    Return the name of the one vendor that the evidence singles out, or None.

    The host of the URL decides. Else each vendor is weighed by its telling header fields, then by a code that it
    documents, then by how much more of the body its envelope explains than what many APIs send; a tie is no evidence.
    Raise `TypeError` for an object that is not a response.
    """
    raw = raw_response(response)
    registry = in_force(registry)
    by_host = None if raw.url is None else registry.vendor_of_host(host_of(raw.url))
    if by_host is not None:
        return by_host
    _, document = decode(raw.body, raw.headers)
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
