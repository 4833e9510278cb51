"""
Take secrets out of what a vendor says, and leave everything else readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import islice
from json import dumps
from typing import Final
from urllib.parse import quote, quote_plus

from errortax.parsing import secret_shapes as shapes
from errortax.parsing.budgets import MAX_TEXT

REDACTED: Final = "[redacted]"

_ROUNDS: Final = 4  # a secret that is taken out may lay bare another one; more than three in a row is nobody's text
_MAX_VALUES: Final = 256
_MIN_VALUE: Final = 4
_MAX_SENTENCE: Final = 64  # of a value with blanks
_LONG_WORD: Final = 8
_LONG_RUN: Final = 20
_LEAST_HUMP: Final = 3
_UUID_HYPHENS: Final = 4
_MAX_READ: Final = 16 * MAX_TEXT  # what stands behind cannot become visible
_EDGE: Final = 512  # the longest beginning of a secret that the reading limit may cut through
_MANY_NAMES: Final = 1024  # that are remembered with what was found out about them
_LONGEST_NAME: Final = 64  # of those
_NEAR: Final = 24  # how far before a token its separator is looked for


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


def _is_jumbled(code: str) -> bool:
    """Return whether a long piece of *code* changes case too often for words: not ``InvalidAuthenticationToken``."""
    return any(
        len(piece) >= _LONG_RUN and piece.isalpha() and _LEAST_HUMP * len(shapes.HUMP.findall(piece)) > len(piece)
        for piece in shapes.PIECES.split(code)
    )


def _tells_a_value(code: str) -> bool:
    """Return whether *code* ends in a secret name and what looks like its value: ``password:letmein``, ``sess-tok-9``."""
    match = shapes.TELLING_CODE.search(code)
    if match is None or shapes.NUMBERED.fullmatch(rest := match["rest"]):
        return False
    if shapes.DIGIT.search(rest):
        return not (code.isupper() and rest.isdigit() and len(rest) < _MIN_VALUE)
    return match["colon"] is not None and shapes.REMARK.fullmatch(rest) is None


def _mask_run(match: re.Match[str]) -> str:
    return _mask(match[0]) if _is_opaque(match[0]) else match[0]


class Redactor:
    """
    Know what is secret at one vendor.

    *members* name further members, fields and headers whose values are secret, *patterns* are regular expressions of
    the vendor's own secrets. Raise `re.error` for a pattern that is none.
    """

    __slots__ = (
        "_ascii_clues", "_clues", "_is_secret", "_local_clues", "_local_spelling", "_name_end", "_patterns", "_spelling",
        "_text_of_name",
    )  # fmt: skip

    def __init__(self, members: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        names = {*shapes.NAMES, *members}
        self._clues = shapes.clues(names)
        self._local_clues = shapes.clues(shapes.LOCAL_NAMES)
        self._ascii_clues = tuple(clue for clue in self._local_clues if clue.isascii())
        name = shapes.name_pattern({*names, *shapes.LOCAL_NAMES})
        self._name_end = re.compile(rf"{name}{shapes.NAME_ENDS}\Z")
        self._patterns = tuple(re.compile(pattern) for pattern in patterns)
        self._spelling = shapes.name_pattern(names)
        self._local_spelling = name
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
            text = _safe(text.replace("\r\n", "\n"))
        text = text.replace(REDACTED, shapes.GONE)
        kept: list[str] = []
        known = sorted(values, key=lambda value: (-len(value), value))
        tokens = [token for token in keep if token and token in text]
        if tokens:
            for value in known:
                if any(token in value and not (token == value and shapes.WRITTEN.fullmatch(token)) for token in tokens):
                    text = _without(text, value)
            text = self._set_aside(text, tokens, kept)
        for value in known:
            text = _without(text, value)
        for _ in range(_ROUNDS):
            before, text = text, self._pass(text)
            if text == before:
                break
        if kept:
            first, *rest = text.split(shapes.KEPT)
            text = first + "".join(token + after for token, after in zip(kept, rest, strict=False))
        return text.replace(shapes.GONE, REDACTED)

    def _set_aside(self, text: str, tokens: list[str], kept: list[str]) -> str:
        """Put marks in the place of the *tokens*, and those into *kept*; but not of the value of a secret name."""

        def mark(match: re.Match[str]) -> str:
            token, start = match[0], match.start()
            separator = shapes.AFTER_SEPARATOR.search(text, max(start - _NEAR, 0), start)
            if separator and not shapes.WRITTEN.fullmatch(token):
                before = text[max(start - _LONGEST_NAME, 0) : separator.start()].rstrip(shapes.SEPARATORS)
                if self._name_end.search(before):
                    return token
            kept.append(token)
            return shapes.KEPT

        words = "|".join(map(re.escape, sorted(tokens, key=len, reverse=True)))
        return re.sub(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])", mark, text)

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
        if joined or "-----BEGIN" in text or "eyJ" in text or (("_" in text or "-" in text) and shapes.LONG_WORD.search(text)):
            text = shapes.SHAPED.sub(_mask_match, text)
        if "://" in text and "@" in text:
            text = shapes.USERINFO.sub(_mask_match, text)
        separated = shapes.SEPARATOR.search(text) is not None
        if _holds(lower, self._ascii_clues if text.isascii() else self._local_clues):
            text = self._beside_names(text, self._local_spelling, separated, digits)
            text = shapes.UNSPACED.sub(_mask_quoted, text)
        elif _holds(lower, self._clues):
            text = self._beside_names(text, self._spelling, separated, digits)
        if joined:
            text = shapes.RUN.sub(_mask_run, text)
        if digits and _holds(lower, shapes.CODE_CLUES) and shapes.SPOKEN_CODES.search(text):
            text = shapes.ONE_TIME_CODE.sub(_mask_groups, text)
        if "-" in text and text.count("-") >= _UUID_HYPHENS:
            text = shapes.UUID.sub(_mask_match, text)
        return text

    def _beside_names(self, text: str, spelling: str, separated: bool, digits: bool) -> str:
        if shapes.UNCOMMON_WORD.search(text):
            text = shapes.word_after(spelling).sub(_mask_groups, text)
        if not (separated or digits) or not shapes.any_name(spelling).search(text):
            return text
        pair, element, after_name, before_name = shapes.beside(spelling)
        if separated:
            if _holds(text.lower(), shapes.ANSWER_CLUES):
                text = shapes.ANSWER.sub(_mask_groups, text)
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

        Look at no more than *budget* values, the ``value`` next to a secret ``name`` among them. A text with blanks counts
        where it reads like a value; among errors, in a list or in the words of a remark it is a sentence about the field.
        """
        found: set[str] = set()
        stack: list[tuple[object, bool, bool]] = [(document, False, True)]
        while stack and budget > 0 and len(found) < _MAX_VALUES:
            budget -= 1
            value, secret, blanks = stack.pop()
            if isinstance(value, dict):
                naming = shapes.NAMING_MEMBERS & value.keys()
                named = any(self._is_secret_name_of_pair(value[member]) for member in naming)
                for name, inner in islice(value.items(), budget):
                    paired = named and isinstance(name, str) and name.lower() in shapes.VALUE_MEMBERS
                    hidden = secret or paired or self._is_secret_member(name)
                    if hidden or isinstance(inner, (dict, list, tuple)):  # most members are neither
                        told = isinstance(name, str) and shapes.TELLING_MEMBER.search(name) is not None
                        stack.append((inner, hidden, blanks and not told))
                    else:
                        budget -= 1
            elif isinstance(value, (list, tuple)):
                stack.extend((inner, secret, blanks and not secret) for inner in value[:budget])
            elif secret:
                scalar = _scalar_text(value)
                if _MIN_VALUE <= len(scalar) <= _EDGE and _is_value(scalar, blanks):
                    found.add(scalar)
        return frozenset(found)

    def _is_secret_name_of_pair(self, name: object) -> bool:
        if isinstance(name, list) and name:
            name = name[-1]  # a path in a list
        return self._is_secret_member(name)

    def _is_secret_member(self, name: object) -> bool:
        return isinstance(name, str) and self.is_secret_name(name)

    def code(self, code: str) -> str | None:
        """
        Return *code* if it may be shown although nobody documented it, else None.
        """
        if not shapes.CODE.fullmatch(code) or self._has_shape(code):
            return None
        if shapes.PASSING_CODE.fullmatch(code) or shapes.UUID.search(code) or _is_jumbled(code) or _tells_a_value(code):
            return None
        if shapes.DIGIT.search(code) and (_is_opaque(code) or (":" in code and shapes.beside(self._spelling)[0].search(code))):
            return None
        return code

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
    lower = text.lower()
    for spelling in sorted(spellings, key=len, reverse=True):
        if not shapes.SUBSTANCE.search(spelling) or (spelling.lower() not in lower and spelling not in text):
            continue
        found = re.escape(spelling)
        if spelling.isalpha() and len(spelling) < _LONG_WORD:
            found = rf"(?<![A-Za-z0-9]){found}(?![A-Za-z0-9])"
        text = re.sub(found, shapes.GONE, text, flags=re.IGNORECASE)
    return text


def _safe(text: str) -> str:
    return shapes.UNSAFE.sub("\ufffd", shapes.UNSEEN.sub("", text))


def _is_value(text: str, blanks: bool) -> bool:
    words = text.lower().split()
    if len(words) <= 1:
        return text.strip() == text and words[0] not in shapes.PROSE
    return blanks and len(text) <= _MAX_SENTENCE and text.isprintable() and shapes.REMARKS.isdisjoint(words)


def _scalar_text(value: object) -> str:
    if isinstance(value, str):
        return _safe(value)
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
