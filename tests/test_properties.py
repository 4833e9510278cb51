"""
What holds for every response, every registry and every error.
"""

from __future__ import annotations

import copy
import json
import pickle
import random
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from anew import imported_anew
from errortax import (
    CanonicalError,
    Category,
    Group,
    RawResponse,
    Registry,
    Retryability,
    classify,
    decide_retry,
    parse,
    transport_error,
)
from errortax.parsing import deciding, decoding, details
from errortax.registry import loading
from fuzz.target import examine, one_input
from strategies import (
    EXAMPLES,
    MEMBERS,
    VENDORS,
    errors,
    full_vendor_documents,
    json_bodies,
    response,
    responses,
    statuses,
    vendors,
    wire_forms,
)
from timing import least_times

SEEDS = sorted((Path(__file__).parent / "fuzz" / "corpus").iterdir())
VALID = Draft202012Validator(loading.schema("canonical-error"))
DECODERS = [decoding.decode, imported_anew(decoding, {"msgspec": None, "msgspec.json": None}).decode]


@settings(max_examples=500)
@given(responses, vendors)
def test_every_response_gets_a_verdict(raw, vendor):
    """
    Whatever status, headers and body are, nothing raises, all results agree, and the wire form is valid.
    """
    error = examine(raw, vendor)
    if error is not None:
        VALID.validate(error.to_dict())


@given(responses)
def test_every_response_gets_a_verdict_without_a_vendor(raw):
    """
    A response without a vendor is judged as HTTP has it, and it can be decided whether to repeat the request.
    """
    error = parse(raw, now=0.0)
    assert error == classify(raw, "http", now=0.0).error
    if error is not None:
        assert "http" == error.vendor
        decision = decide_retry(error, method="GET")
        assert not decision.retry or error.retryable


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_the_seeds_of_the_fuzzer_are_sound(seed):
    """
    The fuzz target passes on every seed of its corpus.
    """
    one_input(seed.read_bytes())


@given(st.binary(max_size=200))
def test_the_fuzz_target_takes_anything(data):
    """
    The fuzz target itself fails on no input.
    """
    one_input(data)


HOSTILE = {
    "lists": b"[" * 1024,
    "brackets in texts": b'{"status": "' + b"[{" * 511,
    "escapes": b'{"status": "' + b"\\\\" * 500,
    "quotes": b'"' * 1024,
    "digits": b'{"code": ' + b"9" * 1000,
    "blanks": b" " * 1024,
    "members": b'{"errors": {' + b'"a": "b", ' * 100,
    "passwords": b'{"message": "' + b"password " * 110,
    "pairs": b'{"message": "' + b"a=b&token=" * 100,
    "markup": b"<" * 1024,
    "words": b"a-b_c/d" * 146,
    "equals": b"a=&" * 341,
    "quoted": b'{"message": "' + b"'" * 1000,
}


@pytest.mark.parametrize("vendor", ["planoauth", "gopoints", "authrocket", "http"])
@pytest.mark.parametrize("shape", HOSTILE)
def test_time_is_linear(shape, vendor):
    """
    Four times the body takes no more than about four times the time, however hostile it is.
    """

    def classify_bodies_of(kibibytes):
        body = HOSTILE[shape]
        body = body + body[-120:] * (kibibytes * 1024 // 120 - len(body) // 120)
        classify(response(400, body[: kibibytes * 1024 - 2]), vendor, now=0.0)
        closed = classify(response(400, body[: kibibytes * 1024 - 4] + b'"}'), vendor, now=0.0)
        assert closed.hints

    def is_linear(small, large):
        return large < 10 * small + 0.05

    small, large = least_times(partial(classify_bodies_of, 64), partial(classify_bodies_of, 256), until=is_linear)
    assert is_linear(small, large)


@pytest.fixture(scope="module")
def shuffled():
    """Return registries whose files, entries, envelopes and variants stand in other orders."""
    found = []
    for seed in range(4):
        rng, documents = random.Random(seed), full_vendor_documents()  # noqa: S311  # repeatable, not secret
        for document in documents:
            rng.shuffle(document["entries"])
            rng.shuffle(document.get("envelopes", []))
            document["statuses"] = dict(rng.sample([*document.get("statuses", {}).items()], len(document.get("statuses", {}))))
        found.append(Registry(rng.sample(documents, len(documents))))
    return found


@pytest.mark.parametrize(("vendor", "example"), EXAMPLES)
def test_the_order_of_the_data_does_not_matter_to_examples(vendor, example, shuffled):
    """
    Every example has the same verdict, to the last detail, however the data is ordered.
    """
    expected = classify(example.raw, vendor, now=0.0)
    assert [expected] * len(shuffled) == [classify(example.raw, vendor, now=0.0, registry=registry) for registry in shuffled]


@given(raw=responses, vendor=vendors)
def test_the_order_of_the_data_does_not_matter(raw, vendor, shuffled):
    """
    Any response has the same verdict, however the data is ordered.
    """
    expected = classify(raw, vendor, now=0.0)
    assert [expected] * len(shuffled) == [classify(raw, vendor, now=0.0, registry=registry) for registry in shuffled]


ECHOES = (
    "rate_limit", "429", "expired", "invalid token", "session-expired", "auth.token.expired", "unauthorized", "success",
    "action-successful", "permission denied", "not found", "quota exceeded", "Retry-After: 5",
)  # fmt: skip
JUDGED = {
    "planoauth": {"status", "code"},
    "gopoints": {"status", "error_code", "critical_auth_method", "critical_auth_methods"},
    "youforce": set(),
    "authrocket": set(),
    "http": set(),
}
echoing = st.sampled_from(ECHOES)
echoing_values = st.one_of(echoing, st.lists(echoing, max_size=3), st.dictionaries(st.sampled_from(MEMBERS), echoing, max_size=3))


def judgement(raw, vendor):
    """Return what a response was judged as."""
    outcome = classify(raw, vendor, now=0.0)
    error = outcome.error
    return outcome.kind, error and error.category, outcome.retryability, outcome.match.level, outcome.entry, error and error.code


@settings(max_examples=300)
@given(
    case=st.sampled_from([case for case in EXAMPLES if isinstance(case[1].response.get("json", {}), dict)]),
    members=st.dictionaries(st.sampled_from([*MEMBERS, "hint", "category", "kind"]), echoing_values, max_size=4),
    headers=st.dictionaries(st.sampled_from(["X-Error", "WWW-Authenticate", "Server", "X-Code", "Status", "Via"]), echoing),
)
def test_values_that_sound_like_errors_change_nothing(case, members, headers):
    """
    Words and codes that stand as values of members and headers other than the code's own never change the verdict.
    """
    vendor, example = case
    added = {name: value for name, value in members.items() if name not in JUDGED[vendor]}
    document = example.response.get("json", {})
    if "status" not in example.response or ("json" not in example.response and JUDGED[vendor]):
        added = {}  # without a status, the envelope's own counts; without a body, there was none to add to
    changed = RawResponse(
        example.response.get("status"),
        {**example.response.get("headers", {}), **headers},
        json.dumps(document | added) if added else example.raw.body,
    )
    assert judgement(example.raw, vendor) == judgement(changed, vendor)


@given(
    code=st.sampled_from(["brand-new", "auth.brand.new", ""]),
    texts=st.lists(echoing, min_size=1, max_size=3),
    status=st.sampled_from([400, 403, 422, 500]),
)
def test_message_texts_are_never_matched(code, texts, status):
    """
    Whatever the message of an undocumented error says, its status alone is judged.
    """
    for vendor, document in (
        ("planoauth", {"status": code, "message": texts, "errors": [{"attr": text, "message": text} for text in texts]}),
        ("gopoints", {"status": "error", "error_code": code, "messages": texts, "error_id": texts[0]}),
        ("gopoints", {"status": "error", "error_code": code, "messages": {text: text for text in texts}}),
    ):
        said = judgement(response(status, document), vendor)
        document.update(message="", messages=[], errors=[])
        assert said == judgement(response(status, document), vendor)


@settings(max_examples=300)
@given(responses, vendors)
def test_either_decoder_leads_to_the_same_error(raw, vendor):
    """
    The fast decoder and the standard library's lead to identical outcomes.
    """
    with pytest.MonkeyPatch.context() as patch:
        outcomes = []
        for decode in DECODERS:
            patch.setattr(deciding, "decode", decode)
            patch.setattr(details, "decode", decode)
            outcomes.append(classify(raw, vendor, now=0.0))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].error is None or outcomes[0].error.preserved == outcomes[1].error.preserved


