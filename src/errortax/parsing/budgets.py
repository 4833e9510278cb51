"""
How much of one response is looked at and shown, so that no sender can make the work grow, and what is shown in its place.
"""

from __future__ import annotations

from typing import Final

MAX_COMPLAINTS: Final = 100
"""How many complaints about fields are read."""

MAX_VALUES: Final = 1000
"""At how many values one place looks, and the search for complaints; most values of a body without complaints are none."""

MAX_CUTS: Final = 100
"""How many texts the pattern of a place sees, and from how many header fields of one name a place takes a parameter."""

MAX_SEEN: Final = 256
"""How many characters of a text the pattern of a place sees."""

MAX_ITEMS: Final = 1000
"""How many results of a batch are looked at."""

MAX_NAME: Final = 256
"""The length in characters of the longest name of a field; longer ones are cut."""

MAX_NAMES: Final = 1024
"""How many names of fields and members are remembered, since the same few come again."""

MAX_CODE: Final = 128
"""The length in characters of the longest code that nobody documented and that is shown."""

MAX_TEXT: Final = 2000
"""The length in characters of the longest text; longer ones are cut."""

MAX_TEXTS: Final = 16_000
"""How many characters all texts of one response may have; complaints and warnings beyond them are withheld."""

MAX_NAMES_IN_ALL: Final = 8_000
"""How many characters the names of all fields may have; complaints beyond them are withheld, too."""

LARGE_BODY: Final = 16_384
"""The size in bytes of the largest body that a canonical error keeps until its details are read."""

MAX_SECRETS: Final = 64
"""How many secret values of one response are looked for in its texts; if there are more, the texts are withheld."""

MAX_PLACES: Final = 1000
"""In how many places of one response secrets are taken out; if there are more, the texts are withheld."""

REDACTED: Final = "[redacted]"
"""What replaces a secret."""

WITHHELD: Final = "…"
"""What replaces a text, or the end of one, that is beyond a limit."""
