"""
Write the pages of ``docs/reference`` that follow from the code and the data; `generate` writes them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from enum import EnumType
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import is_typeddict

import attrs

import errortax
from errortax import Category, Group, checking, docgen, exceptions, export, integrations, rendering, testing
from errortax.exceptions import VendorError
from errortax.registry import CategoryDefaults, documents

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
WIDTH = 100
RFCS = "https://www.rfc-editor.org/rfc/rfc"
GENERATED = "<!-- Written by tools/generate.py; do not edit. -->"
START, END = "<!-- family: written by tools/generate.py; do not edit -->", "<!-- /family -->"
"""The marks around the generated part of a page that is otherwise written by hand."""

SECTIONS = {"Args:": "Arguments", "Attributes:": "Attributes", "Returns:": "Returns", "Raises:": "Raises"}
"""Headings in docstrings → headings in the page."""

ELSEWHERE = (checking, docgen, export, rendering, testing)
"""Packages that are public, but needed by few programs."""

DOCUMENTS = tuple(
    thing for thing in vars(documents).values() if isinstance(thing, type) and thing.__module__ == documents.__name__
)


def pages() -> dict[str, str]:
    """Return the text of each page that is generated, or partly so, by its file's name."""
    return {
        "api.md": _page(_api()),
        "api-integrations.md": _page(_integrations_page()),
        "api-packages.md": _page(_packages_page()),
        "api-data.md": _page(_data_page()),
        "vocabulary.md": _page(_vocabulary()),
        "errors.md": _between("errors.md", _family()),
    }


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _between(file: str, lines: Iterable[str]) -> str:
    """Return the page as it is, with the *lines* between its markers."""
    before, start, rest = (REFERENCE / file).read_text(encoding="utf-8").partition(START)
    end, after = rest.partition(END)[1:]
    if not end:
        raise SystemExit(f"{file}: the markers {START} and {END} are missing; write them where the table belongs")
    return "\n".join([before + start, "", *lines, "", end + after])


def _family() -> Iterator[str]:
    """Yield the tables of what may be raised for a vendor's error, one for each group."""
    described = errortax.default_registry().taxonomy.groups
    yield f"`VendorError` catches all of them, {len(Group)} classes those of a group, and {len(Category)} one category each."
    for parent in _below(VendorError):
        yield from ("", f"### `{parent.__name__}`", "")
        yield f"The group `{parent.group}`. {described[parent.group].description}"
        yield from ("", "| exception | category | raised when |", "|---|---|---|")
        yield from (f"| `{kind.__name__}` | `{kind.category}` | {inspect.getdoc(kind)} |" for kind in _below(parent))


def _below(parent: type[VendorError]) -> list[type[VendorError]]:
    """Return the classes right below *parent* that errortax itself defines."""
    return [kind for kind in parent.__subclasses__() if kind.__module__ == exceptions.__name__]


def _api() -> Iterator[str]:
    public = {name: getattr(errortax, name) for name in errortax.__all__}
    functions = {name: thing for name, thing in public.items() if inspect.isfunction(inspect.unwrap(thing))}
    classes = {name: thing for name, thing in public.items() if isinstance(thing, type) and not isinstance(thing, EnumType)}
    yield from ("# The Python interface", "", GENERATED, "")
    yield "Every name that `import errortax` gives, with its signature and what it promises. The enumerations are in"
    yield "[the vocabulary](vocabulary.md), the exceptions (`errortax.exceptions`) in [their own page](errors.md)."
    yield from ("", "## Functions")
    for name, function in functions.items():
        yield from _function(f"errortax.{name}", function)
    yield from ("", "## Values")
    for name, kind in classes.items():
        yield from _class(f"errortax.{name}", kind)
    yield from ("", "## Elsewhere", "")
    yield "- [The integrations](api-integrations.md): one module for each client, framework, server and observer"
    yield "- [The other packages](api-packages.md): checking, pages, export, rendering, and what tests need"
    yield "- [The data's objects](api-data.md): one class for each kind of object in the data"


def _integrations_page() -> Iterator[str]:
    yield from ("# The integrations", "", GENERATED, "", *_prose(integrations))
    for module in _integrations():
        yield from _module(module)


def _packages_page() -> Iterator[str]:
    yield from ("# The other packages", "", GENERATED, "")
    yield "They are public, too. Few programs need them, so that they have to be imported by name."
    for package in ELSEWHERE:
        yield from _module(package)