@given(st.integers(1, 60))
def test_the_stack_depth_does_not_matter(frames):
    """
    A verdict is the same however deep in the program it is asked for.
    """
    raw = response(401, b'{"status": "session-expired", "errors": ' + b"[" * 90 + b"]" * 90 + b"}")

    def descend(levels):
        return classify(raw, "planoauth", now=0.0) if levels == 0 else descend(levels - 1)

    assert classify(raw, "planoauth", now=0.0) == descend(frames * 10)


@settings(max_examples=40)
@given(wire_forms)
def test_the_wire_form_survives(document):
    """
    What was read is written again unchanged, names that only a newer release knows included.
    """
    error = CanonicalError.from_dict(document)
    written = error.to_dict()
    assert document == {member: written[member] for member in document}
    assert written == CanonicalError.from_dict(json.loads(json.dumps(written))).to_dict()
    VALID.validate(written)


@settings(max_examples=40)
@given(errors)
def test_errors_are_portable(error):
    """
    Every error equals itself after a round trip by wire form, pickle, copy and deep copy, and hashes alike.
    """
    for other in (
        CanonicalError.from_dict(error.to_dict()),
        pickle.loads(pickle.dumps(error)),  # noqa: S301  # our own bytes
        copy.copy(error),
        copy.deepcopy(error),
    ):
        assert (error, hash(error), error.to_dict(), repr(error)) == (other, hash(other), other.to_dict(), repr(other))


@settings(max_examples=40)
@given(st.one_of(st.tuples(errors, errors), errors.map(lambda error: (error, CanonicalError.from_dict(error.to_dict())))))
def test_equal_errors_hash_alike(pair):
    """
    Equality is symmetric and goes with the hash and the wire form.
    """
    one, two = pair
    assert (one == two) == (two == one) == (one.to_dict() == two.to_dict())
    assert one != two or hash(one) == hash(two)


@given(
    st.sampled_from([category for category in Category if category.group is Group.TRANSPORT]),
    vendors,
    st.sampled_from([None, True, False]),
)
def test_transport_errors_are_errors_like_any_other(category, vendor, sent):
    """
    An error without a response has a valid wire form and is portable.
    """
    assume(not (category is Category.NO_RESPONSE and sent is False))
    error = transport_error(category, vendor=vendor, sent=sent)
    VALID.validate(error.to_dict())
    assert error == CanonicalError.from_dict(error.to_dict()) == pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes


@given(st.sampled_from(VENDORS), statuses, json_bodies)
def test_a_code_that_nobody_documented_is_never_retryable_by_its_code(vendor, status, body):
    """
    Only an entry, a status or its class can make an error retryable; a prefix and the unknown never do.
    """
    error = parse(RawResponse(status, {}, body), vendor)
    if error is not None and error.match.level in {"prefix", "unknown"}:
        assert Retryability.NEVER is error.retryability
