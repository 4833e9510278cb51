"""
Of each of the five kinds of secrets, fresh ones are drawn on each run, and none survives.
"""

from __future__ import annotations

import json
import random
import string
from base64 import b64encode

import pytest

from errortax import RawResponse, parse
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
    shown = [(secret, text, REDACTOR.text(text)) for secret, text in cases]
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
    """
    carriers = [carrier for carrier in CARRIERS if "/" not in alphabet or "://" not in carrier]
    assert [] == survivors(
        [(secret, RNG.choice(carriers).format(secret)) for secret in (drawn(alphabet, RNG.randint(48, 86)) for _ in range(EACH))]
    )
