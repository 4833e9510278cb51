from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path

import errortax
from errortax import Translator
from errortax.integrations import asgi, wsgi
from errortax.integrations.django import Middleware
from errortax.testing import fake

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")


def fail(_request):
    """Raise the `VendorError` of an upstream that failed."""
    errortax.raise_for_error(EXPIRED, VENDOR)


async def fail_later(request):
    """Do the same, asynchronously."""
    fail(request)


def succeed(_request):
    """Answer."""
    return HttpResponse("fine")


def divide(_request):
    """Fail with an exception that is not a vendor's."""
    return 1 // 0


urlpatterns = [path("fail", fail), path("later", fail_later), path("fine", succeed), path("divide", divide)]


@pytest.fixture(autouse=True)
def site():
    """Let Django serve the views above, with the middleware."""
    if not settings.configured:  # which can be done once in a process
        settings.configure(DEFAULT_CHARSET="utf-8")
    middleware = ["errortax.integrations.django.Middleware"]
    with override_settings(ALLOWED_HOSTS=["testserver"], ROOT_URLCONF=__name__, MIDDLEWARE=middleware):
        yield


@pytest.mark.parametrize("address", ["/fail", "/later"])
def test_middleware(address):
    """
    An error from a view is rendered in the language of the caller, synchronously or not.
    """
    for answer in (
        Client().get(address, headers={"Accept-Language": "de"}),
        asyncio.run(AsyncClient().get(address, headers={"Accept-Language": "de"})),
    ):
        assert (401, "auth.token.expired") == (answer.status_code, json.loads(answer.content)["code"])
        assert ("application/problem+json", "de", "Accept-Language") == tuple(
            answer.headers[name] for name in ("content-type", "content-language", "vary")
        )
        assert str(len(answer.content)) == answer.headers["content-length"]


def test_head():
    """
    HEAD gets the header fields that GET gets.
    """
    head, get = Client().head("/fail"), Client().get("/fail")
    assert (b"", get.status_code, dict(get.headers)) == (head.content, head.status_code, dict(head.headers))


def test_success():
    """
    A success passes, synchronously or not, and no thread waits for an asynchronous one.
    """
    assert b"fine" == Client().get("/fine").content
    assert b"fine" == asyncio.run(AsyncClient().get("/fine")).content


def test_other_exceptions():
    """
    Other exceptions are Django's.
    """
    with pytest.raises(ZeroDivisionError):
        Client().get("/divide")


def test_options():
    """
    The options are those of a translator, or a ready one.
    """
    for options in ({"expose": "public"}, {"translator": Translator(expose="public")}):
        with override_settings(ERRORTAX=options):
            assert "code" not in json.loads(Client().get("/fail").content)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vendor": "gopoint"}, "settings.ERRORTAX: unknown vendor 'gopoint'; did you mean 'gopoints'"),
        ({"to": "problem"}, "settings.ERRORTAX: unknown format 'problem'"),
        ({"translator": Translator(), "to": "problem+json"}, "settings.ERRORTAX: translator excludes all other options"),
        ({"expos": "public"}, "settings.ERRORTAX: unknown option 'expos'; did you mean 'expose'"),
        ({1: "public"}, "settings.ERRORTAX: unknown option 1; known: translator, to, vendor"),
        ("problem+json", "settings.ERRORTAX must be a dict of options, not 'problem.json'"),
        (None, "settings.ERRORTAX must be a dict of options, not None"),
    ],
)
def test_bad_options(options, message):
    """
    A bad option stops the start, and names the setting, the mistake and the choices.
    """
    for handler in (WSGIHandler, ASGIHandler):
        with override_settings(ERRORTAX=options), pytest.raises(ImproperlyConfigured, match=message):
            handler()


class Broken(Translator):
    """A translator with a fault."""

    def answer(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")


def test_fault_of_our_own(caplog):
    """
    A fault of our own leaves the exception to Django, and is logged.
    """
    with override_settings(ERRORTAX={"translator": Broken()}):
        client = Client(raise_request_exception=False)
        assert 500 == client.get("/fail?key=s3cret").status_code
    logged = [record.message for record in caplog.records if record.name == "errortax"]
    assert [f"cannot render an error for GET '/fail' (vendor: {VENDOR}); it is raised again"] == logged


def test_in_a_middleware_for_wsgi():
    """
    An answer of the middleware of Django passes the one for WSGI around Django.
    """

    def get(app, address):
        environ, begun = {"PATH_INFO": address}, []
        setup_testing_defaults(environ)
        with closing(app(environ, lambda *start: begun.append(start[:2]))) as pieces:
            return begun, b"".join(pieces)

    with override_settings(ALLOWED_HOSTS=["*"]):
        alone = WSGIHandler()
        both = wsgi.Middleware(alone, to="json:api", vendor="youforce")
        assert get(alone, "/fail") == get(both, "/fail")
        assert get(alone, "/none") != get(both, "/none")


def test_in_a_middleware_for_asgi():
    """
    An answer of the middleware of Django passes the one for ASGI around Django.
    """

    async def get(app, address):
        sent, has_asked = [], []

        async def receive():
            if has_asked:  # Django waits for the client to go away
                await asyncio.Event().wait()
            has_asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": address, "query_string": b"", "headers": [(b"host", b"testserver")]}
        await app(scope, receive, send)
        return sent

    alone = ASGIHandler()
    both = asgi.Middleware(alone, to="json:api", vendor="youforce")
    for address in ("/fail", "/later"):
        assert asyncio.run(get(alone, address)) == asyncio.run(get(both, address))
    assert asyncio.run(get(alone, "/none")) != asyncio.run(get(both, "/none"))


def test_import():
    """
    The class that the settings name is this one.
    """
    assert Middleware is sys.modules["errortax.integrations.django"].Middleware
