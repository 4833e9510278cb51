"""
A raw response (:rfc:`9110#section-6`): status, header fields and body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any, Final, TypeVar, overload

from attrs import field, frozen

BODY_CAP: Final = 262_144
"""The size in bytes of the longest body that is read; for a longer one, status and header fields decide."""

_MAX_LENGTH_DIGITS: Final = 18  # `int` refuses some thousands of digits
_STATUS_LIMIT: Final = 1_000_000  # from here on, a number is not a status, and may be too long to write

_Default = TypeVar("_Default")
_new = object.__new__
_name_in = itemgetter(0)


HINT_WORDS: Final = ("retry", "limit")
"""One of these is in the lower-case name of each field that states a wait or a rate limit."""


class Headers(Mapping[str, str]):
    """
    Copy header fields once and find them by any spelling of their name (:rfc:`9110#section-5.1`).

    A look-up returns the first field of that name, `get_all` returns all of them. Iteration yields lower-case names.

    Args:
        fields: a mapping, or an iterable of pairs of name and value, as text or bytes (read as ISO 8859-1). A list of
            values means one field for each, and an empty list no field.

    Raises:
        TypeError: *fields* is anything else.

    """

    __slots__ = ("_fields", "_index", "_names")
    _fields: Sequence[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]
    _index: dict[str, Any] | None
    _names: str | None

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[object, object]] = ()) -> None:
        if isinstance(fields, (dict, Mapping)):  # a dict is recognised at once
            self._fields = tuple(fields.items())
        else:
            self._fields = tuple(_pairs_in(fields))
        self._index = self._names = None  # built at first use: most responses are parsed without their headers

    @classmethod
    def unchecked(cls, fields: Sequence[tuple[object, object]] | Callable[[], Iterable[tuple[object, object]]]) -> Headers:
        """
        Return headers with these *fields*: pairs that nobody changes later, or a callable that returns such pairs.

        The fields are neither checked nor copied: that would take longer than parsing most responses.
        """
        headers = _new(cls)
        headers._fields = fields
        headers._index = headers._names = None
        return headers

    def _indexed(self) -> dict[str, Any]:
        """Index each lower-case name with its value, or a list of its values, which a look-up turns into texts."""
        raw = self.raw
        index: dict[str, Any]
        if raw and isinstance(raw[0][0], bytes):
            index = {name.decode("latin-1").lower(): value for name, value in raw if name.__class__ is value.__class__ is bytes}
        else:
            index = {name.lower(): value for name, value in raw if name.__class__ is value.__class__ is str}
        if len(index) < len(raw):  # hardly ever: some are neither, or have one name
            index = _index_of(raw)
        self._index = index
        return index

    def get_all(self, name: str) -> tuple[str, ...]:
        """
        Return the values of all fields called *name*, in order; an empty tuple without such a field.
        """
        index = self._index or self._indexed()
        key = name.lower()
        if key not in index:
            return ()
        values = index[key]
        return tuple([_text(value).strip() for value in values]) if type(values) is list else (_text(values).strip(),)

    def has_any(self, names: AbstractSet[str]) -> bool:
        """
        Return whether there is a field with one of these lower-case *names*.
        """
        return not names.isdisjoint(self._index or self._indexed())

    @property
    def raw(self) -> Sequence[tuple[Any, Any]]:
        """
        Return the fields unchanged, in their order: pairs of text or bytes, in any letter case.
        """
        if callable(self._fields):
            self._fields = tuple(self._fields())
        return self._fields

    @property
    def names(self) -> str:
        """
        Return the names of all fields in lower case, a line for each.
        """
        names = self._names
        if names is None:  # to index all fields takes longer
            names = self._names = _joined([*map(_name_in, self.raw)])
        return names

    def mentions(self, words: Iterable[str]) -> bool:
        """
        Return whether the name of a field contains one of these lower-case *words*.
        """
        names = self._names or self.names
        for word in words:  # noqa: SIM110  # any() over a generator takes twice as long
            if word in names:
                return True
        return False

    def grouped(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """
        Return each lower-case name with the values of all its fields.
        """
        return [(name, self.get_all(name)) for name in self._index or self._indexed()]

    def __getitem__(self, name: str) -> str:
        return _first((self._index or self._indexed())[name.lower()])

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: _Default, /) -> str | _Default: ...
    def get(self, name: str, default: object = None, /) -> object:
        """
        Return the first field called *name*, or *default*: like `Mapping.get`, but faster for a missing name.
        """
        index = self._index or self._indexed()
        key = name.lower()
        return _first(index[key]) if key in index else default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in (self._index or self._indexed())

    def __iter__(self) -> Iterator[str]:
        return iter(self._index or self._indexed())

    def __len__(self) -> int:
        return len(self._index or self._indexed())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return dict(self.grouped()) == dict(other.grouped())

    def __hash__(self) -> int:
        return hash(frozenset(self.grouped()))

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"  # values may be secret

    def __reduce__(self) -> tuple[type[Headers], tuple[tuple[tuple[Any, Any], ...]]]:
        return Headers, (tuple(self.raw),)


def _index_of(fields: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    index: dict[str, Any] = {}
    for name, value in fields:
        key, values = _text(name).lower(), value
        if isinstance(value, (list, tuple)):
            if not value:
                continue
            values = list(value)
        if key not in index:
            index[key] = values
            continue
        held = index[key]
        if type(held) is not list:
            held = index[key] = [held]
        held += values if type(values) is list else (values,)
    return index


def _pairs_in(fields: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for pair in fields:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"headers must be a mapping or pairs of name and value, not {type(fields).__name__}")
        yield tuple(pair)


def _joined(names: Sequence[Any]) -> str:
    """Return *names* in lower case, a line for each."""
    try:
        is_text = not names or isinstance(names[0], str)
        return ("\n".join(names) if is_text else b"\n".join(names).decode("latin-1")).lower()
    except TypeError:  # not all alike
        return "\n".join(map(_text, names)).lower()


def _first(values: Any) -> str:
    return _text(values[0] if type(values) is list else values).strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _status(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"status must be an int or None, not {value!r}")
    return int(value) if abs(value) < _STATUS_LIMIT else None  # an http.HTTPStatus becomes a plain number


def _headers(value: Mapping[str, str] | Iterable[tuple[object, object]] | None) -> Headers:
    if isinstance(value, Headers):
        return value
    return Headers(() if value is None else value)


def _body(value: bytes | bytearray | memoryview | str | None) -> bytes | str | None:
    if value is None or isinstance(value, (bytes, str)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"body must be bytes, str or None, not {type(value).__name__}; encode it first")


def _optional_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"url and method must be str or None, not {value!r}")


NO_HEADERS: Final = Headers()
"""The header fields of a request that is not known."""


@frozen(repr=False)
class RawResponse:
    """
    Hold the response of a server: status, headers and body, copied and normalised.

    Args:
        status: the HTTP status; None if it is not known. A number of seven digits or more counts as not known.
        headers: a mapping or pairs, of text or bytes; see `Headers`.
        body: bytes or text; None if the body was not read.
        url: the address of the request; None if it is not known.
        method: the HTTP method of the request; None if it is not known.
        cut_off: whether the body could not be read to its end, or not be decompressed. Status and header fields arrived
            whole (:rfc:`9112#section-8`), so they decide; *body* is None.
        request_headers: the header fields of the request, as *headers*. The credentials in them are removed from all texts
            of the response. They are neither compared nor shown nor pickled.

    Raises:
        TypeError: an argument has another type.
        ValueError: *cut_off* is true, and there is a *body*.

    """

    status: int | None = field(default=None, converter=_status)
    headers: Headers = field(factory=Headers, converter=_headers)
    body: bytes | str | None = field(default=None, converter=_body)
    url: str | None = field(default=None, converter=_optional_text)
    method: str | None = field(default=None, converter=_optional_text)
    cut_off: bool = False
    request_headers: Headers = field(default=NO_HEADERS, converter=_headers, eq=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.cut_off and self.body is not None:
            raise ValueError("body must be None where cut_off is true: only status and header fields arrived whole")

    def __repr__(self) -> str:
        return f"<RawResponse {self.status}, {len(self.headers)} headers, body {self._size()}>"

    def __reduce__(self) -> tuple[Callable[..., RawResponse], tuple[Any, ...]]:
        return RawResponse, (self.status, self.headers, self.body, self.url, self.method, self.cut_off)

    def _size(self) -> str:
        if self.body is None:
            return "cut off" if self.cut_off else "unread"
        return f"{len(self.body)} {'bytes' if isinstance(self.body, bytes) else 'characters'}"


# To write the slots of a frozen value takes a third of the time of its constructor, which checks and converts.
_set_status, _set_headers, _set_body, _set_url, _set_method, _set_cut_off, _set_request_headers = (
    getattr(RawResponse, name).__set__ for name in ("status", "headers", "body", "url", "method", "cut_off", "request_headers")
)


def unchecked_response(
    status: int | None,
    headers: Headers,
    body: bytes | str | None,
    url: str | None,
    method: str | None,
    *,
    cut_off: bool = False,
) -> RawResponse:
    """
    Return a raw response of parts that already have the right types; they are not checked.
    """
    raw = object.__new__(RawResponse)
    _set_status(raw, status)
    _set_headers(raw, headers)
    _set_body(raw, body)
    _set_url(raw, url)
    _set_method(raw, method)
    _set_cut_off(raw, cut_off)
    _set_request_headers(raw, NO_HEADERS)
    return raw


def note_request(raw: RawResponse, request_headers: Headers) -> None:
    """
    Make *raw*, which nobody else has seen yet, the response to a request with these header fields.
    """
    _set_request_headers(raw, request_headers)


def is_too_long(headers: Mapping[str, str]) -> bool:
    """
    Return whether Content-Length exceeds `BODY_CAP`; such a body is not read, and the status decides.
    """
    length = headers.get("content-length", "")
    return length.isdecimal() and (len(length) > _MAX_LENGTH_DIGITS or int(length) > BODY_CAP)


def is_short_json(headers: Mapping[str, str], *, is_declared: bool = True) -> bool:
    """
    Return whether the header fields announce JSON that is not longer than `BODY_CAP`.

    A Content-Length is needed if *is_declared* is true. Without one, a media type for a stream of values does not count.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.endswith(("/json", "+json")) or is_too_long(headers):
        return False
    return headers.get("content-length", "").isdecimal() or not (is_declared or "stream" in media_type)


def host_of(url: str) -> str:
    """
    Return the host of a URL (:rfc:`3986#section-3.2.2`), or an empty text if it has none.
    """
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]
    host = authority.rpartition("@")[2]
    return host if host.startswith("[") else host.partition(":")[0]
