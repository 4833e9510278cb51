from __future__ import annotations

from gateways.installed import tests_without

collect_ignore_glob = tests_without("haproxy")
