"""
Encode documents as JSON (:rfc:`8259`): UTF-8, without blanks.
"""

from __future__ import annotations

from collections.abc import Callable
from json import JSONEncoder
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
    Return *document* as JSON; a lone surrogate becomes a question mark; NaN and infinity become null.
    """
    if _fast is not None:
        try:
            return _fast(document)
        except (TypeError, ValueError):  # a lone surrogate, or an integer too long for msgspec
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
