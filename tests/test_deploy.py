"""The examples of deploy/ hold together: what they name exists, what they carry is what the hub and Dagster accept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config_schema

from partnerhub.cli.app import main
from partnerhub.config import load_config
from tests.conftest import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes" / "partnerhub.yaml"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
STOPS_WITHIN = 10
"""Seconds `partnerhub up` takes at most to end."""


def objects() -> dict[str, dict[str, Any]]:
    return {each["kind"]: each for each in yaml.safe_load_all(KUBERNETES.read_text())}


def pods() -> list[dict[str, Any]]:
    found = objects()
    return [
        found["Deployment"]["spec"]["template"]["spec"],
        found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"],
    ]


def test_kubernetes_carries_the_same_dagster_settings_as_compose() -> None:
    carried = yaml.safe_load(objects()["ConfigMap"]["data"]["dagster.yaml"])
    assert carried == yaml.safe_load((DEPLOY / "compose" / "dagster.yaml").read_text())


@pytest.mark.parametrize("path", ["deploy/compose/dagster.yaml", "dagster.yaml"])
def test_dagster_accepts_its_settings(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_PG_URL", "postgresql+psycopg2://hub:made-up@database/dagster")
    judged = process_config(dagster_instance_config_schema(), yaml.safe_load((REPOSITORY / path).read_text()))
    assert judged.success, judged.errors


@pytest.mark.parametrize("where", ["compose", "kubernetes"])
def test_the_hub_accepts_its_configuration(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "made-up")
    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://hub:made-up@database/warehouse")
    text = (DEPLOY / "compose" / "partnerhub.yaml").read_text()
    if where == "kubernetes":
        text = objects()["ConfigMap"]["data"]["partnerhub.yaml"]
    (tmp_path / "partnerhub.yaml").write_text(text)
    assert load_config(tmp_path / "partnerhub.yaml").warehouse_label == "postgresql://database/warehouse"


def test_pods_mount_what_they_declare_and_can_write_in_their_home() -> None:
    files = set(objects()["ConfigMap"]["data"])
    for pod in pods():
        volumes = {each["name"]: each for each in pod["volumes"]}
        (container,) = pod["containers"]
        mounts = container["volumeMounts"]
        assert {each["name"] for each in mounts} == set(volumes)
        home = next(each for each in mounts if each["mountPath"] == "/srv/partnerhub")
        assert "emptyDir" in volumes[home["name"]]
        assert {each["subPath"] for each in mounts if "subPath" in each} == files


def test_the_deployment_selects_its_own_pods_and_never_runs_two() -> None:
    spec = objects()["Deployment"]["spec"]
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")


def test_every_way_waits_longer_for_the_end_than_the_hub_takes() -> None:
    compose = yaml.safe_load(COMPOSE.read_text())["services"]["hub"]["stop_grace_period"]
    unit = re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / "systemd" / "partnerhub.service").read_text())
    assert unit is not None
    waits = [int(compose.removesuffix("s")), int(unit[1])]
    waits += [pod["terminationGracePeriodSeconds"] for pod in pods()]
    assert min(waits) > STOPS_WITHIN


def test_compose_mounts_files_that_are_there_and_waits_for_a_healthy_database() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    mounted = [each.partition(":")[0] for service in services.values() for each in service["volumes"]]
    for name in (each for each in mounted if each.startswith("./")):
        assert (COMPOSE.parent / name).is_file()
    build = services["hub"]["build"]
    assert (COMPOSE.parent / build["context"] / build["dockerfile"]).is_file()
    assert services["hub"]["depends_on"]["database"] == {"condition": "service_healthy"}
    assert "healthcheck" in services["database"]


def test_nothing_opens_dagsters_pages_to_others() -> None:
    """They have no sign-in: no file starts them, no port is published, and `make dev` leaves them on the loopback."""
    told = {path: path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    assert not [
        path
        for path, text in told.items()
        if re.search("webserver|dagster dev|EXPOSE|hostPort|0\\.0\\.0\\.0", text)
    ]
    assert not any("ports" in each for each in yaml.safe_load(COMPOSE.read_text())["services"].values())
    assert not any("ports" in container for pod in pods() for container in pod["containers"])
    assert "Service" not in objects()
    makefile = (DEPLOY.parent / "Makefile").read_text()
    assert re.findall(r"dagster dev.*", makefile) == ["dagster dev"]


def commands() -> list[list[str]]:
    image = re.findall(r"^CMD (\[.+\])$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    units = [re.findall(r"\.venv/bin/partnerhub (\w+)", path.read_text()) for path in UNITS]
    return [
        *(yaml.safe_load(each)[1:] for each in image),
        *(pod["containers"][0]["args"][1:] for pod in pods()),
        *units,
    ]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_one_of_ours(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    assert command[0] in capsys.readouterr().out


def test_the_image_is_built_from_files_that_are_there() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    (copied,) = re.findall(r"^COPY (requirements.+) \./$", text, re.MULTILINE)
    assert all((REPOSITORY / name).is_file() for name in copied.split())
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".venv", "**/.env"} <= set(ignored)
