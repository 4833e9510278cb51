"""
errortax inside other libraries: one small module for each library. Import it by its name.

The modules of HTTP clients have the same functions. `hook` raises `VendorError` for an error response. `raising` turns the
client's own exceptions into `VendorError`. `error_of` returns the canonical error behind a response or an exception.

A hook reads a body only if the response is an error, or if *inspect_success* asks for it. A body that declares more than
256 KiB (262,144 bytes) is not read: the status alone decides. `hook`, `raising`, `error_of` and their siblings take these
arguments:

- *vendor*: the name of the vendor that answers; None means that the host of each request decides.
- *registry*: the vendors to choose from; None means the bundled ones.
- *inspect_success*: whether to look for errors in responses of 2xx, too. Only JSON bodies that declare a length of at most
  256 KiB are looked into. Without it, responses below 400 are left alone.
- *method* and *idempotency_key*: the method of the request, and whether the request has an idempotency key. Both decide
  whether the request may be repeated. Pass them if the client's exception does not know its request; a method of None is
  unknown, and counts as not idempotent.

They are checked at once: `TypeError` for a wrong type, `errortax.exceptions.UnknownVendorError` for a vendor that the
registry does not have.
"""
