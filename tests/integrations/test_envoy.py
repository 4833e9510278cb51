from __future__ import annotations

import asyncio
import errno
import importlib
import json
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import grpc
import pytest
from envoy.config.core.v3.base_pb2 import HeaderMap, HeaderValue
from envoy.extensions.filters.http.ext_proc.v3.processing_mode_pb2 import ProcessingMode
from envoy.service.accesslog.v3 import als_pb2
from envoy.service.accesslog.v3.als_pb2_grpc import AccessLogServiceStub
from envoy.service.ext_proc.v3 import external_processor_pb2 as messages
from envoy.service.ext_proc.v3.external_processor_pb2_grpc import ExternalProcessorStub
from google.protobuf.struct_pb2 import Struct
from grpc_health.v1 import health_pb2, health_pb2_grpc

from errortax import RawResponse, Translator, load_registry
from errortax.exceptions import UnknownVendorError
from errortax.http import BODY_CAP
from errortax.integrations.envoy import (
    FAILED,
    PASSED,
    SERVICE,
    SHADOWED,
    TRANSLATED,
    AccessLog,
    Exchange,
    Observation,
    Processor,
    RequestInfo,
    Server,
)

EXPIRED = b'{"status": "error", "error_code": "auth.token.expired", "messages": ["Token of anna@example.com expired"]}'
JSON = (("content-type", "application/json"), ("x-secret", "s3cret"), ("set-cookie", "a=1"))
GOPOINTS = Translator(vendor="gopoints")
PASSING = Translator(vendor="gopoints", too_long="pass")


def header_map(fields: Iterable[tuple[str, str]], *, as_text: bool = False) -> HeaderMap:
    """Return header fields as Envoy sends them."""
    spelled = ({"key": name, "value": value} if as_text else {"key": name, "raw_value": value.encode()} for name, value in fields)
    return HeaderMap(headers=[HeaderValue(**each) for each in spelled])


def request_head(*fields: tuple[str, str], as_text: bool = False) -> messages.ProcessingRequest:
    """Return the message about a request's head."""
    return messages.ProcessingRequest(request_headers=messages.HttpHeaders(headers=header_map(fields, as_text=as_text)))


def head(status: int, *fields: tuple[str, str], end: bool = False, **attributes: Any) -> messages.ProcessingRequest:
    """Return the message about a response's head; *attributes* have a dot for each double underscore."""
    request = messages.ProcessingRequest(
        response_headers=messages.HttpHeaders(headers=header_map([(":status", str(status)), *fields]), end_of_stream=end)
    )
    if attributes:
        struct = Struct()
        struct.update({name.replace("__", "."): value for name, value in attributes.items()})
        request.attributes["envoy.filters.http.ext_proc"].CopyFrom(struct)
    return request


def body(content: bytes, *, end: bool = True) -> messages.ProcessingRequest:
    """Return the message about a response's body."""
    return messages.ProcessingRequest(response_body=messages.HttpBody(body=content, end_of_stream=end))


def kind(response: messages.ProcessingResponse) -> str:
    """Return which answer a message holds."""
    return str(response.WhichOneof("response"))


def immediate(response: messages.ProcessingResponse) -> RawResponse:
    """Return the response that Envoy is to send at once."""
    sent = response.immediate_response
    fields = [(option.header.key, option.header.raw_value) for option in sent.headers.set_headers]
    return RawResponse(sent.status.code, fields, sent.body)


def outcome_and_vendor(exchange: Exchange) -> tuple[str, str | None]:
    """Return what became of the response, and the vendor that answered."""
    assert exchange.observation is not None
    return exchange.observation.outcome, exchange.observation.vendor


