"""
The calls that every client makes in the contract suite, and their answers.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

from attrs import field, frozen

from errortax import CanonicalError


@frozen(kw_only=True)
class Call:
    """
    A request to send with a client, the way a user of its integration would.

    *authority* is the file with the certificate to trust, *seconds* the limit for connecting and for each read. With
    *on_first_chunk* the response is to be streamed: call it when the first bytes have come, then read the rest. With *unread*
    the body is left alone.
    """

    url: str
    method: str = "GET"
    vendor: str | None = None
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes | None = None
    inspect_success: bool | Literal["read"] = False
    authority: str | None = None
    seconds: float = 20.0
    on_first_chunk: Callable[[], None] | None = None
    unread: bool = False


@frozen
class Answer:
    """An answer: the final status, the whole body, decoded, and the canonical error that was attached, if any."""

    status: int
    body: bytes
    error: CanonicalError | None = None


@frozen
class Client:
    """
    A way to drive one client. *raises* sends a call with the hook, inside `raising`. *attaches* sends it with an
    integration that attaches errors to responses and raises nothing; it is None if the client has none. *error_of* is the
    integration's.
    *follows_redirects* is False for a client that leaves redirects to its caller, *follows_with_body* for one that does
    not send a POST again (307), *explains_resolution* for one that does not say why a name has no address, and
    *shows_redirects* for one whose exceptions do not say whether they were raised behind a redirect. *reads* is True for one
    that says to hooks that it reads the body.
    """

    raises: Callable[[Call], Answer]
    error_of: Callable[..., CanonicalError | None]
    attaches: Callable[[Call], Answer] | None = None
    follows_redirects: bool = True
    follows_with_body: bool = True
    explains_resolution: bool = True
    shows_redirects: bool = True
    reads: bool = False


@cache  # reading the certificates of all authorities takes longer than a request
def trust(authority: str | None) -> ssl.SSLContext:
    """
    Return a context that trusts the certificate in the file *authority*, or, without one, whom this machine trusts.
    """
    return ssl.create_default_context(cafile=authority)
