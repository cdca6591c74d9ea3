"""The files of `deploy/` name commands, options and settings that exist, and programs that read them find no fault."""

import configparser
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from support.paths import ROOT

from forge.cli import forge as command_group
from forge.config.settings import Settings, from_environment, variable_name

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {variable_name(row.name) for row in fields(Settings)}
SECONDS = 60
EXPOSED = 15  # of 100, as systemd counts what a service could do beyond its work; below 50 it says "OK"


def is_understood(words: list[str]) -> bool:
    """Whether the command line exists: options are read before the help is shown."""
    return CliRunner().invoke(command_group, [*words, "--help"], prog_name="forge").exit_code == 0


def commands_of(text: str) -> list[list[str]]:
    """The lines of a page's blocks of code that call `forge`, without what a shell adds."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    calls = (re.search(r"^(?:docker compose exec (?:-T )?web )?(?:\.venv/bin/)?forge (.+)", line) for line in lines)
    return [shlex.split(call[1], comments=True) for call in calls if call is not None]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    text = unit.read_text()
    (command,) = re.findall(r"^ExecStart=/opt/forge/bin/forge (.*)$", text, re.MULTILINE)
    assert is_understood(shlex.split(command.replace("%i", "8001")))
    assert set(re.findall(r"FORGE_[A-Z_]+", text)) <= SETTINGS


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_closed_to_all_that_it_does_not_need(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text())
    service = parser["Service"]
    assert service["User"] == "forge" and service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces", "MemoryDenyWriteExecute"):
        assert service[name] == "true", name
    assert service["ProtectSystem"] == "strict"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    """In a root folder of its own: with the program at its place, and the units of this system."""
    program = tmp_path / "opt/forge/bin/forge"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for unit in (DEPLOY / "systemd").glob("forge*.*"):
        shutil.copy(unit, units)
    names = [unit.name.replace("@.", "@8001.") for unit in units.iterdir() if unit.suffix in (".service", ".timer")]
    ran = subprocess.run(
        ["systemd-analyze", "verify", f"--root={tmp_path}", *names], capture_output=True, text=True, timeout=SECONDS
    )
    ours = [line for line in (ran.stdout + ran.stderr).splitlines() if "forge" in line]
    assert (ran.returncode, ours) == (0, [])
    judged = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", *UNITS]
    assert subprocess.run(judged, capture_output=True, timeout=SECONDS).returncode == 0


def test_the_examples_of_settings_are_read(tmp_path: Path) -> None:
    for example in (DEPLOY / "systemd/forge.env", DEPLOY / "container/env.example"):
        text = re.sub(r"^#(?=[A-Z_]+=)", "", example.read_text(), flags=re.MULTILINE)
        script = tmp_path / "settings"
        script.write_text(text)
        names = re.findall(r"^(FORGE_[A-Z_]+)=", text, re.MULTILINE)
        printed = "; ".join(f'printf "%s\\n" "${name}"' for name in names)
        told = subprocess.run(["sh", "-c", f". {script}; {printed}"], capture_output=True, text=True, check=True)
        settings = from_environment(dict(zip(names, told.stdout.splitlines(), strict=True)))
        assert settings.base_url == "https://catalog.example.org"


def test_the_composed_services_run_commands_and_settings_that_exist() -> None:
    composed = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())
    for name in ("web", "worker"):
        service = composed["services"][name]
        assert is_understood(service["command"])
        assert set(service["environment"]) <= SETTINGS
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert (DEPLOY / "container" / service["build"]["context"]).resolve() == ROOT
    named = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "container/compose.yaml").read_text()))
    assert named <= set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "container/env.example").read_text(), re.MULTILINE))


@pytest.mark.full
@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="Docker Compose is not installed here")
def test_compose_finds_no_fault_in_the_composed_services(tmp_path: Path) -> None:
    """It reads the file by the schema of the compose specification; no container is started."""
    settings = tmp_path / ".env"
    settings.write_text(
        (DEPLOY / "container/env.example").read_text().replace("PASSWORD=\n", "PASSWORD=of-this-test\n")
    )
    command = ["docker-compose", "--env-file", str(settings), "-f", str(DEPLOY / "container/compose.yaml"), "config"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "postgresql://forge:of-this-test@database/forge" in ran.stdout


def test_what_the_image_is_built_of_is_not_left_out() -> None:
    taken = {line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert all((ROOT / name).exists() for name in taken)
    text = (ROOT / "pyproject.toml").read_text() + (DEPLOY / "container/Containerfile").read_text()
    assert {"catalog", "forge", "templates", "README.md", "LICENSE", "requirements.lock", "pyproject.toml"} <= taken
    assert 'readme = "README.md"' in text and "requirements.lock" in text


@pytest.mark.parametrize("page", ["README.md", "docs/operate.md", "docs/moderate.md", "docs/curate.md"])
def test_commands_in_the_pages_exist(page: str) -> None:
    for words in commands_of((ROOT / page).read_text()):
        assert is_understood(words), words
