"""
From the bytes of a body to its kind and its document.

The content decides, not the headers: a wrong or missing ``Content-Type`` is too common among failures. The result is the
same for every decoder, stack depth and Python release, and the time is linear.
"""

from __future__ import annotations

import _thread
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import accumulate
from json import JSONDecoder, detect_encoding
from typing import Final, TypeAlias

from errortax.http import BODY_CAP, Headers
from errortax.model import BodyKind

Decoded: TypeAlias = tuple[BodyKind, object]

DEPTH_LIMIT: Final = 100

_MAX_DIGITS: Final = 4300  # of an exact integer; int() accepts more only after `sys.set_int_max_str_digits`
_SURE_DIGITS: Final = 640  # int() always accepts so many
_MAX_CODINGS: Final = 3
_MAX_FIELDS: Final = 1000
_STRIDE: Final = 430
_SHALLOW: Final = 2 * DEPTH_LIMIT  # bytes; a whole document of this size cannot be too deep, since each bracket is closed, too

_JSON: Final = BodyKind.JSON  # a global is faster than a member of an enumeration
_UNDECODABLE: Final[Decoded] = (BodyKind.UNDECODABLE, None)

_BLANKS: Final = " \t\n\r"  # the whitespace of JSON (RFC 8259 §2)
_BRACKETS: Final = frozenset(b"{[")
_COMPRESSED: Final = (b"\x1f\x8b", b"x\x01", b"x^", b"x\x9c", b"x\xda")  # gzip, and zlib at its four levels
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"  # RFC 8878, section 3.1.1
_MAX_WINDOW: Final = 8 * 1024 * 1024  # bytes; the limit of HTTP (RFC 9659, section 3)
_PLAIN_MARKUP: Final = (b"<!doctype html", b"<html", b"<?xml")

_DIGITS_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_SAMPLES: Final = slice(None, None, _STRIDE)
_LONG_NUMBER: Final = b"0" * (_MAX_DIGITS // _STRIDE)
_string = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_form = re.compile(r"[\w.*+%\[\]-]+=[^&\s]*(?:&[\w.*+%\[\]-]+=[^&\s]*)*", re.ASCII).fullmatch
_binary = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]").search  # without ESC, since logs may be coloured


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


_fast = _fast_decoder()  # refuses some JSON that `json` accepts (NaN, lone surrogates, …), never more; the results are equal
_scan: Callable[[str, int], tuple[object, int]] = JSONDecoder().scan_once  # type: ignore[attr-defined]  # not in the stubs
_lenient_decoder = JSONDecoder(parse_int=_integer)


def decode(body: bytes | str | None, headers: Headers, *, cap: int = BODY_CAP) -> Decoded:
    """
    Return the kind of *body*, and its document: the JSON value, the fields of a form as a dict, else None.

    Never raise. A body is not decoded if it has more than *cap* bytes (characters of a text), compressed or not, or is
    nested deeper than `DEPTH_LIMIT`; its kind says so.
    """
    try:
        if (
            isinstance(body, bytes)
            and 0 < (size := len(body)) <= cap
            and body[0] in _BRACKETS
            and (
                size <= _SHALLOW
                # Few brackets cannot be deep. To replace them takes a third of the time of counting them.
                or size - len(body.replace(b"{", b"").replace(b"[", b"")) <= DEPTH_LIMIT
            )
            and (size <= _MAX_DIGITS or _has_short_numbers(body))
        ):
            try:
                if _fast is not None:
                    return _JSON, _fast(body)
                text = body.decode()
                document, end = _scan(text, 0)
                if end == len(text) or not text[end:].strip(_BLANKS):
                    return _JSON, document
            except (ValueError, StopIteration):  # ValueError: msgspec's errors as well
                pass
        return _decode_any(body, headers, cap)
    except RecursionError:
        # The decoders count the caller's frames, too; a new thread has an empty stack. `threading` might need more frames
        # than there are left, so `_thread` starts it.
        result: list[Decoded] = [_UNDECODABLE]
        done = _thread.allocate_lock()
        done.acquire()
        with suppress(RuntimeError):  # no thread can start: the process is at its limit, or ends
            _thread.start_new_thread(_decode_aside, (body, headers, cap, result, done))
            done.acquire()
        return result[0]


def text_of(body: bytes | str | None, headers: Headers) -> str | None:
    """
    Return *body* as text, without its content codings; None if it is larger than `BODY_CAP` or not Unicode.
    """
    if body is None or isinstance(body, str):
        return body if body is None or len(body) <= BODY_CAP else None
    plain = _decompress(body, headers, BODY_CAP)
    try:
        return plain.decode(detect_encoding(plain)) if len(plain) <= BODY_CAP else None
    except UnicodeDecodeError:
        return None


def _decode_aside(body: bytes | str | None, headers: Headers, cap: int, result: list[Decoded], done: _thread.LockType) -> None:
    try:
        result[0] = _decode_any(body, headers, cap)
    except RecursionError:  # the recursion limit itself is lower than `DEPTH_LIMIT`
        pass
    finally:
        done.release()


def _has_short_numbers(body: bytes) -> bool:
    """
    Return False if a number may have more than `_MAX_DIGITS` digits: then every `_STRIDE`-th byte gives ten digits in a row.
    """
    return _LONG_NUMBER not in body[_SAMPLES].translate(_DIGITS_AS_ZEROS)


