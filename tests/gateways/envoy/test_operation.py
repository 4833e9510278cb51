from __future__ import annotations

import re
import signal

import errortax
from errortax import RawResponse
from gateways.cases import MALFORMED, Case, check_no_canary, check_untouched, problem_of
from gateways.client import ask, free_port, raw_answer, wait_until
from gateways.envoy.running import EXAMPLES, HOST, Gateway, envoy_with, gateway, is_asked, processor, replaced, stats_of
from gateways.hosts import Settings
from gateways.upstream import Upstream

ERROR = Case("error", "/gopoints/error")
_FAILURES = {"connection_failed": 502, "no_response": 504}
TO_GOPOINTS = "{ match: { prefix: /gopoints/ }, route: { cluster: gopoints, timeout: 30.0s } }"
ROUTER = "                  - name: envoy.filters.http.router\n"


def is_translated(running: Gateway, path: str = ERROR.path) -> bool:
    """Tell whether an error comes out as a problem."""
    return ask(running.port, path).header("content-type") == "application/problem+json"


def test_without_a_processor(upstream: Upstream) -> None:
    """
    Where no processor runs, upstreams' errors come out untouched.
    """
    with envoy_with(upstream, free_port()) as (port, _):
        check_untouched(ask(port, ERROR.path), ERROR)
        assert 200 == ask(port, "/gopoints/ok").status


def test_a_processor_comes_late(upstream: Upstream) -> None:
    """
    A processor that starts after Envoy is found, since Envoy keeps looking for it.
    """
    listen = free_port()
    with envoy_with(upstream, listen) as (port, admin):
        check = "cluster.errortax.health_check.failure"
        wait_until(lambda: stats_of(admin).get(check, 0) > 2, "Envoy to look for the processor again and again")
        check_untouched(ask(port, ERROR.path), ERROR)
        with processor(Settings(), listen=listen):
            wait_until(lambda: is_asked(admin), "Envoy to find the processor")
            assert "application/problem+json" == ask(port, ERROR.path).header("content-type")


def test_a_processor_dies(upstream: Upstream) -> None:
    """
    When a processor is killed, upstreams' errors come out untouched, every one of them.
    """
    with gateway(upstream) as running:
        assert is_translated(running)
        running.processor.kill()
        running.processor.wait()
        for _ in range(20):
            check_untouched(ask(running.port, ERROR.path), ERROR)
            assert 200 == ask(running.port, "/gopoints/ok").status


def test_a_processor_hangs(upstream: Upstream) -> None:
    """
    When a processor does not answer in time, upstreams' errors come out untouched; successes never wait for it.
    """
    with gateway(upstream, changes={"message_timeout: 20s": "message_timeout: 0.3s"}) as running:
        running.signal(signal.SIGSTOP)
        try:
            check_untouched(ask(running.port, ERROR.path), ERROR)
            assert 200 == ask(running.port, "/gopoints/ok").status
        finally:
            running.signal(signal.SIGCONT)
        wait_until(lambda: is_asked(running.admin) and is_translated(running), "the processor to be asked again")


def test_closed(upstream: Upstream) -> None:
    """
    With `failure_mode_allow: false` nothing of the upstream passes while a processor hangs or is dead.
    """
    closed = {"message_timeout: 20s": "message_timeout: 0.3s", "failure_mode_allow: true": "failure_mode_allow: false"}
    with gateway(upstream, changes=closed) as running:
        running.signal(signal.SIGSTOP)
        try:
            answer = ask(running.port, "/gopoints/canary/1")
            assert (504, "timeout") == (answer.status, problem_of(answer)["category"])
        finally:
            running.signal(signal.SIGCONT)
        running.processor.kill()
        running.processor.wait()
        for _ in range(20):
            answer = ask(running.port, "/gopoints/canary/1")
            assert (500, "http") == (answer.status, problem_of(answer)["vendor"])
            check_no_canary(answer, HOST)
            assert 200 == ask(running.port, "/gopoints/ok").status


