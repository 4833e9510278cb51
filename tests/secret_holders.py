"""
Values that hold a secret under its name, in the forms in which programs and their frameworks pass them on.
"""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict, UserDict, namedtuple
from types import MappingProxyType

Login = namedtuple("Login", "user password host")
Field = namedtuple("Field", "name value")
Pair = namedtuple("Pair", "left right")

SCHEMES = ("Bearer", "Token", "basic", "Acme")


def secret_holders(secret):
    """
    Yield values that hold a *secret*, which needs 16 characters and a digit.
    """
    raw = secret.encode()
    yield from ({"password": held} for held in (secret, raw, [secret], {"old": (raw,)}, {secret}, Pair(secret, 1), repr(secret)))
    yield from (kind({"otp": secret}) for kind in (dict, OrderedDict, UserDict, MappingProxyType))
    yield from ({b"X-Api-Key": raw}, {"'X-Api-Key'": repr(raw)})
    for pair in (("X-Api-Key", secret), (b"x-api-key", raw), (repr("X-Api-Key"), repr(secret)), (repr(b"x-api-key"), repr(raw))):
        yield from (pair, list(pair), [pair], [list(pair)], {"headers": [pair, ("Accept", "*/*")]}, Field(*pair), Pair(*pair))
    for name in ("password", ["body", "password"], ("body", "password"), ("body", "passwords", 0), b"password", ["'password'"]):
        yield from ({"loc": name, "input": secret}, {"Name": name, "Value": secret}, {"FIELD": name, "rejectedValue": raw})


def named_tuples(secret):
    """
    Yield values with named tuples that hold a *secret*.
    """
    login = Login("jo", secret, "api.test")
    yield from (login, [login], {"login": login}, Login("jo", secret.encode(), None), {"jo": Login(login, None, None)})


def credential_holders(secret):
    """
    Yield values that hold a *secret* as a part of a header field, and with nothing that says so beside it.
    """
    for scheme in SCHEMES:
        yield from ({"Authorization": f"{scheme} {secret}"}, [("authorization", f"{scheme} {secret}".encode())])
    yield {"Proxy-Authorization": f"Basic {b64encode(f'jo:{secret}'.encode()).decode()}"}
    yield from ({"credential": f"Bearer {secret}"}, {"name": "Authorization", "value": f"Bearer {secret}"})
    yield from ({"Cookie": f"lang=en; sid={secret}"}, {"name": "set-cookie", "value": f"sid={secret}; Path=/; Secure"})


def secret_echoes(secret):
    """
    Return a value in which a *secret* is where nothing says that it is one.
    """
    return {"text": f"jo sent {secret}", "items": [secret, secret.encode(), {secret}], secret: {f"of {secret}": (secret,)}}