def test_an_error_is_held_and_replaced() -> None:
    """
    The head of an error makes Envoy collect the body; the body is answered by the translator's whole answer.
    """
    exchange = Exchange(GOPOINTS)
    held = exchange.answer(head(401, *JSON))
    assert ("response_headers", ProcessingMode.BUFFERED_PARTIAL) == (kind(held), held.mode_override.response_body_mode)
    assert not exchange.is_over
    answer = immediate(exchange.answer(body(EXPIRED)))
    wanted = GOPOINTS.translate(RawResponse(401, JSON, EXPIRED), "gopoints")
    assert wanted == answer
    assert exchange.is_over
    assert exchange.observation is not None
    assert (TRANSLATED, "gopoints") == outcome_and_vendor(exchange)
    assert exchange.observation.error is not None
    assert exchange.observation.error.code == "auth.token.expired"
    assert exchange.observation.seconds > 0


def test_a_success_passes() -> None:
    """
    A success passes by its head, and the exchange is over then.
    """
    exchange = Exchange(GOPOINTS)
    response = exchange.answer(head(200, *JSON))
    assert ("response_headers", False) == (kind(response), response.HasField("mode_override"))
    assert exchange.is_over
    assert exchange.observation is None


def test_an_error_inside_a_success() -> None:
    """
    A success is held only if the translator is to look into it, and passes unless it is an error.
    """
    inspecting = Translator(vendor="gopoints", inspect_success=True)
    fields = (*JSON, ("content-length", str(len(EXPIRED))))
    exchange = Exchange(inspecting)
    assert exchange.answer(head(200, *fields)).HasField("mode_override")
    assert 401 == immediate(exchange.answer(body(EXPIRED))).status
    exchange = Exchange(inspecting)
    exchange.answer(head(200, *fields))
    assert messages.ProcessingResponse(response_body=messages.BodyResponse()) == exchange.answer(body(b'{"status": "success"}'))
    assert (PASSED, "gopoints") == outcome_and_vendor(exchange)


def test_no_body() -> None:
    """
    An error without a body gets its answer at once.
    """
    exchange = Exchange(GOPOINTS)
    answer = immediate(exchange.answer(head(503, end=True)))
    assert GOPOINTS.translate(RawResponse(503, (), b""), "gopoints") == answer
    assert exchange.is_over


def test_head() -> None:
    """
    For HEAD, the head of the answer replaces the upstream's completely, and states no length.
    """
    exchange = Exchange(GOPOINTS)
    fields = (*JSON, ("content-length", "7"), ("vary", "Origin"))
    sent = exchange.answer(head(404, *fields, end=True, **{"request.method": "HEAD"})).response_headers.response
    wanted = GOPOINTS.translate(RawResponse(404, fields, b"", method="HEAD"), "gopoints")
    assert wanted is not None
    written = {option.header.key: option.header.raw_value.decode() for option in sent.header_mutation.set_headers}
    assert {":status": "404", **wanted.headers} == written
    assert {"content-length", "set-cookie", "x-secret"} == set(sent.header_mutation.remove_headers)
    assert exchange.is_over


@pytest.mark.parametrize(
    "message", [body(b"x" * (BODY_CAP + 1)), body(EXPIRED, end=False)], ids=["long", "longer than the buffer"]
)
def test_too_long(message: messages.ProcessingRequest) -> None:
    """
    An error longer than 256 KiB, or than Envoy's buffer, is answered by its status; on request it passes as it came.
    """
    exchange = Exchange(GOPOINTS)
    exchange.answer(head(500))
    assert GOPOINTS.translate(RawResponse(500), "gopoints") == immediate(exchange.answer(message))
    assert (TRANSLATED, "gopoints") == outcome_and_vendor(exchange)
    exchange = Exchange(PASSING)
    exchange.answer(head(500))
    assert messages.ProcessingResponse(response_body=messages.BodyResponse()) == exchange.answer(message)
    assert exchange.is_over
    assert (PASSED, "gopoints") == outcome_and_vendor(exchange)


