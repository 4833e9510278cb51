"""
Which of the gateways that only a system can bring are installed: where one is not, its tests are not collected.

``.ci/run`` installs all of them; Envoy comes with tox (see ``tox.ini``), the servers in Python with the requirements.
"""

from __future__ import annotations

import os
from pathlib import Path
from shutil import which

NGINX_MODULES = Path("/usr/lib/nginx/modules")
"""Where Debian has them."""

_FOUND = {
    "haproxy": bool(os.environ.get("HAPROXY") or which("haproxy")),
    "nginx": which("nginx") is not None
    and all((NGINX_MODULES / f"ngx_http_{language}_module.so").exists() for language in ("js", "lua")),
}
MISSING = tuple(name for name, is_there in _FOUND.items() if not is_there)


def tests_without(name: str) -> list[str]:
    """Return the patterns of test files that cannot run without *name*, if it is missing."""
    return ["test_*.py"] if name in MISSING else []
