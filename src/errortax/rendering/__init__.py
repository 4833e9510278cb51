"""
Render canonical errors in other formats, and read them back.
"""

from errortax.rendering.exposure import AUDIENCES, Audience, Exposure, exposure_of
from errortax.rendering.formats import Format
from errortax.rendering.responses import COMMON_FORMATS, DEFAULT_FORMAT, format_of, formats, read, render

__all__ = [
    "AUDIENCES",
    "COMMON_FORMATS",
    "DEFAULT_FORMAT",
    "Audience",
    "Exposure",
    "Format",
    "exposure_of",
    "format_of",
    "formats",
    "read",
    "render",
]
