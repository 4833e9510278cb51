"""
The processor for structlog: no secret passes, errors are written out, and it goes with structlog's own processors.
"""

from __future__ import annotations

import io
import json
import logging
from collections import UserDict
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import RawResponse
from errortax.exceptions import VendorError
from errortax.integrations.structlog import processor
from secret_holders import Field, Login, credential_holders, named_tuples, secret_echoes, secret_holders
from secrets_corpus import planted

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
ERROR = errortax.parse(RawResponse(403, {}, b'{"status": "session-expired", "message": "token=abc123 is over"}'), "planoauth")
WIRE = {**ERROR.to_dict(), "message": None}
FIELDS = {
    "error_category": "credentials_expired",
    "error_vendor": "planoauth",
    "error_code": "session-expired",
    "error_status": 403,
    "error_retryability": "after_action",
}
REDACT = processor()


class Failing:
    """Fails at each operation."""

    @property
    def __class__(self):
        raise RuntimeError

    def __repr__(self):
        raise RuntimeError


class FailingDict(dict):
    """Fails when its members are asked for."""

    def items(self):
        """Fail."""
        raise RuntimeError


class Account:
    """Shows a secret in one of its texts."""

    def __str__(self):
        return "Account with token=abc123"


def seen(**event):
    """Return what the processor makes of an *event*."""
    return REDACT(None, "info", event)


def logged(*processors, renderer=None, **event):
    """Return the lines of a logger of structlog with the *processors* and ours for an *event*."""
    chain = [*processors, REDACT, renderer or structlog.processors.JSONRenderer()]
    return structlog.wrap_logger(structlog.ReturnLogger(), processors=chain).info(**event)


def raised(cause=None):
    """Return an exception with a traceback and a cause."""
    try:
        raise errortax.exceptions.exception_for(ERROR) from cause
    except VendorError as exception:
        return exception


def test_no_planted_secret_passes():
    """
    None of the secrets that are planted in texts comes out, however deep the text lies.
    """
    cases = [(secret, text) for _, secret, text in planted() if "ticket" not in text]
    lines = [logged(event="sent", data={"lines": [("a", text)]}) for _, text in cases]
    assert [] == [text for (secret, text), line in zip(cases, lines, strict=True) if json.dumps(secret)[1:-1] in line]


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("[redacted]", "hunter2"),
        ("[redacted]", 834412),
        ("[redacted]", ["hunter2"]),
        ("[redacted]", {"old": "hunter2"}),
        ("[redacted]", b"hunter2"),
        ("", ""),
        (None, None),
        (True, True),
        (False, False),
        ([], []),
    ],
)
def test_values_under_secret_names(expected, value):
    """
    A value under a secret name is masked; an empty one is shown.
    """
    assert {"event": "login", "user": {"new_password": expected}} == seen(event="login", user={"new_password": value})


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ({"name": "X-Api-Key", "value": "[redacted]"}, {"name": "X-Api-Key", "value": "left"}),
        ({"name": "Accept", "value": "left"}, {"name": "Accept", "value": "left"}),
        ([("X-Api-Key", "[redacted]"), ("Accept", "left")], [("X-Api-Key", "right"), ("Accept", "left")]),
        ([(b"x-api-key", "[redacted]"), (b"accept", b"left")], [(b"x-api-key", b"right"), (b"accept", b"left")]),
        ([["X-Api-Key", "[redacted]"], ["Accept", "left"]], [["X-Api-Key", "right"], ["Accept", "left"]]),
        (["X-Api-Key", "[redacted]"], ["X-Api-Key", "right7"]),
        ({"max_tokens": 4096, "tokens": "[redacted]"}, {"max_tokens": 4096, "tokens": "4096"}),
        (["password", "email"], ["password", "email"]),
        ({"('jo', 'password')": "[redacted]"}, {("jo", "password"): "right"}),
        ({"Cookie": "[redacted]"}, MappingProxyType({"Cookie": "a=b"})),
        ({"token": "[redacted]"}, UserDict(token="abc123")),
        ({1: "a", None: "b", "(1, 'token=[redacted]')": "c"}, {1: "a", None: "b", (1, "token=abc123"): "c"}),
        ({"token=[redacted]": 1}, {"token=abc123": 1}),
        ("b'token=[redacted]'", b"token=abc123"),
        ("Account with token=[redacted]", Account()),
        ("{'token=[redacted]'}", {"token=abc123"}),
        ("ValueError('token=[redacted]')", ValueError("token=abc123")),
    ],
)
def test_secrets_of_all_shapes(expected, value):
    """
    Header fields as pairs, members by name, keys, bytes and objects are looked through.
    """
    assert expected == seen(event="sent", data=value)["data"]


