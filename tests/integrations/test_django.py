from __future__ import annotations

import asyncio
import json
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path

import errortax
from errortax.integrations.django import Middleware
from errortax.testing import fake
from errortax.translating import Translator

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")


def fail(_request):
    """Do what a view does whose upstream fails."""
    errortax.raise_for_error(EXPIRED, VENDOR)


async def fail_later(request):
    """Do the same, asynchronously."""
    fail(request)


def succeed(_request):
    """Answer."""
    return HttpResponse("fine")


def divide(_request):
    """Fail in a way that is no vendor's."""
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
    What a view raises is rendered, in the language of the caller, synchronously or not.
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
        ({"translator": Translator(), "to": "problem+json"}, "settings.ERRORTAX: translator goes with no other option"),
        ({"form": "problem+json"}, "settings.ERRORTAX: .*unexpected keyword argument 'form'"),
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


def test_fault_of_our_own():
    """
    A fault of our own leaves the exception to Django.
    """
    with override_settings(ERRORTAX={"translator": Broken()}):
        client = Client(raise_request_exception=False)
        assert 500 == client.get("/fail").status_code


def test_import():
    """
    The class that the settings name is this one.
    """
    assert Middleware is sys.modules["errortax.integrations.django"].Middleware