def _decode_any(body: bytes | str | None, headers: Headers, cap: int) -> Decoded:
    if body is None:
        return BodyKind.UNREAD, None
    if len(body) > cap:
        return BodyKind.OVER_CAP, None
    if isinstance(body, str):
        return _decode_text(body, headers)
    kind = _evident_kind(body)
    if kind is None:
        body = _decompress(body, headers, cap)
        if len(body) > cap:
            return BodyKind.OVER_CAP, None
        kind = _evident_kind(body)
    if kind is not None:
        return kind, None
    try:
        text = body.decode(detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        return _UNDECODABLE
    return _decode_text(text, headers)


def _evident_kind(body: bytes) -> BodyKind | None:
    """
    Return the kind of *body* if its first bytes are enough, whatever the encoding and the headers; else None.
    """
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return BodyKind.EMPTY
    if start[:14].lower().startswith(_PLAIN_MARKUP):
        return BodyKind.XML if start.startswith(b"<?") else BodyKind.HTML
    return None


def _decode_text(text: str, headers: Headers) -> Decoded:
    text = text.removeprefix("\ufeff").strip(_BLANKS)
    first = text[:1]
    if first in ("{", "["):
        return (BodyKind.TOO_DEEP, None) if _depth(text) > DEPTH_LIMIT else _read_json(text) or _UNDECODABLE
    if first and first in '"-0123456789tfnNI':  # a scalar may be a whole JSON document; `json` accepts NaN and Infinity
        decoded = _read_json(text)
        if decoded is not None:
            return decoded
        if "json" in _content_type(headers):
            return _UNDECODABLE
    return _decode_non_json(text.strip(), headers)


def _decode_non_json(text: str, headers: Headers) -> Decoded:
    if not text:
        return BodyKind.EMPTY, None
    if text.startswith("<"):
        html = text[:14].lower().startswith(("<!doctype html", "<html")) or "text/html" in _content_type(headers)
        return BodyKind.HTML if html else BodyKind.XML, None
    if _binary(text):
        return _UNDECODABLE
    if text.count("&") < _MAX_FIELDS and (_form(text) or "application/x-www-form-urlencoded" in _content_type(headers)):
        from urllib.parse import parse_qsl  # 5 ms to import, and few APIs answer with a form

        return BodyKind.FORM, dict(parse_qsl(text, keep_blank_values=True))
    return BodyKind.TEXT, None


def _content_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].lower()


def _read_json(text: str) -> Decoded | None:
    try:
        document, end = _lenient_decoder.raw_decode(text)
    except ValueError:
        return None
    return (_JSON, document) if end == len(text) else None


def _depth(text: str) -> int:
    """
    Return how many brackets outside of strings are open at the same time.
    """
    if text.count("{") + text.count("[") <= DEPTH_LIMIT:
        return DEPTH_LIMIT  # at most
    ascii_only = _string.sub("", text).encode("ascii", "ignore")
    steps = ascii_only.translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0)


_STEPS: Final = bytes.maketrans(b"{[]}", b"\x01\x01\xff\xff")  # as signed bytes: one up, one down
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"{[]}"))


def _decompress(body: bytes, headers: Headers, cap: int) -> bytes:
    """
    Undo the content codings that a client did not undo (:rfc:`9110#section-8.4`), up to one byte over *cap*.

    A body that does not look compressed is returned unchanged: most clients decode the body and keep the header. So is a
    broken stream; no text begins like one.
    """
    codings = [coding.strip().lower() for field in headers.get_all("content-encoding") for coding in field.split(",")]
    for coding in codings[: -_MAX_CODINGS - 1 : -1] or [""]:  # the server applied the last one last
        if len(body) > cap:
            break
        if coding in _UNPACKED_BY and not body.startswith(_COMPRESSED):
            if body.startswith(_ZSTANDARD) or (coding == "br" and not _is_text(body)):
                body = _UNPACKED_BY[coding](body, cap) or body
        elif body.startswith(_COMPRESSED) or (coding == "deflate" and not _is_text(body)):
            body = _inflate(body, cap)
    return body


def _is_text(body: bytes) -> bool:
    try:
        return not _binary(body.decode())
    except UnicodeDecodeError:
        return False


def _inflate(body: bytes, cap: int) -> bytes:
    for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # gzip or zlib; bare deflate, as some read RFC 9110 §8.4.1.2
        stream = zlib.decompressobj(wbits)
        try:
            plain = stream.decompress(body, cap + 1)
        except zlib.error:
            continue
        if len(plain) > cap or (stream.eof and (wbits > 0 or not stream.unused_data)):  # a bare stream has no checksum
            return plain
    return body


def _expand_brotli(body: bytes, cap: int) -> bytes | None:
    try:
        import brotli
    except ImportError:  # the extra "encodings" is optional
        return None
    stream = brotli.Decompressor()
    try:
        plain: bytes = stream.process(body, output_buffer_limit=cap + 1)
    except (brotli.error, TypeError):  # TypeError: brotli before 1.2 has no limit, and a few bytes may become gigabytes
        return None
    return plain if len(plain) > cap or stream.is_finished() else None


def _expand_zstandard(body: bytes, cap: int) -> bytes | None:
    try:
        import zstandard
    except ImportError:  # the extra "encodings" is optional
        return None
    try:
        with zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(body) as stream:
            return stream.read(cap + 1)
    except zstandard.ZstdError:
        return None


_UNPACKED_BY: Final[Mapping[str, Callable[[bytes, int], bytes | None]]] = {"br": _expand_brotli, "zstd": _expand_zstandard}
