"""
Take secrets out of what a vendor says, and leave everything else readable.

Every run of characters is anchored by a look-behind or eaten possessively, so that the time stays linear in the length
of the text, whatever a server sends. While a text is worked on, two noncharacters stand for what is settled: `_KEPT`
for a token that has to survive, `_GONE` for a secret that was taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from json import dumps
from typing import Final
from urllib.parse import quote, quote_plus

MAX_TEXT: Final = 2000
REDACTED: Final = "[redacted]"

_KEPT: Final = "\ufdd0"
_GONE: Final = "\ufdd1"
_ROUNDS: Final = 4  # a secret that is taken out may lay bare another one; more than three in a row is nobody's text
_MAX_VALUES: Final = 256
_MIN_VALUE: Final = 4
_LONG_WORD: Final = 8
_LONG_RUN: Final = 20
_UUID_HYPHENS: Final = 4
_MAX_READ: Final = 16 * MAX_TEXT  # what stands behind cannot become visible
_EDGE: Final = 512  # the longest beginning of a secret that the reading limit may cut through

_NAMES: Final = (
    "password", "passwd", "pwd", "passcode", "passphrase", "password_confirmation", "pin", "pin_code", "otp", "otp_code", "totp",
    "one_time_password", "one_time_code", "verification_code", "security_code", "sms_code", "backup_code", "recovery_code",
    "memorable_letters", "memorable_word", "control_answer", "security_answer", "secret_answer", "captcha_response",
    "token", "jwt", "api_key", "access_key", "access_key_id", "account_key", "signing_key", "private_key", "secret_key",
    "encryption_key", "subscription_key", "secret", "credential", "authorization", "signature", "sig",
    "session", "session_id", "session_key", "sid", "cookie", "code_verifier", "client_assertion", "cvv", "cvc",
)  # fmt: skip

# Words that open a remark about a field where a value could stand: "password: is too short".
_PROSE: Final = (  # noqa: SIM905  # a list of sixty words in quotes is no better to read
    "a absent already an and are as at authentication be been blank can cannot can't could did didn't do does doesn't empty"
    " expired failed field format has hasn't have header if in incorrect invalid is isn't may mismatch missing must needs no not"
    " null of on or parameter please rejected required revoked scheme should that the this to token tokens too undefined"
    " unknown unsupported value verification was wasn't when which will with wrong your"
).split()

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])"
_SCHEMES: Final = r"(?:bearer|basic|digest|signature|token|api-?key|negotiate|ntlm|hawk|oauth|aws4-hmac-sha256)"
_SCHEME_CLUES: Final = ("bearer", "basic", "digest", "signature", "token", "key", "negotiate", "ntlm", "hawk", "oauth", "aws4")
_CODE_CLUES: Final = ("code", "otp", "pin", "sms", "verif", "one-time", "one time", "2fa", "mfa")

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0\ufdd1]"
)  # what moves a terminal's cursor, turns its writing round, ends a log's line, or means something to us
_SUBSTANCE: Final = re.compile(rf"[^\s{_KEPT}{_GONE}\"'`“”‘’«»()\[\]{{}}<>,;:.\\…]")
_DIGIT: Final = re.compile(r"[0-9]")
_SEPARATOR: Final = re.compile("[\"'`“‘«=:>%→]")
_OPENING: Final = re.compile(r"\\*[\"'`“‘«]|[\[{]")

_SHAPED: Final = re.compile(
    r"-----BEGIN [\w ]{0,40}-----.*?(?:-----END [\w ]{0,40}-----|\Z)"
    r"|(?<![A-Za-z0-9])eyJ[\w-]{8,}+(?:\.[\w-]*+)*+"
    r"|(?<![A-Za-z0-9])(?:[srp]k|whsec|gh[opusr]|github_pat|glpat|xox[a-z]|xapp|npm|pypi|hf|dop_v1|shp[a-z]{2}|sq0[a-z]{3}"
    r"|lin_api|hv[sb]|tfp|dapi|rpa|sntrys)[-_](?=[A-Za-z_-]{0,64}[0-9])[\w-]{8,}+"
    r"|(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}+"
    r"|(?<![A-Za-z0-9])(?:AIza[\w-]{30,}+|ya29\.[\w-]{8,}+|SG\.[\w-]{8,}+\.[\w-]{8,}+|1//0[\w-]{16,}+)",
    re.DOTALL,
)
_SEGMENT: Final = re.compile(r"[^./\[\]]+")
_JOINED_DIGIT: Final = re.compile(r"[0-9](?:(?=[A-Za-z_+/-])|(?<=[A-Za-z_+/-][0-9]))")
_UUID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#\"'<>]+(?=@)")
_HEADER: Final = re.compile(
    r"(?i)(?<=cookie)(?:2?[\"']?\s{0,8}:\s{0,8}[\"']?)(?P<cookie>(?=[\w.-]{1,64}=)[^\n\"']++)"
    r"|(?<=authorization)(?:[\"']?\s{0,8}[:=]\s{0,8}[\"']?)"
    r"(?P<credentials>[A-Za-z][\w-]{0,31}\s{1,8}[\w-]{1,64}=[\"\w][^\n]*+"
    rf"|{_SCHEMES}(?:\s|%20|\+){{1,8}}(?!(?:{'|'.join(_PROSE)})\b)[^\s\"',;]++)"
)
_SCHEME: Final = re.compile(  # begins with a plain set of letters, see _name_pattern
    r"[ABDHNOSTabdhnost](?<![A-Za-z0-9].)(?:(?<=[Bb])(?i:earer())|(?<=[Bb])(?i:asic)|(?<=[Dd])(?i:igest)|(?<=[Ss])(?i:ignature)"
    r"|(?<=[Tt])(?i:oken)|(?<=[Aa])(?i:pi-?key|ws4-hmac-sha256)|(?<=[Nn])(?i:egotiate|tlm)|(?<=[Hh])(?i:awk)|(?<=[Oo])(?i:auth))"
    rf"(?:\s|%20){{1,8}}[\"'`<]?(?:(?P<secret>(?!{_DATE})"
    r"(?=[\w.~+/-]{0,512}(?:[0-9]|[a-z][A-Z]|[A-Z]{2}[a-z]|==?(?![\w\"'])|[A-Za-z]{20}))[\w.~+/:,-]{6,}+=*+"
    r"|(?!realm|error)[\w-]{1,64}=\"[^\"]*+\"(?:,\s{0,8}[\w-]{1,64}=(?:\"[^\"]*+\"|[^\s,\"]++))*+)"
    rf"|(?(1)(?!(?i:{'|'.join(_PROSE)}|auth|authori[sz]ation|realm|credentials?|challenge)\b)"
    r"(?P<word>(?:[\w.~+/-]|,(?=\w)){4,}+=*+)|(?!)))"
)
_RUN: Final = re.compile(r"(?<![\w+/-])(?=[A-Za-z_+/-]*+[0-9])[A-Za-z0-9_+/-]{16,}+={0,2}")
_PIECES: Final = re.compile(r"[^A-Za-z0-9]+")
_MIXED: Final = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]*+[A-Za-z])(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{16,}+")
_WORDY: Final = re.compile(
    r"(?:[A-Z]?[a-z]{0,20}|[A-Z]?[a-z]{2,12}[A-Z][a-z]{2,12}|[A-Z]{2,20})[0-9]{0,2}"
    r"|[0-9]{1,8}|[A-Z]{1,10}[0-9]{1,8}"
)
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_IDENTIFIER: Final = re.compile(r"[!#-&(-_a-~]{1,200}")  # printable ASCII but blanks and the three quotes
_SPOKEN_CODES: Final = re.compile(
    r"(?i)(?<![a-z])(?:(?<!error )(?<!status )(?<!http )(?<!error)(?<!status)codes?|otp|pin|sms|verif(?:y|ication)"
    r"|pass-?codes?|one[- ]time|[2m]fa)(?![a-z])"
)
_ONE_TIME_CODE: Final = re.compile(
    r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?\s(?:[0-9]{1,2},?\s)?[0-9]{4}(?![0-9])"
    r"|(?<![\w./:+-])(?P<secret>[0-9]{3}[ -][0-9]{3}|[0-9]{4,10})(?![\w/-]|[.:,][0-9]|\s(?:ms|s|seconds|minutes|hours|days)\b)"
)

_NAME_ENDS: Final = r"(?:s|_?[0-9]{1,3})?"
_QUOTED: Final = (
    r"\\{1,4}\"(?:[^\"\\]|\\(?!\\{0,3}\"))*+"  # a JSON text inside a JSON text
    r"|\"(?:[^\"\\]|\\.)*+|'(?:[^'\\\n]|\\.)*+|`[^`\n]*+|“[^”\n]*+|‘[^’\n]*+|«[^»\n]*+"
)
_BARE: Final = (
    rf"(?:(?!%2[26]|[)}}\]]{{1,3}}(?:[\s.,;]|\Z))[^\s&\"'`<>,;\\{_GONE}]|[,;](?![\s,;\"]|[\w.-]{{1,40}}[=:]|\Z)|\\(?![\"n]))++"
)


_MANY_NAMES: Final = 1024  # that are remembered with what was found out about them
_LONGEST_NAME: Final = 64  # of those


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_A-Za-z0-9]+", name)


def _name_pattern(names: Iterable[str]) -> str:
    """
    Return the pattern of the secret *names*, however their words are joined.

    A long name may end a longer one (``userPassword``), a short one only where a word begins (not ``shipping``). The
    pattern begins with a plain set of letters, since that is what the regular expression engine can search for fast.
    """
    words = {tuple(word.lower() for word in _words(name)) for name in names} - {()}
    branches: dict[str, list[str]] = {}
    for parts in sorted(words, key=lambda parts: (-len("".join(parts)), parts)):
        name = "[-_ ]?".join(map(re.escape, parts))
        first, rest = name[0], name[1:]
        if len("".join(parts)) < len("token"):
            rest = f"(?:(?<![A-Za-z].)|(?<=[a-z](?-i:{first.upper()}))){rest}"
        branches.setdefault(first, []).append(rest)
    letters = "".join(first + first.upper() for first in branches)
    endings = [f"(?<=[{first}{first.upper()}])(?i:{'|'.join(rests)})" for first, rests in branches.items()]
    return f"[{letters}](?:{'|'.join(endings)})"


def _mask(text: str) -> str:
    """Return what stands in for a secret; what only holds settled things stays as it is."""
    if not _SUBSTANCE.search(text):
        return text
    return _GONE + _KEPT * text.count(_KEPT)


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
    opening = _OPENING.match(match[0], match.start("value") - match.start())
    start = opening.end() if opening else match.start("value") - match.start()
    return match[0][:start] + _mask(match[0][start:])


def _is_opaque(run: str) -> bool:
    """Return whether a *run* with a digit looks drawn at random rather than written: ``E_HTTP2_FAILED`` is written."""
    if _MIXED.search(run) or _UUID.search(run):
        return True
    return len(run) >= _LONG_RUN and any(not _WORDY.fullmatch(piece) for piece in _PIECES.split(run))


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
        names = {*_NAMES, *members}
        name = _name_pattern(names)
        self._clues = _clues(names)
        self._name = re.compile(name)
        self._name_end = re.compile(rf"{name}{_NAME_ENDS}\Z")
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
            text = _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))
        text = text.replace(REDACTED, _GONE)
        kept: list[str] = []
        tokens = [token for token in keep if token and token in text]
        if tokens:
            tokens.sort(key=len, reverse=True)
            found = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(map(re.escape, tokens))})(?![A-Za-z0-9_])")
            kept = found.findall(text)
            text = found.sub(_KEPT, text)
        for value in sorted(values, key=lambda value: (-len(value), value)):
            text = _without(text, value)
        for _ in range(_ROUNDS):
            before, text = text, self._pass(text)
            if text == before:
                break
        if kept:
            first, *rest = text.split(_KEPT)
            text = first + "".join(token + after for token, after in zip(kept, rest, strict=False))
        return text.replace(_GONE, REDACTED)

    def _pass(self, text: str) -> str:
        lower = text.lower()
        if "authorization" in lower or "cookie" in lower:
            text = _HEADER.sub(_mask_groups, text)
        if _holds(lower, _SCHEME_CLUES):
            text = _SCHEME.sub(_mask_groups, text)
        for pattern in self._patterns:
            text = pattern.sub(_mask_match, text)
        digits = _DIGIT.search(text) is not None
        joined = digits and _JOINED_DIGIT.search(text) is not None
        if joined or "-----BEGIN" in text or "eyJ" in text:
            text = _SHAPED.sub(_mask_match, text)
        if "://" in text and "@" in text:
            text = _USERINFO.sub(_mask_match, text)
        separated = _SEPARATOR.search(text) is not None
        if (separated or digits) and _holds(lower, self._clues) and self._name.search(text):
            text = self._beside_names(text, separated)
        if joined:
            text = _RUN.sub(_mask_run, text)
        if digits and _holds(lower, _CODE_CLUES) and _SPOKEN_CODES.search(text):
            text = _ONE_TIME_CODE.sub(_mask_groups, text)
        if "-" in text and text.count("-") >= _UUID_HYPHENS:
            text = _UUID.sub(_mask_match, text)
        return text

    def _beside_names(self, text: str, separated: bool) -> str:
        pair, element, after_name, before_name = _beside(self._spelling)
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
        segments = [segment for segment in _SEGMENT.findall(name, max(len(name) - 256, 0)) if not segment.isdigit()]
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
                if _MIN_VALUE <= len(scalar) <= _EDGE and not re.search(r"\s", scalar) and scalar.lower() not in _PROSE:
                    found.add(scalar)
        return frozenset(found)

    def _is_secret_member(self, name: object) -> bool:
        return isinstance(name, str) and self.is_secret_name(name)

    def code(self, code: str) -> str | None:
        """
        Return *code* if it may be shown although nobody documented it, else None.
        """
        if not _CODE.fullmatch(code) or self._has_shape(code):
            return None
        if _DIGIT.search(code) and (_is_opaque(code) or (":" in code and _beside(self._spelling)[0].search(code))):
            return None
        return None if _UUID.search(code) else code

    def identifier(self, value: str) -> str | None:
        """
        Return *value* if it can be a request id and has not the shape of a known kind of secret, else None.
        """
        return value if _IDENTIFIER.fullmatch(value) and not self._has_shape(value) else None

    def _has_shape(self, value: str) -> bool:
        if _SHAPED.search(value) or re.match(r"(?i)(?:bearer|basic)[^a-z-]", value):
            return True
        return any(pattern.search(value) for pattern in self._patterns)


@lru_cache(maxsize=64)
def _beside(name: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """
    Return the patterns of a value that is paired with a secret *name*, an element of it, or stands after or before it.

    They are compiled when a text first holds such a name, since that takes tens of milliseconds.
    """
    prose = "|".join(_PROSE)
    pair = re.compile(
        rf"{name}(?i:{_NAME_ENDS}(?:\\{{0,4}}[\"'`”’»]|\]|%22|%27|%5D){{0,3}}\s{{0,8}}"
        rf"(?:=>|->|→|=|%(?:25)?3D|(?::|%(?:25)?3A)(?!\s{{0,8}}(?:{prose})(?![\w-])))\s{{0,8}}(?:%22|%27)?"
        rf"(?P<value>{_QUOTED}|\[[^\]]*+|\{{[^}}]*+|(?:{_SCHEMES}\s{{1,8}}(?!(?:{prose})\b))?{_BARE}))",
        re.DOTALL,
    )
    element = re.compile(rf"(?i)<[\w:.-]{{0,40}}?{name}{_NAME_ENDS}(?:\s[^<>]{{0,80}})?>(?P<value>[^<]++)")
    after_name = re.compile(
        rf"{name}(?i:{_NAME_ENDS}(?:\s{{1,4}}(?:is|was|of|value|values|given|provided|entered|supplied|sent|received|code|id"
        rf"|number|with|you|not|invalid|wrong|incorrect|expired|unknown)(?![\w-])){{0,4}}:?\s{{1,4}}"
        rf"(?:(?P<value>{_closed_quotes()})"
        rf"|[(<\[]?(?!{_DATE})(?P<bare>(?=[^\s0-9\"'`]{{0,64}}[0-9])"
        rf"(?![0-9]{{1,4}}(?:-[A-Za-z]|\s{{1,4}}(?:seconds|minutes|hours|days|characters|digits|bytes)))"
        rf"[^\s,;\"'`()<>\[\]{_GONE}{_KEPT}]{{4,}}+)))"
    )
    before_name = re.compile(
        rf"(?P<said>(?i:value|got|received|entered|supplied):?\s{{1,4}})?(?P<value>{_closed_quotes()})"
        rf"(?=\s{{1,4}}(?:is|was|are|as|(?(said)for|as)|(?(said)of|as))(?:n't|\s{{1,4}}not)?(?:\s{{1,4}}[a-z-]{{1,12}}){{0,3}}?"
        rf"\s{{1,4}}[\"'`]?[\w.-]{{0,24}}?{name}(?![\w-]))"
    )
    return pair, element, after_name, before_name


def _closed_quotes() -> str:
    return r"(?<!\w)'[^'\n]{1,512}'(?!\w)|\"[^\"\n]{1,512}\"|`[^`\n]{1,512}`|“[^”\n]{1,512}”|‘[^’\n]{1,512}’|«[^»\n]{1,512}»"


def _clues(names: Iterable[str]) -> tuple[str, ...]:
    """Return the shortest beginnings of the *names*: a text that holds none of them holds no name."""
    words = sorted({_words(name)[0].lower() for name in names if _words(name)}, key=len)
    return tuple(word for i, word in enumerate(words) if not any(other in word for other in words[:i]))


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
        if not _SUBSTANCE.search(spelling) or spelling not in text:
            continue
        if spelling.isalpha() and len(spelling) < _LONG_WORD:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(spelling)}(?![A-Za-z0-9])", _GONE, text)
        else:
            text = text.replace(spelling, _GONE)
    return text


def _scalar_text(value: object) -> str:
    if isinstance(value, str):
        return _UNSAFE.sub("\ufffd", value)
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
