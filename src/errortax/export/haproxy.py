"""
Map files and a named ``defaults`` section for HAProxy 2.6 and later: errors leave with a new status and body.

HAProxy looks the code in the body up (``json_query``, ``map_str``), else the status, and answers with the body that was
rendered here (``http-response return``). A frontend gets all of it with ``from errortax``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Final

from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row
from errortax.http.fields import FIELDS, STRICTEST, Reader, Role, fields
from errortax.model import Category, parse_pointer
from errortax.registry import GENERIC
from errortax.registry.spelling import spelled

CONFIGURATION: Final = "errortax.cfg"
DIRECTORY: Final = "/etc/haproxy/errortax"
"""Where the map files are looked for, unless the environment variable ``ERRORTAX_DIR`` says otherwise."""

PASSED: Final = tuple(
    row.name for row in FIELDS if row.shape is not None and not row.is_family and Reader.HAPROXY not in row.overlooked_by
)
"""The upstream's header fields that an answer keeps, beside those that hold a request id."""

LIMITS: Final = (
    "The code has to stand in the first tune.bufsize bytes of the body (less tune.maxrewrite); else the status decides.",
    "A body that comes compressed, though Accept-Encoding is taken off the request, is judged by its status.",
    "A body that comes in one piece with early hints (status 103) is judged by its status.",
    "A code that no document has is judged by its status, without a look at the codes beside it, and is not passed on.",
    "Variants are not told apart: a code has one answer, whatever else the body says.",
    "The body tells nothing of a single response: no field errors, no request id, no members to preserve.",
    "Retry-After passes as seconds and as a date in the form of RFC 9110; moments in other forms are not worked out.",
    "Fields of a rate limit tell when to come back only from an error about that limit.",
    "Header fields that may pass (CORS, rate limits, Allow, Cache-Control, Vary) do so as they are, whatever is in their values.",
    "Three or more fields called Cache-Control become `no-store`, three or more called Vary become `*`; two are put together.",
    "Of several fields of any other name, only the last passes.",
    "The language is fixed when the tables are made; Accept-Language is not looked at.",
    "An error under a status below 400 passes as it came.",
)

_FAILED: Final = "{ status ge 400 }"
_VENDOR: Final = "var(txn.errortax_vendor)"
_ROW: Final = "var(txn.errortax_row)"
_KNOWN: Final = f"{{ {_ROW} -m found }}"
_OWN_ERRORS: Final = (400, 500, 502, 503, 504)  # what HAProxy detects by itself, nobody behind it having answered
_TELLS_WHEN: Final = r"^([0-9]{1,9}|[A-Z][a-z]{2},\ [0-9]{2}\ [A-Z][a-z]{2}\ [0-9]{4}\ [0-9:]{8}\ GMT)$"  # longer: a moment
_DELAYS: Final = tuple(row.name for row in fields(Role.DELAY, reader=Reader.HAPROXY))
_RESETS: Final = tuple(row.name for row in fields(Role.RESET, reader=Reader.HAPROXY))
_LONGEST_ANSWER: Final = 12_000  # bytes: it has to fit in a buffer of the default size, with the header fields
_MEMBER: Final = re.compile(r"[\w-]+", re.ASCII)


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str) -> Mapping[str, str]:
    """
    Return the map files, and the configuration that uses them.

    Raise `ValueError` where the answers are in a format that a map file cannot hold.
    """
    maps = _maps([row for row in rows if _is_key(row.key)], lookups)
    sections = "\n".join(_configuration(rows, lookups))
    return {
        CONFIGURATION: f"{heading(command, LIMITS)}\n{sections}\n",
        **{name: heading(command) + "".join(f"{key} {value}\n" for key, value in pairs) for name, pairs in maps.items()},
    }


