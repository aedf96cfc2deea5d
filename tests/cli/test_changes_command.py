"""`partnerhub changes` from a shell."""

from __future__ import annotations

import json

import pytest

from partnerhub.cli.app import main


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_changes_are_listed_from_a_cursor_on_as_json_and_for_people(configured, capsys):
    assert code("changes", "--cursor", "now", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["changes"], told["more"]) == ([], False)
    assert code("changes", "--cursor", told["next"]) == 0
    assert "Nothing changed since." in capsys.readouterr().out


def test_whoever_reads_stands_in_the_audit_log(configured, capsys):
    assert code("changes") == 0
    capsys.readouterr()
    assert code("audit", "tail", "--json") == 0
    assert "changes.read" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cursor", "x"), "This is not a cursor of this feed."),
        (("--kinds", "weather"), "There is no kind of change"),
        (("push",), "No webhook is configured."),
        (("resume", "crm"), "No webhook called crm was ever told anything."),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(configured, capsys, arguments, said):
    assert code("changes", *arguments) != 0
    assert said in capsys.readouterr().err


def test_webhooks_that_were_never_told_anything_are_listed_too(configured, capsys):
    text = (configured / "partnerhub.yaml").read_text()
    hook = "changes: {webhooks: {crm: {url: 'http://127.0.0.1:9/x', secret: sixteen-letters-and-more}}}\n"
    (configured / "partnerhub.yaml").write_text(text + hook)
    assert code("changes", "webhooks", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"webhooks": [{"name": "crm", "configured": True}]}
