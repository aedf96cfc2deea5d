"""The process exports read in: what it loads, what it says, and when it ends."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from warehouse.exports.apart import ProcessLost, apart

LOADED = """[
    __import__('warehouse.exports.export').exports.columnar.on_sqlite(
        __import__('warehouse.database').database.Database({url!r})
    ).close(),
    sorted(__import__('sys').modules),
][1]"""
SLEEPS = "[print('sleeps', flush=True), __import__('time').sleep(20)]"
PARENT = "from warehouse.exports.apart import apart; import sys; apart(eval, sys.argv[1])"


def test_it_loads_neither_the_tables_nor_pandas_nor_the_program_that_started_this_one(tmp_path):
    (tmp_path / "warehouse.db").touch()
    loaded = apart(eval, LOADED.format(url=f"sqlite:///{tmp_path}/warehouse.db"))
    assert "warehouse.exports.export" in loaded
    assert not {"warehouse.tables.golden", "pandas", "alembic", "pytest"} & set(loaded)


def test_what_is_printed_meanwhile_is_no_answer():
    assert apart(eval, "[print('hello'), 7][1]") == 7


def test_an_error_there_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        apart(eval, "1 / 0")


def test_a_process_that_is_killed_is_told_with_what_ended_it():
    with pytest.raises(ProcessLost, match="ended with -9"):
        apart(eval, "__import__('os').kill(__import__('os').getpid(), 9)")


def test_it_ends_as_soon_as_the_process_that_waits_for_it_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, SLEEPS], stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        assert parent.stderr.readline() == "sleeps\n"
        parent.kill()
        began = time.monotonic()
        parent.stderr.read()  # ends when nobody is left who could write to it
    assert time.monotonic() - began < 10