SECRETS = st.from_regex(r"[a-z]{8}[0-9][a-z]{7,12}", fullmatch=True)


@given(secret=SECRETS, data=st.data())
def test_a_secret_is_found_in_every_form(secret, data):
    """
    Whatever form a name and its value have, the value is masked there, and removed from texts, bytes and names elsewhere.
    """
    holder = data.draw(st.sampled_from([*secret_holders(secret), *credential_holders(secret), *named_tuples(secret)]))
    event = seen(event="sent", first=secret_echoes(secret), data=holder, last=secret_echoes(secret))
    assert secret not in repr(event)
    assert "jo sent [redacted]" == event["first"]["text"]


def test_words_of_a_passphrase():
    """
    What follows the first word of a value is a secret of its own only behind a scheme: words of a passphrase stay.
    """
    event = seen(event="battery of horses", form={"password": "correct horse battery"})
    assert {"event": "battery of horses", "form": {"password": "[redacted]"}} == event


def test_names_of_letters():
    """
    A name stays if it happens to be the secret of somebody who chose a word.
    """
    assert {"event": "sent", "password": "[redacted]", "data": {"event": 1}} == seen(
        event="sent", password="event", data={"event": 1}
    )


@pytest.mark.parametrize("value", [Login("jo", None, "api.test"), Field("name", "value"), [Login("jo", "", "")]])
def test_named_tuples(value):
    """
    A named tuple stays one.
    """
    assert repr(value) == repr(seen(event="sent", data=value)["data"])


def test_a_named_tuple_with_a_secret():
    """
    The secret of a named tuple is masked in its place.
    """
    assert Login("jo", "[redacted]", "api.test") == seen(event="sent", data=Login("jo", "hunter2", "api.test"))["data"]


def test_named_tuples_beyond_the_limit():
    """
    Of a named tuple that comes after too many values, all are left out.
    """
    data = seen(event="sent", data=[["a"] * 4996, Login("jo", None, "api.test")])["data"]
    assert Login("…", "…", "…") == data[-1]


@pytest.mark.parametrize(
    "value",
    [
        17, 9.5, Decimal("9.50"), True, None, UUID(int=2**127), datetime(2026, 11, 22, tzinfo=UTC), object(), b"left", {"a"},
        range(3), "",
    ],
)  # fmt: skip
def test_harmless_values_stay_themselves(value):
    """
    A value that shows no secret reaches the renderer as the object that it is.
    """
    assert value is seen(event="sent", data=[value])["data"][0]


def test_a_secret_is_known_again():
    """
    The value of a secret name does not appear elsewhere in the event either.
    """
    event = seen(event="jo logs in with swordfish", form={"user": "jo", "password": "swordfish"}, hint="SWORDFISH?")
    assert ("jo logs in with [redacted]", "[redacted]?") == (event["event"], event["hint"])


