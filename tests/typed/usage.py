"""
What a type checker promises to a user: only checked, by mypy and by pyright, never run.

What they refuse stands in ``mistakes.py``.
"""
# pyright: strict

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import assert_type

import httpx

import errortax
from errortax import Action, Actor, CanonicalError, Category, Group, Hint, Outcome, RawResponse, RetryDecision, exceptions
from errortax.integrations.httpx import async_hook, error_of, hook, raising, transport


def results(response: RawResponse | httpx.Response) -> None:
    """Each result has the type that it is documented with, whatever client the response is from."""
    assert_type(errortax.parse(response), CanonicalError | None)
    assert_type(errortax.parse(response, "gopoints", registry=errortax.default_registry(), now=0.0), CanonicalError | None)
    assert_type(errortax.classify(response).error, CanonicalError | None)
    assert_type(errortax.classify(response), Outcome)
    assert_type(errortax.detect_vendor(response), str | None)
    errortax.raise_for_error(response, "gopoints")
    assert_type(errortax.transport_error("connection_failed", sent=False, target="proxy"), CanonicalError)
    assert_type(errortax.transport_error(Category.NO_RESPONSE), CanonicalError)


def a_value(error: CanonicalError) -> None:
    """What an error holds is typed down to its leaves."""
    assert_type(error.category, Category)
    assert_type(error.category.group, Group)
    assert_type(error.hints, tuple[Hint, ...])
    assert_type(error.hints[0].target, str | None)
    assert_type((error.action, error.actor), tuple[Action, Actor])
    assert_type(error.retry_after, float | None)
    assert_type(error.match.alternatives[0].category, Category)
    assert_type([complaint.field for complaint in error.field_errors], list[str | None])


def texts(error: CanonicalError) -> None:
    """A sentence may be missing for an actor, who is named by text or member."""
    assert_type(errortax.hint_text(error), str | None)
    assert_type(errortax.hint_text(error, actor="end_user", locale="de-CH"), str | None)
    assert_type(errortax.hint_text(error, actor=Actor.END_USER), str | None)


def retries(caught: exceptions.VendorError, attempt: int) -> float:
    """A decision is made of what an exception knows."""
    decision = errortax.decide_retry(
        caught.error, method=caught.method, idempotency_key=caught.idempotency_key, attempt=attempt, max_wait=60
    )
    assert_type(decision, RetryDecision)
    if not decision.retry or decision.wait is None:
        raise caught
    return decision.wait


def by_group(group: Group) -> bool:
    """A `match` over the groups is exhaustive without a last case, too."""
    match group:
        case Group.AUTHENTICATION | Group.ACCESS:
            return True
        case Group.REQUEST | Group.RESOURCE | Group.LIMIT:
            return False
        case Group.SERVER | Group.TRANSPORT | Group.UNKNOWN:
            return False


def by_class(caught: exceptions.VendorError) -> float | str | None:
    """Classes are told apart by `match`, and what they hold can be taken out."""
    match caught:
        case exceptions.RateLimited(error=error):
            return assert_type(error, CanonicalError).retry_after
        case exceptions.AuthenticationError(error=CanonicalError(request_id=str() as request_id)):
            return request_id
        case exceptions.CredentialsExpired() | exceptions.CredentialsMissing():
            assert_type(caught, exceptions.CredentialsExpired | exceptions.CredentialsMissing)
            return None
        case _:
            return assert_type(caught.error.code, str | None)


def catching(response: httpx.Response) -> str | None:
    """What is caught knows its error, and whether one may ask again."""
    try:
        errortax.raise_for_error(response)
    except exceptions.CredentialsExpired as expired:
        return assert_type(expired.error.documentation_url, str | None)
    except (exceptions.LimitError, exceptions.ServerError) as later:
        assert_type(later.method, str | None)
        assert_type(later.idempotency_key, bool)
        assert_type(later.category, Category | None)
    return None


def catching_several(response: httpx.Response) -> list[CanonicalError]:
    """`except*` gives groups of the class that was asked for."""
    found: list[CanonicalError] = []
    try:
        errortax.raise_for_error(response)
    except* exceptions.LimitError as group:
        assert_type(group, ExceptionGroup[exceptions.LimitError])
    except* exceptions.VendorError as group:
        found.extend(caught.error for caught in group.exceptions if isinstance(caught, exceptions.VendorError))
    return found


class SessionOver(exceptions.CredentialsExpired):
    """A class of a client library's own."""


def a_class_of_ones_own(error: CanonicalError) -> SessionOver:
    """It is made as the class that it is derived from."""
    return SessionOver(error, method="GET", idempotency_key=False)


def exceptions_for(error: CanonicalError) -> None:
    """The exception for an error is one of the family."""
    assert_type(exceptions.exception_for(error), exceptions.VendorError)
    assert_type(exceptions.exception_for(error, method="GET", idempotency_key=True), exceptions.VendorError)


def hooks() -> httpx.Client:
    """A hook and a transport go where httpx takes them, and the transport is of the kind that it wraps."""
    attaching = transport(httpx.HTTPTransport(retries=1), "gopoints")
    assert_type(attaching, httpx.HTTPTransport)
    return httpx.Client(transport=attaching, event_hooks={"response": [hook("gopoints", inspect_success=True)]})


def async_hooks() -> httpx.AsyncClient:
    """The same goes for the asynchronous kind."""
    attaching = transport(httpx.AsyncHTTPTransport(), registry=errortax.default_registry())
    assert_type(attaching, httpx.AsyncHTTPTransport)
    return httpx.AsyncClient(transport=attaching, event_hooks={"response": [async_hook("gopoints")]})


def errors_of(thing: httpx.Response | httpx.HTTPError) -> None:
    """What lies behind a response or an exception is an error or nothing."""
    assert_type(error_of(thing), CanonicalError | None)


def inside(client: httpx.Client) -> Mapping[str, str]:
    """A block does not swallow exceptions: a function that returns inside of it needs no other `return`."""
    with raising("gopoints"):
        return client.get("/").headers


@raising("gopoints")
def decorated(client: httpx.Client, path: str, *, page: int = 1) -> httpx.Response:
    """A decorated function keeps its signature."""
    return client.get(path, params={"page": page})


@raising()
async def awaited(client: httpx.AsyncClient, path: str) -> bytes:
    """So does a coroutine function."""
    return (await client.get(path)).content


class Client:
    """So does a method."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @raising("gopoints")
    def status(self, path: str) -> int:
        """Return the status."""
        return self._http.get(path).status_code


async def callers(client: httpx.Client, other: httpx.AsyncClient) -> AsyncIterator[int]:
    """Whoever calls what is decorated gets the types that were written."""
    assert_type(decorated(client, "/", page=2), httpx.Response)
    assert_type(await awaited(other, "/"), bytes)
    yield assert_type(Client(client).status("/"), int)
