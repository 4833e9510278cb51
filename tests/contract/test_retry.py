"""
The retry contract: a vendor's request is repeated when its documentation allows it, and only then. Run with ``-s`` to see
the tables.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import stamina
import tenacity
import urllib3
from attrs import field, frozen

import errortax
from contract.rules import RULES, Exchange
from contract.server import Server, examples
from errortax import RawResponse, Registry
from errortax.exceptions import VendorError
from errortax.integrations import stamina as for_stamina
from errortax.integrations import tenacity as for_tenacity
from errortax.integrations import urllib3 as for_urllib3
from errortax.integrations.httpx import hook
from errortax.model import MAX_DELAY
from errortax.testing import serve

SCHEMAS = Path(__file__).parents[2] / "schemas"
VENDORS = ("authrocket", "gopoints", "planoauth", "youforce")
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
REQUESTS: dict[str, tuple[str, dict[str, str]]] = {"GET": ("GET", {}), "POST": ("POST", {}), "POST+key": ("POST", KEY)}
ALLOWED = {
    "never": (),
    "after_action": (),
    "reconcile": (),
    "poll": (),
    "after_delay": ("GET", "POST", "POST+key"),
    "backoff": ("GET", "POST+key"),
}
"""What docs/explanation promises, written down once more: which requests are repeated by themselves."""


@frozen
class Case:
    """A documented error: the example of it that the server sends, and the entry of the vendor's file."""

    vendor: str
    code: str
    number: int
    retryability: str
    min_delay: float
    asked: float | None
    raw: RawResponse

    def repeats(self, request: str) -> bool:
        """Return whether the data demand a repetition of the *request*."""
        return request in ALLOWED[self.retryability]


@cache
def cases() -> tuple[Case, ...]:
    """Return one case for each entry with a category, read from the data alone."""
    defaults = json.loads((SCHEMAS / "taxonomy.json").read_text(encoding="utf-8"))["categories"]
    return tuple(
        _case(vendor, entry, defaults)
        for vendor in VENDORS
        for entry in json.loads((SCHEMAS / "vendors" / f"{vendor}.json").read_text(encoding="utf-8"))["entries"]
        if "category" in entry
    )


def _case(vendor: str, entry: dict[str, Any], defaults: dict[str, Any]) -> Case:
    retryability = entry.get("retryability", defaults[entry["category"]]["retryability"])
    for example in errortax.default_registry().examples(vendor):
        expected, raw = example.expect, example.raw
        if example.code == entry["code"] and expected.get("level") in ("code", "variant") and raw in examples(vendor):
            assert retryability == expected["retryability"]
            asked = expected.get("retry_after")
            return Case(vendor, entry["code"], examples(vendor).index(raw), retryability, entry.get("min_delay", 0), asked, raw)
    raise AssertionError(f"{vendor} {entry['code']}: no server can send an example of it")


@frozen(kw_only=True)
class Call:
    """A request for a loop to send, as often as it likes."""

    url: str
    vendor: str
    method: str = "GET"
    headers: Mapping[str, str] = field(factory=dict)
    max_wait: float | None = None
    registry: Registry | None = None


def _sending(call: Call) -> Callable[[], httpx.Response]:
    """Return a function that sends the *call* with httpx and raises for an error."""
    hooks = {"response": [hook(call.vendor, registry=call.registry)]}

    def send() -> httpx.Response:
        with httpx.Client(event_hooks=hooks, verify=False) as client:  # noqa: S501  # no TLS here, and certificates load slowly
            return client.request(call.method, call.url, headers=dict(call.headers))

    return send


def with_stamina(call: Call) -> None:
    """Let stamina loop."""
    repeatable = for_stamina.repeatable(max_wait=call.max_wait)
    stamina.retry(on=repeatable, attempts=3, wait_initial=0.5, wait_jitter=0.5)(_sending(call))()


def with_tenacity(call: Call) -> None:
    """Let tenacity loop."""
    stop = tenacity.stop_after_attempt(3)
    retry, wait = for_tenacity.repeatable(max_wait=call.max_wait), for_tenacity.wait_for_server(max_wait=call.max_wait)
    tenacity.Retrying(retry=retry, wait=wait, stop=stop, reraise=True)(_sending(call))


def with_urllib3(call: Call) -> None:
    """Let urllib3 loop inside its pool."""
    has_key = "Idempotency-Key" in call.headers
    retry = for_urllib3.Retry(call.vendor, registry=call.registry, idempotency_key=has_key, max_wait=call.max_wait)
    with urllib3.PoolManager(retries=retry) as pool:
        pool.request(call.method, call.url, headers=call.headers)


