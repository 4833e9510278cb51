"""
Runs of characters that are credentials by their looks: known shapes, tokens behind a scheme, and texts drawn at random.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

_LOWERCASE, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"  # those of `string` take longer to import than this module

LEAST_RUN: Final = 16
"""The characters of the shortest run that is looked at."""

TOKEN_CHARACTERS: Final = f"{_LOWERCASE}{_LOWERCASE.upper()}{_DIGITS}_+/.~-"
"""The characters of a run."""

BEGIN: Final = "-----BEGIN "
"""What a key in PEM begins with."""

DIGIT_OR_SIGN: Final = re.compile(r"[0-9!$#*%^+@=]")
"""What a value that somebody chose often has, and a word of prose has not."""

Span: TypeAlias = tuple[int, int]
"""The beginning and the end of a secret in a text."""

_OPAQUE: Final = 32  # characters; many ids have 24 to 31
_AMBIGUOUS: Final = 3  # characters of a prefix that words may have, too: sk-learn
_NEAR: Final = 512  # characters that are looked at before a text is known to have a shape
_WRITTEN: Final = f"{_LOWERCASE}_-./+"  # of words; what was drawn at random has a digit or a capital
_HEX: Final = re.compile(  # digests and UUIDs; of both cases: with a checksum (EIP-55)
    r"[0-9a-f-]*|[0-9A-F-]*|(?:0x|[A-Z]{2})?[0-9A-Fa-f-]{30,}"
)
_SEGMENT: Final = re.compile(r"[^/]+")  # of a path
_PATH_WORD: Final = r"[a-z]+(?:[._~-]+[a-z]+)*(?:(?<=[a-z]{5})[0-9.]+)?"
_HOST: Final = r"[A-Za-z0-9-]{1,63}(?:\.[a-z][a-z0-9-]{1,62}){2,}\.?"  # whose first label may be drawn at random
_PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_WORD: Final = re.compile(r"[a-z]{4,}")
_HUMP: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_ID_BEFORE: Final = (  # one of the words, or an anchor; compiled at its first use, as most texts need none
    r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:{words})(?:-?[0-9]{{1,3}})?"  # whole: "Invalid" does not end in "id"
    r"[\"'>]?[ \t]?[-=: >][ \t]?[\"']?\Z|#\Z"
)
_LABEL: Final = re.compile(r"[a-z0-9]{1,12}-")  # sha512-
_KEY: Final = re.compile(
    r"-----BEGIN (?!PUBLIC)(?:[A-Z0-9]{1,16} (?!PUBLIC)){0,4}KEY(?: BLOCK)?-----"
)  # RFC 7468 sections 10 and 11
_END_OF_KEY: Final = re.compile(r"-----END [^-\r]{0,64}(?:-----)?")
_CUT_KEY: Final = re.compile(
    r"(?:[ \t\n]{1,8}(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): [^\r\n]{1,128}|[A-Za-z0-9+/=]{16,128}))*+"
    r"(?:[ \t\n]{1,8}[A-Za-z0-9+/=]++(?=[\r\"'`]|\Z))?"
)  # lines of header fields (RFC 1421, RFC 9580) and of base64


class Shapes:
    """
    Know the shapes of credentials in *data*, which is ``secrets.json``, and a vendor's *own*, which may consist of words.
    """

    __slots__ = ("_id_before", "_of_prefix", "_schemes", "_sizes", "heads", "short_prefixes")

    def __init__(self, data: Mapping[str, Any], own: Iterable[Mapping[str, Any]] = ()) -> None:
        self._of_prefix: dict[str, tuple[str, int, int, str]] = {}
        for shapes, ambiguous in ((data["shapes"], _AMBIGUOUS), (own, 0)):
            for shape in shapes:
                rest = data["alphabets"][shape["alphabet"]], shape["least"], shape.get("most", 1 << 20)
                self._of_prefix |= {prefix: (*rest, _WRITTEN if len(prefix) <= ambiguous else "") for prefix in shape["prefixes"]}
        self.heads = frozenset(prefix[:2] for prefix in self._of_prefix)
        self.short_prefixes = tuple(prefix for prefix, rest in self._of_prefix.items() if len(prefix) + rest[1] < LEAST_RUN)
        self._sizes = sorted({len(prefix) for prefix in self._of_prefix}, reverse=True)
        self._schemes = tuple(data["schemes"])
        self._id_before = _ID_BEFORE.format(words="|".join(data["ids"]))

    def end_of(self, text: str, start: int, stop: int) -> int:
        """Return the end of the credential that begins at *start* of *text* and ends before *stop*; -1 without one."""
        for size in self._sizes:
            if (shape := self._of_prefix.get(text[start : start + size])) is not None:
                alphabet, least, most, written = shape
                place = start + size
                near = _front(text[place : min(stop, place + most + 1, place + _NEAR)], alphabet)
                if len(near) >= least and near.strip(written):
                    rest = near if len(near) < _NEAR else _front(text[place : min(stop, place + most + 1)], alphabet)
                    return place + len(rest.rstrip(".")) if len(rest) <= most else -1
        return -1

    def in_run(self, text: str, start: int, end: int, keep: Collection[str | None] | None) -> list[Span]:
        """
        Return where credentials begin and end in the run of *text* from *start* to *end*.

        Codes and ids in *keep* may be drawn at random; None means that the whole text may.
        """
        start += 2 if text[start - 1 : start] == "%" and _HEX.fullmatch(text, start, start + 2) else 0  # of an escape
        found: list[Span] = []
        run = text[start:end]
        for piece in _PIECE.finditer(text, start, end):
            place = max(piece.start(), found[-1][1] if found else 0)
            while text[place : place + 2] in self.heads and (stop := self.end_of(text, place, end)) >= 0:
                found.append((place, stop))
                place = stop  # where another may begin
        before = text[max(start - 24, 0) : start].rstrip("\"'<")
        word = before.rstrip(" :+\t\n")
        has_scheme = word.lower().endswith(self._schemes) and len(word) < len(before)
        if keep is None or (len(run) < _OPAQUE and not has_scheme):
            return found
        padded = end + len(_front(text[end : end + 2], "="))
        if run in keep or run.rstrip("._-~") in keep or text[start:padded] in keep:
            return found
        if has_scheme and (any(map(str.isdigit, run)) or any(map(_is_jumbled, _PIECE.findall(run)))):
            return [(start, padded)]
        if not is_opaque(run) or (not found and self._is_id(text[max(start - 24, 0) : start], run)):
            return found
        segments = list(_SEGMENT.finditer(text, start, end))
        words = sum(len(segment[0]) > 3 and re.fullmatch(_PATH_WORD, segment[0]) is not None for segment in segments)
        is_address = text.startswith("://", start - 1) or any(re.fullmatch(_HOST, segment[0]) for segment in segments)
        if words + run.startswith("/") < 2 and not is_address:  # base64 has slashes, and a word by chance
            return [(start, padded)]
        return found + [segment.span() for segment in segments if is_opaque(segment[0])]

    def _is_id(self, before: str, run: str) -> bool:
        """Return whether the text *before* a run, or the beginning of the run itself, says that it is an id or a digest."""
        label = _LABEL.match(run)
        return any(re.search(self._id_before, lead) for lead in (before, before + label[0] if label else ""))


def _front(text: str, alphabet: str) -> str:
    return text[: len(text) - len(text.lstrip(alphabet))]


def private_keys(text: str) -> Iterator[Span]:
    """
    Yield the private keys in PEM; one that is cut off ends with its last line.
    """
    done, closing = 0, text.find("-----END ")
    for start in places(text, BEGIN):
        head = _KEY.match(text, start) if start >= done else None
        if head is None:
            continue
        if -1 < closing < start:
            closing = text.find("-----END ", start)
        end = _END_OF_KEY.match(text, closing) if closing >= 0 and text.find("\r", start, closing) < 0 else None
        done = (end or _CUT_KEY.match(text, head.end())).end()  # type: ignore[union-attr]  # it matches the empty text, too
        if done > head.end():
            yield start, done


def is_opaque(run: str) -> bool:
    """
    Return whether at least 30 characters of a *run* were drawn at random, words, hexadecimal ids and names of hosts aside.
    """
    if len(run) < _OPAQUE or not run.strip(_WRITTEN) or re.fullmatch(_HOST, run):  # the second costs least
        return False
    drawn = "".join([piece for piece in _PIECE.findall(run) if not _HEX.fullmatch(piece) and not _WORD.fullmatch(piece)])
    return len(drawn) >= _OPAQUE - 2 and _is_jumbled(drawn, 3.5)


def is_drawn(code: str) -> bool:
    """
    Return whether a *code* was drawn at random rather than written: a UUID, a digest, a token.
    """
    pieces = [piece for piece in _PIECE.findall(code) if not piece.isdigit()]
    return sum(len(piece) for piece in pieces if _is_jumbled(piece) or (len(piece) >= 8 and _HEX.fullmatch(piece))) >= LEAST_RUN


def _is_jumbled(piece: str, length: float = 4) -> bool:
    """Return whether letters of both cases and digits change places more often than in words, whose humps have this *length*."""
    humps = len(_HUMP.findall(piece))
    return humps > 2 and humps * length > len(piece) and not _HEX.fullmatch(piece)


def places(text: str, *wanted: str) -> Iterator[int]:
    """
    Yield the places of the *wanted* texts in *text*.
    """
    for each in wanted:
        place = text.find(each)
        while place >= 0:
            yield place
            place = text.find(each, place + 1)
