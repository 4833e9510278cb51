"""
Take secrets out of texts: five certain kinds, nothing guessed about prose.

(a) values under secret names in the response, wherever they recur: `secret_values`;
(b) credentials of the request, wherever they recur: `credentials`;
(c) known shapes of credentials, and what is behind an authentication scheme: `shapes`;
(d) values right beside secret names: `pairs`;
(e) runs of characters that were drawn at random: `shapes`.

All texts of a response are joined and each character becomes its class, so that a few searches for substrings say whether
there could be a secret at all. Nearly always there is none. A regular expression matches at one place that was found
before, over a limited length; none searches a text. So the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice, starmap
from typing import TYPE_CHECKING, Any, Final

from errortax.parsing.budgets import MAX_CODE, MAX_PLACES, MAX_SECRETS, MAX_TEXT, REDACTED, WITHHELD
from errortax.parsing.secret_names import LONGEST_NAME, SecretNames
from errortax.parsing.secret_values import SecretValues, occurrences
from errortax.parsing.shapes import BEGIN, LEAST_RUN, TOKEN_CHARACTERS, Shapes, Span, is_drawn, places, private_keys
from errortax.registry import loading

if TYPE_CHECKING:
    from errortax.parsing.pairs import Pairs

EDGE: Final = 512
"""The characters that are read behind the visible ones, so that no half of a secret is left at the end."""

_LEVELS: Final = 3  # of escapes: JSON in JSON in an address
_BORDER: Final = "\r"  # between two texts; within one it is replaced, as all controls are
_RUN: Final = b"x" * LEAST_RUN
_END_OF_RUN: Final = re.compile(rb"x*+")
_SIGNS_OF_CLASS: Final = {
    "x": TOKEN_CHARACTERS,  # of a run
    "=": "=:",  # separators
    "q": "\"'`<",  # quotes and tags
    "e": "\\%&",  # of escapes
    "!": "".join(map(chr, (*range(9), *range(11, 32), *range(127, 160)))),  # controls, the border among them
}
_CLASS_OF_SIGN: Final = {ord(sign): kind for kind, signs in _SIGNS_OF_CLASS.items() for sign in signs}
_CLASSES: Final = bytes(ord(_CLASS_OF_SIGN.get(character, ".")) for character in range(256))
_UNMARKED: Final = b"x."  # the classes of most characters of a clean text

# `re` compiles a pattern that is a text at its first use. Most programs need none of these.
_UNSAFE: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""What moves a terminal's cursor, turns its writing round, or ends a log's line."""
_SIGNS: Final = str.maketrans("\uff1a\uff1d\u00a0“”„«»「」『』‘’\u201a", ":= " + '"' * 9 + "'" * 3)
_SIGN: Final = "[\uff1a\uff1d\u00a0“”„«»「」『』‘’\u201a]"
_BREAKS: Final = dict.fromkeys(b"\t\n\r")
_IDENTIFIER: Final = r"[!#-&(-_a-~]{1,200}"  # printable ASCII without blanks and quotes
_PLAIN_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_MAX_ID: Final = 10**30  # a larger number is not an id, and may be too long to write
_CODE: Final = r"(?![0-9]{6,}\Z)[A-Za-z0-9_.:-]+"  # a long number is rather a one-time code


