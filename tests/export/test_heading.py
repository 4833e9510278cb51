from __future__ import annotations

from importlib.metadata import PackageNotFoundError

from errortax.export import headings


def test_heading(monkeypatch):
    """
    A generated file states the version, the command and its limits.
    """
    monkeypatch.setattr(headings, "version", lambda name: {"errortax": "1.2"}[name])
    assert (
        "-- Made by errortax 1.2 with `errortax export x`; change the data or the options and run it again.\n"
        "-- Limits:\n-- - fly\n"
    ) == headings.heading("errortax export x", ["fly"], comment="-- ")
    assert 1 == len(headings.heading("errortax export x").splitlines())


def test_checkout(monkeypatch):
    """
    A checkout that is not installed has no version.
    """

    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(headings, "version", missing)
    assert headings.heading("x").startswith("# Made by errortax (not installed) with `x`;")
