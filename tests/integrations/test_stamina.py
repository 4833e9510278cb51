"""
The backoff hook for stamina.
"""

from __future__ import annotations

import asyncio
import time
from math import inf, nan

import httpx
import pytest
import stamina

import errortax
from errortax import RawResponse
from errortax.exceptions import VendorError, exception_for
from errortax.integrations.httpx import async_hook, hook, raising
from errortax.integrations.stamina import repeatable
from errortax.model import MAX_DELAY
from errortax.testing import fake, serve

CRASH = fake("youforce", "500")
LIMITED = RawResponse(429, {"Retry-After": "90"})
FLOORED = fake("authrocket", "503")  # the document asks for three minutes
SUCCESS = RawResponse(200)


def raised(raw: RawResponse, vendor: str = "youforce", *, method: str | None = "GET", key: bool = False) -> VendorError:
    """Return the exception for a response to a request with the method, with an idempotency key or not."""
    error = errortax.parse(raw, vendor)
    assert error is not None
    return exception_for(error, method=method, idempotency_key=key)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Write down how long a loop sleeps, and do not sleep."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waits


@pytest.mark.parametrize(
    "exception",
    [
        ValueError("no"),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        httpx.ReadError("no"),
        ExceptionGroup("several", [ValueError("no")]),
    ],
)
def test_only_vendor_errors(exception: BaseException) -> None:
    """
    An exception that is not a `VendorError` is not repeated.
    """
    assert repeatable(method="GET")(exception) is False


@pytest.mark.parametrize(
    ("method", "key", "repeats"),
    [
        ("GET", False, True),
        ("delete", False, True),
        ("POST", False, False),
        ("PATCH", False, False),
        ("POST", True, True),
        (None, False, False),
        (None, True, True),
    ],
)
def test_what_the_exception_knows(method: str | None, key: bool, repeats: bool) -> None:
    """
    If the server may have carried the request out, the method or the key must allow another one; unknown means no.
    """
    assert repeats is repeatable()(raised(CRASH, method=method, key=key))


@pytest.mark.parametrize(
    ("known", "method", "key", "repeats"),
    [
        ({"method": None}, "GET", None, True),
        ({"method": "POST"}, "PUT", None, True),
        ({"method": "GET"}, "POST", None, False),
        ({"method": "POST"}, None, True, True),
        ({"method": "POST", "key": True}, None, False, False),
    ],
)
def test_who_asks_knows_better(known: dict[str, object], method: str | None, key: bool | None, repeats: bool) -> None:
    """
    The caller's arguments about the request count more than the exception.
    """
    assert repeats is repeatable(method=method, idempotency_key=key)(raised(CRASH, **known))


@pytest.mark.parametrize("code", ["auth.token.expired", "auth.token.invalid", "critical.auth.required"])
def test_what_cannot_succeed(code: str) -> None:
    """
    An error that the same request cannot cure is not repeated with any method, key or delay.
    """
    exception = raised(fake("gopoints", code, retry_after=1), "gopoints", key=True)
    assert repeatable()(exception) is False


@pytest.mark.parametrize("seconds", [0.0, 1.5, 90.0, 86_400.0])
def test_delay_of_the_server(seconds: float) -> None:
    """
    The server's delay is handed on exactly, with any method; nothing to wait for is a number, too.
    """
    wait = repeatable(max_wait=None)(raised(RawResponse(429, {"Retry-After": f"{seconds:g}"}), method="POST"))
    assert seconds == wait
    assert wait is not False


def test_least_delay() -> None:
    """
    Without a delay of the server's, the least one of the document counts; a shorter one of the server's wins.
    """
    assert 180.0 == repeatable()(raised(FLOORED, "authrocket"))
    assert 5.0 == repeatable()(raised(fake("authrocket", "503", retry_after=5), "authrocket"))


@pytest.mark.parametrize(
    ("raw", "vendor", "longest", "expected"),
    [
        (LIMITED, "youforce", 90, 90.0),
        (LIMITED, "youforce", 89.9, False),
        (FLOORED, "authrocket", 180, 180.0),
        (FLOORED, "authrocket", 179, False),
        (CRASH, "youforce", 0, True),
        (RawResponse(429, {"Retry-After": "9" * 30}), "youforce", inf, MAX_DELAY),
    ],
)
def test_longest_wait(raw: RawResponse, vendor: str, longest: float, expected: object) -> None:
    """
    A delay that is longer than the longest wait is not waited.
    """
    assert expected == repeatable(max_wait=longest)(raised(raw, vendor))


