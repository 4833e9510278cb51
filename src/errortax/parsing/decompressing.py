"""
Content codings that a client did not undo (:rfc:`9110#section-8.4`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from errortax.http import BODY_CAP, Headers, RawResponse

_MAX_CODINGS: Final = 3
_MAX_MEMBERS: Final = 1000  # of one gzip stream; each costs a copy of the rest

_GZIP: Final = b"\x1f\x8b"
_ZLIB: Final = (b"x\x01", b"x^", b"x\x9c", b"x\xda")  # at its four levels
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"  # RFC 8878, section 3.1.1
_MAX_WINDOW: Final = 8 * 1024 * 1024  # bytes; the limit of HTTP (RFC 9659, section 3)

is_binary = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]").search  # without ESC, since logs may be coloured


def decompressed(body: bytes, headers: Headers) -> bytes:
    """
    Undo the content codings of *body*, up to one byte over `BODY_CAP`.

    A body that does not look compressed is returned unchanged: most clients decode the body and keep the header field. So
    is a broken stream; no text begins like one.
    """
    for coding in _codings(headers) or [""]:
        unpack = _unpacker(coding, body)
        if unpack is None or len(body) > BODY_CAP:
            continue
        plain = unpack(body)
        if plain is not None:
            body = plain
    return body


def unsupported_coding(raw: RawResponse) -> str | None:
    """
    Return the content coding of a body that cannot be undone because its library is not installed or too old; else None.
    """
    if isinstance(raw.body, bytes):
        body, codings = decompressed(raw.body, raw.headers), _codings(raw.headers)
        for coding, (expand, sample) in _OPTIONAL.items():
            if coding in codings and _unpacker(coding, body) is expand and expand(sample) is None:
                return coding
    return None


def _codings(headers: Headers) -> list[str]:
    """Return the content codings in the order in which to undo them: the server applied the last one last."""
    codings = [coding.strip().lower() for field in headers.get_all("content-encoding") for coding in field.split(",")]
    return codings[: -_MAX_CODINGS - 1 : -1]


def _unpacker(coding: str, body: bytes) -> Callable[[bytes], bytes | None] | None:
    """Return the function that undoes a coding, which the first bytes show better than its name; None if there is none."""
    if body.startswith(_GZIP):
        return _gunzip
    if body.startswith(_ZLIB):
        return _inflate
    if body.startswith(_ZSTANDARD):
        return _expand_zstandard if coding == "zstd" else None
    if coding not in _WITHOUT_SIGNATURE or _is_text(body):
        return None
    return _WITHOUT_SIGNATURE[coding]


def _is_text(body: bytes) -> bool:
    try:
        return not is_binary(body.decode())
    except UnicodeDecodeError:
        return False


def _gunzip(body: bytes) -> bytes | None:
    """Return the content of all members (:rfc:`1952#section-2.2`), or None if the first one is broken or one is cut off."""
    plain, rest = bytearray(), memoryview(body)
    for _ in range(_MAX_MEMBERS):
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain += stream.decompress(rest, BODY_CAP + 1 - len(plain))
        except zlib.error:
            return None
        if len(plain) > BODY_CAP or not stream.unused_data.startswith(_GZIP):
            return bytes(plain) if stream.eof or len(plain) > BODY_CAP else None
        rest = memoryview(stream.unused_data)
    return None


def _inflate(body: bytes) -> bytes | None:
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # zlib; bare deflate, as some read RFC 9110 §8.4.1.2
        stream = zlib.decompressobj(wbits)
        try:
            plain = stream.decompress(body, BODY_CAP + 1)
        except zlib.error:
            continue
        if len(plain) > BODY_CAP or (stream.eof and (wbits > 0 or not stream.unused_data)):  # a bare stream has no checksum
            return plain
    return None


def _expand_brotli(body: bytes) -> bytes | None:
    try:
        import brotli
    except ImportError:  # the extra "encodings" is optional
        return None
    stream = brotli.Decompressor()
    try:
        plain: bytes = stream.process(body, output_buffer_limit=BODY_CAP + 1)
    except (brotli.error, TypeError):  # TypeError: brotli before 1.2 has no limit, and a few bytes may become gigabytes
        return None
    return plain if len(plain) > BODY_CAP or stream.is_finished() else None


def _expand_zstandard(body: bytes) -> bytes | None:
    try:
        import zstandard
    except ImportError:  # the extra "encodings" is optional
        return None
    try:
        with zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(body) as stream:
            return stream.read(BODY_CAP + 1) or None  # a stream that is cut off reads as an empty one
    except zstandard.ZstdError:
        return None


_WITHOUT_SIGNATURE: Final[Mapping[str, Callable[[bytes], bytes | None]]] = {"br": _expand_brotli, "deflate": _inflate}
_OPTIONAL: Final[Mapping[str, tuple[Callable[[bytes], bytes | None], bytes]]] = {
    "br": (_expand_brotli, b"\x0b\x00\x80x\x03"),
    "zstd": (_expand_zstandard, b"\x28\xb5\x2f\xfd \x01\t\x00\x00x"),
}
"""Coding that needs a library → the function that undoes it, and a sample for it."""
