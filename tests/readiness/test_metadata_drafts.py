"""What `forge ready --write` offers: valid once the contact is filled in, naming nobody, replacing nothing."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.metadata import CITATION, CODEMETA, PUBLICCODE
from support.factories.readiness import a_head
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import git

from catalog.licenses import expressions
from forge.cli import forge
from forge.export.metadata import codemeta_text, license_value
from forge.observe import publiccode
from forge.observe.core.activity import Tag
from forge.observe.core.tree import tree_of
from forge.observe.metadata import codemeta
from forge.readiness import checks, metadata_drafts

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ADDRESS = "https://git.example.org/coop/medusa.git"
README = """# Medusa

[![build](https://ci.example.org/x.svg)](https://ci.example.org)

Medusa keeps the books of an *association*. It was written by [Maya Zeller](mailto:maya.zeller@coop-tools.fr).

Treasurers enter what comes in and what goes out, members see what they paid, and the general assembly gets its
documents without a course in accounting.

## Features

- **Accounts** of several years
- Receipts for donors

## Install

Run it.
"""
TAGS = (Tag("v1.2.0", "0" * 40, NOW),)
FILES = {
    "LICENSE": LICENSE_TEXT,
    "README.md": README,
    "Dockerfile": "FROM scratch\n",
    "app.py": "print()\n" * 50,
}  # the license's text alone does not say "or later"


def the_files(files=FILES, address=ADDRESS, tags=TAGS):
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    read = checks.read_repository(tree_of(contents), address, tags, nullcontext, NOW)
    return metadata_drafts.draft_files(read, "medusa")


def filled(text: str, how: str = "Someone") -> str:
    """What a person makes of the marked lines."""
    known = {
        "url": ADDRESS, "shortDescription": "Keeps the books.", "longDescription": "x" * 160, "license": "MIT",
        "- name": "The team",
    }  # fmt: skip
    rows = []
    for row in text.splitlines():
        bare, mark, said = row.partition("  # FILL IN")
        key = bare.strip().rstrip(":")
        value = known.get(key, "fr" if "languages of the screens" in said else "web" if "android" in said else how)
        rows.append(f"{bare} {value}" if mark else row)
    return "\n".join(rows) + "\n"


def errors(text: str) -> list[tuple[str, str]]:
    return [
        (problem.key, problem.sentence)
        for problem in publiccode.check_file(text.encode()).problems
        if not problem.warning
    ]


def test_only_the_contact_is_left_to_fill_in_where_the_rest_is_observed():
    files = FILES | {"locale/fr/LC_MESSAGES/app.po": 'msgid ""\nmsgstr ""\n\nmsgid "Open"\nmsgstr "Ouvrir"\n'}
    text = the_files(files)["publiccode.yml"]
    (row,) = [row for row in text.splitlines() if "FILL IN" in row]
    assert row.strip().startswith("- name:  # FILL IN")
    assert errors(text) != []
    assert errors(filled(text)) == []


def test_what_is_written_is_of_the_newest_version_and_says_what_was_read():
    checked = publiccode.check_file(filled(the_files()["publiccode.yml"]).encode())
    assert (checked.version, checked.problems) == ("0.7", ())
    text = the_files()["publiccode.yml"]
    for row in (
        "name: Medusa", f"url: {ADDRESS}", "softwareVersion: 1.2.0", "license: AGPL-3.0  # CHECK: AGPL-3.0-only",
        "softwareType: standalone/web  # CHECK: guessed from the files", "- Receipts for donors",
        "- Accounts of several years",
    ):  # fmt: skip
        assert row in text


def test_a_poor_repository_gets_a_file_whose_marked_lines_make_it_valid():
    text = the_files({"main.c": "int main;\n"}, None, ())["publiccode.yml"]
    assert errors(filled(text)) == []
    assert sum("FILL IN" in row for row in text.splitlines()) >= 6


def test_persons_of_the_repository_are_named_in_neither_file():
    files = FILES | {"CITATION.cff": CITATION, "codemeta.json": json.dumps(CODEMETA), "AUTHORS": "Maya Zeller\n"}
    told = the_files(files | {"publiccode.yml": PUBLICCODE}, None)
    for text in told.values():
        assert "Zeller" not in text.replace("written by Maya Zeller", "") and "@coop" not in text
    assert "+33 6" not in told["publiccode.yml"]


def test_what_an_older_file_states_is_taken_over():
    told = the_files(FILES | {"publiccode.yml": PUBLICCODE.replace('"0"', '"0.2"')}, None)
    text = told["publiccode.yml"]
    for row in ("developmentStatus: beta", "softwareType: standalone/web", "- accounting", "- pt-BR", "  fr:"):
        assert row in text
    assert errors(filled(text)) == []


def test_codemeta_is_of_version_3_and_without_problems():
    text = the_files(FILES | {"publiccode.yml": PUBLICCODE}, None)["codemeta.json"]
    assert codemeta.check_codemeta(text.encode()) == ("3", [])
    told = json.loads(text)
    assert told["license"] == "https://spdx.org/licenses/AGPL-3.0-or-later"
    assert {record["@type"] for record in told["maintainer"]} == {"Organization"}
    assert codemeta.observe_codemeta(tree_of({"codemeta.json": text.encode()}))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("mit and Apache-2.0", ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/Apache-2.0"]),
        ("agpl-3.0+", "https://spdx.org/licenses/AGPL-3.0-or-later"),
        ("MIT or Apache-2.0", "MIT OR Apache-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-Ours AND MIT", "LicenseRef-Ours AND MIT"),
        ("MIT AND (ISC OR 0BSD)", "MIT AND (ISC OR 0BSD)"),
    ],
)
def test_a_license_is_given_by_its_address_where_one_says_all_of_it(expression, value):
    """A list of addresses does not say whether one may choose, and an exception or a license of one's own has none."""
    work = {"@type": "CreativeWork", "name": value} if " " in value else value
    assert license_value(expression) == work
    text = codemeta_text({"name": "Medusa", "license": work}).encode()
    assert codemeta.check_codemeta(text) == ("3", [])
    read = str(codemeta.observe_codemeta(tree_of({"codemeta.json": text})))
    assert isinstance(value, list) or f"'license': '{expressions.canonical(expression)}'" in read


def test_the_command_writes_both_and_never_over_what_is_there(tmp_path: Path):
    a_head(tmp_path / "medusa.git", FILES)
    folder = tmp_path / "out"
    arguments = ["ready", str(tmp_path / "medusa.git"), "--write", str(folder), "--language", "en"]
    first = CliRunner().invoke(forge, arguments)
    assert sorted(path.name for path in folder.iterdir()) == ["codemeta.json", "publiccode.yml"]
    assert "lines to fill in" in first.output
    (folder / "publiccode.yml").write_text("mine\n")
    (folder / "codemeta.json").unlink()
    second = CliRunner().invoke(forge, arguments)
    assert (folder / "publiccode.yml").read_text() == "mine\n"
    assert (folder / "codemeta.json").exists()
    assert "was left as it is" in second.output


def test_writing_into_a_work_tree_changes_no_history(tmp_path: Path):
    a_head(tmp_path / "medusa.git", FILES)
    git("clone", "-q", tmp_path / "medusa.git", tmp_path / "tree")
    before = git("for-each-ref", cwd=tmp_path / "tree")
    CliRunner().invoke(forge, ["ready", str(tmp_path / "tree"), "--write", str(tmp_path / "tree")])
    assert git("for-each-ref", cwd=tmp_path / "tree") == before
    assert git("status", "--porcelain", cwd=tmp_path / "tree").decode().split() == [
        "??",
        "codemeta.json",
        "??",
        "publiccode.yml",
    ]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text(max_size=600), st.text(max_size=40))
def test_whatever_a_readme_says_the_filled_file_is_valid(text, name):
    contents = {"README.md": f"# {name}\n\n{text}\n\n## Features\n\n- {name}\n- {text}\n", "LICENSE": LICENSE_TEXT}
    read = checks.read_repository(
        tree_of({path: text.encode() for path, text in contents.items()}), ADDRESS, (), nullcontext, NOW
    )
    told = metadata_drafts.draft_files(read, name)
    assert errors(filled(told["publiccode.yml"])) == []
    assert codemeta.check_codemeta(told["codemeta.json"].encode()) == ("3", [])