def _maps(rows: Sequence[Row], lookups: Sequence[Lookup]) -> dict[str, list[tuple[str, str]]]:
    alike = {lookup.vendor for lookup in lookups if lookup.alike}
    in_body = {lookup.vendor for lookup in lookups if lookup.pointers}
    hosts = [(host, lookup.vendor) for lookup in lookups for host in lookup.hosts]
    wildcards = [(host.removeprefix("*"), vendor) for host, vendor in hosts if host.startswith("*")]
    codes: list[tuple[str, str]] = []
    statuses: list[tuple[str, str]] = []
    for row in rows:
        if row.code is not None and row.vendor in in_body:
            codes.append((f"{row.vendor}/{spelled(row.code) if row.vendor in alike else row.code}", row.key))
        else:
            statuses += ((f"{row.vendor}/{status}", row.key) for status in row.statuses)
    return {
        "hosts.map": [(host, vendor) for host, vendor in hosts if not host.startswith("*")],
        "wildcards.map": sorted(wildcards, key=lambda pair: -len(pair[0])),  # the first one that fits counts
        "codes.map": codes,
        "statuses.map": statuses,
        "emitted.map": [(row.key, str(row.emitted_status)) for row in rows],
        "bodies.map": [(row.key, _line(row)) for row in rows],
        "delays.map": [(row.key, str(ceil(row.retry_after or 0))) for row in rows if row.retryable],
        "limits.map": [(row.key, "1") for row in rows if row.category is Category.RATE_LIMITED],
        **{f"{name}.map": [(row.key, row.headers[name]) for row in rows if name in row.headers] for name in _varying(rows)},
    }


def _is_key(text: str) -> bool:
    """Return whether a map file can have *text* for a key, which ends at the first blank."""
    return text.isprintable() and " " not in text


def _line(row: Row) -> str:
    """Return the answer on one line: between the parts of JSON and XML a blank is as good as a new line."""
    try:
        text = row.body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text or "\0" in text or len(row.body) > _LONGEST_ANSWER:
        raise ValueError(
            f"{row.content_type}: the answer for {row.key!r} is no short text; take a format that is one, such as problem+json"
        )
    return " ".join(text.split("\n")).strip()


def _configuration(rows: Sequence[Row], lookups: Sequence[Lookup]) -> Iterator[str]:
    yield "global"
    yield f"    presetenv ERRORTAX_DIR {DIRECTORY}"
    yield ""
    yield "# Use it in a frontend: `frontend NAME from errortax`"
    yield "defaults errortax"
    yield "    mode http"
    kept = [*PASSED, *dict.fromkeys(name for lookup in lookups for name in lookup.request_id_headers)]
    parts = {
        "Who answers: the host tells; a rule of yours may set txn.errortax_vendor to another name": _who(lookups),
        "What went wrong: the code in the body tells, else the status": _what(lookups),
        "When to come back": _when(lookups),
        "What is kept of the upstream's header fields": _keep(kept),
        "The answer": _answer(rows),
        "Its header fields": _answer_fields(rows, kept),
        "What HAProxy says where nobody answered": _own_errors(rows),
    }
    for comment, lines in parts.items():
        yield ""
        yield f"    # {comment}"
        yield from (f"    {line}" for line in lines)


def _who(lookups: Iterable[Lookup]) -> Iterator[str]:
    known = {lookup.vendor for lookup in lookups}
    hosts, wildcards = _in_map("map_str", "hosts"), _in_map("map_end", "wildcards", f",{GENERIC}" if GENERIC in known else "")
    host, vendor = "txn.errortax_host", "txn.errortax_vendor"
    yield "http-request del-header Accept-Encoding"
    yield f"http-request set-var({host}) req.hdr(host),host_only,rtrim(.)"
    yield f"http-request set-var({vendor}) var({host}),{hosts}"
    yield f"http-request set-var({vendor}) var({host}),{wildcards} if !{{ {_VENDOR} -m found }}"


def _what(lookups: Iterable[Lookup]) -> Iterator[str]:
    yield f"http-response wait-for-body time 1s at-least 256k if {_FAILED}"
    for lookup in lookups:
        alike = ",regsub(_,-,g)" if lookup.alike else ""
        condition = f"{_FAILED} {{ {_VENDOR} -m str {lookup.vendor} }} !{{ var(txn.errortax_code) -m found }}"
        for path in filter(None, map(_json_path, lookup.pointers)):
            yield f"http-response set-var(txn.errortax_code) res.body,json_query('{path}'){alike} if {condition}"
    yield "http-response set-var(txn.errortax_status) status"
    for name, condition in (("code", _FAILED), ("status", f"{_FAILED} !{_KNOWN}")):
        found = _in_map("map_str", "codes" if name == "code" else "statuses")
        yield f"http-response set-var(txn.errortax_row) {_VENDOR},concat(/,txn.errortax_{name}),{found} if {condition}"
    yield f"http-response set-var(txn.errortax_emitted) {_ROW},{_in_map('map_str', 'emitted')}"


def _json_path(pointer: str) -> str | None:
    """Return a JSON *pointer* as json_query takes it, or None if a name in it would need quotes."""
    tokens = parse_pointer(pointer)
    if not all(map(_MEMBER.fullmatch, tokens)):
        return None
    return "$" + "".join(f"[{token}]" if token.isdecimal() else f".{token}" for token in tokens)


