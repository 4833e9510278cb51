"""
The registry as components of OpenAPI 3.1, for ``$ref``: what each vendor answers, and what a gateway answers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

from errortax.docgen.catalogue import Catalogue
from errortax.docgen.markdown import escaped
from errortax.docgen.samples import sample_of
from errortax.docgen.vocabulary import names_in
from errortax.model import Category, Level, documented_error, named
from errortax.registry import GENERIC, loading
from errortax.registry.addresses import path_of
from errortax.registry.registry import verdicts_of
from errortax.rendering import render

FILE: Final = "openapi.json"

_PROBLEM: Final = "problem"
_JSON: Final = "application/json"
_PROBLEM_JSON: Final = "application/problem+json"
_OWN_ADDRESS: Final = frozenset({"$id", "$schema"})
_DATA: Final = frozenset({"const", "default", "enum", "examples"})
"""Keywords of JSON Schema whose values are no schemas."""

_RETRY_AFTER: Final = {"description": "The wait in whole seconds.", "schema": {"type": "integer", "minimum": 0}}


def text(catalogue: Catalogue) -> str:
    """
    Return the components of a *catalogue* as one OpenAPI file.
    """
    return json.dumps(document(catalogue), indent=1) + "\n"


def document(catalogue: Catalogue) -> dict[str, Any]:
    """
    Return the components of a *catalogue* as plain JSON.

    ``responses`` has ``category.<name>`` for each answer of a gateway, ``<vendor>`` for each failure of a vendor, and
    ``<vendor>.<status>`` for those with one status. ``examples`` has a raw body for each code, under ``<vendor>.<code>``.
    """
    schemas: dict[str, Any] = {_PROBLEM: _moved(loading.schema("problem"), _PROBLEM)}
    responses: dict[str, Any] = dict(_answers(catalogue))
    examples: dict[str, Any] = {}
    for vendor in catalogue.vendors:
        schemas |= dict(_schemas(catalogue, vendor))
        found = dict(_examples(catalogue, vendor))
        examples |= {key: {"summary": each["summary"], "value": each["value"]} for key, each in found.items()}
        responses |= dict(_responses(catalogue, vendor, found))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Error responses", "version": version("errortax")},
        "components": {"schemas": schemas, "responses": responses, "examples": examples},
    }


def _answers(catalogue: Catalogue) -> Iterator[tuple[str, Any]]:
    """Yield the answer of a gateway for each category."""
    registry = catalogue.registry
    verdicts = verdicts_of(registry, GENERIC if GENERIC in registry else catalogue.vendors[0])
    for name in names_in(registry, "categories"):
        verdict = verdicts.of_category(named(Category, name))
        answer = render(documented_error(verdict, level=Level.UNKNOWN), registry=registry, expose="public")
        schema = {"allOf": [_reference("schemas", _PROBLEM), {"properties": {"category": {"const": name}}}]}
        response: dict[str, Any] = {
            "description": f"{verdict.title}. {verdict.description}",
            "content": {_PROBLEM_JSON: {"schema": schema, "example": json.loads(answer.body or "")}},
        }
        if verdict.retryability.is_automatic:
            response["headers"] = {"Retry-After": _RETRY_AFTER}
        yield f"category.{name}", response


def _schemas(catalogue: Catalogue, vendor: str) -> Iterator[tuple[str, Any]]:
    """Yield the schema of each envelope; one without a schema has any form."""
    for envelope in catalogue.registry[vendor].envelopes:
        key = component(vendor, envelope.name)
        yield key, _moved(envelope.schema or {}, key)


def _moved(schema: Any, key: str) -> Any:
    """Return a *schema* as the component *key*: references within it still lead to its parts, and texts are Markdown."""
    if isinstance(schema, list):
        return [_moved(each, key) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    moved: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "$ref" and isinstance(value, str) and value.startswith("#"):
            moved[name] = f"#/components/schemas/{key}{value[1:]}"
        elif name == "description" and isinstance(value, str):
            moved[name] = escaped(value)
        elif name not in _OWN_ADDRESS:
            moved[name] = value if name in _DATA else _moved(value, key)
    return moved


def _examples(catalogue: Catalogue, vendor: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the first raw body of each code, with its code and the status that it came with."""
    known: set[str] = set()
    for example in catalogue.registry.examples(vendor):
        if example.code in known or "json" not in example.response:
            continue
        known.add(example.code)
        title = catalogue.registry.verdict(vendor, example.code).title
        is_error = sample_of(example, vendor, catalogue.registry).error is not None
        found = {"summary": f"{example.code}: {title}", "value": example.response["json"]}
        yield component(vendor, example.code), {**found, "status": example.response.get("status"), "is_error": is_error}


def _responses(catalogue: Catalogue, vendor: str, examples: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    title = escaped(catalogue.registry[vendor].title)
    by_status: defaultdict[int | None, list[str]] = defaultdict(list)
    for key, example in examples.items():
        if example["is_error"]:
            by_status[example["status"]].append(key)
    schemas = [_reference("schemas", component(vendor, envelope.name)) for envelope in catalogue.registry[vendor].envelopes]
    schema: dict[str, Any] = {"anyOf": schemas} if schemas else {}
    every = [key for keys in by_status.values() for key in keys]
    yield component(vendor), _response(f"An error of {title}.", schema, every)
    for status, keys in sorted(by_status.items(), key=lambda item: item[0] or 0):
        if status is not None:
            yield component(vendor, str(status)), _response(f"An error of {title} with HTTP {status}.", schema, keys)


def _response(description: str, schema: Mapping[str, Any], examples: list[str]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if examples:
        content["examples"] = {key: _reference("examples", key) for key in examples}
    return {"description": description, "content": {_JSON: content}}


def _reference(kind: str, key: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{key}"}


def component(*names: str) -> str:
    """
    Return the key of a component: only letters, digits, dots, hyphens and underscores; different names have different keys.

    The escape of paths is not allowed here, so that two dots take the place of its tilde.
    """
    return ".".join(path_of(name).replace("..", "...2E").replace("~", "..") for name in names)
