"""
What secrets look like in the texts of vendors: names, shapes, and the words around them.

Every run of characters is anchored by a look-behind or eaten possessively, so that the time stays linear in the length
of the text, whatever a server sends. Two noncharacters stand for what is settled while a text is worked on: `KEPT` for a
token that has to survive, `GONE` for a secret that was taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

KEPT: Final = "\ufdd0"
GONE: Final = "\ufdd1"

NAMES: Final = (
    "password", "passwd", "pwd", "passcode", "passphrase", "password_confirmation", "pin", "pin_code", "otp", "otp_code", "totp",
    "one_time_password", "one_time_code", "verification_code", "security_code", "sms_code", "backup_code", "recovery_code",
    "memorable_letters", "memorable_word", "control_answer", "security_answer", "secret_answer", "captcha_response",
    "token", "jwt", "api_key", "access_key", "access_key_id", "account_key", "signing_key", "private_key", "secret_key",
    "encryption_key", "subscription_key", "secret", "credential", "authorization", "signature", "sig",
    "session", "session_id", "session_key", "sid", "cookie", "code_verifier", "client_assertion", "cvv", "cvc",
)  # fmt: skip

# The same in Dutch, German, Spanish, French and Japanese: apart, since most texts hold none and need not pay for them.
LOCAL_NAMES: Final = (
    "wachtwoord", "wachtzin", "pincode", "toegangscode", "inlogcode", "verificatiecode", "bevestigingscode", "beveiligingscode",
    "api_sleutel", "toegangssleutel", "geheime_sleutel", "sessie", "sessie_id",
    "Passwort", "Passwörter", "Kennwort", "Geheimzahl", "Einmalcode", "Zugangscode", "Sicherheitscode", "Bestätigungscode",
    "Prüfcode", "Api_Schlüssel", "Zugriffsschlüssel", "Zugangsschlüssel", "geheimer_Schlüssel", "Sitzung", "Sitzungs_Id",
    "contraseña", "contrasena", "clave", "clave_de_acceso", "clave_secreta", "clave_api", "código_de_verificación",
    "código_de_seguridad", "código_de_acceso", "codigo_de_verificacion", "codigo_de_seguridad", "sesión",
    "mot_de_passe", "phrase_secrète", "code_de_vérification", "code_de_sécurité", "code_d_accès", "code_confidentiel", "jeton",
    "clé_api", "clé_d_api", "clé_d_accès", "clé_secrète",
    "パスワード", "パスコード", "暗証番号", "認証コード", "確認コード", "検証コード", "セキュリティコード", "ワンタイムコード",
    "トークン", "apiキー", "アクセスキー", "秘密鍵", "シークレット", "セッション", "セッションid",
)  # fmt: skip

# Their values are words, so that they end where the sentence does.
SPOKEN_NAMES: Final = (
    "passphrase", "control_answer", "security_answer", "secret_answer", "memorable_letters", "memorable_word",
    "memorable_answer", "memorable_date", "memorable_place", "memorable_name", "wachtzin", "phrase_secrète",
)  # fmt: skip

# Words that open a remark about a field where a value could stand: "password: is too short".
PROSE: Final = (  # noqa: SIM905  # a list of sixty words in quotes is no better to read
    "a absent already an and are as at authentication be been blank can cannot can't could did didn't do does doesn't empty"
    " expired failed field format has hasn't have header if in incorrect invalid is isn't may mismatch missing must needs no not"
    " null of on or parameter please rejected required revoked scheme should that the this to token tokens too undefined"
    " unknown unsupported value verification was wasn't when which will with wrong your"
    " abgelaufen bitte darf das der die ein eine erforderlich falsch fehlt ist kann leer muss nicht oder stimmt und ungültig war"
    " al dit een en fout geen het kan klopt leeg mag moet niet onbekend ongeldig onjuist ontbreekt uw verlopen vereist verplicht"
    " ce cet cette de debe doit el es est esta est-ce expiré expirée falta ha incorrecta incorrecto incorrecte inconnu inválida"
    " inválido invalide la le les manque manquant ne no obligatoire obligatorio para peut pour puede requerida requerido requis"
    " se será sera son su tiene trop un una une vacía vide vous votre"
).split()

# Words of eight letters and more that stand between a name and its verdict, and their endings: "the password policy is".
NOUNS: Final = (  # noqa: SIM905  # as above
    "approach attempts attribute boundary challenge characters checksum database deadline domain duration endpoint exchange"
    " hardware history keyword keywords language lifetime location metadata multiple namespace password passwords platform prefix"
    " protocol received refresh registry resource response schedule security sequence signature software standard storage"
    " strength template threshold timeline timeout timestamp transport upload username webhook window workflow yesterday"
    " currently directly possibly previously recently apparently already actually probably nothing something everything anything"
).split()
NOUN_ENDS: Final = (
    "(?:ti|si)ons?|(?:[mi]en|an)(?:ts?|ces?|cy)|ing|ings|ed|e[rn]s?|ors?|i(?:ty|ties|es)|als?|[ai]bles?|ithms?|ates?|ives?|ures?|ly|ness"
    "|ages?|ous|ics?|ary|ists?|isms?|ful|less|words?|ship|ung|keit|heit|schaft"
)
VERDICTS: Final = (
    "is|was|are|were|isn't|wasn't|does|doesn't|did|didn't|has|hasn't|cannot|can't|not|rejected|refused|denied|mismatch(?:es|ed)?"
    "|incorrect|wrong|invalid|expired|revoked|unknown|unrecogni[sz]ed|already|ist|war|falsch|ungültig|stimmt|klopt|niet|onjuist"
    "|ongeldig|est|n'est|incorrecte|invalide|es|no|inválid[ao]|incorrect[ao]"
)

ARTICLES: Final = (  # noqa: SIM905  # as above
    "a an and as at in my of on or the this that to with will de der das die een ein eine el en het le la les un une uw y"
).split()
REMARKS: Final = frozenset(PROSE).difference(ARTICLES)  # words that make a sentence about a field of what could be its value

# Members that hold what was wrong, that name a field, and that hold what was entered there.
TELLING_MEMBER: Final = re.compile(r"(?i)err|messag|violation|problem|invalid|detail|reason|fault|issue|warn|hint|descri|title")
NAMING_MEMBERS: Final = frozenset(
    {"name", "field", "key", "attr", "attribute", "param", "parameter", "property", "path", "loc", "pointer"}
)
VALUE_MEMBERS: Final = frozenset(
    {"value", "input", "given", "got", "received", "actual", "rejectedvalue", "rejected_value", "attemptedvalue"}
)

DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])"
SCHEMES: Final = r"(?:bearer|basic|digest|signature|token|api-?key|negotiate|ntlm|hawk|oauth|aws4-hmac-sha256)"
SCHEME_CLUES: Final = ("bearer", "basic", "digest", "signature", "token", "key", "negotiate", "ntlm", "hawk", "oauth", "aws4")
CODE_CLUES: Final = ("code", "otp", "pin", "sms", "verif", "one-time", "one time", "2fa", "mfa")

UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0\ufdd1]"
)  # what moves a terminal's cursor, turns its writing round, ends a log's line, or means something to us
UNSEEN: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]+")  # takes no room, and would tear a name apart
SUBSTANCE: Final = re.compile(rf"[^\s{KEPT}{GONE}\"'`“”‘’«»「」『』()\[\]{{}}<>,;:.\\…]")
DIGIT: Final = re.compile(r"[0-9]")
SEPARATOR: Final = re.compile("[\"'`“‘«「『=:\uff1d\uff1a>%→]")
OPENING: Final = re.compile(r"\\*[\"'`“‘«「『]|[\[{]")

SHAPED: Final = re.compile(
    r"-----BEGIN [\w ]{0,40}-----.*?(?:-----END [\w ]{0,40}-----|\Z)"
    r"|(?<![A-Za-z0-9])eyJ[\w-]{8,}+(?:\.[\w-]*+)*+"
    r"|(?<![A-Za-z0-9])(?:[srp]k|whsec|gh[opusr]|github_pat|glpat|xox[a-z]|xapp|npm|pypi|hf|dop_v1|shp[a-z]{2}|sq0[a-z]{3}"
    r"|lin_api|hv[sb]|tfp|dapi|rpa|sntrys)[-_](?:(?=[A-Za-z_-]{0,64}[0-9])[\w-]{8,}+|(?:[A-Za-z]{2,8}[-_])?[A-Za-z]{16}[\w-]*+)"
    r"|(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}+"
    r"|(?<![A-Za-z0-9])(?:AIza[\w-]{30,}+|ya29\.[\w-]{8,}+|SG\.[\w-]{8,}+\.[\w-]{8,}+|1//0[\w-]{16,}+)",
    re.DOTALL,
)
SEPARATORS: Final = "\\\"'`“”‘’«»「」『』[]{(<=:\uff1d\uff1a>→%- \t\n\r"
AFTER_SEPARATOR: Final = re.compile(r"[=:\uff1d\uff1a>→][\s\\\"'`“‘«「『\[{]{0,16}\Z|%3[AD](?:%22|%27)?\Z", re.IGNORECASE)
SEGMENT: Final = re.compile(r"[^./\[\]]+")
UNCOMMON_WORD: Final = re.compile(  # what `word_after` finds, whatever stands before it: nearly no text holds one
    rf"\s(?:(?i:[a-f]{{8,64}}+(?![\w-]))|(?=[A-Za-z]{{8}})(?i:(?!(?:{'|'.join(NOUNS)})(?![\w-]))"
    rf"[a-z]{{8,64}}+\s{{1,4}}(?:{VERDICTS})(?![\w-])))"
)
LONG_WORD: Final = re.compile(r"[-_][A-Za-z]{16}")
JOINED_DIGIT: Final = re.compile(r"[0-9](?:(?=[A-Za-z_+/-])|(?<=[A-Za-z_+/-][0-9]))")
UUID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")
USERINFO: Final = re.compile(r"(?<=://)[^\s/?#\"'<>]+(?=@)")
HEADER: Final = re.compile(
    r"(?i)(?<=cookie)(?:2?[\"']?\s{0,8}:\s{0,8}[\"']?)(?P<cookie>(?=[\w.-]{1,64}=)[^\n\"']++)"
    r"|(?<=authorization)(?:[\"']?\s{0,8}[:=]\s{0,8}[\"']?)"
    r"(?P<credentials>[A-Za-z][\w-]{0,31}\s{1,8}[\w-]{1,64}=[\"\w][^\n]*+"
    rf"|{SCHEMES}(?:\s|%20|\+){{1,8}}(?!(?:{'|'.join(PROSE)})\b)[^\s\"',;]++)"
)
SCHEME: Final = re.compile(  # begins with a plain set of letters, see name_pattern
    r"[ABDHNOSTabdhnost](?<![A-Za-z0-9].)(?:(?<=[Bb])(?i:earer())|(?<=[Bb])(?i:asic)|(?<=[Dd])(?i:igest)|(?<=[Ss])(?i:ignature)"
    r"|(?<=[Tt])(?i:oken)|(?<=[Aa])(?i:pi-?key|ws4-hmac-sha256)|(?<=[Nn])(?i:egotiate|tlm)|(?<=[Hh])(?i:awk)|(?<=[Oo])(?i:auth))"
    rf"(?:\s|%20){{1,8}}[\"'`<]?(?:(?P<secret>(?!{DATE})"
    r"(?=[\w.~+/-]{0,512}(?:[0-9]|[a-z][A-Z]|[A-Z]{2}[a-z]|==?(?![\w\"'])|[A-Za-z]{20}))[\w.~+/:,-]{6,}+=*+"
    r"|(?!realm|error)[\w-]{1,64}=\"[^\"]*+\"(?:,\s{0,8}[\w-]{1,64}=(?:\"[^\"]*+\"|[^\s,\"]++))*+)"
    rf"|(?(1)(?!(?i:{'|'.join(PROSE)}|auth|authori[sz]ation|realm|credentials?|challenge)\b)"
    r"(?P<word>(?:[\w.~+/-]|,(?=\w)){4,}+=*+)|(?!)))"
)
RUN: Final = re.compile(r"(?<![\w+/-])(?=[A-Za-z_+/-]*+[0-9])[A-Za-z0-9_+/-]{16,}+={0,2}")
PIECES: Final = re.compile(r"[^A-Za-z0-9]+")
MIXED: Final = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]*+[A-Za-z])(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{16,}+")
WORDY: Final = re.compile(
    r"(?:[A-Z]?[a-z]{0,20}|[A-Z]?[a-z]{2,12}[A-Z][a-z]{2,12}|[A-Z]{2,20})[0-9]{0,2}"
    r"|[0-9]{1,8}|[A-Z]{1,10}[0-9]{1,8}"
)
CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
WRITTEN: Final = re.compile(r"[A-Za-z]+(?:[._:-][A-Za-z]+)+")  # rather a code than anybody's secret
HUMP: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
PASSING_CODE: Final = re.compile(r"[0-9]{6,}")
TELLING_CODE: Final = re.compile(  # holds a value behind a name: "password:letmein", "sess-tok-9"
    r"(?:(?i:pass(?:word|wd|code|phrase)?|pwd|tok(?:en)?|sess(?:ion)?|sid|secret|otp|pin|jwt|key))"
    r"(?:(?P<colon>:)|[-_.])(?P<rest>[A-Za-z0-9]+)\Z"
)
REMARK: Final = re.compile(
    rf"(?i)(?:{'|'.join(PROSE)}|weak|short|long|same|reused|common|policy|reset|locked|used|[a-z]*(?:{NOUN_ENDS}))"
)
NUMBERED: Final = re.compile(r"v[0-9]{1,3}|2fa|[45][0-9]{2}", re.IGNORECASE)
IDENTIFIER: Final = re.compile(r"[!#-&(-_a-~]{1,200}")  # printable ASCII but blanks and the three quotes
SPOKEN_CODES: Final = re.compile(
    r"(?i)(?<![a-z])(?:(?<!error )(?<!status )(?<!http )(?<!error)(?<!status)codes?|otp|pin|sms|verif(?:y|ication)"
    r"|pass-?codes?|one[- ]time|[2m]fa)(?![a-z])"
)
ONE_TIME_CODE: Final = re.compile(
    r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?\s(?:[0-9]{1,2},?\s)?[0-9]{4}(?![0-9])"
    r"|(?<![\w./:+-])(?P<secret>[0-9]{3}[ -][0-9]{3}|[0-9]{4,10})(?![\w/-]|[.:,][0-9]|\s(?:ms|s|seconds|minutes|hours|days)\b)"
)

NAME_ENDS: Final = r"(?:s|_?[0-9]{1,3})?"
QUOTED: Final = (
    r"\\{1,4}\"(?:[^\"\\]|\\(?!\\{0,3}\"))*+"  # a JSON text inside a JSON text
    r"|\"(?:[^\"\\]|\\.)*+|'(?:[^'\\\n]|\\.)*+|`[^`\n]*+|“[^”\n]*+|‘[^’\n]*+|«[^»\n]*+|「[^」\n]*+|『[^』\n]*+"
)
BARE: Final = (
    rf"(?:(?!%2[26]|[)}}\]]{{1,3}}(?:[\s.,;]|\Z))[^\s&\"'`<>,;\\{GONE}]|[,;](?![\s,;\"]|[\w.-]{{1,40}}[=:]|\Z)|\\(?![\"n])"
    r"|(?<![=:?\s\"'%])&(?![\w.\[\]%-]{0,64}=|[\s&\"']|[a-z]{2,6};|\Z))++"
)


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-zß-ÿ])|[A-Z]?[a-zß-ÿ]+|[0-9]+|[^\W_A-Za-zß-ÿ0-9]+", name)


def name_pattern(names: Iterable[str]) -> str:
    """
    Return the pattern of the secret *names*, however their words are joined.

    A long name may end a longer one (``userPassword``), a short one only where a word begins (not ``shipping``). The
    pattern begins with a plain set of letters, since that is what the regular expression engine can search for fast.
    """
    words = {tuple(word.lower() for word in _words(name)) for name in names} - {()}
    branches: dict[str, list[str]] = {}
    for parts in sorted(words, key=lambda parts: (-len("".join(parts)), parts)):
        name = "[-_ '’]?".join(map(re.escape, parts))
        first, rest = name[0], name[1:]
        if len("".join(parts)) < len("token"):
            rest = f"(?:(?<![A-Za-z].)|(?<=[a-z](?-i:{first.upper()}))){rest}"
        branches.setdefault(first, []).append(rest)
    letters = "".join(first + first.upper() for first in branches)
    endings = [f"(?<=[{first}{first.upper()}])(?i:{'|'.join(rests)})" for first, rests in branches.items()]
    return f"[{letters}](?:{'|'.join(endings)})"


@lru_cache(maxsize=64)
def beside(name: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """
    Return the patterns of a value that is paired with a secret *name*, an element of it, or stands after or before it.

    They are compiled when a text first holds such a name, since that takes tens of milliseconds.
    """
    prose = "|".join(PROSE)
    pair = re.compile(
        rf"{name}(?i:{NAME_ENDS}(?:\\{{0,4}}[\"'`”’»]|\]|%22|%27|%5D){{0,3}}\s{{0,8}}"
        rf"(?:=>|->|→|[=\uff1d]|%(?:25)?3D|(?:[:\uff1a]|%(?:25)?3A)(?!\s{{0,8}}(?:{prose})(?![\w-])))\s{{0,8}}(?:%22|%27)?"
        rf"(?P<value>{QUOTED}|\[[^\]]*+|\{{[^}}]*+|(?:{SCHEMES}\s{{1,8}}(?!(?:{prose})\b))?{BARE}))",
        re.DOTALL,
    )
    element = re.compile(rf"(?i)<[\w:.-]{{0,40}}?{name}{NAME_ENDS}(?:\s[^<>]{{0,80}})?>(?P<value>[^<]++)")
    after_name = re.compile(
        rf"{name}(?i:{NAME_ENDS}(?:\s{{1,4}}(?:is|was|of|value|values|given|provided|entered|supplied|sent|received|code|id"
        rf"|number|with|you|not|invalid|wrong|incorrect|expired|unknown|ist|war|lautet|nicht|falsch|ungültig|niet|onjuist|ongeldig|est"
        rf"|es|era|no|incorrecta|inválida|incorrecte|invalide)(?![\w-])){{0,4}}:?\s{{1,4}}"
        rf"(?:(?P<value>{_closed_quotes()})"
        rf"|[(<\[]?(?!{DATE})(?P<bare>(?=[^\s0-9\"'`]{{0,64}}[0-9])"
        rf"(?![0-9]{{1,4}}(?:-[A-Za-z]|\s{{1,4}}(?:seconds|minutes|hours|days|characters|digits|bytes)))"
        rf"[^\s,;\"'`()<>\[\]{GONE}{KEPT}]{{4,}}+)))"
    )
    before_name = re.compile(
        rf"(?P<said>(?i:value|got|received|entered|supplied):?\s{{1,4}})?(?P<value>{_closed_quotes()})"
        rf"(?=\s{{1,4}}(?:is|was|are|as|(?(said)for|as)|(?(said)of|as))(?:n't|\s{{1,4}}not)?(?:\s{{1,4}}[a-z-]{{1,12}}){{0,3}}?"
        rf"\s{{1,4}}[\"'`]?[\w.-]{{0,24}}?{name}(?![\w-]))"
    )
    return pair, element, after_name, before_name


def _closed_quotes() -> str:
    return r"(?<!\w)'[^'\n]{1,512}'(?!\w)|\"[^\"\n]{1,512}\"|`[^`\n]{1,512}`|“[^”\n]{1,512}”|‘[^’\n]{1,512}’|«[^»\n]{1,512}»"


@lru_cache(maxsize=64)
def any_name(name: str) -> re.Pattern[str]:
    """Return the compiled pattern of a *name*."""
    return re.compile(name)


@lru_cache(maxsize=64)
def word_after(name: str) -> re.Pattern[str]:
    """
    Return the pattern of a word of letters between a secret *name* and a verdict: ``password correcthorse is wrong``.
    """
    prose = "|".join((*PROSE, *NOUNS))
    return re.compile(
        rf"{name}(?i:{NAME_ENDS}\s{{1,4}}(?P<value>[A-Fa-f]{{8,64}}+(?![\w-])"
        rf"|(?!(?:{prose})(?![\w-])|[a-z]{{1,40}}?(?:{NOUN_ENDS})(?![\w-]))[a-z]{{8,64}}+(?=\s{{1,4}}(?:{VERDICTS})(?![\w-]))))"
    )


def clues(names: Iterable[str]) -> tuple[str, ...]:
    """Return the most telling words of the *names*: a text that holds none of them holds no name."""
    telling = {max(_words(name), key=lambda word: (not word.isascii(), len(word))).lower() for name in names if _words(name)}
    words = sorted(telling, key=lambda word: (len(word), word))
    return tuple(word for i, word in enumerate(words) if not any(other in word for other in words[:i]))


def _ideographic(names: Iterable[str]) -> str:
    return "|".join(sorted((name for name in names if not name[0].isascii() and name[0] > "\u3000"), key=len, reverse=True))


# Japanese puts no blank between a name and what stands behind it.
UNSPACED: Final = re.compile(
    rf"(?:{_ideographic(LOCAL_NAMES)}|(?i:api)キー)(?:(?i:\s?id))?(?:\s{{0,4}}(?:は|が|の値は?|に|を|として|[:\uff1a=\uff1d])){{0,2}}\s{{0,4}}"
    r"(?P<value>「[^」\n]{1,512}|『[^』\n]{1,512}|(?=[!-~]{0,64}[0-9])[!#-&*-;=?-Z^-~]{4,}+"
    r"|[!#-&*-;=?-Z^-~]{4,}+(?=\s{0,4}[がはをでと]))"
)
ANSWER_CLUES: Final = ("memorable", "answer", "phrase", "wachtzin")
ANSWER: Final = re.compile(
    rf"(?i:(?:{'|'.join('[-_ ]?'.join(map(re.escape, name.split('_'))) for name in SPOKEN_NAMES)}){NAME_ENDS}"
    r"(?:[\"'`”’»]|\]){0,3}\s{0,8}[:=\uff1a\uff1d]\s{0,8}"
    r"(?!\s|(?:is|are|was|were|must|should|can|cannot|can't|may|has|does|doesn't|too|needs?|please|required|missing|invalid"
    r"|incorrect|wrong|not|expired|unknown|field|value|may|this\s(?:field|value))(?![\w-])))"
    r"(?P<answer>[^\s\"'`“‘«「『\[{<&,;"
    + GONE
    + r"](?:[^\n\"<>{}&.!?;]|&(?![\w.\[\]%-]{0,64}=)|(?<!\w{4})[.!?;](?!\Z)|[.!?;](?!\s|\Z))*+)"
)
