"""
Verdicts as the parts of pages that say what a code means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from errortax.advice import locales, match_locale, sentences
from errortax.docgen.values import Advice, Cited, Knowledge, Possibility
from errortax.model import Actor, Hint, OutcomeKind, Source, Verdict
from errortax.registry import BasisByPart, Citation, Fact, Taxonomy, Vendor


def meaning_of(verdict: Verdict, basis: BasisByPart | None, taxonomy: Taxonomy, locale: str) -> dict[str, Any]:
    """
    Return the members of a `Meaning` for the *verdict*, with hints in the language *locale*.
    """
    basis, delay, kind = basis or BasisByPart(), verdict.min_delay, verdict.kind
    prose = taxonomy.retryabilities[verdict.retryability]
    return {
        "title": verdict.title,
        "description": verdict.description,
        "outcome": kind.value,
        "category": verdict.category and verdict.category.value,
        "group": verdict.category and verdict.category.group.value,
        "retryability": verdict.retryability.value,
        "repeat": prose.description if kind is OutcomeKind.ERROR else taxonomy.outcomes[kind].repeat,
        "automatic": kind is OutcomeKind.ERROR and prose.automatic,
        "min_delay": delay,
        "emitted_status": verdict.emitted_status,
        "hints": advice_of(verdict.hints, delay, locale) if kind is not OutcomeKind.SUCCESS else (),
        "alternatives": tuple(
            Possibility(category=other.category.value, reason=other.reason, hints=advice_of(other.hints, delay, locale))
            for other in verdict.alternatives
        ),
        "source": _cited(verdict.source),
        "basis": {"category": basis.category.value, "retryability": basis.retryability.value, "hints": basis.hints.value},
    }


def advice_of(hints: Iterable[Hint], delay: float | None, locale: str) -> tuple[Advice, ...]:
    """
    Return the *hints* with their sentences; *delay* is the least wait in seconds, or None.
    """
    hints = tuple(hints)
    texts = sentences(hints, delay, match_locale(locale, locales()))
    translated = {tag: sentences(hints, delay, tag) for tag in locales()} if any(map(_is_for_people, hints)) else {}
    return tuple(
        Advice(
            action=hint.action.value,
            actor=hint.actor.value,
            target=hint.target,
            url=hint.url,
            text=texts[number],
            translations={tag: found[number] for tag, found in translated.items()} if _is_for_people(hint) else {},
        )
        for number, hint in enumerate(hints)
    )


def facts_of(facts: Iterable[Fact], vendor: Vendor) -> tuple[Knowledge, ...]:
    """
    Return the *facts* of *vendor* or of an entry of it, each with its own source.
    """
    return tuple(
        Knowledge(about=fact.about, value=_value(fact), text=fact.text, source=cited_of(fact.source, vendor)) for fact in facts
    )


def cited_of(citation: Citation | None, vendor: Vendor) -> Cited | None:
    """
    Return the place in a document of *vendor* that a *citation* means, or None.
    """
    if citation is None:
        return None
    document = vendor.document(citation.document)
    if document is None:
        return Cited(document=citation.document, section=citation.section, url=None)
    return Cited(document=document.title, section=citation.section, url=document.url)


def _is_for_people(hint: Hint) -> bool:
    return hint.actor is Actor.END_USER


def _cited(source: Source | None) -> Cited | None:
    return None if source is None else Cited(document=source.document, section=source.section, url=source.url)


def _value(fact: Fact) -> str:
    value = str(fact.value).lower() if isinstance(fact.value, bool) else str(fact.value)
    return f"{value} {fact.unit}" if fact.unit else value
