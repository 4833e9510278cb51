"""
The filter for the standard library's logging: no secret passes, records stay useful, and nothing raises.
"""

from __future__ import annotations

import io
import json
import logging
import logging.config
import logging.handlers
import queue

import pytest

import errortax
from errortax import RawResponse
from errortax.exceptions import CredentialsExpired, VendorError
from errortax.integrations.logging import record_filter
from secrets_corpus import planted
from strategies import EXAMPLES
from timing import least_times

REQUEST_ID = "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"
BODY = {"status": "error", "error_code": "auth.token.expired", "error_id": REQUEST_ID}
ERROR = errortax.parse(RawResponse(401, {}, json.dumps(BODY)), "gopoints")
FIELDS = {
    "error_category": "credentials_expired",
    "error_vendor": "gopoints",
    "error_code": "auth.token.expired",
    "error_status": 401,
    "error_retryability": "after_action",
    "error_request_id": REQUEST_ID,
}
STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}


class Failing:
    """Fails at each operation."""

    @property
    def __class__(self):
        raise RuntimeError

    def __repr__(self):
        raise RuntimeError


def nested():
    """Return a list that holds itself."""
    items = [1]
    items.append(items)
    return items


class Unreadable(dict):
    """Fails when its values are asked for."""

    def values(self):
        """Fail."""
        raise RuntimeError


class Lines(logging.Handler):
    """Keeps the records that it handles, and the lines of its formatter."""

    def __init__(self):
        super().__init__()
        self.records, self.lines = [], []

    def emit(self, record):
        """Keep the *record*."""
        self.records.append(record)
        self.lines.append(self.format(record))


class JSONLines(logging.Formatter):
    """Writes all attributes of a record, as formatters for log servers do."""

    def format(self, record):
        """Return the *record* as JSON."""
        super().format(record)
        return json.dumps(vars(record), default=str)


@pytest.fixture
def handler():
    """Return a handler with a filter."""
    handler = Lines()
    handler.addFilter(record_filter())
    return handler


@pytest.fixture
def logger(handler):
    """Return a logger of the test's own, which no configuration reaches."""
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    return logger


def raised(error, cause=None):
    """Return the exception of an *error*, with a traceback and a cause."""
    try:
        raise errortax.exceptions.exception_for(error) from cause
    except VendorError as exception:
        return exception


def test_no_planted_secret_passes(logger, handler):
    """
    None of the secrets that are planted in texts is in what a formatter for JSON writes.
    """
    handler.setFormatter(JSONLines())
    cases = [(secret, text) for _, secret, text in planted() if "ticket" not in text]
    for _, text in cases:
        logger.info("%s", text)
    assert [] == [text for (secret, text), line in zip(cases, handler.lines, strict=True) if json.dumps(secret)[1:-1] in line]


def test_a_line_without_secrets_is_left_as_it_is(logger, handler):
    """
    Without a secret, message and arguments stay apart, so that trackers group by the message as before.
    """
    logger.info("order %s of %s costs %.2f", 17, "jo", 9.5)
    assert ("order %s of %s costs %.2f", (17, "jo", 9.5)) == (handler.records[0].msg, handler.records[0].args)
    assert ["order 17 of jo costs 9.50"] == handler.lines


def test_colours(logger, handler):
    """
    A line in colours without a secret is left as it is.
    """
    logger.info("\x1b[32mok\x1b[0m %s", "\x1b[1;38;5;9mred\x1b[m")
    assert ("\x1b[32mok\x1b[0m %s", ("\x1b[1;38;5;9mred\x1b[m",)) == (handler.records[0].msg, handler.records[0].args)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("password=[redacted]", "\x1b[36mpassword\x1b[0m=\x1b[35mhunter2\x1b[0m"),
        ("password=[redacted]", "pass\x1b[1mword=hunter2"),
        ("[redacted] and \ufffd[2J", "\x1b[31mghp_Made\x1b[32mUpExample0MadeUp\x1b[0m and \x1b[2J"),
        ("\ufffd[31mred", "\x1b\x1b[0m[31mred"),
    ],
)
def test_colours_hide_nothing(logger, handler, line, text):
    """
    A secret is found through colours, and all else that moves a terminal's cursor is replaced.
    """
    logger.info(text)
    assert [line] == handler.lines


