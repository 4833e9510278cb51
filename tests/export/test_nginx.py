from __future__ import annotations

import json
import re

from errortax.export import lookups, rows
from errortax.export.nginx import LIMITS, files

FILES = files(rows(), lookups(), command="errortax export nginx --to problem+json")


def test_files() -> None:
    """
    There are the table, the script, the locations, and a piece of configuration for each vendor.
    """
    vendors = {f"{lookup.vendor}.conf" for lookup in lookups()}
    assert {"errortax.json", "errortax.js", "locations.conf"} | vendors == FILES.keys()


def test_table_says_how_it_was_made_and_what_it_cannot_do() -> None:
    """
    The first member of the table has the command and each limit.
    """
    first, *rest = json.loads(FILES["errortax.json"])["$comment"]
    assert "with `errortax export nginx --to problem+json`" in first
    assert [f"- {limit}" for limit in LIMITS] == rest[1:]


def test_script_is_the_same_for_everybody() -> None:
    """
    The script depends neither on the vendors nor on the format.
    """
    assert FILES["errortax.js"] == files(rows(vendors=[]), (), command="errortax export nginx")["errortax.js"]


def test_code_in_the_body_needs_the_filters() -> None:
    """
    A vendor with the code in the body gets both filters, and no error page.
    """
    assert "js_header_filter errortax.headers;" in FILES["gopoints.conf"]
    assert "js_body_filter errortax.body buffer_type=buffer;" in FILES["gopoints.conf"]
    assert "error_page" not in FILES["gopoints.conf"]


def test_status_that_is_the_code_leads_to_an_error_page() -> None:
    """
    A vendor whose status is the code gets an error page for each status except 499, which nginx does not accept.
    """
    pages = re.findall(r"^error_page ([\d ]+) =(\d+) @errortax;$", FILES["authrocket.conf"], re.MULTILINE)
    emitted = {int(status): int(sent) for statuses, sent in pages for status in statuses.split()}
    own = {int(status) for status in re.findall(r"^error_page \d+ = @errortax_(\d+);$", FILES["authrocket.conf"], re.MULTILINE)}
    assert set(range(400, 600)) - {499} == emitted.keys() | own
    assert 403 in own, "nginx refuses with it, too, and a location of its own knows which of them it was"
    assert 401 == emitted[401]
    assert not emitted.keys() & own
    assert all(f"location @errortax_{status} {{" in FILES["locations.conf"] for status in own)
    assert "proxy_intercept_errors on;" in FILES["authrocket.conf"]
    assert "js_body_filter" not in FILES["authrocket.conf"]


def test_no_error_page_without_a_status() -> None:
    """
    A row about 499 alone makes no error page.
    """
    odd = [row for row in rows(vendors=["http"]) if row.statuses == (499,)]
    assert "error_page" not in files(odd, lookups(vendors=["http"]), command="errortax export nginx")["http.conf"]


def test_upstreams_do_not_steer_nginx() -> None:
    """
    Header fields with which an upstream could control nginx are ignored in each location.
    """
    for lookup in lookups():
        assert "proxy_ignore_headers X-Accel-Redirect" in FILES[f"{lookup.vendor}.conf"]
