from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace

import grpc
import pytest
from attrs import evolve
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import errortax
from errortax import Category, Level, RawResponse, transport_error
from errortax.exceptions import RateLimited, VendorError, exception_for
from errortax.integrations.grpc import async_interceptor, error_of, interceptor, status
from errortax.model import documented_error, verdict_of
from errortax.testing import fake

SERVICE = "errortax.Test"
OPTIONS = [("grpc.enable_http_proxy", 0)]
GENEROUS = 60  # seconds, for a busy machine
KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")

LIMITED = errortax.parse(RawResponse(429, {"Retry-After": "20"}), "youforce")
AT_ONCE = errortax.parse(RawResponse(429, {"Retry-After": "0"}), "youforce")
BUSY_AT_ONCE = errortax.parse(RawResponse(503, {"Retry-After": "0"}), "youforce")
NOT_FOUND = errortax.parse(fake("planoauth", "record_not_found"), "planoauth")
MAIL_FAILED = errortax.parse(fake("planoauth", "mandrill-email-failed"), "planoauth")


def fail(error=LIMITED, **request):
    """Raise what a client of an upstream raises."""
    raise exception_for(error, **request)


def function(_, __):
    """Fail in a handler that answers once."""
    fail()


def generator(_, __):
    """Fail in a handler that has answered already."""
    yield b"first"
    fail()


async def coroutine(_, __):
    """Fail in an asynchronous handler that answers once."""
    fail()


async def writer(_, context):
    """Fail in an asynchronous handler that writes to a stream."""
    await context.write(b"first")
    fail()


async def async_generator(_, __):
    """Fail in an asynchronous handler that has answered already."""
    yield b"first"
    fail()


def method(kind, behavior):
    """Return the generic handlers of a service that has one method."""
    handler = getattr(grpc, f"{kind}_rpc_method_handler")(behavior)
    return grpc.method_handlers_generic_handler(SERVICE, {"Call": handler})


@contextmanager
def calling(kind, behavior, *, interceptors=None, policy=None, name="Call"):
    """Serve a method on loopback and yield the client's side of it."""
    interceptors = [interceptor(expose="operator")] if interceptors is None else interceptors
    server = grpc.server(ThreadPoolExecutor(4), [method(kind, behavior)], interceptors)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", [*OPTIONS, *retrying(policy)]) as channel:
            yield getattr(channel, kind)(f"/{SERVICE}/{name}")
    finally:
        server.stop(None).wait(GENEROUS)


@asynccontextmanager
async def calling_async(kind, behavior, *, policy=None):
    """Do the same with an asynchronous server and client."""
    server = grpc.aio.server(ThreadPoolExecutor(4), [method(kind, behavior)], [async_interceptor(expose="operator")])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", [*OPTIONS, *retrying(policy)]) as channel:
            yield getattr(channel, kind)(f"/{SERVICE}/Call")
    finally:
        await server.stop(None)


def retrying(policy):
    """Return the options of a channel that repeats calls."""
    if policy is None:
        return []
    always = {
        "maxAttempts": 4,
        "backoffMultiplier": 1,
        "maxBackoff": "600s",
        "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
    }
    return [("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": {**always, **policy}}]}))]


def outcome(call, kind, **options):
    """Return the messages that arrive before a call fails, and the failure."""
    request = b"" if kind.startswith("unary") else iter([b""])
    arrived = []

    def talk():
        if kind.endswith("unary"):
            arrived.append(call(request, timeout=GENEROUS, **options))
        else:
            arrived.extend(call(request, timeout=GENEROUS, **options))

    with pytest.raises(grpc.RpcError) as caught:
        talk()
    return arrived, caught.value


async def async_outcome(call, kind):
    """Return the same of an asynchronous client."""
    request = b"" if kind.startswith("unary") else iter([b""])
    arrived = []

    async def talk():
        if kind.endswith("unary"):
            arrived.append(await call(request, timeout=GENEROUS))
        else:
            async for response in call(request, timeout=GENEROUS):
                arrived.append(response)  # noqa: PERF401  # what came first is kept when the next step fails

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await talk()
    return arrived, caught.value


