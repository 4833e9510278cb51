"""
Python code that handles one code, for readers to copy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from errortax.model import OutcomeKind, Retryability, Verdict

_OUTCOME: Final = """\
import errortax

outcome = errortax.classify(response, {vendor})
if outcome.kind == {kind}:
    print(outcome.retryability, outcome.hints[0].text)
"""

_ERROR: Final = """\
import errortax

error = errortax.parse(response, {vendor})
if error is not None and error.category == {category}:
"""

_BY_A_PERSON: Final = """\
    print(errortax.hint_text(error, actor={actor}, locale="en"))
"""

_BY_THE_PROGRAM: Final = """\
    print("do this first:", error.action)  # {action}
"""

_BY_OTHERS: Final = """\
    print("for the log:", error, error.request_id)  # {who}: {action}
"""

_REPEAT: Final = """\
    decision = errortax.decide_retry(error, method="GET", max_wait=60)
    print(decision.retry, decision.wait, decision.reason)
"""

_RECONCILE: Final = """\
    print("read it again, rebuild the request, send that:", error.code)
"""

_BODIES: Final[Mapping[Retryability, str]] = {
    Retryability.AFTER_DELAY: _REPEAT,
    Retryability.BACKOFF: _REPEAT,
    Retryability.RECONCILE: _RECONCILE,
}
_BY_ACTOR: Final[Mapping[str, str]] = {
    "client": _BY_THE_PROGRAM,
    "end_user": _BY_A_PERSON,
    "account_owner": _BY_A_PERSON,
    "developer": _BY_OTHERS,
    "vendor": _BY_OTHERS,
}


def handling_of(verdict: Verdict) -> str:
    """
    Return code that handles the *verdict*; it expects the response of a client in the name ``response``.
    """
    hint = verdict.hints[0]
    texts = {"vendor": verdict.vendor, "kind": verdict.kind, "category": verdict.category, "actor": hint.actor}
    names = {name: json.dumps(text) for name, text in texts.items()} | {"who": hint.actor.value, "action": hint.action.value}
    if verdict.kind is not OutcomeKind.ERROR:
        return _OUTCOME.format(**names)
    body = _BODIES.get(verdict.retryability, _BY_ACTOR[hint.actor])
    return (_ERROR + body).format(**names)