@pytest.mark.parametrize(
    ("message", "arguments", "line"),
    [
        ("password=%s", ("hunter2",), "password=[redacted]"),
        ("jo sent %.3s", ("abcdef",), "jo sent abc"),
        ("jo is %s", ({"password": "hunter2", "age": 7},), "jo is {'password': '[redacted]', 'age': 7}"),
        ("%(user)s came with %(password)s", ({"user": "jo", "password": "hunter2"},), "jo came with [redacted]"),
        ("%(user)s came", ({"user": "jo", "password": "hunter2"},), "jo came"),
        (ValueError("otp=834412 is wrong"), (), "otp=[redacted] is wrong"),
        (b"order shipped", (), "b'order shipped'"),
        ("", (), ""),
    ],
)
def test_messages_and_arguments(logger, handler, message, arguments, line):
    """
    Message and arguments are redacted together, and no argument that may hold more than the line shows is left.
    """
    logger.info(message, *arguments)
    assert [line] == handler.lines
    assert (line, ()) == (handler.records[0].msg, handler.records[0].args)


def test_arguments_that_do_not_fit(logger, handler, capsys):
    """
    A message whose arguments do not fit is logged redacted, and logging never shows the arguments in clear.
    """
    logger.info("order %d", "token=hunter2")
    assert ["order %d ('token=[redacted]',)"] == handler.lines
    assert ("", "") == capsys.readouterr()


def test_arguments_of_the_caller_are_not_changed(logger):
    """
    The caller's arguments are the same after logging.
    """
    order = {"password": "hunter2", "lines": [{"token": "abc123"}]}
    logger.info("order %s", order, extra={"order": order})
    assert {"password": "hunter2", "lines": [{"token": "abc123"}]} == order


@pytest.mark.parametrize(
    "make",
    [Failing, lambda: {Failing(): 1}, lambda: [Failing()], lambda: "%s %s", object, nested],
    ids=["value", "key", "item", "text", "object", "cycle"],
)
def test_odd_values(logger, handler, make):
    """
    Values that fail when they are written out pass as arguments and as extra attributes, and the rest of the line survives.
    """
    odd = make()
    handler.setFormatter(JSONLines())
    logger.info("order %s", 17, extra={"odd": odd, "password": "hunter2"})
    logger.info("order %s %s", 17, odd)
    logger.info(odd, 1)
    assert 3 == len(handler.lines)
    assert "order 17" in handler.lines[0]
    assert "hunter2" not in handler.lines[0]


def test_arguments_that_cannot_be_read(logger, handler):
    """
    If even the arguments cannot be read, the record shows only where it comes from.
    """
    logger.error("order %(order)s", Unreadable(order="token=abc123"), exc_info=raised(ERROR), extra={"note": "token=abc123"})
    record = handler.records[0]
    assert ("[unprintable]", "[unprintable]", None, logging.ERROR) == (record.msg, record.note, record.exc_info, record.levelno)
    assert ["[unprintable]"] == handler.lines


def test_events_as_messages(logger, handler):
    """
    A dict in place of a message stays one, redacted member by member.
    """
    event = {"event": "login", "password": "hunter2"}
    logger.info(event)
    assert {"event": "login", "password": "[redacted]"} == handler.records[0].msg
    assert {"event": "login", "password": "hunter2"} == event


def test_extra_attributes(logger, handler):
    """
    Extra attributes are redacted by their names and by their looks; ids, numbers and harmless objects stay.
    """
    lock = object()
    logger.info(
        "shipped with hunter2",
        extra={
            "password": "hunter2", "note": "token=abc123", "headers": {"X-Api-Key": "k", "Accept": "*/*"},
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "seen": "4bf92f3577b34da6a3ce929d0e0e4737",
            "amount": 9.5, "lock": lock,
        },
    )  # fmt: skip
    found = {name: value for name, value in vars(handler.records[0]).items() if name not in STANDARD}
    assert {
        "password": "[redacted]", "note": "token=[redacted]", "headers": {"X-Api-Key": "[redacted]", "Accept": "*/*"},
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "seen": "4bf92f3577b34da6a3ce929d0e0e4737", "amount": 9.5, "lock": lock,
    } == found  # fmt: skip
    assert ["shipped with [redacted]"] == handler.lines


