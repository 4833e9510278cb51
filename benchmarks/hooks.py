"""
Hooks of HTTP clients: on a success and on an error, against `json.loads` of the slug body; and their import.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from importlib.metadata import version
from inspect import iscoroutinefunction
from statistics import median
from typing import Any, Final

from measuring import Figure, Job, Scale, figure, interleave, ratio
from samples import HEADERS, SLUG
from startup import run
from table import Row

from errortax.exceptions import VendorError
from errortax.testing import fake

CLIENTS: Final = ("httpx", "httpx2", "requests", "aiohttp", "urllib3")
VENDOR: Final = "planoauth"

_MODULES: Final = {"httpx2": "httpx"}  # else the integration is called as the client
_AGAIN: Final = {"aiohttp": "response._released = False"}  # the hook closes it, and it cannot be read twice
_JSON: Final = 1.8
"""The microseconds that `json.loads` of the slug body takes where the bars were set; a slower machine gets more of them."""

_SUCCESS, _ERROR = 2.0, 5.0  # microseconds there
_PARSE_BAR = 1.25  # times `json.loads`, of the slug body
_IMPORT: Final = "errortax.integrations.httpx"
_IMPORTED: Final = f"""
import httpx, errortax
from time import perf_counter
begin = perf_counter()
import {_IMPORT}
print(perf_counter() - begin)
"""


def hook_rows(scale: Scale) -> Iterator[Row]:
    """
    Let the hooks take turns on responses whose bodies are in memory, so that only what errortax does counts.
    """
    jobs = {"json": Job("loads(body)", {"loads": json.loads, "body": SLUG})}
    absent = {}
    with closing(asyncio.new_event_loop()) as loop:
        for client in CLIENTS:
            try:
                jobs[f"success {client}"] = _hook(client, loop, 200)
                jobs[f"error {client}"] = _hook(client, loop, 401)
            except ImportError:
                absent[client] = f"{client} is not installed"
        times = interleave(jobs, scale)
    for client in CLIENTS:
        measure = f"hook of {client}, success / `json.loads` of the slug body"
        values = times.get(f"success {client}")
        found = ratio(values, times["json"]) if values else None
        said = f"the bar is {_SUCCESS:g} µs on a machine where `json.loads` takes {_JSON:g}"
        yield Row(measure, found, bar=round(_SUCCESS / _JSON, 2), note=absent.get(client) or _note(client, values or [], said))
    for client in CLIENTS:
        measure = f"hook of {client}, error / `json.loads` of the slug body"
        values = times.get(f"error {client}")
        found = ratio(values, times["json"]) if values else None
        said = f"the bar is that of `parse` and {_ERROR:g} µs on a machine where `json.loads` takes {_JSON:g}"
        bar = round(_PARSE_BAR + _ERROR / _JSON, 2)
        yield Row(measure, found, bar=bar, note=absent.get(client) or _note(client, values or [], said))
    yield _import_row(scale)


def _hook(client: str, loop: asyncio.AbstractEventLoop, status: int) -> Job:
    """Call the client's hook on its own response object; one that is awaited has nothing to wait for."""
    response = loop.run_until_complete(_response(client, status))
    hook = import_module(f"errortax.integrations.{_MODULES.get(client, client)}").hook(VENDOR)
    call, end = ("hook(response).send(None)", "StopIteration") if iscoroutinefunction(hook) else ("hook(response)", "")
    if status >= 400:
        call, end = f"{_AGAIN.get(client, 'pass')}; {call}", "VendorError"
    statement = f"try: {call}\nexcept {end}: pass" if end else call
    return Job(statement, {"hook": hook, "response": response, "VendorError": VendorError})


async def _response(client: Any, status: int) -> object:
    if client == "urllib3":
        import urllib3

        return urllib3.HTTPResponse(SLUG, HEADERS, status)
    return fake(VENDOR, "session-expired", client=client, status=status, headers=HEADERS, body=SLUG)


def _note(client: str, seconds: list[float], said: str) -> str:
    return f"{min(seconds, default=0.0) * 1e6:.1f} µs here, with {client} {version(client)}; {said}."


def _import_row(scale: Scale) -> Row:
    """Import in as many fresh processes as there is time for; the first writes the bytecode and is not counted."""
    measure = f"milliseconds that `import {_IMPORT}` takes in a process that has httpx and errortax"
    try:
        import_module("httpx")
    except ImportError:
        return Row(measure, None, unit="", bar=15, note="httpx is not installed")
    run(_IMPORTED)
    values = [float(run(_IMPORTED)) * 1000 for _ in range(scale.processes)]
    spread = figure(values)
    return Row(measure, Figure(median(values), spread.low, spread.high), unit="", bar=15)
