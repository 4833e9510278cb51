"""
What is wrong with vendor files.
"""

from errortax.checking.checks import check

__all__ = ["check"]
