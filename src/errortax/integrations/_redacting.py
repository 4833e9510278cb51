"""
The common part of the modules for logs, traces and error trackers: the canonical error behind an object, its fields, and a
redactor of whole events that knows the secrets of all vendors in a registry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache
from itertools import chain, islice, repeat
from traceback import format_exception
from typing import Any, Final
from uuid import UUID

from attrs import define, field

from errortax.model import CanonicalError, VendorError
from errortax.parsing.budgets import MAX_NAMES, REDACTED
from errortax.parsing.redaction import EDGE, Redactor
from errortax.parsing.secret_names import LONGEST_NAME, as_one_word, is_text, name_of
from errortax.parsing.shapes import DIGIT_OR_SIGN
from errortax.registry import Registry, loading
from errortax.registry.registry import derived_from, in_force

UNPRINTABLE: Final = "[unprintable]"
"""The replacement for a value whose `str` or `repr` fails."""

LEFT_OUT: Final = "…"
"""The replacement for a value that is nested too deeply, contains itself, or comes after too many others."""

LONGEST: Final = 32_000
"""The most characters of one text that are read; a traceback of 300 lines is shorter."""

_MANY_VALUES: Final = 5_000
_PORTION: Final = 64  # characters that count as one more value
_DEEPEST: Final = 20
_MANY_EXCEPTIONS: Final = 100
_LEAST_KEPT: Final = 8  # characters; a shorter text never looks like a secret
_HARMLESS: Final = (bool, int, float, complex, date, datetime, time, timedelta, Decimal, UUID)
_NO_ERRORS: Final = frozenset({str, bytes, type(None), *_HARMLESS})
_MAY_BE_EMPTY: Final = (str, bytes, list, tuple, dict)

_COLOUR: Final = re.compile(r"\x1b\[[0-9;:]*m")  # ECMA-48 §8.3.117, "select graphic rendition": it moves nothing
_WRITTEN: Final = re.compile(r"b?(['\"])(?P<text>.*)\1", re.DOTALL)  # by `repr`
_ESCAPED: Final = re.compile(r"\\([\\'\"])")
_FIELD: Final = re.compile(r"[\w.\[\]-]{1,64}")
_NAME_OF_ID: Final = re.compile(
    r"(?i:(?:.*[._-])?(?:u?uid|guid|id)|.*(?:trace|span|request|correlation)id|traceparent)|.*[a-z](?:I[dD]|U[uU][iI][dD])"
)
_NAME_OF_CODE: Final = re.compile(r"(?i:(?:.*[._-])?code)|.*[a-z]Code")
_ID: Final = re.compile(r"[A-Za-z0-9][\w.:/+-]{0,127}={0,2}", re.ASCII)


def error_behind(thing: object) -> CanonicalError | VendorError | None:
    """
    Return the error that *thing* is or was caused by; for a group, the first one; else None.
    """
    queue, seen = [thing], set[int]()
    while queue and len(seen) < _MANY_EXCEPTIONS:
        thing = queue.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, (CanonicalError, VendorError)):
            return thing
        if isinstance(thing, BaseException):
            queue += [thing.__cause__, None if thing.__suppress_context__ else thing.__context__]
        if isinstance(thing, BaseExceptionGroup):
            queue += thing.exceptions
    return None


def first_error(things: Iterable[object]) -> CanonicalError | VendorError | None:
    """
    Return the error behind the first of the *things* that has one.
    """
    for thing in things:
        if type(thing) in _NO_ERRORS:
            continue
        try:
            error = error_behind(thing)
        except Exception:  # noqa: S112  # even its class cannot be read, so it is not one of ours
            continue
        if error is not None:
            return error
    return None


def error_of(thing: CanonicalError | VendorError) -> CanonicalError:
    """
    Return the canonical error that a *thing* is or carries; raise `TypeError` for anything else.
    """
    if isinstance(thing, CanonicalError):
        return thing
    if isinstance(thing, VendorError):
        return thing.error
    raise TypeError(f"{type(thing).__name__} object is not an error of ours; pass an errortax.CanonicalError or a VendorError")


def fields(thing: CanonicalError | VendorError) -> dict[str, str | int]:
    """
    Return the fields of an error for a log line, without those that are None; only a `VendorError` knows its request.
    """
    error = error_of(thing)
    known = {
        "error_category": error.category.value,
        "error_vendor": error.vendor,
        "error_code": error.code,
        "error_status": error.status,
        "error_retryability": error.retryability.value,
        "error_request_id": error.request_id,
        "error_method": getattr(thing, "method", None),
        "error_url": getattr(thing, "url", None),
    }
    return {name: value for name, value in known.items() if value is not None}


def wire_form(thing: CanonicalError | VendorError) -> dict[str, Any]:
    """
    Return the wire form of an error without the vendor's texts; of the complaints, it has the fields that they name.
    """
    form = error_of(thing).to_dict()
    named = [each["field"] for each in form["field_errors"] if each["field"] and _FIELD.fullmatch(each["field"])]
    complaints = [{"field": name, "message": form["title"], "code": None} for name in named]
    return {**form, "message": None, "user_message": None, "field_errors": complaints}


def traceback_text(exception: BaseException) -> str:
    """
    Return the traceback of an *exception* as Python writes it, without the last line break.
    """
    try:
        return "".join(format_exception(exception)).rstrip("\n")
    except Exception:  # the exception's own `__str__` may fail
        return UNPRINTABLE


def redactor_of(registry: Registry | None) -> EventRedactor:
    """
    Return a redactor for the secrets of all vendors in the *registry*; None means the bundled ones.

    Raise `TypeError` for an object that is not a registry.
    """
    registry = in_force(registry)
    known = derived_from(registry)[EventRedactor]
    if None not in known:
        declared = [registry.document(name).get("secrets", {}) for name in registry]
        names = {name for secrets in declared for name in (*secrets.get("headers", ()), *secrets.get("members", ()))}
        known[None] = EventRedactor(sorted(names), [shape for secrets in declared for shape in secrets.get("shapes", ())])
    redactor: EventRedactor = known[None]
    return redactor


class _Kind(Enum):
    """The kind of the values under a name; of two members of one object, one may name the value in the other."""

    SECRET = auto()
    ID = auto()
    CODE = auto()
    NAME = auto()
    NAMED = auto()
    OTHER = auto()


_KINDS: Final = {
    **dict.fromkeys(loading.bundled("secrets.json")["naming_members"], _Kind.NAME),
    **dict.fromkeys(loading.bundled("secrets.json")["value_members"], _Kind.NAMED),
}


class EventRedactor(Redactor):
    """
    Take secrets out of the texts and values of a whole event. It never fails.
    """

    def __init__(self, names: Iterable[str] = (), shapes: Iterable[Mapping[str, Any]] = ()) -> None:
        super().__init__(names, shapes)
        self._kind = lru_cache(MAX_NAMES)(self._find_kind)

    def one(self, text: str, *, keep: Collection[str] = (), values: Collection[str] = ()) -> str:
        """
        Return *text* with every secret replaced, as `text` does, but of up to `LONGEST` characters.

        A colour does not hide a secret. A text that stays as it is keeps its colours, any other text loses them.
        """
        plain = _without_colours(text)
        redacted = self.whole((plain[:LONGEST],), keep, values)
        if redacted is None:
            return LEFT_OUT
        if len(plain) > LONGEST:
            return redacted[0][:-EDGE] + LEFT_OUT  # the cut may be inside a secret
        return text if redacted[0] == plain else redacted[0]

    def is_clean(self, text: str) -> bool:
        """
        Return whether *text* is not too long and contains no secret.
        """
        texts = (_without_colours(text),)
        return len(text) <= LONGEST and self.whole(texts) is texts

    def copy(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """
        Return a copy of an *event* without secrets; the event and its values are not changed.

        Values under secret names are masked, and removed from all other texts. An id or a code survives under a name for
        ids or codes, and in the other texts, too. Errors become their wire form, without the vendor's texts. Any other object
        stays itself, unless its text contains a secret; then the redacted text replaces it.
        """
        keep = [value for name, value in event.items() if self.is_visible_identifier(name, value) and len(value) >= _LEAST_KEPT]
        copying = _Copying(self, keep)
        copied = copying.mapping(event, ())
        if copying.masked:
            copied = _Copying(self, keep, copying.masked).mapping(event, ())
        return copied

    def is_visible_identifier(self, name: object, value: object) -> bool:
        """
        Return whether *value* is an id or a code, by its *name* and its form; such a value is not redacted.
        """
        if not is_text(name) or not is_text(value):
            return False
        kind = self.kind(name)
        if kind is _Kind.ID:
            return _ID.fullmatch(value) is not None and self.identifier(value) is not None
        return kind is _Kind.CODE and self.code(value) is not None

    def kind(self, name: object) -> _Kind:
        """
        Return the kind of the values under a *name*, which is a text, bytes or a path in a list; it is cached for short names.
        """
        known = name if type(name) is str else _name(name)
        return self._kind(known) if len(known) <= LONGEST_NAME else self._find_kind(known)

    def _find_kind(self, name: str) -> _Kind:
        name = _name(name)
        if self.is_secret_name(name):
            return _Kind.SECRET
        if _NAME_OF_ID.fullmatch(name):
            return _Kind.ID
        if _NAME_OF_CODE.fullmatch(name):
            return _Kind.CODE
        return _KINDS.get(as_one_word(name), _Kind.OTHER)


@define
class _Copying:
    """One walk through an event."""

    redactor: EventRedactor
    keep: Collection[str]
    values: Collection[str] = ()
    left: int = _MANY_VALUES
    masked: set[str] = field(factory=set)
    values_in_names: Collection[str] = field(init=False)  # one of letters alone may be the name itself

    def __attrs_post_init__(self) -> None:
        self.values_in_names = [value for value in self.values if DIGIT_OR_SIGN.search(value)]

    def value(self, value: Any, path: tuple[int, ...]) -> Any:
        """Return a copy of a *value*; *path* holds the identities of the values around it."""
        try:
            if value is None or isinstance(value, _HARMLESS):
                return value
            self.left -= 1
            if self.left < 0:
                return LEFT_OUT
            if isinstance(value, str):
                text = self.text(value)
                return value if text == value else text
            if isinstance(value, (CanonicalError, VendorError)):
                value = wire_form(value)
            if not isinstance(value, (Mapping, list, tuple)):
                return self.thing(value)
            if id(value) in path or len(path) >= _DEEPEST:
                return LEFT_OUT
            path = (*path, id(value))
            return self.mapping(value, path) if isinstance(value, Mapping) else self.sequence(value, path)
        except Exception:
            return UNPRINTABLE

    def mapping(self, members: Mapping[Any, Any], path: tuple[int, ...]) -> dict[Any, Any]:
        """Return a copy of the *members*, those with secret names masked."""
        copied: dict[Any, Any] = {}
        kinds = list(map(self.redactor.kind, members))
        named = [value for value, kind in zip(members.values(), kinds, strict=True) if kind is _Kind.NAME]
        paired = next(filter(self.is_secret, named), None)
        for (name, value), kind in zip(members.items(), kinds, strict=True):
            if self.left < 0:
                copied[LEFT_OUT] = LEFT_OUT
                break
            if kind is _Kind.SECRET and not self.is_count(name, value):
                shown = self.mask(name, value)
            elif kind is _Kind.NAMED and paired is not None:
                shown = self.mask(paired, value)
            else:
                is_visible = self.redactor.is_visible_identifier(name, value) and value not in self.values
                shown = value if is_visible else self.value(value, path)
            copied[self.name(name)] = shown
        return copied

    def name(self, name: object) -> object:
        """Return the *name* of a member; anything but a text or a number becomes text."""
        if is_text(name):
            values = self.values_in_names
            return self.redactor.text(name, values=values) if values else self.redactor.name(name)
        if name is None or type(name) in _HARMLESS:
            return name
        try:
            return self.text(repr(name))
        except Exception:
            return UNPRINTABLE

    def sequence(self, items: Any, path: tuple[int, ...]) -> Any:
        """
        Return a copy of the *items* of a list or a tuple; of a pair, such as a header field, the first may be a secret name.

        The fields of a named tuple are names as well.
        """
        is_tuple = isinstance(items, tuple)
        make: Any = getattr(items, "_make", tuple if is_tuple else list)  # a named tuple has it
        if len(items) == 2 and self.names_a_secret(items) and (is_tuple or DIGIT_OR_SIGN.search(repr(items[1]))):
            return make([items[0], self.mask(items[0], items[1])])
        if hasattr(items, "_make"):
            values = chain(self.mapping(items._asdict(), path).values(), repeat(LEFT_OUT))
            return make(islice(values, len(items)))
        has_pairs = bool(items) and all(type(item) is list and len(item) == 2 for item in items)  # as header fields in JSON
        copied: list[Any] = []
        for item in items:
            is_secret = has_pairs and self.names_a_secret(item)
            copied.append([item[0], self.mask(item[0], item[1])] if is_secret else self.value(item, path))
            if self.left < 0:
                break
        return make(copied)

    def names_a_secret(self, pair: list[Any] | tuple[Any, ...]) -> bool:
        """Return whether the first of a *pair* is the name of a header field or member, and a secret one."""
        name = _plain(pair[0])
        return is_text(name) and _FIELD.fullmatch(name) is not None and self.is_secret(name)

    def thing(self, value: object) -> object:
        """Return an object itself if its text contains no secret, else its text without secrets."""
        shown = repr(value)
        for text in [shown] if isinstance(value, (bytes, bytearray)) else [shown, str(value)]:
            redacted = self.text(text)
            if redacted != text:
                return redacted
        return value

    def text(self, text: str) -> str:
        self.left -= min(len(text), LONGEST) // _PORTION
        return self.redactor.one(text, keep=self.keep, values=self.values)

    def mask(self, name: object, value: object) -> object:
        """Return the mask for the *value* of a secret *name*; an empty value is shown, since it is not a secret."""
        if value is None or value is True or value is False or (type(value) in _MAY_BE_EMPTY and not value):
            return value
        if not self.values:  # the first walk collects what the second one removes from all texts
            with suppress(Exception):  # the value's own code may fail; it is masked all the same
                self.masked |= self.redactor.secret_values({_name(name): [_plain(inner) for inner in _scalars(value)]})
        return REDACTED

    def is_count(self, name: object, value: object) -> bool:
        """Return whether a number under a secret name counts things: ``max_tokens``."""
        return type(value) in {int, float} and self.redactor.counts(_name(name))

    def is_secret(self, name: object) -> bool:
        return self.redactor.kind(name) is _Kind.SECRET


def _without_colours(text: str) -> str:
    return _COLOUR.sub("", text) if "\x1b" in text else text


def _name(thing: object) -> str:
    """Return the name that a text or bytes is, or that ends a path in a list; empty without one."""
    if type(thing) is list or type(thing) is tuple:
        return name_of([*map(_plain, thing[-2:])])
    name = _plain(thing)
    return name if is_text(name) else ""


def _plain(thing: object) -> object:
    """Return the text of bytes, or the one that `repr` has written; any other *thing* is returned itself."""
    if type(thing) is bytes:
        return thing.decode("latin-1")
    written = _WRITTEN.fullmatch(thing) if is_text(thing) else None
    return _ESCAPED.sub(r"\1", written["text"]) if written else thing


def _scalars(value: object) -> Iterable[object]:
    """Return the values in a *value*, at whatever depth, if it is a container; else the value itself."""
    found = [value]
    for inner in found:  # which grows
        if len(found) > _MANY_VALUES:
            break
        if isinstance(inner, Mapping):
            found.extend(inner.values())
        elif isinstance(inner, (list, tuple, set, frozenset)):
            found.extend(inner)
    return found