def test_said_to_be_too_long() -> None:
    """
    A body that declares more than 256 KiB is not asked for.
    """
    exchange = Exchange(GOPOINTS)
    fields = (*JSON, ("content-length", str(BODY_CAP + 1)))
    assert GOPOINTS.translate(RawResponse(500, fields), "gopoints") == immediate(exchange.answer(head(500, *fields)))
    exchange = Exchange(PASSING)
    assert not exchange.answer(head(500, ("content-length", str(BODY_CAP + 1)))).HasField("mode_override")
    assert exchange.is_over
    assert (PASSED, "gopoints") == outcome_and_vendor(exchange)


def test_other_messages_pass() -> None:
    """
    Bodies and trailers pass if they were not asked for, whichever of them Envoy sends.
    """
    exchange = Exchange(GOPOINTS)
    for name, message in (
        ("request_body", messages.ProcessingRequest(request_body=messages.HttpBody(body=b"x"))),
        ("request_trailers", messages.ProcessingRequest(request_trailers=messages.HttpTrailers())),
        ("response_body", body(EXPIRED)),
        ("response_trailers", messages.ProcessingRequest(response_trailers=messages.HttpTrailers())),
    ):
        assert name == kind(exchange.answer(message))
    with pytest.raises(KeyError):
        exchange.answer(messages.ProcessingRequest())


@pytest.mark.parametrize("as_text", [False, True])
def test_what_the_request_asked_for(as_text: bool) -> None:
    """
    Path, host and language come from the head of the request, in either spelling of its fields.
    """
    asked: list[RequestInfo] = []

    def vendor(request: RequestInfo) -> str:
        asked.append(request)
        return "gopoints"

    exchange = Exchange(Translator(vendor=vendor))
    fields = ((":method", "POST"), (":path", "/a?b"), (":authority", "gate.example"), ("accept-language", "de"))
    assert "request_headers" == kind(exchange.answer(request_head(*fields, as_text=as_text)))
    exchange.answer(head(401))
    answer = immediate(exchange.answer(body(EXPIRED)))
    assert [("POST", "/a?b", "gate.example", "de", None)] == [
        (each.method, each.path, each.host, each.accept_language, each.sent_host) for each in asked
    ]
    assert "de" == answer.headers["content-language"]


def test_attributes() -> None:
    """
    Attributes contain the same as the request's head; the path is the one before Envoy rewrote it.
    """
    asked: list[RequestInfo] = []
    exchange = Exchange(Translator(vendor=asked.append))
    attributes = {
        "request.method": "PUT",
        "request.path": "/b",
        "request.host": "api.example",
        "request.headers['x-envoy-original-path']": "/a/b",
        "request.headers['x-envoy-original-host']": "gate.example",
        "request.headers['accept-language']": "nl",
        "xds.cluster_name": "points",
    }
    exchange.answer(head(401, **attributes))
    answer = immediate(exchange.answer(body(EXPIRED)))
    assert ("PUT", "/a/b", "gate.example", "nl", "api.example") == (
        asked[0].method, asked[0].path, asked[0].host, asked[0].accept_language, asked[0].sent_host
    )  # fmt: skip
    assert "points" == asked[0].attributes["xds.cluster_name"]
    assert "nl" == answer.headers["content-language"]


def test_either_host_decides() -> None:
    """
    The vendor is known by the host that the caller asked for, or by the one that the upstream was asked under.
    """
    translator = Translator(vendor={"gate.example": "planoauth", "api.example": "gopoints"})
    for original, vendor in (("gate.example", "planoauth"), ("other.example", "gopoints")):
        exchange = Exchange(translator)
        hosts = {"request.host": "api.example", "request.headers['x-envoy-original-host']": original}
        exchange.answer(head(401, **hosts))
        exchange.answer(body(EXPIRED))
        assert vendor == (exchange.observation and exchange.observation.vendor)


