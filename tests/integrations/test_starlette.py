from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

import errortax
from errortax import Translator
from errortax.exceptions import UnknownVendorError, VendorError
from errortax.integrations import asgi
from errortax.integrations.starlette import handler
from errortax.testing import fake

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")
DENIAL = "websocket.http.response"


async def fail(_request):
    """Raise the `VendorError` of an upstream that failed."""
    errortax.raise_for_error(EXPIRED, VENDOR)


async def succeed(_request):
    """Answer."""
    return PlainTextResponse("fine")


async def accept(websocket):
    """Fail after the websocket was accepted."""
    await websocket.accept()
    await fail(websocket)


async def pass_on(_request):
    """Pass an upstream's error on as it came."""
    return JSONResponse({"status": "error", "error_code": "auth.token.expired"}, 401)


ROUTES = [
    Route("/fail", fail, methods=["GET", "POST"]),
    Route("/fine", succeed),
    Route("/raw", pass_on),
    WebSocketRoute("/deny", fail),
    WebSocketRoute("/accept", accept),
    Mount("/mounted", routes=[Route("/raw", pass_on)]),
]


def starlette():
    """Return an app of Starlette."""
    return Starlette(routes=ROUTES)


def fastapi():
    """Return an app of FastAPI."""
    return FastAPI(routes=ROUTES)


def mounting(framework):
    """Return an app that mounts another one of its kind, which fails, behind the middleware."""
    app = framework()
    app.mount("/sub", framework())
    app.add_middleware(asgi.Middleware, vendor={"/sub/": VENDOR, "/mounted/": VENDOR})
    return app


frameworks = pytest.mark.parametrize("framework", [starlette, fastapi])


class Client:
    """Send requests to an app in this process."""

    def __init__(self, app):
        self.app = app

    def request(self, method, path, **options):
        """Return the response."""

        async def main():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://gate.example") as client:
                return await client.request(method, path, **options)

        return asyncio.run(main())

    def get(self, path, **options):
        """Return the response to a GET."""
        return self.request("GET", path, **options)


def handling(framework, **options):
    """Return a client of an app that has the handler."""
    app = framework()
    app.add_exception_handler(VendorError, handler(**options))
    return Client(app)


@frameworks
def test_handler(framework):
    """
    An error from a view is rendered in the language of the caller.
    """
    answer = handling(framework).get("/fail", headers={"Accept-Language": "de"})
    assert (401, "auth.token.expired") == (answer.status_code, answer.json()["code"])
    assert ("application/problem+json", "de", "Accept-Language") == tuple(
        answer.headers[name] for name in ("content-type", "content-language", "vary")
    )
    assert [str(len(answer.content))] == answer.headers.get_list("content-length")


@frameworks
def test_head(framework):
    """
    HEAD gets the header fields that GET gets.
    """
    client = handling(framework)
    head, get = client.request("HEAD", "/fail"), client.get("/fail")
    assert (b"", get.status_code, dict(get.headers)) == (head.content, head.status_code, dict(head.headers))


def test_options():
    """
    The options are those of a translator, or a translator; a bad one raises at once.
    """
    for options in ({"expose": "public"}, {"translator": Translator(expose="public")}):
        assert "code" not in handling(starlette, **options).get("/fail").json()
    with pytest.raises(UnknownVendorError):
        handler(vendor="gopoint")
    with pytest.raises(TypeError, match="unknown option 'expos'; did you mean 'expose'"):
        handler(expos="public")


def test_replaced_translator():
    """
    The translator of a handler can be replaced.
    """
    app, handling_errors = starlette(), handler()
    app.add_exception_handler(VendorError, handling_errors)
    handling_errors.translator = Translator(expose="public")
    assert "code" not in Client(app).get("/fail").json()


def connected(framework, path, *extensions):
    """Return what a server that knows the *extensions* gets from an app to which a websocket is opened."""
    app, sent = framework(), []
    app.add_exception_handler(VendorError, handler())

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": path, "root_path": "", "query_string": b"", "headers": []}
    error = None
    try:
        asyncio.run(app({**scope, "extensions": {name: {} for name in extensions}}, receive, send))
    except VendorError as raised:
        error = raised
    return sent, error


@frameworks
def test_denied_websocket(framework):
    """
    A websocket that is not yet accepted is refused by the same answer, if the server can do that.
    """
    (start, body), error = connected(framework, "/deny", DENIAL)
    assert (f"{DENIAL}.start", 401, None) == (start["type"], start["status"], error)
    assert "auth.token.expired" == json.loads(body["body"])["code"]
    sent, error = connected(framework, "/deny")
    assert ([], "auth.token.expired") == (sent, error.error.code)