def _data_page() -> Iterator[str]:
    yield from ("# The data's objects", "", GENERATED, "")
    yield "A registry maps names to these objects, and `Registry.entries` and `Registry.taxonomy` return them. There is one class"
    yield "of `errortax.registry` for each kind of object in [the data](data.md), with one attribute for each member."
    for kind in DOCUMENTS:
        yield from _class(f"errortax.registry.{kind.__name__}", kind, level=2)


def _integrations() -> Iterator[ModuleType]:
    for found in iter_modules(integrations.__path__):
        if not found.name.startswith("_"):
            yield import_module(f"{integrations.__name__}.{found.name}")


def _module(module: ModuleType) -> Iterator[str]:
    yield from ("", f"## `{module.__name__}`", "", *_prose(module))
    yield from _contents(module)


def _contents(module: ModuleType) -> Iterator[str]:
    """Yield what *module* says that it gives, or else the public functions and classes that it defines, in its order."""
    own = [name for name, thing in vars(module).items() if _is_written_in(module, thing)]
    for name in getattr(module, "__all__", [name for name in own if not name.startswith("_")]):
        thing = getattr(module, name)
        if isinstance(thing, type):
            yield from _class(name, thing)
        elif inspect.isfunction(inspect.unwrap(thing)):
            yield from _function(name, thing)


def _is_written_in(module: ModuleType, thing: object) -> bool:
    """Return whether the code of *thing* is in *module*; attrs claims that its `evolve` is in that of the last class (3.13)."""
    is_claimed = getattr(thing, "__module__", None) == module.__name__
    return is_claimed and getattr(inspect.unwrap(thing), "__globals__", vars(module)) is vars(module)  # type: ignore[arg-type]


def _function(name: str, function: object, *, level: int = 3) -> Iterator[str]:
    yield from ("", f"{'#' * level} `{name}`", "")
    yield from ("```text", *_signature(name.rpartition(".")[2], function), "```", "", *_prose(function))


def _signature(name: str, function: object) -> Iterator[str]:
    signature = inspect.signature(inspect.unwrap(function))
    parameters = list(_parameters(signature))
    line = f"{name}({', '.join(parameters)}) -> {signature.return_annotation}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"{name}("
    yield from (f"    {parameter}," for parameter in parameters)
    yield f") -> {signature.return_annotation}"


def _parameters(signature: inspect.Signature) -> Iterator[str]:
    starred = False
    for parameter in signature.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            yield "*"
        starred = starred or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        yield f"{star}{parameter.name}: {parameter.annotation}{default}"


def _class(name: str, kind: type, *, level: int = 3) -> Iterator[str]:
    yield from ("", f"{'#' * level} `{name}`", "", *_prose(kind))
    fields = [(name, default) for name, default in _fields(kind) if not name.startswith("_")]
    if fields:
        yield from ("", "| attribute | type | default |", "|---|---|---|")
        yield from (f"| `{name}` | {_type(_annotation(kind, name))} | {_default(default)} |" for name, default in fields)
    if is_typeddict(kind):
        yield from ("", "| keyword | type |", "|---|---|")
        yield from (f"| `{name}` | {_type(_annotation(kind, name))} |" for name in kind.__annotations__)
    members = list(_members(kind))
    if members:
        yield from ("", "| member | promise |", "|---|---|")
        yield from (f"| {member} | {_cell(_prose(thing))} |" for member, thing in members)


def _cell(lines: Iterable[str]) -> str:
    """Return the lines as they go into a cell of a table, each item of a list on a line of its own."""
    return " ".join(filter(None, lines)).replace(" - `", "<br>- `").replace(" **", "<br>**")


def _members(kind: type) -> Iterator[tuple[str, object]]:
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property | cached_property):
            read = member.func if isinstance(member, cached_property) else member.fget
            yield f"`{name}`: {_type(inspect.signature(read).return_annotation)}", member
        elif inspect.isfunction(member) or isinstance(member, classmethod):
            function = getattr(kind, name)
            yield f"`{' '.join(line.strip() for line in _signature(name, function))}`".replace("|", r"\|"), function


def _fields(kind: type) -> list[tuple[str, object]]:
    """Return the names and defaults of what an object of *kind* is made from."""
    if issubclass(kind, tuple):
        return [(name, kind._field_defaults.get(name, attrs.NOTHING)) for name in kind._fields]  # type: ignore[attr-defined]  # a NamedTuple
    return [(field.name, field.default) for field in attrs.fields(kind)] if attrs.has(kind) else []


