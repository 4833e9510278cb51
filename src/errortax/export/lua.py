"""
A Lua module and its table, for OpenResty and what is built on it: Kong, APISIX, and nginx with its Lua module.

The module is the same for everybody, a file beside this one; only the table varies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from typing import Any, Final

from errortax.export import answers
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row

SCRIPT: Final = "errortax.lua"
TABLE: Final = "errortax_table.lua"

LIMITS: Final = (
    *answers.LIMITS,
    (
        "header_filter with body_filter: where the body has the code, the header fields leave before the body is read, so the"
        " status, `WWW-Authenticate` and `Retry-After` are what the upstream's status alone comes to; the member of the body that"
        " repeats the status says what was sent. content and kong_response send the right ones, at the price of holding all"
        " responses back."
    ),
    (
        "header_filter with body_filter: a body of unknown length that turns out to be longer than 256 KiB is judged by its"
        " status; one whose length is told passes."
    ),
    "header_filter with body_filter: a body that breaks off is not answered, the answer breaks off, too.",
    "header_filter with body_filter: the charset of the upstream's Content-Type passes.",
    (
        "content: a method for which nginx has no name (such as PURGE, QUERY, REPORT or SEARCH) is not sent to the upstream; the"
        " answer is what the table has for a 501."
    ),
    "An upstream that does not answer is a 502 or 504 of the vendor's, since nginx says no more.",
    "nginx before 1.29 takes a 103 for the whole answer, and passes what follows.",
    "An error under a status below 400 passes as it came, except through content and kong_response with `inspect`.",
)

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str) -> Mapping[str, str]:
    """
    Return the module and the table that it requires.

    Raise `ValueError` where the answers are in a format that is no text.
    """
    table = "\n".join(_literal(answers.answers(rows, lookups)))
    return {
        TABLE: f"{heading(command, LIMITS, comment='-- ')}\nreturn {table}\n",
        SCRIPT: resources("errortax.export").joinpath(SCRIPT).read_text("utf-8"),
    }


def _literal(value: Any, indent: str = "") -> list[str]:
    """Return the lines of a JSON *value* as Lua writes it."""
    if isinstance(value, dict):
        items = [(f"[{_quoted(name)}] = ", item) for name, item in value.items()]
    elif isinstance(value, list):
        items = [("", item) for item in value]
    else:
        return [_quoted(value) if isinstance(value, str) else str(value).lower()]
    if not items:
        return ["{}"]
    lines = ["{"]
    for name, item in items:
        first, *rest = _literal(item, f"{indent} ")
        lines += [f"{indent} {name}{first}", *rest]
        lines[-1] += ","
    return [*lines, f"{indent}}}"]


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'
