from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from errortax.export import Row, lookups, rows
from errortax.export.answers import answers

TABLE = answers(rows(), lookups())


def answer_to(vendor: str, name: str, kind: str = "codes") -> dict[str, Any]:
    """Return the answer under a code, or with another *kind* under a status."""
    found: dict[str, Any] = TABLE["answers"][TABLE["vendors"][vendor][kind][name]]
    return found


def row_of(vendor: str, to: str = "problem+json") -> Row:
    """Return the first row of *vendor*."""
    return rows(vendors=[vendor], to=to)[0]


def body_at(status: int, row: Row) -> str:
    """Return the body of the answer with which a gateway sends *status*."""
    [answer] = answers([row], [])["answers"]
    return str(status).join(answer["body"])


def test_every_row_has_its_answer() -> None:
    """
    Each row is one answer with the status, the type and the body of that row.
    """
    for row, answer in zip(rows(), TABLE["answers"], strict=True):
        assert (row.emitted_status, row.content_type) == (answer["status"], answer["headers"]["content-type"])
        assert json.loads(row.body) == json.loads(str(row.emitted_status).join(answer["body"]))


def test_shadow() -> None:
    """
    A table for shadow mode has what a log needs besides; any other has not.
    """
    table = answers(rows(), lookups(), shadow=True)
    assert [(row.vendor, row.category) for row in rows()] == [
        (answer["vendor"], answer["category"]) for answer in table["answers"]
    ]
    assert (True, False) == (table["shadow"], TABLE["shadow"])
    assert not [answer for answer in TABLE["answers"] if "vendor" in answer]


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("problem+json", ["status"]),
        ("google.rpc", ["error", "code"]),
        ("json:api", ["errors", 0, "status"]),
        ("graphql", ["errors", 0, "extensions", "status"]),
    ],
)
def test_body_tells_the_status_that_is_sent(to: str, place: list[str | int]) -> None:
    """
    If a format repeats the HTTP status, the status that the gateway sends is in its place, and nothing else changes.
    """
    row = next(row for row in rows(vendors=["planoauth"], to=to) if row.code == "record_not_found")
    found, whole = json.loads(body_at(400, row)), json.loads(row.body)
    for step in place[:-1]:
        found, whole = found[step], whole[step]
    assert ("400", "404") == (str(found.pop(place[-1])), str(whole.pop(place[-1])))
    assert whole == found


def test_xml_tells_the_status_that_is_sent() -> None:
    """
    The element called status is filled in, too.
    """
    row = row_of("authrocket", "problem+xml")
    assert row.body.decode().replace(f"<status>{row.emitted_status}<", "<status>418<") == body_at(418, row)


def test_body_without_a_status_is_one_text() -> None:
    """
    A format that does not repeat the HTTP status is sent unchanged.
    """
    row = row_of("gopoints", "oauth")
    assert row.body.decode() == body_at(418, row)


def test_codes_that_look_like_a_status_stay() -> None:
    """
    A vendor's code that is a status is not taken for the status that is sent.
    """
    row = next(row for row in rows(vendors=["authrocket"]) if row.code == "409")
    assert {"status": 418, "code": "409"}.items() <= json.loads(body_at(418, row)).items()


def test_binary_answers_are_refused() -> None:
    """
    A body that is not a text is refused with the name of the row.
    """
    row = evolve(row_of("gopoints"), body=b"\xff\xfe", content_type="application/grpc")
    with pytest.raises(
        ValueError, match=r"application/grpc: the answer for 'gopoints/.+' is not a text, .*choose another format"
    ):
        answers([row], [])


def test_hyphens_and_underscores_are_alike_where_the_vendor_says_so() -> None:
    """
    A code is found under its spelling with hyphens, too, if the vendor's file says that both are alike.
    """
    assert answer_to("planoauth", "record_not_found") is answer_to("planoauth", "record-not-found")
    assert [True, False] == [TABLE["vendors"][vendor]["hyphen_underscore_alike"] for vendor in ("planoauth", "gopoints")]


def test_status_is_the_code_or_the_body_has_it() -> None:
    """
    A vendor has places of the code and codes, or statuses that say all.
    """
    assert [["error_code"]] == TABLE["vendors"]["gopoints"]["places"]
    assert ([], {}) == (TABLE["vendors"]["authrocket"]["places"], TABLE["vendors"]["authrocket"]["codes"])
    assert 401 == answer_to("authrocket", "403", "statuses")["status"]


def test_classes_stand_for_what_nobody_documents() -> None:
    """
    Undocumented statuses lead to the answer of their class.
    """
    assert 400 == answer_to("authrocket", "4xx", "statuses")["status"]
    assert 500 == answer_to("authrocket", "5xx", "statuses")["status"]
    assert "418" not in TABLE["vendors"]["authrocket"]["statuses"]


def test_no_class_where_a_status_is_missing() -> None:
    """
    A class in which one status is not an error is written out.
    """
    short = [evolve(row, statuses=tuple(status for status in row.statuses if status != 418)) for row in rows(vendors=["http"])]
    statuses = answers(short, lookups(vendors=["http"]))["vendors"]["http"]["statuses"]
    assert ({"419", "5xx"}, set()) == ({"419", "5xx"} & statuses.keys(), {"418", "4xx"} & statuses.keys())


def test_wait_stands_where_the_request_may_be_repeated() -> None:
    """
    `wait` is in whole seconds: 0 if only the upstream knows the delay, absent without a retry; `limited` marks rate limits.
    """
    assert 180 == answer_to("authrocket", "500", "statuses")["wait"]
    assert (0, True) == (answer_to("http", "429", "statuses")["wait"], answer_to("http", "429", "statuses")["limited"])
    assert not {"wait", "limited"} & answer_to("gopoints", "auth.token.expired").keys()


def test_fields_have_lower_case_names_of_the_vendor_and_of_everybody() -> None:
    """
    The vendor's own request ids and rate limits may pass besides the common fields; cookies and other fields may not.
    """
    vendor = TABLE["vendors"]["authrocket"]
    assert {"x-request-id", "ratelimit-reset", "cache-control"} <= set(vendor["fields"])
    assert "ratelimit-reset" == vendor["resets"][0]
    assert not {"set-cookie", "server", "etag", "www-authenticate"} & set(vendor["fields"])
