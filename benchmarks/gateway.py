"""
What the middlewares add to a response in this process, with no server and no event loop: to a success, and to an error.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from statistics import quantiles
from time import thread_time_ns
from typing import Any, Final

from measuring import Job, Scale, figure, interleave, ratio
from samples import SLUG, compact
from table import Row

from errortax import RawResponse, Translator
from errortax.integrations import asgi, wsgi

VENDOR: Final = "planoauth"
OPTIONS: Final[dict[str, Any]] = {"to": "problem+json", "vendor": VENDOR}

_JSON: Final = 1.8
"""The microseconds that `json.loads` of the slug body takes where the bars were set; a slower machine gets more of them."""

_SUCCESS, _ERROR = 2.0, 20.0  # microseconds more than without, there
_TAIL: Final = 5.0  # times the median
_COMPLAINTS: Final = {450: 3, 5000: 1.5}  # with the bar of each
_CALLS: Final = 100  # in each round, timed one by one
_PERCENTILES: Final = 100
_MEDIAN, _LAST = _PERCENTILES // 2 - 1, _PERCENTILES - 2  # the cuts in `quantiles`

_FIELDS: Final = (("content-type", "application/json"), ("content-length", str(len(SLUG))), ("cache-control", "no-store"))
_ASGI_FIELDS: Final = [(name.encode(), value.encode()) for name, value in _FIELDS]
_STATUSES: Final = {"success": (200, "200 OK"), "error": (401, "401 Unauthorized")}

# A coroutine that never has to wait runs to its end when it is first sent something.
_ASGI_CALL: Final = "try: app({**scope}, receive, send).send(None)\nexcept StopIteration: pass"
_WSGI_CALL: Final = "b''.join(app({**environ}, start_response))"


def gateway_rows(scale: Scale) -> Iterator[Row]:
    """
    Let an app and the same app in a middleware take turns.
    """
    jobs = {"json": Job("loads(body)", {"loads": json.loads, "body": SLUG})}
    for kind, (status, line) in _STATUSES.items():
        bare, old = _asgi(status), _wsgi(line)
        jobs[f"ASGI {kind} without"] = Job(_ASGI_CALL, {"app": bare, **_ASGI})
        jobs[f"ASGI {kind} with"] = Job(_ASGI_CALL, {"app": asgi.Middleware(bare, **OPTIONS), **_ASGI})
        jobs[f"WSGI {kind} without"] = Job(_WSGI_CALL, {"app": old, **_WSGI})
        jobs[f"WSGI {kind} with"] = Job(_WSGI_CALL, {"app": wsgi.Middleware(old, **OPTIONS), **_WSGI})
    times = interleave(jobs, scale)
    for protocol, bars in (("ASGI", {"success": _SUCCESS, "error": _ERROR}), ("WSGI", {})):
        for kind, said in (("success", "a success"), ("error", "an error translated to problem+json")):
            pairs = zip(times[f"{protocol} {kind} with"], times[f"{protocol} {kind} without"], strict=True)
            added = [one - other for one, other in pairs]
            bar = bars.get(kind)
            yield Row(
                f"what the {protocol} middleware adds to {said} / `json.loads` of the slug body",
                ratio(added, times["json"]),
                bar=None if bar is None else round(bar / _JSON, 2),
                note=_note(added, bar),
            )
    yield _tail_row(scale)
    yield from _long_error_rows(scale)


def _long_error_rows(scale: Scale) -> Iterator[Row]:
    """Translate errors with more complaints than anybody reads: a sender must not keep a gateway busy."""
    translate, jobs = Translator(vendor="gopoints").translate, {}
    for count in _COMPLAINTS:
        text = "May be at most 40 characters long, it is 57 characters. Please shorten it."
        messages = {f"customer_address_{number}": [text] for number in range(count)}
        body = compact({"status": "error", "error_code": "request.validation.failed", "messages": messages})
        raw = RawResponse(422, {"Content-Type": "application/json"}, body)
        jobs[f"translate {count}"] = Job("translate(raw, 'gopoints')", {"translate": translate, "raw": raw})
        jobs[f"json {count}"] = Job("loads(body)", {"loads": json.loads, "body": body})
    times = interleave(jobs, scale)
    for count, bar in _COMPLAINTS.items():
        found = ratio(times[f"translate {count}"], times[f"json {count}"])
        yield Row(f"translating an error with {count:,} complaints / `json.loads` of its body", found, bar=bar)


def _note(seconds: list[float], bar: float | None) -> str:
    here = f"{min(seconds) * 1e6:.1f} µs here"
    return f"{here}." if bar is None else f"{here}; the bar is {bar:g} µs on a machine where `json.loads` takes {_JSON:g}."


def _tail_row(scale: Scale) -> Row:
    """Time single calls: the slowest of them are what callers remember."""
    app = asgi.Middleware(_asgi(_STATUSES["error"][0]), **OPTIONS)
    found, medians = [], []
    for _ in range(scale.repetitions):
        cuts = quantiles((_one(app) for _ in range(scale.rounds * _CALLS)), n=_PERCENTILES)
        found.append(cuts[_LAST] / cuts[_MEDIAN])
        medians.append(cuts[_MEDIAN] / 1e3)
    note = (
        f"Processor time, since others wait for the processor, too; p50 is {min(medians):.1f} µs here, the app itself included."
    )
    return Row("ASGI, error translated to problem+json, p99 / p50", figure(found), bar=_TAIL, note=note)


def _one(app: Any) -> int:
    """Return the nanoseconds that one call takes."""
    scope, receive, send = _ASGI["scope"], _ASGI["receive"], _ASGI["send"]
    begin = thread_time_ns()
    try:
        app({**scope}, receive, send).send(None)
    except StopIteration:
        return thread_time_ns() - begin
    raise AssertionError("the app waits")


def _asgi(status: int) -> asgi.App:
    """Return an app whose messages are made before."""
    start = {"type": "http.response.start", "status": status, "headers": _ASGI_FIELDS}
    body = {"type": "http.response.body", "body": SLUG}

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start)
        await send(body)

    return app


def _wsgi(line: str) -> Any:
    fields, body = list(_FIELDS), [SLUG]

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response(line, fields)
        return body

    return app


async def _receive() -> dict[str, Any]:
    return {"type": "http.request"}


async def _send(_message: Any) -> None:
    """Send nothing anywhere."""


_ASGI: Final[dict[str, Any]] = {
    "scope": {
        "type": "http",
        "method": "GET",
        "path": "/v1/session",
        "headers": [(b"host", b"gate.example"), (b"accept", b"*/*"), (b"user-agent", b"bench"), (b"accept-language", b"en")],
    },
    "receive": _receive,
    "send": _send,
}
_WSGI: Final[dict[str, Any]] = {
    "environ": {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/v1/session",
        "HTTP_HOST": "gate.example",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "wsgi.input": io.BytesIO(),
    },
    "start_response": lambda *_: None,
}
