"""
Test a client of an API without that API: responses made from the catalogue's examples, and a server that sends them.

In pytest, the plug-in that comes with errortax has the same as the fixtures ``fake_response`` and ``vendor_server``.
"""

from errortax.testing._faking import Variation, documented_errors, fake
from errortax.testing._serving import Received, Server, serve

__all__ = ["Received", "Server", "Variation", "documented_errors", "fake", "serve"]
