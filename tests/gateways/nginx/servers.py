"""
nginx of Debian with its modules for njs and Lua, started with the example configurations and what the exporters write.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from errortax.export import lookups, lua, nginx, rows
from gateways.client import free_port, listens
from gateways.hosts import Ability, Host, Instead, Serve, Settings, started
from gateways.upstream import Upstream

EXAMPLES = Path(__file__).parents[3] / "examples" / "gateway"
TABLES = "tables"
"""The folder of what the exporters write, in the one that `installed` gets."""

PREFIX = "prefix"
"""The folder of nginx itself there, with its log."""

IN_BODY = ("gopoints", "planoauth")
"""The vendors whose code is in the body."""


@contextmanager
def running(exporter: ModuleType, example: str, changes: Mapping[str, str], *, port: str, shadow: bool = False) -> Iterator[int]:
    """
    Start nginx with the *example* and what the *exporter* writes; yield the port that stands for *port* in the example.
    """
    folder = Path(tempfile.mkdtemp(prefix="errortax-nginx-"))
    try:
        ports = {"127.0.0.1:8080": f"127.0.0.1:{free_port()}", "127.0.0.1:8090": f"127.0.0.1:{free_port()}"}
        command = installed(folder, exporter, example, {**ports, **changes}, shadow=shadow)
        own = int(ports[port].rpartition(":")[2])
        with started(command, own, ready=lambda: listens(own)):
            yield own
    finally:
        shutil.rmtree(folder)


def installed(folder: Path, exporter: ModuleType, example: str, changes: Mapping[str, str], *, shadow: bool = False) -> list[str]:
    """
    Write the *example* and what the *exporter* makes for it into *folder*; return the command that starts nginx.

    The tables do not lie in nginx's own folder, as they do not in /etc/nginx/errortax: what finds them there only would not
    start for anybody else.
    """
    tables, prefix = folder / TABLES, folder / PREFIX
    for place in (tables, prefix):
        place.mkdir()
    for name, content in exporter.files(rows(), lookups(), command="errortax export", shadow=shadow).items():
        (tables / name).write_text(content)
    configuration = (EXAMPLES / example).read_text()
    places = {"/etc/nginx/errortax": str(tables), "http {": f"http {{\n{_folders(prefix)}"}
    for old, new in {**places, **changes}.items():
        assert old in configuration, old
        configuration = configuration.replace(old, new)
    (prefix / "nginx.conf").write_text(configuration)
    return ["nginx", "-p", f"{prefix}/", "-e", "error.log", "-c", "nginx.conf", "-g", "daemon off; master_process off;"]


def _folders(folder: Path) -> str:
    """Let nginx keep its temporary files in *folder*, whoever runs the tests."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)


def _serve(exporter: ModuleType, example: str, port: str) -> Serve:
    @contextmanager
    def serve(upstream: Upstream, settings: Settings) -> Iterator[int]:
        changes = {
            "127.0.0.1:8081": f"127.0.0.1:{upstream.port}",
            "127.0.0.1:8082": f"127.0.0.1:{upstream.refusing_port}",
            "proxy_read_timeout 60s": f"proxy_read_timeout {int(settings.timeout)}s",
        }
        with running(exporter, example, changes, port=port, shadow=settings.shadow) as own:
            yield own

    return serve


FROM_TABLES = {
    Ability.CONDITIONS: Instead.LESS,
    Ability.FIELD_ERRORS: Instead.LESS,
    Ability.REQUEST_ID: Instead.LESS,
    Ability.DELAYS: Instead.LESS,
    Ability.DECODING: Instead.BY_STATUS,
    Ability.LOCALE: Instead.LESS,
    Ability.FAILURES: Instead.BY_STATUS,
    Ability.UPLOADS: Instead.LESS,  # nginx asks the upstream when the whole body is there
}
FILTERS = {
    **FROM_TABLES,
    Ability.INSPECTION: Instead.UNTOUCHED,
    Ability.STALLED: Instead.BROKEN,
    Ability.BROKEN: Instead.BROKEN,
}

HELD = {**FROM_TABLES, Ability.CALLERS: Instead.FAILURE}  # nginx does not watch the caller while a subrequest runs

LATE = {**FILTERS, Ability.STATUS: Instead.LESS}  # the status line is sent before the body is read

NJS = Host("nginx (njs)", _serve(nginx, "nginx.conf", "127.0.0.1:8080"), {**LATE, Ability.REASON: Instead.UNTOUCHED})
NJS_EXACT = Host("nginx (njs, responses held back)", _serve(nginx, "nginx.conf", "127.0.0.1:8090"), HELD)
LUA = Host("nginx (Lua)", _serve(lua, "nginx-lua.conf", "127.0.0.1:8080"), LATE)
LUA_EXACT = Host("nginx (Lua, responses held back)", _serve(lua, "nginx-lua.conf", "127.0.0.1:8090"), HELD)
EXACT = (NJS_EXACT, LUA_EXACT)