LOOPS: dict[str, Callable[[Call], None]] = {"stamina": with_stamina, "tenacity": with_tenacity, "urllib3": with_urllib3}
LONGEST_OWN = 1.0
"""What each of these loops waits at most before its first repetition if nobody tells it how long."""

PASSED = {"urllib3": 0.5}
"""The seconds that may pass between decision and wait, where a loop takes them off the wait."""


def waits_as_asked(loop: str, wait: float, asked: float | None, least: float = 0.0) -> bool:
    """Return whether the *loop* waited as long as the server *asked*, or otherwise its own backoff, but not below the *least*."""
    shortest, longest = (least, max(least, LONGEST_OWN)) if asked is None else (asked, asked)
    return max(0.0, shortest - PASSED.get(loop, 0.0)) <= wait <= longest


@frozen
class Run:
    """The result of a case: how often the server was asked, and how long the loop waited in between."""

    case: Case
    request: str
    requests: int
    waits: tuple[float, ...]


class Runs:
    """Run the cases through the loops, each loop on first use."""

    def __init__(self, server: Server, waits: list[float]) -> None:
        self._server, self._waits = server, waits
        self._of: dict[str, list[Run]] = {}

    def of(self, loop: str) -> list[Run]:
        """Return the results of every case with the *loop*."""
        if loop not in self._of:
            self._of[loop] = [self._run(loop, case, request) for case in cases() for request in REQUESTS]
        return self._of[loop]

    def _run(self, loop: str, case: Case, request: str) -> Run:
        self._waits.clear()
        name = f"{loop} {request} {case.vendor} {case.number}"
        method, headers = REQUESTS[request]
        url = self._server.url(f"/example/{case.vendor}/{case.number}?id={quote(name)}&fails=1")
        with suppress(VendorError):
            LOOPS[loop](Call(url=url, vendor=case.vendor, method=method, headers=headers))
        return Run(case, request, self._server.requests[name], tuple(self._waits))


@pytest.fixture(scope="module")
def waits() -> Iterator[list[float]]:
    """Write down how long a loop sleeps, and do not sleep."""
    waits: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", waits.append)
        yield waits


@pytest.fixture(scope="module", autouse=True)
def silence() -> Iterator[None]:
    """Keep stamina's log lines out of the tables."""
    before = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(before)


@pytest.fixture(scope="module")
def runs(server: Server, waits: list[float]) -> Runs:
    """Run each loop no more than once."""
    return Runs(server, waits)


def test_all_documented_errors() -> None:
    """
    All 76 documented errors are put to the test, and no loop is right by always or never repeating.
    """
    assert 76 == len(cases())
    assert {"never": 24, "after_action": 42, "backoff": 8, "after_delay": 1, "reconcile": 1} == Counter(
        case.retryability for case in cases()
    )


@pytest.mark.parametrize("loop", LOOPS)
def test_repetitions(loop: str, runs: Runs) -> None:
    """
    No request is repeated wrongly, and none is given up that should be repeated: the server has counted.
    """
    expected = {(run.case, run.request): 2 if run.case.repeats(run.request) else 1 for run in runs.of(loop)}
    assert 3 * len(cases()) == len(expected)
    assert expected == {(run.case, run.request): run.requests for run in runs.of(loop)}


@pytest.mark.parametrize("loop", LOOPS)
def test_waits(loop: str, runs: Runs) -> None:
    """
    A loop waits exactly once for each repetition: as long as the server asks, or else no less than the document asks for.
    """
    for run in runs.of(loop):
        assert run.requests - 1 == len(run.waits)
        for wait in run.waits:
            assert waits_as_asked(loop, wait, run.case.asked, run.case.min_delay), run
    assert 19 == sum(len(run.waits) for run in runs.of(loop))


def mistakes(repeated: Mapping[tuple[Case, str], bool]) -> tuple[dict[str, int], dict[str, int]]:
    """Count the wrong repeats and the wrong give-ups for each kind of request."""
    wrong = [(request, did) for (case, request), did in repeated.items() if did != case.repeats(request)]
    return (
        {request: wrong.count((request, True)) for request in REQUESTS},
        {request: wrong.count((request, False)) for request in REQUESTS},
    )


