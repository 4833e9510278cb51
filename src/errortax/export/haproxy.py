"""
Map files and a named ``defaults`` section for HAProxy 2.6 and later: errors get a new status and body.

HAProxy looks up the code in the body (``json_query``, ``map_str``), else the status, and answers with a body that was
rendered here (``http-response return``). A frontend enables it with ``from errortax``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Final

from errortax.export.answers import parts
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row, ignored_by
from errortax.http.fields import FIELDS, STRICTEST, Reader, Role, fields
from errortax.model import Category, parse_pointer
from errortax.registry import GENERIC
from errortax.registry.spelling import spelled

CONFIGURATION: Final = "errortax.cfg"
DIRECTORY: Final = "/etc/haproxy/errortax"
"""The directory of the map files, unless the environment variable ``ERRORTAX_DIR`` names another one."""

PASSED: Final = tuple(
    row.name for row in FIELDS if row.shape is not None and not row.is_family and Reader.HAPROXY not in row.overlooked_by
)
"""The upstream's header fields that an answer keeps, besides the ones with a request id."""

LIMITS: Final = (
    "The code must be in the first tune.bufsize bytes of the body (less tune.maxrewrite); else the status decides.",
    "If a body is compressed, although Accept-Encoding is removed from the request, the status decides.",
    "If a body arrives in one piece with early hints (status 103), the status decides.",
    "For an undocumented code the status decides: codes with the same prefix are not considered, and the code is lost.",
    "Variants are ignored: a code has one answer, whatever else the body contains.",
    "The bodies are fixed: they have no field errors, request ids or preserved members.",
    "Retry-After passes as seconds or as a date in the form of RFC 9110; other forms are ignored.",
    "The reset time of a rate limit is used only for errors about that limit.",
    "Header fields that may pass (CORS, rate limits, Allow, Cache-Control, Vary) pass unchanged: their values are not checked.",
    "Three or more fields called Cache-Control become `no-store`, three or more called Vary become `*`; two are joined.",
    "Of several fields with any other name, only the last passes.",
    "The language is the one of the export; Accept-Language is ignored.",
    "An error with a status below 400 passes unchanged.",
)

BODY_TIME: Final = "5s"
"""The longest wait for the body of an error, unless the environment variable ``ERRORTAX_BODY_TIME`` names another time."""

_PATIENCE: Final = "1h"
"""The wait in shadow mode, in which HAProxy must not answer by itself: ``timeout server`` ends before."""

_FAILED: Final = "{ status ge 400 }"
_VENDOR: Final = "var(txn.errortax_vendor)"
_ROW: Final = "var(txn.errortax_row)"
_LATE: Final = "var(txn.errortax_late)"
_KNOWN: Final = f"{{ {_ROW} -m found }}"
_DOCUMENTED: Final = "{ var(txn.errortax_documented) -m found }"  # the row of a code in the body
_OWN_ERRORS: Final = (400, 401, 403, 404, 405, 407, 408, 410, 413, 422, 425, 429, 500, 501, 502, 503)
"""The errors for which HAProxy has a page of its own, besides 504: it found them itself, or a rule of the operator denies."""

_TIMEOUT: Final = 504
"""The status of HAProxy's answer if a server takes too long, be it with the head of a response or with its body."""
_DELAY: Final = r"^([0-9]{1,9}|[A-Z][a-z]{2},\ [0-9]{2}\ [A-Z][a-z]{2}\ [0-9]{4}\ [0-9:]{8}\ GMT)$"  # longer: Unix time
_DELAYS: Final = tuple(row.name for row in fields(Role.DELAY, reader=Reader.HAPROXY))
_RESETS: Final = tuple(row.name for row in fields(Role.RESET, reader=Reader.HAPROXY))
_MAX_ANSWER: Final = 12_000  # bytes: it must fit into a buffer of the default size, with the header fields
_MEMBER: Final = re.compile(r"[\w-]+", re.ASCII)


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str, shadow: bool = False) -> Mapping[str, str]:
    """
    Return the map files, and the configuration that uses them.

    With *shadow*, the configuration answers nothing: a log can show the variables ``txn.errortax_row`` and
    ``txn.errortax_emitted``.

    Raise `ValueError` if a map file cannot contain the answers of the format.
    """
    maps = _maps([row for row in rows if _is_key(row.key)], lookups)
    sections = "\n".join(_configuration(rows, lookups, shadow=shadow))
    return {
        CONFIGURATION: f"{heading(command, (*LIMITS, *ignored_by(lookups)))}\n{sections}\n",
        **{name: heading(command) + "".join(f"{key} {value}\n" for key, value in pairs) for name, pairs in maps.items()},
    }


