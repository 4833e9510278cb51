"""
The contract of every gateway, case by case: what is asked of it, what the upstream sends, what has to come out.

`CASES` are values; `check` runs one against a host. What has to come out is what `errortax.Translator` makes of the
upstream's response in this process, or, where that is None, the response itself, byte for byte. A host that lacks an
ability a case needs (`gateways.hosts`) is held to what it says comes out instead: no case is ever skipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from attrs import evolve, field, frozen

import errortax
from errortax import RawResponse, Translator
from gateways.client import Answer, ask, raw_answer, sending, wait_until
from gateways.hosts import DOWN, Ability, Fleet, Host, Instead, Settings
from gateways.upstream import BREAKING, CANARY, EVENTS, TRAPS, VENDORS, Reply, examples, reply_to, secretive_error

Fields = tuple[tuple[str, str], ...]
Check = Callable[["Case", Host, Fleet], None]

OF_THE_HOST = frozenset(
    {"connection", "content-length", "date", "keep-alive", "proxy-authenticate", "server", "trailer", "transfer-encoding", "via"}
)
"""Header fields that are the host's own business."""

_TIMED = frozenset({"retry_after", "retry-after", "detail"})
"""What depends on the moment in which a response is read."""


@frozen
class Case:
    """
    Ask for *path* and look at what comes.

    *scenario* is what the case is one of; *needs* is what a host has to be able to do beside reading a body.
    """

    scenario: str
    path: str
    method: str = "GET"
    fields: Fields = ()
    body: bytes = b""
    settings: Settings = field(factory=Settings)
    needs: frozenset[Ability] = frozenset()
    check: Check | None = field(default=None, eq=False)

    def __str__(self) -> str:
        languages = dict(self.fields).get("Accept-Language")
        return "-".join(
            filter(None, [self.scenario, self.method if self.method != "GET" else "", self.path.strip("/"), languages])
        )

    @property
    def vendor(self) -> str:
        """Return the vendor that is asked."""
        return self.path.split("/")[1]

    @property
    def reply(self) -> Reply:
        """Return what the upstream sends."""
        return reply_to(self.path)


def check(case: Case, host: Host, fleet: Fleet) -> None:
    """
    Hold *host* to what a *case* asks for.
    """
    (case.check or _check_answer)(case, host, fleet)


def answer_of(case: Case, host: Host, fleet: Fleet, **options: Any) -> Answer:
    """
    Return what *host* answers to the request of a *case*.
    """
    port = fleet.port(host, case.settings)
    return ask(port, case.path, method=case.method, fields=case.fields, body=case.body, **options)


@cache
def translator(settings: Settings) -> Translator:
    """
    Return what a gateway with these *settings* has inside.
    """
    return Translator(vendor=settings.vendors, **settings.options)


def expected(case: Case, *, by_status: bool = False) -> RawResponse | None:
    """
    Return the answer of a host that can do everything; None where the upstream's response has to pass.

    With *by_status* return that of a host which has read no body.
    """
    reply, translates = case.reply, translator(case.settings)
    if reply.declared is not None:
        return None
    body = b"" if case.method == "HEAD" else None if by_status else reply.body
    raw = RawResponse(reply.status, _with_length(reply), body, method=case.method)
    if not translates.holds_back(reply.status, raw.headers, case.method):
        return None
    languages = dict(case.fields).get("Accept-Language")
    return translates.translate(raw, translates.vendor_of(case.path, "127.0.0.1"), accept_language=languages)


def _with_length(reply: Reply) -> Fields:
    return (*reply.fields, ("content-length", str(len(reply.body)))) if reply.framing == "length" else reply.fields


