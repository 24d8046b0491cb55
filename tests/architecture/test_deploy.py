"""What an operator is given to run names only what there is, and gives nobody more rights than are needed."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import typer.main
import yaml
from click import Group

from services.cli.app import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
IMAGE = run_path(str(DEPLOY / "rehearse.py"))["steps"]((DEPLOY / "Dockerfile").read_text())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
KUBERNETES = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
UNITS = sorted(DEPLOY.glob("*.service"))
COMMANDS = typer.main.get_command(app)
SETTINGS = set(re.findall(r'"(ONRECORD_[A-Z_]+)"', (ROOT / "services" / "settings.py").read_text()))
VERSION = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


def pods() -> Iterator[dict[str, Any]]:
    """The pods that the manifests make."""
    for thing in KUBERNETES:
        spec = thing["spec"]
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield spec["template"]["spec"]


CONTAINERS = [one for pod in pods() for one in pod["containers"]]
OURS = {name: one for name, one in COMPOSE.items() if name != "database"}


def is_command(words: list[str]) -> bool:
    """Whether the command line has these words, down to what is no command any more."""
    here: Any = COMMANDS
    for word in words:
        if not isinstance(here, Group):
            return True
        if word not in here.commands:
            return False
        here = here.commands[word]
    return True


def told(name: str) -> list[str]:
    return [rest for step, rest in IMAGE if step == name]


def test_the_image_is_built_from_named_versions_and_hashed_packages() -> None:
    assert all(re.search(r":\d[\w.]*-slim-\w+( |$)", base) for base in told("FROM"))
    installs = [rest for rest in told("RUN") if "pip " in rest and "install" in rest]
    assert all("--require-hashes" in rest or "--no-index" in rest for rest in installs)
    assert len(installs) == 3


def test_the_image_copies_only_what_the_checkout_has_and_its_ignore_file_lets_through() -> None:
    copied = [source for rest in told("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert sorted(copied) == sorted(one[1:] for one in let_through if one.startswith("!"))


def test_the_image_runs_as_nobody_in_particular_and_writes_to_its_home_alone() -> None:
    last = max(place for place, (step, _) in enumerate(IMAGE) if step == "FROM")
    after = IMAGE[last + 1 :]
    assert ("USER", "10001:10001") in after
    assert all(step != "RUN" for step, _ in after[after.index(("USER", "10001:10001")) :])
    settings = dict(word.split("=", 1) for step, rest in after if step == "ENV" for word in rest.split())
    assert json.loads(dict(after)["VOLUME"]) == [settings["ONRECORD_HOME"]]
    assert {name for name in settings if name.startswith("ONRECORD_")} <= SETTINGS
    assert is_command(json.loads(dict(after)["CMD"]))


def test_the_image_is_that_of_this_version() -> None:
    assert VERSION is not None
    assert f"onrecord-{VERSION[1]}-py3-none-any.whl" in told("RUN")[-2]
    images = {one["image"] for one in [*CONTAINERS, *OURS.values()]}
    assert images == {f"onrecord:{VERSION[1]}"}


@pytest.mark.parametrize("name", COMPOSE)
def test_a_service_of_the_compose_file_has_no_rights_to_spare(name: str) -> None:
    one = COMPOSE[name]
    assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert one["user"] not in ("root", "0")
    assert not one["image"].endswith(":latest")
    assert ":" in one["image"]
    assert "test" in one["healthcheck"] or one["healthcheck"] == {"disable": True}


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_the_compose_file_runs_a_command_with_settings_that_there_are(name: str) -> None:
    assert is_command(OURS[name]["command"])
    assert set(OURS[name]["environment"]) <= SETTINGS
    assert all(port.startswith("127.0.0.1:") for port in OURS[name].get("ports", ()))


def test_the_database_of_the_compose_file_gets_its_roles_from_files_that_there_are() -> None:
    files = [volume.split(":")[0] for volume in COMPOSE["database"]["volumes"] if volume.startswith("./")]
    assert [file for file in files if not (DEPLOY / file).is_file()] == []
    named = set(re.findall(r"\$\{?(\w+)", (DEPLOY / "roles.sh").read_text()))
    assert named - {"POSTGRES_USER"} <= set(COMPOSE["database"]["environment"])
    asked = set(re.findall(r":'(\w+)'", (DEPLOY / "roles.sql").read_text()))
    assert asked == set(re.findall(r"--set (\w+)=", (DEPLOY / "roles.sh").read_text()))


@pytest.mark.parametrize("one", CONTAINERS, ids=lambda one: one["name"])
def test_a_container_of_the_manifests_has_no_rights_to_spare_and_runs_what_there_is(one: dict[str, Any]) -> None:
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert is_command(one["args"])
    assert {env["name"] for env in one["env"]} <= SETTINGS
    assert "memory" in one["resources"]["limits"]


def test_a_pod_of_the_manifests_is_nobody_in_particular() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        mounted = {one["name"] for container in pod["containers"] for one in container.get("volumeMounts", ())}
        assert mounted == {one["name"] for one in pod.get("volumes", ())}


def test_the_manifests_probe_what_is_answered_and_point_at_each_other() -> None:
    (serve,) = [one for one in CONTAINERS if one["name"] == "serve"]
    contract = json.loads((ROOT / "api" / "openapi.json").read_text())["paths"]
    probes = {name: serve[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert list(probes.values()) == ["/healthz", "/healthz", "/readyz"]
    assert set(probes.values()) <= set(contract)
    kinds = {thing["kind"]: thing for thing in KUBERNETES}
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kinds["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert kinds["Service"]["spec"]["selector"].items() <= labels.items()
    assert kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert kinds["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"] == serve["ports"][0]["containerPort"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_there_is_with_settings_that_there_are(unit: Path) -> None:
    text = unit.read_text()
    assert set(re.findall(r"ONRECORD_[A-Z_]+", text)) <= SETTINGS
    assert is_command(re.findall(r"^ExecStart=/opt/onrecord/bin/onrecord (.+)$", text, re.MULTILINE)[0].split())
    assert {"User=onrecord", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="} <= set(
        text.splitlines()
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_can_read_the_units(tmp_path: Path) -> None:
    """All but the program itself, which is not where it will be."""
    copies = [tmp_path / unit.name for unit in [*UNITS, *DEPLOY.glob("*.timer")]]
    for copy in copies:
        copy.write_text(
            (DEPLOY / copy.name).read_text().replace("/opt/onrecord/bin/onrecord", shutil.which("true") or "")
        )
    read = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True, timeout=60)
    assert (read.returncode, [line for line in read.stderr.splitlines() if str(tmp_path) in line]) == (0, [])


def test_every_command_of_the_runbook_is_one() -> None:
    prose = (DEPLOY / "README.md").read_text()
    named = re.findall(r"(?:`|^ *|\./|bin/)onrecord ((?:--\w+ \S+ )?[a-z][\w -]*)", prose, re.MULTILINE)
    commands = {tuple(re.sub(r"^--\w+ \S+ ", "", one).split()) for one in named}
    assert [one for one in sorted(commands) if not is_command([word for word in one if word.islower()])] == []
    assert {"backup", "restore", "migrate", "retry", "replay"} <= {one[0] for one in commands}


def test_nothing_that_is_deployed_holds_a_secret() -> None:
    files = [
        file
        for file in DEPLOY.iterdir()
        if file.suffix in (".yaml", ".yml", ".service", ".sh") or "Docker" in file.name
    ]
    given = [re.findall(r"(?i)password=(?!\$|…|\"\$)\S+|secret: \S+", file.read_text()) for file in files]
    assert sum(given, []) == []
