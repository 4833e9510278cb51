"""
From bytes to text, whatever the bytes: bad ones are replaced, so that the rest can still be read.

Only the charsets of a fixed list are used: Python has codecs that take seconds for a body, and their names come from the
network.
"""

from __future__ import annotations

from collections.abc import Mapping
from json import detect_encoding
from typing import Final

from errortax.http import Headers

_REPLACEMENT: Final = "\ufffd"

_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "cp1252": ("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252", "x-cp1252"),
    "utf-8": ("utf-8", "utf8"),
    "utf-16": ("utf-16", "utf16"),
    "utf-16-le": ("utf-16le",),
    "utf-16-be": ("utf-16be",),
    "utf-32": ("utf-32", "utf32"),
    "utf-32-le": ("utf-32le",),
    "utf-32-be": ("utf-32be",),
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"),
    "euc_jp": ("euc-jp", "x-euc-jp"),
    "gb18030": ("gb18030", "gbk", "x-gbk", "gb2312"),
    "cp949": ("euc-kr", "ks_c_5601-1987", "windows-949", "korean"),
    "big5hkscs": ("big5", "big5-hkscs", "x-x-big5", "cn-big5"),
    "koi8_r": ("koi8-r", "koi8"),
}
"""Python's codec → labels. As browsers do, it takes the wider of two charsets that servers confuse (WHATWG Encoding, §4.2)."""

_CODEC_OF: Final = {label: codec for codec, labels in _LABELS.items() for label in labels}


def unicode_text(body: bytes, headers: Headers) -> tuple[str, bool]:
    """
    Return *body* as text, and whether it is valid Unicode, as JSON has to be (:rfc:`8259#section-8.1`).

    For other bytes, the declared charset counts if it is a listed one and fits; else they are UTF-8, and bad ones are
    replaced by U+FFFD.
    """
    try:
        return body.decode(detect_encoding(body)), True
    except UnicodeDecodeError:
        declared = _decoded_as_declared(body, headers)
        return body.decode("utf-8", "replace") if declared is None else declared, False


def declared_text(body: bytes, headers: Headers) -> tuple[str, bool]:
    """
    Return *body* as a text in its declared charset if that is a listed one and fits; else as `unicode_text` does.
    """
    declared = _decoded_as_declared(body, headers)
    return unicode_text(body, headers) if declared is None else (declared, True)


def is_mostly_replaced(text: str) -> bool:
    """
    Return whether more than half of the characters stand for bad bytes: then the body is not a text.
    """
    return 2 * text.count(_REPLACEMENT) > len(text)


def _decoded_as_declared(body: bytes, headers: Headers) -> str | None:
    codec = _CODEC_OF.get(_declared_charset(headers))
    if codec is None:
        return None
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _declared_charset(headers: Headers) -> str:
    for parameter in headers.get("content-type", "").lower().split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip(" \t\"'")
    return ""