@pytest.mark.parametrize(
    "name",
    [
        "request_id", "requestId", "traceID", "trace_id", "X-Request-ID", "correlationid", "id", "uuid", "orderUUID",
        "error_code", "errorCode",
    ],
)  # fmt: skip
def test_ids_survive(name):
    """
    A value under a name for ids or codes survives there and in the other texts.
    """
    value = "ERR_HTTP2_INADEQUATE_TRANSPORT_SECURITY" if "ode" in name else ID
    assert {"event": f"refused {value}", name: value} == seen(event=f"refused {value}", **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session_id", ID),
        ("request_id", "sk_live_4eC39HqLyjWDarjt"),
        ("request_id", "Bearer 4bf92f3577b34da6"),
        ("id", "https://jo:hunter2@api.test/"),
    ],
)
def test_what_is_no_id(name, value):
    """
    A name alone makes no id: a value that looks like a secret, or has a secret name, does not survive.
    """
    assert value not in json.dumps(seen(**{name: value}))


def test_a_secret_does_not_become_an_id():
    """
    A value under a secret name is not an id either, wherever else it appears.
    """
    assert {"event": "[redacted]", "session": "[redacted]", "request_id": "[redacted]"} == seen(
        event=ID, session=ID, request_id=ID
    )


@pytest.mark.parametrize("place", ["value", "exception as value", "nested", "exc_info", "exc_info tuple", "current", "cause"])
def test_errors(place):
    """
    A canonical error or its exception anywhere in an event takes its wire form without the vendor's texts.

    The plain keys at the top describe it.
    """
    exception = raised()
    wrapper = ValueError("no order")
    wrapper.__cause__ = exception
    try:
        raise exception
    except VendorError:
        event = {
            "value": lambda: seen(event="failed", error=ERROR),
            "exception as value": lambda: seen(event="failed", error=exception),
            "nested": lambda: seen(event="failed", tries=[ERROR]),
            "exc_info": lambda: seen(event="failed", exc_info=exception),
            "exc_info tuple": lambda: seen(event="failed", exc_info=(type(exception), exception, None)),
            "current": lambda: seen(event="failed", exc_info=True),
            "cause": lambda: seen(event="failed", exc_info=wrapper),
        }[place]()
    if place == "nested":
        assert {"event": "failed", "tries": [WIRE]} == event
        return
    assert FIELDS == {name: value for name, value in event.items() if name.startswith("error_")}
    assert event.get("error", WIRE) == WIRE
    assert ("value" in place) != ("exception" in event)
    assert ("CredentialsExpired: planoauth session-expired" in event.get("exception", "")) == ("exception" in event)


def test_complaints():
    """
    Of the vendor's complaints only the names of fields are shown, and the wire form can be read back.
    """
    named = ("user.otp", None, "a text of the vendor", "items[0]")
    complaints = [{"field": field, "message": "834412 is wrong", "code": "not 834412"} for field in named]
    error = errortax.CanonicalError.from_dict({**ERROR.to_dict(), "field_errors": complaints})
    shown = seen(event="failed", error=error)["error"]
    expected = [{"field": field, "message": error.title, "code": None} for field in ("user.otp", "items[0]")]
    assert expected == shown["field_errors"]
    assert shown == errortax.CanonicalError.from_dict(shown).to_dict()


def test_secrets_in_errors():
    """
    A secret of the event is removed from an error that is logged as a value, and from what its `to_dict` returns.
    """
    body = {"status": "error", "error_code": "auth.token.expired", "messages": ["swordfish5 is over"], "error_id": "swordfish5"}
    error = errortax.parse(RawResponse(401, {}, json.dumps(body)), "gopoints")
    event = seen(event="failed", password="swordfish5", error=error, tries=[error.to_dict()])
    assert "swordfish5" not in str(event)
    assert (None, "[redacted] is over") == (event["error"]["message"], event["tries"][0]["message"])


@pytest.mark.parametrize("nothing", [None, False, True, (), (None, None, None)])
def test_no_exception(nothing):
    """
    Without an exception there is neither a traceback nor a trace of exc_info.
    """
    assert {"event": "sent"} == seen(event="sent", exc_info=nothing)


def test_keys_of_the_caller_win():
    """
    Keys that the caller has set, and a traceback that another processor has written, are not overwritten.
    """
    event = seen(event="failed", error_code="E1", exception="done already", exc_info=raised())
    assert ("E1", "done already", "planoauth") == (event["error_code"], event["exception"], event["error_vendor"])