def test_a_secret_in_the_name_of_an_attribute(logger, handler):
    """
    An attribute with a secret in its name gets a name without it.
    """
    logger.info("shipped", extra={"token=abc123": 1})
    assert 1 == vars(handler.records[0])["token=[redacted]"]
    assert "token=abc123" not in vars(handler.records[0])


def test_tracebacks(logger, handler):
    """
    The traceback is written as ever, the exceptions that it was caused by included, but without their secrets.
    """
    try:
        try:
            raise ConnectionError("no answer from https://jo:hunter2@api.test/?otp=834412")
        except ConnectionError as cause:
            raise LookupError("ghp_MadeUpExample0MadeUp is no key") from cause
    except LookupError:
        logger.exception("failed")
    line = handler.lines[0]
    assert "ConnectionError: no answer from https://[redacted]@api.test/?otp=[redacted]" in line
    assert line.endswith("LookupError: [redacted] is no key")
    assert "test_tracebacks" in line
    assert handler.records[0].exc_info is None


def test_the_exception_stays_on_request():
    """
    With keep_exc_info the exception itself stays for handlers that need it; formatters still write the redacted text.
    """
    handler = Lines()
    handler.addFilter(record_filter(keep_exc_info=True))
    error = ValueError("token=abc123")
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (ValueError, error, None)})
    handler.handle(record)
    assert (ValueError, error, None) == record.exc_info
    assert ["failed\nValueError: token=[redacted]"] == handler.lines


def test_texts_that_were_formatted_before(handler):
    """
    A traceback that another handler has formatted already, and the text of the stack, are redacted as well.
    """
    handler.handle(logging.makeLogRecord({"msg": "a", "exc_text": "ValueError: token=abc123", "stack_info": "at token=abc123"}))
    handler.handle(logging.makeLogRecord({"msg": "b", "exc_info": (None, None, None)}))
    assert "a\nValueError: token=[redacted]\nat token=[redacted]" == handler.lines[0]
    assert "b\nNoneType: None" == handler.lines[1]


def test_a_message_that_was_formatted_before(logger, handler):
    """
    The message that another handler has formatted already does not stay on the record.
    """
    logger.handlers.insert(0, Lines())
    logger.info("token=%s", "abc123")
    logger.error("%(a)s", Unreadable(a="token=abc123"))
    assert ["token=abc123", "token=abc123"] == logger.handlers[0].lines
    assert ["token=[redacted]", "[unprintable]"] == [record.message for record in handler.records]


def test_an_exception_that_cannot_be_written_out(logger, handler):
    """
    An exception is logged even if its class fails when its module is read.
    """

    class Odd(type):
        @property
        def __module__(cls):
            raise RuntimeError

    class OddError(Exception, metaclass=Odd):
        pass

    logger.info("failed", exc_info=OddError("token=abc123"))
    assert ["failed\n[unprintable]"] == [line.partition("\n  ")[0] for line in handler.lines]


def test_long_texts(logger, handler):
    """
    A text of 300 lines stays whole; of one beyond 32,000 characters the beginning stays, with no half of a secret.
    """
    lines = "".join(f"line {number} of the traceback\n" for number in range(300))
    logger.info(lines)
    logger.info("x " * 15_990 + " token=" + "abc123" * 500)
    assert lines == handler.lines[0]
    assert handler.lines[1].endswith("…")
    assert 31_000 < len(handler.lines[1]) < 32_000
    assert "abc" not in handler.lines[1]


def test_more_secrets_than_are_looked_for(logger, handler):
    """
    A text with more secrets than anybody counts is left out as a whole.
    """
    logger.info("token=abc1234; " * 2000)
    assert ["…"] == handler.lines


