"""Every mistake is named with its line and what to write instead; all of them in one go; no secret in any."""

from pathlib import Path

import pytest

from partnerhub.config import InvalidConfig, load_config

SALESFORCE = """\
sources:
  crm:
    connector: salesforce
    token: t
    instance_url: https://a.example
"""
HUBSPOT = "sources:\n  crm:\n    connector: hubspot\n    token: abc-canary-1234\n"


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "partnerhub.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfig) as refused:
        load_config(path)
    return [str(problem) for problem in refused.value.problems]


MISTAKES = [
    ("warehous: x\n", "1: warehous: ", "Write `warehouse`."),
    ("warehouse: mysql://x\n", "1: warehouse: ", "sqlite:///warehouse.db"),
    ("own_domains: [northwind]\n", "1: own_domains: ", "`northwind.example`"),
    ("default_region: UK\n", "1: default_region: ", "Write `GB`."),
    ("default_region: Germany\n", "1: default_region: ", "Write for example `US`."),
    ("matching: {auto: 50}\n", "1: matching.auto: This must be a probability", "Write `0.5`."),
    ("matching:\n  review: often\n", "2: matching.review: This must be a probability", "between 0 and 1"),
    (
        "matching:\n  auto: 0.4\n  review: 0.6\n",
        "3: matching.review: Nothing lies between",
        "less than `auto`",
    ),
    (
        "matching:\n  review: 0.99\n",
        "2: matching.review: Nothing lies between 0.99 and 0.",
        "less than `auto`",
    ),
    (
        "matching: {weights: nowhere.json}\n",
        "1: matching.weights: There is no file",
        "`partnerhub learn` writes one",
    ),
    ("matching: {weights: partnerhub.yaml}\n", "1: matching.weights: ", "writes it anew"),
    ("matching: {atuo: 0.5}\n", "1: matching.atuo: `atuo` is not a known key", "Write `auto`."),
    ("clock: tomorrow\n", "1: clock: ", "Write it as `2026-09-01T09:00:00Z`"),
    ("clock: ${FILE:no.txt}\n", "1: clock: The file ", "Create it"),
    ("default_currency: true\n", "1: default_currency: This must be text.", "`USD`"),
    ("sources: [hubspot]\n", "1: sources: This must hold keys and values.", "hubspot: {connector: hubspot"),
    ("sources:\n  crm: {}\n", "2: sources.crm.connector: No connector is named", "hubspot"),
    ("sources:\n  crm: {connector: hubspt}\n", "2: sources.crm.connector: ", "Write `hubspot`."),
    (HUBSPOT.replace("crm", "My-CRM"), "2: sources.My-CRM: ", "Write `my_crm`."),
    (HUBSPOT.replace("crm", "hub"), "2: sources.hub: ", "Choose another name."),
    (HUBSPOT.replace("token:", "tokn:"), "4: sources.crm.tokn: HubSpot has no setting", "Write `token`."),
    (
        HUBSPOT.replace("hubspot", "jira").replace("    token: abc-canary-1234\n", ""),
        "2: sources.crm.token: Jira needs",
        "${CRM_TOKEN}",
    ),
    (
        HUBSPOT.replace("    token: abc-canary-1234\n", ""),
        "2: sources.crm: ",
        "set token, or refresh_token with client_id and client_secret",
    ),
    (
        SALESFORCE + "    objects: {Visit__c: party}\n",
        "6: sources.crm.objects",
        "'meeting', 'call' or 'note'",
    ),
    (HUBSPOT + "    schedule: 15m\n", "5: sources.crm.schedule: ", 'Write `"*/15 * * * *"`.'),
    (HUBSPOT + '    schedule: "61 * * * *"\n', "5: sources.crm.schedule: ", "five fields"),
    (HUBSPOT + "    schedule: '* * * * * *'\n", "5: sources.crm.schedule: ", "five fields"),
    (HUBSPOT + "    priority: high\n", "5: sources.crm.priority: ", "`10`"),
    (HUBSPOT + "    streams: [companys]\n", "5: sources.crm.streams: ", "Write `companies`."),
    (HUBSPOT + "    fields: {teir: x}\n", "5: sources.crm.fields.teir: ", "Write `tier`."),
    (HUBSPOT + "    fields: {tier: [x]}\n", "5: sources.crm.fields.tier: This must be text.", ""),
    (HUBSPOT + "partners:\n  - {source: cmr}\n", "6: partners.1.source: ", "Write `crm`."),
    (
        HUBSPOT + "partners:\n  - source: crm\n    where: {typ: [A]}\n",
        "7: partners.1.where.typ: ",
        "partnerhub mappings",
    ),
    (
        HUBSPOT + "partners:\n  - source: crm\n    where: {tier: []}\n",
        "7: partners.1.where.tier: ",
        "at least one",
    ),
    (HUBSPOT + "survivorship: {fields: {tier: [cmr]}}\n", "5: survivorship.fields.tier.1: ", "Write `crm`."),
    (HUBSPOT + "survivorship: {by: {tier: often}}\n", "5: survivorship.by.tier: ", "frequent"),
    (HUBSPOT + "survivorship: {by: {tier: complete}}\n", "5: survivorship.by.tier: ", "Write `frequent`"),
    (HUBSPOT + "survivorship: {by: {roles: frequent}}\n", "5: survivorship.by.roles: ", ""),
    (HUBSPOT + HUBSPOT, "5: sources: This key is given twice.", "first stands on line 1"),
    ("sources:\n\tcrm: {}\n", "2: This is not valid YAML.", "spaces"),
    (HUBSPOT + "    schedule: */15 * * * *\n", "5: This is not valid YAML.", '"*/15 * * * *"'),
    ("a: &a [*a]\n", "1: a", "reference to itself"),
]


@pytest.mark.parametrize(("text", "where", "instead"), MISTAKES, ids=[where for _, where, _ in MISTAKES])
def test_a_mistake_is_refused_with_its_line_and_what_to_write(tmp_path, text, where, instead):
    found = [each for each in problems(tmp_path, text) if each.startswith(where)]
    assert found
    assert instead in found[0]
    assert "canary" not in found[0]


def test_all_mistakes_are_reported_at_once(tmp_path):
    text = "default_region: UK\nwarehouse: mysql://x\n" + HUBSPOT + "    priority: high\n"
    assert [line.split(":")[0] for line in problems(tmp_path, text)] == ["1", "2", "7"]


def test_an_unset_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    found = problems(tmp_path, HUBSPOT.replace("abc-canary-1234", "${NOT_SET_ANYWHERE}"))
    assert len(found) == 1
    assert found[0].startswith("4: sources.crm.token: The environment variable NOT_SET_ANYWHERE is not set.")


def test_a_value_of_a_wrong_type_is_not_repeated(tmp_path):
    found = problems(tmp_path, HUBSPOT.replace("abc-canary-1234", "[canary]"))
    assert "canary" not in str(found)


def test_a_missing_file_says_how_to_write_one(tmp_path):
    with pytest.raises(InvalidConfig, match="partnerhub init"):
        load_config(tmp_path / "absent.yaml")


@pytest.mark.parametrize("password", ["can/ary", "can#ary", "can?ary", "can@ary"])
def test_a_password_that_an_address_cannot_hold_is_refused_and_not_shown(tmp_path, password):
    (said,) = problems(tmp_path, f'warehouse: "postgresql://hub:{password}@db.example/hub"\n')
    assert "%2F for /" in said
    assert "ary" not in said