def test_an_error_that_was_written_out_before_comes_out_the_same():
    """
    A second pass changes nothing.
    """
    once = seen(event="failed", error=ERROR, exc_info=raised(ValueError("token=abc123")))
    assert once == seen(**once)


def test_tracebacks():
    """
    The traceback is redacted, the causes in it included.
    """
    line = logged(event="failed", exc_info=raised(ValueError("no answer from https://jo:hunter2@api.test/?otp=834412")))
    text = json.loads(line)["exception"]
    assert "ValueError: no answer from https://[redacted]@api.test/?otp=[redacted]" in text
    assert "test_structlog.py" in text


@pytest.mark.parametrize("own", [structlog.processors.format_exc_info, structlog.processors.dict_tracebacks])
def test_with_processors_for_exceptions(own):
    """
    The results of structlog's own processors for exceptions are redacted as well, local variables included.
    """
    timestamp, level = structlog.processors.TimeStamper(fmt="iso"), structlog.processors.add_log_level
    password = "swordfish"
    try:
        raise LookupError(f"{password} is no password; token=abc123")
    except LookupError:
        line = logged(own, timestamp, level, event="failed", exc_info=True)
    assert "abc123" not in line
    assert "LookupError" in line
    event = json.loads(line)
    assert "info" == event["level"]
    assert datetime.fromisoformat(event["timestamp"])
    if not isinstance(event["exception"], str):
        assert "[redacted]" == event["exception"][0]["frames"][-1]["locals"]["password"]


@pytest.mark.parametrize("colors", [True, False])
def test_console_renderer(colors):
    """
    The console shows the event, the keys and the traceback without secrets.
    """
    renderer = structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    line = logged(renderer=renderer, event="failed", password="hunter2", exc_info=raised(ValueError("token=abc123")))
    assert "hunter2" not in line
    assert "ValueError: token=[redacted]" in line
    assert "session-expired" in line


@pytest.mark.parametrize(
    ("renderer", "line"),
    [
        (structlog.processors.KeyValueRenderer(key_order=["event"]), "event='login' password='[redacted]'"),
        (structlog.processors.LogfmtRenderer(key_order=["event"]), "event=login password=[redacted]"),
    ],
)
def test_other_renderers(renderer, line):
    """
    Renderers for lines of pairs take what the processor returns.
    """
    assert line == logged(renderer=renderer, password="hunter2", event="login")


def test_processor_formatter():
    """
    In a ProcessorFormatter the processor redacts the events of structlog and of logging.
    """
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ExtraAdder(),
            REDACT,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ]
    )
    handler.setFormatter(formatter)
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    logger.error("token=%s", "abc123", extra={"otp": 834412}, exc_info=raised(ValueError("token=abc123")))
    structlog.wrap_logger(logger, processors=[formatter.wrap_for_formatter], wrapper_class=structlog.stdlib.BoundLogger).error(
        "failed", password="hunter2", exc_info=raised(ValueError("token=abc123"))
    )
    foreign, own = map(json.loads, stream.getvalue().splitlines())
    assert ("token=[redacted]", "[redacted]", "session-expired") == (foreign["event"], foreign["otp"], foreign["error_code"])
    assert ("failed", "[redacted]", "session-expired") == (own["event"], own["password"], own["error_code"])
    assert "abc123" not in stream.getvalue()


def test_filter_and_processor_formatter():
    """
    The logging filter leaves what ProcessorFormatter needs: the event as a dict, the logger and the method's name.
    """
    from errortax.integrations.logging import record_filter

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer())
    handler.setFormatter(formatter)
    handler.addFilter(record_filter())
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    chain = [structlog.processors.format_exc_info, formatter.wrap_for_formatter]
    bound = structlog.wrap_logger(logger, processors=chain, wrapper_class=structlog.stdlib.BoundLogger)
    bound.error("failed", password="hunter2", exc_info=ValueError("token=abc123"))
    expected = {"event": "failed", "password": "[redacted]", "exception": "ValueError: token=[redacted]"}
    assert expected == json.loads(stream.getvalue())


