"""
Sentences for people in their language: what a hint asks for, and what a category means.

They come from ``schemas/locales/``, never from the vendor's response.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from math import ceil, inf
from operator import itemgetter
from typing import Any, Final, TypeVar

from errortax.model import Actor, CanonicalError, Category, Hint, did_you_mean, foreign_names_of
from errortax.registry import loading

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

_MAX_FIELD: Final = 512
_WEIGHT: Final = re.compile(r"q[ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
_FULL_WEIGHT: Final = ("", "1")

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
    delay = error.min_delay if error.retry_after is None else error.retry_after
    return sentences(error.hints, delay, match_locale(locale, locales()), foreign_names_of(error))


def sentences(
    hints: Iterable[Hint], delay: float | None, tag: str, foreign: Collection[tuple[str | int, ...]] = ()
) -> tuple[str, ...]:
    """
    Return one sentence for each of the *hints* in the language *tag*, one that there are sentences for.

    *delay* is the wait in seconds that they may tell; *foreign* holds the places of names that only a newer release has.
    """
    return tuple(
        _sentence(hint, delay, tag, is_foreign=("hints", index, "action") in foreign) for index, hint in enumerate(hints)
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
    taken for ``-``. Raise `ValueError` where *tag* is not well-formed (:rfc:`5646#section-2.2.9`), `TypeError` where it
    is no text.
    """
    if not isinstance(tag, str):
        raise TypeError(f"locale must be a language tag (BCP 47) such as 'de' or 'de-CH', not {tag!r}")
    wanted = tag.replace("_", "-")
    if not re.fullmatch(_WELL_FORMED, wanted, re.VERBOSE | re.IGNORECASE | re.ASCII):
        raise ValueError(f"locale: {tag!r} is no language tag (BCP 47); use one such as 'de' or 'de-CH'")
    return _served(wanted, available) or _DEFAULT


def _served(wanted: str, available: Iterable[str]) -> str | None:
    prefixes = (name for name in available if f"{wanted}-".lower().startswith(f"{name}-".lower()))
    return max(prefixes, key=len, default=None)


@lru_cache(maxsize=256)
def negotiate_locale(accept_language: str | None) -> str:
    """
    Return the language that there are sentences for and that ``Accept-Language`` prefers (:rfc:`9110#section-12.5.4`).

    It is English if the field prefers none of them. Nothing is raised, whatever the field says.
    """
    if not accept_language:
        return _DEFAULT
    if len(accept_language) > _MAX_FIELD:
        accept_language = accept_language[:_MAX_FIELD].rpartition(",")[0]  # half a language may be another one
    weighted: list[tuple[float, str]] = []
    for element in accept_language.split(","):
        wanted, _, parameter = element.partition(";")
        weight = _WEIGHT.fullmatch(parameter.strip().lower()) if parameter else _FULL_WEIGHT
        if weight is not None:
            weighted.append((float(weight[1]), wanted.strip()))
    refused = [f"{wanted}-".lower() for quality, wanted in weighted if quality == 0]
    offered = [tag for tag in (_DEFAULT, *locales()) if not f"{tag}-".lower().startswith(tuple(refused))]
    for quality, wanted in sorted(weighted, key=itemgetter(0), reverse=True):  # stable: the first of equals goes first
        served = next(iter(offered), None) if wanted == "*" else _served(wanted, locales())
        if quality > 0 and served in offered:
            return served
    return _DEFAULT


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
        raise ValueError(f"unknown {names.__name__.lower()} {name!r}; {did_you_mean(str(name), names)}") from None
