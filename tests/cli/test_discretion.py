"""Promise 11 at the command line: a traceback and a log line name an error, and never show what it quotes."""

import pytest
import structlog

from connectors.errors import FixSetup
from partnerhub.cli.discretion import discreet, traceback_lines
from partnerhub.cli.invocation import log_to_stderr

CANARY = "canary-3f81"


def raised(error, cause=None):
    try:
        raise error from cause
    except Exception as caught:  # noqa: BLE001
        return "".join(traceback_lines(caught))


def test_a_traceback_shows_places_and_classes_but_no_text_of_others():
    said = raised(RuntimeError(CANARY), ValueError(f"row: {CANARY}"))
    assert CANARY not in said
    assert "ValueError" in said
    assert "RuntimeError" in said
    assert "test_discretion.py" in said


def test_a_traceback_shows_the_sentences_of_our_own_errors():
    assert "Do this." in raised(FixSetup(code="x", do="Do this.", happened="That happened."))


def test_debug_shows_a_traceback_and_keeps_the_exit_code(run, tmp_path, monkeypatch):
    (tmp_path / "partnerhub.yaml").write_text(
        f"sources: {{crm: {{connector: hubspot, token: {CANARY}, tires: 3}}}}\n"
    )
    said = run("--debug", "sync")
    assert said.code == 2
    assert CANARY not in said.out + said.err
    assert "in load_config" in said.err


@pytest.mark.parametrize(
    "fields",
    [
        {"token": CANARY},
        {"text": CANARY},
        {"url": f"postgresql://hub:{CANARY}@db/hub"},
        {"header": f"Bearer {CANARY}"},
        {"cause": ValueError(CANARY)},
        {"exc_info": ValueError(CANARY)},
    ],
    ids=str,
)
def test_a_log_line_leaves_out_what_may_be_private(capfd, fields):
    log_to_stderr(debug=True)
    try:
        structlog.get_logger().error("something happened", source="crm", **fields)
    finally:
        structlog.reset_defaults()
    said = capfd.readouterr().err
    assert CANARY not in said
    assert "something happened" in said
    assert "crm" in said


def test_the_processor_is_there_once_however_often_logging_is_set_up():
    try:
        log_to_stderr(debug=False)
        log_to_stderr(debug=False)
        assert structlog.get_config()["processors"].count(discreet) == 1
    finally:
        structlog.reset_defaults()