RBAC = """\
                  - name: deny
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
                      rules: { action: DENY, policies: { all: { permissions: [{ any: true }], principals: [{ any: true }] } } }
"""


def test_own_refusals(upstream: Upstream) -> None:
    """
    What a filter of Envoy refuses, and a route that does not exist, is plain HTTP; no vendor is blamed.
    """
    with gateway(upstream, changes={ROUTER: RBAC + ROUTER}) as running:
        for path in ("/authrocket/ok", "/gopoints/ok"):
            answer = ask(running.port, path)
            assert (403, "http", None) == (answer.status, problem_of(answer)["vendor"], answer.header("www-authenticate"))
    with gateway(upstream) as running:
        answer = ask(running.port, "/nowhere")
        assert (404, "http") == (answer.status, problem_of(answer)["vendor"])


def test_shadow(upstream: Upstream) -> None:
    """
    In shadow mode every response comes out untouched, and each error is counted.
    """
    metrics = free_port()
    line = b'errortax_responses_total{category="credentials_missing",outcome="shadowed",vendor="gopoints"} 5.0\n'
    with gateway(upstream, Settings(), "--shadow", "--metrics", f"127.0.0.1:{metrics}") as running:
        for _ in range(5):
            check_untouched(ask(running.port, ERROR.path), ERROR)
        wait_until(lambda: line in ask(metrics, "/metrics").body, "all of them to be counted")


def test_a_processor_ends(upstream: Upstream) -> None:
    """
    Told to end, a processor does so with exit code 0; what comes meanwhile is translated or untouched.
    """
    with gateway(upstream) as running:
        running.signal(signal.SIGTERM)
        while running.processor.poll() is None:
            answer = ask(running.port, ERROR.path)
            if answer.header("content-type") != "application/problem+json":
                check_untouched(answer, ERROR)
        assert 0 == running.processor.returncode
        check_untouched(ask(running.port, ERROR.path), ERROR)


def test_replies_that_meet_no_filter() -> None:
    """
    The replies that stand in Envoy's configuration are what the translator answers.
    """
    errors = {status: errortax.parse(RawResponse(status), "http") for status in (400, 426, 431, 500)}
    errors |= {status: errortax.transport_error(name, sent=True) for name, status in _FAILURES.items()}
    answers = {status: errortax.Translator(locale="en").answer(error) for status, error in errors.items() if error}
    text = (EXAMPLES / "envoy.yaml").read_text()
    written = [line.strip() for line in text.splitlines() if line.strip().startswith('{"type":')]
    assert [answer.body.decode() for answer in answers.values() if isinstance(answer.body, bytes)] == written
    assert [str(status) for status in answers] == re.findall(r"response\.code == (\d+) ", text)
    assert {status: status for status in answers} == {status: answer.status for status, answer in answers.items()}


def test_malformed_requests(upstream: Upstream) -> None:
    """
    A request that Envoy cannot read is refused in the format of all errors, with and without a processor.
    """
    with gateway(upstream) as running:
        for data in MALFORMED.values():
            assert "http" == problem_of(raw_answer(running.port, data))["vendor"]
        running.processor.kill()
        running.processor.wait()
        for data in MALFORMED.values():
            assert "http" == problem_of(raw_answer(running.port, data))["vendor"]


def test_callers_of_grpc(upstream: Upstream) -> None:
    """
    A caller of gRPC gets Envoy's own status if no upstream answers, and the status that Envoy makes of a translated error.
    """
    fields = (("Content-Type", "application/grpc"), ("TE", "trailers"))
    with gateway(upstream) as running:
        answers = [ask(running.port, path, method="POST", fields=fields) for path in ("/down/ok", ERROR.path)]
    assert [(200, "14"), (200, "16")] == [(answer.status, answer.header("grpc-status")) for answer in answers]
    assert (answers[0].header("grpc-message") or "").startswith("upstream connect error")


