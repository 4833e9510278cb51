"""
Who may see what of an error: the audiences of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import field, frozen, validators

from errortax.model import did_you_mean

_flag = validators.instance_of(bool)


@frozen(kw_only=True)
class Exposure:
    """
    Say what an answer may show of an error, beside its category and what to do.

    *vendor*: who failed, the vendor's own code and our page about that. *request_id*: the vendor's id of the request.
    *fields*: the names of the fields that were complained about, where they are words. *texts*: what the vendor wrote,
    secrets redacted. *match*: how the verdict was found, and the vendor's own status. *preserved*: the members that must
    survive, which may be secret. Raise `TypeError` for what is not True or False.
    """

    vendor: bool = field(default=True, validator=_flag)
    request_id: bool = field(default=True, validator=_flag)
    fields: bool = field(default=True, validator=_flag)
    texts: bool = field(default=False, validator=_flag)
    match: bool = field(default=False, validator=_flag)
    preserved: bool = field(default=False, validator=_flag)


AUDIENCES: Final[Mapping[str, Exposure]] = {
    "public": Exposure(vendor=False, request_id=False),
    "developer": Exposure(),
    "operator": Exposure(texts=True, match=True),
}
"""The exposures that have names. What must survive is shown to nobody unless an `Exposure` says so."""

Audience: TypeAlias = str | Exposure


def exposure_of(audience: Audience) -> Exposure:
    """
    Return the exposure that *audience* is or names.

    Raise `ValueError` for a name that no audience has, and `TypeError` for anything else.
    """
    if isinstance(audience, Exposure):
        return audience
    if not isinstance(audience, str):
        raise TypeError(f"expose must be an errortax.Exposure or one of {', '.join(AUDIENCES)}, not {audience!r}")
    if audience not in AUDIENCES:
        raise ValueError(f"expose: unknown audience {audience!r}; {did_you_mean(audience, AUDIENCES)}")
    return AUDIENCES[audience]
