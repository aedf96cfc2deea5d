"""From nothing to a configuration that answers."""

from importlib.resources import files

from partnerhub.config import load_config


def test_init_writes_a_configuration_that_loads_and_creates_its_warehouse(run, tmp_path):
    said = run("init")
    assert said.code == 0
    assert load_config(tmp_path / "partnerhub.yaml").sources == {}
    assert (tmp_path / "warehouse.db").is_file()


def test_init_never_overwrites(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("own_domains: [kept.example]\n")
    said = run("init")
    assert said.code == 2
    assert (tmp_path / "partnerhub.yaml").read_text() == "own_domains: [kept.example]\n"


def test_the_template_is_right_once_its_comments_are_taken_away(tmp_path, monkeypatch):
    from partnerhub.config.template import TEMPLATE

    monkeypatch.setenv("HUBSPOT_TOKEN", "made-up")
    lines = [line[1:] if line.startswith("#  ") else line for line in TEMPLATE.splitlines()]
    (tmp_path / "partnerhub.yaml").write_text("\n".join(lines))
    (tmp_path / "weights.json").write_text(files("partnerhub.identity").joinpath("weights.json").read_text())
    assert list(load_config(tmp_path / "partnerhub.yaml").sources) == ["partner_list", "hubspot"]


def test_check_of_a_missing_file_says_what_to_do_and_that_a_person_must_act(run, tmp_path):
    (tmp_path / "partnerhub.yaml").write_text("sources: {list: {connector: sheets, path: gone.csv}}\n")
    said = run("check", "--json")
    assert said.code == 3
    source = said.json["sources"][0]
    assert (source["source"], source["state"]) == ("list", "broken")
    assert source["do"]


def test_check_of_a_good_source_says_ok(run, tmp_path):
    (tmp_path / "list.csv").write_text("name\nAcme\n")
    (tmp_path / "partnerhub.yaml").write_text("sources: {list: {connector: sheets, path: list.csv}}\n")
    said = run("check", "--json")
    assert said.code == 0
    assert said.json["sources"][0]["account"] == "list.csv"


def test_another_account_than_the_pinned_one_needs_a_person(tmp_path):
    from partnerhub.cli.setup import check_source

    (tmp_path / "list.csv").write_text("name\nAcme\n")
    path = tmp_path / "partnerhub.yaml"
    path.write_text("sources: {list: {connector: sheets, path: list.csv}}\n")
    found = check_source(load_config(path), "list", "another.csv")
    assert (found.state, found.account, found.pinned_account) == ("broken", "list.csv", "another.csv")


def test_sync_without_sources_is_a_configuration_error(run):
    run("init")
    said = run("sync")
    assert said.code == 2
    assert "partnerhub demo" in said.err
