"""
The JSON Schemas: valid, explained, closed where they are meant to be, and kept to by all data.
"""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from errortax.registry import loading

CLOSED = ("docs", "locale", "problem", "secrets", "taxonomy", "vendor")
SHARED = ("/$defs/meaning", "/$defs/whole_meaning")  # parts of other schemas, each of which closes itself
DATA = {
    "secrets.json": "secrets",
    "taxonomy.json": "taxonomy",
    **{f"vendors/{name}": "vendor" for name in loading.names("vendors")},
    **{f"locales/{name}": "locale" for name in loading.names("locales")},
}

every_schema = pytest.mark.parametrize("name", loading.schemas())


def parts(schema, pointer=""):
    """Yield the schema and all schemas within it, with their places."""
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for keyword in ("properties", "$defs"):
        for name, part in schema.get(keyword, {}).items():
            yield from parts(part, f"{pointer}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        yield from parts(schema.get(keyword), f"{pointer}/{keyword}")
    for keyword in ("anyOf", "allOf", "oneOf"):
        for index, part in enumerate(schema.get(keyword, ())):
            yield from parts(part, f"{pointer}/{keyword}/{index}")


@every_schema
def test_identity(name):
    """
    Each schema is JSON Schema 2020-12, known under the address of its file, and has a title and a description.
    """
    schema = loading.schema(name)
    Draft202012Validator.check_schema(schema)
    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
    assert f"https://errortax.readthedocs.io/schemas/{name}.schema.json" == schema["$id"]
    assert schema["title"]
    assert schema["description"]


@every_schema
def test_every_property_is_explained(name):
    """
    Each property and each definition has a description that is a sentence.
    """
    for pointer, schema in parts(loading.schema(name)):
        for keyword in ("properties", "$defs"):
            for member, part in schema.get(keyword, {}).items():
                assert part.get("description", "").endswith("."), f"{pointer}/{keyword}/{member}"


@pytest.mark.parametrize("name", CLOSED)
def test_closed(name):
    """
    What people write admits no member that is not explained.
    """
    for pointer, schema in parts(loading.schema(name)):
        if "allOf" in schema:
            assert schema.get("unevaluatedProperties") is False, pointer
        elif "properties" in schema and pointer not in SHARED and "/allOf/" not in pointer:
            assert schema.get("additionalProperties") is False, pointer
        if schema.get("$ref", "").endswith(SHARED):
            assert "/allOf/" in pointer or pointer in SHARED


def test_open():
    """
    What errortax emits admits members that newer releases add.
    """
    schema = loading.schema("canonical-error")
    assert not [pointer for pointer, part in parts(schema) if part.get("additionalProperties") is False]


@every_schema
def test_required_members_exist(name):
    """
    What is required is explained, too.
    """
    for pointer, schema in parts(loading.schema(name)):
        if "properties" in schema:
            assert set(schema.get("required", ())) <= set(schema["properties"]), pointer


def test_answers_need_no_category():
    """
    A file that says how to write answers needs a code for an unknown error only, so that a new category breaks no file.
    """
    schema = loading.schema("vendor")["$defs"]["answers"]["properties"]["codes"]
    assert ["unknown"] == schema["required"]
    assert ["category", "group"] == [names["$ref"].rpartition("/")[2] for names in schema["propertyNames"]["anyOf"]]


@every_schema
def test_references(name):
    """
    Each reference leads somewhere.
    """
    schemas = loading.all_schemas()
    registry = [Resource.from_contents(schema) for schema in schemas.values()] @ Registry()
    resolver = registry.resolver(schemas[name]["$id"])
    for _, schema in parts(schemas[name]):
        if (reference := schema.get("$ref", "#")) != schemas[name]["$schema"]:
            assert resolver.lookup(reference).contents


@pytest.mark.parametrize("name", DATA)
def test_bundled_data(name):
    """
    All bundled data keeps to its schema and tells editors where that is.
    """
    registry = [Resource.from_contents(schema) for schema in loading.all_schemas().values()] @ Registry()
    document = loading.bundled(name)
    validator = Draft202012Validator(loading.schema(DATA[name]), registry=registry)
    assert [] == [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    assert "../" * name.count("/") + f"{DATA[name]}.schema.json" == document["$schema"]
    assert "1.0" == document["format"]


def test_all_data_is_tested():
    """
    Each bundled document is either a schema or tested against one.
    """
    assert {"secrets.json", "taxonomy.json"} == {name for name in loading.names() if not name.endswith(".schema.json")}
