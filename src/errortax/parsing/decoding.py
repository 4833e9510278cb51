"""
From the bytes of a body to its kind and its document.

The content decides, not the headers: a wrong or missing ``Content-Type`` is too common among failures. The result is the
same for every decoder, stack depth and Python release, and the time is linear.
"""

from __future__ import annotations

import _thread
import re
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate, takewhile
from json import JSONDecoder
from typing import Final, NoReturn, TypeAlias

from errortax.http import BODY_CAP, Headers, RawResponse
from errortax.model import BodyKind
from errortax.parsing.charsets import declared_text, is_mostly_replaced, unicode_text
from errortax.parsing.decompressing import decompressed, is_binary
from errortax.parsing.markup import read_xml

Decoded: TypeAlias = tuple[BodyKind, object, bool]
"""
The kind of a body; its document (the JSON value, the elements of XML or the fields of a form as a dict, a plain text, else
None); and whether it had to be read leniently.
"""

DEPTH_LIMIT: Final = 100

_MAX_DIGITS: Final = 4300  # of an exact integer; int() accepts more only after `sys.set_int_max_str_digits`
_SURE_DIGITS: Final = 640  # int() always accepts so many
_MAX_FIELDS: Final = 1000
_MAX_FORM: Final = 65_536  # characters
_STRIDE: Final = 430
_SHALLOW: Final = 2 * DEPTH_LIMIT  # bytes; a whole document of this size cannot be too deep, since each bracket is closed, too

_JSON: Final = BodyKind.JSON  # a global is faster than a member of an enumeration
_UNDECODABLE: Final[Decoded] = (BodyKind.UNDECODABLE, None, False)

_BLANKS: Final = " \t\n\r"  # the whitespace of JSON (RFC 8259 §2)
_BRACKETS: Final = frozenset(b"{[")
_HTML: Final = (b"<!doctype html", b"<html")

