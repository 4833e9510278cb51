"""
What a type checker refuses: only checked, never run. Each ignore is an expected error; a checker that finds none there says so.
"""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=error

from __future__ import annotations

from typing import assert_never

import httpx

import errortax
from errortax import CanonicalError, Category, exceptions
from errortax.integrations.httpx import hook, raising, transport


def a_category_was_forgotten(category: Category) -> str:
    """A `match` that lacks a category is not exhaustive."""
    match category:
        case Category.CREDENTIALS_MISSING | Category.CREDENTIALS_INVALID | Category.CREDENTIALS_EXPIRED:
            return "log in"
        case Category.CHALLENGE_REQUIRED | Category.CHALLENGE_FAILED:
            return "ask the user"
        case Category.PERMISSION_DENIED | Category.ACCOUNT_UNAVAILABLE | Category.PAYMENT_REQUIRED | Category.POLICY_BLOCKED:
            return "ask the owner"
        case Category.MALFORMED_REQUEST | Category.UNSUPPORTED_MEDIA | Category.UNSUPPORTED_OPERATION:
            return "repair the program"
        case Category.ENDPOINT_NOT_FOUND | Category.REQUEST_TOO_LARGE:
            return "look at the request"
        case Category.INVALID_ARGUMENT | Category.NOT_FOUND | Category.ALREADY_EXISTS | Category.DECLINED:
            return "show the form again"
        case Category.CONFLICT | Category.CONTENTION | Category.FAILED_PRECONDITION:
            return "read again"
        case Category.RATE_LIMITED:
            return "slow down"
        case Category.UNAVAILABLE | Category.TIMEOUT | Category.INTERNAL | Category.DEPENDENCY_FAILED:
            return "wait"
        case Category.CONNECTION_FAILED | Category.CONNECTION_IMPOSSIBLE | Category.NO_RESPONSE:
            return "connection"
        case Category.INVALID_RESPONSE | Category.CANCELLED | Category.UNKNOWN:
            return "log"
        case _:
            assert_never(category)  # type: ignore[arg-type]  # QUOTA_EXCEEDED has no case


def nothing_was_checked(response: httpx.Response) -> Category:
    """What may be no error has no category."""
    return errortax.parse(response).category  # type: ignore[union-attr]  # it may be None


def a_sentence_was_expected(error: CanonicalError) -> str:
    """There may be no sentence for an actor."""
    return errortax.hint_text(error, actor="vendor")  # type: ignore[return-value]  # it may be None


def the_method_was_left_out(error: CanonicalError) -> bool:
    """Whether to repeat depends on the method."""
    return errortax.decide_retry(error).retry  # type: ignore[call-arg]  # the method is missing


def options_were_given_by_position(response: httpx.Response, error: CanonicalError) -> None:
    """Options have names."""
    errortax.raise_for_error(response, "gopoints", errortax.default_registry())  # type: ignore[call-arg]  # no third argument
    exceptions.VendorError(error, "GET")  # type: ignore[call-arg]  # no second argument


def a_value_was_changed(error: CanonicalError) -> None:
    """What an error says cannot be replaced."""
    error.category = Category.UNKNOWN  # type: ignore[misc]  # read-only


def text_was_raised() -> None:
    """An exception is made of an error, not of a message."""
    raise exceptions.RateLimited("too many requests")  # type: ignore[arg-type]  # a text


def an_error_was_raised(error: CanonicalError) -> None:
    """An error is a value; only an exception can be raised."""
    raise error  # type: ignore[misc]  # no exception


def a_name_was_misspelt() -> object:
    """There is no class of another name."""
    return exceptions.RateLimit  # type: ignore[attr-defined]  # RateLimited


def the_wrong_things_were_passed() -> None:
    """A vendor is called by its name."""
    hook(errortax.default_registry())  # type: ignore[arg-type]  # the registry is an option
    raising(7)  # type: ignore[arg-type]  # no name
    httpx.Client(transport=transport(httpx.AsyncHTTPTransport()))  # type: ignore[arg-type]  # of the other kind


@raising("gopoints")
def fetch(client: httpx.Client, path: str) -> bytes:
    """Return what is there."""
    return client.get(path).content


def a_decorated_function_was_called_wrongly(client: httpx.Client) -> str:
    """A decorator takes nothing from the signature."""
    fetch(client)  # type: ignore[call-arg]  # the path is missing
    return fetch(client, "/")  # type: ignore[return-value]  # bytes