class Redactor:
    """
    Know what is secret at one vendor.

    Args:
        names: further members, fields and header fields whose values are secret.
        shapes: the shapes of the vendor's own credentials, as in a vendor file.

    """

    def __init__(self, names: Iterable[str] = (), shapes: Iterable[Mapping[str, Any]] = ()) -> None:
        data = loading.bundled("secrets.json")
        self._names, self._shapes = SecretNames(data, names), Shapes(data, shapes)
        self._short_prefixes = self._shapes.short_prefixes
        self._beginnings = BEGIN, *self._short_prefixes
        self._is_code = lru_cache(MAX_PLACES)(self._looks_like_code)  # the same few come again
        self._name = lru_cache(MAX_PLACES)(self.text)
        self.is_secret_name, self.counts = self._names.__contains__, self._names.counts
        self.secret_values = SecretValues(self._names, data).in_document

    @cached_property
    def _pairs(self) -> Pairs:
        from errortax.parsing.pairs import Pairs  # it compiles many patterns, and most texts need none

        return Pairs(self._names, loading.bundled("secrets.json"))

    def texts(
        self, texts: Sequence[str], keep: Collection[str | None] = (), values: Collection[str] = ()
    ) -> Sequence[str] | None:
        """
        Return the *texts* of one response without secrets, at most `MAX_TEXT` characters of each; None if there are too many.

        Args:
            texts: one text or more; the same sequence is returned if nothing changes.
            keep: codes and ids, which may look as if they were drawn at random.
            values: values that are known to be secret, which are removed wherever they are.

        """
        joined = _BORDER.join(texts)
        if len(joined) <= MAX_TEXT or max(map(len, texts)) <= MAX_TEXT:
            return self._redacted(texts, joined, keep, values)
        redacted = self.whole([text[: MAX_TEXT + EDGE] for text in texts], keep, values)
        if redacted is None:
            return None
        return [
            _cut(clean, len(clean) - EDGE if len(text) > MAX_TEXT + EDGE else MAX_TEXT)
            for text, clean in zip(texts, redacted, strict=True)
        ]

    def text(self, text: str, *, keep: Collection[str | None] = (), values: Collection[str] = ()) -> str:
        """
        Return *text* without secrets, at most `MAX_TEXT` characters of it, and safe to print.
        """
        redacted = self.texts((text,), keep, values)
        return WITHHELD if redacted is None else redacted[0]

    def name(self, name: str) -> str:
        """
        Return the *name* of a field without secrets, as `text`, but remembered: the same few come again.
        """
        return self._name(name) if len(name) <= LONGEST_NAME else self.text(name)

    def whole(
        self, texts: Sequence[str], keep: Collection[str | None] | None = (), values: Collection[str] = ()
    ) -> Sequence[str] | None:
        """
        Return what `texts` returns, but of any length. With None to *keep*, each text is an id and may be drawn at random.
        """
        return self._redacted(texts, _BORDER.join(texts), keep, values)

    def _redacted(
        self, texts: Sequence[str], joined: str, keep: Collection[str | None] | None, values: Collection[str]
    ) -> Sequence[str] | None:
        is_plain = joined.isascii()
        if is_plain:  # nearly always
            text, classes = joined, joined.encode().translate(_CLASSES)
        else:
            text, classes = _classified(joined)
            is_plain = joined.translate(_BREAKS).isprintable() and "\ufffd" not in joined
        marks = classes.translate(None, _UNMARKED)  # the borders among them
        may_have_shape = _RUN in classes or any(map(text.__contains__, self._beginnings))
        if is_plain and len(marks) < len(texts) and not may_have_shape and not values:
            return texts  # nearly always
        if marks.count(b"!") >= len(texts) or not is_plain:
            safe = [_safe(one) for one in texts]
            if safe != list(texts):
                return self.whole(safe, keep, values)
        if len(values) > MAX_SECRETS:
            return None
        if values:
            from errortax.parsing.escapes import every_meaning

            values = {meaning for value in values for meaning in every_meaning(_safe(value), _LEVELS)}
        spans = self._spans(joined, text, classes, keep, values, _LEVELS)
        if len(spans) >= MAX_PLACES:
            return None
        return _without(joined, spans).split(_BORDER) if spans else texts

    def _spans(
        self, written: str, text: str, classes: bytes, keep: Collection[str | None] | None, values: Collection[str], levels: int
    ) -> set[Span]:
        """
        Return where secrets are in the texts as *written*, and in what they mean if they have escapes.

        The search ends after `MAX_PLACES`: the texts are withheld then.
        """
        spans = set(occurrences(written, values, MAX_PLACES) if values else ())
        start = classes.find(_RUN)
        while start >= 0:
            end = _END_OF_RUN.match(classes, start).end()  # type: ignore[union-attr]  # it matches the empty run, too
            spans.update(self._shapes.in_run(text, start, end, keep))
            start = classes.find(_RUN, end)
        for prefix in self._short_prefixes:
            ends = {start: self._shapes.end_of(text, start, start + EDGE) for start in places(text, prefix)}
            spans.update((start, end) for start, end in ends.items() if end >= 0 and not text[start - 1 : start].isalnum())
        if b"=" in classes:
            spans.update(islice(self._pairs.separated(text, classes, keep or ()), MAX_PLACES))
            spans.update(self._pairs.userinfo(text) if "@" in text else ())
        if b"q" in classes:
            spans.update(self._pairs.quoted(text))
            spans.update(self._pairs.elements(text) if "</" in text else ())
        if BEGIN in text:
            spans.update(private_keys(text))
        if levels and (b"e" in classes or not written.isascii()):
            from errortax.parsing.escapes import unescaped  # most texts have none

            before = 0
            for one in written.split(_BORDER):
                meant = unescaped(one) if len(spans) < MAX_PLACES else None
                if meant is not None:
                    found = self._spans(meant.text, *_classified(meant.parts), keep, values, levels - 1)
                    spans.update((before + start, before + end) for start, end in starmap(meant.origin, found))
                before += len(one) + len(_BORDER)
        return spans

    def code(self, code: str) -> str | None:
        """
        Return *code* if it may be shown although nobody documented it, else None.
        """
        return code if len(code) <= MAX_CODE and self._is_code(code) else None

    def _looks_like_code(self, text: str) -> bool:
        return bool(re.fullmatch(_CODE, text)) and not is_drawn(text) and self.whole((text,)) == (text,)

    def identifier(self, value: object) -> str | None:
        """
        Return *value* as text if it can be a request id, and neither is a known kind of credential nor has one in it, else None.
        """
        if isinstance(value, str):
            if _PLAIN_IDENTIFIER.fullmatch(value) and value[:2] not in self._shapes.heads:
                return value  # nearly always
            return value if re.fullmatch(_IDENTIFIER, value) and self.whole((value,), None) == (value,) else None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_ID:
            return str(value)
        return None