@pytest.mark.parametrize(
    ("flags", "category", "retryability"),
    [
        (1 << 1, "dependency_failed", "after_delay"),
        (1 << 2, "timeout", "backoff"),
        (1 << 4, "dependency_failed", "backoff"),
        (1 << 5, "dependency_failed", "after_delay"),
        (1 << 5 | 1 << 15, "dependency_failed", "backoff"),
        (1 << 6, "dependency_failed", "backoff"),
        (1 << 8, "unavailable", "backoff"),
    ],
)
def test_no_upstream_answered(flags: int, category: str, retryability: str) -> None:
    """
    If no upstream answered, the flags decide about Envoy's answer, and its status only without flags.
    """
    exchange = Exchange(Translator())
    exchange.answer(head(503, response__code_details="upstream_reset", response__flags=flags))
    problem = json.loads(immediate(exchange.answer(body(b"upstream connect error"))).body or b"")
    assert (category, retryability) == (problem["category"], problem["retryability"])


def test_vendor_of_no_answer(tmp_path: Path) -> None:
    """
    If no upstream answered, the answer names the vendor of the route, from the translator's registry.
    """
    path = tmp_path / "acme.json"
    path.write_text('{"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "http_status", "entries": []}')
    translators = {"gopoints": GOPOINTS, "acme": Translator(vendor="acme", registry=load_registry(path))}
    for vendor, translator in translators.items():
        exchange = Exchange(translator)
        exchange.answer(head(503, response__code_details="upstream_reset", response__flags=1 << 5))
        problem = json.loads(immediate(exchange.answer(body(b"upstream connect error"))).body or b"")
        assert ("dependency_failed", vendor) == (problem["category"], problem["vendor"])


def test_no_gateway_of_ours_answered() -> None:
    """
    If a route leads to another gateway of ours, which is not a vendor, a failed connection has no vendor.
    """
    exchange = Exchange(Translator(vendor="problem+json"))
    exchange.answer(head(503, response__code_details="upstream_reset", response__flags=1 << 5))
    problem = json.loads(immediate(exchange.answer(body(b"upstream connect error"))).body or b"")
    assert ("dependency_failed", "http") == (problem["category"], problem["vendor"])


def test_an_upstream_answered() -> None:
    """
    Flags do not matter if an upstream answered.
    """
    exchange = Exchange(GOPOINTS)
    exchange.answer(head(401, response__code_details="via_upstream", response__flags=1 << 5))
    problem = json.loads(immediate(exchange.answer(body(EXPIRED))).body or b"")
    assert ("credentials_expired", "gopoints") == (problem["category"], problem["vendor"])


@pytest.mark.parametrize("status", [403, 429])
def test_envoy_refused(status: int) -> None:
    """
    A refusal of Envoy itself is plain HTTP, marked as an intermediary's, whatever vendor the route leads to.
    """
    exchange = Exchange(Translator(vendor="authrocket"))
    exchange.answer(head(status, response__code_details="rbac_access_denied_matched_policy[none]", response__flags=0))
    answer = immediate(exchange.answer(body(b"RBAC: access denied")))
    assert (status, "http") == (answer.status, json.loads(answer.body or b"")["vendor"])
    assert exchange.observation is not None
    assert exchange.observation.error is not None
    assert exchange.observation.error.match.intermediary


def test_shadow(caplog: pytest.LogCaptureFixture) -> None:
    """
    In shadow mode a response passes; the log and the observation say what would be answered.
    """
    exchange = Exchange(Translator(vendor="gopoints", shadow=True))
    exchange.answer(head(401, request__path="/points?key=s3cret"))
    with caplog.at_level(logging.INFO, "errortax"):
        assert messages.ProcessingResponse(response_body=messages.BodyResponse()) == exchange.answer(body(EXPIRED))
    assert ["shadow: GET '/points': 401 would become 401 credentials_expired (vendor: gopoints)"] == caplog.messages
    assert (SHADOWED, "gopoints") == outcome_and_vendor(exchange)