def _annotation(kind: type, name: str) -> object:
    """Return the annotation as it is written: cattrs puts the type itself in the attrs field once it has used it."""
    written = next(found[name] for found in map(inspect.get_annotations, kind.__mro__) if name in found)
    return getattr(written, "__forward_arg__", written)


def _type(annotation: object) -> str:
    name = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return f"`{name}`".replace("|", r"\|")


def _default(default: object) -> str:
    if default is attrs.NOTHING:
        return ""
    return "empty" if isinstance(default, attrs.Factory) else f"`{default!r}`"


def _prose(thing: object) -> list[str]:
    prose = inspect.getdoc(thing) or ""
    prose = re.sub(r":rfc:`(\d+)#section-([\d.]+)`", rf"[RFC \1, section \2]({RFCS}\1#section-\2)", prose)
    prose = re.sub(r":rfc:`(\d+)`", rf"[RFC \1]({RFCS}\1)", prose)
    return list(_listed(prose.replace("``", "`").splitlines()))


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines, with what is below ``Args:``, ``Returns:`` and ``Raises:`` as lists."""
    within = False
    for line in lines:
        if line.rstrip() in SECTIONS:
            within = True
            yield from (f"**{SECTIONS[line.rstrip()]}**", "")
        elif within and line.startswith("    "):
            name, colon, rest = line.strip().partition(": ")
            is_item = colon and not line.startswith("     ") and all(part.isidentifier() for part in name.lstrip("*").split("."))
            yield f"- `{name}`: {rest}" if is_item else f"  {line.strip()}" if not _is_plain(line) else line.strip()
        else:
            within = within and not line.strip()
            yield line


def _is_plain(line: str) -> bool:
    return not line.startswith("     ")


def _vocabulary() -> Iterator[str]:
    taxonomy = errortax.default_registry().taxonomy
    yield from ("# The vocabulary", "", GENERATED, "")
    yield "The closed list of names in which every verdict is put. In Python each kind of name is a `StrEnum`: a member"
    yield "equals its name as text, and a type checker can prove a `match` over it exhaustive. The same names are in"
    yield "[`schemas/taxonomy.json`](../../schemas/taxonomy.json)."
    yield from ("", "## Categories", "")
    yield "`Category`: what went wrong, by what the caller would do about it. The columns beside a category are its"
    yield "defaults; an entry may say otherwise."
    for group, prose in taxonomy.groups.items():
        yield from ("", f"### {group}", "", prose.description, "")
        yield "| category | what it means | not to be confused with | to repeat | who does what | gRPC | HTTP when emitted |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(name, data) for name, data in taxonomy.categories.items() if data.group == group)
    for kind, described in (
        (errortax.Retryability, taxonomy.retryabilities),
        (errortax.Action, taxonomy.actions),
        (errortax.Actor, taxonomy.actors),
        (errortax.OutcomeKind, taxonomy.outcomes),
        (errortax.Level, taxonomy.levels),
        (errortax.BodyKind, taxonomy.bodies),
        (errortax.Basis, taxonomy.bases),
        (errortax.Scheme, taxonomy.schemes),
    ):
        yield from ("", f"## {kind.__name__}", "", *_prose(kind), "", "| name | meaning |", "|---|---|")
        yield from (f"| `{name}` | {described[name].description if name in described else 'It is an error.'} |" for name in kind)
    yield from ("", "## Group", "", *_prose(errortax.Group), "", ", ".join(f"`{name}`" for name in errortax.Group))


def _row(name: Category, data: CategoryDefaults) -> str:
    neighbours = re.sub(r"([a-z_]+):", r"`\1`:", data.distinguish)
    return (
        f"| `{name}` | {data.description} | {neighbours} |"
        f" `{data.retryability}` | `{data.actor}`: `{data.action}` |"
        f" `{data.grpc_code}` | {data.http_status} |"
    )


def described(module: ModuleType) -> list[str]:
    """Return the names of the exceptions and warnings that *module* defines for others."""
    return [
        name
        for name, thing in vars(module).items()
        if isinstance(thing, type) and thing.__module__ == module.__name__ and not name.startswith("_")
    ]


if __name__ == "__main__":
    for file, text in pages().items():
        (REFERENCE / file).write_text(text, encoding="utf-8")