def _maps(rows: Sequence[Row], lookups: Sequence[Lookup]) -> dict[str, list[tuple[str, str]]]:
    alike = {lookup.vendor: lookup.alike for lookup in lookups}
    others = {lookup.vendor: lookup.spellings for lookup in lookups}
    in_body = {lookup.vendor for lookup in lookups if lookup.pointers}
    hosts = [(host, lookup.vendor) for lookup in lookups for host in lookup.hosts]
    wildcards = [(host.removeprefix("*"), vendor) for host, vendor in hosts if host.startswith("*")]
    codes: list[tuple[str, str]] = []
    statuses: list[tuple[str, str]] = []
    for row in rows:
        if row.code is not None and row.vendor in in_body:
            spellings = [row.code, *(other for other, code in others[row.vendor].items() if code == row.code)]
            codes += ((f"{row.vendor}/{spelled(code, alike[row.vendor])}", row.key) for code in spellings)
        else:
            statuses += ((f"{row.vendor}/{status}", row.key) for status in row.statuses)
    return {
        "hosts.map": [(host, vendor) for host, vendor in hosts if not host.startswith("*")],
        "wildcards.map": sorted(wildcards, key=lambda pair: -len(pair[0])),  # the first match counts
        "codes.map": codes,
        "statuses.map": statuses,
        "emitted.map": [(row.key, str(row.emitted_status)) for row in rows],
        "bodies.map": [(row.key, _line(row)) for row in rows],
        "delays.map": [(row.key, str(ceil(row.retry_after or 0))) for row in rows if row.retryable],
        "limits.map": [(row.key, "1") for row in rows if row.category is Category.RATE_LIMITED],
        **{f"{name}.map": [(row.key, row.headers[name]) for row in rows if name in row.headers] for name in _varying(rows)},
    }


def _is_key(text: str) -> bool:
    """Return whether *text* can be a key in a map file; a key ends at the first blank."""
    return text.isprintable() and " " not in text


def _line(row: Row) -> str:
    """Return the answer on one line; in JSON and XML a blank can replace a line break."""
    try:
        text = row.body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text or "\0" in text or len(row.body) > _MAX_ANSWER:
        raise ValueError(
            f"{row.content_type}: the answer for {row.key!r} is not a short text; choose another format, such as problem+json"
        )
    return _on_one_line(text)


def _on_one_line(text: str) -> str:
    return " ".join(text.split("\n")).strip()


def _configuration(rows: Sequence[Row], lookups: Sequence[Lookup], *, shadow: bool) -> Iterator[str]:
    yield "global"
    yield f"    presetenv ERRORTAX_DIR {DIRECTORY}"
    yield f"    presetenv ERRORTAX_BODY_TIME {BODY_TIME}"
    yield ""
    yield "# Use it in a frontend: `frontend NAME from errortax`"
    yield "defaults errortax"
    yield "    mode http"
    kept = [*PASSED, *dict.fromkeys(name for lookup in lookups for name in lookup.request_id_headers)]
    deciding = {
        "The vendor, from the host; a rule of yours may set txn.errortax_vendor to another name": _vendor_rules(lookups),
        "The row, from the status": _status_rules(),
        "The header fields of the upstream that pass": () if shadow else _field_rules(kept),
        "The body": _body_rules(lookups, _PATIENCE if shadow else '"${ERRORTAX_BODY_TIME}"'),
        "The row, from the code in the body": _code_rules(lookups),
    }
    answering = {
        "The value of Retry-After": _delay_rules(lookups),
        "The answer": _answer(rows),
        "The header fields of the answer": _answer_fields(rows, kept),
        "The answer if the body does not arrive in time: the row from the status": _late_answer(rows),
        "The errors of HAProxy itself, and of rules that deny": _own_errors(rows),
    }
    for comment, lines in {**deciding, **({} if shadow else answering)}.items():
        yield ""
        yield f"    # {comment}"
        yield from (f"    {line}" for line in lines)


