"""
Of each of the five kinds of secrets, fresh ones are drawn on each run, and none survives.
"""

from __future__ import annotations

import json
import random
import re
import string
from base64 import b64encode
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from errortax import RawResponse, parse
from errortax.parsing.budgets import REDACTED
from errortax.parsing.redaction import Redactor
from errortax.registry import loading
from strategies import VENDORS

DATA = loading.bundled("secrets.json")
REDACTOR = Redactor()
EACH = 40
RNG = random.SystemRandom()
LETTERS_AND_DIGITS = string.ascii_letters + string.digits
CARRIERS = (
    "{}", "{} was rejected by the server", "The value {} is not known here", "unknown: '{}'",
    'Failed for "{}", try again', "see https://example.test/reset/{}", "(given {})", '{{"detail": "got {} instead"}}',
    "Bearer {} is expired", "sent\n{}\nand lost", "a={}&b=2", "key {}.",
)  # fmt: skip
JOINTS = (
    "{name}={}", "bad request: {name}={}&page=2", "{name}: {}", "header {name}: {}\nHost: x",
    '{{"user":"jo","{name}":"{}","page":2}}', "{{'{name}': '{}'}}", '{{\\"user\\":\\"jo\\",\\"{name}\\":\\"{}\\"}}',
    "{name} '{}' is wrong", 'The {name} "{}" does not match', "<{name}>{}</{name}>", '{name}="{}"', "{name} = {}",
    "{name}%3D{}%26a", "[('{name}', '{}')]", "{name}=>{}", "?a=1&{name}={}",
)  # fmt: skip
NAMES = (
    "password",
    "new_password",
    "userPassword",
    "otp",
    "access_token",
    "X-Api-Key",
    "client_secret",
    "session_id",
    "backup_code",
)
PUNCTUATED = f"{LETTERS_AND_DIGITS}{string.punctuation} ä"


def _dotnet(text: str) -> str:
    return "".join(sign if sign.isalnum() and sign.isascii() else f"\\u{ord(sign):04X}" for sign in text)


WRITERS = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON of Go": lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
    "JSON of .NET": _dotnet,
    "a URL": lambda text: quote(text, safe=""),
    "a path": quote,
    "a URL of JavaScript": lambda text: quote(text, safe="!~*'()"),
    "a form": quote_plus,
    "a URL in a URL": lambda text: quote(quote(text)),
    "a URL in JSON": lambda text: json.dumps(quote(text))[1:-1],
    "HTML": escape,
    "Python": lambda text: repr(text)[1:-1],
    "Python's bytes": lambda text: repr(text.encode())[2:-1],
}
"""How other programs write a text."""


def drawn(alphabet: str, length: int) -> str:
    """Draw a text, letters or digits at its ends."""
    return "".join(
        [
            RNG.choice([sign for sign in alphabet if sign.isalnum()]) if i in {0, length - 1} else RNG.choice(alphabet)
            for i in range(length)
        ]
    )


def value() -> str:
    """Draw what somebody could have chosen: letters, a digit, perhaps a sign."""
    signs = [*drawn(string.ascii_letters, RNG.randint(8, 14))]
    signs[RNG.randrange(2, 5)] = RNG.choice(string.digits)
    signs[RNG.randrange(5, 7)] = RNG.choice("!$#*^+@abc")
    return "".join(signs)


def survivors(cases):
    """Return the texts that five characters of their secret survive in."""
    shown = [(secret, text, REDACTOR.text(text).replace(REDACTED, "")) for secret, text in cases]
    return [(text, clean) for secret, text, clean in shown if any(secret[i : i + 5] in clean for i in range(len(secret) - 4))]


@pytest.mark.parametrize("vendor", VENDORS)
def test_values_under_secret_names(vendor):
    """
    (a) A value under a secret name is removed wherever else it is in the response.
    """
    for _ in range(EACH):
        secret = RNG.choice(
            [value(), f'{value()}"\\{value()}', f"{value()} {value()}", f"ä{value()}", str(RNG.randrange(10**5, 10**9))]
        )
        told = f"{secret} was refused"
        document = {
            "status": "error", "error_code": "a.b", "title": "t", "type": "about:blank", "message": told,
            "request": {"deep": [{RNG.choice(NAMES): secret}]},
            "messages" if vendor == "gopoints" else "errors": {"email": [told, json.dumps(secret)]},
        }  # fmt: skip
        error = parse(RawResponse(422, {}, json.dumps(document).encode()), vendor)
        assert secret not in repr(error.to_dict())
        assert "was refused" in repr(error.to_dict())


def test_known_shapes():
    """
    (c) A credential of a known shape is removed.
    """
    cases = []
    for shape in DATA["shapes"]:
        for prefix in shape["prefixes"]:
            secrets = [
                prefix + drawn(DATA["alphabets"][shape["alphabet"]], shape["least"] + (0 if "most" in shape else i))
                for i in range(3)
            ]
            cases += [(secret[len(prefix) :], RNG.choice(CARRIERS).format(secret)) for secret in secrets]
    assert [] == survivors(cases)
    assert len(cases) > 7 * EACH