def test_reload(upstream: Upstream) -> None:
    """
    SIGHUP puts a changed configuration in force; a bad one leaves the old one in force.
    """
    with gateway(upstream) as running:
        good = running.configuration.read_text()
        running.configuration.write_text(replaced(good, {'to = "problem+json"': 'to = "problem+jsn"'}))
        running.signal(signal.SIGHUP)
        for _ in range(20):
            assert is_translated(running)
        running.configuration.write_text(replaced(good, {'to = "problem+json"': 'to = "json:api"'}))
        running.signal(signal.SIGHUP)
        wait_until(lambda: "application/vnd.api+json" == ask(running.port, ERROR.path).header("content-type"), "the reload")


def test_successes_stay_in_envoy(upstream: Upstream) -> None:
    """
    The processor hears nothing of successes, and connections to upstreams are used again after errors.
    """
    with gateway(upstream) as running:
        for _ in range(5):
            ask(running.port, "/gopoints/ok")
        assert 0 == running.stats().get("http.gateway.ext_proc.streams_started", 0)
        for _ in range(5):
            assert is_translated(running)
        stats = running.stats()
    assert 5 == stats["http.gateway.ext_proc.streams_started"]
    assert 5 == stats["http.gateway.ext_proc.immediate_responses_sent"]
    assert 0 == stats.get("http.gateway.ext_proc.streams_failed", 0)
    assert 1 == stats["cluster.gopoints.upstream_cx_total"]


def test_rewritten_paths(upstream: Upstream) -> None:
    """
    The vendor is found by the path that the caller asked for, not by what Envoy makes of it.
    """
    rewriting = TO_GOPOINTS.replace("prefix: /gopoints/", "prefix: /points/").replace(
        "timeout", "prefix_rewrite: /gopoints/, timeout"
    )
    with gateway(upstream, Settings(), "--route", "/points/=gopoints", changes={TO_GOPOINTS: rewriting}) as running:
        assert "gopoints" == problem_of(ask(running.port, "/points/error"))["vendor"]


def test_headers_of_other_filters(upstream: Upstream) -> None:
    """
    Browsers may read translated errors: what the CORS filter adds behind errortax comes through.
    """
    cors = "type.googleapis.com/envoy.extensions.filters.http.cors.v3"
    filters = f'                  - {{ name: cors, typed_config: {{ "@type": {cors}.Cors }} }}\n{ROUTER}'
    policy = f'{{ "@type": {cors}.CorsPolicy, allow_origin_string_match: [{{ exact: "https://app.example" }}] }}'
    hosts = f'domains: ["*"]\n                      typed_per_filter_config: {{ cors: {policy} }}'
    with gateway(upstream, changes={ROUTER: filters, 'domains: ["*"]': hosts}) as running:
        answer = ask(running.port, ERROR.path, fields=(("Origin", "https://app.example"),))
    assert "application/problem+json" == answer.header("content-type")
    assert "https://app.example" == answer.header("access-control-allow-origin")


def test_request_ids(upstream: Upstream) -> None:
    """
    Each caller gets the answer to the own request, over one connection of Envoy to the processor.
    """
    with gateway(upstream) as running:
        for number in range(20):
            assert f"id-{number}" == problem_of(ask(running.port, f"/gopoints/error/id-{number}"))["request_id"]


def test_metrics(upstream: Upstream) -> None:
    """
    Each error is counted once.
    """
    metrics = free_port()
    sent = b'errortax_sent_total{category="credentials_missing",vendor="gopoints"} 20.0\n'
    line = b'errortax_responses_total{category="credentials_missing",outcome="translated",vendor="gopoints"} 20.0\n'
    with gateway(upstream, Settings(), "--metrics", f"127.0.0.1:{metrics}") as running:
        for _ in range(20):
            assert is_translated(running)
        wait_until(lambda: line in ask(metrics, "/metrics").body, "all of them to be counted")
        wait_until(lambda: sent in ask(metrics, "/metrics").body, "Envoy's access log")