def test_texts_in_which_secrets_hide_secrets(handler):
    """
    A second look changes nothing.
    """
    for text in (text for *_, text in planted()[::7]):
        record = logging.makeLogRecord({"msg": text})
        handler.handle(record)
        before = dict(vars(record))
        handler.handle(record)
        assert before == vars(record)


@pytest.mark.parametrize("place", ["exc_info", "cause", "group", "argument", "named argument", "extra", "message"])
def test_attributes_of_errors(logger, handler, place):
    """
    If a canonical error is in the exception, the arguments or the extra attributes, the record has its fields.
    """
    exception = raised(ERROR)
    context = ValueError()
    context.__context__ = context.__cause__ = exception
    {
        "exc_info": lambda: logger.error("failed", exc_info=exception),
        "cause": lambda: logger.error("failed", exc_info=context),
        "group": lambda: logger.error("failed", exc_info=ExceptionGroup("two", [ValueError(), exception])),
        "argument": lambda: logger.error("%s: %s", "failed", ERROR),
        "named argument": lambda: logger.error("failed: %(error)s", {"error": ERROR}),
        "extra": lambda: logger.error("failed", extra={"error": exception}),
        "message": lambda: logger.error(exception),
    }[place]()
    found = {name: value for name, value in vars(handler.records[0]).items() if name.startswith("error_")}
    assert FIELDS == found
    assert "fail" in handler.lines[0] or str(ERROR) in handler.lines[0]


@pytest.mark.parametrize("hidden", [True, False])
def test_attributes_of_a_hidden_error(hidden, logger, handler):
    """
    An exception that was raised while a `VendorError` was handled has its fields, unless it was raised `from None`.
    """
    try:
        try:
            raise raised(ERROR)
        except VendorError:
            if hidden:
                raise ValueError from None
            raise ValueError  # noqa: B904  # the chain that Python makes by itself is what is tested
    except ValueError:
        logger.exception("failed")
    found = {name: value for name, value in vars(handler.records[0]).items() if name.startswith("error_")}
    assert ({} if hidden else FIELDS) == found


def test_attributes_for_formatters(logger, handler):
    """
    A formatter may name the attributes, with defaults for records without an error.
    """
    handler.setFormatter(logging.Formatter("%(error_category)s %(message)s", defaults={"error_category": "-"}))
    logger.info("shipped")
    logger.error("failed", extra={"error": ERROR})
    assert ["- shipped", "credentials_expired failed"] == handler.lines


def test_attributes_that_are_taken(logger, handler):
    """
    An attribute of the caller's own is not overwritten, and the error in an attribute takes its wire form.
    """
    logger.error("failed", extra={"error": ERROR, "error_code": "E1"})
    assert "E1" == handler.records[0].error_code
    assert {**ERROR.to_dict(), "message": None} == handler.records[0].error


def test_ids_and_codes_survive(logger, handler):
    """
    The ids of the request stay in the traceback as well.
    """
    logger.error("failed", exc_info=raised(ERROR))
    assert f"Request {REQUEST_ID}." in handler.lines[0]


def test_all_documented_errors():
    """
    For each documented code, code and wire form survive two filters.
    """
    once = record_filter()
    seen = 0
    for vendor, example in EXAMPLES:
        error = errortax.parse(example.raw, vendor, now=0.0)
        if error is None:
            continue
        record = logging.makeLogRecord({"msg": "failed", "error": error})
        assert once.filter(record)
        assert once.filter(record)
        assert (error.code, error.category) == (getattr(record, "error_code", None), record.error_category)
        assert error.request_id in (getattr(record, "error_request_id", None), None)
        seen += 1
    assert seen > 76


def test_loggers_and_handlers(handler):
    """
    A filter on a logger sees what is logged there and not what children log; a filter on a handler sees all.
    """
    filtered, bare = Lines(), Lines()
    parent, child = logging.Logger("shop"), logging.Logger("shop.orders")
    child.parent = parent
    filtered.addFilter(record_filter())
    parent.addFilter(record_filter())
    parent.addHandler(bare)
    parent.info("token=abc123")
    child.info("token=abc123")
    parent.addHandler(filtered)
    child.info("token=abc123")
    assert ["token=[redacted]", "token=abc123", "token=abc123"] == bare.lines
    assert ["token=[redacted]"] == filtered.lines
    assert handler.records == []