def test_credentials_behind_a_scheme():
    """
    (c) What is behind an authentication scheme is removed.
    """
    basic = [b64encode(f"jo.doe:{value()}".encode()).decode() for _ in range(EACH)]
    cases = [(secret, f"Authorization: Basic {secret}") for secret in basic] + [
        (secret, f"Basic {secret} refused") for secret in basic
    ]
    hexadecimal = [drawn("0123456789abcdef", 32) for _ in range(EACH)]
    assert [] == survivors([*cases, *((secret, f"Bearer {secret} is unknown") for secret in hexadecimal)])
    assert [] == survivors([(secret, f"at https://jo:{secret}@example.test/path") for secret in hexadecimal])


@pytest.mark.parametrize("joint", JOINTS)
def test_values_beside_secret_names(joint):
    """
    (d) A value right beside a secret name is removed.
    """
    assert [] == survivors([(secret, joint.format(secret, name=RNG.choice(NAMES))) for secret in (value() for _ in range(EACH))])


@pytest.mark.parametrize("alphabet", [LETTERS_AND_DIGITS, f"{LETTERS_AND_DIGITS}-_", f"{LETTERS_AND_DIGITS}+/"])
def test_texts_drawn_at_random(alphabet):
    """
    (e) A text of 48 characters or more that was drawn at random is removed; base64 with slashes is not looked for in addresses.

    One in 60,000 happens to look written. So more are drawn here than elsewhere, and one of them may survive.
    """
    carriers = [carrier for carrier in CARRIERS if "/" not in alphabet or "://" not in carrier]
    secrets = [drawn(alphabet, RNG.randint(48, 86)) for _ in range(25 * EACH)]
    assert len(survivors([(secret, RNG.choice(carriers).format(secret)) for secret in secrets])) <= 1


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_known_values_however_written(write):
    """
    (a) and (b) A value that is known is removed however another program writes it.
    """
    secrets = [drawn(PUNCTUATED, 20) for _ in range(EACH)]
    shown = [(text := f"sent {write(secret)} to us", REDACTOR.text(text, values=[secret])) for secret in secrets]
    assert [] == [(text, clean) for text, clean in shown if clean != "sent [redacted] to us"]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_secrets_in_a_text_however_written(write):
    """
    (c), (d) and (e) A text is searched for what it means, however another program writes it.
    """
    shaped = [f"ghp_{drawn(LETTERS_AND_DIGITS, 36)}" for _ in range(EACH)]
    random_runs = [drawn(f"{LETTERS_AND_DIGITS}+", 86) for _ in range(EACH)]  # none looks written by chance
    values = [value() for _ in range(EACH)]
    cases = [(secret, write(f"first\n{secret}\nlast")) for secret in (*shaped, *random_runs)]
    for joint in (
        "a=1&{name}={}&b=2",
        '{{"page": 2, "{name}": "{}"}}',
        "Host: x\n{name}: {}\nAccept: */*",
        "<{name}>{}</{name}>",
    ):
        cases += [(secret, write(joint.format(secret, name=RNG.choice(NAMES)))) for secret in values]
    shown = [(secret, text, REDACTOR.text(text)) for secret, text in cases]
    assert [] == [
        (text, clean) for secret, text, clean in shown if any(part in clean for part in re.findall("[A-Za-z0-9]{5,}", secret))
    ]


STRICT = {
    "a form": lambda name, secret: f"a=1&{name}={quote_plus(secret)}&page=2",
    "a query": lambda name, secret: f"https://x.test/?a=1&{name}={quote(secret, safe='')}&page=2",
    "a query of JavaScript": lambda name, secret: f"?{name}={quote(secret, safe='!~*()')}&page=2",
    "JSON": lambda name, secret: json.dumps({"user": "jo", name: secret, "page": 2}),
    "JSON in JSON": lambda name, secret: json.dumps({"sent": json.dumps({"user": "jo", name: secret})}),
    "Python": lambda name, secret: repr({"user": "jo", name: secret, "page": 2}),
    "pairs of Python": lambda name, secret: repr([("user", "jo"), (name, secret)]),
    "XML": lambda name, secret: f"<a><{name}>{escape(secret)}</{name}></a>",
    "an address": lambda name, secret: f"https://jo:{quote(secret, safe='')}@x.test/{name}",
}
"""Notations in which it is certain where a value ends."""


@pytest.mark.parametrize("write", STRICT.values(), ids=STRICT)
def test_values_of_any_signs(write):
    """
    (d) In a notation that says where a value ends, the whole value is removed, whatever signs it has.
    """
    secrets = [f"{drawn(PUNCTUATED, 18)}1" for _ in range(EACH)]
    shown = [(secret, text := write(RNG.choice(NAMES), secret), REDACTOR.text(text)) for secret in secrets]
    assert [] == [
        (text, clean) for secret, text, clean in shown if any(part in clean for part in re.findall("[A-Za-z0-9]{5,}", secret))
    ]
