"""What the documents promise is there: settings, commands, files, the wheel. Their wording is for people to judge."""

import os
import re
import shlex
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml
from support.paths import ROOT

from catalog.document import check
from catalog.document.keys import PROJECT
from forge.cli import forge
from forge.config.settings import Settings, variable_name

DOCS = ["README.md", *(str(file.relative_to(ROOT)) for file in sorted((ROOT / "docs").glob("*.md")))]
DOCUMENTS = [*DOCS, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
LINKED = sorted({*DOCUMENTS, *(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md"))})
PAGES = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "forge/i18n/pages").rglob("*.md"))
OF_THE_CHECKOUT = ("benchmarks/", "catalog/", "docs/", "forge/", "templates/", "tests/", "tools/")
# In running text or on a line of a shell: settings before it, and the folder of the environment.
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?forge (?P<words>[a-z].*)")
README_WORDS = 750  # it is read before anything else is, so it stays short


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_of(name: str) -> list[str]:
    """What a document writes as code: spans of running text, and lines of blocks."""
    text = text_of(name)
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [*spans, *(line.strip() for block in blocks for line in block.splitlines())]


def commands_of(name: str) -> list[str]:
    return [found["words"] for code in code_of(name) if (found := COMMAND.fullmatch(code))]


def wrong_in(command: str) -> str:
    """The first word of a command line that Forge does not know; "" where all of them are right."""
    at: click.Command = forge
    words = shlex.split(command)
    while words and isinstance(at, click.Group) and not words[0].startswith("-"):
        if words[0] not in at.commands:
            return words[0]
        at = at.commands[words.pop(0)]
    known = {name for parameter in at.params for name in parameter.opts} | {"--help"}
    return next((word for word in words if word.startswith("-") and word.partition("=")[0] not in known), "")


def anchors_of(name: str) -> set[str]:
    """The addresses of a document's headings, as forges that show Markdown make them."""
    text = re.sub(r"^ *```.*?^ *```", "", text_of(name), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_settings_stand_in_their_document_as_the_code_has_them():
    block = text_of("docs/operate.md").partition("<!-- settings -->\n")[2].partition("\n<!-- /settings -->")[0]
    rows = [
        f"| `{variable_name(row.name)}` | {row.metadata['shown']} | {row.metadata['does']} |"
        for row in fields(Settings)
    ]
    table = "\n".join(["| Setting | When unset | What it does |", "| --- | --- | --- |", *rows])
    assert block == table, f"Put this between the marks of docs/operate.md:\n{table}"


@pytest.mark.parametrize("name", DOCS)
def test_every_setting_that_a_document_names_exists(name):
    known = {variable_name(row.name) for row in fields(Settings)}
    assert set(re.findall(r"\bFORGE_[A-Z_]*[A-Z]", text_of(name))) - known == set()


@pytest.mark.parametrize("name", DOCS)
def test_every_command_that_a_document_names_exists_with_its_options(name):
    assert {command: wrong for command in commands_of(name) if (wrong := wrong_in(command))} == {}


def test_every_command_that_a_page_of_help_names_exists_and_so_does_an_option_that_stands_alone():
    for name in PAGES:
        named = commands_of(name)
        assert not [command for command in named if wrong_in(command)], name
        alone = [code for code in code_of(name) if re.fullmatch(r"--[a-z-]+", code)]
        assert not [option for option in alone if all(wrong_in(f"{command} {option}") for command in named)], name


def test_a_command_that_does_not_exist_would_be_found():
    assert (wrong_in("peer visit NAME"), wrong_in("export --fact FILE")) == ("visit", "--fact")
    assert (wrong_in("peer pull NAME --from FOLDER"), wrong_in("init")) == ("", "")


def test_the_table_of_commands_has_all_of_them():
    def every(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from every(command, (*before, name))
            else:
                yield " ".join((*before, name))

    named = re.findall(r"^\| `forge ([^`]+)`", text_of("docs/operate.md"), re.MULTILINE)
    told = {command for command in every(forge) if any(f"{line} ".startswith(f"{command} ") for line in named)}
    assert set(every(forge)) - told == set()


def test_every_make_target_that_a_document_names_exists():
    rules = re.findall(r"^([a-z-]+(?: [a-z-]+)*):", text_of("Makefile"), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    named = {found for name in DOCUMENTS for code in code_of(name) for found in re.findall(r"^make ([a-z-]+)$", code)}
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("name", DOCS)
def test_every_file_of_the_checkout_that_a_document_names_exists(name):
    named = [code for code in code_of(name) if code.startswith(OF_THE_CHECKOUT) and not re.search(r"[\s*{A-Z]", code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", LINKED)
def test_every_relative_link_of_a_document_leads_to_a_file_and_a_heading(name):
    wrong = []
    for link in re.findall(r"\]\((?!https?:|mailto:|/)([^)\s]+)\)", text_of(name)):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors_of(str(target.resolve().relative_to(ROOT)))):
            wrong.append(link)
    assert wrong == []


def test_the_readme_is_short_and_its_pictures_are_small():
    assert len(text_of("README.md").split()) < README_WORDS
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text_of("README.md"))
    assert len(pictures) == 2 and all((ROOT / path).stat().st_size < 150_000 for path in pictures)


def test_the_document_that_the_guide_shows_has_no_mistake(tmp_path):
    shown = re.findall(r"```yaml\n(.*?)```", text_of("docs/curate.md"), re.DOTALL)
    (tmp_path / "catalog.yaml").write_text(shown[0], encoding="utf-8")
    _, problems = check(tmp_path / "catalog.yaml")
    assert len(shown) == 1 and list(map(str, problems)) == []


def test_every_key_of_a_project_that_the_guide_lists_is_one():
    table_of_keys = text_of("docs/curate.md").partition("### A project")[2].partition("### ")[0]
    named = {
        key for row in re.findall(r"^\| (`.*?) \|", table_of_keys, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    }
    assert named and named <= set(PROJECT.keys)


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
    assert imported.returncode == 0 and "1 added" in imported.stdout, imported.stderr
    page = run("-c", PAGE)
    assert page.returncode == 0 and page.stdout.strip() == "200 200 200", page.stderr


PAGE = """
from pathlib import Path
from starlette.testclient import TestClient
from catalog.search import Finder
from catalog.store.store import Store
from forge.app import create_app
from forge.server.index_follower import IndexFollower
from forge.config.settings import Settings
settings = Settings(data=Path("data"))
store = Store(settings.database_url)
follower = IndexFollower(store, settings.search)
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
