"""
Sentences for people in their language, about hints and categories.

They come from ``schemas/locales/``, never from the vendor's response.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from math import inf
from operator import itemgetter
from typing import Any, Final, TypeVar

from errortax.advice.durations import duration_text
from errortax.model import Action, Actor, CanonicalError, Category, Hint, did_you_mean, foreign_names_of
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
  | en-GB-oed | sgn-(?:BE-FR|BE-NL|CH-DE)                   # older than this grammar
  | i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)
"""

_MAX_FIELD: Final = 512
_WEIGHT: Final = re.compile(r"q[ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
_FULL_WEIGHT: Final = ("", "1")

_Name = TypeVar("_Name", bound=StrEnum)


def locales() -> tuple[str, ...]:
    """
    Return the language tags of all available sentences.
    """
    return tuple(name.removesuffix(".json") for name in loading.names("locales"))


def hint_text(error: CanonicalError, *, actor: Actor | str | None = None, locale: str = _DEFAULT) -> str | None:
    """
    Return the sentence of the first hint for *actor*; None if no hint is for *actor*.

    For the end user there is always a sentence: without a hint for them, it says what happened, and whether to try again.

    Args:
        error: the canonical error.
        actor: the person or program that has to act; None means the actor of the first hint.
        locale: a language tag (BCP 47); the nearest available language is used, or else English.

    Raises:
        TypeError: *locale* is not a text.
        ValueError: *actor* is unknown, or *locale* is not a language tag.

    """
    wanted = None if actor is None else _named(Actor, actor)
    texts = hint_texts(error, locale=locale)
    found = next((text for hint, text in zip(error.hints, texts, strict=True) if wanted in (None, hint.actor)), None)
    return _about(error, match_locale(locale, locales())) if found is None and wanted is Actor.END_USER else found


def hint_texts(error: CanonicalError, *, locale: str = _DEFAULT) -> tuple[str, ...]:
    """
    Return one sentence for each of the error's hints, in their order; *locale* is as in `hint_text`.
    """
    return sentences(error.hints, _delay_of(error), match_locale(locale, locales()), foreign_names_of(error))


def sentences(
    hints: Iterable[Hint], delay: float | None, tag: str, foreign: Collection[tuple[str | int, ...]] = ()
) -> tuple[str, ...]:
    """
    Return one sentence for each of the *hints* in the language *tag*, which must be one of `locales`.

    *delay* is the wait in seconds for sentences that state it; None if it is not known. *foreign* are the places of names
    that only a newer release understands.
    """
    return tuple(
        _sentence(hint, delay, tag, is_foreign=("hints", index, "action") in foreign) for index, hint in enumerate(hints)
    )


def category_text(category: Category | str, locale: str = _DEFAULT) -> tuple[str, str]:
    """
    Return title and description of *category*; *locale* is as in `hint_text`.

    Raise `ValueError` if *category* is unknown, or *locale* is not a language tag.
    """
    text = _document(match_locale(locale, locales()))["categories"][_named(Category, category)]
    return text["title"], text["description"]


def match_locale(tag: str, available: Iterable[str]) -> str:
    """
    Return the best of the *available* language tags for *tag* (the look-up of :rfc:`4647#section-3.4`).

    The best one is the longest tag with which *tag* begins, else ``"en"``. Letter case does not matter, and ``_`` means
    ``-``. Raise `ValueError` if *tag* is not well-formed (:rfc:`5646#section-2.2.9`), and `TypeError` if it is not a text.
    """
    if not isinstance(tag, str):
        raise TypeError(f"locale must be a language tag (BCP 47) such as 'de' or 'de-CH', not {tag!r}")
    wanted = tag.replace("_", "-")
    if not re.fullmatch(_WELL_FORMED, wanted, re.VERBOSE | re.IGNORECASE | re.ASCII):
        raise ValueError(f"locale: {tag!r} is not a language tag (BCP 47); use one such as 'de' or 'de-CH'")
    return _served(wanted, available) or _DEFAULT


def _served(wanted: str, available: Iterable[str]) -> str | None:
    prefixes = (name for name in available if f"{wanted}-".lower().startswith(f"{name}-".lower()))
    return max(prefixes, key=len, default=None)


@lru_cache(maxsize=256)
def negotiate_locale(accept_language: str | None) -> str:
    """
    Return the available language that ``Accept-Language`` prefers (:rfc:`9110#section-12.5.4`), or else English.

    Never raise, whatever the field contains; None means that there is no such field.
    """
    if not accept_language:
        return _DEFAULT
    if len(accept_language) > _MAX_FIELD:
        accept_language = accept_language[:_MAX_FIELD].rpartition(",")[0]  # half a language tag may be another language
    weighted: list[tuple[float, str]] = []
    for element in accept_language.split(","):
        wanted, _, parameter = element.partition(";")
        weight = _WEIGHT.fullmatch(parameter.strip().lower()) if parameter else _FULL_WEIGHT
        if weight is not None:
            weighted.append((float(weight[1]), wanted.strip()))
    refused = [f"{wanted}-".lower() for quality, wanted in weighted if quality == 0]
    offered = [tag for tag in (_DEFAULT, *locales()) if not f"{tag}-".lower().startswith(tuple(refused))]
    for quality, wanted in sorted(weighted, key=itemgetter(0), reverse=True):  # stable: of equal weights, the first counts
        served = next(iter(offered), None) if wanted == "*" else _served(wanted, locales())
        if quality > 0 and served in offered:
            return served
    return _DEFAULT


def _document(tag: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = loading.bundled(f"locales/{tag}.json")
    return document


def _delay_of(error: CanonicalError) -> float | None:
    return error.min_delay if error.retry_after is None else error.retry_after


def _about(error: CanonicalError, tag: str) -> str:
    """Return for an end user what happened, and whether to try again."""
    document = _document(tag)
    happened: str = document["categories"][error.category]["end_user"]
    if not error.retryable:
        return happened
    values = _values(None, _delay_of(error), document)
    advice = _preferred(document["actions"][Action.WAIT_AND_RETRY], values).format_map(values)
    return f"{happened}{'' if happened.endswith('。') else ' '}{advice}"  # no blank between Japanese sentences


def _sentence(hint: Hint, delay: float | None, tag: str, *, is_foreign: bool) -> str:
    document = _document(tag)
    sentences: list[str] = document["actions"][hint.action]
    values = _values(hint.target, delay, document)
    fitting = _preferred(sentences, values)
    own: str | None = document.get("sentences", {}).get(hint.text)
    if own is None and (is_foreign or (tag == _DEFAULT and hint.text != sentences[-1])):  # foreign: an action of a newer release
        own = hint.text
    if own and (is_foreign or "wait" not in _placeholders(fitting)):  # a sentence with the wait says more
        return own
    return fitting.format_map(values)


def _values(target: str | None, delay: float | None, document: Mapping[str, Any]) -> dict[str, str]:
    values = {} if target is None else {"field": target}
    if delay is not None and 1 < delay < inf:  # "a moment" in the plain sentence covers one second
        values["wait"] = duration_text(delay, document["durations"])
    return values


def _preferred(sentences: Iterable[str], values: Mapping[str, str]) -> str:
    return next(sentence for sentence in sentences if _placeholders(sentence) <= values.keys())


def _placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


def _named(names: type[_Name], name: str) -> _Name:
    try:
        return names(name)
    except ValueError:
        raise ValueError(f"unknown {names.__name__.lower()} {name!r}; {did_you_mean(str(name), names)}") from None
