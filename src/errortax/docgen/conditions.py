"""
Places and conditions of the data in words.

A place becomes a noun: "the body's ``error.code``", "an item of the body's ``errors`` (one where its ``field`` is a text)".
A condition becomes a sentence about places: "the header field ``Retry-After`` is ``0``".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

from errortax.docgen.values import Code, Phrase
from errortax.model import tokens_of

_Pieces: TypeAlias = tuple[str, ...]

_TYPES: Final[Mapping[str, str]] = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_UNITS: Final[Mapping[str, str]] = {"s": ", in seconds", "ms": ", in milliseconds"}
_EXPECTATIONS: Final = frozenset({"is", "type", "optional"})


@frozen
class _Subject:
    """What a pointer begins at: the body, an item or member in a condition about it (*is_it*), or what another place found."""

    words: _Pieces
    is_it: bool = False
    is_body: bool = False


_BODY: Final = _Subject(("the body",), is_body=True)
_IT: Final = _Subject(("it",), is_it=True)


def condition_in_words(condition: Any, statuses: Iterable[int] = ()) -> Phrase:
    """
    Return a *condition* on a response in words, such as "the body's ``method`` is ``otp``".

    *statuses* are those that it holds for; none means any.
    """
    listed = [(Code(str(status)),) for status in sorted(statuses)]
    status = [("the HTTP status is ", *_listed(listed, " or "))] if listed else []
    whole = _condition(condition, _BODY)
    return Phrase(_joined([*status, *([whole] if whole else [])], " and ") or ("the body is anything",))


def place_in_words(place: Any) -> Phrase:
    """
    Return a *place* in words, such as "the header field ``Retry-After``, in seconds".
    """
    return Phrase(_place(place, _BODY))


def places_in_words(places: Iterable[Any], word: str = ", else ") -> Phrase:
    """
    Return several *places* in words, in order, with a *word* between two.
    """
    return Phrase(_joined((_place(place, _BODY) for place in places), word))


def item_places_in_words(places: Iterable[Any]) -> Phrase:
    """
    Return *places* that are seen from one item of a list, in words: "its ``field``".
    """
    return Phrase(_joined((_place(place, _IT) for place in places), ", else "))


def _place(place: Any, subject: _Subject) -> _Pieces:
    """Return a place as a noun."""
    if isinstance(place, str):
        return _at(place, subject)
    found = _beginning(place, subject)
    if "where" in place or "members" in place:
        found = _Subject((f"{_part(place)} of ", *found.words, *_restriction(place)))
    if "then" in place:
        found = _Subject(_place(place["then"], found))
    if "pattern" in place:
        found = _Subject(("what the pattern ", Code(place["pattern"]), " finds in ", *found.words))
    return (*found.words, *((_UNITS[place["unit"]],) if "unit" in place else ()))


def _beginning(place: Mapping[str, Any], subject: _Subject) -> _Subject:
    """Return what a place begins with."""
    if "join" in place:
        parts = [_place(part, subject) for part in place["join"]]
        return _Subject(("the text of ", *_joined(parts, " and "), " joined by full stops"))
    if "header" not in place:
        pointer = place.get("at", "")
        return _Subject(_at(pointer, subject)) if pointer else subject
    field = ("the header field ", Code(place["header"]))
    return _Subject(("the parameter ", Code(place["parameter"]), " of ", *field) if "parameter" in place else field)


def _at(pointer: str, subject: _Subject) -> _Pieces:
    """Return the value at a pointer as a noun."""
    if not pointer:
        return subject.words
    name = _name(pointer)
    if name is None:
        return ("the value at ", Code(pointer), " of ", *subject.words)
    if subject.is_it:
        return ("its ", name)
    return ("the body's ", name) if subject.is_body else ("the ", name, " of ", *subject.words)


def _name(pointer: str) -> Code | None:
    """Return the names of members with full stops between them; None if that could be mistaken for something else."""
    names = tokens_of(pointer)
    return None if any(not name or "." in name or name.isdecimal() for name in names) else Code(".".join(names))


def _part(place: Mapping[str, Any]) -> str:
    return "a member" if "members" in place else "an item"


def _restriction(place: Mapping[str, Any]) -> _Pieces:
    """Return which items or members count."""
    words = _condition(place.get("where", place.get("members")), _IT, is_inside=True)
    return (" (one where ", *words, ")") if words else ()


def _condition(condition: Any, subject: _Subject, *, is_inside: bool = False) -> _Pieces:
    """Return a sentence; nothing if the condition always holds. *is_inside* is a condition that is a part of another."""
    if isinstance(condition, bool):
        return ()
    tests = [condition] if isinstance(condition, (str, Mapping)) else condition
    clauses: list[tuple[_Pieces, bool]] = []
    present: list[_Pieces] = []
    for test in tests:
        name = _present_member(test)
        if name is not None:
            present.append((name,))
        elif words := _test(test, subject):
            clauses.append((words, isinstance(test, Mapping) and "anyOf" in test and not _are_members(test["anyOf"])))
    if present:
        clauses.insert(0, ((*subject.words, " has ", *_listed(present, " and ")), False))
    if len(clauses) < 2 or not any(is_choice for _, is_choice in clauses):
        return _joined((words for words, _ in clauses), " and ")
    if is_inside:
        return _joined((("(", *words, ")") if is_choice else words for words, is_choice in clauses), " and ")
    return _joined((words for words, _ in clauses), "; and ")


def _present_member(test: Any) -> Code | None:
    """Return the name of the member if all that a *test* asks is whether that is there."""
    pointer = test if isinstance(test, str) else test["at"] if [*test] == ["at"] else ""
    return _name(pointer) if pointer else None


def _are_members(branches: Sequence[Any]) -> bool:
    return all(isinstance(branch, (str, Mapping)) and _present_member(branch) is not None for branch in branches)


def _test(test: Any, subject: _Subject) -> _Pieces:
    """Return a sentence about one test; nothing if it always holds."""
    if isinstance(test, str):
        return _presence(test, subject)
    if "anyOf" in test:
        return _choice(test["anyOf"], subject)
    place = {name: part for name, part in test.items() if name not in _EXPECTATIONS}
    is_optional = bool(test.get("optional"))
    values, types = _values(test), _types(test)
    if not values and not types:
        return () if is_optional else _presence(place, subject)
    missing: list[_Pieces] = [("missing",)] if is_optional else []
    if not values or not types:
        return (*_place(place, subject), " is ", *_listed([*values, *types, *missing], " or "))
    both = (*_listed(values, " or "), ", and ", *_listed(types, " or "))
    return (*_place(place, subject), " is ", *_joined([both, *missing], ", or "))


def _choice(branches: Sequence[Any], subject: _Subject) -> _Pieces:
    if _are_members(branches):
        names = [(name,) for name in map(_present_member, branches) if name is not None]
        return (*subject.words, " has at least one of ", *_listed(names, " and "))
    sentences = [_condition(branch, subject, is_inside=True) for branch in branches]
    return _joined(sentences, ", or ") if all(sentences) else ()


def _values(test: Mapping[str, Any]) -> list[_Pieces]:
    """Return the values of which one has to be at the place of a *test*; none if any may be."""
    if "is" not in test:
        return []
    constants = test["is"] if isinstance(test["is"], list) else [test["is"]]
    is_text = not {"header", "join", "pattern"}.isdisjoint(test)
    return [(_value(constant, is_text=is_text),) for constant in constants] or [("no value",)]


def _types(test: Mapping[str, Any]) -> list[_Pieces]:
    names = test.get("type", ())
    return [(_TYPES[name],) for name in ([names] if isinstance(names, str) else names)]


def _presence(place: Any, subject: _Subject) -> _Pieces:
    """Return the sentence that a place leads to anything."""
    if isinstance(place, str):
        name = _name(place)
        if name is not None and place:
            return (*subject.words, " has ", name)
        return ("there is ", *(_at(place, subject) if place else ("a value",) if subject.is_it else ("a body",)))
    if "pattern" in place:
        without = {name: part for name, part in place.items() if name != "pattern"}
        return ("the pattern ", Code(place["pattern"]), " finds a text in ", *_place(without, subject))
    if "then" in place:
        without = {name: part for name, part in place.items() if name != "then"}
        return _presence(place["then"], _Subject(_place(without, subject)))
    if "where" in place or "members" in place:
        return (*_beginning(place, subject).words, f" has {_part(place)}", *_restriction(place))
    if "parameter" in place:
        return ("the header field ", Code(place["header"]), " has the parameter ", Code(place["parameter"]))
    if "header" in place:
        return ("the response has the header field ", Code(place["header"]))
    if "join" in place:
        return ("there is ", *_place(place, subject))
    return _presence(place.get("at", ""), subject)


def _value(value: Any, *, is_text: bool) -> Code:
    """Return a constant as code; a text that could be mistaken for another value is in quotes, where there may be others."""
    if isinstance(value, str) and (is_text or not _reads_as_json(value)):
        return Code(value)
    return Code(json.dumps(value, ensure_ascii=False))


def _reads_as_json(text: str) -> bool:
    try:
        json.loads(text or "0")
    except ValueError:
        return False
    return True


def _listed(phrases: Sequence[_Pieces], last: str) -> _Pieces:
    """Return *phrases* with commas between them, and the word *last* in front of the last one."""
    *first, final = phrases
    return (*_joined(first, ", "), *((last,) if first else ()), *final)


def _joined(phrases: Iterable[_Pieces], word: str) -> _Pieces:
    pieces: list[str] = []
    for phrase in phrases:
        pieces += [word, *phrase] if pieces else phrase
    return tuple(pieces)