@frameworks
def test_accepted_websocket(framework):
    """
    After a websocket was accepted the exception is the server's.
    """
    sent, error = connected(framework, "/accept", DENIAL)
    assert (["websocket.accept"], "auth.token.expired") == ([message["type"] for message in sent], error.error.code)


@frameworks
def test_handler_in_the_middleware(framework):
    """
    The middleware lets the handler's answer pass unchanged, a denied websocket included.
    """
    app = framework()
    app.add_exception_handler(VendorError, handler())
    app.add_middleware(asgi.Middleware, to="json:api", vendor="youforce")
    languages = {"Accept-Language": "de"}
    alone, both = handling(framework).get("/fail", headers=languages), Client(app).get("/fail", headers=languages)
    assert (alone.status_code, alone.headers.raw, alone.content) == (both.status_code, both.headers.raw, both.content)
    assert "application/vnd.api+json" == Client(app).get("/raw").headers["content-type"]
    assert connected(framework, "/deny", DENIAL) == connected(lambda: app, "/deny", DENIAL)


class Broken(Translator):
    """A translator with a fault."""

    def answer(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")


def test_what_cannot_be_answered(caplog):
    """
    A fault of our own leaves the exception to the framework, and is logged; a foreign exception is left to it, too.
    """
    client = handling(starlette, translator=Broken())
    with pytest.raises(VendorError):
        client.get("/fail?key=s3cret")
    logged = f"cannot render an error for GET '/fail' (vendor: {VENDOR}); it is raised again"
    assert {logged} == set(caplog.messages)  # Starlette asks a second time, further out
    with pytest.raises(ZeroDivisionError):
        asyncio.run(handler()(Request({"type": "http", "headers": []}), ZeroDivisionError()))


@frameworks
def test_fault_of_the_handler_in_the_middleware(framework):
    """
    An error that the handler cannot answer, and therefore raises again, is answered by the middleware around it.
    """
    app = framework()
    app.add_exception_handler(VendorError, handler(Broken()))
    app.add_middleware(asgi.Middleware)
    assert "auth.token.expired" == Client(app).get("/fail").json()["code"]


@frameworks
def test_middleware(framework):
    """
    The middleware for ASGI goes into an app as its other middleware, and sees whole paths, mounts included.
    """
    app = framework()
    app.add_middleware(asgi.Middleware, to="problem+json", vendor={"/mounted/": VENDOR})
    client = Client(app)
    assert ("fine", 401) == (client.get("/fine").text, client.get("/fail").status_code)
    assert [("http", None), (VENDOR, "auth.token.expired")] == [
        (problem["vendor"], problem["code"] if problem["vendor"] == VENDOR else None)
        for problem in (client.get("/raw").json(), client.get("/mounted/raw").json())
    ]


@frameworks
def test_mounted_app(framework, caplog):
    """
    A `VendorError` in a mounted app is answered with its own status, not with the 500 that the app sends for it.
    """
    client = Client(mounting(framework))
    answer = client.get("/sub/fail", headers={"Accept-Language": "de"})
    assert (401, "auth.token.expired", "de") == (answer.status_code, answer.json()["code"], answer.headers["content-language"])
    assert "auth.token.expired" == client.get("/sub/raw").json()["code"]
    assert [] == caplog.records


@frameworks
def test_mounted_app_with_another_fault(framework):
    """
    Another exception in a mounted app is raised again, after the answer for its 500.
    """

    async def break_down(_request):
        raise RuntimeError("broken")

    inner = Starlette(routes=[Route("/broken", break_down)])
    app = framework()
    app.mount("/other", inner)
    app.add_middleware(asgi.Middleware, vendor=VENDOR)
    with pytest.raises(RuntimeError, match="broken"):
        Client(app).get("/other/broken")


def test_mounted_app_in_shadow(caplog):
    """
    In shadow mode the 500 of a mounted app passes, the exception is raised again, and the log has the answer.
    """
    caplog.set_level("INFO", "errortax")
    app = starlette()
    app.mount("/sub", starlette())
    app.add_middleware(asgi.Middleware, vendor=VENDOR, shadow=True)
    with pytest.raises(VendorError):
        Client(app).get("/sub/fail")
    assert "GET '/sub/fail': an exception would become 401 credentials_expired" in caplog.text
