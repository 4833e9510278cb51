"""
Secrets of every kind, planted in every kind of text: made up, drawn from a fixed seed, the same on every run.
"""

from __future__ import annotations

import json
import random
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID

VENDOR_SHAPES = ({"prefixes": ["ks_", "rl_"], "alphabet": "base64url", "least": 6, "example": "ks_MadeUp0"},)
VENDOR_MEMBERS = ("X-Api-Key", "otp", "memorable_letters", "ticket")

CODES = (
    "auth.token.expired", "auth.password.invalid", "session-expired", "invalid-token", "client-required", "invalid_grant",
    "ERR_HTTP2_INADEQUATE_TRANSPORT_SECURITY", "key-not-found-404",
    "AADSTS700082", "E1101", "40401", "critical.auth.required", "SESSION_TIMEOUT",
)  # fmt: skip
IDENTIFIERS = (
    "rq_0v1xQe6Kf3", "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0", "4bf92f3577b34da6a3ce929d0e0e4736", "a1B2c3D4e5F6g7H8i9J0",
    "00-4bf92f3577b34da6-01", "SGVsbG8gd29ybGQhIDEyMzQ1Ng==",
)  # fmt: skip
FIELDS = ("user.email", "password", "captcha_response", "X-Api-Key", "backup_code", "items[3].price", "otp")

_ALNUM = string.ascii_letters + string.digits


def _some(rng: random.Random, alphabet: str, length: int) -> str:
    """Draw a text with a letter at its beginning and a digit inside."""
    drawn = [rng.choice(alphabet) for _ in range(length)]
    drawn[0], drawn[length // 2] = rng.choice([sign for sign in alphabet if sign.isalpha()]), rng.choice(string.digits)
    return "".join(drawn)


def _jwt(rng: random.Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": str(rng.getrandbits(40)), "exp": rng.getrandbits(31)}]
    coded = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, urlsafe_b64encode(rng.randbytes(32)).rstrip(b"=").decode()])


def _pem(rng: random.Random) -> str:
    return f"-----BEGIN PRIVATE KEY-----\n{b64encode(rng.randbytes(72)).decode()}\n-----END PRIVATE KEY-----"


_OPAQUE: dict[str, Callable[[random.Random], str]] = {
    "jwt": _jwt,
    "pem": _pem,
    "uuid": lambda rng: str(UUID(int=rng.getrandbits(128), version=4)),
    "hex": lambda rng: _some(rng, "abcdef0123456789", 32),
    "alphanumeric": lambda rng: _some(rng, _ALNUM, rng.randint(16, 40)),
    "base64": lambda rng: _some(rng, _ALNUM + "+/", 30) + "==",
    "base64url": lambda rng: _some(rng, _ALNUM + "-_", 43),
    "vendor key": lambda rng: "ks_" + _some(rng, _ALNUM + "-", 20),
    "vendor realm": lambda rng: "rl_" + "".join(rng.choices(string.ascii_letters, k=9)),
    "payment key": lambda rng: rng.choice(["sk_live_", "pk_test_", "rk_live_"]) + _some(rng, _ALNUM, 12),
    "forge key": lambda rng: rng.choice(["ghp_", "gho_", "glpat-", "xoxb-", "npm_"]) + _some(rng, _ALNUM, 20),
    "cloud key": lambda rng: "AKIA" + _some(rng, string.ascii_uppercase + "234567", 16),
    "map key": lambda rng: "AIza" + _some(rng, _ALNUM + "-_", 35),
}
_NAMED: dict[str, Callable[[random.Random], str]] = {
    "password": lambda rng: (
        rng.choice(["hunter", "Sommer", "correcthorse", "qwertz"]) + str(rng.randint(10, 9999)) + rng.choice("!?$x")
    ),
    "letters": lambda rng: "".join(rng.choices(string.ascii_lowercase, k=rng.randint(8, 14))),
    "punctuation": lambda rng: "".join(rng.choices("!$#*%~^+", k=8)) + rng.choice(string.ascii_letters),
    "one-time code": lambda rng: str(rng.randint(1000, 99_999_999)),
}
_NAMES = (
    "password", "new_password", "userPassword", "passwd", "pin", "otp", "token", "access_token", "refreshToken", "api_key",
    "apikey",
    "X-Api-Key", "client_secret", "session_id", "captcha_response", "backup_code", "memorable_letters", "control_answer",
    "ticket",
)  # fmt: skip

