"""
errortax inside other libraries: one small module for each, which knows no other and is imported by name.

The modules of HTTP clients have the same functions: `hook` raises where the client shows it an error response, `raising`
turns what the client itself raises into the same family, and `error_of` returns the canonical error behind either.
"""
