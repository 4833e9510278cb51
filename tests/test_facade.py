"""
What `import errortax` gives and costs, and that the enumerations and the taxonomy's data are one vocabulary.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import errortax
from errortax import (
    Action,
    Actor,
    Basis,
    BodyKind,
    Category,
    Group,
    Level,
    OutcomeKind,
    Retryability,
    Scheme,
    default_registry,
    exceptions,
)
from errortax.registry import loading

FUNCTIONS = (
    "parse", "classify", "raise_for_error", "decide_retry", "transport_error", "hint_text", "detect_vendor", "default_registry",
    "load_registry", "explain", "render", "read",
)  # fmt: skip
VALUES = (
    "RawResponse", "Headers", "CanonicalError", "Outcome", "Match", "Alternative", "Hint", "FieldError", "RateLimit", "Source",
    "RetryDecision", "Registry", "Exposure", "Translator",
)  # fmt: skip
VOCABULARY = ("Action", "Actor", "Basis", "BodyKind", "Category", "Group", "OutcomeKind", "Level", "Retryability", "Scheme")


@pytest.mark.parametrize("name", [*FUNCTIONS, *VALUES, *VOCABULARY, "exceptions"])
def test_what_is_promised_is_exported(name):
    """
    Functions, values, the vocabulary and the exceptions are at hand under `errortax`.
    """
    assert hasattr(errortax, name)


def test_the_facade_only_re_exports():
    """
    `errortax/__init__.py` holds imports, a list of names at most, and a `__getattr__` for what is imported on demand.
    """
    tree = ast.parse(Path(errortax.__file__).read_text(encoding="utf-8"))
    docstring, *statements = tree.body
    assert isinstance(docstring, ast.Expr)
    for statement in statements:
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        assert (
            isinstance(statement, (ast.Import, ast.ImportFrom))
            or names & {"__all__", "TYPE_CHECKING"}
            or (isinstance(statement, ast.FunctionDef) and statement.name in {"__getattr__", "__dir__"})
        )


def modules_after(code):
    """Return the top-level names of the modules that a fresh interpreter holds after running *code*."""
    show = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


FIRST_USE = """
import errortax
for vendor in errortax.default_registry():
    for body in (b'', b'<html>', b'{"status": "session-expired"}', b'{"status": "error", "messages": {"a": ["b"]}}'):
        error = errortax.parse(errortax.RawResponse(401, {}, body), vendor)
        error.to_dict(), str(error), repr(error)
        errortax.classify(errortax.RawResponse(202, {}, body), vendor)
        errortax.decide_retry(error, method='GET')
