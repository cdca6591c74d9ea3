"""What must be true before a start, on machines where it is not."""

import os
import shutil

import pytest

from forge.config.checkup_report import GOOD, SOON
from forge.config.settings import Settings
from forge.server import preflight
from forge.server.checks.machine import check_git
from forge.server.doctor import MACHINE, examine, examine_machine
from forge.server.preflight import CannotStart


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "data")


def a_git(folder, version):
    """A git of this version is the only program on the path."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\necho git version {version}\n")
    program.chmod(0o755)
    return str(folder)


def test_a_good_machine_has_nothing_to_mend_and_a_private_folder(settings):
    assert {finding.severity for finding in examine_machine(settings)} == {GOOD}
    assert oct(settings.data.stat().st_mode)[-3:] == "700"
    assert sorted(path.name for path in settings.data.iterdir()) == ["mirrors", "search"]


@pytest.mark.parametrize(("version", "good"), [("2.42.0", True), ("2.41.9", False), ("3.0", True), ("nonsense", False)])
def test_git_must_be_new_enough_and_a_start_goes_on_without(tmp_path, monkeypatch, version, good):
    monkeypatch.setenv("PATH", a_git(tmp_path / "bin", version))
    ((severity, sentence),) = check_git(Settings())
    assert severity == (GOOD if good else SOON)
    assert good or "2.42" in sentence


def test_a_machine_without_git_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    ((severity, sentence),) = check_git(Settings())
    assert (severity, "package git" in sentence) == (SOON, True)


def test_a_data_folder_that_cannot_be_written_is_fatal_and_names_its_setting(tmp_path):
    (tmp_path / "file").write_text("")
    settings = Settings(data=tmp_path / "file" / "data")
    assert "FORGE_DATA" in examine_machine(settings)[0].sentence
    assert [finding.subject for finding in examine(settings)] == [*MACHINE]
    with pytest.raises(CannotStart, match="FORGE_DATA"):
        preflight.require_writable(settings)


def test_a_disk_that_is_nearly_full_is_told_before_mirrors_wait(settings, monkeypatch):
    preflight.require_writable(settings)
    nearly = shutil.disk_usage(settings.data)._replace(total=100 * 10**9, free=10 * 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly)
    (finding,) = [finding for finding in examine_machine(settings) if finding.severity != GOOD]
    assert (finding.subject, finding.severity) == ("room", SOON)


def test_a_database_that_is_none_or_of_another_kind_is_a_sentence(settings):
    preflight.require_writable(settings)
    (settings.data / "catalog.db").write_bytes(os.urandom(5000))
    with pytest.raises(CannotStart, match=r"catalog\.db cannot be used"):
        preflight.open_store(settings)
    with pytest.raises(CannotStart, match="FORGE_DATABASE"):
        preflight.open_store(Settings(data=settings.data, database="mysql://x/y"))
