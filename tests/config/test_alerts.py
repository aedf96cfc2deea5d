"""`alerts:` read, and its mistakes named with their lines and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerhub.config import InvalidConfig, load_config

GOOD = """\
alerts:
  email:
    host: smtp.a.example
    from: hub@a.example
    to: [ops@a.example, boss@a.example]
    username: hub
    password: ${SMTP_PASSWORD}
  slack: {url: "${SLACK_URL}"}
  webhook: {url: "https://b.example/in", secret: "${ALERT_SECRET}"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "partnerhub.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_channels_are_read_with_secrets_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("SMTP_PASSWORD", "pw"),
        ("SLACK_URL", "https://c.example"),
        ("ALERT_SECRET", "s" * 24),
    ):
        monkeypatch.setenv(name, value)
    alerts = load_config(written(tmp_path, GOOD)).alerts
    assert alerts.channels == ("email", "slack", "webhook")
    assert alerts.email is not None
    assert (alerts.email.port, alerts.email.tls, alerts.email.password) == (587, "starttls", "pw")
    assert alerts.email.recipients == ("ops@a.example", "boss@a.example")
    assert alerts.slack is not None
    assert alerts.slack.url == "https://c.example"
    assert "pw" not in repr(alerts)


def test_commands_that_only_read_need_no_secret(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, GOOD), with_settings=False).alerts.channels == (
        "email",
        "slack",
        "webhook",
    )


def test_hub_without_alerts_has_no_channel(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "own_domains: []\n")).alerts.channels == ()


MISTAKES = [
    ("alerts:\n  slak: {url: x}\n", "2: alerts.slak: `slak` is not a known key", "Write `slack`."),
    ("alerts:\n  slack: {}\n", "2: alerts.slack: `url` is missing.", "${SLACK_URL}"),
    ("alerts:\n  slack: {url: c.example}\n", "2: alerts.slack.url: This is not an address", "`https://`"),
    ("alerts:\n  slack: {url: '${NO_SUCH}'}\n", "2: alerts.slack.url: The environment", "export NO_SUCH"),
    ("alerts:\n  email: {host: h, from: a@b.example}\n", "2: alerts.email: Nobody is named", "to: [ops@"),
    (
        "alerts:\n  email: {host: h, from: me, to: a@b.c}\n",
        "2: alerts.email.from: This is not a mail",
        "ops@",
    ),
    (
        "alerts:\n  email:\n    host: h\n    from: a@b.c\n    to: a@b.c\n    tls: ssl\n",
        "6: alerts.email.tls: There is no way `ssl`",
        "starttls, implicit, off",
    ),
    (
        "alerts:\n  email:\n    host: h\n    from: a@b.c\n    to: a@b.c\n    tls: off\n    password: pw\n",
        "7: alerts.email.password: With `tls: off` the password could be read",
        "tls: starttls",
    ),
    (
        "alerts:\n  webhook: {url: 'https://b.example', secret: short}\n",
        "2: alerts.webhook.secret: This secret is too short.",
        "head -c 32",
    ),
    (
        "alerts:\n  webhook: {url: 'https://b.example', secret: whsec_nonsense!}\n",
        "2: alerts.webhook.secret: What follows `whsec_` is not Base64.",
        "whole secret",
    ),
]


@pytest.mark.parametrize(("text", "happened", "do"), MISTAKES)
def test_mistake_is_named_with_its_line_and_what_to_write(
    tmp_path: Path, text: str, happened: str, do: str
) -> None:
    with pytest.raises(InvalidConfig) as refused:
        load_config(written(tmp_path, text))
    (problem,) = [str(each) for each in refused.value.problems]
    assert happened in problem
    assert do in problem
