"""
Test a client of an API without that API: fake responses from the examples in the data, and a server that sends them.

The pytest plug-in of errortax has both as fixtures: ``fake_response`` and ``vendor_server``.
"""

from errortax.testing._faking import Variation, documented_errors, fake
from errortax.testing._serving import Received, Server, serve

__all__ = ["Received", "Server", "Variation", "documented_errors", "fake", "serve"]