def _classified(joined: str) -> tuple[str, bytes]:
    """Return a text with plain signs in place of others for quotes and separators, and the class of each character."""
    if joined.isascii():
        return joined, joined.encode().translate(_CLASSES)
    text = joined.translate(_SIGNS) if re.search(_SIGN, joined) else joined
    return text, text.encode("latin-1", "replace").translate(_CLASSES)


def _safe(text: str) -> str:
    return re.sub(_UNSAFE, "\ufffd", text.replace("\r\n", "\n"))


def has_shape(text: str, shape: Mapping[str, Any]) -> bool:
    """
    Return whether the whole *text* is a credential of one *shape*, as a vendor file has it.
    """
    return Shapes({**loading.bundled("secrets.json"), "shapes": ()}, [shape]).end_of(text, 0, len(text)) == len(text)


def _without(text: str, spans: Iterable[Span]) -> str:
    """Return *text* with a mark in place of each of the *spans*, those that touch as one."""
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start < end and (start > done or not parts):
            parts += text[done:start], REDACTED
        done = max(end, done) if start < end else done
    return "".join(parts) + text[done:]


def _cut(text: str, length: int) -> str:
    """Return at most *length* characters of *text*, the last of them an ellipsis, and no half of a mark."""
    if len(text) <= length <= MAX_TEXT:
        return text
    end = max(min(length, MAX_TEXT - 1), 0)
    mark = text.rfind(REDACTED, 0, end + len(REDACTED) - 1)
    return text[: mark if mark >= 0 and mark + len(REDACTED) > end else end] + WITHHELD
