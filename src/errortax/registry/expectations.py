"""
What the examples of a vendor file expect: the verdict of their entry, and what each says beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errortax.model import BodyKind, Level, Verdict
from errortax.registry import defaults
from errortax.registry.documents import Example
from errortax.registry.verdicts import Verdicts

Data = Mapping[str, Any]


def examples(document: Data, verdicts: Verdicts) -> tuple[Example, ...]:
    """
    Return the examples of all entries of a vendor file, their expectations complete.
    """
    return tuple(
        Example(code, example.get("name", code), example["response"], implied(code, example, verdicts) | _stated(example))
        for code, example in defaults.examples(document)
    )


def _stated(example: Data) -> dict[str, Any]:
    expected = dict(example.get("expect", {}))
    if "field_errors" in expected:
        expected["field_errors"] = [{"code": None, **complaint} for complaint in expected["field_errors"]]
    return expected


def implied(code: str, example: Data, verdicts: Verdicts) -> dict[str, Any]:
    """
    Return what an *example* of the entry with this *code* expects wherever its ``expect`` does not say otherwise.
    """
    verdict, response = verdicts.of_code(code) or verdicts.unknown(), example["response"]
    variant = example.get("expect", {}).get("variant")
    level = verdicts.level_of(code) if variant is None else Level.VARIANT
    expected: dict[str, Any] = {"level": level.value, "status_conflict": False, "intermediary": False}
    if "json" in response:
        expected["body"] = BodyKind.JSON.value
    elif not response.get("text"):
        expected["body"] = BodyKind.EMPTY.value
    refined = next((one for one in verdict.variants if one.variant == variant), verdict)
    return expected | {"code": code} | _of_verdict(refined, response.get("status"))


def _of_verdict(verdict: Verdict, status: int | None) -> dict[str, Any]:
    expected: dict[str, Any] = {
        "outcome": verdict.kind.value,
        "retryability": verdict.retryability.value,
        "action": verdict.hints[0].action.value,
        "actor": verdict.hints[0].actor.value,
        "alternatives": [alternative.category.value for alternative in verdict.alternatives],
    }
    if verdict.category is not None:
        expected |= {
            "category": verdict.category.value,
            "status": status,
            "min_delay": verdict.min_delay,
            "emitted_status": verdict.emitted_status,
        }
    return expected