def test_table(runs: Runs) -> None:
    """
    Each rule that looks at statuses alone is wrong about some of the documented errors; ours about none of them.
    """
    decisions = {
        **{f"errortax with {loop}": {(run.case, run.request): run.requests > 1 for run in runs.of(loop)} for loop in LOOPS},
        **{
            name: {(case, request): rule(Exchange(REQUESTS[request][0], case.raw)) for case in cases() for request in REQUESTS}
            for name, rule in RULES.items()
        },
    }
    counted = {name: mistakes(repeated) for name, repeated in decisions.items()}
    print(table(counted))  # noqa: T201  # for people
    for name, (repeats, give_ups) in counted.items():
        assert (name in RULES) is (sum(repeats.values()) + sum(give_ups.values()) > 0)


def table(counted: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]) -> str:
    """Return the mistakes of each rule as a table for the terminal."""
    width = max(map(len, counted))
    columns = [*REQUESTS, "all"]
    group = " ".join(f"{name:>8}" for name in columns)
    lines = [
        f"{len(cases())} documented errors, {len(REQUESTS)} requests each",
        f"{'':{width}}  {'wrong repeats':^{len(group)}}  {'wrong give-ups':^{len(group)}}",
        f"{'':{width}}  {group}  {group}",
    ]
    for name, kinds in counted.items():
        cells = ("".join(f"{count:>9}" for count in (*kind.values(), sum(kind.values()))) for kind in kinds)
        lines.append(f"{name:{width}} {' '.join(cells)}")
    return "\n" + "\n".join(lines)


DATE = {"Date": "Tue, 01 Jan 2030 12:00:00 GMT"}
IN_A_MINUTE = {
    "IMF-fixdate": "Tue, 01 Jan 2030 12:01:00 GMT",
    "RFC 850": "Tuesday, 01-Jan-30 12:01:00 GMT",
    "asctime": "Tue Jan  1 12:01:00 2030",
}
MALFORMED = (
    "",
    "soon",
    "-1",
    "-0",
    "+5",
    "1e3",
    "0x10",
    "nan",
    "inf",
    "Infinity",
    "-10s",
    "1,5",
    "9" * 5000,
    "Tue, 32 Jan 2030 12:00:00 GMT",
)
HINTS: dict[str, tuple[dict[str, str], float | None]] = {
    "none": ({}, None),
    "seconds": ({"Retry-After": "7"}, 7.0),
    "no seconds": ({"Retry-After": "0"}, 0.0),
    "decimals": ({"Retry-After": "1.5"}, 1.5),
    "blanks": ({"Retry-After": "  30\t"}, 30.0),
    "huge": ({"Retry-After": "9" * 17}, MAX_DELAY),
    "far away": ({"Retry-After": "Thu, 01 Jan 2060 12:00:00 GMT"} | DATE, MAX_DELAY),
    "gone by": ({"Retry-After": "Tue, 01 Jan 2030 11:00:00 GMT"} | DATE, 0.0),
    **{name: ({"Retry-After": date} | DATE, 60.0) for name, date in IN_A_MINUTE.items()},
    **{f"malformed {text[:30]!r}": ({"Retry-After": text}, None) for text in MALFORMED},
    "RateLimit": ({"RateLimit": '"default";r=0;t=30'}, 30.0),
    "RateLimit, malformed": ({"RateLimit": '"default";r=0;t=-30'}, None),
    "RateLimit-Reset": ({"RateLimit-Limit": "600", "RateLimit-Remaining": "0", "RateLimit-Reset": "45"}, 45.0),
    "RateLimit-Reset, moment": ({"RateLimit-Reset": "1893499290"} | DATE, 90.0),
    "RateLimit-Reset, milliseconds": ({"RateLimit-Reset": "1893499290500"} | DATE, 90.5),
    **{f"RateLimit-Reset, {name}": ({"RateLimit-Reset": date} | DATE, 60.0) for name, date in IN_A_MINUTE.items()},
    "RateLimit-Reset, ISO 8601": ({"RateLimit-Reset": "2030-01-01T12:01:30Z"} | DATE, 90.0),
    "RateLimit-Reset, malformed": ({"RateLimit-Reset": "later"}, None),
    "X-RateLimit-Reset": ({"X-RateLimit-Reset": "15"}, 15.0),
    "X-RateLimit-Reset, moment": ({"X-RateLimit-Reset": "1893499290"} | DATE, 90.0),
    "X-Rate-Limit-Reset": ({"X-Rate-Limit-Reset": "15"}, 15.0),
    "X-RateLimit-Reset, negative": ({"X-RateLimit-Reset": "-15"}, None),
    "two that differ": ({"Retry-After": "3", "RateLimit-Reset": "900"}, 3.0),
    "a malformed one and another": ({"Retry-After": "soon", "X-RateLimit-Reset": "900"}, 900.0),
}
TOLD = {
    "seconds": ({"retry": {"in": 4.5}}, 4.5),
    "text": ({"retry": {"in": "12"}}, 12.0),
    "moment": ({"retry": {"at": 1893499290}}, 90.0),
    "date": ({"retry": {"at": "2030-01-01T12:01:30Z"}}, 90.0),
    "several": ({"retry": {"in": None, "at": "2030-01-01T12:00:05Z"}}, 5.0),
    "negative": ({"retry": {"in": -4}}, None),
    "huge": ({"retry": {"in": 10**17}}, MAX_DELAY),
    "duration": ({"retry": {"in": "27s"}}, 27.0),
    "true": ({"retry": {"in": True}}, None),
    "list": ({"retry": {"in": [4]}}, None),
    "missing": ({"retry": {}}, None),
}
TOLLGATE = {
    "format": "1.0",
    "vendor": "tollgate",
    "title": "Tollgate",
    "description": "Says in the body when to come back.",
    "scheme": "http_status",
    "documents": [{"id": "errors", "title": "Errors", "url": "https://tollgate.example/errors", "retrieved": "2026-11-21"}],
    "hosts": ["api.tollgate.example"],
    "envelopes": [
        {
            "name": "retry",
            "description": "When to come back.",
            "recognise": {"at": "/retry", "type": "object"},
            "outcome": "error",
            "retry_after": ["/retry/in", "/retry/at"],
            "schema": {"type": "object"},
            "source": {"document": "errors", "section": "Errors"},
            "basis": "documented",
        }
    ],
    "entries": [],
}


