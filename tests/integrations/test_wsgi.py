from __future__ import annotations

import gzip
import io
import json
import logging
import sys
from contextlib import closing, suppress
from itertools import pairwise
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import RawResponse, Translator, transport_error
from errortax.exceptions import UnknownVendorError, exception_for
from errortax.http import BODY_CAP
from errortax.integrations.wsgi import Middleware
from errortax.testing import fake

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")
JSON = [("Content-Type", "application/json")]
RAISED = exception_for(errortax.parse(EXPIRED, VENDOR))


def environ(method="GET", path="/points", **rest):
    """Return the environment of a request."""
    environment = {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "HTTP_HOST": "gate.example", **rest}
    setup_testing_defaults(environment)
    environment["QUERY_STRING"] = ""
    return environment


def served(app, environment=None):
    """Return the response of *app* as the server of the standard library sends it."""
    out = io.BytesIO()
    handler = Handler(io.BytesIO(), out, io.StringIO(), environment or environ())
    handler.run(app)
    status, _, rest = out.getvalue().partition(b"\r\n")
    fields, _, body = rest.partition(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in fields.decode("latin-1").split("\r\n") if not line.startswith("Date: ")]
    return RawResponse(int(status.split()[1]), headers, body)


class Handler(SimpleHandler):
    """The server of the standard library, as one that raises what it cannot handle instead of answering for it."""

    def __init__(self, stdin, stdout, stderr, environment):
        super().__init__(stdin, stdout, stderr, environment, multithread=False)
        self.environment = environment
        self.origin_server = True

    def setup_environ(self):
        """Take the environment as it is."""
        super().setup_environ()
        self.environ.update({**self.environment, "wsgi.file_wrapper": FileWrapper})

    def get_scheme(self):
        """Return the scheme of the request."""
        return "http"

    def handle_error(self):
        """Raise again."""
        raise  # noqa: PLE0704  # it is called where the exception is handled


def checked(app, **options):
    """Return *app* in the middleware, with the validator of the standard library inside and outside."""
    return validator(Middleware(validator(app), **options))


def answering(*pieces, status="401 Unauthorized", headers=JSON):
    """Return an app that starts a response and returns the *pieces* of its body."""

    def app(_environ, start_response):
        start_response(status, list(headers))
        return list(pieces)

    return app


def document(raw):
    """Return the problem document of an answer."""
    assert "application/problem+json" == raw.headers["content-type"]
    return json.loads(raw.body)


def yielding(*pieces, status="401 Unauthorized", raises=None):
    """Return an app that starts the response only when it is asked for the first piece, and may raise after the last one."""

    def app(_environ, start_response):
        start_response(status, JSON)
        yield from pieces
        if raises is not None:
            raise raises

    return app


def writing(*pieces, status="401 Unauthorized"):
    """Return an app that writes its body, all but the last piece, as old ones do."""

    def app(_environ, start_response):
        write = start_response(status, JSON)
        for piece in pieces[:-1]:
            write(piece)
        return [pieces[-1]]

    return app


def filing(*pieces, status="401 Unauthorized"):
    """Return an app that lets the server read the body from a file."""

    def app(environment, start_response):
        start_response(status, JSON)
        return environment["wsgi.file_wrapper"](io.BytesIO(b"".join(pieces)), 7)

    return app


kinds = pytest.mark.parametrize("kind", [answering, yielding, writing, filing])


@kinds
def test_error(kind):
    """
    An error goes out translated, in each way in which the app can return its body.
    """
    raw = served(checked(kind(EXPIRED.body[:9], EXPIRED.body[9:]), to="problem+json", vendor=VENDOR))
    assert (401, "auth.token.expired") == (raw.status, document(raw)["code"])
    assert str(len(raw.body)) == raw.headers["content-length"]


@kinds
def test_success(kind):
    """
    A success goes out unchanged, in each way in which the app can return its body.
    """
    raw = served(checked(kind(b"a" * 9, b"b" * 9, status="201 Made"), vendor=VENDOR))
    assert (201, b"a" * 9 + b"b" * 9, "application/json") == (raw.status, raw.body, raw.headers["content-type"])


@kinds
def test_beyond_the_cap(kind):
    """
    An error that is longer than the cap is answered by its status, or passes on request as it came.
    """
    data = b"a" * (BODY_CAP + 9), b"b" * 9, b"c"
    raw = served(checked(kind(*data), vendor=VENDOR, too_long="pass"))
    assert (401, b"".join(data)) == (raw.status, raw.body)
    by_status = Translator(vendor=VENDOR).translate(errortax.RawResponse(401, {}, None), VENDOR)
    raw = served(checked(kind(*data), vendor=VENDOR))
    assert (by_status.status, by_status.body) == (raw.status, raw.body)


