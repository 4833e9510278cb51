"""
``python -m errortax`` is the command ``errortax``.
"""

from errortax.cli import main

main()
