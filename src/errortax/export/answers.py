"""
What scripts in gateways look up: the answers, each once, and under which code or status of which vendor to find them.
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
        "Field errors, request ids, preserved members and the upstream's texts are not in the bodies, which were written once"
        " and for all. A request id in a header field passes as that field."
    ),
    "The language is that of the export; `Accept-Language` is not looked at.",
    "Variants are not told apart: a code has one answer, whatever else the body says.",
    "Codes that no document has are judged by their status, their documented siblings are not asked, and the code is lost.",
    (
        "`Retry-After` passes as seconds or as a date in the form of RFC 9110, and so does the reset of a rate limit that is hit;"
        " other forms are not worked out. If there is none, the least delay of the vendor's document is sent."
    ),
    (
        "Header fields that may pass (CORS, rate limits, `Allow`, `Cache-Control`, `Vary`) do so as they are: nothing looks into"
        " their values."
    ),
    (
        "A header field longer than 256 characters is left out, but `Cache-Control` and `Vary` may have 4096; longer ones become"
        " `no-store` and `*`."
    ),
    "A body that is compressed although `Accept-Encoding` is taken off the request is judged by its status.",
)
"""What no script can do with a table of finished answers."""

_PASSING: Final = tuple(
    row.key
    for row in FIELDS
    if row.shape is not None and not row.is_family and not (Reader.SCRIPTS | Reader.TRANSLATOR) & row.overlooked_by
)
"""Fields by their whole names, since not every gateway can list those that came."""

_RESETS: Final = tuple(row.key for row in fields(Role.RESET, reader=Reader.SCRIPTS))
_DELAYS: Final = tuple(row.key for row in fields(Role.DELAY, reader=Reader.SCRIPTS))
_STATUS_PLACES: Final = ("/status", "/error/code", "/errors/0/status", "/errors/0/extensions/status", "/code")
_STATUS_ELEMENT: Final = re.compile(r"(?<=<status>)\d{3}(?=</status>)")
_SLOT: Final = "\ufdd0"  # a character that no text has (Unicode, section 23.7)


def answers(rows: Sequence[Row], lookups: Iterable[Lookup]) -> dict[str, Any]:
    """
    Return the table: ``vendors`` by name, and ``answers`` by the numbers that are found there. For all vendors, ``delays`` are
    the fields that ask to wait, and ``strictest`` has what to send instead of a field that cannot pass.

    A vendor has the ``codes`` and the ``statuses`` that lead to an answer (``4xx`` and ``5xx`` for those that are not named),
    the ``places`` of the code in the body (none where the status is the code), the ``fields`` of the upstream that may pass,
    and ``resets``, those that tell when a rate limit starts anew. An answer has ``status``, ``headers`` and ``body``: texts,
    between which the status stands that is sent. Its ``wait`` is the least number of seconds to wait, there only where the
    request may be repeated, and ``limited`` says that a rate limit was hit. Raise `ValueError` for bodies that are no text.
    """
    numbers = {row.key: number for number, row in enumerate(rows)}
    return {
        "delays": list(_DELAYS),
        "strictest": dict(STRICTEST),
        "vendors": {
            lookup.vendor: _vendor(lookup, [row for row in rows if row.vendor == lookup.vendor], numbers) for lookup in lookups
        },
        "answers": [_answer(row) for row in rows],
    }


def _vendor(lookup: Lookup, rows: Sequence[Row], numbers: Mapping[str, int]) -> dict[str, Any]:
    by_code = [row for row in rows if row.code is not None] if lookup.pointers else []
    by_status = [row for row in rows if row.code is None or not lookup.pointers]
    own = (*lookup.request_id_headers, *lookup.rate_limit.values())
    reset = lookup.rate_limit.get("reset")
    return {
        "places": [list(parse_pointer(pointer)) for pointer in lookup.pointers],
        "alike": lookup.alike,
        "codes": _codes(by_code, numbers, alike=lookup.alike),
        "statuses": _statuses(by_status, numbers),
        "fields": list(dict.fromkeys(name.lower() for name in (*_PASSING, *own))),
        "resets": list(dict.fromkeys(name.lower() for name in (*([reset] if reset else []), *_RESETS))),
    }


def _codes(rows: Iterable[Row], numbers: Mapping[str, int], *, alike: bool) -> dict[str, int]:
    """Index the codes; where hyphens and underscores are *alike*, under their spelling with hyphens as well."""
    exact = {row.code: numbers[row.key] for row in rows if row.code is not None}
    return {**{spelling: exact[code] for spelling, code in by_spelling(exact if alike else ()).items()}, **exact}


def _statuses(rows: Iterable[Row], numbers: Mapping[str, int]) -> dict[str, int]:
    """Index the statuses; what most of a class have in common stands under ``4xx`` or ``5xx``, if the whole class is known."""
    every = {status: numbers[row.key] for row in rows for status in row.statuses}
    index: dict[str, int] = {}
    for first in ("4", "5"):
        own = {str(status): number for status, number in every.items() if str(status).startswith(first)}
        common = Counter(own.values()).most_common(1)[0][0] if len(own) == 100 else None
        index.update({status: number for status, number in own.items() if number != common})
        if common is not None:
            index[f"{first}xx"] = common
    return index


def _answer(row: Row) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "status": row.emitted_status,
        "headers": {"content-type": row.content_type, **row.headers},
        "body": _parts(row),
    }
    if row.retryable:
        answer["wait"] = ceil(row.retry_after or 0)
    if row.category is Category.RATE_LIMITED:
        answer["limited"] = True
    return answer


def _parts(row: Row) -> list[str]:
    """Return the body in two parts where it repeats the HTTP status, else in one: the gateway may be bound to another status."""
    try:
        text = row.body.decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{row.content_type}: the answer for {row.key!r} is no text, as a script needs; take another format"
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
