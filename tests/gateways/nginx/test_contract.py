"""
nginx and the contract: every case, on each way of translating.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from attrs import evolve

import errortax
from errortax import Level, RawResponse
from errortax.export import Row, lookups, rows
from gateways.cases import CASES, Case, answer_of, check, check_translated, check_untouched
from gateways.client import Answer
from gateways.hosts import DOWN, Fleet, Host, Settings
from gateways.nginx.servers import EXACT, IN_BODY, LUA, LUA_EXACT, NJS, NJS_EXACT

_LONGEST = 262_144
_STREAMS = ("/sse", "/silent", "/ticks")
_DELAY = re.compile(r"[0-9]{1,8}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")


def cases() -> Iterator[tuple[Host, Case]]:
    """Yield what each host is held to: what streams and what nobody answers is not for those that hold all back."""
    for case in CASES:
        for host in (NJS, LUA):
            yield host, case
        if not case.path.endswith(_STREAMS) and not case.path.startswith(DOWN):
            if case.vendor in IN_BODY:
                yield NJS_EXACT, case
            yield LUA_EXACT, case


@cache
def table() -> dict[str, Row]:
    """Return the rows by vendor and code, or vendor and status."""
    found: dict[str, Row] = {}
    for row in rows():
        if row.code is not None:
            found[f"{row.vendor} {row.code}"] = row
        if row.code is None or row.vendor not in IN_BODY:
            found.update(dict.fromkeys((f"{row.vendor} {status}" for status in row.statuses), row))
    return found


def row_for(case: Case, raw: RawResponse) -> Row | None:
    """Return the row that the core's own judgement leads to, as far as a table goes."""
    error = errortax.parse(raw, case.vendor)
    if error is not None and case.vendor in IN_BODY and error.match.level in {Level.CODE, Level.VARIANT}:
        return table()[f"{case.vendor} {error.match.entry}"]
    return table().get(f"{case.vendor} {raw.status}")


def answer_from(case: Case, host: Host) -> RawResponse | None:
    """
    Return what has to come out, by the table and by what the way of translating can do; None for the response as it came.
    """
    reply, exact = case.reply, host in EXACT
    unseen = case.method == "HEAD" or reply.header("Content-Encoding") is not None
    if case.vendor not in IN_BODY and not exact and host is NJS and reply.status == 499:
        return None
    if reply.status < 400 and not exact:
        return None
    by_status = table().get(f"{case.vendor} {reply.status}")
    body = None if unseen or len(reply.body) > _LONGEST else reply.body
    row = by_status if body is None else row_for(case, RawResponse(reply.status, reply.fields, body))
    if row is None:
        return None
    sent = row if exact else by_status
    assert sent is not None
    status = reply.status if host is NJS and case.vendor in IN_BODY else sent.emitted_status
    document = json.loads(row.body)
    document["status"] = status
    headers = {"content-type": row.content_type, **sent.headers}
    passed = next(lookup for lookup in lookups() if lookup.vendor == case.vendor)
    names = {"allow", "cache-control", "vary", *map(str.lower, (*passed.request_id_headers, *passed.rate_limit_headers))}
    headers |= {name: reply.raw.headers[name] for name in names & set(reply.raw.headers)}
    wait = _wait(sent, reply.raw, [*map(str.lower, passed.reset_headers), "ratelimit-reset"])
    if wait is not None:
        headers["retry-after"] = wait
    return RawResponse(status, headers, json.dumps(document))


def _wait(row: Row, raw: RawResponse, resets: Sequence[str]) -> str | None:
    if not row.retryable:
        return None
    for name in ("retry-after", *(resets if row.category == "rate_limited" else ())):
        value = raw.headers.get(name)
        if value and _DELAY.fullmatch(value):
            return value
    return str(row.retry_after) if row.retry_after else None


@pytest.mark.parametrize(("host", "case"), [pytest.param(host, case, id=f"{host}-{case}") for host, case in cases()])
def test_case(host: Host, case: Case, fleet: Fleet) -> None:
    """
    What comes out is the row of the table that the core's judgement leads to, or the response as it came.
    """
    if case.check is not None:
        check(case, host, fleet)
        return
    if case.path.endswith("/early-hints"):
        _check_early_hints(case, host, fleet)
        return
    answer, wanted = answer_of(case, host, fleet), answer_from(case, host)
    if wanted is None:
        check_untouched(answer, case)
    else:
        check_translated(_without_charset(answer, case), wanted, case, host)


def _without_charset(answer: Answer, case: Case) -> Answer:
    """Take off the one thing of Content-Type that a filter of nginx cannot reach: the upstream's charset."""
    charset = (case.reply.header("Content-Type") or "").partition(";")[2]
    return evolve(answer, fields=tuple((name, value.removesuffix(f";{charset}")) for name, value in answer.fields))


def _check_early_hints(case: Case, host: Host, fleet: Fleet) -> None:
    """A server before 1.29 takes the 103 for the whole answer, whatever is configured: what follows passes, or nothing does."""
    answer = answer_of(evolve(case, settings=Settings(timeout=2.0)), host, fleet)
    assert (401, (103,)) == (answer.status, answer.interim) or answer.status == 502