def assert_limited(failure):
    """The client sees the code, grpcio-status the details, and we the error."""
    assert grpc.StatusCode.RESOURCE_EXHAUSTED is failure.code()
    assert "Too many requests" == failure.details()
    rich = rpc_status.from_call(failure)
    info, delay = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert rich.details[0].Unpack(info)
    assert rich.details[1].Unpack(delay)
    assert ("RATE_LIMITED", "youforce", 20) == (info.reason, info.metadata["vendor"], delay.retry_delay.seconds)
    assert "20000" == dict(list(failure.trailing_metadata()))["grpc-retry-pushback-ms"]
    error = error_of(failure)
    assert (LIMITED.vendor, LIMITED.code, LIMITED.category) == (error.vendor, error.code, error.category)
    assert (LIMITED.retryability, 20) == (error.retryability, error.retry_after)


@pytest.mark.parametrize("kind", KINDS)
def test_handlers(kind):
    """
    Whatever streams, the client of a server learns what a handler raised, after what it has sent before.
    """
    behavior = function if kind.endswith("unary") else generator
    with calling(kind, behavior) as call:
        arrived, failure = outcome(call, kind)
    assert ([] if behavior is function else [b"first"]) == arrived
    assert_limited(failure)


@pytest.mark.parametrize(
    ("kind", "behavior"),
    [
        *((kind, behavior) for kind in ("unary_unary", "stream_unary") for behavior in (function, coroutine)),
        *((kind, behavior) for kind in ("unary_stream", "stream_stream") for behavior in (generator, writer, async_generator)),
    ],
)
def test_asynchronous_server(kind, behavior):
    """
    So does the client of an asynchronous server, for every kind of handler that it takes, synchronous ones included.
    """

    async def main():
        async with calling_async(kind, behavior) as call:
            return await async_outcome(call, kind)

    arrived, failure = asyncio.run(main())
    assert ([b"first"] if kind.endswith("stream") else []) == arrived
    assert_limited(failure)


@pytest.mark.parametrize("kind", KINDS)
def test_success(kind):
    """
    Answers of handlers that raise nothing pass as they are, one by one.
    """
    behavior = (lambda _, __: b"fine") if kind.endswith("unary") else (lambda _, __: iter([b"fine", b"too"]))
    with calling(kind, behavior) as call:
        answer = call(b"" if kind.startswith("unary") else iter([b""]), timeout=GENEROUS)
        assert (b"fine" if kind.endswith("unary") else [b"fine", b"too"]) == (answer if kind.endswith("unary") else list(answer))


def test_asynchronous_success():
    """
    The same is true of an asynchronous server.
    """

    async def echo(requests, _):
        async for request in requests:
            yield request

    async def main():
        async with calling_async("stream_stream", echo) as call:
            return [response async for response in call(iter([b"1", b"2"]), timeout=GENEROUS)]

    assert [b"1", b"2"] == asyncio.run(main())


def test_generator_is_closed():
    """
    An asynchronous generator is closed before the call ends.
    """
    closed = []

    async def holding(_, __):
        try:
            yield b"first"
            fail()
        finally:
            closed.append(True)

    async def main():
        async with calling_async("unary_stream", holding) as call:
            await async_outcome(call, "unary_stream")
            return list(closed)

    assert [True] == asyncio.run(main())


def test_other_exceptions():
    """
    An exception that is not a `VendorError` is left to the server.
    """

    def behavior(_, __):
        raise LookupError("mine")

    with calling("unary_unary", behavior) as call:
        _, failure = outcome(call, "unary_unary")
    assert grpc.StatusCode.UNKNOWN is failure.code()
    assert "mine" in failure.details()
    assert error_of(failure) is None


def test_unknown_method():
    """
    A method without a handler is still unknown.
    """
    with calling("unary_unary", function, name="Else") as call:
        _, failure = outcome(call, "unary_unary")
    assert grpc.StatusCode.UNIMPLEMENTED is failure.code()


