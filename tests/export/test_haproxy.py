from __future__ import annotations

import re

import pytest
from attrs import evolve

from errortax import Headers
from errortax.export import MARK, haproxy, lookups, rows

ROWS, LOOKUPS = rows(), lookups()


def made(found=ROWS, known=LOOKUPS):
    """Return the files."""
    return haproxy.files(found, known, command="errortax export haproxy")


def pairs(text):
    """Return the keys and values of a map file."""
    return dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))


@pytest.fixture(scope="module")
def files():
    """Return the files about all vendors."""
    return made()


def test_heading(files):
    """
    Each file states the command that made it, and the configuration states its limits.
    """
    assert all(
        text.startswith(f"# {MARK} ") and "`errortax export haproxy`" in text.partition("\n")[0] for text in files.values()
    )
    assert all(f"# - {limit}\n" in files["errortax.cfg"] for limit in haproxy.LIMITS)


def test_maps_are_used(files):
    """
    Each map file is used by the configuration, and the configuration uses no other ones.
    """
    used = set(re.findall(r"\$\{ERRORTAX_DIR\}/([a-z-]+\.map)", files["errortax.cfg"]))
    assert used == files.keys() - {"errortax.cfg"}


def test_keys_lead_to_answers(files):
    """
    Every row that codes and statuses lead to has a status and an answer.
    """
    answers = pairs(files["bodies.map"])
    assert answers.keys() == pairs(files["emitted.map"]).keys()
    assert {*pairs(files["codes.map"]).values(), *pairs(files["statuses.map"]).values()} == answers.keys()


def test_maps(files):
    """
    Codes are looked up if they are in the body, with hyphens if the vendor accepts both spellings; else statuses.
    """
    codes, statuses = pairs(files["codes.map"]), pairs(files["statuses.map"])
    assert "planoauth/record_not_found" == codes["planoauth/record-not-found"]
    assert not [code for code in codes if code.startswith("youforce")]
    assert ("youforce/404", "gopoints:404") == (statuses["youforce/404"], statuses["gopoints/404"])
    assert {".gopoints.net", ".youforce.com"} < pairs(files["wildcards.map"]).keys()
    assert ("180", "0") == tuple(pairs(files["delays.map"])[key] for key in ("authrocket/500", "youforce/500"))
    assert "authrocket/429" in pairs(files["limits.map"])


def test_hosts():
    """
    Whole hosts are apart from wildcards, of which the longest is the first.
    """
    hosts = {"gopoints": ("*.acme.example", "acme.example"), "youforce": ("api.acme.example", "*.eu.acme.example")}
    files = made(known=[evolve(lookup, hosts=hosts.get(lookup.vendor, ())) for lookup in LOOKUPS])
    assert {"acme.example": "gopoints", "api.acme.example": "youforce"} == pairs(files["hosts.map"])
    assert [(".eu.acme.example", "youforce"), (".acme.example", "gopoints")] == [*pairs(files["wildcards.map"]).items()]


def test_lists_in_pieces(files):
    """
    If a restrictive list has more parts than are joined, the kept value is safe.
    """
    safe = re.findall(r"str\((\S+)\) if .* res\.fhdr_cnt\((\S+)\) gt 2 }", files["errortax.cfg"])
    assert [("no-store", "Cache-Control"), ("*", "Vary")] == safe


def test_one_rule_for_each_status(files):
    """
    There is a rule that answers for each status that an answer has.
    """
    statuses = re.findall(r"http-response return status (\d+)", files["errortax.cfg"])
    assert sorted({str(row.emitted_status) for row in ROWS}) == statuses


def test_without_the_generic_vendor():
    """
    If the tables have only one vendor, other hosts and HAProxy's own pages are left alone; a late body is still answered.
    """
    text = made(rows(vendors=["gopoints"]), lookups(vendors=["gopoints"]))["errortax.cfg"]
    assert 'wildcards.map)"' in text
    assert ["504"] == re.findall(r"http-error status (\d+)", text)
    assert "http-error" not in made([row for row in ROWS if row.vendor == "gopoints" and row.code])["errortax.cfg"]


