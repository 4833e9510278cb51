"""
What is wrong with vendor files, and the layout that they are written in.
"""

from errortax.checking.checks import ADVICE, check
from errortax.checking.formatting import fix, formatted

__all__ = ["ADVICE", "check", "fix", "formatted"]
