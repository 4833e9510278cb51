"""
What errortax raises: `RegistryError` and others where the caller made a mistake, and for programs that would rather catch
than look at a value, `VendorError` with a class for each group and category of ``schemas/taxonomy.json``.
"""

from errortax.model import mistakes, raised
from errortax.model.mistakes import *  # noqa: F403  # all that both modules export, and nothing else
from errortax.model.raised import *  # noqa: F403  # as above

__all__ = []
__all__ += mistakes.__all__
__all__ += raised.__all__

for _name in __all__:
    globals()[_name].__module__ = __name__  # the name that tracebacks and pickles show
