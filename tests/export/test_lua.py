from __future__ import annotations

from attrs import evolve

from errortax.export import lookups, rows
from errortax.export.lua import LIMITS, files

FILES = files(rows(), lookups(), command="errortax export lua")


def test_files() -> None:
    """
    There are the module and the table that it requires.
    """
    assert {"errortax.lua", "errortax_table.lua"} == FILES.keys()
    assert 'require("errortax_table")' in FILES["errortax.lua"]


def test_table_says_how_it_was_made_and_what_it_cannot_do() -> None:
    """
    The comment at the top states the command and each limit, each on a line of its own.
    """
    first, _, *rest = FILES["errortax_table.lua"].splitlines()
    assert first.startswith("-- Made by errortax")
    assert "with `errortax export lua`" in first
    assert [f"-- - {limit}" for limit in LIMITS] == rest[: len(LIMITS)]


def test_module_is_the_same_for_everybody() -> None:
    """
    The module depends neither on the vendors nor on the format.
    """
    assert FILES["errortax.lua"] == files([], (), command="errortax export lua")["errortax.lua"]


def test_table_is_written_as_lua_writes_it() -> None:
    """
    Quotes, backslashes and ends of lines in texts are escaped; truth, numbers and empty lists are Lua's.
    """
    [row] = rows(vendors=["gopoints"], to="oauth")[:1]
    odd = evolve(row, body=b'one "two" \\three\nfour\r\0')
    table = files([odd], lookups(vendors=["gopoints"]), command="errortax export lua")["errortax_table.lua"]
    assert '"one \\"two\\" \\\\three\\nfour\\r\\0",' in table
    assert f'["status"] = {row.emitted_status},' in table
    assert '["hyphen_underscore_alike"] = false,' in table
    assert '["statuses"] = {},' in table
    assert table.endswith("\n}\n")