def test_the_caller_keeps_what_is_his():
    """
    The event dict and its values are the same after the processor.
    """
    inner = {"password": "hunter2", "notes": ["token=abc123"]}
    event = {"event": "login", "user": inner, "exc_info": raised()}
    before = dict(event)
    REDACT(None, "info", event)
    assert before == event
    assert {"password": "hunter2", "notes": ["token=abc123"]} == inner


def cycle():
    """Return a dict that holds itself."""
    members = {"a": 1}
    members["self"] = members
    return members


def deep():
    """Return lists in lists, deeper than Python may recurse."""
    items = ["token=abc123"]
    for _ in range(100_000):
        items = [items]
    return items


def wide():
    """Return lists of billions of members, for a reader that does not see that they are the same."""
    items = ["token=abc123"]
    for _ in range(30):
        items = [items] * 10
    return items


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: {"token": Failing()}, "{'token': '[redacted]'}"),
        (lambda: {"token": cycle()}, "{'token': '[redacted]'}"),
        (Failing, "[unprintable]"),
        (lambda: [Failing(), 1], "['[unprintable]', 1]"),
        (lambda: {Failing(): 1}, "{'[unprintable]': 1}"),
        (FailingDict, "[unprintable]"),
        (lambda: FailingDict(password="hunter2"), "[unprintable]"),
        (cycle, "{'a': 1, 'self': '…'}"),
        (deep, "[[[[[…"),
        (wide, "[[[[…"),
        (lambda: {"n": list(range(7000))}, "{'n': [0, 1, 2…"),
        (lambda: {"n": ["a"] * 7000}, "{'n': ['a', 'a'…"),
        (lambda: dict.fromkeys(map(str, range(7000)), "a"), "{'0': 'a', '1': 'a'…"),
    ],
    ids=[
        "secret object",
        "secret cycle",
        "object",
        "item",
        "key",
        "dict",
        "full dict",
        "cycle",
        "deep",
        "wide",
        "numbers",
        "texts",
        "members",
    ],
)
def test_odd_values(make, text):
    """
    Values that fail, hold themselves, lie too deep or are too many raise nothing, and the rest of the event survives.
    """
    event = seen(event="sent", password="hunter2", data=make())
    assert ("sent", "[redacted]") == (event["event"], event["password"])
    shown = str(event["data"])
    assert shown == text or shown.startswith(text.removesuffix("…"))
    assert "abc123" not in shown


def test_much_text():
    """
    Of many long texts the first are looked at, and the others left out, so that one event never takes long.
    """
    data = seen(event="sent", data=["so much text " * 3_000] * 100)["data"]
    assert 9 <= len(data) <= 12
    assert "…" == data[-1][-1]


def test_where_secrets_are_too_many_to_look_for():
    """
    A value under a secret name is masked, even if a value beside it cannot be read.
    """
    assert "hunter2" not in str(seen(event="sent", data={"password": "hunter2", "odd": FailingDict(a=1)}))


TEXTS = st.text(max_size=30)
KEYS = TEXTS | st.integers()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=30) | st.builds(object),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


@given(event=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_any_event_passes(event):
    """
    Whatever is in an event, nothing is raised, and a second pass over the texts changes nothing.
    """
    once = seen(**event)
    assert repr(once) == repr(seen(**once))


def test_bad_registry():
    """
    An object that is not a registry is refused when the processor is made.
    """
    with pytest.raises(TypeError, match=r"registry must be an errortax\.Registry or None, not 'gopoints'"):
        processor(registry="gopoints")


def test_the_request():
    """
    The method and the address of the request are keys of their own, if the exception knows them.
    """
    exception = errortax.exceptions.exception_for(ERROR, method="POST", url="https://api.example/orders?key=s3cret")
    event = seen(event="failed", exc_info=exception)
    assert ("POST", "https://api.example/orders?key=[redacted]") == (event["error_method"], event["error_url"])
    assert "POST https://api.example/orders?key=[redacted]" in event["exception"]
