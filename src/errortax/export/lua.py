"""
A Lua module and its table, for OpenResty, Kong, APISIX, and nginx with its Lua module.

The module is always the same file, which is beside this one; only the table varies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from typing import Any, Final

from errortax.export import answers
from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row, ignored_by

SCRIPT: Final = "errortax.lua"
TABLE: Final = "errortax_table.lua"

LIMITS: Final = (
    *answers.LIMITS,
    (
        "header_filter with body_filter: if the code is in the body, the header fields are sent before the body is read."
        " Therefore only the upstream's status decides the status, `WWW-Authenticate` and `Retry-After`; the status in the body"
        " is the one that was sent. content and kong_response send the right ones, but hold all responses back."
    ),
    "An error whose body is larger than 256 KiB is answered by its status.",
    "header_filter with body_filter: if a body breaks off, the answer breaks off, too.",
    "header_filter with body_filter: the charset of the upstream's Content-Type passes.",
    (
        "content: a request with a method that nginx does not know (such as PURGE, QUERY, REPORT or SEARCH) is not sent to the"
        " upstream; the answer is the one for a 501."
    ),
    "If the upstream does not answer, nginx reports only a 502 or 504, which counts as the vendor's.",
    "nginx before 1.29 mistakes a 103 for the whole answer, and passes the rest unchanged.",
    "An error with a status below 400 passes unchanged, except through content and kong_response with `inspect`.",
)

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str, shadow: bool = False) -> Mapping[str, str]:
    """
    Return the module and the table that it requires. With *shadow*, nothing is changed, and the log says what would be.

    Raise `ValueError` if the format of the answers is not a text.
    """
    table = "\n".join(_literal(answers.answers(rows, lookups, shadow=shadow)))
    return {
        TABLE: f"{heading(command, (*LIMITS, *ignored_by(lookups)), comment='-- ')}\nreturn {table}\n",
        SCRIPT: resources("errortax.export").joinpath(SCRIPT).read_text("utf-8"),
    }


def _literal(value: Any, indent: str = "") -> list[str]:
    """Return the lines of a JSON *value* in Lua."""
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
