"""
What follows from ``schemas/taxonomy.json``: enumerations, exception classes, lists of names in the schemas, English texts.

Nothing of errortax is imported: what is written here is what it consists of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

WIDTH: Final = 130
MARK: Final = "Written by ``python tools/generate.py`` from ``schemas/taxonomy.json``; do not edit."

_LISTS: Final = {
    "group": "groups",
    "category": "categories",
    "retryability": "retryabilities",
    "action": "actions",
    "actor": "actors",
    "outcome": "outcomes",
    "level": "levels",
    "body_kind": "bodies",
    "basis": "bases",
    "scheme": "schemes",
}
"""Definition in ``taxonomy.schema.json`` → the member of the taxonomy whose names it lists."""

_HEAD: Final = f'''"""
The closed vocabulary as enumerations, so that type checkers can prove a ``match`` exhaustive.

{MARK}
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """The families that categories belong to."""

{{groups}}


class Category(StrEnum):
    """What went wrong, by what the caller would do about it."""

    __match_args__ = ("value",)  # without it pyright refuses ``case Category(group=…)``, since texts have patterns of their own

    group: Group

    def __new__(cls, value: str, group: Group) -> Category:  # noqa: D102  # called by `enum` alone
        member = str.__new__(cls, value)
        member._value_ = value
        member.group = group
        return member

{{categories}}


class Retryability(StrEnum):
    """Whether, and under which condition, repeating the request can succeed."""

{{retryabilities}}

    @property
    def is_automatic(self) -> bool:
        """Return whether a program may repeat the request by itself, its method permitting."""
        return self in _AUTOMATIC


_AUTOMATIC: Final = frozenset({{{{{{automatic}}}}}})


class Action(StrEnum):
    """What somebody has to do."""

{{actions}}


class Actor(StrEnum):
    """Who has to do it."""

{{actors}}


class OutcomeKind(StrEnum):
    """What a response means at all."""

{{kinds}}


class Level(StrEnum):
    """How the entry behind a verdict was found, the most specific first."""

{{levels}}


class BodyKind(StrEnum):
    """What the body turned out to be."""

{{bodies}}


class Basis(StrEnum):
    """Whether the vendor's document says so, or we concluded it."""

{{bases}}


class Scheme(StrEnum):
    """How a vendor names failures."""

{{schemes}}
'''

_RAISED: Final = f'''"""
For programs that would rather catch than look at a value: `VendorError`, with a class for each group and category.

{MARK}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from errortax.model.error import CanonicalError
from errortax.model.failure import VendorError
from errortax.model.vocabulary import Category, Group

__all__ = [
{{exported}}
]


{{classes}}


_CLASS_OF: Final[Mapping[Category, type[VendorError]]] = {{{{
    kind.category: kind for group in VendorError.__subclasses__() for kind in group.__subclasses__() if kind.category is not None
}}}}


def exception_for(
    error: CanonicalError,
    *,
    method: str | None = None,
    idempotency_key: bool = False,
    url: str | None = None,
    response: Any = None,
) -> VendorError:
    """
    Return the exception of the *error*'s category, to be raised; the other arguments are those of `VendorError`.
    """
    kind = _CLASS_OF[error.category]
    return kind(error, method=method, idempotency_key=idempotency_key, url=url, response=response)
'''


_EXHAUSTIVE: Final = f'''"""
A ``match`` over all categories without a last case, which type checkers prove exhaustive.

