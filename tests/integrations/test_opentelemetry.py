"""
Attributes for spans and metrics, and errors on spans, in OpenTelemetry's own SDK.
"""

from __future__ import annotations

import json

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import INVALID_SPAN, StatusCode

import errortax
from errortax import Category, RawResponse
from errortax.exceptions import RateLimited, exception_for
from errortax.integrations.opentelemetry import attributes, record, span_attributes
from strategies import EXAMPLES

REQUEST_ID = "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"
BODY = {"status": "error", "error_code": "auth.token.expired", "error_id": REQUEST_ID}
ERROR = errortax.parse(RawResponse(401, {"Retry-After": "7"}, json.dumps(BODY)), "gopoints")
LOW = {
    "error.type": "credentials_expired",
    "errortax.vendor": "gopoints",
    "errortax.retryability": "after_action",
    "errortax.entry": "auth.token.expired",
    "http.response.status_code": 401,
}
HIGH = {
    "errortax.code": "auth.token.expired",
    "errortax.request_id": REQUEST_ID,
    "errortax.retry_after": 7.0,
    "errortax.action": "refresh_credentials",
    "errortax.actor": "client",
    "errortax.match.level": "code",
}


@pytest.fixture
def exporter():
    """Return what keeps the spans of the test."""
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter):
    """Return a tracer of the test's own."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test")


def test_attributes():
    """
    The attributes for metrics follow the semantic conventions, and our own ones have one prefix.
    """
    assert LOW == attributes(ERROR) == attributes(exception_for(ERROR))


def test_span_attributes():
    """
    Spans have those, and the attributes that identify the one failure.
    """
    assert LOW | HIGH == span_attributes(ERROR) == span_attributes(exception_for(ERROR))


def test_the_request_on_a_span(tracer, exporter):
    """
    A span has the method and the address of the request, by the names of the semantic conventions.
    """
    exception = exception_for(ERROR, method="POST", url="https://api.example/orders?key=s3cret")
    with tracer.start_as_current_span("order"):
        record(exception)
    [span] = exporter.get_finished_spans()
    expected = ("POST", "https://api.example/orders?key=[redacted]")
    assert expected == (span.attributes["http.request.method"], span.attributes["url.full"])
    assert " ".join(expected) in span.events[0].attributes["exception.message"]


@pytest.mark.parametrize(
    ("shown", "start", "secret"),
    [
        ("https://[redacted]", "https://hooks.slack.com/services/T00000000/", "B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"),
        ("https://api.test/bot7:[redacted]", "https://api.test/bot7:", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
    ],
)
def test_credentials_in_the_path(shown, start, secret, tracer, exporter):
    """
    A credential in the path of the address is in no part of a span.
    """
    with tracer.start_as_current_span("order"):
        record(exception_for(ERROR, method="POST", url=f"{start}{secret}"))
    [span] = exporter.get_finished_spans()
    assert shown == span.attributes["url.full"]
    assert secret not in repr((dict(span.attributes), span.status.description, dict(span.events[0].attributes)))


def test_what_is_not_known_is_left_out():
    """
    Without a response, there is neither a status nor a code.
    """
    error = errortax.transport_error("no_response")
    expected = {"error.type": "no_response", "errortax.vendor": "http", "errortax.retryability": "backoff"}
    assert expected == attributes(error)
    assert {"errortax.action", "errortax.actor", "errortax.match.level"} == span_attributes(error).keys() - expected.keys()


@pytest.mark.parametrize("status", [99, 600, 999_999])
def test_impossible_statuses(status):
    """
    A number that is not an HTTP status makes no new series.
    """
    assert "http.response.status_code" not in attributes(errortax.parse(RawResponse(status, {}, b"")))


def test_attributes_for_metrics_take_few_values():
    """
    Values that a vendor can invent do not get into metrics: undocumented codes, ids, texts.
    """
    bodies = [{**BODY, "error_code": f"auth.odd.{n}", "error_id": f"err-{n}", "messages": [f"no {n}"]} for n in range(20)]
    found = [attributes(errortax.parse(RawResponse(401, {}, json.dumps(body)), "gopoints")) for body in bodies]
    assert [found[0]] * 20 == found
    documented = {entry.code for _, entry in errortax.default_registry().entries()}
    errors = [error for vendor, example in EXAMPLES if (error := errortax.parse(example.raw, vendor)) is not None]
    for error in errors:
        assert attributes(error).keys() <= LOW.keys()
        assert attributes(error)["error.type"] in list(Category)
        entry = attributes(error).get("errortax.entry")
        assert entry is None or entry in documented or entry.endswith(".*") or entry == str(error.status)


def test_metrics():
    """
    A counter takes the attributes as they are, one series for each kind of failure.
    """
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    counter = provider.get_meter("test").create_counter("vendor.errors")
    for _ in range(3):
        counter.add(1, attributes(ERROR))
    counter.add(1, attributes(errortax.transport_error("no_response", vendor="gopoints")))
    [metric] = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    points = {point.attributes["error.type"]: (point.value, dict(point.attributes)) for point in metric.data.data_points}
    provider.shutdown()
    assert (3, LOW) == points["credentials_expired"]
    assert 1 == points["no_response"][0]
    assert 2 == len(points)


def test_a_canonical_error_on_the_current_span(tracer, exporter):
    """
    The current span gets the attributes and the status ERROR with the error's own text, and no event.
    """
    with tracer.start_as_current_span("call"):
        record(ERROR)
    [span] = exporter.get_finished_spans()
    assert LOW | HIGH == dict(span.attributes)
    assert (StatusCode.ERROR, str(ERROR)) == (span.status.status_code, span.status.description)
    assert () == span.events


def test_an_exception_on_a_span(tracer, exporter):
    """
    An exception is also an event on the span, with its traceback, without secrets.
    """
    error = errortax.parse(RawResponse(429, {}, b""), "planoauth")
    span = tracer.start_span("call")
    try:
        try:
            raise ConnectionError("https://api.test/?api_key=swordfish")
        except ConnectionError as cause:
            raise exception_for(error) from cause
    except RateLimited as exception:
        record(exception, span)
        text = str(exception)
    span.end()
    [finished] = exporter.get_finished_spans()
    [event] = finished.events
    assert "exception" == event.name
    assert {"exception.type", "exception.message", "exception.stacktrace"} == event.attributes.keys()
    assert ("errortax.exceptions.RateLimited", text) == (
        event.attributes["exception.type"],
        event.attributes["exception.message"],
    )
    assert "test_an_exception_on_a_span" in event.attributes["exception.stacktrace"]
    assert "ConnectionError: https://api.test/?api_key=[redacted]" in event.attributes["exception.stacktrace"]
    assert StatusCode.ERROR is finished.status.status_code


def test_ids_survive_in_the_event(tracer, exporter):
    """
    The id of the request stays in the message and in the traceback.
    """
    with tracer.start_as_current_span("call") as span:
        record(exception_for(ERROR), span)
    [event] = exporter.get_finished_spans()[0].events
    assert f"Request {REQUEST_ID}." in event.attributes["exception.message"]
    assert f"Request {REQUEST_ID}." in event.attributes["exception.stacktrace"]


def test_without_a_span():
    """
    If no span is current, or it is not recording, nothing happens.
    """
    record(ERROR)
    record(exception_for(ERROR), INVALID_SPAN)


@pytest.mark.parametrize("thing", [ERROR, exception_for(ERROR)])
def test_a_span_that_has_ended(thing, tracer, exporter, caplog):
    """
    A span that does not record any more is left alone, so that the SDK has nothing to warn of.
    """
    span = tracer.start_span("call")
    span.end()
    record(thing, span)
    [finished] = exporter.get_finished_spans()
    assert ({}, (), StatusCode.UNSET) == (dict(finished.attributes), finished.events, finished.status.status_code)
    assert [] == caplog.records


def test_own_registry(tmp_path, tracer, exporter):
    """
    The secrets of a vendor file of one's own are known.
    """
    path = tmp_path / "depot.json"
    document = {"format": "1.0", "vendor": "depot", "title": "Depot", "scheme": "http_status", "entries": []}
    shape = {"prefixes": ["dpt_"], "alphabet": "alphanumeric", "least": 8, "example": "dpt_madeup00"}
    path.write_text(json.dumps({**document, "secrets": {"shapes": [shape]}}))
    exception = exception_for(ERROR, url="https://api.example/dpt_abcdefgh")
    exception.__cause__ = ValueError("dpt_abcdefgh")
    with tracer.start_as_current_span("call"):
        record(exception, registry=errortax.load_registry(path))
    [span] = exporter.get_finished_spans()
    [event] = span.events
    assert "https://api.example/[redacted]" == span.attributes["url.full"]
    assert "ValueError: [redacted]" in event.attributes["exception.stacktrace"]


@pytest.mark.parametrize("function", [attributes, span_attributes, record])
def test_other_things(function):
    """
    An object that is not an error of ours is refused with advice on what to pass.
    """
    with pytest.raises(TypeError, match=r"ValueError object is not an error of ours; pass an errortax\.CanonicalError or"):
        function(ValueError())


def test_bad_registry():
    """
    An object that is not a registry is refused.
    """
    with pytest.raises(TypeError, match=r"registry must be an errortax\.Registry or None, not 'gopoints'"):
        record(ERROR, registry="gopoints")
