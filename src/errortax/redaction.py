"""
Take secrets out of what a vendor says, and leave everything else readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from json import dumps
from typing import Final
from urllib.parse import quote, quote_plus

from errortax import secret_shapes as shapes

MAX_TEXT: Final = 2000
REDACTED: Final = "[redacted]"

_ROUNDS: Final = 4  # a secret that is taken out may lay bare another one; more than three in a row is nobody's text
_MAX_VALUES: Final = 256
_MIN_VALUE: Final = 4
_LONG_WORD: Final = 8
_LONG_RUN: Final = 20
_UUID_HYPHENS: Final = 4
_MAX_READ: Final = 16 * MAX_TEXT  # what stands behind cannot become visible
_EDGE: Final = 512  # the longest beginning of a secret that the reading limit may cut through
_MANY_NAMES: Final = 1024  # that are remembered with what was found out about them
_LONGEST_NAME: Final = 64  # of those


def _mask(text: str) -> str:
    """Return what stands in for a secret; what only holds settled things stays as it is."""
    if not shapes.SUBSTANCE.search(text):
        return text
    return shapes.GONE + shapes.KEPT * text.count(shapes.KEPT)


def _mask_groups(match: re.Match[str]) -> str:
    """Take out what the named groups of a match hold."""
    whole, offset = match[0], match.start()
    for group, secret in match.groupdict().items():
        if secret is not None:
            start, end = match.start(group) - offset, match.end(group) - offset
            return whole[:start] + _mask(secret) + whole[end:]
    return whole


def _mask_quoted(match: re.Match[str]) -> str:
    """Take out the value of a pair and leave its quotes and brackets, also where the closing one was cut off."""
    opening = shapes.OPENING.match(match[0], match.start("value") - match.start())
    start = opening.end() if opening else match.start("value") - match.start()
    return match[0][:start] + _mask(match[0][start:])


def _is_opaque(run: str) -> bool:
    """Return whether a *run* with a digit looks drawn at random rather than written: ``E_HTTP2_FAILED`` is written."""
    if shapes.MIXED.search(run) or shapes.UUID.search(run):
        return True
    return len(run) >= _LONG_RUN and any(not shapes.WORDY.fullmatch(piece) for piece in shapes.PIECES.split(run))


def _mask_run(match: re.Match[str]) -> str:
    return _mask(match[0]) if _is_opaque(match[0]) else match[0]


class Redactor:
    """
    Know what is secret at one vendor.

    *members* name further members, fields and headers whose values are secret, *patterns* are regular expressions of
    the vendor's own secrets. Raise `re.error` for a pattern that is none.
    """

    __slots__ = ("_clues", "_is_secret", "_name", "_name_end", "_patterns", "_spelling", "_text_of_name")

    def __init__(self, members: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        names = {*shapes.NAMES, *members}
        name = shapes.name_pattern(names)
        self._clues = shapes.clues(names)
        self._name = re.compile(name)
        self._name_end = re.compile(rf"{name}{shapes.NAME_ENDS}\Z")
        self._patterns = tuple(re.compile(pattern) for pattern in patterns)
        self._spelling = name
        self._is_secret = lru_cache(_MANY_NAMES)(self._ends_in_secret_name)
        self._text_of_name = lru_cache(_MANY_NAMES)(self.text)

    def text(self, text: str, *, keep: Collection[str] = (), values: Collection[str] = ()) -> str:
        """
        Return *text* with every secret replaced, at most `MAX_TEXT` characters of it, and safe to print.

        The tokens in *keep* survive wherever they stand as words of their own; known secret *values* never do.
        """
        if len(text) > _MAX_READ:
            text = self._settle(text[:_MAX_READ], keep, values)
            text = _cut(text, max(len(text) - _EDGE, 0))
        for _ in range(_ROUNDS):
            redacted = _cut(self._settle(text, keep, values), MAX_TEXT)
            if redacted == text:
                break
            text = redacted
        return text

    def _settle(self, text: str, keep: Collection[str], values: Collection[str]) -> str:
        if not text.isascii() or not text.isprintable():
            text = shapes.UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))
        text = text.replace(REDACTED, shapes.GONE)
        kept: list[str] = []
        tokens = [token for token in keep if token and token in text]
        if tokens:
            tokens.sort(key=len, reverse=True)
            found = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(map(re.escape, tokens))})(?![A-Za-z0-9_])")
            kept = found.findall(text)
            text = found.sub(shapes.KEPT, text)
        for value in sorted(values, key=lambda value: (-len(value), value)):
            text = _without(text, value)
        for _ in range(_ROUNDS):
            before, text = text, self._pass(text)
            if text == before:
                break
        if kept:
            first, *rest = text.split(shapes.KEPT)
            text = first + "".join(token + after for token, after in zip(kept, rest, strict=False))
        return text.replace(shapes.GONE, REDACTED)

    def _pass(self, text: str) -> str:
        lower = text.lower()
        if "authorization" in lower or "cookie" in lower:
            text = shapes.HEADER.sub(_mask_groups, text)
        if _holds(lower, shapes.SCHEME_CLUES):
            text = shapes.SCHEME.sub(_mask_groups, text)
        for pattern in self._patterns:
            text = pattern.sub(_mask_match, text)
        digits = shapes.DIGIT.search(text) is not None
        joined = digits and shapes.JOINED_DIGIT.search(text) is not None
        if joined or "-----BEGIN" in text or "eyJ" in text:
            text = shapes.SHAPED.sub(_mask_match, text)
        if "://" in text and "@" in text:
            text = shapes.USERINFO.sub(_mask_match, text)
        separated = shapes.SEPARATOR.search(text) is not None
        if (separated or digits) and _holds(lower, self._clues) and self._name.search(text):
            text = self._beside_names(text, separated)
        if joined:
            text = shapes.RUN.sub(_mask_run, text)
        if digits and _holds(lower, shapes.CODE_CLUES) and shapes.SPOKEN_CODES.search(text):
            text = shapes.ONE_TIME_CODE.sub(_mask_groups, text)
        if "-" in text and text.count("-") >= _UUID_HYPHENS:
            text = shapes.UUID.sub(_mask_match, text)
        return text

    def _beside_names(self, text: str, separated: bool) -> str:
        pair, element, after_name, before_name = shapes.beside(self._spelling)
        if separated:
            text = pair.sub(_mask_quoted, text)
            if "<" in text:
                text = element.sub(_mask_groups, text)
            text = before_name.sub(self._mask_unless_name, text)
        return after_name.sub(self._mask_unless_name, text)

    def _mask_unless_name(self, match: re.Match[str]) -> str:
        quoted = match["value"]
        if quoted is not None and self.is_secret_name(quoted[1:-1]):
            return match[0]
        if quoted is None:
            return _mask_groups(match)
        start = match.start("value") - match.start()
        return match[0][:start] + quoted[0] + _mask(quoted[1:-1]) + quoted[-1] + match[0][start + len(quoted) :]

    def is_secret_name(self, name: str) -> bool:
        """
        Return whether values under *name* are secret; of a path such as ``/user/password`` the last segment counts.
        """
        return self._is_secret(name) if len(name) <= _LONGEST_NAME else self._ends_in_secret_name(name)

    def name(self, name: str) -> str:
        """
        Return the *name* of a field, secrets replaced: as `text`, but remembered, since the same few come again.
        """
        return self._text_of_name(name) if len(name) <= _LONGEST_NAME else self.text(name)

    def _ends_in_secret_name(self, name: str) -> bool:
        segments = [segment for segment in shapes.SEGMENT.findall(name, max(len(name) - 256, 0)) if not segment.isdigit()]
        return bool(segments) and self._name_end.search(segments[-1]) is not None

    def secret_values(self, document: object, *, budget: int = 10_000) -> frozenset[str]:
        """
        Return the scalars that stand under secret names in a decoded JSON *document*, as texts.

        Look at no more than *budget* values. A text with blanks is a sentence about the field rather than its value.
        """
        found: set[str] = set()
        stack: list[tuple[object, bool]] = [(document, False)]
        while stack and budget > 0 and len(found) < _MAX_VALUES:
            budget -= 1
            value, secret = stack.pop()
            if isinstance(value, dict):
                stack.extend((inner, secret or self._is_secret_member(name)) for name, inner in list(value.items())[:budget])
            elif isinstance(value, (list, tuple)):
                stack.extend((inner, secret) for inner in value[:budget])
            elif secret:
                scalar = _scalar_text(value)
                if _MIN_VALUE <= len(scalar) <= _EDGE and not re.search(r"\s", scalar) and scalar.lower() not in shapes.PROSE:
                    found.add(scalar)
        return frozenset(found)

    def _is_secret_member(self, name: object) -> bool:
        return isinstance(name, str) and self.is_secret_name(name)

    def code(self, code: str) -> str | None:
        """
        Return *code* if it may be shown although nobody documented it, else None.
        """
        if not shapes.CODE.fullmatch(code) or self._has_shape(code):
            return None
        if shapes.DIGIT.search(code) and (_is_opaque(code) or (":" in code and shapes.beside(self._spelling)[0].search(code))):
            return None
        return None if shapes.UUID.search(code) else code

    def identifier(self, value: str) -> str | None:
        """
        Return *value* if it can be a request id and has not the shape of a known kind of secret, else None.
        """
        return value if shapes.IDENTIFIER.fullmatch(value) and not self._has_shape(value) else None

    def _has_shape(self, value: str) -> bool:
        if shapes.SHAPED.search(value) or re.match(r"(?i)(?:bearer|basic)[^a-z-]", value):
            return True
        return any(pattern.search(value) for pattern in self._patterns)


def _holds(lower: str, clues: Iterable[str]) -> bool:
    for clue in clues:  # noqa: SIM110  # any() with a generator costs three times as much, on every text
        if clue in lower:
            return True
    return False


def _mask_match(match: re.Match[str]) -> str:
    return _mask(match[0])


def _without(text: str, value: str) -> str:
    """Take the secret *value* out of *text*, as it stands or as JSON and URLs write it; a short word only as a word."""
    spellings = {value, dumps(value)[1:-1], quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    for spelling in sorted(spellings, key=len, reverse=True):
        if not shapes.SUBSTANCE.search(spelling) or spelling not in text:
            continue
        if spelling.isalpha() and len(spelling) < _LONG_WORD:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(spelling)}(?![A-Za-z0-9])", shapes.GONE, text)
        else:
            text = text.replace(spelling, shapes.GONE)
    return text


def _scalar_text(value: object) -> str:
    if isinstance(value, str):
        return shapes.UNSAFE.sub("\ufffd", value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return repr(value) if isinstance(value, float) or abs(value) < 10**64 else ""  # longer ones refuse to become text


def _cut(text: str, length: int) -> str:
    """Return at most *length* characters of *text*, the last of them an ellipsis, and no half of a mark."""
    if len(text) <= length:
        return text
    end = max(length - 1, 0)
    mark = text.rfind(REDACTED, 0, end + len(REDACTED) - 1)
    if mark >= 0 and mark + len(REDACTED) > end:
        end = mark
    return text[:end] + "…"
