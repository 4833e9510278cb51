"""
WSGI: a middleware that puts one error format in front of any app (:pep:`3333`). It needs no library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from errortax.gateway import Translator
from errortax.http import BODY_CAP, FIRST_ERROR, Headers, RawResponse, unchecked_response
from errortax.integrations._serving import (
    ANSWERED,
    answer_to,
    body_of,
    fields_of,
    is_held,
    translation,
    translator_of,
)
from errortax.model import Level, VendorError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
Write: TypeAlias = Callable[[bytes], object]

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class Middleware:
    """
    Translate the error responses of *app*, and the `errortax.exceptions.VendorError` that it raises, into one format.

    Pass a *translator*, or the options of `errortax.Translator` to make one; they are checked at once. The attribute
    `translator` may be replaced at any time: a request that has begun keeps its translator.
    """

    def __init__(self, app: WSGIApplication, translator: Translator | None = None, **options: Any) -> None:
        self.app = app
        self.translator = translator_of(translator, options)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """
        Serve one request: hold back each response that the translator may replace, up to 256 KiB, and send its answer.
        """
        if self.translator.shadow:
            return _Shadow(self.translator, environ, start_response).serve(self.app)
        exchange = _Exchange(self.translator, environ, start_response)
        try:
            result = self.app(environ, exchange.start)
        except VendorError as error:
            answer = exchange.answer_to(error)
            if answer is None:
                raise
            return exchange.send(answer, sys.exc_info())
        return exchange.body(result)


class _Exchange:
    """Follow one response: let it pass, or hold it back until its end."""

    __slots__ = ("_environ", "_forward", "_headers", "_held", "_is_given_away", "_passes", "_pieces", "_translator", "_write")

    def __init__(self, translator: Translator, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self._translator, self._environ, self._forward = translator, environ, start_response
        self._passes = self._is_given_away = False
        self._held: tuple[str, list[tuple[str, str]], ExcInfo | None] | None = None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None) -> Write:
        """Take the place of the server's ``start_response``."""
        if self._held is not None and exc_info is None:
            self._release(*self._held)  # to start twice is a mistake of the app, which the server must report
        if self._passes:
            write = self._forward(status, headers, exc_info)  # raises the app's exception if something was sent already
            if exc_info is None or self._is_given_away or not self._is_held(status, headers):
                return write
            self._passes = False
        elif not self._is_held(status, headers):
            self._release(status, headers, exc_info)
            return self._write
        self._held, self._pieces = (status, headers, exc_info), bytearray()
        return self._collect

    @property
    def passes(self) -> bool:
        """Return whether the response passes; False before its start."""
        return self._passes

    def show(self, piece: bytes) -> None:
        """Take a *piece* of the body that the server gets from somebody else."""
        if self._held is not None:
            self._collect(piece)

    def end(self) -> None:
        """Decide on the response whose pieces were shown."""
        if self._held is not None:
            self._translated(*self._held)

    def body(self, result: Iterable[bytes]) -> Iterable[bytes]:
        """Return the iterable for the server: the app's own object if the response passes."""
        if self._passes:
            self._is_given_away = True
            return result
        return _Body(self.rest(result), getattr(result, "close", None))

    def rest(self, result: Iterable[bytes]) -> Generator[bytes, None, None]:
        """Yield the pieces that pass, or the answer in place of those that were held back."""
        is_sent = False
        try:
            for piece in result:
                if self._held is None:  # it passes: the app started the response only during this iteration
                    is_sent = is_sent or bool(piece)
                    yield piece
                else:
                    self._pieces += piece
                    if len(self._pieces) <= BODY_CAP:
                        continue
                    if self._is_decided_by_status(self._held[0]):
                        break
                    is_sent = True
                    self._release(*self._held)
                    yield bytes(self._pieces)
        except VendorError as error:
            answer = None if is_sent else self.answer_to(error)
            if answer is None:
                raise
            yield from self.send(answer, sys.exc_info())
        else:
            if self._held is not None:
                yield from self._translated(*self._held)

    def answer_to(self, error: VendorError) -> RawResponse | None:
        """
        Return the answer for an *error* that the app raised, or None to raise it again.

        If the body of an error response did not arrive, its status and header fields decide: a refusal stays a refusal.
        """
        answer = None
        if self._held is not None and error.error.match.level is Level.TRANSPORT:
            answer = self._translation(self._held[0], cut_off=True)
        if answer is not None:
            return answer
        environ = self._environ
        return answer_to(self._translator, error.error, environ.get("HTTP_ACCEPT_LANGUAGE"), self._method, self._path, environ)

    def send(self, answer: RawResponse, exc_info: ExcInfo | None) -> list[bytes]:
        """Start the response with the header fields of *answer*, and return its body."""
        status = answer.status or 0
        self._held = None
        self._environ[ANSWERED] = True
        self._forward(f"{status} {_PHRASES.get(status, 'Error')}", fields_of(answer), exc_info)
        body = body_of(answer)
        return [body] if body else []

    @property
    def _method(self) -> str:
        method: str = self._environ["REQUEST_METHOD"]
        return method

    @property
    def _path(self) -> str:
        """Return the path of the request, mounts included, as text."""
        environ = self._environ
        whole = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        return whole.encode("latin-1", "replace").decode(errors="replace")  # WSGI's strings contain one byte per character

    def _is_held(self, status: str, headers: list[tuple[str, str]]) -> bool:
        number, translator = status[:3], self._translator
        if not number.isdecimal() or (int(number) < FIRST_ERROR and not translator.inspects_success):
            return False
        if ANSWERED in self._environ:
            return False
        self._headers = Headers.unchecked(partial(iter, headers))
        return is_held(translator, int(number), self._headers, self._method, self._path)

    def _is_decided_by_status(self, status: str) -> bool:
        """Return whether an answer for the response needs no more of its body, which is too long."""
        return int(status[:3]) >= FIRST_ERROR and not self._translator.passes_too_long

    def _collect(self, data: bytes) -> None:
        """Take the place of the server's ``write``."""
        if self._held is None:
            self._write(data)
            return
        if len(self._pieces) <= BODY_CAP:
            self._pieces += data
        if len(self._pieces) > BODY_CAP and not self._is_decided_by_status(self._held[0]):
            self._release(*self._held)
            self._write(bytes(self._pieces))

    def _release(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None) -> None:
        """Start the response as the app did; from now on all pieces pass."""
        self._passes, self._held = True, None
        self._write = self._forward(status, headers, exc_info)

    def _translated(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None) -> list[bytes]:
        answer = self._translation(status)
        if answer is not None:
            return self.send(answer, exc_info)
        self._release(status, headers, exc_info)
        return [bytes(self._pieces)]

    def _translation(self, status: str, *, cut_off: bool = False) -> RawResponse | None:
        environ, body = self._environ, None if cut_off else bytes(self._pieces)
        raw = unchecked_response(int(status[:3]), self._headers, body, None, self._method, cut_off=cut_off)
        host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
        return translation(self._translator, raw, self._path, host, environ.get("HTTP_ACCEPT_LANGUAGE"), environ)