def test_no_body_comes() -> None:
    """
    An error whose body does not come in time is what its status says; a success that is inspected passes.
    """
    seen: list[Observation] = []
    fields = (("content-type", "application/json"), ("content-length", "9"))

    async def use(address: str, _: Server) -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            stream = ExternalProcessorStub(channel).Process()
            await stream.write(head(422))
            await stream.read()
            answer = immediate(await stream.read())
            assert GOPOINTS.translate(RawResponse(422, cut_off=True), "gopoints") == answer
            assert grpc.aio.EOF == await stream.read()
            stream = ExternalProcessorStub(channel).Process()
            await stream.write(head(200, *fields))
            await stream.read()
            assert grpc.aio.EOF == await stream.read()

    translator = Translator(vendor="gopoints", inspect_success=True)
    served(Processor(translator, body_timeout=0.05, observe=seen.append), "127.0.0.1:0", use)
    assert [TRANSLATED, PASSED] == [observation.outcome for observation in seen]
    assert Exchange(GOPOINTS).answer_without_body() is None


def test_access_log(caplog: pytest.LogCaptureFixture) -> None:
    """
    The access log tells vendor and category of each answer that Envoy has sent; a fault of the observer is logged.
    """
    seen: list[tuple[str, str]] = []
    exchange = Exchange(GOPOINTS)
    exchange.answer(head(401))
    details = exchange.answer(body(EXPIRED)).immediate_response.details
    logged = als_pb2.StreamAccessLogsMessage()
    for each in (details, "via_upstream", "errortax"):
        logged.http_logs.log_entry.add().response.response_code_details = each

    def observe(vendor: str, category: str) -> None:
        seen.append((vendor, category))
        raise RuntimeError("not my day")

    async def run() -> None:
        for access_log in (AccessLog(observe), None):
            server = Server(Processor(GOPOINTS), "127.0.0.1:0", access_log)
            address = await server.start()
            async with grpc.aio.insecure_channel(address) as channel:
                await AccessLogServiceStub(channel).StreamAccessLogs(iter([logged, logged]))
            await server.stop(0)

    asyncio.run(run())
    assert [("gopoints", "credentials_expired")] * 2 == seen
    assert "not my day" in caplog.text


def test_repeated_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Repeated fields of the answer are all sent, and the first one replaces Envoy's own.
    """
    answer = RawResponse(401, [("www-authenticate", "Bearer"), ("www-authenticate", "Basic"), ("content-type", "a/b")], "text")
    monkeypatch.setattr(Translator, "answer", lambda *_, **__: answer)
    exchange = Exchange(GOPOINTS)
    exchange.answer(head(401))
    sent = exchange.answer(body(EXPIRED)).immediate_response
    options = [
        (option.header.key, option.header.raw_value, option.append_action, option.append.value)
        for option in sent.headers.set_headers
    ]
    assert [
        ("www-authenticate", b"Bearer", 2, False),
        ("www-authenticate", b"Basic", 0, True),
        ("content-type", b"a/b", 2, False),
    ] == options
    assert b"text" == sent.body


def test_a_failure_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """
    If translation fails the upstream's response passes, and the log has the reason.
    """

    def vendor(_: object) -> str:
        raise RuntimeError("broken")

    exchange = Exchange(Translator(vendor=vendor))
    exchange.answer(head(401))
    with caplog.at_level(logging.ERROR, "errortax"):
        assert messages.ProcessingResponse(response_body=messages.BodyResponse()) == exchange.answer(body(EXPIRED))
    assert "broken" in caplog.text
    assert exchange.is_over
    assert (FAILED, 401) == (outcome_and_vendor(exchange)[0], exchange.observation and exchange.observation.raw.status)


def test_options() -> None:
    """
    A processor is made of a translator or of its options, which are checked at once.
    """
    assert GOPOINTS is Processor(GOPOINTS).translator
    assert "gopoints" == Processor(vendor="gopoints").translator.vendor_of("/", None)
    with pytest.raises(UnknownVendorError):
        Processor(vendor="gopoint")
    with pytest.raises(TypeError, match="translator"):
        Processor(GOPOINTS, to="oauth")


@pytest.mark.parametrize("missing", ["grpc", "envoy.service.ext_proc.v3", "grpc_health.v1"])
def test_missing_library(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without the extra the import says what to install.
    """
    monkeypatch.delitem(sys.modules, "errortax.integrations.envoy")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"pip install 'errortax\[envoy\]'") as caught:
        importlib.import_module("errortax.integrations.envoy")
    assert missing.partition(".")[0] == str(caught.value.name).partition(".")[0]


