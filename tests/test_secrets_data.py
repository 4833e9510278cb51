"""
The data about secrets: each shape fits its example, and has a source.
"""

from __future__ import annotations

import pytest

from errortax.parsing.budgets import REDACTED
from errortax.parsing.redaction import Redactor, has_shape
from errortax.registry import loading

DATA = loading.bundled("secrets.json")
REDACTOR = Redactor()


@pytest.mark.parametrize("shape", DATA["shapes"], ids=lambda shape: shape["name"])
def test_examples(shape):
    """
    The example of a shape is found, with each of its prefixes, and its source is one of those that the file names.
    """
    rest = shape["example"].removeprefix(shape["prefixes"][0])
    for prefix in shape["prefixes"]:
        assert has_shape(prefix + rest, shape)
        assert f"key {REDACTED}, then" == REDACTOR.text(f"key {prefix}{rest}, then")
        assert REDACTOR.identifier(prefix + rest) is None
    assert shape["source"].partition("#")[0] in DATA["sources"]


@pytest.mark.parametrize("shape", [shape for shape in DATA["shapes"] if "most" in shape], ids=lambda shape: shape["name"])
def test_longer_texts_have_another_shape(shape):
    """
    A text that is longer than its shape is left as it is, unless it is another kind of secret.
    """
    assert not has_shape(shape["example"] + "0", shape)


@pytest.mark.parametrize("word", DATA["ids"])
def test_ids(word):
    """
    What is called an id or a digest may look like a credential; a longer word with the same end says nothing.
    """
    drawn = "b7Xk2mQ9rT4vW8yZ1cF5hJ6nL3pS0dGa"
    for name in (word, word.title(), f"{word}2", f"x_{word}"):
        assert f"{name}={drawn} is gone" == REDACTOR.text(f"{name}={drawn} is gone")
    assert f"val{word} {REDACTED}" == REDACTOR.text(f"val{word} {drawn}")


def test_order():
    """
    The lists are without repetitions, and each shape has prefixes of its own.
    """
    prefixes = [prefix for shape in DATA["shapes"] for prefix in shape["prefixes"]]
    assert len(prefixes) == len(set(prefixes))
    assert [shape["name"] for shape in DATA["shapes"]] == sorted((shape["name"] for shape in DATA["shapes"]), key=str.lower)
    assert [*DATA["ids"]] == sorted({*DATA["ids"]})
    assert {*DATA["counted"]} <= {*DATA["names"]}
    assert all(name in DATA["names"] or REDACTOR.is_secret_name(name) for name in (*DATA["names"], *DATA["alone"]))
    assert [] == [word for word in DATA["words"] if REDACTOR.is_secret_name(word)]


@pytest.mark.parametrize("name", sorted(loading.names("vendors")))
def test_shapes_of_vendors(name):
    """
    The shapes of a vendor fit their examples, and are that vendor's alone.
    """
    secrets = loading.bundled_vendor(name.removesuffix(".json")).get("secrets", {})
    for shape in secrets.get("shapes", ()):
        assert has_shape(shape["example"], shape)
        assert f"x {REDACTED}" == Redactor((), [shape]).text(f"x {shape['example']}")
        assert f"x {shape['example']}" == REDACTOR.text(f"x {shape['example']}")
