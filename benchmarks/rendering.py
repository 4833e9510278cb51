"""
Rendering: against `json.dumps` of what is rendered, and against two libraries that write problem details.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, Final

from measuring import FAST_ENCODER, Job, Scale, interleave, ratio
from samples import PARSED
from table import Row

import errortax

_SAMPLE: Final = "240-byte dotted body"
_READ_BEFORE: Final = "The error is there before; what is timed is from the error to status, header fields and bytes."


def _rfc9457(members: dict[str, Any]) -> Callable[[], object]:
    problem = _problem(members)
    return lambda: json.dumps(problem.marshal()).encode()


def _fastapi_problem(members: dict[str, Any]) -> Callable[[], object]:
    from fastapi_problem.handler import new_exception_handler
    from starlette.requests import Request

    handler, problem = new_exception_handler(), _problem(members)
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    return lambda: handler(request, problem)


def _problem(members: dict[str, Any]) -> Any:
    """Return an exception of the peers' own with the same members."""
    from rfc9457 import Problem

    rest = {name: value for name, value in members.items() if name not in ("type", "title", "status", "detail")}
    return Problem(members["title"], members["type"], members["detail"], members["status"], **rest)


PEERS: Final = {
    "rfc9457": (_rfc9457, "marshals an exception, and json.dumps writes that; no header fields"),
    "fastapi-problem": (_fastapi_problem, "makes a Response of Starlette in its exception handler"),
}


def rendering_rows(scale: Scale) -> Iterator[Row]:
    """
    Render the same error again and again, as problem details.
    """
    vendor, raw = PARSED[_SAMPLE]
    error = errortax.parse(raw, vendor)
    assert error is not None
    assert error.message is not None or error.match  # the details are read before
    members = json.loads(errortax.render(error).body or b"")
    names = {"render": errortax.render, "error": error}
    jobs = {"render": Job("render(error)", names), "json": Job("dumps(members)", {"dumps": json.dumps, "members": members})}
    if FAST_ENCODER:
        jobs["fast"] = Job("render(error)", names, encode=FAST_ENCODER)
    absent = {}
    for name, (prepare, _) in PEERS.items():
        try:
            jobs[name] = Job("job()", {"job": prepare(members)})
        except ImportError:
            absent[name] = f"{name} is not installed"
    times = interleave(jobs, scale)
    yield Row(
        "`render` to problem+json / `json.dumps` of the same members",
        ratio(times["render"], times["json"]),
        bar=2,
        note=_READ_BEFORE,
    )
    if FAST_ENCODER:
        yield Row("`render` to problem+json with `fast` / `json.dumps` of the same members", ratio(times["fast"], times["json"]))
    for name, (_, does) in PEERS.items():
        note = absent.get(name) or f"{name} {version(name)} {does}."
        yield Row(
            f"`render` to problem+json / {name}",
            None if name in absent else ratio(times["render"], times[name]),
            bar=1,
            note=note,
        )
