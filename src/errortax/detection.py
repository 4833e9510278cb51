"""
Which vendor a response seems to come from; asked for explicitly, and never by the parser.
"""

from __future__ import annotations

import re
from typing import Final

from errortax.decoding import decode
from errortax.model import RawResponse
from errortax.parsing import Parser, host_of, parser_of
from errortax.registry import GENERIC, Registry, in_force
from errortax.responses import raw_response

_NOTHING: Final = (0, False, 0)


def detect_vendor(response: object, *, registry: Registry | None = None) -> str | None:
    """
    Return the name of the one vendor that the evidence singles out, or None.

    The host of the URL decides. Else each vendor is weighed by its telling header fields, then by a code that it
    documents, then by how much more of the body its envelope explains than what many APIs send; a tie is no evidence.
    Raise `TypeError` for an object that is no response.
    """
    raw = raw_response(response)
    registry = in_force(registry)
    by_host = None if raw.url is None else registry.vendor_of_host(host_of(raw.url))
    if by_host is not None:
        return by_host
    _, document = decode(raw.body, raw.headers)
    commonplace = parser_of(registry, GENERIC, None).recognise(document)
    demands = 0 if commonplace is None else commonplace.demands
    weights = {
        name: _weigh(parser_of(registry, name, None), raw, document, demands) for name in registry.names if name != GENERIC
    }
    most = max(weights.values(), default=_NOTHING)
    best = [name for name, weight in weights.items() if weight == most > _NOTHING]
    return best[0] if len(best) == 1 else None


def _weigh(parser: Parser, raw: RawResponse, document: object, commonplace: int) -> tuple[int, bool, int]:
    told = sum(
        bool(re.match(fingerprint["pattern"], raw.headers.get(fingerprint["header"], "")))
        for fingerprint in parser.data.get("fingerprints", ())
    )
    envelope = parser.recognise(document)
    if envelope is None:
        return told, False, 0
    documented = parser.verdict(envelope.code(document)) is not None
    return told, documented, max(0, envelope.demands - commonplace)
