"""
errortax inside other libraries: one small module for each library. Import it by its name.

The modules of HTTP clients have the same functions. `hook` raises `VendorError` for an error response. `raising` turns the
client's own exceptions into `VendorError`. `error_of` returns the canonical error behind a response or an exception.

A hook reads a body only if the response is an error, if *inspect_success* asks for it, or if the client would read it next.
A body that declares more than 256 KiB (262,144 bytes) is not read: the status alone decides. If the body of an error breaks
off, stalls or cannot be decompressed, status and header fields decide, and the client's exception is the cause. `hook`,
`raising`, `error_of` and their siblings take these arguments:

- *vendor*: the name of the vendor that answers; None means that the host of each request decides.
- *registry*: the vendors to choose from; None means the bundled ones.
- *inspect_success*: whether to look for errors in responses of 2xx, too. True looks into JSON bodies of at most 256 KiB that
  declare their length, are in memory, or are read next because the client says so. ``"read"`` reads all JSON bodies to look
  into them. Streams of events are never read. Without it, responses below 400 are left alone.
- *method* and *idempotency_key*: the method of the request, and whether the request has an idempotency key. Both decide
  whether the request may be repeated. Pass them if the client's exception does not know its request; a method of None is
  unknown, and counts as not idempotent.

They are checked at once: `TypeError` for a wrong type, `errortax.exceptions.UnknownVendorError` for a vendor that the
registry does not have.
"""
