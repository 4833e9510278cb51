from __future__ import annotations

import asyncio
import gzip
import json
import logging
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import Category, RawResponse, Translator, transport_error
from errortax.exceptions import CredentialsExpired, UnknownVendorError, VendorError, exception_for
from errortax.http import BODY_CAP
from errortax.integrations.asgi import Middleware
from errortax.testing import fake

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")
JSON = [(b"content-type", b"application/json")]
DENIAL = "websocket.http.response"


def http(method="GET", path="/points", headers=()):
    """Return the scope of a request."""
    return {"type": "http", "method": method, "path": path, "headers": [(b"host", b"gate.example"), *headers]}


def websocket(*extensions):
    """Return the scope of a websocket whose server knows the *extensions*."""
    return {"type": "websocket", "path": "/points", "headers": [], "extensions": {name: {} for name in extensions}}


def start(status, headers=JSON, **rest):
    """Return the message that begins a response."""
    return {"type": "http.response.start", "status": status, "headers": headers, **rest}


def body(data=b"", **rest):
    """Return a message with a piece of a body."""
    return {"type": "http.response.body", "body": data, **rest}


def error_messages(*pieces, status=401, **rest):
    """Return the messages of an error response whose body comes in *pieces*."""
    *first, last = pieces or (EXPIRED.body,)
    return [start(status, **rest), *(body(piece, more_body=True) for piece in first), body(last)]


def sending(*messages, raises=None):
    """Return an app that sends the *messages*, and then raises."""

    async def app(_scope, _receive, send):
        for message in messages:
            await send(message)
        if raises is not None:
            raise raises

    return app


