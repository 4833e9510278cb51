"""
A JSON table, a script for njs, and a piece of configuration for each vendor: nginx 1.22 and later with njs 0.7.8 and later.

The script is always the same file, which is beside this one; only the table and the pieces of configuration vary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files as resources
from typing import Final

from errortax.export import answers
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row, ignored_by

SCRIPT: Final = "errortax.js"
TABLE: Final = "errortax.json"
LOCATIONS: Final = "locations.conf"

LIMITS: Final = (
    *answers.LIMITS,
    (
        "If the code is in the body, the header fields are sent before the body is read. Therefore only the upstream's status"
        " decides the status, `WWW-Authenticate` and `Retry-After`. njs cannot change that status (r.status does not change the"
        " status line); the status in the body is the one that was sent. errortax.answer sends the right one, but holds all"
        " responses back."
    ),
    "An error whose body is larger than 256 KiB is answered by its status.",
    "If a body breaks off, the answer breaks off, too.",
    "If the code is in the body, the upstream's reason phrase and the charset of its Content-Type pass.",
    "An error with a status below 400 passes unchanged, except through errortax.answer with $errortax_inspect on.",
    "error_page does not accept 499, so a 499 passes unchanged if the status is the code.",
    (
        "If the status is the code, nginx closes the caller's connection after a 400, 413, 414, 495 to 497, 500 or 501 of the"
        " upstream, and its own connection to the upstream after each error. This is how nginx handles error_page."
    ),
    (
        "If the status is the code, nginx before 1.23 shows only the first of several fields with one name: that one passes, but"
        " any `Cache-Control` becomes `no-store` and any `Vary` becomes `*`, since the others may forbid something."
    ),
    "A body nested deeper than 32 levels is answered by its status.",
    "If the upstream does not answer, nginx reports only a 502 or 504, which counts as the vendor's.",
    "nginx before 1.29 mistakes a 103 for the whole answer, and passes the rest unchanged.",
)

_OWN: Final = (400, 401, 403, 404, 405, 408, 413, 414, 416, 429)
"""Statuses with which nginx itself refuses a request; each has a location of its own, which knows the status."""

_RESERVED: Final = 499  # nginx uses it for callers that closed the connection


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str, shadow: bool = False) -> Mapping[str, str]:
    """
    Return the table, the script, and for each vendor a piece of configuration to include in its location.

    With *shadow*, nothing is changed, and the log says what would be.

    Raise `ValueError` if the format of the answers is not a text.
    """
    table = {
        "$comment": heading(command, (*LIMITS, *ignored_by(lookups)), comment="").splitlines(),
        **answers.answers(rows, lookups, shadow=shadow),
    }
    return {
        TABLE: json.dumps(table, ensure_ascii=False, indent=1) + "\n",
        SCRIPT: resources("errortax.export").joinpath(SCRIPT).read_text("utf-8"),
        LOCATIONS: heading(command) + "".join(_locations()),
        **{
            f"{lookup.vendor}.conf": heading(command) + "".join(_configuration(lookup, rows, shadow=shadow)) for lookup in lookups
        },
    }


def _configuration(lookup: Lookup, rows: Iterable[Row], *, shadow: bool) -> Iterator[str]:
    yield f"set $errortax_vendor {lookup.vendor};\n"
    yield "proxy_ignore_headers X-Accel-Redirect X-Accel-Charset X-Accel-Limit-Rate;  # upstreams must not control nginx\n"
    if lookup.pointers or shadow:
        yield "# The code is in the body.\n" if lookup.pointers else "# The status is the code.\n"
        yield f"js_header_filter {_function('headers')};\n"
        yield f"js_body_filter {_function('body')} buffer_type=buffer;\n"
        return
    yield f"# The status is the code. The server has to include {LOCATIONS}, too.\n"
    yield "proxy_intercept_errors on;\n"
    emitted: dict[int, list[int]] = {}
    for row in rows:
        if row.vendor == lookup.vendor:
            emitted.setdefault(row.emitted_status, []).extend(status for status in row.statuses if status != _RESERVED)
    for status, came in sorted(emitted.items()):
        own = sorted(each for each in came if each in _OWN and each != status)
        yield from (f"error_page {each} = @errortax_{each};\n" for each in own)
        if others := sorted(set(came).difference(own)):
            yield f"error_page {' '.join(map(str, others))} ={status} @errortax;\n"


def _locations() -> Iterator[str]:
    yield "location @errortax { js_content errortax.status; }\n"
    for status in _OWN:
        yield f"location @errortax_{status} {{ set $errortax_status {status}; js_content errortax.status; }}\n"


def _function(name: str) -> str:
    return f"errortax.{name}"
