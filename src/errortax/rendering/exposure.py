"""
The audiences of an answer, and what each of them may see of an error.
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
    Choose what an answer shows of an error, besides its category and its hint.

    Attributes:
        vendor: the vendor's name, its own code, the addresses of our page about the code and of the vendor's page about the
            error, and the target of the first hint.
        request_id: the vendor's id of the request.
        fields: the names of invalid fields; a name that looks like a text or an address stays hidden.
        texts: the vendor's texts, for developers and for end users, with secrets redacted.
        match: how the verdict was found, and the vendor's own status.
        preserved: the members that must survive, which may be secret.

    Raises:
        TypeError: if a value is neither True nor False.

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
"""The named exposures. None of them shows the preserved members; only an `Exposure` of your own can."""

Audience: TypeAlias = str | Exposure


def exposure_of(audience: Audience) -> Exposure:
    """
    Return the exposure that *audience* names, or *audience* itself if it is an `Exposure`.

    Raise `ValueError` for an unknown name, and `TypeError` for anything else.
    """
    if isinstance(audience, Exposure):
        return audience
    if not isinstance(audience, str):
        raise TypeError(f"expose must be an errortax.Exposure or one of {', '.join(AUDIENCES)}, not {audience!r}")
    if audience not in AUDIENCES:
        raise ValueError(f"expose: unknown audience {audience!r}; {did_you_mean(audience, AUDIENCES)}")
    return AUDIENCES[audience]
