"""
The strategies for tenacity.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import nan

import httpx
import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import RawResponse
from errortax.exceptions import VendorError, exception_for
from errortax.integrations.httpx import async_hook, hook
from errortax.integrations.tenacity import repeatable, wait_for_server
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


def state(exception: BaseException | None = None, attempt: int = 1) -> tenacity.RetryCallState:
    """Return what tenacity knows after an attempt that raised the exception, or returned 5."""
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    if exception is None:
        state.set_result(5)
    else:
        state.set_exception((type(exception), exception, None))
    return state


@pytest.mark.parametrize(
    "outcome", [None, ValueError("no"), KeyboardInterrupt(), ExceptionGroup("several", [ValueError("no")]), httpx.ReadError("no")]
)
def test_only_vendor_errors(outcome: BaseException | None) -> None:
    """
    A result, and an exception that is not a `VendorError`, are not repeated.
    """
    assert repeatable(method="GET")(state(outcome)) is False


@pytest.mark.parametrize(
    ("method", "key", "arguments", "repeats"),
    [
        ("GET", False, {}, True),
        ("POST", False, {}, False),
        ("POST", True, {}, True),
        (None, False, {}, False),
        (None, False, {"method": "GET"}, True),
        ("GET", False, {"method": "POST"}, False),
        ("POST", False, {"idempotency_key": True}, True),
        ("POST", True, {"idempotency_key": False}, False),
    ],
)
def test_methods_and_keys(method: str | None, key: bool, arguments: dict[str, object], repeats: bool) -> None:
    """
    If the server may have carried the request out, the method or the key must allow another one; the caller's word
    counts.
    """
    assert repeats is repeatable(**arguments)(state(raised(CRASH, method=method, key=key)))


@pytest.mark.parametrize(
    ("raw", "vendor", "longest", "repeats"),
    [
        (LIMITED, "youforce", None, True),
        (LIMITED, "youforce", 90, True),
        (LIMITED, "youforce", 89, False),
        (FLOORED, "authrocket", 180, True),
        (FLOORED, "authrocket", 179, False),
        (CRASH, "youforce", 0, True),
    ],
)
def test_longest_wait(raw: RawResponse, vendor: str, longest: float | None, repeats: bool) -> None:
    """
    If the server asks for more than the longest wait, the request is not repeated.
    """
    assert repeats is repeatable(max_wait=longest)(state(raised(raw, vendor)))


@pytest.mark.parametrize(("seconds", "repeats"), [(300, True), (301, False)])
def test_longest_wait_by_default(seconds: int, repeats: bool) -> None:
    """
    Five minutes are the default of the longest wait.
    """
    assert repeats is repeatable()(state(raised(RawResponse(429, {"Retry-After": str(seconds)}))))


def test_strategies_combine() -> None:
    """
    Both strategies combine with tenacity's own, on either side.
    """
    other = tenacity.retry_if_exception_type(OSError)
    failures = (state(OSError()), state(raised(CRASH)), state(ValueError()))
    for either in (repeatable() | other, other | repeatable()):
        assert [True, True, False] == [either(failure) for failure in failures]
    for both in (wait_for_server() + tenacity.wait_fixed(1), tenacity.wait_fixed(1) + wait_for_server()):
        assert 91.0 == both(state(raised(LIMITED)))


@pytest.mark.parametrize("seconds", [0.0, 1.5, 90.0, 86_400.0])
@pytest.mark.parametrize("attempt", [1, 9])
def test_delay_of_the_server(seconds: float, attempt: int) -> None:
    """
    The server's delay is waited exactly, at each attempt, and also if another strategy decided to repeat.
    """
    headers = {"Retry-After": f"{seconds:g}"}
    assert seconds == wait_for_server()(state(raised(RawResponse(429, headers)), attempt))
    assert seconds == wait_for_server()(state(raised(RawResponse(404, headers)), attempt))


@given(
    raw=st.sampled_from([(CRASH, "youforce"), (FLOORED, "authrocket"), (fake("planoauth", "application-crash"), "planoauth")]),
    attempt=st.integers(1, 10_000),
    longest=st.none() | st.floats(0, 1e6),
)
def test_drawn_waits(raw: tuple[RawResponse, str], attempt: int, longest: float | None) -> None:
    """
    Without a delay of the server's, the wait lies between the document's least one and the ceiling of `decide_retry`.
    """
    exception = raised(*raw)
    decision = errortax.decide_retry(exception.error, method="GET", attempt=attempt, max_wait=longest)
    if decision.retry:
        assert (exception.error.min_delay or 0.0) <= wait_for_server(max_wait=longest)(state(exception, attempt)) <= decision.wait


def test_waits_differ() -> None:
    """
    Clients that failed at the same time do not come back at the same time.
    """
    assert 1 < len({wait_for_server()(state(raised(CRASH), 5)) for _ in range(20)})


@pytest.mark.parametrize("outcome", [None, OSError()])
def test_waits_for_others(outcome: BaseException | None) -> None:
    """
    If another strategy decided to repeat, there is a wait, too; before the first attempt its ceiling is the lowest.
    """
    assert 0.0 <= wait_for_server()(state(outcome, 4)) <= 8.0
    assert 0.0 <= wait_for_server()(tenacity.RetryCallState(tenacity.Retrying(), None, (), {})) <= 1.0


@pytest.mark.parametrize(
    ("make", "arguments", "mistake", "advice"),
    [
        (repeatable, {"method": 5}, TypeError, "a name such as 'GET'"),
        (repeatable, {"method": ""}, ValueError, "pass the request's method"),
        (repeatable, {"idempotency_key": "8e03978e"}, TypeError, "True or False, or None"),
        (repeatable, {"max_wait": "60"}, TypeError, "seconds or None"),
        (wait_for_server, {"max_wait": "60"}, TypeError, "seconds or None"),
        (wait_for_server, {"max_wait": -1}, ValueError, "0 or more"),
        (wait_for_server, {"max_wait": nan}, ValueError, "0 or more"),
    ],
)
def test_bad_arguments(make: Callable[..., object], arguments: dict[str, object], mistake: type[Exception], advice: str) -> None:
    """
    A bad argument fails when the strategy is made, and the message says what to pass.
    """
    with pytest.raises(mistake, match=advice):
        make(**arguments)


def test_in_a_loop() -> None:
    """
    The call is repeated until it succeeds; tenacity waits as long as the server asks, or else a random time.
    """
    waits: list[float] = []
    retrying = tenacity.Retrying(
        retry=repeatable(), wait=wait_for_server(), stop=tenacity.stop_after_attempt(5), sleep=waits.append
    )
    with serve(CRASH, LIMITED, SUCCESS) as server, httpx.Client(event_hooks={"response": [hook("youforce")]}) as client:
        assert 200 == retrying(client.get, server.url).status_code
        assert 3 == len(server.requests)
    assert 0.0 <= waits[0] <= 1.0
    assert 90.0 == waits[1]


def test_in_an_asynchronous_loop() -> None:
    """
    The same strategies serve coroutines.
    """
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    @tenacity.retry(retry=repeatable(), wait=wait_for_server(), stop=tenacity.stop_after_attempt(5), sleep=sleep)
    async def send(url: str) -> int:
        async with httpx.AsyncClient(event_hooks={"response": [async_hook("authrocket")]}) as client:
            return (await client.post(url, headers={"Idempotency-Key": "8e03978e"})).status_code

    with serve(LIMITED, FLOORED, SUCCESS) as server:
        assert 200 == asyncio.run(send(server.url))
        assert 3 == len(server.requests)
    assert [90.0, 180.0] == waits


def test_total_time() -> None:
    """
    `stop_before_delay` gives up rather than wait longer than the whole may take, since it knows the coming wait.
    """
    stop = tenacity.stop_before_delay(60)
    retrying = tenacity.Retrying(retry=repeatable(), wait=wait_for_server(), stop=stop, reraise=True)
    with serve(LIMITED) as server, httpx.Client(event_hooks={"response": [hook("youforce")]}) as client:
        with pytest.raises(errortax.exceptions.RateLimited):
            retrying(client.get, server.url)
        assert 1 == len(server.requests)


@pytest.mark.parametrize(
    ("answers", "repeats", "wait"),
    [
        ([LIMITED, CRASH], True, 90.0),
        ([LIMITED, RawResponse(429, {"Retry-After": "120"})], True, 120.0),
        ([LIMITED, RawResponse(404)], False, 90.0),
        ([RawResponse(404)], False, None),
    ],
)
def test_groups(answers: list[RawResponse], repeats: bool, wait: float | None) -> None:
    """
    A group is repeated only if all in it may be, and after the longest of their waits.
    """
    inner, *rest = map(raised, answers)
    group = ExceptionGroup("several", [ExceptionGroup("inner", [inner]), *rest])
    assert repeats is repeatable()(state(group))
    assert not repeatable()(state(ExceptionGroup("mixed", [group, ValueError("ours")])))
    waited = wait_for_server()(state(group))
    assert waited <= 1.0 if wait is None else waited == wait
