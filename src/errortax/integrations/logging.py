"""
The standard library's logging: a filter that takes secrets out of records and adds the fields of the error.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from errortax.integrations._redacting import UNPRINTABLE, EventRedactor, fields, first_error, redactor_of, traceback_text
from errortax.registry import Registry

_OF_STRUCTLOG: Final = ("_logger", "_name")  # structlog's ProcessorFormatter needs them on a record
_OWN: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", *_OF_STRUCTLOG})
_PLAIN: Final = frozenset({int, float, bool, type(None)})


def record_filter(*, registry: Registry | None = None, keep_exc_info: bool = False) -> logging.Filter:
    """
    Return a filter that lets every record pass, without its secrets: add it to handlers, or to a logger.

    Prefer handlers: a logger's filters do not see the records of its child loggers, a handler's filters see all that it
    handles. Message, traceback, stack and extra attributes are redacted. If a secret is in the message or its arguments, both
    become one text. The record gets the attributes ``error_category``, ``error_vendor``, ``error_code``, ``error_status``,
    ``error_retryability``, ``error_request_id``, ``error_method`` and ``error_url`` of a `CanonicalError` or `VendorError` that
    is its exception, an argument or an extra attribute; unknown ones and names that are taken are left out. An extra attribute
    becomes the error's wire form without the vendor's texts; pass ``error.to_dict()`` to log these, too. The exception becomes
    ``exc_text``. The record itself is changed, so later handlers and filters see the changed record. The filter never raises.

    Args:
        registry: the vendors whose secrets are redacted; None means the bundled ones.
        keep_exc_info: whether ``exc_info`` stays as well, for handlers that need the exception itself, such as Sentry's. A
            formatter that formats it anew then shows its secrets.

    Raises:
        TypeError: *registry* is not a registry.

    """
    return _Redacting(redactor_of(registry), keep_exc_info)


class _Redacting(logging.Filter):
    def __init__(self, redactor: EventRedactor, keep_exc_info: bool) -> None:
        super().__init__()
        self._redactor, self._keeps_exc_info = redactor, keep_exc_info

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            if self._is_clean(record):
                vars(record).pop("message", None)  # a formatter has made it before, and the next one makes it anew
            else:
                self._redact(record)
        except Exception:  # an argument's own code may fail; rather show nothing than a secret
            vars(record).update(dict.fromkeys(vars(record).keys() - _OWN, UNPRINTABLE))
            record.msg, record.args = UNPRINTABLE, ()
            record.exc_info = record.exc_text = record.stack_info = None
            vars(record).pop("message", None)
        return True

    def _is_clean(self, record: logging.LogRecord) -> bool:
        """Return whether a record shows its message, nothing else, and no secret: this is a tenth of the work."""
        if record.exc_info or record.exc_text or record.stack_info or not _OWN.issuperset(vars(record)):
            return False
        message, is_plain = _message(record)
        return is_plain and self._redactor.is_clean(message)

    def _redact(self, record: logging.LogRecord) -> None:
        held, args = vars(record), record.args
        extra = {name: value for name, value in held.items() if name not in _OWN}
        exception = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        named = args if isinstance(args, Mapping) else {}
        error = first_error((exception, record.msg, *named.values(), *(() if named else args or ()), *extra.values()))
        if error is not None:
            extra = {**fields(error), **extra}
        structured = issubclass(type(record.msg), dict) and not args  # as structlog and formatters for JSON take it
        message, plain = (record.msg, True) if structured else _message(record)
        event: dict[str, Any] = {"message": message}
        if record.exc_text:
            event["exc_text"] = record.exc_text
        elif exception is not None:
            event["exc_text"] = traceback_text(exception)
        if record.stack_info:
            event["stack_info"] = record.stack_info
        if named:
            event["args"] = named  # their names may mark a part of the message as secret
        redacted = self._redactor.copy({**event, **extra})
        if structured or not plain or redacted["message"] != message:
            record.msg, record.args = redacted["message"], ()
        held.pop("message", None)  # a formatter has made it before, and the next one makes it anew
        if exception is not None and not self._keeps_exc_info:
            record.exc_info = None
        for name in extra.keys() - redacted.keys():  # a secret was in the name itself
            held.pop(name, None)
        held.update({name: value for name, value in redacted.items() if name not in ("message", "args")})


def _message(record: logging.LogRecord) -> tuple[str, bool]:
    """Return the text of a record, and whether it shows its message and all of its arguments."""
    try:
        text = record.getMessage()
    except Exception:  # the arguments do not fit: logging would write them to the standard error stream as they are
        return _unformatted(record), False
    args: Any = record.args or ()
    plain = isinstance(args, tuple) and all(type(arg) in _PLAIN or (type(arg) is str and arg in text) for arg in args)
    return text, plain and type(record.msg) is str


def _unformatted(record: logging.LogRecord) -> str:
    try:
        return f"{record.msg} {record.args!r}"
    except Exception:  # the `str` or `repr` of one of them fails
        return UNPRINTABLE