{MARK}
"""

from typing import assert_never

from errortax import Category


def group_of(category: Category) -> str:
    """Return the name of the group of a category."""
    match category:
{{cases}}
        case _:
            assert_never(category)
'''


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """
    Yield each file below *root* that follows from the taxonomy, with the text that it should have.
    """
    taxonomy = _read(root / "schemas/taxonomy.json")
    yield root / "src/errortax/model/vocabulary.py", _enumerations(taxonomy)
    yield root / "src/errortax/model/raised.py", _exceptions(taxonomy)
    yield root / "tests/typed/exhaustive.py", _match(taxonomy)
    yield root / "schemas/taxonomy.schema.json", _schema(_read(root / "schemas/taxonomy.schema.json"), taxonomy)
    yield root / "schemas/locales/en.json", _english(_read(root / "schemas/locales/en.json"), taxonomy)


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _enumerations(taxonomy: Mapping[str, Any]) -> str:
    groups, retryabilities = taxonomy["groups"], taxonomy["retryabilities"]
    return _HEAD.format(
        groups=_members(groups),
        categories="\n".join(
            f'    {name.upper()} = "{name}", Group.{data["group"].upper()}' for name, data in taxonomy["categories"].items()
        ),
        retryabilities=_members(retryabilities),
        automatic=", ".join(f"Retryability.{name.upper()}" for name, data in retryabilities.items() if data.get("automatic")),
        actions=_members(taxonomy["actions"]),
        actors=_members(taxonomy["actors"]),
        kinds=_members([*taxonomy["outcomes"], "error"]),
        **{member: _members(taxonomy[member]) for member in ("levels", "bodies", "bases", "schemes")},
    )


def _members(names: Iterable[str]) -> str:
    return "\n".join(f'    {name.upper()} = "{name}"' for name in names)


def _exceptions(taxonomy: Mapping[str, Any]) -> str:
    classes: list[str] = []
    names = ["VendorError", "exception_for"]
    for group, prose in taxonomy["groups"].items():
        parent = f"{_camel(group)}Error"
        names.append(parent)
        classes.append(_class(parent, "VendorError", prose["description"], f"group = Group.{group.upper()}"))
        for category, data in taxonomy["categories"].items():
            if data["group"] == group:
                names.append(_camel(category))
                classes.append(_class(_camel(category), parent, data["description"], f"category = Category.{category.upper()}"))
    exported = "\n".join(f'    "{name}",' for name in sorted(names))
    return _RAISED.format(exported=exported, classes="\n\n\n".join(classes))


def _match(taxonomy: Mapping[str, Any]) -> str:
    cases: list[str] = []
    for group in taxonomy["groups"]:
        names = [f"Category.{name.upper()}" for name, data in taxonomy["categories"].items() if data["group"] == group]
        line = f"        case {' | '.join(names)}:"
        if len(line) > WIDTH:
            line = "        case (\n            " + "\n            | ".join(names) + "\n        ):"
        cases.append(f'{line}\n            return "{group}"')
    return _EXHAUSTIVE.format(cases="\n".join(cases))


def _camel(name: str) -> str:
    return "".join(map(str.capitalize, name.split("_")))


def _class(name: str, parent: str, description: str, attribute: str) -> str:
    docstring = f'    """{description}"""'
    if len(docstring) > WIDTH:
        lines = wrap(description, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
        docstring = "\n".join(['    """', *lines, '    """'])
    return f"class {name}({parent}):\n{docstring}\n\n    {attribute}"


def _schema(schema: dict[str, Any], taxonomy: Mapping[str, Any]) -> str:
    """Write the names and, for editors, what each of them means."""
    for definition, member in _LISTS.items():
        names = taxonomy[member]
        described = {name: prose["description"] for name, prose in names.items()}
        if definition == "outcome":
            described["error"] = "The response is an error."
        target = schema["$defs"][definition]
        target["enum"], target["enumDescriptions"] = list(described), list(described.values())
    return _written(schema)


def _english(locale: dict[str, Any], taxonomy: Mapping[str, Any]) -> str:
    texts = ("title", "description", "end_user")
    locale["categories"] = {name: {text: data[text] for text in texts} for name, data in taxonomy["categories"].items()}
    retryabilities, outcomes = taxonomy["retryabilities"].items(), taxonomy["outcomes"].items()
    locale["report"]["retryabilities"] = {name: data["description"] for name, data in retryabilities}
    locale["report"]["outcomes"] = {name: data["repeat"] for name, data in outcomes}
    return _written(locale)
