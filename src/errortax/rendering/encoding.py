"""
Documents to the bytes of JSON (:rfc:`8259`): UTF-8, no blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import JSONEncoder
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, Final

_encode: Final[Callable[[Any], str]] = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _fast_encoder() -> Callable[[Any], bytes] | None:
    try:
        from msgspec.json import Encoder
    except ImportError:  # the extra "fast" is optional
        return None
    return Encoder().encode


_fast = _fast_encoder()


def encode(document: Any) -> bytes:
    """
    Return *document* as JSON; half a surrogate pair becomes a question mark, and what is no number (NaN) becomes null.
    """
    if _fast is not None:
        try:
            return _fast(document)
        except (TypeError, ValueError):  # half a surrogate pair, or a number that is longer than it takes
            pass
    try:
        text = _encode(document)
    except ValueError:
        text = _encode(_without_nan(document))
    return text.encode("utf-8", "replace")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def encode_members(members: Mapping[str, Any]) -> bytes:
    """
    Return the *members* of an object as JSON, without the braces; their names need no escapes.

    An encoder takes longer to set up than to write the few members that tell one error from the others of its kind.
    """
    return ",".join([f'"{name}":{_member(value)}' for name, value in members.items()]).encode("utf-8", "replace")


def _member(value: Any) -> str:
    return encode_basestring(value) if isinstance(value, str) else encode(value).decode()
