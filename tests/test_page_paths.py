"""
The paths of our pages.
"""

from __future__ import annotations

import re
from posixpath import normpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.registry import loading
from errortax.registry.addresses import WORDS, name_at, path_of

NAMES = st.text(st.characters(), min_size=1, max_size=128) | st.text("./~ab", min_size=1, max_size=300)


@given(name=NAMES)
def test_any_name_is_one_folder(name):
    """
    The path of any name is one folder: plain characters, no dot segment, no hidden file, not too long.
    """
    path = path_of(name)
    assert re.fullmatch(r"[A-Za-z0-9._~-]{1,121}", path)
    assert not path.startswith(".")
    assert not path.endswith(".")
    assert f"a/{path}/b" == normpath(f"a/{path}/b")


@given(names=st.sets(NAMES, min_size=2, max_size=20))
def test_different_names_have_different_paths(names):
    """
    No two names share a path, and the path leads back to the name.
    """
    assert len(names) == len({path_of(name) for name in names})
    for name in names:
        assert name == name_at(path_of(name), names)


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (("gopoints", "auth.token.expired"), "gopoints/auth.token.expired"),
        (("acme", ".."), "acme/~2E~2E"),
        (("acme", "."), "acme/~2E"),
        (("acme", ".a.b."), "acme/~2Ea.b~2E"),
        (("acme", "100%"), "acme/100~25"),
        (("acme", "-"), "acme/-"),
        (("acme",), "acme"),
    ],
)
def test_paths(names, path):
    """
    Usual codes are their own path, and dots at either end are escaped.
    """
    assert path == path_of(*names)


def test_an_unknown_path():
    """
    A path that no name has is returned as it is.
    """
    assert "a~20b" == name_at("a~20b", ["other"])


def test_the_folders_of_the_vocabulary():
    """
    Each part of the taxonomy with names for people has a folder of its own.
    """
    assert set(WORDS) == loading.bundled("taxonomy.json").keys() - {"$schema", "format", "grpc_codes"}
