"""
The table that scripts in gateways use: each answer once, and an index from the codes and statuses of each vendor.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any, Final

from errortax.export.rows import Lookup, Row
from errortax.http.fields import FIELDS, STRICTEST, Reader, Role, fields
from errortax.model import Category, parse_pointer
from errortax.parsing import resolve
from errortax.registry.spelling import by_spelling

LIMITS: Final = (
    (
        "The bodies are fixed: they have no field errors, request ids, preserved members or texts of the upstream. A request id"
        " in a header field passes as that field."
    ),
    "The language is the one of the export; `Accept-Language` is ignored.",
    "Variants are ignored: a code has one answer, whatever else the body contains.",
    (
        "An undocumented code is answered by its status: documented codes with the same prefix are not considered, and the code"
        " is lost."
    ),
    (
        "`Retry-After` passes as seconds or as a date in the form of RFC 9110, and so does the reset time of an exceeded rate"
        " limit; other forms are ignored. If there is none, the minimum delay from the vendor's file is sent."
    ),
    (
        "Header fields that may pass (CORS, rate limits, `Allow`, `Cache-Control`, `Vary`) pass unchanged: their values are not"
        " checked."
    ),
    (
        "A header field longer than 256 characters is left out, but `Cache-Control` and `Vary` may have 4096; longer ones become"
        " `no-store` and `*`."
    ),
    "A body that is compressed, although `Accept-Encoding` is removed from the request, is answered by its status.",
)
"""The limits of every script with a table of finished answers."""

_PASSING: Final = tuple(
    row.key
    for row in FIELDS
    if row.shape is not None and not row.is_family and not (Reader.SCRIPTS | Reader.TRANSLATOR) & row.overlooked_by
)
"""Fields by their whole names: not every gateway can list the fields of a response."""

_RESETS: Final = tuple(row.key for row in fields(Role.RESET, reader=Reader.SCRIPTS))
_DELAYS: Final = tuple(row.key for row in fields(Role.DELAY, reader=Reader.SCRIPTS))
_STATUS_PLACES: Final = ("/status", "/error/code", "/errors/0/status", "/errors/0/extensions/status", "/code")
_STATUS_ELEMENT: Final = re.compile(r"(?<=<status>)\d{3}(?=</status>)")
_SLOT: Final = "\ufdd0"  # a noncharacter, which no text contains (Unicode, section 23.7)


def answers(rows: Sequence[Row], lookups: Iterable[Lookup], *, shadow: bool = False) -> dict[str, Any]:
    """
    Return the table of all answers, with an index for each vendor. With *shadow*, scripts only log what they would answer.

    - ``vendors``: by name, an object with these members:
        - ``codes`` and ``statuses``: the number of the answer; ``4xx`` and ``5xx`` are for all other statuses of the class.
        - ``places``: the places of the code in the body; empty if the status is the code.
        - ``hyphen_underscore_alike``: whether hyphens and underscores in codes are equal.
        - ``fields``: the header fields of the upstream that may pass.
        - ``resets``: the header fields that contain the reset time of a rate limit.
    - ``answers``: a list of objects with these members:
        - ``status`` and ``headers``.
        - ``body``: a list of texts; the script joins them with the status that it sends.
        - ``wait``: the minimum number of seconds to wait; absent if the request must not be repeated.
        - ``limited``: true if a rate limit was exceeded, else absent.
        - ``vendor`` and ``category``, for the log; only with *shadow*.
    - ``delays``: the header fields that ask to wait.
    - ``strictest``: by name, the value to send instead of a header field that cannot pass.
    - ``shadow``: the argument.

    Raise `ValueError` if a body is not a text.
    """
    numbers = {row.key: number for number, row in enumerate(rows)}
    return {
        "delays": list(_DELAYS),
        "strictest": dict(STRICTEST),
        "shadow": shadow,
        "vendors": {
            lookup.vendor: _vendor(lookup, [row for row in rows if row.vendor == lookup.vendor], numbers) for lookup in lookups
        },
        "answers": [_answer(row, shadow) for row in rows],
    }


def _vendor(lookup: Lookup, rows: Sequence[Row], numbers: Mapping[str, int]) -> dict[str, Any]:
    by_code = [row for row in rows if row.code is not None] if lookup.pointers else []
    by_status = [row for row in rows if row.code is None or not lookup.pointers]
    own = (*lookup.request_id_headers, *lookup.rate_limit_headers)
    alike = "hyphen_underscore" in lookup.alike
    return {
        "places": [list(parse_pointer(pointer)) for pointer in lookup.pointers],
        "hyphen_underscore_alike": alike,
        "codes": _codes(by_code, numbers, lookup),
        "statuses": _statuses(by_status, numbers),
        "fields": list(dict.fromkeys(name.lower() for name in (*_PASSING, *own))),
        "resets": list(dict.fromkeys(name.lower() for name in (*lookup.reset_headers, *_RESETS))),
    }


def _codes(rows: Iterable[Row], numbers: Mapping[str, int], lookup: Lookup) -> dict[str, int]:
    """Index the codes, their other spellings, and those with hyphens if hyphens and underscores are equal."""
    exact = {row.code: numbers[row.key] for row in rows if row.code is not None}
    exact |= {other: exact[code] for other, code in lookup.spellings.items() if code in exact}
    spellings = by_spelling(exact, lookup.alike) if lookup.alike else {}
    return {**{spelling: exact[code] for spelling, code in spellings.items()}, **exact}


def _statuses(rows: Iterable[Row], numbers: Mapping[str, int]) -> dict[str, int]:
    """Index the statuses; the most common answer of a class is under ``4xx`` or ``5xx``, if all 100 statuses have an answer."""
    every = {status: numbers[row.key] for row in rows for status in row.statuses}
    index: dict[str, int] = {}
    for first in ("4", "5"):
        own = {str(status): number for status, number in every.items() if str(status).startswith(first)}
        common = Counter(own.values()).most_common(1)[0][0] if len(own) == 100 else None
        index.update({status: number for status, number in own.items() if number != common})
        if common is not None:
            index[f"{first}xx"] = common
    return index


def _answer(row: Row, shadow: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "status": row.emitted_status,
        "headers": {"content-type": row.content_type, **row.headers},
        "body": parts(row),
    }
    if row.retryable:
        answer["wait"] = ceil(row.retry_after or 0)
    if row.category is Category.RATE_LIMITED:
        answer["limited"] = True
    if shadow:
        answer |= {"vendor": row.vendor, "category": row.category}
    return answer


def parts(row: Row) -> list[str]:
    """
    Return the body in two parts around the HTTP status, or in one without it: a gateway may have to send another status.

    Raise `ValueError` if the body is not a text.
    """
    try:
        text = row.body.decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{row.content_type}: the answer for {row.key!r} is not a text, which scripts need; choose another format"
        ) from None
    if not text.startswith("{"):
        return _STATUS_ELEMENT.split(text, maxsplit=1)
    document = json.loads(text)
    for place in _STATUS_PLACES:
        *path, name = parse_pointer(place)
        holder = resolve(document, tuple(path))
        if not isinstance(holder, dict):
            continue
        found = holder.get(name)
        if found == row.emitted_status or found == str(row.emitted_status):
            holder[name] = _SLOT
            written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
            return written.split(json.dumps(_SLOT, ensure_ascii=False) if isinstance(found, int) else _SLOT)
    return [text]
