"""Tests of what the catalogue that ships rests on: how many values name a source, and that it comes back as it went."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support import forked_command as forked
from support.paths import ROOT

from catalog.rules.today import STOPPED_STATUSES

SOURCED = (
    "license", "languages", "homepage", "documentation", "support", "runs", "cost", "leaving", "governance",
    "standards", "programming_languages",
)  # fmt: skip
CHOSEN = "chosen-by-editors"
SECONDS = 60


@pytest.fixture(scope="module")
def content() -> dict:
    return yaml.load((ROOT / "catalog.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@pytest.fixture(scope="module")
def projects(content) -> dict[str, dict]:
    return {project["slug"]: project for project in content["projects"]}


def test_there_are_two_hundred_projects_of_which_nearly_all_say_when_they_last_changed(projects):
    assert len(projects) >= 200
    changed = [project["last_change"] for project in projects.values() if "last_change" in project]
    assert len(changed) >= 0.9 * len(projects)
    assert all(change["source"] and change["seen_at"] for change in changed)


@pytest.mark.parametrize("field", SOURCED)
def test_a_value_has_a_source_of_its_own_and_the_day_on_which_it_was_seen(projects, field):
    stated = {slug: project.get("evidence", {}).get(field) for slug, project in projects.items() if field in project}
    assert len(stated) >= 20
    without = [slug for slug, source in stated.items() if not isinstance(source, dict) or not source.get("seen_at")]
    assert len(without) <= 0.05 * len(stated), without


def test_a_feature_has_a_source_of_its_own_and_the_day_on_which_it_was_seen(projects):
    features = [(slug, feature) for slug, project in projects.items() for feature in project.get("features", ())]
    assert len(features) >= 500
    without = [slug for slug, feature in features if not (feature.get("source") and feature.get("seen_at"))]
    assert len(without) <= 0.05 * len(features), without


@pytest.mark.parametrize("field", ["summary", "domains", "made_for"])
def test_what_no_source_states_is_said_to_be_chosen_by_editors(projects, field):
    for slug, project in projects.items():
        if field in project:
            said = project["evidence"][field]
            assert said == CHOSEN or (said["source"] and said["seen_at"]), slug


def test_no_short_list_names_what_its_makers_gave_up_or_stopped(content, projects):
    named = {entry["project"] for collection in content["collections"] for entry in collection["projects"]}
    assert [slug for slug in named if projects[slug].get("status") in STOPPED_STATUSES] == []
    assert [slug for slug in named if projects[slug].get("last_change", {}).get("archived")] == []


@pytest.fixture
def folder(tmp_path, sqlite_template) -> Iterator[Path]:
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "catalog.db")
    shutil.copyfile(ROOT / "catalog.yaml", tmp_path / "catalog.yaml")
    yield tmp_path


def forge(folder: Path, *arguments: str):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32"}
    return forked.run(arguments, cwd=folder, env=environment, timeout=SECONDS)


def test_the_command_that_checks_finds_nothing_to_mend(folder):
    ran = forge(folder, "check")
    assert ran.returncode == 0 and "Nothing to mend" in ran.stderr, ran.stderr


def test_what_was_imported_is_exported_to_the_same_bytes(folder):
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    ran = forge(folder, "export")
    assert ran.returncode == 0
    assert ran.stdout == (ROOT / "catalog.yaml").read_text(encoding="utf-8")
