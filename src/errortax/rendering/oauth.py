"""
The error response of OAuth 2.0 (:rfc:`6749#section-5.2`); it has only an error name, a description and an address.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Any, Final

from errortax.http import RawResponse
from errortax.model import CanonicalError, Category
from errortax.registry import Registry
from errortax.registry.addresses import name_at
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import error_from, seconds_in
from errortax.rendering.names import names_of
from errortax.rendering.view import View

_INSUFFICIENT_SCOPE: Final = "insufficient_scope"
_CHALLENGES: Final = frozenset({"invalid_token", _INSUFFICIENT_SCOPE, "insufficient_user_authentication"})
_FORBIDDEN: Final = 403
_PLAIN_CHALLENGE: Final = 'Bearer realm="api"'  # a challenge needs a parameter
_NOT_STORED: Final = ("cache-control", "no-store")


@lru_cache(maxsize=1024)
def challenge(category: Category, detail: str) -> str:
    """
    Return the challenge that a 401 must have (:rfc:`6750#section-3`; :rfc:`9470#section-3` if more proof is needed).
    """
    error = names_of(category).oauth
    if error not in _CHALLENGES:  # such as a request without credentials (RFC 6750, section 3.1)
        return _PLAIN_CHALLENGE
    description = _description(detail)
    return f'Bearer error="{error}"' + (f', error_description="{description}"' if description else "")


def _write(view: View, registry: Registry) -> Written:
    error = {"error": names_of(view.category).oauth}
    if description := _description(view.detail):
        error["error_description"] = description
    error["error_uri"] = _address(view, registry)
    if view.status == _FORBIDDEN and error["error"] == _INSUFFICIENT_SCOPE:  # RFC 6750, section 3.1
        return view.status, (_NOT_STORED, ("www-authenticate", challenge(view.category, view.detail))), error
    return view.status, (_NOT_STORED,), error


def _description(text: str) -> str | None:
    """Return *text* if a description may contain it, else None: printable ASCII, no backslashes (:rfc:`6749#section-5.2`)."""
    text = text.replace('"', "'")
    return text if text.isascii() and text.isprintable() and "\\" not in text else None


def _address(view: View, registry: Registry) -> str:
    """Return the address of our page about *view*; a fragment adds the retryability if the page itself has another one."""
    address = view.type if view.page is None or not _members_at(view.page, registry) else view.page
    found = error_from(_members_at(address, registry), (), None, registry)
    return address if found.retryability is view.retryability else f"{address}#{view.retryability.value}"


def _members_at(address: str, registry: Registry) -> dict[str, str]:
    """Return the members in the address of one of our pages; none for other addresses and for pages about a whole vendor."""
    ours = registry.documentation_url + "/"
    page, _, retryability = address.removeprefix(ours).partition("#")
    owner, _, name = page.partition("/")
    if not address.startswith(ours) or not name:
        return {}
    whose = {"category": name} if owner == "categories" else {"vendor": owner, "code": _code_at(name, owner, registry)}
    return {**whose, "retryability": retryability} if retryability else whose


def _code_at(path: str, vendor: str, registry: Registry) -> str:
    entries = registry.document(vendor)["entries"] if vendor in registry else ()
    return name_at(path, (entry["code"] for entry in entries))


def _read(raw: RawResponse, document: Any, registry: Registry) -> CanonicalError | None:
    address = document.get("error_uri") if isinstance(document, dict) else None
    members = _members_at(address, registry) if isinstance(address, str) else {}
    if not members or not isinstance(document.get("error"), str):
        return None
    error, delay = error_from(members, (), raw.status, registry), _delay(raw)
    if delay is None or (error.min_delay is not None and delay == ceil(error.min_delay)):  # not from the server
        return error
    return error_from({**members, "retry_after": delay}, (), raw.status, registry)


def _delay(raw: RawResponse) -> float | None:
    """Return the seconds in ``Retry-After``, or None; we write only whole seconds."""
    text = raw.headers.get("retry-after", "")
    return seconds_in(text) if text.isascii() and text.isdecimal() else None


FORMAT: Final = Format("application/json", _write, _read, frozenset({"code", "request_id", "field_errors"}))
