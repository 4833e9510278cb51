"""
Findings on vendor files.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errortax import Category, default_registry
from errortax.checking import ADVICE, check, fix
from errortax.exceptions import DataFormatWarning, UnreadableFileError
from errortax.model import parse_pointer
from errortax.parsing import resolve
from errortax.registry import loading

ROOT = Path(__file__).parents[1]
REMEDY = "correct the shape or the envelope"
ADDITION = "add what is missing to the 'members' of the answers, or correct the envelope"
NEEDS = """, since envelope 'plain' needs "/type" and {"at": "/v", "is": 2}"""


@pytest.fixture
def acme():
    """Return a vendor file with an envelope and an example, in order."""
    recognise = "/code"
    schema = {"type": "object", "properties": {"code": {"type": "string"}, "text": {"type": "string"}}}
    example = {"response": {"status": 400, "json": {"code": "tea"}}, "expect": {"outcome": "error", "category": "declined"}}
    return {
        "format": "1.0",
        "vendor": "acme",
        "title": "Acme",
        "scheme": "slug",
        "envelopes": [{"name": "plain", "description": "Always.", "recognise": recognise, "code": ["/code"], "schema": schema}],
        "entries": [{"code": "tea", "statuses": [400], "category": "declined", "examples": [example]}],
    }


@pytest.fixture
def findings(tmp_path):
    """Return a function that saves a document and returns the findings on it, without the path."""
    path = tmp_path / "acme.json"

    def findings(document):
        path.write_text(json.dumps(document), encoding="utf-8")
        return [finding.replace(f"{path}#", "") for finding in check(path)]

    return findings


@pytest.mark.parametrize("name", tuple(default_registry()))
def test_bundled_files(name):
    """
    The bundled files have no findings, and are in the canonical layout.
    """
    assert () == check(ROOT / "schemas" / "vendors" / f"{name}.json", layout=True)


def test_good_file(acme, findings):
    """
    A file that holds together has no findings.
    """
    assert [] == findings(acme)


def test_wrong_verdict(acme, findings):
    """
    An example that leads to another verdict is a finding that says both.
    """
    acme["entries"][0]["examples"][0]["expect"] |= {"category": "conflict", "code": "coffee", "emitted_status": 422}
    place = "/entries/0/examples/0/expect"
    assert [
        f"{place}/code: the verdict is 'tea', not 'coffee'; correct the example or the entry",
        f"{place}/category: the verdict is 'declined', not 'conflict'; correct the example or the entry",
    ] == findings(acme)


def test_verdict_of_another_entry(acme, findings):
    """
    An example that leads to another entry is a finding wherever the verdict differs, whether it says what it expects or not.
    """
    acme["entries"].append({"code": "milk", "category": "conflict", "statuses": [409]})
    acme["entries"][0]["examples"] = [{"response": {"status": 400, "json": {"code": "milk"}}}]
    start, remedy = "/entries/0/examples/0: the verdict has the", "correct the example or the entry"
    assert [
        f"{start} {member} {found!r}, not {expected!r} as implied; {remedy}, or add {member!r} to 'expect'"
        for member, found, expected in (
            ("status_conflict", True, False),
            ("code", "milk", "tea"),
            ("retryability", "reconcile", "after_action"),
            ("action", "refetch_and_retry", "use_alternative"),
            ("actor", "client", "end_user"),
            ("category", "conflict", "declined"),
            ("emitted_status", 409, 422),
        )
    ] == findings(acme)


def test_places_of_findings(acme, findings):
    """
    A finding about an example points to a member that is in the file.
    """
    acme["entries"].append({"code": "milk", "category": "conflict"})
    stated = {"outcome": "pending", "category": "declined", "level": "status", "actor": "client"}
    acme["entries"][0]["examples"] = [
        {"response": {"status": 400, "json": {"code": "milk"}}, "expect": expect} for expect in ({}, stated)
    ]
    found = [finding.partition(": ")[0] for finding in findings(acme)]
    assert {"/entries/0/examples/0", "/entries/0/examples/1", "/entries/0/examples/1/expect/level"} < {*found}
    assert all(resolve(acme, parse_pointer(place)) is not None for place in found)


def test_variant_of_an_example(acme, findings):
    """
    An example that names a variant is a finding where its body leads to another one, or to none.
    """
    variants = [{"name": name, "when": f"/{name}"} for name in ("hot", "cold")]
    bodies = ({"code": "tea", "hot": 1}, {"code": "tea", "cold": 1}, {"code": "tea"})
    examples = [{"response": {"status": 400, "json": body}, "expect": {"variant": "hot"}} for body in bodies]
    acme["entries"][0] |= {"variants": variants, "examples": examples}
    assert [
        "/entries/0/examples/1/expect/variant: the verdict is 'cold', not 'hot'; correct the example or the entry",
        (
            "/entries/0/examples/2: the verdict has the level 'code', not 'variant' as implied; "
            "correct the example or the entry, or add 'level' to 'expect'"
        ),
        "/entries/0/examples/2/expect/variant: the verdict is None, not 'hot'; correct the example or the entry",
    ] == findings(acme)


def test_layout(acme, tmp_path):
    """
    Another layout is a finding for those who ask for it, and none after the formatter has been there.
    """
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(acme), encoding="utf-8")
    assert () == check(path)
    assert (f"{path}#: not in the canonical layout; run errortax check --fix",) == check(path, layout=True)
    fix(path)
    assert () == check(path, layout=True)


def test_body_that_does_not_fit(acme, findings):
    """
    An example whose body breaks its envelope's schema is a finding that says where.
    """
    acme["entries"][0]["examples"][0]["response"]["json"]["text"] = 7
    assert [
        (
            "/entries/0/examples/0/response/json/text: expected a string, got 7;"
            " correct the example or the schema of envelope 'plain'"
        )
    ] == findings(acme)


def test_schema_that_refers_elsewhere(acme, findings):
    """
    A schema that refers to another address is a finding; nothing is fetched.
    """
    acme["envelopes"][0]["schema"] = {"$ref": "http://127.0.0.1:9/schema"}
    [finding] = findings(acme)
    assert "the schema refers to 'http://127.0.0.1:9/schema', which is not in it; correct" in finding


def test_outcome_that_is_no_error(acme, findings):
    """
    An error that is expected where there is none is a finding.
    """
    acme["entries"][0]["examples"][0] = {"response": {"status": 200, "text": ""}, "expect": {"outcome": "error"}}
    assert "/entries/0/examples/0/expect/outcome: the verdict is 'success', not 'error'; correct the example or the entry" in (
        findings(acme)
    )


def test_invalid_file(acme, findings):
    """
    The violations of a file that cannot be loaded are its findings.
    """
    acme["titel"] = acme.pop("title")
    assert [
        ": member 'title' is missing; add it: the vendor's name as people write it",
        ": unknown member 'titel'; did you mean 'title'?",
    ] == findings(acme)


def test_host_of_another_vendor(acme, findings):
    """
    A host that a bundled vendor has already is a finding as well.
    """
    acme["hosts"] = ["*.gopoints.net"]
    [finding] = findings(acme)
    assert "host '*.gopoints.net' is claimed by the vendors 'acme' and 'gopoints'" in finding


@pytest.fixture
def answering(acme):
    """Return the vendor file with a say on answers, in order."""
    acme["entries"] += [{"code": "busy", "statuses": [503], "category": "unavailable"}, {"code": "fine", "outcome": "success"}]
    acme["envelopes"][0]["message"] = ["/text"]
    taxonomy = loading.bundled("taxonomy.json")["categories"]
    repeated = {name for name, category in taxonomy.items() if category["retryability"] in ("backoff", "after_delay")}
    codes = {category.value: "busy" if category in repeated else "tea" for category in Category}
    acme["answers"] = {"codes": codes, "plain": {"envelope": "plain", "message": "text"}}
    return acme


def test_good_answers(answering, findings):
    """
    Answers that clients understand have no findings; a status may stand in for a code where there is a shape for it.
    """
    assert [] == findings(answering)
    answering["envelopes"].append(
        {"name": "text", "description": "At times.", "recognise": {"type": "object"}, "rank": 1, "schema": {}}
    )
    answering["answers"]["without_code"] = {"envelope": "text"}
    answering["answers"]["codes"]["conflict"] = "409"
    assert [] == findings(answering)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"timeout": "buzy"}, "codes/timeout: no error has the code 'buzy'; did you mean 'busy'?"),
        ({"timeout": "fine"}, "codes/timeout: no error has the code 'fine'; known: tea, busy"),
        (
            {"timeout": "504"},
            (
                "codes/timeout: '504' is a status, and there is no shape without a code; "
                "name a code, or add 'without_code' to the answers"
            ),
        ),
        (
            {"declined": "busy"},
            "codes/declined: clients would repeat after 'busy' what is after_action; name a code after which they do not",
        ),
        (
            {"timeout": "tea"},
            "codes/timeout: what is backoff is not repeated after 'tea'; name one after which it is, such as 'busy'",
        ),
    ],
)
def test_unfit_code(answering, findings, change, finding):
    """
    A preferred code is a finding where it does not exist, is no error, or makes clients repeat what they must not, or not repeat.
    """
    answering["answers"]["codes"] |= change
    assert [f"/answers/{finding}"] == findings(answering)


def test_no_better_code(answering, findings):
    """
    That nothing is repeated is no finding where the vendor has no error that is.
    """
    del answering["entries"][1]
    answering["answers"]["codes"] = {category.value: "tea" for category in Category}
    assert [] == findings(answering)


def test_codes_for_groups(answering, findings):
    """
    A group's code is checked for each category of the group that has no code of its own.
    """
    codes = answering["answers"]["codes"]
    for category in (Category.UNAVAILABLE, Category.INTERNAL):
        del codes[category]
    gap = "no code for unavailable, internal, so that the one for 'unknown' answers; name one for each, or for their groups"
    assert [f"{ADVICE}/answers/codes: {gap}"] == findings(answering)
    codes["server"] = "busy"
    assert [] == findings(answering)
    codes["server"] = "tea"
    assert [
        "/answers/codes/server: what is backoff is not repeated after 'tea'; name one after which it is, such as 'busy'"
    ] == findings(answering)


def test_code_for_nothing_but_the_unknown(answering, findings):
    """
    A file that names a code for unknown errors alone is good; that other categories have none is advice.
    """
    answering["answers"]["codes"] = {"unknown": "tea"}
    [advice] = findings(answering)
    assert advice.startswith(f"{ADVICE}/answers/codes: no code for credentials_missing, ")


def test_newer_category(answering, findings):
    """
    A category that only a newer release knows is left to that.
    """
    answering["format"] = "1.7"
    answering["answers"]["codes"]["overheated"] = "busy"
    with pytest.warns(DataFormatWarning, match="overheated"):
        assert [] == findings(answering)


def test_unknown_envelope(answering, findings):
    """
    A shape whose envelope does not exist is a finding with the names that do.
    """
    answering["answers"]["plain"]["envelope"] = "plane"
    answering["answers"]["with_fields"] = {"envelope": "x"}
    assert [
        "/answers/plain/envelope: no envelope has the name 'plane'; did you mean 'plain'?",
        "/answers/with_fields/envelope: no envelope has the name 'x'; known: plain",
    ] == findings(answering)
    answering["envelopes"] = []
    answering["entries"][0]["examples"][0]["expect"] = {"outcome": "error"}
    assert "/answers/plain/envelope: no envelope has the name 'plane'; define it first" in findings(answering)


def test_status_classes_are_no_codes(answering, findings):
    """
    The preferred code of a vendor whose codes are statuses is a single one.
    """
    answering |= {
        "scheme": "http_status",
        "entries": [{"code": "400", "category": "unknown"}, {"code": "4xx", "category": "unknown"}],
    }
    answering["answers"]["codes"] = {category.value: "400" for category in Category} | {"timeout": "4xx", "internal": "503"}
    assert [
        "/answers/codes/internal: no error has the code '503'; known: 400",
        "/answers/codes/timeout: no error has the code '4xx'; known: 400",
    ] == findings(answering)


def test_answer_that_does_not_fit(answering, findings):
    """
    A body that an answer would have is a finding where it breaks its envelope's schema, said once for all categories.
    """
    answering["answers"]["plain"]["message"] = "texts"
    [finding] = findings(answering)
    assert finding.startswith(
        "/answers/codes/credentials_missing: an answer does not fit envelope 'plain', /text: expected a string"
    )
    answering["answers"]["plain"]["message"] = "text"
    answering["envelopes"][0]["schema"]["required"] = ["id"]
    [_, finding] = findings(answering)
    assert "an answer does not fit envelope 'plain', the body: member 'id' is missing; correct the one or the other" in finding


def test_answer_that_is_not_understood(answering, findings):
    """
    An answer that reads otherwise than it was meant is a finding, and so is one in no shape of the vendor's.
    """
    answering["answers"]["members"] = {"error": "tea"}
    answering["envelopes"].append(
        {
            "name": "other",
            "description": "At times.",
            "recognise": ["/error", "/code"],
            "code": ["/error"],
            "schema": {},
        }
    )
    [finding] = findings(answering)
    body = '{"error": "tea", "code": "busy", "text": "Please wait a moment, then try again."}'
    assert f"/answers/codes/contention: the answer {body} reads as acme tea: Declined (declined); {REMEDY}" == finding
    answering["envelopes"].pop()
    answering["envelopes"][0]["recognise"] = "/nothing"
    answering |= {"scheme": "http_status", "entries": [{"code": "400", "category": "unknown"}]}
    answering["answers"]["codes"] = {category.value: "400" for category in Category}
    [finding] = findings(answering)
    assert finding.startswith('/answers/codes/credentials_missing: the answer {"error": "tea", "code": "400", "text": ')
    assert finding.endswith(f" has the shape of no envelope, since envelope 'plain' needs \"/nothing\"; {ADDITION}")


def test_answer_without_a_mark_of_its_envelope(answering, findings):
    """
    An answer that its envelope does not recognise is a finding that shows the body and what it lacks, once for all categories.
    """
    answering["envelopes"][0]["recognise"] = ["/code", "/type", {"at": "/v", "is": 2}]
    answering["answers"]["members"] = {"note": "x" * 300}
    answering["entries"][0]["examples"] = [{"response": {"status": 400, "json": {"code": "tea", "type": "error", "v": 2}}}]
    [finding] = findings(answering)
    assert finding.startswith('/answers/codes/credentials_missing: the answer {"note": "xxx')
    assert finding.endswith(f"xxx… reads as acme 400: Request not understood (malformed_request){NEEDS}; {ADDITION}")
    answering["answers"]["members"] = {"type": "error", "v": 2}
    assert [] == findings(answering)


@pytest.mark.parametrize(("name", "recognise"), [("error", "/code"), ("plain", {"type": "object"})])
def test_body_of_a_standard(acme, findings, name, recognise):
    """
    A body in the shape of a standard need not fit the envelopes of the vendor, even one of the same name, or one for any body.
    """
    expect = {"code": "invalid_token", "standard": "oauth", "level": "standard", "envelope": "error"}
    acme["standards"] = ["oauth"]
    acme["envelopes"][0] |= {"name": name, "recognise": recognise, "schema": {"required": ["code"]}}
    acme["entries"][0]["examples"] = [{"response": {"status": 401, "json": {"error": "invalid_token"}}, "expect": expect}]
    own = findings(acme)
    assert own
    assert [] == [finding for finding in own if not finding.startswith("/entries/0/examples/0: the verdict has the ")]


def test_nothing_to_read(tmp_path):
    """
    A file that is not there is an error, not a finding.
    """
    with pytest.raises(UnreadableFileError):
        check(tmp_path / "none.json")


def test_credential_that_does_not_have_its_shape(acme, findings):
    """
    A made-up credential has to have the shape that it is an example of.
    """
    acme["secrets"] = {"shapes": [{"prefixes": ["ac_"], "alphabet": "hex", "least": 8, "example": "ac_tea"}]}
    assert ["/secrets/shapes/0/example: 'ac_tea' does not have this shape; correct the one or the other"] == findings(acme)