def test_language():
    """
    Texts are in the language that the call accepts, unless one was chosen.
    """
    german = [("accept-language", "de-CH, en;q=0.5")]
    found = []
    for options in ({}, {"locale": "fr"}):
        with calling("unary_unary", function, interceptors=[interceptor(**options)]) as call:
            _, failure = outcome(call, "unary_unary", metadata=german)
        messages = [
            detail for detail in rpc_status.from_call(failure).details if detail.Is(error_details_pb2.LocalizedMessage.DESCRIPTOR)
        ]
        message = error_details_pb2.LocalizedMessage()
        messages[0].Unpack(message)
        found.append(message.locale)
    assert ["de", "fr"] == found


@pytest.mark.parametrize(
    ("error", "request_", "sent"),
    [
        (AT_ONCE, {"method": "POST"}, 4),  # it was refused before it was processed
        (BUSY_AT_ONCE, {"method": "GET"}, 4),
        (BUSY_AT_ONCE, {"method": "POST", "idempotency_key": True}, 4),
        (BUSY_AT_ONCE, {"method": "POST"}, 1),
        (BUSY_AT_ONCE, {}, 1),
        (MAIL_FAILED, {"method": "GET"}, 1),
    ],
)
@pytest.mark.parametrize("initial", ["0.01s", "600s"])
def test_retry_policy(error, request_, sent, initial):
    """
    A client with a policy to repeat calls waits as long as the vendor asks for, and does not repeat a call that must not
    be.
    """
    calls = []

    def behavior(_, __):
        calls.append(True)
        fail(error, **request_)

    with calling("unary_unary", behavior, policy={"initialBackoff": initial}) as call:
        _, failure = outcome(call, "unary_unary")
    assert sent == len(calls)
    assert error.category is error_of(failure).category


def test_retry_policy_of_asynchronous_client():
    """
    Nor does an asynchronous client repeat what must not be repeated.
    """
    calls = []

    async def behavior(_, __):
        calls.append(True)
        fail(MAIL_FAILED)

    async def main():
        async with calling_async("unary_unary", behavior, policy={"initialBackoff": "0.01s"}) as call:
            return await async_outcome(call, "unary_unary")

    _, failure = asyncio.run(main())
    assert [True] == calls
    assert Category.DEPENDENCY_FAILED is error_of(failure).category


def test_status_in_a_handler():
    """
    A handler may end its call itself.
    """
    with calling("unary_unary", lambda _, context: context.abort_with_status(status(NOT_FOUND)), interceptors=[]) as call:
        _, failure = outcome(call, "unary_unary")
    assert grpc.StatusCode.NOT_FOUND is failure.code()
    assert "record_not_found" == error_of(failure).code
    assert isinstance(status(NOT_FOUND), grpc.Status)


def test_status_of_an_exception():
    """
    A `VendorError` knows the upstream's request, which forbids to repeat the call; the error alone leaves that to the
    client.
    """
    posted = exception_for(BUSY_AT_ONCE, method="POST")
    found = [dict(status(error).trailing_metadata).get("grpc-retry-pushback-ms") for error in (BUSY_AT_ONCE, posted)]
    assert ["1", "-1"] == found


def test_no_pushback():
    """
    If the wait is unknown, the client's own policy decides.
    """
    internal = errortax.transport_error("connection_failed")
    assert ["grpc-status-details-bin"] == [name for name, _ in status(internal).trailing_metadata]


@pytest.mark.parametrize("kind", ["unary_unary", "unary_stream"])
def test_failure_of_ours(kind, caplog):
    """
    An error that cannot be rendered is logged and raised again, so the server answers as without us.
    """
    verdict = evolve(verdict_of(transport_error("no_response")), category="odd")
    odd = VendorError(documented_error(verdict, level=Level.UNKNOWN))

    def function(_, __):
        raise odd

    def generator(_, __):
        yield b"first"
        raise odd

    async def coroutine(_, __):
        raise odd

    async def main():
        async with calling_async(kind, coroutine) as call:
            return await async_outcome(call, kind)

    with calling(kind, function if kind.endswith("unary") else generator) as call:
        _, failure = outcome(call, kind)
    _, async_failure = asyncio.run(main())
    assert [grpc.StatusCode.UNKNOWN] * 2 == [failure.code(), async_failure.code()]
    ours = [record.getMessage() for record in caplog.records if record.name == "errortax"]
    assert ["cannot render an error; it is raised again"] * 2 == ours