def served(processor: Processor, listen: str, use: Callable[[str, Server], Any]) -> Any:
    """Return what *use* returns while the processor is served."""

    async def run() -> Any:
        server = Server(processor, listen)
        address = await server.start()
        try:
            return await use(address, server)
        finally:
            await server.stop(0)

    return asyncio.run(run())


async def asked(address: str, *requests: messages.ProcessingRequest) -> list[messages.ProcessingResponse]:
    """Send requests on a stream and return the answers."""
    async with grpc.aio.insecure_channel(address) as channel:
        return [response async for response in ExternalProcessorStub(channel).Process(iter(requests))]


async def health(address: str, service: str) -> int:
    """Return what a health check says."""
    async with grpc.aio.insecure_channel(address) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
        return int(answer.status)


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_served(family: str, tmp_path: Path) -> None:
    """
    Served over gRPC, at a port or a path, a processor answers, ends each stream itself, and reports to its observer.
    """
    seen: list[Observation] = []
    listen = "127.0.0.1:0" if family == "tcp" else f"unix:{tmp_path / 'socket'}"

    async def use(address: str, _: Server) -> None:
        assert [1, 1] == [await health(address, ""), await health(address, SERVICE)]
        passed = await asked(address, head(200))
        assert ["response_headers"] == [kind(each) for each in passed]
        replaced = await asked(address, request_head((":path", "/")), head(401), body(EXPIRED))
        assert ["request_headers", "response_headers", "immediate_response"] == [kind(each) for each in replaced]
        assert [] == await asked(address)

    served(Processor(GOPOINTS, observe=seen.append), listen, use)
    served(Processor(GOPOINTS), listen, use)
    assert [TRANSLATED] == [judged.outcome for judged in seen]


def test_translator_may_change() -> None:
    """
    A stream keeps the translator that it began with, the next one gets the new one.
    """
    processor = Processor(GOPOINTS)

    async def use(address: str, _: Server) -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            stream = ExternalProcessorStub(channel).Process()
            await stream.write(head(401))
            await stream.read()
            processor.translator = Translator("oauth", vendor="gopoints")
            await stream.write(body(EXPIRED))
            assert "application/problem+json" == immediate(await stream.read()).headers["content-type"]
            await stream.done_writing()
        *_, last = await asked(address, head(401), body(EXPIRED))
        assert "application/json" == immediate(last).headers["content-type"]

    served(processor, "127.0.0.1:0", use)


def test_drain() -> None:
    """
    While a server stops, health checks fail, new calls are refused, and the current ones are served to the end.
    """

    async def use(address: str, server: Server) -> None:
        async with grpc.aio.insecure_channel(address) as channel, grpc.aio.insecure_channel(address) as watcher:
            watch = health_pb2_grpc.HealthStub(watcher).Watch(health_pb2.HealthCheckRequest())
            assert health_pb2.HealthCheckResponse.SERVING == (await watch.read()).status
            stream = ExternalProcessorStub(channel).Process()
            await stream.write(head(401))
            await stream.read()
            stopping = asyncio.ensure_future(server.stop(60))
            assert health_pb2.HealthCheckResponse.NOT_SERVING == (await watch.read()).status
            watch.cancel()
            with pytest.raises(grpc.aio.AioRpcError):
                await asked(address, head(401))
            await stream.write(body(EXPIRED))
            assert 401 == immediate(await stream.read()).status
            await stream.done_writing()
            await stream.code()
        await stopping

    served(Processor(GOPOINTS), "127.0.0.1:0", use)