def needs_of(case: Case) -> frozenset[Ability]:
    """
    Return the abilities without which something else would come out.
    """
    reply, whole = case.reply, expected(case)
    needs = set(case.needs)
    if whole is None:
        return frozenset(needs)
    if reply.status < 400:
        needs.add(Ability.INSPECTION)
    if whole.status != reply.status:
        needs.add(Ability.STATUS)
    bare = expected(case, by_status=True)
    if bare is None or _document(bare) != _document(whole):
        needs.add(Ability.BODY)
    error = errortax.parse(reply.raw, case.vendor)
    if error is not None:
        levels = {errortax.Level.VARIANT, errortax.Level.PREFIX}
        needs |= {Ability.CONDITIONS} if error.match.level in levels or error.match.status_conflict else set()
        needs |= {Ability.FIELD_ERRORS} if error.field_errors else set()
        needs |= {Ability.REQUEST_ID} if error.request_id else set()
        needs |= {Ability.DELAYS} if "retry-after" in whole.headers else set()
    if reply.header("Content-Encoding"):
        needs.add(Ability.DECODING)
    return frozenset(needs)


def _document(raw: RawResponse) -> Any:
    try:
        return json.loads(raw.body or b"")
    except ValueError:
        return raw.body


def _check_answer(case: Case, host: Host, fleet: Fleet) -> None:
    answer = answer_of(case, host, fleet)
    lacking = {host.lacks[ability] for ability in needs_of(case) if ability in host.lacks}
    wanted = None if Instead.UNTOUCHED in lacking else expected(case, by_status=Instead.BY_STATUS in lacking)
    if wanted is None:
        check_untouched(answer, case)
    else:
        if Ability.STATUS in host.lacks and Instead.LESS in lacking:
            wanted = evolve(wanted, status=case.reply.status)
        check_translated(answer, wanted, case, host, less=Instead.LESS in lacking)


def check_untouched(answer: Answer, case: Case) -> None:
    """
    The upstream's response comes out byte for byte: status, header fields, body, and no less.
    """
    reply = case.reply
    assert reply.status == answer.status
    assert answer.complete
    assert (b"" if case.method == "HEAD" or reply.status in {204, 304} else reply.body) == answer.body
    for name in {name for name, _ in reply.fields if name.lower() not in OF_THE_HOST}:
        assert reply.raw.headers.get_all(name) == answer.get_all(name), name


def check_translated(answer: Answer, wanted: RawResponse, case: Case, host: Host, *, less: bool = False) -> None:
    """
    The answer of the translator comes out, whole and well framed, and nothing of the upstream's beside it.
    """
    assert answer.complete
    assert wanted.status == answer.status
    assert wanted.headers["content-type"] == answer.header("content-type")
    assert len(answer.get_all("content-type")) == 1
    assert len(answer.get_all("content-length")) <= 1
    _check_body(answer, wanted, case, host, less=less)
    if host.fields:
        _check_fields(answer, wanted, less=less)
    held_back = {name.lower() for name, _ in case.reply.fields} - set(wanted.headers) - OF_THE_HOST
    assert [] == [name for name, _ in answer.fields if name in held_back]


def _check_body(answer: Answer, wanted: RawResponse, case: Case, host: Host, *, less: bool) -> None:
    if case.method == "HEAD":
        assert answer.body == b""
        return
    whole = _document(wanted)
    if not isinstance(whole, dict):
        assert whole == answer.body
        return
    found = json.loads(answer.body)
    compared = whole.keys() if host.members is None else whole.keys() & host.members
    compared = compared & found.keys() if less else compared
    assert {name: whole[name] for name in compared - _TIMED} == {name: found[name] for name in compared - _TIMED}
    assert found.keys() <= whole.keys() if less or host.members is not None else found.keys() == whole.keys()
    for name in compared & _TIMED:
        assert _nearly(whole[name], found[name]), name


def _check_fields(answer: Answer, wanted: RawResponse, *, less: bool) -> None:
    for name in wanted.headers:
        if name in OF_THE_HOST or (less and name not in dict(answer.fields)):
            continue
        found = answer.get_all(name)
        assert wanted.headers.get_all(name) == found or (name in _TIMED and _nearly(wanted.headers[name], found[0])), name


def _nearly(wanted: Any, found: Any) -> bool:
    """Compare what depends on the moment: numbers that are a minute apart at most; of a text only that there is one."""
    try:
        return abs(float(wanted) - float(found)) <= 60
    except ValueError:
        return isinstance(wanted, str) and isinstance(found, str) and bool(found)