def _vendor_rules(lookups: Iterable[Lookup]) -> Iterator[str]:
    known = {lookup.vendor for lookup in lookups}
    hosts, wildcards = _in_map("map_str", "hosts"), _in_map("map_end", "wildcards", f",{GENERIC}" if GENERIC in known else "")
    host, vendor = "txn.errortax_host", "txn.errortax_vendor"
    yield "http-request del-header Accept-Encoding"
    yield f"http-request set-var({host}) req.hdr(host),host_only,rtrim(.)"
    yield f"http-request set-var({vendor}) var({host}),{hosts}"
    yield f"http-request set-var({vendor}) var({host}),{wildcards} if !{{ {_VENDOR} -m found }}"


def _status_rules() -> Iterator[str]:
    yield "http-response set-var(txn.errortax_status) status"
    yield f"http-response set-var(txn.errortax_row) {_row_of('status')} if {_FAILED}"


def _body_rules(lookups: Iterable[Lookup], time: str) -> Iterator[str]:
    """Yield the rules that wait for a body with a code. All header fields have to be noted by then: a late answer has none."""
    in_body = " ".join(lookup.vendor for lookup in lookups if lookup.pointers)
    if in_body:
        condition = f"{_FAILED} {{ {_VENDOR} -m str {in_body} }}"
        yield f"http-response set-var(txn.errortax_late) {_ROW} if {_KNOWN}"
        yield f"http-response wait-for-body time {time} at-least 256k if {condition}"
    yield "http-response unset-var(txn.errortax_late)"


def _code_rules(lookups: Iterable[Lookup]) -> Iterator[str]:
    """Yield the rules that look for the first documented code in the body; it counts more than the status."""
    for lookup in lookups:
        alike = ",regsub(_,-,g)" if lookup.alike else ""
        condition = f"{_FAILED} {{ {_VENDOR} -m str {lookup.vendor} }} !{_DOCUMENTED}"
        for path in filter(None, map(_json_path, lookup.pointers)):
            yield f"http-response set-var(txn.errortax_code) res.body,json_query('{path}'){alike} if {condition}"
            yield f"http-response set-var(txn.errortax_documented) {_row_of('code')} if {condition}"
    yield f"http-response set-var(txn.errortax_row) var(txn.errortax_documented) if {_DOCUMENTED}"
    yield f"http-response set-var(txn.errortax_emitted) {_ROW},{_in_map('map_str', 'emitted')}"


def _row_of(name: str) -> str:
    """Return the expression for the row under the vendor's ``code`` or ``status``."""
    return f"{_VENDOR},concat(/,txn.errortax_{name}),{_in_map('map_str', 'codes' if name == 'code' else 'statuses')}"


def _json_path(pointer: str) -> str | None:
    """Return a JSON *pointer* as a path for json_query, or None if a name in it would need quotes."""
    tokens = parse_pointer(pointer)
    if not all(map(_MEMBER.fullmatch, tokens)):
        return None
    return "$" + "".join(f"[{token}]" if token.isdecimal() else f".{token}" for token in tokens)


def _delay_rules(lookups: Iterable[Lookup]) -> Iterator[str]:
    delay, unset = f"{_ROW},{_in_map('map_str', 'delays')}", "!{ var(txn.errortax_wait) -m found }"
    limit = f"{_ROW},{_in_map('map_str', 'limits')}"
    resets = dict.fromkeys([*(name for lookup in lookups for name in lookup.reset_headers), *_RESETS])
    for name, known in (*((name, delay) for name in _DELAYS), *((name, limit) for name in resets)):
        field = f"res.fhdr({name})"
        condition = f"{{ {known} -m found }} {unset} {{ {field} -m reg {_DELAY} }}"
        yield f"http-response set-var(txn.errortax_wait) {field} if {condition}"
    yield f"http-response set-var(txn.errortax_wait) {delay} if {unset} !{{ {delay} -m str 0 }}"


