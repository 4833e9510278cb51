"""
Addresses: of a request, without what may be secret in it, and of a page that a response links.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "[redacted]"

_LONGEST: Final = 2_000  # characters
_LEFT_OUT: Final = "…"
_AUTHORITY: Final = re.compile(r"[^?#]*?//(?P<authority>[^/?#]*)")
_HOST: Final = re.compile(r"(?:\[[^\]]*\]|[^:\[]*)(?::[0-9]*)?")  # with its port
_PARAMETER: Final = re.compile(r"(;[^=;/]*=)[^;/]+")
_page = re.compile(r"https?://(?![^/?#]*@)[!#-;=?-Z\[\]_a-z~]+", re.IGNORECASE).fullmatch  # printable ASCII, and no user


def safe_url(url: str) -> str:
    """
    Return *url* without user information, fragment and the values in its query and in its path (:rfc:`3986#section-3`).

    All names stay, and so does the rest of the path. At most 2,000 characters are returned, in one line.
    """
    if " " in url or not url.isprintable():
        url = "".join(character if character.isprintable() and character != " " else "%20" for character in url)
    address, question, query = (_without_user(url) if "@" in url else url).partition("#")[0].partition("?")
    if ";" in address:
        address = _PARAMETER.sub(rf"\1{HIDDEN}", address)
    safe = f"{address}?{'&'.join(map(_hidden, query.split('&')))}" if question else address
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}{_LEFT_OUT}"


def _without_user(url: str) -> str:
    found = _AUTHORITY.match(url)
    if found is None:
        return url
    start, end = found.span("authority")
    if _HOST.fullmatch(found["authority"].rpartition("@")[2]) is None:  # a sign in the password has cut it off
        end = len(url)
    return f"{url[:start]}{url[start:end].rpartition('@')[2]}{url[end:]}"


def _hidden(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if not equals:
        return HIDDEN if name else ""  # without a name it is a value
    return f"{name}={HIDDEN}" if value else parameter


def web_address(value: object) -> str | None:
    """
    Return *value* if it is the absolute address of a page (http or https) that may be shown, else None.

    An address with user information in front of its host is not shown.
    """
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    return value if _page(value) else None
