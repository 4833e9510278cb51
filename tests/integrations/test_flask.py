from __future__ import annotations

import flask
import pytest

import errortax
from errortax import Translator
from errortax.exceptions import UnknownVendorError, VendorError
from errortax.integrations import wsgi
from errortax.integrations.flask import handler
from errortax.testing import fake

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")


def app():
    """Return an app whose views fail in two ways."""
    made = flask.Flask(__name__)

    @made.route("/fail")
    def fail():
        errortax.raise_for_error(EXPIRED, VENDOR)

    @made.route("/raw")
    def pass_on():
        return EXPIRED.body, 401, {"Content-Type": "application/json"}

    @made.route("/fine")
    def succeed():
        return "fine"

    return made


def handling(**options):
    """Return a client of an app that has the handler."""
    made = app()
    made.register_error_handler(VendorError, handler(**options))
    return made.test_client()


def test_handler():
    """
    An error from a view is rendered in the language of the caller.
    """
    answer = handling().get("/fail", headers={"Accept-Language": "de"})
    assert (401, "auth.token.expired") == (answer.status_code, answer.get_json()["code"])
    assert ("application/problem+json", "de", "Accept-Language") == tuple(
        answer.headers[name] for name in ("content-type", "content-language", "vary")
    )
    assert [str(len(answer.data))] == answer.headers.getlist("content-length")


def test_head():
    """
    HEAD gets the header fields that GET gets.
    """
    client = handling()
    head, get = client.head("/fail"), client.get("/fail")
    assert (b"", get.status_code, get.headers) == (head.data, head.status_code, head.headers)


def test_options():
    """
    The options are those of a translator, or a translator; a bad one raises at once.
    """
    for options in ({"expose": "public"}, {"translator": Translator(expose="public")}):
        assert "code" not in handling(**options).get("/fail").get_json()
    with pytest.raises(UnknownVendorError):
        handler(vendor="gopoint")
    with pytest.raises(TypeError, match="unknown option 'expos'; did you mean 'expose'"):
        handler(expos="public")


class Broken(Translator):
    """A translator with a fault."""

    def answer(self, *_arguments, **_options):
        """Fail."""
        raise RuntimeError("broken")


def test_fault_of_our_own(caplog):
    """
    A fault of our own leaves the exception to Flask, and is logged.
    """
    assert 500 == handling(translator=Broken()).get("/fail?key=s3cret", base_url="http://localhost/shop").status_code
    logged = [record.message for record in caplog.records if record.name == "errortax"]
    assert [f"cannot render an error for GET '/shop/fail' (vendor: {VENDOR}); it is raised again"] == logged


def test_handler_in_the_middleware():
    """
    The middleware lets the handler's answer pass unchanged.
    """
    made = app()
    made.register_error_handler(VendorError, handler())
    made.wsgi_app = wsgi.Middleware(made.wsgi_app, to="json:api", vendor="youforce")
    languages = {"Accept-Language": "de"}
    alone, both = handling().get("/fail", headers=languages), made.test_client().get("/fail", headers=languages)
    assert (alone.status_code, list(alone.headers), alone.data) == (both.status_code, list(both.headers), both.data)
    assert "application/vnd.api+json" == made.test_client().get("/raw").content_type


def test_middleware():
    """
    The middleware for WSGI goes around the app.
    """
    made = app()
    made.wsgi_app = wsgi.Middleware(made.wsgi_app, vendor=VENDOR)
    client = made.test_client()
    assert ("fine", 401) == (client.get("/fine").text, client.get("/raw").status_code)
    assert "auth.token.expired" == client.get("/raw").get_json()["code"]