def _check_events(case: Case, host: Host, fleet: Fleet) -> None:
    """Each event comes while the upstream waits with the next one."""
    upstream, pieces = fleet.upstream, bytearray()
    upstream.event_was_read.clear()

    def take(piece: bytes) -> None:
        pieces.extend(piece)
        if bytes(pieces) == EVENTS[0]:
            upstream.event_was_read.set()

    answer = answer_of(case, host, fleet, on_piece=take)
    assert upstream.event_was_read.is_set()
    assert (200, "text/event-stream", b"".join(EVENTS)) == (answer.status, answer.header("content-type"), answer.body)


def _check_failure(*categories: str) -> Check:
    def check_failure(case: Case, host: Host, fleet: Fleet) -> None:
        """What is wrong with the connection is told, in the canonical format where the host can."""
        fleet.upstream.released.clear()
        try:
            answer = answer_of(case, host, fleet)
        finally:
            fleet.upstream.released.set()
        assert answer.complete
        assert answer.status in {500, 502, 503, 504}
        if Ability.FAILURES not in host.lacks:
            problem = json.loads(answer.body)
            assert problem["category"] in categories
            assert problem["status"] == answer.status
            assert answer.header("content-type") == "application/problem+json"

    return check_failure


def _check_broken(case: Case, host: Host, fleet: Fleet) -> None:
    """A success that breaks off is never taken for whole: an error is told, or the answer breaks off as well."""
    try:
        answer = answer_of(case, host, fleet)
    except ConnectionError:
        return
    assert not answer.complete or (answer.status >= 400 and not (answer.body and case.reply.body.startswith(answer.body)))


def _check_by_head(ability: Ability) -> Check:
    def check_by_head(case: Case, host: Host, fleet: Fleet) -> None:
        """An error whose body does not come is what its status says: a refusal stays a refusal."""
        fleet.upstream.released.clear()
        try:
            answer = answer_of(case, host, fleet)
        except ConnectionError:
            assert Instead.BROKEN == host.lacks.get(ability)
            return
        finally:
            fleet.upstream.released.set()
        check_no_canary(answer, host)
        instead = host.lacks.get(ability)
        if instead is Instead.BROKEN and not answer.complete:
            return
        assert answer.complete
        if instead is Instead.FAILURE:
            assert ("dependency_failed", 502) == (problem_of(answer)["category"], answer.status)
            return
        whole = case.reply if case.reply.declared else secretive_error(case.vendor)
        came = [RawResponse(whole.status, whole.fields, None, cut_off=True), RawResponse(whole.status, whole.fields, whole.body)]
        right = [translator(case.settings).translate(raw, case.vendor) for raw in came]  # the code may have come
        assert category_of(answer) in [_document(wanted)["category"] for wanted in right if wanted]
        assert Ability.STATUS in host.lacks or answer.status in [wanted.status for wanted in right if wanted]

    return check_by_head


def check_no_canary(answer: Answer, host: Host) -> None:
    """
    Nothing that only the upstream should know comes out.
    """
    reason = "" if Ability.REASON in host.lacks else answer.reason
    assert CANARY not in f"{reason}{answer.fields}{answer.trailers}{answer.body!r}".lower()


def _check_late(case: Case, host: Host, fleet: Fleet) -> None:
    """An error whose body comes after its head is translated like any other."""
    answer, reply = answer_of(case, host, fleet), secretive_error(case.vendor)
    wanted = translator(case.settings).translate(reply.raw, case.vendor)
    assert wanted is not None
    check_no_canary(answer, host)
    assert _document(wanted)["category"] == category_of(answer)


def _check_shadow(case: Case, host: Host, fleet: Fleet) -> None:
    """In shadow mode everything passes as it came, late or not."""
    answer, late = answer_of(case, host, fleet), case.path.endswith("/late")
    if not late:
        check_untouched(answer, case)
        return
    wanted = secretive_error(case.vendor)
    assert (wanted.status, wanted.body, True) == (answer.status, answer.body, answer.complete)