@kinds
def test_lying_success(kind):
    """
    A success that is longer than it says passes whole, although it was to be inspected.
    """
    data = b"a" * (BODY_CAP + 9), b"b" * 9, b"c"

    def app(environment, start_response):
        return kind(*data)(environment, lambda *_: start_response("200 OK", [*JSON, ("Content-Length", "9")]))

    assert b"".join(data) == served(Middleware(app, vendor=VENDOR, inspect_success=True)).body


def shadow_log(caplog):
    """Return what was logged in shadow mode."""
    return [record.getMessage() for record in caplog.records if record.name == "errortax"]


@kinds
def test_shadow(kind, caplog):
    """
    In shadow mode a response passes as it came, and the log has what would be answered.
    """
    caplog.set_level(logging.INFO, "errortax")
    for piece in (EXPIRED.body[9:], b"x" * BODY_CAP):
        raw = served(checked(kind(EXPIRED.body[:9], piece), vendor=VENDOR, shadow=True))
        assert (401, EXPIRED.body[:9] + piece) == (raw.status, raw.body)
    assert [
        "shadow: GET '/points': 401 would become 401 credentials_expired (vendor: gopoints)",
        "shadow: GET '/points': 401 would become 401 credentials_invalid (vendor: gopoints)",
    ] == shadow_log(caplog)
    assert b"fine" == served(checked(kind(b"fine", status="200 OK"), vendor=VENDOR, shadow=True)).body
    assert 2 == len(shadow_log(caplog))


def test_shadow_streams():
    """
    In shadow mode each piece of an error goes out while the app waits with the next one.
    """
    seen = []

    def app(_environ, start_response):
        start_response("500 Oops", JSON)
        for number in range(3):
            seen.append(f"makes {number}")
            yield b"x"

    result = Middleware(app, vendor=VENDOR, shadow=True)(environ(), lambda *_: seen.append)
    seen.extend(f"sent {piece!r}" for piece in result)
    result.close()
    assert [text for number in range(3) for text in (f"makes {number}", "sent b'x'")] == seen


def test_shadow_of_exceptions(caplog):
    """
    In shadow mode an error that the app raises is raised again, and logged.
    """
    caplog.set_level(logging.INFO, "errortax")
    for app in (raising(RAISED), yielding(raises=RAISED, status="200 OK"), yielding(b"a", raises=RAISED)):
        with pytest.raises(type(RAISED)):
            served(checked(app, vendor=VENDOR, shadow=True))
    assert ["shadow: GET '/points': an exception would become 401 credentials_expired (vendor: gopoints)"] * 3 == shadow_log(
        caplog
    )


@given(cuts=st.lists(st.integers(0, len(EXPIRED.body)), max_size=6), kind=st.sampled_from([answering, yielding, writing, filing]))
def test_split_of_an_error(cuts, kind):
    """
    However the body of an error is split, the answer is the same.
    """
    parts = [EXPIRED.body[begin:end] for begin, end in pairwise([0, *sorted(cuts), len(EXPIRED.body)])]
    assert served(Middleware(answering(EXPIRED.body), vendor=VENDOR)) == served(Middleware(kind(*parts), vendor=VENDOR))


@given(status=st.integers(200, 399), pieces=st.lists(st.binary(max_size=9), max_size=4))
def test_success_is_identical(status, pieces):
    """
    Of a success the server gets the very status, header fields and iterable that the app made.
    """
    result, started, write = list(pieces), [], object()

    def app(_environ, start_response):
        headers = [("Content-Type", "text/plain")]
        assert start_response(f"{status} Fine", headers) is write
        started.append(headers)
        return result

    def start_response(*arguments):
        started.append(arguments)
        return write

    assert Middleware(app, vendor=VENDOR, inspect_success=True)(environ(), start_response) is result
    assert (f"{status} Fine", started[1], None) == started[0]
    assert started[0][1] is started[1]


def test_streaming_success():
    """
    Each piece of a success is there before the app makes the next one, even if the response starts late.
    """
    made = []

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        for number in range(3):
            made.append(number)
            yield b"data: %d\n\n" % number

    with closing(checked(app)(environ(), lambda *_: print)) as result:
        for index, piece in enumerate(result):
            assert (b"data: %d\n\n" % index, index + 1) == (piece, len(made))


