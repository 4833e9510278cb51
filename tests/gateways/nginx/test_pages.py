"""
The pages of errors beside a gateway, served as the guide shows it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from errortax import load_registry
from errortax.docgen import Catalogue, files
from gateways.client import ask, free_port, listens
from gateways.hosts import started
from noting import noted

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "host-the-pages.md"
ROOT = "https://gateway.example/errors"
CONFIGURATION = """\
events {{}}
http {{
    access_log off;
    types {{ text/html html; text/css css; text/javascript js; }}
    {folders}
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""


@pytest.fixture
def port(tmp_path):
    """Serve the pages of the bundled registry with the configuration of the guide; return the port."""
    [location] = re.findall(r"^location /errors/ \{\n.*?^\}\n", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert "/srv/pages/" in location
    for name, text in files(Catalogue(load_registry(documentation_url=ROOT)), "html"):
        path = tmp_path / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    own = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    configuration = CONFIGURATION.format(
        folders="\n    ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds),
        port=own,
        location=location.replace("/srv/pages/", f"{tmp_path}/pages/"),
    )
    (tmp_path / "nginx.conf").write_text(configuration)
    command = ["nginx", "-p", f"{tmp_path}/", "-e", "error.log", "-c", "nginx.conf", "-g", "daemon off; master_process off;"]
    with started(command, own, ready=lambda: listens(own)):
        yield own


def test_every_address_is_served(port):
    """
    Each page is at the very path of its address, and so are the files that all pages share.
    """
    registry = load_registry(documentation_url=ROOT)
    for page in Catalogue(registry).pages():
        with noted(page.url):
            answer = ask(port, f"/errors/{page.path}")
            assert (200, "text/html") == (answer.status, answer.header("content-type"))
            assert page.url.encode() in answer.body
    assert 200 == ask(port, "/errors/_static/docs.css").status
    assert 404 == ask(port, "/errors/gopoints/no-such-code").status
