"""
The credentials of a request, which the texts of its response may repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

_LENGTHS: Final = range(4, 513)  # characters; shorter values are everywhere
_MIN_COOKIE: Final = 16  # characters; a shorter value is more likely a setting


def credentials_in(
    fields: Iterable[tuple[object, object]], url: str | None, is_secret_name: Callable[[str], bool]
) -> tuple[str, ...]:
    """
    Return the values under secret names in the header *fields* of a request, without their schemes, and in its *url*.
    """
    found: list[str] = []
    for name, value in fields:
        if is_secret_name(text := _text(name)):
            found += _parts_of(text.lower(), _text(value).strip())
    if url is not None and ("?" in url or "@" in url):
        found += [value for value in _in_url(url, is_secret_name) if len(value) in _LENGTHS]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)  # a program sends the same few credentials again and again
def _parts_of(name: str, value: str) -> tuple[str, ...]:
    """Return what is secret in the value of a header field: of cookies the long values, else what follows the scheme."""
    if name.endswith("cookie"):
        cookies = [cookie.partition("=")[2].strip(' "') for cookie in value.split(";")]
        return tuple(cookie for cookie in cookies if len(cookie) in _LENGTHS and len(cookie) >= _MIN_COOKIE)
    scheme, _, credentials = value.partition(" ")
    parts = {credentials or value, _password_in(credentials) if scheme.lower() == "basic" else ""}
    return tuple(part for part in parts if len(part) in _LENGTHS)


def _password_in(credentials: str) -> str:
    """Return the password in Basic *credentials* (:rfc:`7617`), or an empty text."""
    from binascii import a2b_base64

    try:
        return a2b_base64(credentials).decode().partition(":")[2]
    except ValueError:
        return ""


def _in_url(url: str, is_secret_name: Callable[[str], bool]) -> Iterator[str]:
    """Yield the password and the values under secret names in the query of an address (:rfc:`3986`)."""
    from urllib.parse import parse_qsl, urlsplit

    try:
        parts = urlsplit(url)
        yield parts.password or ""
        yield from (value for name, value in parse_qsl(parts.query) if is_secret_name(name))
    except ValueError:  # brackets around something that is not an IP address, thousands of fields
        return


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