def test_compressed_error():
    """
    A compressed body is understood, and the answer is not said to be compressed.
    """
    app = answering(gzip.compress(EXPIRED.body), headers=[*JSON, ("Content-Encoding", "gzip"), ("ETag", '"1"')])
    raw = served(checked(app, vendor=VENDOR))
    assert ("auth.token.expired", None, None) == (
        document(raw)["code"],
        raw.headers.get("content-encoding"),
        raw.headers.get("etag"),
    )


def test_status_line():
    """
    The reason phrase is that of HTTP, since the upstream's is a text of its own.
    """
    lines = []
    app = Middleware(answering(EXPIRED.body, status="401 s3cret"), vendor=VENDOR)
    list(app(environ(), lambda status, *_: lines.append(status)))
    assert ["401 Unauthorized"] == lines
    app = Middleware(answering(status="418 s3cret"), Unusual())
    list(app(environ(), lambda status, *_: lines.append(status)))
    assert "499 Error" == lines[-1]


class Unusual(Translator):
    """A translator that answers with a status without a name."""

    def translate(self, *_arguments, **_options):
        """Answer."""
        return RawResponse(499, {}, b"")


def test_malformed_status():
    """
    A malformed status line is left to the server.
    """
    lines = []
    list(Middleware(answering(status="4xx"))(environ(), lambda status, *_: lines.append(status)))
    assert ["4xx"] == lines


def test_languages():
    """
    The answer is in the language that the caller accepts.
    """
    raw = served(checked(answering(EXPIRED.body), vendor=VENDOR), environ(HTTP_ACCEPT_LANGUAGE="de;q=0.9, en;q=0.1"))
    assert ("de", "accept-language") == (raw.headers["content-language"], raw.headers["vary"].lower())


def test_vendor_by_route():
    """
    The path below all mounts decides about the vendor, or the host, or a callable that gets the environment.
    """
    for vendor in ({"/points/": VENDOR}, {"gate.example": VENDOR}, lambda environment: environment["vendor"]):
        environment = environ(path="/é".encode().decode("latin-1"), SCRIPT_NAME="/points", vendor=VENDOR)
        raw = served(checked(answering(EXPIRED.body), vendor=vendor), environment)
        assert VENDOR == document(raw)["vendor"]


def test_inside_a_success():
    """
    An error inside a 200 is found if that was asked for, and a success then still passes byte for byte.
    """
    for data, status in ((EXPIRED.body, 401), (b'{"points": 120}', 200)):
        headers = [*JSON, ("Content-Length", str(len(data)))]
        app = answering(data[:9], data[9:], status="200 OK", headers=headers)
        raw = served(checked(app, vendor=VENDOR, inspect_success=True))
        assert status == raw.status
        assert (status == 200) == (raw.body == data)
        assert data == served(checked(app, vendor=VENDOR)).body


def test_head():
    """
    HEAD gets the header fields that GET gets, and no body, even from an app that sends one.
    """
    for app in (answering(EXPIRED.body), raising(RAISED)):
        checking = checked(app, vendor=VENDOR)
        head, get = served(checking, environ("HEAD")), served(checking)
        fields = {name: get.headers[name] for name in get.headers if name != "date"}
        assert (b"", get.status, fields) == (
            head.body,
            head.status,
            {name: head.headers[name] for name in head.headers if name != "date"},
        )


def raising(error):
    """Return an app that raises at once."""

    def app(_environ, _start_response):
        raise error

    return app


class Pieces:
    """A body that knows whether it was closed, and fails on the way on request."""

    def __init__(self, *pieces, fails=None):
        self.pieces, self.fails, self.closed = iter(pieces), fails, 0

    def __iter__(self):
        return self

    def __next__(self):
        piece = next(self.pieces, None)
        if piece is not None:
            return piece
        raise self.fails or StopIteration

    def close(self):
        """Count."""
        self.closed += 1


@pytest.mark.parametrize("fails", [None, RuntimeError("lost"), RAISED])
@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
def test_close(status, fails):
    """
    The app's iterable is closed once, whether it passes, is translated, or fails.
    """
    body = Pieces(b"{", fails=fails)

    def app(_environ, start_response):
        start_response(status, JSON)
        return body

    with suppress(RuntimeError, type(RAISED)), closing(checked(app)(environ(), lambda *_: print)) as result:
        list(result)
    assert 1 == body.closed