def test_own_errors(files):
    """
    The pages of HAProxy itself and of its rules have the same format, quoted so that HAProxy interprets nothing in them.
    """
    statuses = set(re.findall(r"http-error status (\d+)", files["errortax.cfg"]))
    assert {"400", "403", "408", "429", "500", "502", "503", "504"} < statuses
    generic = next(row for row in ROWS if row.key == "http/503")
    odd = made([evolve(generic, body=b"it's $HOME")])["errortax.cfg"]
    assert "string 'it'\\''s $HOME'" in odd


def test_blanks_in_codes():
    """
    A code that cannot be a key in a map is left out; its status decides.
    """
    row = next(row for row in ROWS if row.key == "gopoints/auth.otp.invalid")
    files = made([row, evolve(row, code="two words"), evolve(row, code="tab\tbed")])
    assert {"gopoints/auth.otp.invalid"} == pairs(files["codes.map"]).keys() == pairs(files["bodies.map"]).keys()


@pytest.mark.parametrize("body", [b"", b"\xff", b"a\0b", b"x" * 12_001])
def test_answers_that_are_no_text(body):
    """
    An answer that a map cannot contain is refused with its format and the row.
    """
    with pytest.raises(ValueError, match=r"application/problem\+json: the answer for .* is not a short text; choose"):
        made([evolve(ROWS[0], body=body)])


def test_lines():
    """
    An answer of several lines becomes one line.
    """
    files = made([evolve(ROWS[0], body=b"<?xml?>\n<a/>\n")])
    assert "<?xml?> <a/>" == pairs(files["bodies.map"])["authrocket/400"]


def test_pointers():
    """
    A pointer becomes the path of json_query; one that would need quotes is left out.
    """
    lookup = evolve(LOOKUPS[1], pointers=("/error/code", "/errors/0/code", "/a.b"))
    text = made(known=[lookup])["errortax.cfg"]
    assert ["$.error.code", "$.errors[0].code"] == re.findall(r"json_query\('(.*?)'\)", text)


def test_fields_of_the_answer(files):
    """
    A field with the same value in all answers is in the rules; a field that all answers with a status have is looked up there.
    """
    rules = dict(re.findall(r"http-response return status (\d+) (.*)", files["errortax.cfg"]))
    assert all(" hdr content-language 'en' " in rule for rule in rules.values())
    assert ["401"] == [status for status, rule in rules.items() if "hdr www-authenticate" in rule]
    assert re.findall("set-header www-authenticate .*", files["errortax.cfg"]) == re.findall(
        "set-header www-authenticate .*errortax_late.*", files["errortax.cfg"]
    )


def test_wait_for_a_body(files):
    """
    HAProxy waits for the body of those vendors only whose code is in it, and not at all if there is none of them.
    """
    [wait] = re.findall("wait-for-body .*", files["errortax.cfg"])
    assert {"gopoints", "planoauth"} <= {lookup.vendor for lookup in LOOKUPS if lookup.pointers} <= set(wait.split())
    assert "youforce" not in wait
    assert "presetenv ERRORTAX_BODY_TIME 5s" in files["errortax.cfg"]
    by_status = [lookup for lookup in lookups() if not lookup.pointers]
    rows_of = [row for row in ROWS if row.vendor in {lookup.vendor for lookup in by_status}]
    assert "wait-for-body" not in haproxy.files(rows_of, by_status, command="c")["errortax.cfg"]


def test_fields_of_some_answers():
    """
    A field that some answers with a status have is set after the answer, if the answer has it.
    """
    odd = evolve(ROWS[0], headers=Headers({"x-odd": "100%"}))
    files = made([odd, evolve(ROWS[0], code="other", headers=Headers())])
    assert {"authrocket/400": "100%"} == pairs(files["x-odd.map"])
    assert "http-after-response set-header x-odd" in files["errortax.cfg"]
    assert "hdr x-odd" not in files["errortax.cfg"].replace("set-hdr", "")


def test_percent_signs():
    """
    A value that HAProxy would interpret is looked up, not written into a rule.
    """
    files = made([evolve(ROWS[0], headers=Headers({"x-odd": "100%[src]"}))])
    assert {"authrocket/400": "100%[src]"} == pairs(files["x-odd.map"])
    assert "[src]" not in files["errortax.cfg"]
