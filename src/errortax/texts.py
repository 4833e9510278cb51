"""
Sentences for people in their language: what a hint asks for, and what a category means.

They come from ``schemas/locales/``, never from the vendor's response.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from math import ceil, inf
from typing import Any, Final, TypeVar

from errortax import loading
from errortax.error import CanonicalError
from errortax.model import Hint
from errortax.taxonomy import Actor, Category

_DEFAULT: Final = "en"
_WELL_FORMED: Final = r"""
    (?: [a-z]{2,3} (?:-[a-z]{3}){0,3} | [a-z]{4,8} )        # language, with extended language subtags
    (?: -[a-z]{4} )?                                        # script
    (?: -(?:[a-z]{2}|[0-9]{3}) )?                           # region
    (?: -(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}) )*              # variants
    (?: -[0-9a-wyz] (?:-[a-z0-9]{2,8})+ )*                  # extensions
    (?: -x (?:-[a-z0-9]{1,8})+ )?                           # private use
  | x (?:-[a-z0-9]{1,8})+
  | en-GB-oed | sgn-(?:BE-FR|BE-NL|CH-DE)                   # registered before there was a grammar
  | i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
"""

_Name = TypeVar("_Name", bound=StrEnum)


def locales() -> tuple[str, ...]:
    """
    Return the language tags for which there are sentences.
    """
    return tuple(name.removesuffix(".json") for name in loading.names("locales"))


def hint_text(error: CanonicalError, *, actor: Actor | str | None = None, locale: str = _DEFAULT) -> str | None:
    """
    Return what *actor* has to do, as one sentence; without *actor*, what the first hint asks for.

    Return None where no hint is addressed to *actor*. *locale* is a language tag; the nearest language that there are
    sentences for is used, in the end English. Raise `ValueError` for an unknown actor and for what is no language tag.
    """
    wanted = None if actor is None else _named(Actor, actor)
    texts = hint_texts(error, locale=locale)
    return next((text for hint, text in zip(error.hints, texts, strict=True) if wanted in (None, hint.actor)), None)


def hint_texts(error: CanonicalError, *, locale: str = _DEFAULT) -> tuple[str, ...]:
    """
    Return one sentence for each of the error's hints, in their order; *locale* is as in `hint_text`.
    """
    tag = match_locale(locale, locales())
    delay = error.min_delay if error.retry_after is None else error.retry_after
    foreign = error.details.foreign
    return tuple(
        _sentence(hint, delay, tag, is_foreign=f"/hints/{index}/action" in foreign) for index, hint in enumerate(error.hints)
    )


def category_text(category: Category | str, locale: str = _DEFAULT) -> tuple[str, str]:
    """
    Return title and description of *category*; *locale* is as in `hint_text`.

    Raise `ValueError` for an unknown category and for what is no language tag.
    """
    text = _document(match_locale(locale, locales()))["categories"][_named(Category, category)]
    return text["title"], text["description"]


def match_locale(tag: str, available: Iterable[str]) -> str:
    """
    Return the one of the *available* language tags that serves *tag* best (the look-up of :rfc:`4647#section-3.4`).

    That is the longest that *tag* begins with, and ``"en"`` if there is none. Letter case does not matter, and ``_`` is
    taken for ``-``. Raise `ValueError` where *tag* is not well-formed (:rfc:`5646#section-2.2.9`).
    """
    wanted = tag.replace("_", "-")
    if not re.fullmatch(_WELL_FORMED, wanted, re.VERBOSE | re.IGNORECASE | re.ASCII):
        raise ValueError(f"locale: {tag!r} is no language tag (BCP 47); use one such as 'de' or 'de-CH'")
    prefixes = (name for name in available if f"{wanted}-".lower().startswith(f"{name}-".lower()))
    return max(prefixes, key=len, default=_DEFAULT)


def _document(tag: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = loading.bundled(f"locales/{tag}.json")
    return document


def _sentence(hint: Hint, delay: float | None, tag: str, *, is_foreign: bool) -> str:
    document = _document(tag)
    sentences: list[str] = document["actions"][hint.action]
    known: dict[str, str] = {}
    if hint.target is not None:
        known["field"] = hint.target
    if delay is not None and 1 < delay < inf:  # one second is the moment of the plain sentence, and needs no singular
        known["seconds"] = str(ceil(delay))
    fitting = next(sentence for sentence in sentences if _placeholders(sentence) <= known.keys())
    own: str | None = document.get("sentences", {}).get(hint.text)
    if own is None and (is_foreign or (tag == _DEFAULT and hint.text != sentences[-1])):  # foreign: a newer release's action
        own = hint.text
    if own and (is_foreign or "seconds" not in _placeholders(fitting)):  # how long to wait says more than any sentence
        return own
    return fitting.format_map(known)


def _placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


def _named(names: type[_Name], name: str) -> _Name:
    try:
        return names(name)
    except ValueError:
        from difflib import get_close_matches  # for mistakes only: costs time to import

        near = get_close_matches(name, names, n=1)
        choices = ", ".join(names)
        advice = f"did you mean {str(near[0])!r}? known: {choices}" if near else f"known: {choices}"
        raise ValueError(f"unknown {names.__name__.lower()} {name!r}; {advice}") from None