def _field_rules(names: Iterable[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        kept, count = f"txn.errortax_kept{number}", f"res.fhdr_cnt({name})"
        yield f"http-response set-var({kept}) res.fhdr({name}) if {_KNOWN}"  # the last field of several
        strictest = STRICTEST.get(name.lower())  # instead of a list in three or more fields: each may forbid something
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
    """Set the fields that some answers with a status lack: HAProxy fails if a field in its ``return`` rule is empty."""
    pairs = [(name, f"var(txn.errortax_kept{number})") for number, name in enumerate(kept)]
    rare = {name for row in rows for name in row.headers if name not in _common(rows, row.emitted_status)}
    pairs += [(name, _looked_up(name)) for name in sorted(rare)]
    for name, value in (*pairs, ("Retry-After", "var(txn.errortax_wait)")):
        yield f"http-after-response set-header {name} {_text_of(value)} if {{ {value} -m found }}"


def _common(rows: Sequence[Row], status: int) -> list[str]:
    """Return the names of the fields that all answers with this *status* have."""
    return sorted(set.intersection(*(set(row.headers) for row in rows if row.emitted_status == status)))


def _constants(rows: Iterable[Row]) -> dict[str, str]:
    """Return the fields with the same value in all answers, except values that HAProxy would interpret."""
    found = [dict(row.headers) for row in rows]
    shared = set.intersection(*map(set, map(dict.items, found))) if found else set()
    return {name: value for name, value in shared if "%" not in value}


def _varying(rows: Sequence[Row]) -> list[str]:
    return sorted({name for row in rows for name in row.headers} - _constants(rows).keys())


def _looked_up(name: str) -> str:
    return f"{_ROW},{_in_map('map_str', name)}"


def _text_of(expression: str) -> str:
    return f'"%[{expression.replace(chr(34), "")}]"'


def _late_answer(rows: Sequence[Row]) -> Iterator[str]:
    """
    Answer by the status if HAProxy reports a time-out while it waits for a body, and as for a time-out otherwise.

    HAProxy answers 504 in both cases, but a refusal is still a refusal if its body is late.
    """
    timeout = _own_row(rows, _TIMEOUT) or next((row for row in rows if _TIMEOUT in row.statuses), None)
    if timeout is None:  # rows of single codes
        return
    constants = "".join(f" hdr {name} {_quoted(value)}" for name, value in sorted(_constants(rows).items()))
    body = _text_of(f"{_LATE},{_in_map('map_str', 'bodies')}")
    yield f"http-request set-var(txn.errortax_late) str({timeout.key})"
    yield f'http-error status {_TIMEOUT} content-type "{timeout.content_type}" lf-string {body}{constants}'
    emitted = f"{_LATE},{_in_map('map_str', 'emitted')}"
    for name in _varying(rows):
        value = f"{_LATE},{_in_map('map_str', name)}"
        condition = f"{{ status {_TIMEOUT} }} {{ {value} -m found }}"
        yield f"http-after-response set-header {name} {_text_of(value)} if {condition}"
    for status in sorted({row.emitted_status for row in rows} - {_TIMEOUT}):
        yield f"http-after-response set-status {status} if {{ status {_TIMEOUT} }} {{ {emitted} -m str {status} }}"


def _own_errors(rows: Sequence[Row]) -> Iterator[str]:
    for status in _OWN_ERRORS:
        row = _own_row(rows, status)
        if row is not None:
            text = str(status).join(parts(row))
            yield f'http-error status {status} content-type "{row.content_type}" string {_quoted(_on_one_line(text))}'


def _own_row(rows: Iterable[Row], status: int) -> Row | None:
    """Return the row of plain HTTP for a *status*, or None."""
    return next((row for row in rows if row.vendor == GENERIC and status in row.statuses), None)


def _in_map(converter: str, name: str, default: str = "") -> str:
    return f'"{converter}(${{ERRORTAX_DIR}}/{name}.map{default})"'


def _quoted(text: str) -> str:
    """Quote *text* for the configuration with strong quotes, so that HAProxy interprets nothing in it."""
    return "'" + text.replace("'", "'\\''") + "'"