class _Shadow:
    """Let a response pass at once, and show it to an exchange that cannot send anything."""

    __slots__ = ("_environ", "_exchange", "_forward")

    def __init__(self, translator: Translator, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self._environ, self._exchange = environ, _Exchange(translator, environ, _drop_start)
        self._forward = start_response

    def serve(self, app: WSGIApplication) -> Iterable[bytes]:
        """Return the iterable for the server: the app's own object if the response is not an error."""
        try:
            result = app(self._environ, self.start)
        except VendorError as error:
            self._exchange.answer_to(error)
            raise
        if self._exchange.passes:
            return result
        return _Body(self._shown(result), getattr(result, "close", None))

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None) -> Write:
        """Take the place of the server's ``start_response``."""
        write, show = self._forward(status, headers, exc_info), self._exchange.start(status, [*headers], exc_info)

        def write_both(data: bytes) -> None:
            write(data)
            show(data)

        return write_both

    def _shown(self, result: Iterable[bytes]) -> Generator[bytes, None, None]:
        exchange = self._exchange
        try:
            for piece in result:
                exchange.show(piece)
                yield piece
        except VendorError as error:
            exchange.answer_to(error)
            raise
        exchange.end()


def _drop_start(*_: object) -> Write:
    """Take the place of the server's ``start_response``."""
    return len


class _Body:
    """The pieces of a body. They close the app's iterable when the server closes them."""

    __slots__ = ("_close", "_pieces")

    def __init__(self, pieces: Generator[bytes, None, None], close: Callable[[], object] | None) -> None:
        self._pieces, self._close = pieces, close

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._pieces.close()
        if self._close is not None:
            self._close()