def _check_hang_up(*, sent: bytes, ability: Ability | None = None) -> Check:
    def check_hang_up(case: Case, host: Host, fleet: Fleet) -> None:
        """Once a caller has left, its request to the upstream ends."""
        upstream, port = fleet.upstream, fleet.port(host, case.settings)
        upstream.released.clear()
        try:
            length = f"Content-Length: {10 * len(sent)}\r\n" if sent else ""
            head = f"{case.method} {case.path} HTTP/1.1\r\nHost: gateway\r\n{length}\r\n".encode()
            with sending(port, head + sent):
                if sent and Ability.UPLOADS in host.lacks:
                    assert not upstream.open[case.path]
                    return
                wait_until(lambda: bool(upstream.open[case.path]), "the upstream's request")
            limit = case.settings.timeout + HANG_UP if ability in host.lacks else HANG_UP
            wait_until(lambda: not upstream.open[case.path], "the end of the upstream's request", limit)
        finally:
            upstream.released.set()

    return check_hang_up


HANG_UP = 3.0
"""Seconds until the upstream's request has to be over: one, on a machine that does nothing else."""


def _check_expect(case: Case, host: Host, fleet: Fleet) -> None:
    """A body for which the caller awaits a 100 arrives, although the upstream never sends one."""
    answer = answer_of(case, host, fleet)
    assert (401, "credentials_missing") == (answer.status, category_of(answer))


def _check_malformed(data: bytes) -> Check:
    def check_malformed(case: Case, host: Host, fleet: Fleet) -> None:
        """What is not a request of today gets an answer, not a closed connection."""
        assert raw_answer(fleet.port(host, case.settings), data).status >= 400

    return check_malformed


def _examples() -> Iterator[Case]:
    for vendor in VENDORS:
        for number in range(len(examples(vendor))):
            yield Case(f"examples of {vendor}", f"/{vendor}/example/{number}")


_SCENARIOS = {
    "html": "a proxy's page", "empty": "no body", "plain-text": "no JSON", "no-type": "no JSON", "cut-off": "cut-off JSON",
    "gzip": "compressed", "deflate": "compressed", "br": "compressed", "zstd": "compressed", "twice-coded": "compressed",
    "unknown-coding": "compressed wrongly", "not-gzip": "compressed wrongly", "bomb": "decompression bomb",
    "300-kB": "too long", "300-kB-chunked": "too long", "chunked": "framing", "until-close": "framing", "trailers": "framing",
    "early-hints": "framing", "problem": "upstream's own problem", "validators": "digests and validators", "cookies": "cookies",
    "odd-status": "unknown status", "error-in-200": "error inside a 200", "error-in-200-gzip": "error inside a 200",
    "error-in-200-chunked": "error inside a 200", "success": "success", "success-gzip": "success", "success-300-kB": "success",
    "success-chunked": "success", "success-trailers": "success", "no-content": "204 and 304", "not-modified": "204 and 304",
    "redirect": "redirect",
}  # fmt: skip
_OF_ALL_VENDORS = frozenset({"error-in-200", "no-type", "gzip"})


def _traps() -> Iterator[Case]:
    for name, scenario in _SCENARIOS.items():
        for vendor in VENDORS if name in _OF_ALL_VENDORS else ("gopoints",):
            yield Case(scenario, f"/{vendor}/trap/{name}")
    for name in ("300-kB", "300-kB-chunked"):
        yield Case("too long, passing", f"/gopoints/trap/{name}", settings=Settings(too_long="pass"))
    for name in ("error-in-200", "error-in-200-gzip", "error-in-200-chunked", "success", "success-gzip", "success-300-kB"):
        for vendor in VENDORS if name in _OF_ALL_VENDORS else ("gopoints",):
            yield Case("inspected success", f"/{vendor}/trap/{name}", settings=Settings(inspect_success=True))


def _methods() -> Iterator[Case]:
    for name in ("error", "ok", "trap/gzip", "trap/empty", "trap/chunked", "trap/300-kB", "trap/no-content"):
        yield Case("HEAD", f"/gopoints/{name}", method="HEAD")
    for method, length in {"POST": 1, "PUT": 300_000, "PATCH": 100, "DELETE": 0, "OPTIONS": 0}.items():
        yield Case("other methods", "/gopoints/error", method=method, body=b"x" * length)


def _languages() -> Iterator[Case]:
    for languages in ("de", "nl;q=0.5, ja", "tlh, *;q=0.1", "en-GB", "de-AT, de;q=0.9", "%%%", ""):
        yield Case("language", "/planoauth/error", fields=(("Accept-Language", languages),), needs=frozenset({Ability.LOCALE}))