def looped(loop: str, waits: list[float], raw: RawResponse, **call: Any) -> int:
    """Return how many requests a server got that answers once with the response, then with a success."""
    waits.clear()
    with serve(raw, RawResponse(200)) as server:
        with suppress(VendorError):
            LOOPS[loop](Call(url=server.url, method="POST", **call))
        return len(server.requests)


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("loop", LOOPS)
def test_hints_in_headers(loop: str, hint: str, waits: list[float]) -> None:
    """
    Each form of a delay in the headers is waited exactly; a malformed one does not count, and the loop waits its own
    backoff.
    """
    headers, seconds = HINTS[hint]
    assert 2 == looped(loop, waits, RawResponse(429, headers), vendor="http")
    [wait] = waits
    assert waits_as_asked(loop, wait, seconds)


@pytest.mark.parametrize("loop", LOOPS)
def test_hints_in_a_body(loop: str, waits: list[float], tmp_path: Path) -> None:
    """
    A delay in the body is waited exactly if the vendor's file names its member; for a malformed one the loop waits its
    own backoff.
    """
    path = tmp_path / "tollgate.json"
    path.write_text(json.dumps(TOLLGATE), encoding="utf-8")
    registry = errortax.load_registry(path)
    for body, seconds in TOLD.values():
        raw = RawResponse(429, {"Content-Type": "application/json"} | DATE, json.dumps(body))
        assert 2 == looped(loop, waits, raw, vendor="tollgate", registry=registry)
        [wait] = waits
        assert waits_as_asked(loop, wait, seconds)


@pytest.mark.parametrize("loop", LOOPS)
def test_reset_of_what_is_not_used_up(loop: str, waits: list[float]) -> None:
    """
    A failure of the server does not wait for the reset of a limit, unless nothing of that is left.
    """
    for left, expected in (("5", None), ("0", 900.0)):
        headers = {"X-RateLimit-Remaining": left, "X-RateLimit-Reset": "900"}
        with serve(RawResponse(500, headers), RawResponse(200)) as server:
            waits.clear()
            LOOPS[loop](Call(url=server.url, vendor="http"))
        [wait] = waits
        assert waits_as_asked(loop, wait, expected)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("text", "requests"), [("3600", 2), ("3601", 1), ("9" * 17, 1), ("9" * 5000, 2), ("-1", 2)])
def test_longest_wait(loop: str, text: str, requests: int, waits: list[float]) -> None:
    """
    A delay longer than the caller's limit is not waited, and the request not repeated; a malformed one asks for nothing.
    """
    assert requests == looped(loop, waits, RawResponse(429, {"Retry-After": text}), vendor="http", max_wait=3600)
    assert requests - 1 == len(waits)
    assert all(wait <= 3600 for wait in waits)
