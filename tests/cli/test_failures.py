"""Every error becomes two sentences and the exit code a script can act on; never a traceback."""

import pytest

from connectors.errors import FixSetup, RetryLater, SkipStream, WaitForQuota
from partnerhub.cli.failures import understood
from warehouse.errors import AlreadyRunning, DatabaseUnavailable, NotFound, UnsupportedUrl

FACTS = {"code": "x", "do": "Do this.", "happened": "That happened."}

EXIT_CODES = [
    (FixSetup(**FACTS), 3),
    (RetryLater(**FACTS), 4),
    (WaitForQuota(**FACTS), 4),
    (SkipStream(**FACTS), 1),
    (AlreadyRunning("sync:crm", "somebody", "09:00"), 75),
    (UnsupportedUrl("mysql://x"), 2),
    (DatabaseUnavailable("db", "refused"), 3),
    (NotFound("Nobody.", "Look elsewhere."), 1),
    (KeyboardInterrupt(), 130),
    (ValueError("boom"), 1),
]


@pytest.mark.parametrize(("error", "code"), EXIT_CODES, ids=[type(error).__name__ for error, _ in EXIT_CODES])
def test_an_error_has_its_exit_code_and_says_what_to_do(error, code):
    told = understood(error)
    assert told.exit_code == code
    assert told.happened
    assert told.do


def test_an_unexpected_error_keeps_its_message_to_itself():
    told = understood(ValueError("password=canary"))
    assert "canary" not in str(told)
    assert "--debug" in told.do


@pytest.mark.parametrize(
    "arguments",
    [("bogus",), ("sync", "--nope"), ("show",), ("--config", "gone.yaml", "status"), ("import", "gone.csv")],
    ids=" ".join,
)
def test_usage_and_configuration_mistakes_end_with_2(run, arguments):
    said = run(*arguments)
    assert said.code == 2
    assert "Traceback" not in said.err


def test_with_json_an_error_is_json_too(run):
    said = run("--config", "gone.yaml", "status", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "invalid_configuration"
    assert "partnerhub init" in said.json["error"]["do"]


def test_reading_a_warehouse_that_is_not_there_does_not_create_it(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("sources: {}\n")
    said = run("status")
    assert said.code == 3
    assert "partnerhub sync" in said.err
    assert not (tmp_path / "warehouse.db").exists()


def test_an_unknown_source_is_answered_with_the_nearest(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("sources: {partner_list: {connector: sheets, path: x.csv}}\n")
    said = run("sync", "partnerlist")
    assert said.code == 2
    assert "Write `partner_list`." in said.err