@pytest.mark.parametrize("place", ["before the queue", "behind the queue"])
def test_queues(place):
    """
    The filter works on both sides of a queue.
    """
    waiting = queue.SimpleQueue()
    sending, receiving = logging.handlers.QueueHandler(waiting), Lines()
    (sending if place == "before the queue" else receiving).addFilter(record_filter())
    listener = logging.handlers.QueueListener(waiting, receiving)
    logger = logging.Logger("shop")
    logger.addHandler(sending)
    listener.start()
    logger.error("password=%s", "hunter2", exc_info=raised(ERROR, ValueError("token=abc123")), extra={"otp": 834412})
    listener.stop()
    assert "password=[redacted]\nValueError: token=[redacted]" in receiving.lines[0]
    assert "[redacted]" == receiving.records[0].otp


def test_configuration_by_dictionary():
    """
    `logging.config` makes the filter from its dotted name.
    """
    stream = io.StringIO()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"secrets": {"()": "errortax.integrations.logging.record_filter"}},
            "handlers": {"out": {"class": "logging.StreamHandler", "stream": stream, "filters": ["secrets"]}},
            "loggers": {"errortax-test": {"handlers": ["out"], "propagate": False}},
        }
    )
    logging.getLogger("errortax-test").warning("token=abc123")
    assert "token=[redacted]\n" == stream.getvalue()


def test_own_registry(tmp_path):
    """
    The secrets of a vendor file of one's own are known, headers, members and shapes.
    """
    path = tmp_path / "depot.json"
    shape = {"prefixes": ["dpt_"], "alphabet": "alphanumeric", "least": 8, "example": "dpt_madeup00"}
    secrets = {"headers": ["X-Depot"], "members": ["locker_combination"], "shapes": [shape]}
    document = {"format": "1.0", "vendor": "depot", "title": "Depot", "scheme": "http_status", "secrets": secrets, "entries": []}
    path.write_text(json.dumps(document))
    own = record_filter(registry=errortax.load_registry(path))
    record = logging.makeLogRecord({"msg": "dpt_abcdefgh, X-Depot: left", "locker_combination": "left"})
    assert own.filter(record)
    assert ("[redacted], X-Depot: [redacted]", "[redacted]") == (record.msg, record.locker_combination)


def test_bad_registry():
    """
    An object that is not a registry is refused when the filter is made, with advice on what to pass.
    """
    with pytest.raises(TypeError, match=r"registry must be an errortax\.Registry or None, not 'gopoints'; errortax"):
        record_filter(registry="gopoints")


def test_lines_without_secrets_are_cheap():
    """
    A short line costs less than three times what making its record costs.
    """
    secrets = record_filter()
    numbers = iter(range(10_000_000))

    def make():
        return [logging.makeLogRecord({"msg": "order %s shipped", "args": (next(numbers),)}) for _ in range(200)]

    def run():
        for record in make():
            secrets.filter(record)

    run()
    made, filtered = least_times(make, run, until=lambda made, filtered: filtered < 4 * made)
    assert filtered < 4 * made


def test_exceptions_are_what_they_were():
    """
    An exception is not changed by being logged.
    """
    exception = raised(ERROR, ValueError("token=abc123"))
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (type(exception), exception, exception.__traceback__)})
    record_filter().filter(record)
    assert isinstance(exception, CredentialsExpired)
    assert "token=abc123" == str(exception.__cause__)


def test_the_request():
    """
    The method and the address of the request are fields of their own, if the exception knows them.
    """
    exception = errortax.exceptions.exception_for(ERROR, method="POST", url="https://api.example/orders?key=s3cret")
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (type(exception), exception, None)})
    record_filter().filter(record)
    assert ("POST", "https://api.example/orders?key=[redacted]") == (record.error_method, record.error_url)
    assert "POST https://api.example/orders?key=[redacted]" in record.exc_text