async def receive():
    """Receive a server's messages for an app that reads no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


def served(app, scope=None):
    """Return the messages that a server gets from *app*, and the exception that ended them, if any."""
    sent = []

    async def send(message):
        sent.append(message)

    try:
        asyncio.run(app(scope or http(), receive, send))
    except Exception as error:  # whatever it raises is handed to the test
        return sent, error
    return sent, None


def answered(app, scope=None):
    """Return the whole response of *app* as a raw one."""
    (first, *others), error = served(app, scope)
    assert error is None
    return RawResponse(first["status"], first["headers"], b"".join(message["body"] for message in others))


def document(raw):
    """Return the problem document of an answer."""
    assert "application/problem+json" == raw.headers["content-type"]
    return json.loads(raw.body)


pieces = st.lists(st.binary(max_size=20), max_size=5)
asides = st.lists(
    st.sampled_from(
        [
            {"type": "http.response.push", "path": "/style.css", "headers": []},
            {"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]},
            {"type": "http.response.debug", "info": {"template": "a"}},
        ]
    ),
    max_size=2,
)


@st.composite
def successes(draw):
    """Draw the messages of a response below 400, in any way that the protocol allows."""
    trailers = draw(st.booleans())
    headers = draw(st.lists(st.tuples(st.sampled_from([b"content-type", b"content-length", b"etag"]), st.binary(max_size=9))))
    first = start(draw(st.integers(100, 399)), draw(st.sampled_from([headers, tuple(headers)])), trailers=trailers)
    middle = draw(
        st.one_of(
            st.builds(lambda parts: [*(body(part, more_body=True) for part in parts), body()], pieces),
            st.just([{"type": "http.response.body"}]),
            st.just([{"type": "http.response.pathsend", "path": "/tmp/file"}]),  # noqa: S108  # nobody opens it
            st.just([{"type": "http.response.zerocopysend", "file": 3, "more_body": True}, body(b"rest")]),
        )
    )
    last = [{"type": "http.response.trailers", "headers": [(b"digest", b"1")]}] if trailers else []
    return [*draw(asides), first, *draw(asides), *middle, *last]


@given(messages=successes(), inspects=st.booleans())
def test_success_is_identical(messages, inspects):
    """
    Of a success each message goes through as it is and in its place.
    """
    sent, error = served(Middleware(sending(*messages), vendor=VENDOR, inspect_success=inspects))
    assert error is None
    assert messages == sent
    assert all(one is other for one, other in zip(messages, sent, strict=True))


@given(cuts=st.lists(st.integers(0, len(EXPIRED.body)), max_size=6))
def test_split_of_an_error(cuts):
    """
    However the body of an error is split, the answer is the same.
    """
    bounds = [0, *sorted(cuts), len(EXPIRED.body)]
    parts = [EXPIRED.body[begin:end] for begin, end in pairwise(bounds)]
    whole = served(Middleware(sending(*error_messages()), vendor=VENDOR))
    assert whole == served(Middleware(sending(*error_messages(*parts)), vendor=VENDOR))


def test_error():
    """
    An error goes out in the format that was asked for, with its own length and without the upstream's.
    """
    headers = [*JSON, (b"content-length", b"%d" % len(EXPIRED.body)), (b"etag", b'"1"'), (b"x-secret", b"s3cret")]
    raw = answered(Middleware(sending(*error_messages(headers=headers)), to="problem+json", vendor=VENDOR))
    assert (401, "auth.token.expired") == (raw.status, document(raw)["code"])
    assert str(len(raw.body)) == raw.headers["content-length"]
    assert not {"etag", "x-secret"} & set(raw.headers)


def test_compressed_error():
    """
    A compressed body is understood, and the answer is not said to be compressed.
    """
    headers = [*JSON, (b"content-encoding", b"gzip")]
    raw = answered(Middleware(sending(*error_messages(gzip.compress(EXPIRED.body), headers=headers)), vendor=VENDOR))
    assert ("auth.token.expired", None) == (document(raw)["code"], raw.headers.get("content-encoding"))


def test_headers_that_can_be_read_once():
    """
    Header fields may be any iterable: it is read once, and a response that passes has all of them.
    """
    sent, _ = served(Middleware(sending(start(200, iter(JSON)), body(b"{}")), vendor=VENDOR, inspect_success=True))
    assert [start(200, JSON), body(b"{}")] == sent
    raw = answered(Middleware(sending(*error_messages(headers=iter(JSON))), vendor=VENDOR))
    assert "auth.token.expired" == document(raw)["code"]


def test_no_headers():
    """
    A start without header fields, and a body without bytes, are those of a response, too.
    """
    messages = {"type": "http.response.start", "status": 503}, {"type": "http.response.body"}
    assert "unavailable" == document(answered(Middleware(sending(*messages))))["category"]


def test_languages():
    """
    The answer is in the language that the caller accepts, however many fields say so.
    """
    accepting = http(headers=[(b"accept-language", b"xx"), (b"accept-language", b"de;q=0.9, en;q=0.1")])
    raw = answered(Middleware(sending(*error_messages()), vendor=VENDOR), accepting)
    assert ("de", "accept-language") == (raw.headers["content-language"], raw.headers["vary"].lower())


def test_vendor_by_route():
    """
    The path decides about the vendor, or a callable that gets the scope.
    """
    for vendor in ({"/points": VENDOR}, lambda scope: {"/points": VENDOR}[scope["path"]]):
        raw = answered(Middleware(sending(*error_messages()), vendor=vendor))
        assert VENDOR == document(raw)["vendor"]


def test_vendor_by_host():
    """
    The host of the request decides about the vendor.
    """
    raw = answered(Middleware(sending(*error_messages()), vendor={"gate.example": VENDOR}))
    assert VENDOR == document(raw)["vendor"]


def test_inside_a_success():
    """
    An error inside a 200 is found if that was asked for, and a success then still passes byte for byte.
    """
    for data, status in ((EXPIRED.body, 401), (b'{"points": 120}', 200)):
        headers = [*JSON, (b"content-length", b"%d" % len(data))]
        messages = start(200, headers), body(data[:9], more_body=True), body(data[9:])
        raw = answered(Middleware(sending(*messages), vendor=VENDOR, inspect_success=True))
        assert status == raw.status
        assert (status == 200) == (raw.body == data)
        assert list(messages) == served(Middleware(sending(*messages), vendor=VENDOR))[0]


def test_streaming_success():
    """
    The first piece of a success has reached the server before the app sends the second one.
    """

    async def main():
        sent = []
        seen = []

        async def app(_scope, _receive, send):
            await send(start(200, [(b"content-type", b"text/event-stream")]))
            for number in range(3):
                await send(body(b"data: %d\n\n" % number, more_body=True))
                seen.append(len(sent))

        async def send(message):
            sent.append(message)

        await Middleware(app, vendor=VENDOR, inspect_success=True)(http(), receive, send)
        return seen

    assert [2, 3, 4] == asyncio.run(main())


@pytest.mark.parametrize("size", [BODY_CAP + 1, 3 * BODY_CAP])
def test_beyond_the_cap(size):
    """
    An error that is longer than the cap passes on request as it came, and from there on it streams.
    """
    data = bytes(size)
    first, last = data[: BODY_CAP + 1], data[BODY_CAP + 1 :]
    messages = [start(500), body(first, more_body=True), body(last, more_body=True), body(b"")]
    sent, _ = served(Middleware(sending(*messages), vendor=VENDOR, too_long="pass"))
    assert (messages[0], data) == (sent[0], b"".join(message["body"] for message in sent[1:]))
    assert messages[2:] == sent[2:]


def test_beyond_the_cap_in_one_piece():
    """
    A long error in one message that passes is a complete response afterwards.
    """
    messages = error_messages(bytes(BODY_CAP + 1), status=500)
    sent, _ = served(Middleware(sending(*messages), vendor=VENDOR, too_long="pass"))
    assert [messages[0], {**messages[1], "more_body": False}] == sent


@pytest.mark.parametrize("cuts", [[BODY_CAP + 1], [BODY_CAP + 1, 7, 7], [BODY_CAP, 1, 1], [3 * BODY_CAP]])
def test_beyond_the_cap_by_status(cuts):
    """
    An error that is longer than the cap is answered by its status, and the rest of it is dropped.
    """
    headers = [*JSON, (b"set-cookie", b"a=1")]
    trailers = {"type": "http.response.trailers", "headers": []}
    pieces = [bytes(size) for size in cuts]
    messages = [start(403, headers), *(body(piece, more_body=True) for piece in pieces), body(b"end"), trailers]
    raw = answered(Middleware(sending(*messages), vendor=VENDOR))
    by_status = Translator(vendor=VENDOR).translate(RawResponse(403, {}, None), VENDOR)
    assert (by_status.status, by_status.body, by_status.headers) == (raw.status, raw.body, raw.headers)
    sent, error = served(Middleware(sending(*messages, body(b"again")), vendor=VENDOR))
    assert (3, body(b"again"), None) == (len(sent), sent[-1], error)
    lying = [start(200, [*JSON, (b"content-length", b"9")]), *messages[1:-1]]
    sent, _ = served(Middleware(sending(*lying), vendor=VENDOR, inspect_success=True))
    assert b"".join(pieces) + b"end" == b"".join(message["body"] for message in sent[1:])


def shadow_log(caplog):
    """Return what was logged in shadow mode."""
    return [record.getMessage() for record in caplog.records if record.name == "errortax"]


def test_shadow(caplog):
    """
    In shadow mode every message passes at once as it came, and the log has what would be answered, without secrets.
    """
    caplog.set_level(logging.INFO, "errortax")
    messages = error_messages(EXPIRED.body[:9], EXPIRED.body[9:], headers=(pair for pair in JSON))
    app = Middleware(sending(*messages), vendor=VENDOR, shadow=True)
    sent, error = served(app, {**http(path="/points/1"), "query_string": b"key=s3cret"})
    assert ([{**messages[0], "headers": JSON}, *messages[1:]], None) == (sent, error)
    assert ["shadow: GET '/points/1': 401 would become 401 credentials_expired (vendor: gopoints)"] == shadow_log(caplog)


def test_shadow_of_other_things(caplog):
    """
    In shadow mode successes leave no trace, an error that was raised is raised again, and a long body needs no memory.
    """
    caplog.set_level(logging.INFO, "errortax")
    success = [start(200), body(b"fine")]
    assert (success, None) == served(Middleware(sending(*success), vendor=VENDOR, shadow=True))
    raised = exception_for(errortax.parse(EXPIRED, VENDOR))
    assert ([], raised) == served(Middleware(sending(raises=raised), vendor=VENDOR, shadow=True))
    long = [start(500), *[body(bytes(BODY_CAP), more_body=True)] * 3, body()]
    assert (long, None) == served(Middleware(sending(*long), vendor=VENDOR, shadow=True))
    assert [
        "shadow: GET '/points': an exception would become 401 credentials_expired (vendor: gopoints)",
        "shadow: GET '/points': 500 would become 500 internal (vendor: gopoints)",
    ] == shadow_log(caplog)


def test_at_the_cap():
    """
    A body as long as the cap is still translated.
    """
    raw = answered(Middleware(sending(*error_messages(EXPIRED.body.ljust(BODY_CAP))), vendor=VENDOR))
    assert "auth.token.expired" == document(raw)["code"]


def test_head():
    """
    HEAD gets the header fields that GET gets, and no body, even from an app that sends one.
    """
    app = Middleware(sending(*error_messages()), vendor=VENDOR)
    head, get = answered(app, http("HEAD")), answered(app)
    assert (b"", get.status, get.headers) == (head.body, head.status, head.headers)
    app = Middleware(sending(raises=exception_for(errortax.parse(EXPIRED, VENDOR))))
    head, get = answered(app, http("HEAD")), answered(app)
    assert (b"", get.status, get.headers) == (head.body, head.status, head.headers)


def test_trailers_of_an_error():
    """
    Trailers of a replaced response are dropped, and no longer announced; those of a response that passes come with it.
    """
    trailers = {"type": "http.response.trailers", "headers": []}
    translated = [*error_messages(trailers=True), trailers]
    sent, _ = served(Middleware(sending(*translated), vendor=VENDOR))
    assert ["http.response.start", "http.response.body"] == [message["type"] for message in sent]
    assert "trailers" not in sent[0]
    long = [*error_messages(bytes(BODY_CAP + 1), trailers=True), trailers]
    sent, _ = served(Middleware(sending(*long), vendor=VENDOR, too_long="pass"))
    assert (long[0], trailers) == (sent[0], sent[-1])


def test_asides_of_an_error():
    """
    A message that is not part of the response does not wait for it.
    """
    hint = {"type": "http.response.early_hint", "links": []}
    sent, _ = served(Middleware(sending(hint, start(401), hint, body(EXPIRED.body)), vendor=VENDOR))
    assert [hint, hint] == sent[:2]
    assert ["http.response.start", "http.response.body"] == [message["type"] for message in sent[2:]]


@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
def test_error_as_a_file(kind):
    """
    An error whose body comes from a file passes as it came.
    """
    for messages in (
        [start(404), {"type": f"http.response.{kind}"}],
        [start(404), body(b"ab", more_body=True), {"type": f"http.response.{kind}", "more_body": True}, body(b"cd")],
    ):
        assert messages == served(Middleware(sending(*messages), vendor=VENDOR))[0]


def test_mistakes_of_the_app():
    """
    A message that the protocol forbids reaches the server, which reports it to the app.
    """
    twice = [start(404), start(500), body()]
    assert twice == served(Middleware(sending(*twice)))[0]
    late = body(b"late")
    assert late == served(Middleware(sending(*error_messages(), late), vendor=VENDOR))[0][-1]


def test_other_scopes():
    """
    Lifespan, and kinds of connections that are yet to come, get the server's own functions.
    """

    async def app(scope, *functions):
        scope["given"] = functions

    async def send(_message):
        raise AssertionError

    for kind in ("lifespan", "something"):
        scope = {"type": kind}
        asyncio.run(Middleware(app)(scope, receive, send))
        assert (receive, send) == scope["given"]


def test_receive_is_the_server_s():
    """
    The app receives the client's messages, and its disconnection, from the server itself.
    """

    async def app(scope, receive, _send):
        scope["given"] = receive

    scope = http()
    served(Middleware(app), scope)
    assert scope["given"] is receive


def test_websocket():
    """
    An accepted websocket passes untouched, even if errors follow.
    """
    messages = [{"type": "websocket.accept"}, {"type": "websocket.send", "text": "a"}]
    error = exception_for(transport_error("no_response"))
    assert (messages, error) == served(Middleware(sending(*messages, raises=error)), websocket(DENIAL))
    messages = [{"type": "websocket.close"}]
    assert (messages, error) == served(Middleware(sending(*messages, raises=error)), websocket(DENIAL))


def test_denied_websocket():
    """
    A websocket that is refused by an error response gets the translated one.
    """
    messages = [{**message, "type": f"websocket.{message['type']}"} for message in error_messages()]
    app = Middleware(sending(*messages), vendor=VENDOR)
    sent, _ = served(app, websocket(DENIAL))
    assert [f"{DENIAL}.start", f"{DENIAL}.body"] == [message["type"] for message in sent]
    assert "auth.token.expired" == document(answered(app, websocket(DENIAL)))["code"]


def test_raised_in_a_websocket():
    """
    An error that is raised before a websocket is accepted is answered, if the server can do that.
    """
    error = exception_for(errortax.parse(EXPIRED, VENDOR))
    app = Middleware(sending(raises=error))
    assert "auth.token.expired" == document(answered(app, websocket(DENIAL)))["code"]
    assert ([], error) == served(app, websocket())
    assert ([], error) == served(app, {"type": "websocket", "path": "/", "headers": [], "extensions": None})


def test_raised_before_the_start():
    """
    A `VendorError` that the app raises is rendered in the caller's language, if nothing was sent yet.
    """
    app = sending(raises=exception_for(errortax.parse(EXPIRED, VENDOR)))
    raw = answered(Middleware(app), http(headers=[(b"accept-language", b"de")]))
    assert (401, "auth.token.expired", "de") == (raw.status, document(raw)["code"], raw.headers["content-language"])


def test_raised_while_held():
    """
    A response that was held back when the app raised is not sent half: the error is answered, another one is the server's.
    """
    half = start(502), body(b'{"status"', more_body=True)
    expired = exception_for(errortax.parse(EXPIRED, VENDOR))
    assert 401 == answered(Middleware(sending(*half, raises=expired))).status
    other = RuntimeError("lost")
    assert ([], other) == served(Middleware(sending(*half, raises=other)))


def test_body_that_does_not_arrive():
    """
    An error whose body stalls or breaks off is what its status says: a refusal stays a refusal.
    """
    half = start(422), body(b'{"status"', more_body=True)
    for name in ("no_response", "connection_failed"):
        raised = exception_for(transport_error(name))
        raw = answered(Middleware(sending(*half, raises=raised), vendor=VENDOR))
        assert (422, "invalid_argument", VENDOR) == (raw.status, document(raw)["category"], document(raw)["vendor"])
    raised = exception_for(transport_error("no_response"))
    assert ([], raised) == served(Middleware(sending(*half, raises=raised), Broken()))


def test_raised_after_the_start():
    """
    After something was sent the error is raised again, and nothing is added.
    """
    expired = exception_for(errortax.parse(EXPIRED, VENDOR))
    messages = [start(200), body(b"a", more_body=True)]
    assert (messages, expired) == served(Middleware(sending(*messages, raises=expired)))
    sent, error = served(Middleware(sending(*error_messages(), raises=expired), vendor=VENDOR))
    assert (2, expired) == (len(sent), error)


def test_client_that_is_gone():
    """
    An exception that the server raises for a client that is gone reaches the app, held back or not.
    """

    async def send(_message):
        raise OSError("gone")

    for messages in (error_messages(), [start(200), body()], error_messages(bytes(BODY_CAP + 1))):
        with pytest.raises(OSError, match="gone"):
            asyncio.run(Middleware(sending(*messages), vendor=VENDOR)(http(), receive, send))


def test_cancellation():
    """
    A request that is cancelled while its error is held back sends nothing, and stays cancelled.
    """

    async def main():
        sent = []
        is_waiting = asyncio.Event()

        async def app(_scope, _receive, send):
            await send(start(500))
            is_waiting.set()
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        task = asyncio.create_task(Middleware(app)(http(), receive, send))
        await is_waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        return sent

    assert [] == asyncio.run(main())


def test_send_in_a_task():
    """
    An app may send from a task of its own, since what is held back gives a coroutine, too.
    """

    async def app(_scope, _receive, send):
        for message in error_messages():
            await asyncio.create_task(send(message))

    assert 401 == answered(Middleware(app, vendor=VENDOR)).status


def test_replaced_translator():
    """
    A translator that is put in place of another one serves from the next request on, and the one under way keeps its own.
    """

    async def app(_scope, _receive, send):
        for message in error_messages():
            await send(message)
        middleware.translator = Translator(vendor=VENDOR)

    middleware = Middleware(app, translator=Translator(vendor="http"))
    assert ["http", VENDOR] == [document(answered(middleware))["vendor"] for _ in range(2)]


def test_middleware_in_middleware():
    """
    An answer of one middleware passes an outer one: for an error that came, that was raised, or that was inside a 200.
    """
    expired = exception_for(errortax.parse(EXPIRED, VENDOR))
    inside_a_200 = [start(200, [*JSON, (b"content-length", b"%d" % len(EXPIRED.body))]), body(EXPIRED.body)]
    for app in (sending(*error_messages()), sending(raises=expired), sending(*inside_a_200)):
        for keep_status in (True, False):
            inner = Middleware(app, vendor=VENDOR, inspect_success=True, keep_status=keep_status)
            outer = Middleware(Middleware(inner, vendor="youforce"), to="json:api", vendor="http", inspect_success=True)
            assert served(inner) == served(outer)
            assert "auth.token.expired" == document(answered(outer))["code"]


def test_middleware_around_one_that_does_not_answer():
    """
    The outer middleware translates an error that the inner one lets pass.
    """

    async def both(scope, receive, send):
        await (by_path if scope["path"] == "/inner" else app)(scope, receive, send)

    app = sending(*error_messages())
    by_path = Middleware(app, Broken())
    outer = Middleware(both, vendor=VENDOR)
    assert ["auth.token.expired"] * 2 == [document(answered(outer, http(path=path)))["code"] for path in ("/inner", "/")]


def test_bad_options():
    """
    A bad option, or an option beside a translator, raises when the middleware is made.
    """
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        Middleware(sending(), vendor="gopoint")
    with pytest.raises(TypeError, match="translator excludes all other options, such as to, vendor"):
        Middleware(sending(), translator=Translator(), to="problem+json", vendor=VENDOR)
    with pytest.raises(TypeError, match=r"translator must be an errortax.Translator, not .problem.json"):
        Middleware(sending(), "problem+json")
    with pytest.raises(TypeError, match=r"^unknown option 'expos'; did you mean 'expose'\?$"):
        Middleware(sending(), to="problem+json", expos="public")
    with pytest.raises(TypeError, match=r"^unknown option 'translater'; did you mean 'translator'\?$"):
        Middleware(sending(), translater=Translator())
    with pytest.raises(TypeError, match=r"^unknown option 'colour'; known: translator, to, vendor, expose, locale, registry, "):
        Middleware(sending(), colour="red")


class Broken(Translator):
    """A translator with a fault."""

    def holds_back(self, status, headers, method):
        """Fail for teapots."""
        if status == 418:
            raise RuntimeError("broken")
        return super().holds_back(status, headers, method)

    def translate(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")

    def answer(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")


def test_fault_of_our_own(caplog):
    """
    A fault of our own is logged, and the response passes as it came: never an outage.
    """
    caplog.set_level(logging.ERROR, "errortax")
    for status in (401, 418):
        messages = error_messages(status=status)
        sent, error = served(Middleware(sending(*messages), Broken()), http("PUT"))
        assert (messages[0], messages[1]["body"], None) == (sent[0], sent[1]["body"], error)
    raised = exception_for(transport_error("no_response"))
    assert ([], raised) == served(Middleware(sending(raises=raised), Broken()), {**http(), "query_string": b"key=s3cret"})
    assert [
        "cannot translate a response to PUT '/points' (vendor: not known); it passes as it came",
        "cannot decide whether to translate a response to PUT '/points'; it passes as it came",
        f"cannot render an error for GET '/points' (vendor: {raised.error.vendor}); it is raised again",
    ] == [record.message for record in caplog.records]
    assert all(record.exc_info for record in caplog.records)


def test_fault_of_the_route(caplog):
    """
    A callable for the vendor that fails lets the response pass, and is logged, in one line for any path.
    """
    messages = error_messages()
    sent, _ = served(Middleware(sending(*messages), vendor=lambda scope: scope["nothing"]), http(path="/a\nb\udcff"))
    assert (messages[0], EXPIRED.body) == (sent[0], sent[1]["body"])
    logged = r"cannot translate a response to GET '/a\nb\udcff' (vendor: not known); it passes as it came"
    assert [("errortax", logged)] == [(record.name, record.message) for record in caplog.records]


def test_fault_with_a_known_vendor(caplog):
    """
    The log names the vendor whose response could not be translated.
    """
    served(Middleware(sending(*error_messages()), Broken(vendor=VENDOR)))
    assert [f"cannot translate a response to GET '/points' (vendor: {VENDOR}); it passes as it came"] == caplog.messages


def test_the_exception_is_one_of_ours():
    """
    Every class of the family is answered, and nothing else is caught.
    """
    assert issubclass(CredentialsExpired, VendorError)
    for category in (Category.NO_RESPONSE, Category.CONNECTION_FAILED):
        assert 500 <= answered(Middleware(sending(raises=exception_for(transport_error(category))))).status
