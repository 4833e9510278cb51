"""
Credentials in header fields and addresses, which the texts of a response may repeat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from errortax.http import Headers, RawResponse
from errortax.http.message import NO_HEADERS
from errortax.parsing.budgets import MAX_NAMES
from errortax.registry import loading

_LEAST, _MOST = 4, 512  # characters; shorter values are everywhere
_LEAST_UNNAMED: Final = 16  # characters; a shorter cookie is rather a setting, a shorter user rather a name
_MOST_REMEMBERED: Final = 2048  # characters of the names of all fields
_LEAST_IN_QUERY: Final = 8  # characters; a shorter `key` or `code` is rather not a secret
_PARAMETERS: Final = frozenset({"data", "key", "mac", "response", "result"})  # SCRAM, Hawk, Digest, HOBA (RFC 7804, 7616, 7486)

# `re` compiles a pattern that is a text at its first use. Most programs do not need this one.
_PARAMETER: Final = r'(?<![\w-])([\w-]++)[ \t]*+=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s,;&"]++))'
"""Of an authentication scheme (:rfc:`9110#section-11.2`); some schemes have an ampersand between two of them."""

_IsSecret = Callable[[str], bool]


class Credentials:
    """
    Find credentials in header fields and addresses.

    *harmless* has the `errortax.http.Headers.names` that came before and have no secret name among them.

    Args:
        is_secret: says whether the values under a name are secret.
        counts: says whether a number under a secret name is rather a count.

    """

    __slots__ = ("_counts", "_is_secret", "harmless")

    def __init__(self, is_secret: _IsSecret, counts: _IsSecret) -> None:
        self._is_secret, self._counts = is_secret, counts
        self.harmless: set[str] = set()

    def of_request(self, raw: RawResponse) -> Sequence[str]:
        """
        Return the credentials in the header fields and the address of the request that *raw* responds to.
        """
        found = () if raw.request_headers is NO_HEADERS else self.in_fields(raw.request_headers)
        if raw.url is not None and ("?" in raw.url or "@" in raw.url):
            return [*found, *filter(may_be_secret, _in_address(raw.url, self._is_secret))]
        return found

    def in_fields(self, headers: Headers) -> Sequence[str]:
        """
        Return the values under secret names in header fields, without their schemes.
        """
        if headers.names in self.harmless:
            return ()
        named = [(_text(name), value) for name, value in headers.raw]
        secret = [(name, value) for name, value in named if self._is_secret(name) and not _is_about_limits(name)]
        if not secret and len(headers.names) <= _MOST_REMEMBERED:
            if len(self.harmless) >= MAX_NAMES:
                self.harmless.clear()  # one sender with many names must not slow down the others
            self.harmless.add(headers.names)
        return [part for name, value in secret for part in self._in_field(name.lower(), value)]

    def _in_field(self, name: str, value: object) -> Iterator[str]:
        for one in map(_text, value if isinstance(value, (list, tuple)) else [value]):
            parts = _remembered_parts(name, one.strip(), self._is_secret)
            yield from (part for part in parts if not (part.isdigit() and self._counts(name)))


def may_be_secret(text: str) -> bool:
    """
    Return whether *text* can be a secret value: it is neither very short nor very long, nor a word such as ``required``.
    """
    return _LEAST <= len(text) <= _MOST and text.lower() not in _listed("words")


def parts_of(name: str, value: str, is_secret: _IsSecret) -> Iterable[str]:
    """
    Return what is secret in the *value* of a header field with a secret *name*.

    It is the value itself, the values of cookies, or what follows an authentication scheme (:rfc:`9110#section-11.4`).
    """
    if name.endswith(("cookie", "cookies")) and "=" in value:
        cookies = value.split(";", 1)[:1] if name.endswith("set-cookie") else value.split(";")
        return filter(may_be_secret, _in_cookies(cookies, is_secret))
    return filter(may_be_secret, _in_credentials(name, value, is_secret))


@lru_cache(maxsize=64)  # a program sends the same few credentials again and again
def _remembered_parts(name: str, value: str, is_secret: _IsSecret) -> tuple[str, ...]:
    return tuple(parts_of(name, value, is_secret))


def _in_cookies(cookies: Iterable[str], is_secret: _IsSecret) -> Iterator[str]:
    for name, _, value in (cookie.partition("=") for cookie in cookies):
        text = value.strip(' "')
        if len(text) >= _LEAST_UNNAMED or is_secret(name.strip()):
            yield text


def _in_credentials(name: str, value: str, is_secret: _IsSecret) -> Iterator[str]:
    scheme, credentials = (*value.split(None, 1), "", "")[:2]
    is_known = scheme.lower() in _listed("schemes")
    if not credentials or not is_known:
        yield value
    if not is_known and not name.endswith("authorization"):
        return
    yield credentials
    if scheme.lower() == "basic":
        yield from _in_basic(credentials)
    elif parameters := re.findall(_PARAMETER, credentials):
        for parameter, quoted, token in parameters:
            if len(parameters) == 1 or parameter.lower() in _PARAMETERS or is_secret(parameter):
                yield re.sub(r"\\(.)", r"\1", quoted) or token
    else:
        yield credentials.partition(":")[2]  # the key behind a name


def _in_basic(credentials: str) -> Iterator[str]:
    """Yield the password in Basic *credentials* (:rfc:`7617`); a user without a password is a key, and yielded in its place."""
    from binascii import a2b_base64

    try:
        decoded = a2b_base64(credentials.replace("-", "+").replace("_", "/") + "==")  # also without padding (RFC 4648, section 5)
    except ValueError:
        return
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    user, _, password = text.partition(":")
    yield password if len(password) >= _LEAST else user


def _in_address(url: str, is_secret: _IsSecret) -> Iterator[str]:
    """Yield the password or key before the host of an address (:rfc:`3986`), and the values under secret names in its query."""
    from urllib.parse import parse_qsl, unquote, urlsplit

    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password
        if password is None:
            secret = user if len(user) >= _LEAST_UNNAMED else ""
        else:
            secret = password if len(password) >= _LEAST else user
        yield from (secret, unquote(secret))
        for name, value in parse_qsl(parts.query):
            is_long = name.lower() in _listed("query") and len(value) >= _LEAST_IN_QUERY
            if is_secret(name) or (is_long and any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
                yield value
    except ValueError:  # brackets around something that is not an IP address, thousands of fields
        return


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(loading.bundled("secrets.json")[name])


def _is_about_limits(name: str) -> bool:
    return "ratelimit" in name.lower().replace("-", "")  # x-ratelimit-reset-tokens: 6m0s


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
