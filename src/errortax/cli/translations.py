"""
Turn outcomes into the responses that a gateway would send.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from http import HTTPStatus
from typing import Any

import click

from errortax.cli.classifying import Result
from errortax.cli.screen import note
from errortax.gateway import Translator
from errortax.http import RawResponse
from errortax.registry import Registry


class Translations:
    """Translate errors as `errortax.Translator` does, and print a note for each response that is not an error."""

    def __init__(self, to: str, expose: str, locale: str, registry: Registry, *, keep_status: bool) -> None:
        try:
            self._translator = Translator(to, expose=expose, locale=locale, registry=registry, keep_status=keep_status)
        except ImportError as error:
            raise click.UsageError(str(error)) from error

    def of(self, results: Iterable[Result], names: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """
        Yield the answer to each of the *results* that is an error, as text and as JSON.

        *names* are the inputs: if there are several, or one has several responses, the text begins with the place.
        """
        for result in results:
            reading, outcome = result.reading, result.outcome
            if outcome.error is None:
                note(f"{reading.where}: {outcome.kind}, passes unchanged")
                continue
            answer = self._translator.answer(outcome.error, upstream=None if reading.failure else reading.response)
            heading = "" if [reading.where] == [*names] else f"{reading.where}:\n"
            yield heading + _message(answer), {"input": reading.where, **_document(answer)}


def _message(answer: RawResponse) -> str:
    """Return a response as a message (:rfc:`9112#section-2.1`), with line feeds only."""
    fields = "".join(f"{name}: {answer.headers[name]}\n" for name in answer.headers)
    return f"HTTP/1.1 {answer.status} {_phrase(answer.status)}\n{fields}\n{_body(answer)}"


def _document(answer: RawResponse) -> dict[str, Any]:
    return {
        "status": answer.status,
        "headers": {name: answer.headers[name] for name in answer.headers},
        "body": _body(answer),
    }


def _phrase(status: int | None) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _body(answer: RawResponse) -> str:
    return answer.body.decode() if isinstance(answer.body, bytes) else answer.body or ""