def test_close_on_the_way():
    """
    A server that stops on the way closes what the app returned.
    """
    closed = []

    def app(_environ, start_response):
        start_response("200 OK", JSON)
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    result = Middleware(app)(environ(), lambda *_: print)
    assert b"a" == next(iter(result))
    result.close()
    assert [True] == closed


def test_raised_before_the_start():
    """
    A `VendorError` that the app raises before anything was sent is rendered, in the caller's language.
    """
    for app in (
        raising(RAISED),
        yielding(raises=RAISED),
        yielding(b"{", raises=RAISED),
        yielding(raises=RAISED, status="200 OK"),
    ):
        raw = served(checked(app), environ(HTTP_ACCEPT_LANGUAGE="de"))
        assert (401, "auth.token.expired", "de") == (raw.status, document(raw)["code"], raw.headers["content-language"])


def test_raised_after_a_start():
    """
    A success that was started and not yet sent makes place for the error that the app raises.
    """

    def app(_environ, start_response):
        start_response("200 OK", JSON)
        raise RAISED

    assert 401 == served(checked(app)).status


def test_body_that_does_not_arrive():
    """
    An error whose body stalls or breaks off is what its status says: a refusal stays a refusal.
    """
    for name in ("no_response", "connection_failed"):
        app = yielding(b'{"status"', raises=exception_for(transport_error(name)), status="422 Unprocessable Entity")
        raw = served(checked(app, vendor=VENDOR))
        assert (422, "invalid_argument", VENDOR) == (raw.status, document(raw)["category"], document(raw)["vendor"])


def test_raised_after_something_was_sent():
    """
    After something was sent the error is raised again.
    """

    def app(_environ, start_response):
        start_response("200 OK", JSON)(b"a")
        raise RAISED

    for each in (app, yielding(b"a", raises=RAISED, status="200 OK"), yielding(bytes(BODY_CAP + 1), raises=RAISED)):
        with pytest.raises(type(RAISED)):
            served(checked(each, too_long="pass"))


def test_other_exceptions():
    """
    Any other exception of the app is the server's, and an error that was held back is not sent half.
    """
    out = io.BytesIO()
    for app in (raising(RuntimeError("lost")), yielding(b"{", raises=RuntimeError("lost"))):
        with pytest.raises(RuntimeError, match="lost"):
            Handler(io.BytesIO(), out, io.StringIO(), environ()).run(checked(app))
    assert b"" == out.getvalue()


def failing_over(first, second, *, late=False):
    """Return an app that starts a response, fails, and starts another one with the exception, as PEP 3333 wants it."""

    def app(_environ, start_response):
        start_response(first, JSON)
        try:
            raise RuntimeError("lost")
        except RuntimeError:
            start_response(second, JSON, sys.exc_info())
        return [EXPIRED.body]

    def later(environment, start_response):
        yield from app(environment, start_response)

    return later if late else app


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("first", ["200 OK", "503 Busy"])
def test_started_again(first, late):
    """
    A response that replaces one that was not sent is parsed anew, and the first one leaves no trace.
    """
    raw = served(checked(failing_over(first, "401 Unauthorized", late=late), vendor=VENDOR))
    assert (401, "auth.token.expired") == (raw.status, document(raw)["code"])
    raw = served(checked(failing_over(first, "200 OK", late=late), vendor=VENDOR))
    assert (200, EXPIRED.body) == (raw.status, raw.body)


def test_started_again_by_what_passes():
    """
    Once the server iterates over the app's own object, a second start is between the two of them.
    """

    class Late(Pieces):
        """A body that starts an error response late."""

        def __next__(self):
            try:
                raise RuntimeError("lost")
            except RuntimeError:
                self.start("500 Internal Server Error", JSON, sys.exc_info())
            return super().__next__()

    body = Late()

    def app(_environ, start_response):
        body.start = start_response
        start_response("200 OK", JSON)
        return body

    raw = served(Middleware(app))
    assert (500, b"") == (raw.status, raw.body)


def test_started_again_after_something_was_sent():
    """
    After something was sent, the server raises the app's exception.
    """

    def app(_environ, start_response):
        start_response("200 OK", JSON)
        yield b"a"
        try:
            raise RuntimeError("lost")
        except RuntimeError:
            start_response("500 Internal Server Error", JSON, sys.exc_info())

    with pytest.raises(RuntimeError, match="lost"):
        served(checked(app))