_DIGITS_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_NUMBERS_ALIKE: Final = bytes.maketrans(b"123456789E", b"000000000e")
_MANY_EXPONENTS: Final = 100
_SAMPLES: Final = slice(None, None, _STRIDE)
_LONG_NUMBER: Final = b"0" * (_MAX_DIGITS // _STRIDE)
_string = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_form = re.compile(r"[\w.*+%\[\]-]+=[^&\s]*(?:&[\w.*+%\[\]-]+=[^&\s]*)*", re.ASCII).fullmatch


def _fast_decoder() -> Callable[[bytes], object] | None:
    try:
        from msgspec.json import Decoder
    except ImportError:  # the extra "fast" is optional
        return None
    return Decoder().decode


def _integer(text: str) -> int | float:
    digits = text.removeprefix("-")
    if len(digits) > _MAX_DIGITS:
        return float(text)
    number = 0
    for start in range(0, len(digits), _SURE_DIGITS):
        part = digits[start : start + _SURE_DIGITS]
        number = number * 10 ** len(part) + int(part)
    return -number if text != digits else number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_fast = _fast_decoder()  # refuses some JSON that `json` accepts (lone surrogates, …), never more; the results are equal
_scan: Callable[[str, int], tuple[object, int]] = JSONDecoder(parse_constant=_refuse).scan_once  # type: ignore[attr-defined]  # not in the stubs
_strict_decoder = JSONDecoder(parse_int=_integer, parse_constant=_refuse)
_lenient_decoder = JSONDecoder(parse_int=_integer, strict=False)  # control characters in strings, NaN


def decode(raw: RawResponse) -> Decoded:
    """
    Return the kind and the document of a body, and whether it was read leniently.

    Never raise. A body is not decoded if it has more than `BODY_CAP` bytes (characters of a text), compressed or not, or is
    nested deeper than `DEPTH_LIMIT`; its kind says so.

    Lenient means that JSON or a text breaks the rules of its format and is read all the same: bad bytes are replaced,
    control characters in strings are accepted, and whatever follows the first JSON value is ignored.
    """
    body = raw.body
    try:
        if (
            isinstance(body, bytes)
            and 0 < (size := len(body)) <= BODY_CAP
            and body[0] in _BRACKETS
            and (
                size <= _SHALLOW
                # Few brackets cannot be deep. To replace them takes a third of the time of counting them.
                or size - len(body.replace(b"{", b"").replace(b"[", b"")) <= DEPTH_LIMIT
                or not _is_deep(body)
            )
            and (size <= _MAX_DIGITS or _has_easy_numbers(body))
        ):
            try:
                if _fast is not None:
                    return _JSON, _fast(body), False
                text = body.decode()
                document, end = _scan(text, 0)
                if end == len(text) or not text[end:].strip(_BLANKS):
                    return _JSON, document, False
            except (ValueError, StopIteration):  # ValueError: msgspec's errors as well
                pass
        return _decode_any(raw)
    except RecursionError:
        # The decoders count the caller's frames, too; a new thread has an empty stack. `threading` might need more frames
        # than there are left, so `_thread` starts it.
        result: list[Decoded] = [_UNDECODABLE]
        done = _thread.allocate_lock()
        done.acquire()
        with suppress(RuntimeError):  # no thread can start: the process is at its limit, or ends
            _thread.start_new_thread(_decode_aside, (raw, result, done))
            done.acquire()
        return result[0]


def text_of(raw: RawResponse) -> str | None:
    """
    Return a body as text, without its content codings; None if it was not read or is larger than `BODY_CAP`.
    """
    body = raw.body
    if isinstance(body, bytes):
        body = decompressed(body, raw.headers)
    if body is None or len(body) > BODY_CAP:
        return None
    return body if isinstance(body, str) else unicode_text(body, raw.headers)[0]


def _decode_aside(raw: RawResponse, result: list[Decoded], done: _thread.LockType) -> None:
    try:
        result[0] = _decode_any(raw)
    except RecursionError:  # the recursion limit itself is lower than `DEPTH_LIMIT`
        pass
    finally:
        done.release()


def _has_easy_numbers(body: bytes) -> bool:
    """
    Return False if a number may have more than `_MAX_DIGITS` digits, or if many may have a large exponent.

    If a number is so long, every `_STRIDE`-th byte gives ten digits in a row. msgspec takes 20 µs for a number such as 1e300.
    """
    if _LONG_NUMBER in body[_SAMPLES].translate(_DIGITS_AS_ZEROS):
        return False
    return _fast is None or body.translate(_NUMBERS_ALIKE, b"+").count(b"0e00") <= _MANY_EXPONENTS


def _decode_any(raw: RawResponse) -> Decoded:
    body, headers = raw.body, raw.headers
    if body is None:
        return BodyKind.CUT_OFF if raw.cut_off else BodyKind.UNREAD, None, False
    if len(body) > BODY_CAP:
        return BodyKind.OVER_CAP, None, False
    if isinstance(body, str):
        return _decode_json(body, headers) or _decode_other(body, headers)
    kind = _evident_kind(body)
    if kind is None:
        body = decompressed(body, headers)
        if len(body) > BODY_CAP:
            return BodyKind.OVER_CAP, None, False
        kind = _evident_kind(body)
    if kind is BodyKind.XML:
        if _media_type(headers) == "text/html":
            return BodyKind.HTML, None, False
        return kind, read_xml(body.removeprefix(b"\xef\xbb\xbf").strip(), DEPTH_LIMIT), False
    if kind is not None:
        return kind, None, False
    text, is_exact = unicode_text(body, headers)
    decoded = _decode_json(text, headers)
    if decoded is None:
        text, is_exact = declared_text(body, headers)
        decoded = _UNDECODABLE if is_mostly_replaced(text) else _decode_other(text, headers)
    kind, document, is_lenient = decoded
    return kind, document, is_lenient or not (is_exact or document is None)


def _evident_kind(body: bytes) -> BodyKind | None:
    """
    Return the kind of *body* if its first bytes are enough, whatever the encoding and the headers; else None.
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return BodyKind.EMPTY
    if not start.startswith(b"<"):
        return None
    return BodyKind.HTML if start[:14].lower().startswith(_HTML) else BodyKind.XML


def _decode_json(text: str, headers: Headers) -> Decoded | None:
    """
    Return the first JSON value of *text*, or None if it is not JSON.

    A number or a word at the beginning is JSON only if nothing follows: ``401 Unauthorized`` is a text. Broken JSON is a
    text if it is declared as one, since logs begin with brackets, too.
    """
    text = text.removeprefix("\ufeff").strip(_BLANKS)
    first = text[:1]
    is_nested = first in ("{", "[")
    if is_nested and _is_deep(text.encode("ascii", "ignore")):
        return BodyKind.TOO_DEEP, None, False
    if not is_nested and (not first or first not in '"-0123456789tfnNI'):  # `json` accepts NaN and Infinity
        return None
    try:
        document, end = _strict_decoder.raw_decode(text)
        if end == len(text):
            return _JSON, document, False
    except ValueError:
        pass
    try:
        document, end = _lenient_decoder.raw_decode(text)
        if is_nested or not text[end:].strip(_BLANKS + "\0"):
            return _JSON, document, True
    except ValueError:
        pass
    return _UNDECODABLE if is_nested and not _media_type(headers).startswith("text/") else None


def _decode_other(text: str, headers: Headers) -> Decoded:
    """
    Return markup, a form or a plain text.
    """
    text = text.removeprefix("\ufeff").strip().rstrip("\0")
    if not text:
        return BodyKind.EMPTY, None, False
    if text.startswith("<"):
        is_html = text[:14].lower().startswith(("<!doctype html", "<html")) or _media_type(headers) == "text/html"
        return (BodyKind.HTML, None, False) if is_html else (BodyKind.XML, read_xml(text, DEPTH_LIMIT), False)
    if is_binary(text):
        return _UNDECODABLE
    if (
        len(text) <= _MAX_FORM
        and text.count("&") < _MAX_FIELDS
        and (_form(text) or _media_type(headers) == "application/x-www-form-urlencoded")
    ):
        from urllib.parse import parse_qsl  # 5 ms to import, and few APIs answer with a form

        return BodyKind.FORM, dict(parse_qsl(text, keep_blank_values=True)), False
    return BodyKind.TEXT, text, False


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_deep(text: bytes) -> bool:
    """
    Return whether more than `DEPTH_LIMIT` brackets outside of strings are open at the same time in the first value of *text*.
    """
    if b"\\" in text:  # perhaps before a quote
        text = _string.sub(b"", text)
    marks = text.translate(None, _NO_MARKS).replace(b'""', b"")  # two quotes together change nothing about what is in strings
    brackets = _string.sub(b"", marks)
    if _deepest(brackets[:_BEGINNING]) > DEPTH_LIMIT:  # where most deep bodies are so
        return True
    rest = brackets
    for levels in (2, 4, 6):  # wide documents lose nearly all of their brackets with the innermost levels
        rest = rest.replace(b"[]", b"").replace(b"{}", b"")
        if levels + rest.count(b"[") + rest.count(b"{") <= DEPTH_LIMIT:
            return False
    return _deepest(brackets) > DEPTH_LIMIT


def _deepest(brackets: bytes) -> int:
    """Return how many *brackets* are open at the same time, before all of them are closed."""
    return max(takewhile(bool, accumulate(memoryview(brackets.translate(_STEPS)).cast("b"))), default=0)


_STEPS: Final = bytes.maketrans(b"{[]}", b"\x01\x01\xff\xff")  # as signed bytes: one up, one down
_BEGINNING: Final = 2 * DEPTH_LIMIT
_NO_MARKS: Final = bytes(set(range(256)) - set(b'{[]}"'))
