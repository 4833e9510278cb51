"""
Values right beside a secret name in a text: ``password=hunter2``, ``"otp": 123456``, ``<token>abc</token>``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from errortax.parsing.budgets import REDACTED
from errortax.parsing.secret_names import LONGEST_NAME, SecretNames
from errortax.parsing.shapes import DIGIT_OR_SIGN, Span, is_opaque, places

_LONG: Final = 512  # characters; a value is looked at so far before it is known to be one
_BLANKS, _BRACKETS, _QUOTES = " \t", " \t])", "\"'`"  # what may be between a name and its separator
_BEFORE_NAME: Final = re.compile(r"[\"'`(\[{<,;&?=:\n\r]")
_POSITION: Final = re.compile(r"\[[0-9]{0,4}\Z")  # of a list in a form: password[0]=
_OPENING: Final = re.compile(r">?[ \t]{0,8}(?P<bracket>\[?)[ \t\n]{0,64}[bru]{0,2}(?P<quote>\"{3}|'{3}|[\"'`])", re.IGNORECASE)
_NEXT: Final = re.compile(r"[ \t\n]{0,64},[ \t\n]{0,64}[bru]{0,2}(?P<quote>[\"'`])", re.IGNORECASE)
_BARE: Final = re.compile(
    r"(?!&)(?:[^\s&,;|\"'`<>\\]|\\(?![nrtux\"'`])|[\"'](?=[A-Za-z0-9%*~-])|&(?!amp;|[\w.\[\]%-]{0,64}=|\s|\Z)"
    r"|[,;|](?=[^\s,;|\"'\])}])(?![\w.-]{1,40}[=:])){1,512}"
)
_GAP: Final = re.compile(r">?[ \t]{0,8}")
_REST: Final = re.compile(r"[^\s&,;\"'`<>\\]*")
_CALL: Final = re.compile(  # or an item of something
    r"\[?[A-Za-z_][\w.]*+(?:\((?:[^()\n\r]|\([^()\n\r]{0,64}\)){0,128}\)|\[[^\[\]\n\r]{0,64}\]|\{[^{}\n\r]{0,64}\})"
    r"(?=[\s,;)\]}\"'`&/.:]|\Z)"
)
_VARIABLE: Final = re.compile(  # or a template, or a comparison
    r"(?:\$(?:[A-Z][A-Z0-9_]*+|[a-z_]++|[0-9]{1,2})|%[srd])(?=[\s,;)\]}\"'`&/.:]|\Z)|[$#][({]|\$_[A-Z]+\[|[{<]|\((?!\S{0,64}[0-9])|%\(|=="
)
_REFERENCE: Final = re.compile(r"[A-Za-z]+[_.][A-Za-z_.]+")  # login(password=user.password)
_PATH: Final = re.compile(r"(?:/\.?[a-z][\w.+@~-]*+){2,}/?")
_NO_WORD: Final = re.compile(  # six characters, a digit or sign among all; no date, URL, version, Japanese, Chinese
    r"(?![0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]{2,8}://|v?[0-9]+\.[0-9]+\.[0-9])(?=[^0-9!$#*%^+@=]{0,512}[0-9!$#*%^+@=])[^\s\u3040-\u9fff]{6}"
)
_FIELDS: Final = frozenset({"authorization", "cookie"})  # whose values have blanks
_SCHEME: Final = re.compile(r"([A-Za-z][\w-]{0,31})[ +]{1,8}([^\s,;\"']++)[ \t]*([^\n\r\"']*)")
_COOKIE: Final = re.compile(r"(?!(?:samesite|path|domain|max-age|expires)=)[\w.-]{1,64}=\S", re.IGNORECASE)
_START_OF_LINE: Final = re.compile(r"[^\n\r]{0,512}")
_LINE: Final = re.compile(r"[^\n\r]*")
_BESIDE: Final = re.compile(r" ([\"'`])((?:\\[^\n\r]|(?!\1)[^\n\r\\]){4,128})\1(?!\w)")
_IN_PAIR: Final = re.compile(
    r"[(\[][ \t\n]{0,64}b?([\"'])([^\"'\n\r]{1,64})\1,[ \t\n]{0,64}"
    r"(?:[bru]?([\"'])((?:\\[^\n\r]|(?!\3)[^\n\r\\]){4,512})\3|([0-9]{4,64}))[ \t\n]{0,64}[)\]]"
)
_ELEMENT: Final = re.compile(r"<([\w:.-]{1,64})(?:[ \t\n][^<>\r]{0,1024})?>(?:<!\[CDATA\[)?([^<>\r]{1,512})(?:\]\]>)?</")
_USERINFO: Final = re.compile(
    r"[^\s/?#\"'<>:\[@]{0,128}:(?![0-9]{1,5}[/?#])(?:[^\s/?#\"'<>]{1,128}(?=@)|[^\s\"<>]{1,128}?(?=@))"
)  # the password may have signs that should be escaped; a port has the beginning of a path behind it


class Pairs:
    """
    Find values beside the secret *names* in texts; *data* is ``secrets.json``.
    """

    __slots__ = ("_names", "_schemes", "_words")

    def __init__(self, names: SecretNames, data: Mapping[str, Any]) -> None:
        self._names, self._schemes, self._words = names, frozenset(data["schemes"]), frozenset(data["words"])

    def separated(self, text: str, classes: bytes, keep: Collection[str | None]) -> Iterator[Span]:
        """Yield the values behind an equals sign or a colon, which are ``=`` in *classes*; a word to *keep* is not a value."""
        place = classes.find(b"=")
        while place >= 0:
            span = self._behind(text, place, keep)
            if span is not None:
                yield span
            place = classes.find(b"=", span[1] if span else place + 1)

    def _behind(self, text: str, place: int, keep: Collection[str | None]) -> Span | None:
        """Return where the value is behind the separator at *place*, if a secret name is before it."""
        before = text[max(place - LONGEST_NAME, 0) : place]
        left = before.rstrip(_BLANKS)
        operand = left.rstrip(":=!")  # := == !=
        inner = operand.rstrip(_BRACKETS)
        closed = inner.rstrip(_QUOTES)
        if not self._names.may_end(closed) or closed.endswith(" "):  # the quote opened something else: token "=>"
            return None
        written = _BEFORE_NAME.split(_POSITION.sub("", closed))[-1].lstrip()
        name = self._names.at_end_of(written)
        is_plural = name is None and written.endswith(("s", "S"))  # which rather counts: tokens=4096
        name = self._names.at_end_of(written[:-1]) if is_plural else name
        sign, after, is_quoted, is_compared = text[place], place + 1, closed != inner, operand != left
        in_query = sign == "=" and closed.endswith((f"?{written}", f"&{written}"))
        if name is None and not (in_query and written.lower() in self._names.query):
            return None

        opening = _OPENING.match(text, after)
        if opening is not None or is_plural or is_compared:
            least = 4 if sign == ":" and not is_quoted else 1
            return opening and self._quoted(text, opening, least, needs_sign=is_plural or is_compared)

        start = _end(_GAP, text, after)
        if name in _FIELDS:
            line = text[start : _end(_START_OF_LINE, text, start)]
            if sign == ":" or (name == "authorization" and " " in line):
                quote = closed.removesuffix(written)[-1:]
                end = _closing(text, start, start + len(line), quote) if quote and quote in _QUOTES else -1
                line = line if end < 0 else text[start:end]
                return (start, _end(_LINE, text, start) if end < 0 else end) if self._is_header(line, name) else None

        if _VARIABLE.match(text, start) or (_CALL.match(text, start) and not in_query):
            return None
        is_close = before == before.rstrip(" ") and start == after  # no blank between the name and the value
        start += operand.endswith(")") and text.startswith("(", start)  # both in brackets: Key (token)=(abc)
        end = _end(_BARE, text, start)
        value = text[start:end].rstrip(":.)]}?!")
        if not self._may_be_value(value) or (value in keep and _is_written(value)):
            return None
        is_sure = sign == "=" and (is_close or text[after] == ">")
        if not self._is_bare_value(value, name, written, is_sure, is_quoted) or _is_in_source(text, place):
            return None
        return start, _end(_REST, text, end) if end - start >= _LONG else start + len(value)

    def _is_bare_value(self, value: str, name: str | None, written: str, is_sure: bool, is_quoted: bool) -> bool:
        """Return whether a *value* without quotes is one; it *is_sure* behind ``name=``, its name *is_quoted* in JSON."""
        if name is None:  # of a parameter in a query
            return len(value) >= 12 and _is_mixed(value)
        if value.isdigit():
            return len(value) >= (3 if is_quoted else 4) and (is_sure or not self._names.counts(name))
        if _PATH.fullmatch(value) and not is_opaque(value):
            return False
        named = value.strip(":@$%")  # password=:password
        is_name = value == written or (named in self._names and (named != value or _REFERENCE.fullmatch(value) is not None))
        return not is_name and (is_sure or (is_quoted and _is_mixed(value)) or _NO_WORD.match(value) is not None)

    def _quoted(self, text: str, opening: re.Match[str], least: int, *, needs_sign: bool) -> Span | None:
        """Return the place of a quoted value, or of those in a list. With *needs_sign*, words and numbers are none."""
        start, quote, value, end = opening.end(), opening["quote"], "", -1
        for look in (_START_OF_LINE, _LINE):  # nearly all values are short
            limit = _end(look, text, start)
            end = _closing(text, start, limit, quote)
            value = text[start : limit if end < 0 else end]
            is_sentence = opening["bracket"] and " " in value  # in a list, a complaint rather than a value
            is_sentence = is_sentence or (end < 0 and value[:1] == " ")  # the quote closes the name: `Cookie:` header
            if len(value) < least or is_sentence or not self._may_be_value(value):
                return None
            if end >= 0 or len(value) < _LONG:
                break
        if needs_sign and (value.isdigit() or not DIGIT_OR_SIGN.search(value)):
            return None
        stop = start + len(value)
        while opening["bracket"] and end >= 0 and (more := _NEXT.match(text, end + 1)):
            end = _closing(text, more.end(), more.end() + _LONG, more["quote"])
            stop = max(stop, end)
        return start, stop

    def _is_header(self, line: str, name: str) -> bool:
        """Return whether a *line* has credentials or cookies, not prose about the header field."""
        if REDACTED in line:
            return False
        if name == "cookie":
            return _COOKIE.match(line) is not None
        scheme = _SCHEME.match(line)
        if scheme is None or scheme[1].lower() not in self._schemes:
            return any(map(_NO_WORD.match, scheme.groups()[:2] if scheme else [line]))
        is_prose = (scheme[2].isalpha() and scheme[3] != "") or (_is_written(scheme[2]) and scheme[2] in self._names)
        return not is_prose and self._may_be_value(scheme[2]) and not _VARIABLE.match(scheme[2]) and not _CALL.match(scheme[2])

    def _may_be_value(self, value: str) -> bool:
        return any(map(str.isalnum, value)) and REDACTED[:-1] not in value and value.lower() not in self._words

    def quoted(self, text: str) -> Iterator[Span]:
        """Yield quoted values with a digit or sign: right behind a secret name, and in a pair in brackets."""
        for place in places(text, " '", ' "', " `"):
            found = _BESIDE.match(text, place)
            if found and self._may_be_value(found[2]) and DIGIT_OR_SIGN.search(found[2]) and text[place - 1].isalnum():
                name = self._names.at_end_of(_BEFORE_NAME.split(text[max(place - LONGEST_NAME, 0) : place])[-1])
                if name is not None and not (self._names.counts(name) and " " in found[2]):
                    yield found.span(2)
        for place in places(text, "(", "["):
            found = _IN_PAIR.match(text, place)
            if found and found[2] in self._names:
                number_or_text = 5 if found[5] else 4
                value = found[number_or_text]
                if self._may_be_value(value) and DIGIT_OR_SIGN.search(value) and not (found[5] and self._names.counts(found[2])):
                    yield found.span(number_or_text)

    def userinfo(self, text: str) -> Iterator[Span]:
        """Yield the user information with a password in URLs (:rfc:`3986#section-3.2.1`)."""
        return (found.span() for place in places(text, "://") if (found := _USERINFO.match(text, place + 3)))

    def elements(self, text: str) -> Iterator[Span]:
        """Yield the texts of elements with secret names."""
        for found in map(_ELEMENT.match, [text] * text.count("<"), places(text, "<")):
            if found and found[1] in self._names and self._may_be_value(found[2].strip()):
                yield found.span(2)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Return where the match of a *pattern* ends that begins at *start*; one without a match ends there."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _closing(text: str, start: int, limit: int, quote: str) -> int:
    """Return where the value ends that a *quote* has opened before *start*; -1 if not before *limit*."""
    end = text.find(quote, start, limit)
    while end >= 0:
        slashes = 0
        while text[end - 1 - slashes] == "\\":
            slashes += 1
        is_doubled = text.startswith(quote, end + len(quote))  # as in SQL
        if slashes % 2 == 0 and not is_doubled:
            return end
        end = text.find(quote, end + (2 if is_doubled else 1), limit)
    return -1


def _is_mixed(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_written(value: str) -> bool:
    """Return whether *value* consists of words, as codes do."""
    return value.translate({45: None, 46: None, 95: None}).isalpha()


def _is_in_source(text: str, place: int) -> bool:
    """Return whether *place* is in the source that a traceback shows, not in a literal: there, a bare word is a name."""
    begin = text.rfind("\r", max(place - 8192, 0), place) + 1  # of this text among several
    line = text[max(text.rfind("\n", max(place - 512, 0), place) + 1, begin) : place]
    is_code = line.count("'") % 2 == 0 == line.count('"') % 2
    for _ in range(16):
        start = max(text.rfind("\n", max(place - 512, 0), place) + 1, begin)
        if text.startswith('  File "', start):
            return is_code
        if start == begin or not text.startswith("    ", start):
            return False
        place = start - 1
    return False
