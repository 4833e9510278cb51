"""
errortax as a plug-in of pytest, in test runs of their own.
"""

from __future__ import annotations

import os
import sys

import pytest

from errortax.testing import documented_errors
from pages import blocks

pytest_plugins = ["pytester"]
PAGE = "docs/how-to/test-your-client.md"


@pytest.fixture
def run(pytester, monkeypatch):
    """Return a function that runs pytest on the text of a test module, with the plug-in and without any other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))

    def run(module, *options):
        pytester.makepyfile(module)
        return pytester.runpytest_subprocess("-p", "pytest_errortax", "-W", "error", *options)

    return run


def test_faked_responses(run):
    """
    Tests pass or fail by what the faked response means, and one that names no documented code fails with the near miss.
    """
    result = run(
        """
        import errortax

        def test_right(fake_response):
            assert "rate_limited" == errortax.parse(fake_response("authrocket", "429")).category

        def test_wrong(fake_response):
            assert "rate_limited" == errortax.parse(fake_response("authrocket", "403")).category

        def test_slip(fake_response):
            fake_response("gopoints", "auth.token.expird")
        """
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*UnknownCodeError: unknown code 'auth.token.expird'; did you mean 'auth.token.expired'*"])


def test_servers(run):
    """
    A test may start several servers; each serves until the test has ended, and not longer, even if the test fails.
    """
    result = run(
        """
        import urllib.error, urllib.request
        import pytest

        URLS = []

        def status(url):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(url)
            caught.value.close()
            return caught.value.code

        def test_served(vendor_server, fake_response):
            first, second = vendor_server(fake_response("http", "503")), vendor_server(fake_response("http", "404"))
            assert [503, 404] == [status(first.url), status(second.url)]
            assert ["GET"] == [request.method for request in first.requests]
            URLS.extend([first.url, second.url])
            assert False

        @pytest.mark.parametrize("number", [0, 1])
        def test_ended(number):
            with pytest.raises(urllib.error.URLError, match="refused"):
                urllib.request.urlopen(URLS[number])
        """
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*assert False*"])


def test_a_run_that_needs_nothing_imports_nothing(run):
    """
    The plug-in imports nothing of errortax, nor what errortax depends on, until a test asks for a fixture.
    """
    result = run(
        """
        import sys

        NAMES = {"errortax", "attrs", "attr", "cattrs", "jsonschema", "http.server"}

        def test_start():
            assert "pytest_errortax" in sys.modules
            assert set() == NAMES & set(sys.modules)

        def test_use(fake_response):
            assert {"errortax", "attrs"} <= set(sys.modules)
            assert "jsonschema" not in sys.modules
        """
    )
    result.assert_outcomes(passed=2)


def test_the_fixtures_are_described(run):
    """
    `pytest --fixtures` shows both fixtures and how to use them.
    """
    result = run("", "--fixtures")
    result.stdout.fnmatch_lines(
        [
            "*fixtures defined from pytest_errortax*",
            "fake_response [[]session scope[]]*",
            '    Make the response *: ``fake_response(vendor, code, client="httpx")``*',
            "vendor_server*",
            "    Serve responses on this machine until the test ends: ``vendor_server(fake_response*",
        ]
    )


def test_the_page_about_testing(run):
    """
    The tests that the page shows pass in pytest, each documented error being one.
    """
    code = "\n".join(block.code for block in blocks(PAGE) if block.language == "python")
    result = run(code, "-v")
    result.assert_outcomes(passed=len(documented_errors("gopoints")) + 1)
    result.stdout.fnmatch_lines(["*::test_every_error_has_advice[[]gopoints-auth.token.expired[]] PASSED*"])