"""


@pytest.mark.parametrize("code", ["import errortax", FIRST_USE], ids=["import", "use"])
def test_importing_and_parsing_is_cheap(code):
    """
    Neither importing nor parsing loads jsonschema, cattrs, a command-line library or an HTTP client.
    """
    dear = {
        "jsonschema", "jsonschema_rs", "referencing", "cattrs", "click", "httpx", "requests", "urllib3", "aiohttp",
        "http", "socket", "ssl", "asyncio", "logging", "email", "difflib",
    }  # fmt: skip
    before = modules_after("")
    assert set() == (modules_after(code) - before) & dear


NAMES = {
    "groups": Group,
    "categories": Category,
    "retryabilities": Retryability,
    "actions": Action,
    "actors": Actor,
    "levels": Level,
    "bodies": BodyKind,
    "bases": Basis,
    "schemes": Scheme,
}


@pytest.mark.parametrize("member", NAMES)
def test_the_enumerations_are_the_data(member):
    """
    The enumerations and ``taxonomy.json`` hold the same names in the same order.
    """
    assert list(loading.bundled("taxonomy.json")[member]) == [name.value for name in NAMES[member]]


def test_the_outcomes_are_the_data():
    """
    The kinds are the outcomes of ``taxonomy.json``, and error.
    """
    assert {*loading.bundled("taxonomy.json")["outcomes"], "error"} == set(OutcomeKind)


SCHEMA_NAMES = {
    "group": Group,
    "category": Category,
    "retryability": Retryability,
    "action": Action,
    "actor": Actor,
    "outcome": OutcomeKind,
    "level": Level,
    "body_kind": BodyKind,
    "basis": Basis,
    "scheme": Scheme,
}


@pytest.mark.parametrize("definition", SCHEMA_NAMES)
def test_the_enumerations_are_the_schema(definition):
    """
    The enumerations and ``taxonomy.schema.json`` hold the same names.
    """
    names = loading.schema("taxonomy")["$defs"][definition]["enum"]
    assert sorted(names) == sorted(SCHEMA_NAMES[definition])
    assert len(names) == len(set(names))


def test_no_group_is_empty():
    """
    Each category is of one of the groups, and each group has a category.
    """
    assert set(Group) == {category.group for category in Category}


@pytest.mark.parametrize("category", Category)
def test_a_categorys_data_agrees_with_its_enumeration(category):
    """
    The data puts each category into the group that the enumeration says, and describes it.
    """
    data = loading.bundled("taxonomy.json")["categories"][category.value]
    assert category.group == data["group"]
    assert data["title"]
    assert data["description"]
    assert {*re.findall(r"\b([a-z_]+):", data["distinguish"])} <= {*Category} - {category}
    assert data["distinguish"].endswith(".")
    assert data["http_status"] in range(400, 600)
    assert category.group == default_registry().taxonomy.categories[category].group
    assert (data["retryability"], data["action"], data["actor"]) == (
        Retryability(data["retryability"]), Action(data["action"]), Actor(data["actor"]),
    )  # fmt: skip


TABLE = """
credentials_missing UNAUTHENTICATED 401 never supply_credentials developer
credentials_invalid UNAUTHENTICATED 401 never check_credentials developer
credentials_expired UNAUTHENTICATED 401 after_action refresh_credentials client
challenge_required UNAUTHENTICATED 401 after_action complete_challenge end_user
challenge_failed UNAUTHENTICATED 401 after_action reenter_challenge end_user
permission_denied PERMISSION_DENIED 403 never request_access account_owner
account_unavailable PERMISSION_DENIED 403 never contact_support end_user
payment_required FAILED_PRECONDITION 402 after_action fix_billing account_owner
policy_blocked PERMISSION_DENIED 403 never use_alternative end_user
malformed_request INVALID_ARGUMENT 400 never fix_program developer
invalid_argument INVALID_ARGUMENT 422 after_action correct_input end_user
unsupported_media INVALID_ARGUMENT 415 never fix_program developer
request_too_large INVALID_ARGUMENT 413 after_action reduce_size developer
unsupported_operation UNIMPLEMENTED 501 never fix_program developer
endpoint_not_found UNIMPLEMENTED 404 never fix_program developer
not_found NOT_FOUND 404 after_action correct_input end_user
already_exists ALREADY_EXISTS 409 after_action choose_other_value end_user
conflict ABORTED 409 reconcile refetch_and_retry client
contention ABORTED 409 after_delay wait_and_retry client
failed_precondition FAILED_PRECONDITION 400 after_action satisfy_precondition end_user
declined FAILED_PRECONDITION 422 after_action use_alternative end_user
rate_limited RESOURCE_EXHAUSTED 429 after_delay wait_and_retry client
quota_exceeded RESOURCE_EXHAUSTED 403 after_action free_or_raise_quota account_owner
unavailable UNAVAILABLE 503 backoff wait_and_retry client
timeout DEADLINE_EXCEEDED 504 backoff wait_and_retry client
internal INTERNAL 500 backoff wait_and_retry client
dependency_failed UNAVAILABLE 502 backoff wait_and_retry client
invalid_response UNKNOWN 502 backoff contact_support developer
connection_failed UNAVAILABLE 502 backoff check_network client
connection_impossible INTERNAL 502 never fix_connection developer
no_response DEADLINE_EXCEEDED 504 backoff wait_and_retry client
cancelled CANCELLED 499 never none client
unknown UNKNOWN 500 never contact_support developer
"""


@pytest.mark.parametrize("row", TABLE.split("\n")[1:-1], ids=lambda row: row.partition(" ")[0])
def test_the_defaults_do_not_change(row):
    """
    A category's defaults are a promise to those who rely on them.
    """
    category, *expected = row.split()
    data = loading.bundled("taxonomy.json")["categories"][category]
    members = ("grpc_code", "http_status", "retryability", "action", "actor")
    assert expected == [str(data[member]) for member in members]


def test_an_exhaustive_match_needs_no_other_branch():
    """
    Every name of the vocabulary is a plain text, equal to the name in the data, and can be looked up by it.
    """
    for names in (Group, Category, Retryability, Action, Actor, OutcomeKind, Level, BodyKind, Basis, Scheme):
        for name in names:
            assert name is names(str(name.value))
            assert f"{name}" == name.value == name
            assert name.name == name.value.upper()


def test_exceptions_are_of_one_family():
    """
    Everything that errortax raises on purpose shares a root; below it what is wrong with data shares another one, and so
    does what vendors answer.
    """
    assert issubclass(exceptions.RegistryError, exceptions.ErrortaxError)
    assert issubclass(exceptions.VendorError, exceptions.ErrortaxError)
    assert not issubclass(exceptions.VendorError, exceptions.RegistryError)
    for name in ("InvalidFileError", "UnreadableFileError", "UnknownVendorError", "UnknownCodeError", "DuplicateVendorError"):
        assert issubclass(getattr(exceptions, name), exceptions.RegistryError)


@pytest.mark.parametrize("call", [
    lambda registry: errortax.parse(errortax.RawResponse(500), registry=registry),
    lambda registry: errortax.classify(errortax.RawResponse(500), registry=registry),
    lambda registry: errortax.raise_for_error(errortax.RawResponse(500), registry=registry),
    lambda registry: errortax.transport_error("no_response", registry=registry),
    lambda registry: errortax.detect_vendor(errortax.RawResponse(500), registry=registry),
    lambda registry: errortax.explain(None, "409", registry=registry),
])  # fmt: skip
def test_what_is_no_registry_is_refused(call):
    """
    The name of a file in place of the registry that `load_registry` makes of it is refused, with what to do.
    """
    with pytest.raises(
        TypeError, match=r"registry must be an errortax\.Registry or None, not 'own\.json'; errortax\.load_registry"
    ):
        call("own.json")