def refusal(listen: str) -> OSError:
    """Return why a server cannot listen there."""
    with pytest.raises(OSError) as caught:  # noqa: PT011  # the callers look at it
        asyncio.run(Server(Processor(GOPOINTS), listen).start())
    assert listen == caught.value.filename
    return caught.value


def test_taken_address(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """
    A port or a path of another server is refused, and left to it; gRPC does not complain.
    """

    async def use(address: str, _: Server) -> None:
        capfd.readouterr()
        assert errno.EADDRINUSE == (await asyncio.to_thread(refusal, address)).errno
        assert "" == capfd.readouterr().err  # later on gRPC may tell that a connection has ended
        assert 1 == await health(address, "")

    for listen in ("127.0.0.1:0", f"unix:{tmp_path / 'socket'}"):
        served(Processor(GOPOINTS), listen, use)


def test_half_taken_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A host of several addresses is refused if one of them is in use, and accepted if one does not exist on this machine.
    """
    absent = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))  # of an example's network (RFC 5737)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = (socket.AF_INET, socket.SOCK_STREAM, 6, "", other.getsockname())
        free = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
        for found, number in (([absent], errno.EADDRNOTAVAIL), ([absent, free, taken], errno.EADDRINUSE)):
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
            assert number == refusal("localhost:0").errno
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [absent, free])
        assert "localhost" == served(Processor(GOPOINTS), "localhost:0", begun).rpartition(":")[0]


async def begun(address: str, _: Server) -> str:
    """Return the address."""
    return address


def test_addresses_that_cannot_be_listened_at(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """
    Why an address cannot be listened at is what the system says about it.
    """
    (tmp_path / "file").touch()
    for listen, reason in (
        (f"unix:{tmp_path / 'nowhere' / 'socket'}", "No such file or directory"),
        (f"unix:{tmp_path / ('s' * 120)}", "AF_UNIX path too long"),
        (f"unix:{tmp_path / 'file'}", "Address already in use"),
        ("nowhere.invalid:0", refusal_of_name("nowhere.invalid")),
        ("192.0.2.1:0", "Cannot assign requested address"),
    ):
        assert reason == refusal(listen).strerror
    assert (tmp_path / "file").exists()
    assert "" == capfd.readouterr().err


def refusal_of_name(host: str) -> str:
    """Return what this machine says about a host that does not exist."""
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo(host, 0)
    return str(caught.value.strerror)


def test_address_that_grpc_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An address that was taken at the last moment is refused all the same.
    """
    monkeypatch.setattr("errortax.integrations.envoy.check_address", lambda _: None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert "gRPC cannot use it" == refusal(f"127.0.0.1:{other.getsockname()[1]}").strerror


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.0.0.1:99999", "localhost:http", ":18199", "18199", "*:18199", "unix:"])
def test_no_address(listen: str) -> None:
    """
    A text that is not an address is refused at once; gRPC would listen at some other port.
    """
    with pytest.raises(ValueError, match="is not an address; write HOST:PORT or unix:PATH"):
        Server(Processor(GOPOINTS), listen)


def test_path_left_behind(tmp_path: Path) -> None:
    """
    The path of a server that has ended is taken.
    """
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async def use(address: str, _: Server) -> int:
        return await health(address, "")

    assert 1 == served(Processor(GOPOINTS), f"unix:{path}", use)


def test_an_observer_changes_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """
    A failure in an observer is logged, and the stream ends as it should.
    """

    def observe(_: Observation) -> None:
        raise RuntimeError("not my day")

    async def use(address: str, _: Server) -> None:
        *_, last = await asked(address, head(401), body(EXPIRED))
        assert 401 == immediate(last).status

    served(Processor(GOPOINTS, observe=observe), "127.0.0.1:0", use)
    assert "cannot observe a response" in caplog.text
    assert "not my day" in caplog.text
