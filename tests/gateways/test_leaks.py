from __future__ import annotations

import json
from typing import Any

import pytest

from errortax import Translator
from errortax.rendering import formats
from gateways.cases import Case, answer_of, check_translated, check_untouched, expected
from gateways.client import Answer
from gateways.envoy.running import HOST as ENVOY
from gateways.hosts import Fleet, Host, Settings
from gateways.python.servers import HOSTS
from gateways.upstream import CANARY, VENDORS, examples, reply_to

AUDIENCES = ("public", "developer", "operator")
TEXTS = ("message", "detail", "type", "title", "instance")
"""The members in which an operator reads what the vendor wrote; the last three are those of its own problem details."""


def less_texts(document: Any) -> Any:
    """Return *document* without the members that hold the vendor's own texts."""
    if isinstance(document, dict):
        return {name: less_texts(value) for name, value in document.items() if name not in TEXTS}
    return [less_texts(value) for value in document] if isinstance(document, list) else document


def leaks(answer: Answer, audience: str) -> list[str]:
    """Return the parts of an answer in which a canary is that *audience* may not see."""
    body = answer.body.decode()
    if audience == "operator" and body:
        body = json.dumps(less_texts(json.loads(body)))
    parts = [answer.reason, body, *(f"{name}: {value}" for name, value in (*answer.fields, *answer.trailers))]
    return [part for part in parts if CANARY in part.lower()]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("host", [*HOSTS, ENVOY], ids=str)
def test_leaks(host: Host, audience: str, vendor: str, fleet: Fleet) -> None:
    """
    Of what an upstream says in its status line, header fields and members nothing comes out that the audience may not see.
    """
    for number in range(len(examples(vendor))):
        case = Case("leaks", f"/{vendor}/canary/{number}", settings=Settings(expose=audience))
        answer, wanted = answer_of(case, host, fleet), expected(case)
        if wanted is None:
            check_untouched(answer, case)
            continue
        assert [] == leaks(answer, audience)
        check_translated(answer, wanted, case, host)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("audience", ["public", "developer"])
@pytest.mark.parametrize("to", formats())
def test_leaks_of_formats(to: str, audience: str, vendor: str) -> None:
    """
    No format lets through what the upstream said.
    """
    translator = Translator(to, vendor=vendor, expose=audience)
    for number in range(len(examples(vendor))):
        answer = translator.translate(reply_to(f"/{vendor}/canary/{number}").raw, vendor)
        if answer is not None:
            assert isinstance(answer.body, bytes)
            assert CANARY.encode() not in answer.body
            assert [] == [name for name in answer.headers for value in answer.headers.get_all(name) if CANARY in value]