_BARE_CARRIERS = (
    "{}", "{} was rejected by the server", "The value {} is not known here", "Nothing is known about {}", "unknown: '{}'",
    'Failed for "{}", try again', "see https://example.test/reset/{}", "(given {})", "id={}", '{{"detail": "got {} instead"}}',
    "Authorization: Bearer {}", "Bearer {} is expired", "sent\n{}\nand lost",
)  # fmt: skip
_NAMED_CARRIERS = (
    "{name}={}", "bad request: {name}={}&page=2", "GET https://example.test/login?page=1&{name}={} failed", "{name}: {}",
    "received header {name}: {}\nHost: example.test", '{{"user":"jo","{name}":"{}","page":2}}', "{{'{name}': '{}'}}",
    '{{\\"user\\":\\"jo\\",\\"{name}\\":\\"{}\\"}}', "{name} '{}' is wrong", 'The {name} "{}" does not match',
    "<{name}>{}</{name}>",
    "Cookie: theme=dark; {name}={}; lang=nl", '{{"{name}":"{}', "wrong {name} `{}`", "'{}' is not a valid {name}",
)  # fmt: skip
_DIGIT_CARRIERS = ("{name} {} is wrong", "Your {name} is {}", "invalid {name} ({})")
_CODE_CARRIERS = (
    "Your verification code is {}", "{} is your one-time code", "The OTP {} has expired", "An SMS with {} was sent",
    "PIN {} wrong",
)  # fmt: skip

_COVERED = {
    "jwt": "ccccccccccccccccccccccccccccccccccccccccc",
    "pem": "ccccccccccccccccccccccccccccccccccccccccc",
    "uuid": "..........cc...........cc.ddddcdddcddddd.",
    "hex": "..........cc...........cc.ddddddddcddddd.",
    "alphanumeric": "....e..e.ecce...e.eee.ecceddddddddcddddde",
    "base64": "..........cc...........cc.ddddcddddddddd.",
    "base64url": "eeeeeeee.ecceeeeeeeee.eccedddddddddddddde",
    "vendor key": "ccccccccccccccccccccccccccccccccccccccccc",
    "vendor realm": "ccccccccccccccccccccccccccccccccccccccccc",
    "payment key": "ccccccccccccccccccccccccccccccccccccccccc",
    "forge key": "ccccccccccccccccccccccccccccccccccccccccc",
    "cloud key": "ccccccccccccccccccccccccccccccccccccccccc",
    "map key": "ccccccccccccccccccccccccccccccccccccccccc",
    "password": "dddddddddddddd.dddddddddddddd.dddddddddddddd.dddddddddddddd....c...........",
    "letters": "ddd..ddd..ddd..ddd..ddd..ddd..ddd..ddd..ddd..ddd..ddd..ddd..",
    "punctuation": "dddddddddddddd.dddddddddddddd.dddddddddddddd.dddddddddddddd.",
    "one-time code": "dddd.ddddddddd.ddd.dddddddddd.ddd.dddddddddd.dddddddddddddd.........................................",
    "userinfo": "dddddddddd",
    "basic": "cccccccccccccccccccc",
    "signature": "dddddddddd",
    "digest": "dddddddddd",
}
"""
For each secret of a kind, in order, what covers it, in the words of the guide: c, a known shape; d, a secret name beside it;
e, drawn at random; a full stop: nothing.
"""


def planted() -> list[tuple[str, str, str]]:
    """
    Return triples of kind, secret and text of the planted secrets that are covered.
    """
    return [case for case, covered in corpus() if covered != "."]


def corpus() -> list[tuple[tuple[str, str, str], str]]:
    """
    Return triples of kind, secret and the text that the secret is planted in, each with what covers it.
    """
    columns = {kind: iter(column) for kind, column in _COVERED.items()}
    return [(case, next(columns[case[0]])) for case in _cases()]


def _cases() -> list[tuple[str, str, str]]:
    rng = random.Random(20_261_121)  # noqa: S311  # repeatable test data, not cryptography
    cases = []
    for kind, draw in _OPAQUE.items():
        for carrier in _BARE_CARRIERS * 2:
            secret = draw(rng)
            cases.append((kind, secret, carrier.format(secret)))
        for carrier in _NAMED_CARRIERS:
            secret = draw(rng)
            cases.append((kind, secret, carrier.format(secret, name=rng.choice(_NAMES))))
    for kind, draw in _NAMED.items():
        for carrier in _NAMED_CARRIERS * 4:
            secret = draw(rng)
            cases.append((kind, secret, carrier.format(secret, name=rng.choice(_NAMES))))
    for kind in ("password", "one-time code"):
        for carrier in _DIGIT_CARRIERS * 5:
            secret = _NAMED[kind](rng)
            cases.append((kind, secret, carrier.format(secret, name=rng.choice(_NAMES))))
    for carrier in _CODE_CARRIERS * 5:
        secret = _NAMED["one-time code"](rng)
        cases.append(("one-time code", secret, carrier.format(secret)))
    for _ in range(10):
        secret = _NAMED["password"](rng).strip("?")
        cases.append(("userinfo", secret, f"cannot reach https://jo:{secret}@example.test/path"))
        basic = b64encode(f"jo:{secret}".encode()).decode()
        cases.append(("basic", basic, f"Authorization: Basic {basic}"))
        cases.append(("basic", basic, f"credentials Basic {basic} were refused"))
        signature = _some(rng, _ALNUM + "/", 12)
        cases.append(("signature", signature, f"Authorization: Signature {signature}"))
        digest = _some(rng, "abcdef0123456789", 8)
        cases.append(("digest", digest, f'Authorization: Digest username="jo", response="{digest}", uri="/"'))
    return cases
