from __future__ import annotations

import re
import tomllib
from enum import Enum
from inspect import signature

import pytest

import errortax
from errortax import Level, Scheme, exceptions
from errortax.exceptions import VendorError
from pages import ROOT, blocks, text
from reference import ELSEWHERE, described, pages


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


def public_classes():
    """Return the classes that `errortax` and its public packages give, besides the enumerations."""
    things = [getattr(package, name) for package in (errortax, *ELSEWHERE) for name in package.__all__]
    return dict.fromkeys(thing for thing in things if isinstance(thing, type) and not issubclass(thing, Enum))


@pytest.mark.parametrize("kind", public_classes())
def test_each_attribute_is_described(kind):
    """
    The reference names each public attribute and method of each class, besides constants of the class.
    """
    reference = text("docs/reference/api.md") + text("docs/reference/api-packages.md")
    described = "".join(
        re.findall(rf"^### `(?:errortax\.)?{kind.__name__}`\n(.*?)(?=^##|\Z)", reference, re.DOTALL | re.MULTILINE)
    )
    public = {name for name, thing in vars(kind).items() if not name.startswith("_") and not isinstance(thing, str)}
    assert set() == {name for name in public if not re.search(rf"[`*]{name}\b", described)}


def fields_of(exception):
    """Return the names of the public attributes that errortax gives an exception."""
    kinds = [kind for kind in type(exception).__mro__ if issubclass(kind, exceptions.ErrortaxError)]
    properties = {name for kind in kinds for name, thing in vars(kind).items() if isinstance(thing, property)}
    return properties.union(vars(exception))


MISTAKES = [name for name in described(exceptions) if not issubclass(getattr(exceptions, name), (VendorError, Warning))]


@pytest.mark.parametrize("name", MISTAKES)
def test_the_fields_of_a_mistake(name):
    """
    The page about exceptions has the fields of each mistake.
    """
    kind = getattr(exceptions, name)
    arguments = [*signature(kind.__init__).parameters.values()][1:]
    needed = [one for one in arguments if one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty]
    [row] = re.findall(rf"^\| `{name}` \|.*$", text("docs/reference/errors.md"), re.MULTILINE)
    assert fields_of(kind(*("x" for _ in needed))) == set(re.findall(r"`(\w+)`", row.split("|")[-2]))


def test_the_fields_of_what_a_vendor_did_wrong():
    """
    The page about exceptions has the fields of a `VendorError`.
    """
    table = text("docs/reference/errors.md").partition("| field |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table.splitlines()[2:]]
    assert fields_of(VendorError(errortax.transport_error("no_response"))) | {"category", "group"} == {
        name for row in rows for name in row
    }


def test_the_words_of_the_design():
    """
    The design has each scheme, and each level in its order.
    """
    page = text("docs/explanation/design.md")
    table = page.partition("| level |")[2].partition("\n\n")[0]
    assert list(Level) == re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert set() == {scheme for scheme in Scheme if f"`{scheme}`" not in page.partition("| *scheme* |")[2].partition("\n")[0]}


@pytest.mark.parametrize("page", ["docs/reference/data.md", "schemas/README.md"])
def test_each_kind_of_file_is_described(page):
    """
    The page about the data has each file and each folder of it.
    """
    names = {path.name for path in (ROOT / "schemas").iterdir()} - {"README.md"}
    assert set() == {name for name in names if name not in text(page)}


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