@pytest.mark.parametrize(("seconds", "expected"), [(300, 300.0), (301, False)])
def test_usual_longest_wait(seconds: int, expected: object) -> None:
    """
    Five minutes are the default of the longest wait.
    """
    assert expected == repeatable()(raised(RawResponse(429, {"Retry-After": str(seconds)}), method="GET"))


@pytest.mark.parametrize(
    ("arguments", "mistake", "advice"),
    [
        ({"method": 5}, TypeError, "a name such as 'GET'"),
        ({"method": " "}, ValueError, "pass the request's method"),
        ({"idempotency_key": "8e03978e"}, TypeError, "True or False, or None"),
        ({"max_wait": "60"}, TypeError, "seconds or None"),
        ({"max_wait": True}, TypeError, "seconds or None"),
        ({"max_wait": -1}, ValueError, "0 or more"),
        ({"max_wait": nan}, ValueError, "0 or more"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], mistake: type[Exception], advice: str) -> None:
    """
    A bad argument fails when the hook is made, and the message says what to pass; a key is not shown.
    """
    with pytest.raises(mistake, match=advice) as caught:
        repeatable(**arguments)
    assert "8e03978e" not in str(caught.value)


def test_in_a_loop(waits: list[float]) -> None:
    """
    The call is repeated until it succeeds; stamina waits as long as the server asks, or else as without us.
    """
    with serve(CRASH, LIMITED, SUCCESS) as server, httpx.Client(event_hooks={"response": [hook("youforce")]}) as client:
        fetch = stamina.retry(on=repeatable(), attempts=5, wait_initial=2.0, wait_max=4.0, wait_jitter=1.0)(client.get)
        assert 200 == fetch(server.url).status_code
        assert 3 == len(server.requests)
    own, asked = waits
    assert 2.0 <= own <= 3.0
    assert 90.0 == asked


def test_in_an_asynchronous_loop(waits: list[float]) -> None:
    """
    The same hook serves coroutines.
    """

    @stamina.retry(on=repeatable(), attempts=5)
    async def fetch(url: str) -> int:
        async with httpx.AsyncClient(event_hooks={"response": [async_hook("youforce")]}) as client:
            return (await client.get(url)).status_code

    with serve(LIMITED, FLOORED, SUCCESS) as server:
        assert 200 == asyncio.run(fetch(server.url))
        assert 3 == len(server.requests)
    assert 90.0 == waits[0]


def test_attempts_run_out(waits: list[float]) -> None:
    """
    When stamina gives up, the last exception is let through.
    """
    with serve(CRASH) as server, httpx.Client(event_hooks={"response": [hook("youforce")]}) as client:
        with pytest.raises(errortax.exceptions.Internal) as caught:
            stamina.RetryingCaller(attempts=3)(repeatable(), client.get, server.url)
        assert 3 == len(server.requests)
    assert "GET" == caught.value.method
    assert 2 == len(waits)


def test_no_answer(waits: list[float]) -> None:
    """
    A request that was never sent is repeated, with any method.
    """
    with serve(SUCCESS) as server:
        url = server.url  # where nobody listens any more
    with httpx.Client() as client:
        send = stamina.retry(on=repeatable(), attempts=3)(raising("youforce")(client.post))
        with pytest.raises(errortax.exceptions.ConnectionFailed):
            send(url)
    assert 2 == len(waits)


GROUPS = [
    ([LIMITED, CRASH], True, 90.0),
    ([LIMITED, RawResponse(429, {"Retry-After": "120"})], True, 120.0),
    ([CRASH, CRASH], True, True),
    ([LIMITED, RawResponse(404)], False, False),
    ([RawResponse(404)], False, False),
]


@pytest.mark.parametrize(("answers", "repeats", "wait"), GROUPS)
def test_groups(answers: list[RawResponse], repeats: bool, wait: object) -> None:
    """
    A group is repeated only if all in it may be, and after the longest of their waits.
    """
    inner, *rest = map(raised, answers)
    group = ExceptionGroup("several", [ExceptionGroup("inner", [inner]), *rest])
    assert wait == repeatable()(group)
    assert repeats is (repeatable()(group) is not False)
    assert repeatable()(ExceptionGroup("mixed", [group, ValueError("ours")])) is False