def test_non_blocking_handler():
    """
    A handler that answers through a call-back is left alone.
    """

    def behavior(_, __, send):
        send(b"fine")
        send(None)

    behavior.experimental_non_blocking = True
    with calling("unary_stream", behavior) as call:
        assert [b"fine"] == list(call(b"", timeout=GENEROUS))


@pytest.mark.parametrize("make", [interceptor, async_interceptor])
@pytest.mark.parametrize("options", [{"expose": "everybody"}, {"locale": "no tag"}])
def test_bad_options(make, options):
    """
    A mistake in the options raises when the interceptor is made.
    """
    with pytest.raises(ValueError, match=r"expose|locale"):
        make(**options)


def test_wrong_arguments():
    """
    An object that is neither an error nor a call is the caller's mistake.
    """
    with pytest.raises(TypeError, match=r"error is a str object; pass an errortax\.CanonicalError"):
        status("no error")
    with pytest.raises(TypeError, match=r"str object is not a call; pass the grpc\.RpcError"):
        error_of("no call")


def test_error_of_exceptions():
    """
    `VendorError` holds its error; other exceptions, and calls without details, have none.
    """
    assert LIMITED is error_of(RateLimited(LIMITED))
    assert error_of(grpc.RpcError()) is None
    for metadata in (None, (), [("grpc-status-details-bin", "text")], [("grpc-status-details-bin", b"\xff")], [("else", "x")]):
        assert error_of(SimpleNamespace(trailing_metadata=lambda metadata=metadata: metadata)) is None


@pytest.mark.parametrize("make", [interceptor, async_interceptor, lambda: status(LIMITED)])
def test_missing_library(make, monkeypatch):
    """
    Without grpcio the message says what to install.
    """
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(ImportError, match=r"grpcio .*pip install 'errortax\[grpc\]'"):
        make()


def test_trailing_metadata_of_the_handler():
    """
    The handler's own trailing metadata arrive together with ours.
    """

    def telling(_, context):
        context.set_trailing_metadata((("trace-id", "t1"),))
        fail()

    with calling("unary_unary", telling) as call, pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=GENEROUS)
    found = dict([*caught.value.trailing_metadata()])  # of asyncio it is no mapping in old releases
    assert "t1" == found["trace-id"]
    assert "grpc-status-details-bin" in found


def test_trailing_metadata_of_an_asynchronous_handler():
    """
    The same is true of an asynchronous server.
    """

    async def telling(_, context):
        context.set_trailing_metadata((("trace-id", "t1"),))
        fail()

    async def main():
        async with calling_async("unary_unary", telling) as call:
            await call(b"", timeout=GENEROUS)

    with pytest.raises(grpc.RpcError) as caught:
        asyncio.run(main())
    found = dict([*caught.value.trailing_metadata()])  # of asyncio it is no mapping in old releases
    assert "t1" == found["trace-id"]
    assert "grpc-status-details-bin" in found


@pytest.mark.parametrize("absent", [AttributeError, NotImplementedError])
def test_context_without_trailing_metadata(absent):
    """
    A context that does not return the handler's metadata, such as one of a test framework, gets ours.
    """

    class Context:
        def invocation_metadata(self):
            return ()

        def trailing_metadata(self):
            raise absent

        def set_trailing_metadata(self, metadata):
            self.metadata = dict(metadata)

        def abort(self, *ending):
            raise RuntimeError(ending)

    context = Context()
    handlers = interceptor().guarded(grpc.unary_unary_rpc_method_handler(function))
    with pytest.raises(RuntimeError, match="RESOURCE_EXHAUSTED"):
        handlers.unary_unary(b"", context)
    assert "20000" == context.metadata["grpc-retry-pushback-ms"]