def _failures() -> Iterator[Case]:
    refused = _check_failure("dependency_failed", "unavailable")
    yield Case("upstream refuses", f"{DOWN}ok", check=refused)
    yield Case("upstream hangs up", "/gopoints/trap/hangs-up", check=refused)
    short = Settings(timeout=2.0)
    yield Case("upstream hangs", "/gopoints/trap/hangs", settings=short, check=_check_failure("timeout"))
    yield Case("upstream breaks off", "/gopoints/trap/success-too-short", check=_check_broken)
    for vendor in VENDORS:
        stalled, broken = _check_by_head(Ability.STALLED), _check_by_head(Ability.BROKEN)
        yield Case("error stalls", f"/{vendor}/trap/hangs-within", settings=short, check=stalled)
        yield Case("error breaks off", f"/{vendor}/trap/too-short", check=broken)
        yield Case("error comes late", f"/{vendor}/trap/late", check=_check_late)
    yield Case("error stalls", "/gopoints/trap/hangs-within", settings=evolve(short, expose="public"), check=stalled)
    yield Case("error breaks off", "/gopoints/trap/too-short", settings=Settings(expose="public"), check=broken)
    yield Case("error comes late", "/gopoints/trap/late", settings=Settings(expose="public"), check=_check_late)
    for path in ("error", "canary/0", "trap/late", "trap/success-300-kB"):
        for vendor in VENDORS:
            yield Case("shadow mode", f"/{vendor}/{path}", settings=Settings(shadow=True), check=_check_shadow)
    yield Case("server-sent events", "/gopoints/trap/sse", check=_check_events)
    inspecting = Settings(inspect_success=True)
    yield Case("server-sent events", "/gopoints/trap/sse", settings=inspecting, check=_check_events)


def _callers() -> Iterator[Case]:
    """Yield what callers do that leave, wait for a 100, or send no request at all."""
    short = Settings(timeout=6.0)
    for name in ("ticks", "silent", "hangs", "hangs-within"):
        leaves = _check_hang_up(sent=b"", ability=None if name == "ticks" else Ability.CALLERS)
        yield Case("caller hangs up", f"/gopoints/trap/{name}", settings=short, check=leaves)
    yield Case("caller hangs up", "/gopoints/ok/upload", "POST", settings=short, check=_check_hang_up(sent=b"x" * 100_000))
    expecting: Fields = (("Expect", "100-continue"),)
    in_chunks = (*expecting, ("Transfer-Encoding", "chunked"))
    for fields, body in ((expecting, b"abc"), (in_chunks, b"3\r\nabc\r\n0\r\n\r\n")):
        yield Case("Expect: 100-continue", "/gopoints/error", "POST", fields, body, settings=short, check=_check_expect)
    for name, data in MALFORMED.items():
        yield Case("malformed request", f"/{name}", check=_check_malformed(data))


_BIG = b"x" * 70_000
_TWO_LENGTHS = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
MALFORMED = {
    "http-1.0": b"GET /gopoints/error HTTP/1.0\r\nHost: x\r\n\r\n",
    "bad-method": b"G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "bad-field": b"GET /gopoints/error HTTP/1.1\r\nHost: x\r\nBad Field\x00: y\r\n\r\n",
    "two-lengths": b"POST /gopoints/error HTTP/1.1\r\nHost: x\r\n" + _TWO_LENGTHS,
    "long-field": b"GET /gopoints/error HTTP/1.1\r\nHost: x\r\nX: " + _BIG + b"\r\n\r\n",
}

CASES: tuple[Case, ...] = (*_examples(), *_traps(), *_methods(), *_languages(), *_failures(), *_callers())

assert set(_SCENARIOS) == set(TRAPS) - BREAKING, "each trap is a case"


def category_of(answer: Answer) -> str:
    """
    Return the category that an answer tells.
    """
    category: str = json.loads(answer.body)["category"]
    return category


def problem_of(answer: Answer) -> dict[str, Any]:
    """
    Return the members of the problem that an answer tells of.
    """
    assert answer.header("content-type") == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.body)
    return document