def test_started_twice():
    """
    An app that starts twice without an exception hears of it from the server.
    """

    def app(status):
        def starting(_environ, start_response):
            start_response(status, JSON)
            start_response("200 OK", JSON)
            return [b""]

        return starting

    for status in ("200 OK", "401 Unauthorized"):
        with pytest.raises(AssertionError, match="Headers already set"):
            served(Middleware(app(status)))


def test_never_started():
    """
    An app that never starts hears of it from the server.
    """
    with pytest.raises(AssertionError, match="write\\(\\) before start_response"):
        served(Middleware(lambda *_: [b"a"]))


def test_replaced_translator():
    """
    A translator that is put in place of another one serves from the next request on, and the one under way keeps its own.
    """

    def app(_environ, start_response):
        start_response("401 Unauthorized", JSON)
        middleware.translator = Translator(vendor=VENDOR)
        return [EXPIRED.body]

    middleware = Middleware(app, translator=Translator(vendor="http"))
    assert ["http", VENDOR] == [document(served(middleware))["vendor"] for _ in range(2)]


@pytest.mark.parametrize("keep_status", [True, False])
def test_middleware_in_middleware(keep_status):
    """
    An answer of one middleware passes an outer one: for an error that came, that was raised, or that was inside a 200.
    """
    for app in (
        answering(EXPIRED.body),
        answering(EXPIRED.body, status="200 OK", headers=[*JSON, ("Content-Length", str(len(EXPIRED.body)))]),
        raising(RAISED),
        yielding(raises=RAISED),
    ):
        inner = Middleware(app, vendor=VENDOR, inspect_success=True, keep_status=keep_status)
        outer = checked(Middleware(inner, vendor="youforce"), to="json:api", vendor="http", inspect_success=True)
        wanted, raw = served(inner), served(outer)
        assert (wanted.status, wanted.headers.raw, wanted.body) == (raw.status, raw.headers.raw, raw.body)
        assert "auth.token.expired" == document(raw)["code"]


def test_middleware_around_one_that_does_not_answer():
    """
    The outer middleware translates an error that the inner one lets pass.
    """
    raw = served(checked(Middleware(answering(EXPIRED.body), Broken()), vendor=VENDOR))
    assert "auth.token.expired" == document(raw)["code"]


def test_bad_options():
    """
    A bad option raises when the middleware is made.
    """
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        Middleware(answering(), vendor="gopoint")
    with pytest.raises(TypeError, match="unknown option 'expos'; did you mean 'expose'"):
        Middleware(answering(), expos="public")


class Broken(Translator):
    """A translator with a fault."""

    def translate(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")

    answer = translate


def test_fault_of_our_own(caplog):
    """
    A fault of our own is logged, and the response passes as it came: never an outage.
    """
    caplog.set_level(logging.ERROR, "errortax")
    raw = served(checked(answering(EXPIRED.body), translator=Broken()))
    assert (401, EXPIRED.body) == (raw.status, raw.body)
    error = exception_for(transport_error("no_response"))
    for app in (raising(error), yielding(raises=error)):
        with pytest.raises(type(error)):
            served(checked(app, translator=Broken()))
    passes = "cannot translate a response to GET '/points' (vendor: not known); it passes as it came"
    again = f"cannot render an error for GET '/points' (vendor: {error.error.vendor}); it is raised again"
    assert [passes, again, passes, again] == [record.message for record in caplog.records if record.name == "errortax"]


def test_path_in_the_log(caplog):
    """
    The log has the whole path, mounts included, even a malformed one, and not the query, which may contain secrets.
    """
    odd = environ(SCRIPT_NAME="/shop", PATH_INFO="/caf\xc3\xa9\n\u20ac", QUERY_STRING="key=s3cret")
    Middleware(answering(EXPIRED.body), Broken(vendor=VENDOR))(odd, lambda *_: None).__iter__().__next__()
    assert [rf"cannot translate a response to GET '/shop/café\n?' (vendor: {VENDOR}); it passes as it came"] == caplog.messages


def test_write_after_a_new_start():
    """
    If a start that passes replaces another one, data for the first ``write`` are still sent.
    """

    def app(_environ, start_response):
        write = start_response("404 Not Found", JSON)
        try:
            raise RuntimeError("lost")
        except RuntimeError:
            start_response("200 OK", JSON, sys.exc_info())
        write(b"late")
        return [b" and later"]

    raw = served(checked(app, vendor=VENDOR))
    assert (200, b"late and later") == (raw.status, raw.body)
