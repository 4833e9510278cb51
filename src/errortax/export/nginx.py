"""
A JSON table, a script for njs, and a piece of configuration for each vendor: nginx 1.22 and later with njs 0.7.8 and later.

The script is the same for everybody, a file beside this one; only the table and the pieces of configuration vary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files as resources
from typing import Final

from errortax.export import answers
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row

SCRIPT: Final = "errortax.js"
TABLE: Final = "errortax.json"

LIMITS: Final = (
    *answers.LIMITS,
    (
        "Where the body has the code, the header fields leave before the body is read: the status, `WWW-Authenticate` and"
        " `Retry-After` are what the upstream's status alone comes to, and njs cannot change that status (r.status leaves the"
        " upstream's status line standing); the member of the body that repeats the status says what was sent."
        " errortax.answer sends the right one, at the price of holding all responses back."
    ),
    "A body of unknown length that turns out to be longer than 256 KiB is judged by its status; one whose length is told passes.",
    "A body that breaks off is not answered: the answer breaks off, too.",
    "Where the body has the code, the upstream's reason phrase and the charset of its Content-Type pass.",
    "An error under a status below 400 passes as it came, except through errortax.answer with $errortax_inspect on.",
    "error_page does not take 499, so that one passes where the status is the code.",
    (
        "Where the status is the code, nginx closes the caller's connection after a 400, 413, 414, 495 to 497, 500 or 501 of the"
        " upstream, and its own connection to the upstream after each error: that is how it takes what error_page names."
    ),
    (
        "Where the status is the code, nginx before 1.23 shows only the first of several fields of one name: that one passes, but"
        " any `Cache-Control` becomes `no-store` and any `Vary` becomes `*`, since the rest may forbid something."
    ),
    "Bodies nested deeper than 32 levels are judged by their status.",
    "An upstream that does not answer is a 502 or 504 of the vendor's, since nginx says no more.",
    "nginx before 1.29 takes a 103 for the whole answer, and passes what follows.",
)

_UNTAKEN: Final = 499  # nginx keeps it for callers that went away


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str) -> Mapping[str, str]:
    """
    Return the table, the script, and for each vendor what to include in a location that proxies to it.

    Raise `ValueError` where the answers are in a format that is no text.
    """
    table = {"$comment": heading(command, LIMITS, comment="").splitlines(), **answers.answers(rows, lookups)}
    return {
        TABLE: json.dumps(table, ensure_ascii=False, indent=1) + "\n",
        SCRIPT: resources("errortax.export").joinpath(SCRIPT).read_text("utf-8"),
        **{f"{lookup.vendor}.conf": heading(command) + "".join(_configuration(lookup, rows)) for lookup in lookups},
    }


def _configuration(lookup: Lookup, rows: Iterable[Row]) -> Iterator[str]:
    yield f"set $errortax_vendor {lookup.vendor};\n"
    yield "proxy_ignore_headers X-Accel-Redirect X-Accel-Charset X-Accel-Limit-Rate;  # not for upstreams to say\n"
    if lookup.pointers:
        yield "# The code is in the body.\n"
        yield f"js_header_filter {_function('headers')};\n"
        yield f"js_body_filter {_function('body')} buffer_type=buffer;\n"
        return
    yield "# The status is the code. Besides, the server needs: location @errortax { js_content errortax.status; }\n"
    yield "proxy_intercept_errors on;\n"
    emitted: dict[int, list[int]] = {}
    for row in rows:
        if row.vendor == lookup.vendor:
            emitted.setdefault(row.emitted_status, []).extend(status for status in row.statuses if status != _UNTAKEN)
    for status, came in sorted(emitted.items()):
        if came:
            yield f"error_page {' '.join(map(str, sorted(came)))} ={status} @errortax;\n"


def _function(name: str) -> str:
    return f"errortax.{name}"