def _when(lookups: Iterable[Lookup]) -> Iterator[str]:
    delay, unset = f"{_ROW},{_in_map('map_str', 'delays')}", "!{ var(txn.errortax_wait) -m found }"
    limit = f"{_ROW},{_in_map('map_str', 'limits')}"
    resets = dict.fromkeys([*(name for lookup in lookups if (name := lookup.rate_limit.get("reset"))), *_RESETS])
    for name, known in (*((name, delay) for name in _DELAYS), *((name, limit) for name in resets)):
        field = f"res.fhdr({name})"
        condition = f"{{ {known} -m found }} {unset} {{ {field} -m reg {_TELLS_WHEN} }}"
        yield f"http-response set-var(txn.errortax_wait) {field} if {condition}"
    yield f"http-response set-var(txn.errortax_wait) {delay} if {unset} !{{ {delay} -m str 0 }}"


def _keep(names: Iterable[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        kept, count = f"txn.errortax_kept{number}", f"res.fhdr_cnt({name})"
        yield f"http-response set-var({kept}) res.fhdr({name}) if {_KNOWN}"  # the last of several
        strictest = STRICTEST.get(name.lower())  # of lists in more pieces than are joined here: each may forbid something
        if strictest is not None:
            both = f'"%[res.fhdr({name},1)], %[res.fhdr({name},2)]"'
            yield f"http-response set-var-fmt({kept}) {both} if {_KNOWN} {{ {count} 2 }}"
            yield f"http-response set-var({kept}) str({strictest}) if {_KNOWN} {{ {count} gt 2 }}"


def _answer(rows: Sequence[Row]) -> Iterator[str]:
    body, constants = _text_of(f"{_ROW},{_in_map('map_str', 'bodies')}"), _constants(rows)
    for status, content_type in sorted({(row.emitted_status, row.content_type) for row in rows}):
        names = _common(rows, status)
        values = (_quoted(constants[name]) if name in constants else _text_of(_looked_up(name)) for name in names)
        fields = "".join(f" hdr {name} {value}" for name, value in zip(names, values, strict=True))
        condition = f"{{ var(txn.errortax_emitted) -m str {status} }}"
        yield f'http-response return status {status} content-type "{content_type}" lf-string {body}{fields} if {condition}'


def _answer_fields(rows: Sequence[Row], kept: Iterable[str]) -> Iterator[str]:
    """Set what not every answer with that status has: HAProxy fails where a field of the answer itself is empty."""
    pairs = [(name, f"var(txn.errortax_kept{number})") for number, name in enumerate(kept)]
    rare = {name for row in rows for name in row.headers if name not in _common(rows, row.emitted_status)}
    pairs += [(name, _looked_up(name)) for name in sorted(rare)]
    for name, value in (*pairs, ("Retry-After", "var(txn.errortax_wait)")):
        yield f"http-after-response set-header {name} {_text_of(value)} if {{ {value} -m found }}"


def _common(rows: Sequence[Row], status: int) -> list[str]:
    """Return the names of the fields that all answers with this *status* have."""
    return sorted(set.intersection(*(set(row.headers) for row in rows if row.emitted_status == status)))


def _constants(rows: Iterable[Row]) -> dict[str, str]:
    """Return the fields that have the same value in all answers, and nothing that would mean something to HAProxy."""
    found = [dict(row.headers) for row in rows]
    shared = set.intersection(*map(set, map(dict.items, found))) if found else set()
    return {name: value for name, value in shared if "%" not in value}


def _varying(rows: Sequence[Row]) -> list[str]:
    return sorted({name for row in rows for name in row.headers} - _constants(rows).keys())


def _looked_up(name: str) -> str:
    return f"{_ROW},{_in_map('map_str', name)}"


def _text_of(expression: str) -> str:
    return f'"%[{expression.replace(chr(34), "")}]"'


def _own_errors(rows: Iterable[Row]) -> Iterator[str]:
    answers = {status: row for row in rows if row.vendor == GENERIC for status in row.statuses}
    for status in _OWN_ERRORS:
        row = answers.get(status)
        if row is not None and row.emitted_status == status:
            yield f'http-error status {status} content-type "{row.content_type}" string {_quoted(_line(row))}'


def _in_map(converter: str, name: str, default: str = "") -> str:
    return f'"{converter}(${{ERRORTAX_DIR}}/{name}.map{default})"'


def _quoted(text: str) -> str:
    """Quote *text* for the configuration, strongly: nothing in it means anything."""
    return "'" + text.replace("'", "'\\''") + "'"
