"""
One canonical error for every API: what went wrong, whether to repeat, who has to do what, and why.
"""

from errortax import exceptions
from errortax.api import classify, parse, transport_error
from errortax.error import CanonicalError, Outcome
from errortax.headers import Headers
from errortax.model import Alternative, FieldError, Hint, Match, RateLimit, RawResponse, RetryDecision, Source
from errortax.registry import Registry, default_registry, load_registry
from errortax.retry import decide_retry
from errortax.taxonomy import Action, Actor, Basis, BodyKind, Category, Group, Kind, Level, Retryability, Scheme
