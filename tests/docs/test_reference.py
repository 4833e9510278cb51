from __future__ import annotations

import re
import tomllib

import pytest

import errortax
from reference import described, pages
from errortax import exceptions
from pages import ROOT, blocks, text


@pytest.mark.parametrize(("file", "written"), pages().items())
def test_generated_pages_are_fresh(file, written):
    """
    The page is what `python tools/generate.py` writes.
    """
    assert written == text(f"docs/reference/{file}")


@pytest.mark.parametrize("name", errortax.__all__)
def test_each_public_name_is_described(name):
    """
    The reference has a heading for each name that `errortax` gives, or a page of its own for the exceptions.
    """
    reference = text("docs/reference/api.md") + text("docs/reference/vocabulary.md")
    headings = (f"### `errortax.{name}`", f"## {name}", f"`{name}`: ", f"(`errortax.{name}`)")
    assert any(heading in reference for heading in headings)


@pytest.mark.parametrize("name", described(exceptions))
def test_each_exception_is_described(name):
    """
    The page about exceptions names each of them.
    """
    assert f"`{name}`" in text("docs/reference/errors.md")


def test_the_rooms_are_those_that_are_checked():
    """
    The design and the map for contributors have the rooms in the order that the checker of imports demands.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    layers = [{name for name in re.split(r"\W+", layer) if f"({name})" not in layer and name} for layer in contract["layers"]]
    [shown] = [block.code for block in blocks("docs/explanation/design.md") if block.language == "text"]
    place = {name: number for number, layer in enumerate(layers) for name in layer}
    rooms = [line.split()[0] for line in shown.splitlines()]
    assert place.keys() - {"__main__", "exceptions"} == set(rooms)
    assert rooms == sorted(rooms, key=lambda room: place[room])
    assert shown in text("CONTRIBUTING.md")
