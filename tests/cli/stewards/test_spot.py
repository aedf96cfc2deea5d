"""Which partner a free text names, from the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import subprocess_command


@pytest.fixture
def named(folder, ask):
    (folder / "more.csv").write_text(
        "Company,Website\nEland Water Partners,eland.example\nEland Water Partners North,north.example\n"
        "Fintan Road Works,fintan.example\n"
    )
    assert subprocess_command(folder, "import", "more.csv", "--key", "Company").code == 0
    return ask


def test_a_clear_name_is_told_with_the_words_that_name_it(named):
    said = named("spot", "Renewal for Fintan Road Works, second year").out
    assert "It names Fintan Road Works: “Renewal for Fintan Road Works, second year”" in said
    found = named("spot", "Renewal for Fintan Road Works", "--json").json
    assert (found["organization"]["name"], found["reason"]) == ("Fintan Road Works", None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Renewal for Eland Water Partners", "bears a longer name that holds this one"),
        ("Fintan Road Works meets Eland Water Partners North", "several organizations may be meant"),
        ("Nothing to see", "no organization here bears a name"),
    ],
)
def test_what_would_wait_says_why(named, text, reason):
    assert reason in named("spot", text).out
    assert named("spot", text, "--json").json["organization"] is None
