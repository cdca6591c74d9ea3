"""What the documents promise is there: settings, commands, files, the wheel. Their wording is for people to judge."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from support.paths import ROOT

from forge.cli import forge
from forge.config.settings import table

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def test_the_readme_lists_every_setting_as_the_code_has_it():
    block = README.partition("<!-- settings -->\n")[2].partition("\n<!-- /settings -->")[0]
    assert block == table(), f"Put this between the README's marks:\n{table()}"


def test_every_command_that_the_readme_names_exists():
    named = set(re.findall(r"`(?:\.venv/bin/)?forge ([a-z]+)", README))
    assert named and named <= set(forge.commands)


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for name in DOCUMENTS for target in re.findall(r"`make ([a-z-]+)`", (ROOT / name).read_text())}
    assert {"run", "test", "test-all", "lint", "bench"} <= targets
    assert named <= targets


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_of_a_document_leads_somewhere(name):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_our_own_publiccode_names_our_license_and_languages():
    own = yaml.load((ROOT / "publiccode.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert own["legal"]["license"] == "AGPL-3.0-or-later"
    assert own["localisation"]["availableLanguages"] == ["en", "fr", "es", "pt", "ar"]
    assert all(len(text["shortDescription"]) <= 150 for text in own["description"].values())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_what_is_no_python(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for folder, ending in [
        ("forge/templates/", ".html"),
        ("catalog/vocabularies/", ".yaml"),
        ("forge/i18n/locale/", ".po"),
        ("forge/i18n/pages/fr/", ".md"),
        ("forge/web/static/", ".css"),
        ("catalog/migrations/versions/", ".py"),
    ]:
        assert [name for name in names if name.startswith(folder) and name.endswith(ending)], folder
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


@pytest.mark.full
def test_the_wheel_runs_outside_the_checkout(wheel, tmp_path):
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    installed = Path(next(path for path in sys.path if path.endswith("site-packages")))
    # What we depend on comes from the environment of the tests; forge and catalog must come from the wheel.
    (site / "zz-dependencies.pth").write_text(f"{installed}\n")
    python = home / "bin/python"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "FORGE_DATA": str(tmp_path / "data")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True)

    where = run("-c", "import forge, catalog; print(forge.__file__, catalog.__file__)").stdout
    assert str(ROOT / "forge") not in where and str(site) in where
    assert run("-m", "forge.cli", "init").returncode == 0
    imported = run("-m", "forge.cli", "import", "catalog.yaml")
    assert imported.returncode == 0 and "2 added" in imported.stdout, imported.stderr
    page = run("-c", PAGE)
    assert page.returncode == 0 and page.stdout.strip() == "200 200 200", page.stderr


PAGE = """
from pathlib import Path
from starlette.testclient import TestClient
from catalog.search import Finder
from catalog.store import Store
from forge.app import create_app
from forge.server.index_follower import Follower
from forge.config.settings import Settings
settings = Settings(data=Path("data"))
store = Store(settings.database_url)
follower = Follower(store, settings.search)
follower.start()
client = TestClient(create_app(settings, store, Finder(settings.search)))
print(*(client.get(path).status_code for path in ("/fr/", "/fr/projects?q=Galette", "/fr/about")))
follower.stop()
"""


def test_the_lock_names_no_index_and_hashes_everything():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][^\s]*==", text, re.MULTILINE)
        assert pins and text.count("--hash=sha256:") >= len(pins)
