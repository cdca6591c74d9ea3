"""The command, as an operator has it: run in an empty folder, by its exit status and what it says."""

import contextlib
import csv
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml
from click.testing import CliRunner
from support import forked_command as forked
from support.client import Client
from support.factories.core import a_catalog, a_document, a_project, an_organization
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_commit, a_repository, git, listing
from support.paths import ROOT

from catalog.document import complete, dump
from catalog.model import Evidence, Feature, LastChange
from catalog.store.store import Store
from forge.app import create_app
from forge.cli import forge as command_group
from forge.config.settings import Settings

SECONDS = 60


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "empty"
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    path = tmp_path_factory.mktemp("imported")
    a_file(path)
    assert forge(path, "import", "catalog.yaml").returncode == 0
    return path


@pytest.fixture
def catalogue(folder, imported):
    """A folder whose document was imported: a copy of one for all of them."""
    return shutil.copytree(imported, folder, dirs_exist_ok=True)


def forge(folder, *arguments, **settings):
    """Run the command in a folder; settings are given without FORGE_."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32"}
    environment |= {f"FORGE_{name.upper()}": value for name, value in settings.items()}
    return forked.run(arguments, cwd=folder, env=environment, timeout=SECONDS)


def helped(*command):
    """What the help of a command says, told in this process: it is only words."""
    ran = CliRunner().invoke(command_group, [*command, "--help"], prog_name="forge")
    assert ran.exit_code == 0
    return ran.output


def a_file(folder, document=None, name="catalog.yaml"):
    path = folder / name
    path.write_text(dump(complete(document or a_document())), encoding="utf-8")
    return path


def the_store(folder):
    return Store(f"sqlite:///{folder / 'data' / 'catalog.db'}")


def mirrored_from(origin, folder):
    """A catalogue whose `galette` has a repository, `missing` has none that answers, `third` has none at all."""
    a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    a_file(folder, a_catalog(
        a_project(repository=origin.url("git/tool.git")), a_project("missing", repository=origin.url("missing/x.git")),
        a_project("third", repository=None),
    ))  # fmt: skip
    assert forge(folder, "import", "catalog.yaml").returncode == 0


def test_serve_without_a_document_says_how_to_write_one_and_leaves_nothing(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:  # which comes second: a document is needed at any port
        ran = forge(folder, "serve", "--port", taken.getsockname()[1])
    assert (ran.returncode, ran.stdout, "`forge init`" in ran.stderr) == (1, "", True)
    assert list(folder.iterdir()) == []


def test_init_writes_a_document_that_has_nothing_to_mend_and_never_replaces_one(folder):
    assert "5 places are to be filled in" in forge(folder, "init").stdout
    text = (folder / "catalog.yaml").read_text()
    checked = forge(folder, "check")
    marked = [number for number, line in enumerate(text.splitlines(), 1) if "# FILL IN: " in line]
    told = re.findall(r"^catalog\.yaml:(\d+):\d+: To fill in: \S.*\.$", checked.stdout, re.MULTILINE)
    assert checked.returncode == 0 and list(map(int, told)) == marked and len(marked) == 5
    assert "does not say: operator, criteria, validation." in checked.stderr and "5 to fill in" in checked.stderr
    lines = [json.loads(line) for line in forge(folder, "check", "--json").stdout.splitlines()]
    assert [(line["line"], line["to_fill_in"]) for line in lines] == [(number, True) for number in marked]
    again = forge(folder, "init")
    assert (again.returncode, "exists already" in again.stderr) == (1, True)
    assert (folder / "catalog.yaml").read_text() == text


def test_init_begins_with_the_records_of_another_document_and_an_identity_of_its_own(folder):
    a_file(folder, a_catalog(a_project(), a_project("second")), "theirs.yaml")
    assert forge(folder, "init", "--records", "theirs.yaml").returncode == 0
    ours, theirs = (yaml.safe_load((folder / name).read_text()) for name in ("catalog.yaml", "theirs.yaml"))
    assert ours["manifest"]["id"] != theirs["manifest"]["id"] and "operator" not in ours["manifest"]
    assert [project["slug"] for project in ours["projects"]] == [project["slug"] for project in theirs["projects"]]
    (folder / "catalog.yaml").unlink()
    (folder / "theirs.yaml").write_text("catalog: 1\n")
    ran = forge(folder, "init", "--records", "theirs.yaml")
    assert ran.returncode == 1 and "theirs.yaml cannot be taken" in ran.stderr
    assert not (folder / "catalog.yaml").exists()


ANSWERS = {
    "name": "Logiciels de la Vallée",
    "languages": "fr,pt",
    "operator": "Coop de la Vallée",
    "homepage": "https://vallee.example.org",
    "country": "BE",
    "contact": "contact@vallee.example.org",
    "criteria": "Ce dont nos membres se servent.",
    "validation": "Deux personnes du réseau lisent tout.",
    "address": "https://logiciels.vallee.example.org",
    "moderator": "ana@vallee.example.org",
}


def test_init_writes_what_was_answered_and_says_the_next_three_steps(folder):
    ran = forge(folder, "init", *(f"--{name}={value}" for name, value in ANSWERS.items()))
    assert ran.returncode == 0 and "Nothing is left open." in ran.stdout
    steps = [line for line in ran.stdout.splitlines() if re.match(r"\d\. ", line)]
    assert len(steps) == 3 and "FORGE_BASE_URL=https://logiciels.vallee.example.org forge serve" in steps[1]
    assert "forge person invite ana@vallee.example.org --role administrator" in steps[2]
    checked = forge(folder, "check")
    assert (checked.returncode, checked.stdout) == (0, "")
    assert "Nothing to mend" in checked.stderr and "fill in" not in checked.stderr and "not say" not in checked.stderr
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    with closing(the_store(folder)) as store:
        manifest = store.curated_document.document().manifest
    assert manifest.languages == ("fr", "pt") and manifest.name == dict.fromkeys(("fr", "pt"), ANSWERS["name"])
    assert (manifest.operator.name, manifest.operator.country) == (ANSWERS["operator"], "BE")
    assert manifest.contact == ANSWERS["contact"] and manifest.criteria == {"fr": ANSWERS["criteria"]}


def test_init_leaves_open_what_was_not_answered_and_check_names_it(folder):
    ran = forge(folder, "init", "--name", "Ours", "--languages", "pt", "--contact", "https://ours.example.org/contact")
    assert "3 places are to be filled in" in ran.stdout
    checked = forge(folder, "check")
    assert checked.returncode == 0 and checked.stdout.count("To fill in") == 3
    assert "Ours" in (folder / "catalog.yaml").read_text() and "Galette" in (folder / "catalog.yaml").read_text()


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("contact", "ana.silva@ours.example.org", "may be a person's address"),
        ("country", "France", "France"),
        ("languages", "fr,fr", "fr,en"),
        ("languages", "klingon", "klingon"),
        ("address", "ours.example.org", "https://catalog.example.org"),
        ("moderator", "ana", "is no e-mail address"),
    ],
)
def test_init_refuses_an_answer_that_cannot_stand_and_writes_nothing(folder, option, value, told):
    ran = forge(folder, "init", f"--{option}", value)
    assert (ran.returncode, f"--{option}" in ran.stderr, told in ran.stderr) == (2, True, True)
    assert list(folder.iterdir()) == []


def test_init_asks_in_a_terminal_again_where_an_answer_cannot_stand(folder):
    """In a terminal of its own, as `script` or a shell gives one."""
    typed = [
        *("Ours", "", "Coop", "", "Belgium", "BE", "contact@ours.example.org", "", "", "https://ours.example.org"),
        "ana@ours.example.org",
    ]
    controller, terminal = os.openpty()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    command = [sys.executable, "-m", "forge.cli", "init"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        os.write(controller, "".join(f"{line}\n" for line in typed).encode())
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the terminal is closed
            while piece := os.read(controller, 4096):
                shown += piece
        assert process.wait(SECONDS) == 0
    os.close(controller)
    said = shown.decode()
    assert said.count("In which country") == 2 and "Three steps are next" in said
    assert "Enter alone leaves one open" in said and "?:" not in said
    assert "a proxy shows it at https://ours.example.org/" in said  # `forge serve` itself speaks to this machine alone
    assert "country: BE" in (folder / "catalog.yaml").read_text() and "2 places are to be filled in" in said


def test_check_names_the_sample_values_that_are_still_there(folder):
    assert forge(folder, "init").returncode == 0
    path = folder / "catalog.yaml"
    begun = re.sub(r"^ *# FILL IN: .*\n", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(re.sub(r"^  # ", "  ", begun, flags=re.MULTILINE))
    samples = (
        "The name of your organization",
        "https://your-organization.example",
        "contact@your-organization.example",
        "Free software that is useful to the members of our network.",
        "Two people of our network read each statement and its source.",
    )
    lines = [number for number, line in enumerate(path.read_text().splitlines(), 1) if line.endswith(samples)]
    checked = forge(folder, "check")
    told = re.findall(
        r"^catalog\.yaml:(\d+):\d+: To fill in: this is still the sample\.$", checked.stdout, re.MULTILINE
    )
    assert checked.returncode == 0 and "5 to fill in" in checked.stderr
    assert list(map(int, told)) == lines and len(lines) == 5

    text = path.read_text()
    for number, sample in enumerate(samples):
        text = text.replace(sample, ("Ours", "https://ours.example.org", "hello@ours.example.org", "A", "B")[number])
    path.write_text(text.replace("country: FR", "country: BE"))
    checked = forge(folder, "check")
    assert (checked.stdout, "to fill in" in checked.stderr) == ("", False)


def test_what_init_writes_says_nothing_that_nobody_stated(folder):
    forge(folder, "init")
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    store = the_store(folder)
    document = store.curated_document.document()
    assert document.organizations == () and [project.adoptions for project in document.projects] == [()]
    assert (document.manifest.operator, document.manifest.contact, document.manifest.validation) == (None, None, {})
    app = create_app(Settings(data=folder / "data"), store, None)
    with closing(store), closing(app.state.code_readers):
        pages = "".join(Client(app).get(path).text for path in ("/en/", "/en/about", "/en/help", "/fr/legal"))
    assert "FILL IN" not in pages and "your-organization" not in pages and "example.org" not in pages
    assert "CoopCycle" not in pages and "24 November" not in pages


def test_check_lists_every_problem_with_its_place(folder):
    path = a_file(folder)
    text = path.read_text().replace("kind: cooperative", "kind: zoo").replace("member-management", "no-such-domain")
    path.write_text(text)
    ran = forge(folder, "check")
    lines = [line for line in ran.stdout.splitlines() if re.match(r"catalog\.yaml:\d+:\d+", line)]
    assert (ran.returncode, len(lines)) == (1, 2)
    told = [json.loads(line) for line in forge(folder, "check", "--json").stdout.splitlines()]
    assert len(told) == 2
    assert {"file", "line", "column"} <= told[0].keys()


def test_check_of_a_file_that_is_not_there_names_it(folder):
    ran = forge(folder, "check", "other.yaml")
    assert (ran.returncode, "other.yaml" in ran.stderr) == (1, True)


def test_export_of_an_import_is_the_same_bytes(folder):
    path = a_file(folder)
    ran = forge(folder, "import", "catalog.yaml")
    assert (ran.returncode, ran.stdout) == (0, "3 added, 0 changed, 0 dropped.\n")
    assert forge(folder, "export").stdout == path.read_text()
    assert forge(folder, "export", "copy.yaml").returncode == 0
    assert (folder / "copy.yaml").read_bytes() == path.read_bytes()
    assert json.loads(forge(folder, "export", "--format", "json").stdout)["projects"][0]["slug"] == "galette"
    assert forge(folder, "import", "catalog.yaml").stdout == "0 added, 0 changed, 0 dropped.\n"


def test_everything_is_exported_as_records_with_who_says_each_value_a_line_each(catalogue):
    assert forge(catalogue, "export", "--format", "records", "records.jsonl").returncode == 0
    text = (catalogue / "records.jsonl").read_text()
    project = next(line for line in map(json.loads, text.splitlines()) if line["kind"] == "project")
    assert project["record"]["slug"] == "galette" and project["chosen"]["name"]["fact"]["origin"] == "curated"
    assert forge(catalogue, "export", "--format", "records").stdout == text


def test_what_others_read_is_written_by_format(catalogue):
    told = forge(catalogue, "export", "--format", "publiccode", "--only", "galette", base_url="https://forge.example")
    assert "name: Galette" in told.stdout and "https://forge.example/projects/galette/facts" in told.stdout
    assert forge(catalogue, "export", "--format", "csv").stdout.startswith("\ufeffslug,id,name,page,")
    assert (
        json.loads(forge(catalogue, "export", "--format", "codemeta", "--only", "galette").stdout)["name"] == "Galette"
    )
    lost = forge(catalogue, "export", "--format", "publiccode", "--only", "nobody")
    assert (lost.returncode, "no project 'nobody'" in lost.stderr) == (1, True)
    for wrong in (["--format", "publiccode"], ["--only", "galette"], ["--format", "csv", "--only", "galette"]):
        assert forge(catalogue, "export", *wrong).returncode == 2


def test_an_export_writes_through_no_draft_of_somebody_else(catalogue):
    (catalogue / "diary.txt").write_text("Dear diary")
    (catalogue / ".copy.yaml.new").symlink_to("diary.txt")
    assert forge(catalogue, "export", "copy.yaml").returncode == 0
    assert (catalogue / "copy.yaml").read_text().startswith("catalog: 1")
    assert (catalogue / "diary.txt").read_text() == "Dear diary" and (catalogue / ".copy.yaml.new").is_symlink()


def test_importing_a_faulty_document_changes_nothing(folder):
    path = a_file(folder)
    forge(folder, "import", "catalog.yaml")
    before = forge(folder, "export").stdout
    path.write_text(before.replace("slug: galette", "slug: Galette!"))
    ran = forge(folder, "import", "catalog.yaml")
    assert (ran.returncode, "nothing was changed" in ran.stderr) == (1, True)
    assert forge(folder, "export").stdout == before


def test_commands_that_need_a_catalogue_say_when_there_is_none(folder):
    for arguments in (["export"], ["refresh", "--all"], ["work", "--once"], ["block", "x", "--reason", "y"]):
        ran = forge(folder, *arguments)
        assert (ran.returncode, "There is no catalogue" in ran.stderr) == (1, True)
    assert list(folder.iterdir()) == []


def test_refresh_says_a_line_a_project_and_fails_when_one_failed(origin, folder):
    mirrored_from(origin, folder)
    ran = forge(folder, "refresh", "--all")
    lines = sorted(ran.stdout.splitlines())
    assert ran.returncode == 1
    assert re.match(r"galette: full, .* s, license AGPL-3\.0\.$", lines[0])
    assert re.match(r"missing: not-found, .*There is no repository at this address\.$", lines[1])
    assert len(lines) == 2
    good = forge(folder, "refresh", "galette", "--json")
    assert good.returncode == 0
    assert json.loads(good.stdout)["outcome"] == "unchanged"


def test_refresh_puts_off_the_visit_that_waits_in_the_queue(origin, folder):
    mirrored_from(origin, folder)
    forge(folder, "refresh", "--all")
    origin.requests.clear()
    assert forge(folder, "work", "--once").returncode == 0
    assert [line for line in origin.requests if "missing" not in line] == []  # a look is no visit


def test_refresh_of_what_is_not_there_or_not_named_is_told(origin, folder):
    mirrored_from(origin, folder)
    for slug in ("nothing", "third"):
        ran = forge(folder, "refresh", slug)
        assert (ran.returncode, slug in ran.stderr) == (1, True)
    ran = forge(folder, "refresh", "nothing", "galette", "--json")
    assert (ran.returncode, json.loads(ran.stdout)["slug"], "nothing" in ran.stderr) == (1, "galette", True)
    assert forge(folder, "refresh").returncode == 2
    assert forge(folder, "refresh", "galette", "--all").returncode == 2


def test_block_and_unblock_are_told_and_a_wrong_slug_is_an_error(catalogue):
    assert forge(catalogue, "block", "galette", "--reason", "Asked for by its makers.").returncode == 0
    named = forge(catalogue, "check")
    assert (named.returncode, "galette" in named.stdout + named.stderr) == (0, True)
    assert "galette is blocked" in forge(catalogue, "import", "catalog.yaml").stdout
    assert forge(catalogue, "unblock", "galette").returncode == 0
    for arguments in (["unblock", "galette"], ["block", "nothing", "--reason", "x"]):
        ran = forge(catalogue, *arguments)
        assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
        assert arguments[1] in ran.stderr
    assert forge(catalogue, "block", "galette").returncode == 2


def test_what_the_command_decides_stands_in_the_public_log_whose_faults_doctor_names(catalogue):
    for arguments in (["block", "galette", "--reason", "A court said so."], ["unblock", "galette"], ["blank", "1"]):
        assert forge(catalogue, *arguments).returncode == 0
    again = forge(catalogue, "blank", "1")
    assert (again.returncode, "has no text any more" in again.stderr) == (1, True)
    assert "good  decisions: Lines in the public log: 3" in forge(catalogue, "doctor").stdout
    with sqlite3.connect(catalogue / "data" / "catalog.db") as connection:
        connection.execute("DELETE FROM decision WHERE number = 2")
    ran = forge(catalogue, "doctor")
    assert (ran.returncode, "NOW   decisions: Line 2 is missing." in ran.stdout) == (3, True)


def test_doctor_finds_nothing_to_mend_in_a_good_catalogue(origin, folder):
    a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    a_file(folder, a_catalog(a_project(repository=origin.url("git/tool.git"))))
    assert forge(folder, "doctor").returncode == 1
    forge(folder, "import", "catalog.yaml")
    forge(folder, "refresh", "--all")
    told = {line["subject"]: line for line in map(json.loads, forge(folder, "doctor", "--json").stdout.splitlines())}
    bad = {subject: line["severity"] for subject, line in told.items() if line["severity"] != "good"}
    assert bad == dict.fromkeys(("search index", "mail", "moderators", "backup"), "soon")
    assert "1 mirrored" in told["mirrors"]["sentence"]


def test_doctor_tells_what_is_wrong_and_what_to_do(origin, folder):
    mirrored_from(origin, folder)
    forge(folder, "refresh", "--all")
    (folder / "catalog.yaml").write_text("catalog: 1\nprojets: []\n")
    ran = forge(folder, "doctor")
    assert ran.returncode == 1
    assert "SOON  document" in ran.stdout
    assert "`forge check`" in ran.stdout
    assert "SOON  mirrors: 1 mirrored, 1 unreachable" in ran.stdout
    soon = ran.stdout.count("SOON  ")
    assert ran.stdout.splitlines()[-1] == f"To do: {soon} in the next days."


COPY = "We keep a backup copy of the code."


def said_of_the_copy(folder):
    """What a project's page says of its copy, and the interface for programs, of galette in the folder's catalogue."""
    store = the_store(folder)
    app = create_app(Settings(data=folder / "data"), store, None)
    with closing(store), closing(app.state.code_readers):
        client = Client(app)
        html = client.get("/en/projects/galette").text
        told = client.get("/api/v1/projects/galette").json()
    assert (COPY in html) == ("/git/galette.git" in html) == ("clone_url" in told)
    return COPY in html, told["mirror"]["state"]


def copies_counted(folder):
    """How many copies of free code the statistics of the folder's catalogue count."""
    store = the_store(folder)
    app = create_app(Settings(data=folder / "data"), store, None)
    with closing(store), closing(app.state.code_readers):
        rows = list(csv.reader(Client(app).get("/export/statistics.csv").text.splitlines()))
    return next((int(row[3]) for row in rows if row[1] == "free-in-files"), 0)


def test_a_copy_that_is_not_on_the_disk_is_promised_nowhere_and_comes_back(origin, folder):
    a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    a_file(folder, a_catalog(a_project(repository=origin.url("git/tool.git"))))
    forge(folder, "import", "catalog.yaml")
    assert forge(folder, "refresh", "--all").returncode == 0
    assert said_of_the_copy(folder) == (True, "mirrored")
    assert forge(folder, "backup", "all.tar.gz").returncode == 0
    shutil.rmtree(next((folder / "data" / "mirrors").glob("*.git")))
    told = forge(folder, "doctor").stdout
    assert "mirrored" not in told and "SOON  mirrors: 1 more are not in" in told and "forge refresh galette" in told
    assert said_of_the_copy(folder) == (False, "waiting")
    assert copies_counted(folder) == 1
    ran = forge(folder, "work", "--once")  # as `forge serve` begins it: the copy is visited now, not at its next time
    assert "and are made anew: 1" in ran.stderr and said_of_the_copy(folder) == (True, "mirrored")
    assert "are made anew" not in forge(folder, "work", "--once").stderr

    shutil.rmtree(next((folder / "data" / "mirrors").glob("*.git")))
    (origin.folder / "tool.git").rename(origin.folder / "away.git")
    assert forge(folder, "work", "--once").returncode == 0
    assert copies_counted(folder) == 0 and said_of_the_copy(folder) == (False, "unreachable")
    (origin.folder / "away.git").rename(origin.folder / "tool.git")
    assert forge(folder, "refresh", "galette").returncode == 0 and said_of_the_copy(folder) == (True, "mirrored")

    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    ran = forge(elsewhere, "restore", str(folder / "all.tar.gz"))
    assert ran.returncode == 0 and "1 mirror is not in it: it is made anew" in ran.stdout
    assert the_store(elsewhere).mirrors.states() == {"waiting": 1} and said_of_the_copy(elsewhere) == (False, "waiting")
    assert "good  mirrors: 1 waiting; 0.00 GB." in forge(elsewhere, "doctor").stdout
    assert forge(elsewhere, "work", "--once").returncode == 0  # its visit is due now
    assert said_of_the_copy(elsewhere) == (True, "mirrored")


def test_doctor_names_a_database_that_is_none(catalogue):
    (catalogue / "data" / "catalog.db").write_bytes(b"not a database at all" * 100)
    ran = forge(catalogue, "doctor")
    assert (ran.returncode, "Traceback" in ran.stderr) == (3, False)
    assert "NOW   database" in ran.stdout


@pytest.mark.full
def test_a_disk_that_is_full_is_a_sentence_and_leaves_what_was_there(folder):
    path = a_file(folder, a_catalog(a_project(repository=None)))
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    before = the_store(folder).curated_document.document()
    a_file(folder, a_catalog(*(a_project(f"tool-{number}", repository=None) for number in range(2000))))
    size = (folder / "data" / "catalog.db").stat().st_size
    for arguments in (["import", str(path)], ["serve", "--port", "0", "--no-worker"]):
        ran = forge_with_room(folder, size + 40_000, *arguments)
        told = "" if arguments[0] == "import" else "Preparing the data and the pages, for some seconds.\n"
        assert (ran.returncode, ran.stdout, "Traceback" in ran.stderr) == (1, told, False), ran.stderr
        assert "The database cannot be used: " in ran.stderr and len(ran.stderr.splitlines()) == 1
        assert the_store(folder).curated_document.document() == before
    assert forge(folder, "import", str(path)).returncode == 0


def two_mirrored_with_news(origin, folder):
    """A catalogue of two mirrors, the first of which has news at its origin."""
    tool, _ = a_repository(origin.folder), a_repository(origin.folder, "other.git")
    a_file(folder, a_catalog(
        a_project(repository=origin.url("git/tool.git")), a_project("other", repository=origin.url("git/other.git")),
    ))  # fmt: skip
    assert forge(folder, "import", "catalog.yaml").returncode == 0
    assert forge(folder, "refresh", "--all").returncode == 0
    new = a_commit(tool, {"news": os.urandom(3000)}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    return tool


def refreshed_to_the_end(folder, tool):
    """With room again all is brought, and nothing was lost."""
    assert forge(folder, "refresh", "--all").returncode == 0
    mirrors = [listing(mirror) for mirror in (folder / "data" / "mirrors").glob("*-????????????.git")]
    assert len(mirrors) == 2 and listing(tool) in mirrors
    said = forge(folder, "doctor").stdout
    assert all(
        f"good  {line}" in said for line in ("database: Undamaged", "decisions: Lines in the public log", "mirrors: 2")
    )


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(8_192, id="to open", marks=pytest.mark.full),
        pytest.param(33_000, id="to begin", marks=pytest.mark.full),
        pytest.param(45_000, id="to finish"),
    ],
)
def test_a_refresh_without_room_is_a_sentence_and_loses_nothing(folder, origin, room):
    tool = two_mirrored_with_news(origin, folder)
    ran = forge_with_room(folder, room, "refresh", "--all")
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False), ran.stderr
    assert "cannot be used: " in ran.stdout + ran.stderr and "Make room" in ran.stdout + ran.stderr
    refreshed_to_the_end(folder, tool)


@pytest.mark.parametrize("left", [0, 40_960, 81_920])
def test_a_refresh_on_a_full_disk_is_a_sentence_and_loses_nothing(folder, origin, left):
    with contextlib.ExitStack() as mounted:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True)
        if done.returncode:
            pytest.skip("only root may mount a small disk; the test without room for one file runs everywhere")
        mounted.callback(subprocess.run, ["umount", folder], check=True)
        tool, filler = two_mirrored_with_news(origin, folder), folder / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        os.truncate(filler, filler.stat().st_size - left)
        ran = forge(folder, "refresh", "--all")
        assert (ran.returncode, "Traceback" in ran.stderr) == (1, False), ran.stderr
        assert "Make room" in ran.stdout + ran.stderr
        filler.unlink()
        refreshed_to_the_end(folder, tool)


def forge_with_room(folder, size_bytes, *arguments):
    """The command where no file may grow above a size, in steps of 512 bytes."""
    line = f'ulimit -f {size_bytes // 512}; exec "$0" -m forge.cli "$@"'
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32"}
    return subprocess.run(["sh", "-c", line, sys.executable, *arguments], cwd=folder, env=environment,
                          capture_output=True, text=True, timeout=SECONDS)  # fmt: skip


def test_a_database_that_is_damaged_in_places_is_found_by_doctor(folder):
    a_file(folder, a_catalog(*(a_project(f"tool-{number}", repository=None) for number in range(300))))
    forge(folder, "import", "catalog.yaml")
    database = folder / "data" / "catalog.db"
    with closing(sqlite3.connect(database)) as connection:
        (last,) = connection.execute("SELECT max(rootpage) FROM sqlite_master").fetchone()
    with database.open("r+b") as file:
        for page in range(last + 1, database.stat().st_size // 4096, 3):  # behind the first page of every table
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    ran = forge(folder, "doctor")
    assert (ran.returncode, "Traceback" in ran.stderr) == (3, False)
    assert "NOW   database: It is damaged: " in ran.stdout


def test_check_reads_a_document_beside_a_database_that_is_none(catalogue):
    (catalogue / "data" / "catalog.db").write_bytes(b"not a database at all" * 100)
    ran = forge(catalogue, "check")
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False)
    assert "The database cannot be read" in ran.stderr and "Nothing to mend" in ran.stderr


def test_check_warns_of_values_without_a_source_and_of_old_ones_in_one_line_a_record(folder):
    features = tuple(Feature({"en": f"Does {number}"}) for number in range(7))
    project = a_project(
        features=features,
        homepage="https://galette.eu",
        evidence={"homepage": Evidence("galette/galette:README.md", "2019-05")},
    )
    (folder / "catalog.yaml").write_text(dump(a_catalog(project, an_organization(kind=None, country=None))))
    ran = forge(folder, "check")
    line = next(n for n, text in enumerate((folder / "catalog.yaml").read_text().splitlines(), 1) if "galette" in text)
    assert ran.returncode == 0 and "Nothing to mend, 1 record with values to source." in ran.stderr
    assert ran.stdout.splitlines() == [
        f"catalog.yaml:{line}:9: projects[galette]: No source of its own: summary, features, domains, license. "
        "Seen more than two years ago: homepage."
    ]
    told = [json.loads(text) for text in forge(folder, "check", "--json").stdout.splitlines()]
    assert [(problem["line"], problem["warning"]) for problem in told] == [(line, True)]


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("galette/galette@0123abc", None),
        ("Galette/plugins:README.md", None),
        ("galette/docs@0123abc", "galette/docs"),
        ("https://github.com/galette/docs/commits", "https://github.com/galette/docs/commits"),
        ("https://github.com/galette/galette/commits", None),
        ("awesome-selfhosted/awesome-selfhosted-data:software/galette.yml#L12", None),
        ("https://pypi.org/project/galette", None),
    ],
)
def test_check_warns_of_a_last_change_of_another_repository(folder, source, other):
    change = LastChange("2026-08-30", source, date="2026-08-30")
    project = a_project(
        repository="https://github.com/galette/galette",
        other_repositories=("https://git.example.org/galette/plugins.git",),
        last_change=change,
    )
    (folder / "catalog.yaml").write_text(dump(a_catalog(project)))
    ran = forge(folder, "check")
    assert ran.returncode == 0
    assert (f"Its last change is that of another repository, {other}." in ran.stdout) == (other is not None)
    assert ("another repository" in ran.stdout) == (other is not None)


def test_the_version_is_that_of_the_package(folder):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert forge(folder, "--version").stdout == f"forge {version}\n"
    assert f"\n## [{version}] - 20" in (ROOT / "CHANGELOG.md").read_text()
    assert f"softwareVersion: {version}\n" in (ROOT / "publiccode.yml").read_text()


def test_a_setting_that_does_not_exist_is_refused_by_every_command(folder):
    ran = forge(folder, "check", databse="sqlite:///x")
    assert (ran.returncode, "FORGE_DATABSE" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)


def test_doctor_has_a_lost_document_written_again_from_what_is_served(folder):
    assert "`forge init` writes one" in forge(folder, "doctor").stdout
    written = a_file(folder).read_text()
    forge(folder, "import", "catalog.yaml")
    (folder / "catalog.yaml").unlink()
    assert "SOON  document: There is no catalog.yaml. What was loaded last is served; `forge export catalog.yaml`" in (
        forge(folder, "doctor").stdout
    )
    assert forge(folder, "export", "catalog.yaml").returncode == 0
    assert (folder / "catalog.yaml").read_text() == written


def test_doctor_tells_of_settings_that_keep_a_catalogue_from_starting(folder):
    a_file(folder)
    ran = forge(folder, "doctor", "--json", databse="sqlite:///x", ca_file="catalog.yaml", port="http")
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {(finding["subject"], finding["severity"]) for finding in told} == {("settings", "now")}
    assert [finding["sentence"].partition(":")[0] for finding in told] == [
        "FORGE_DATABSE",
        "FORGE_PORT",
        "FORGE_CA_FILE",
    ]
    assert (ran.returncode, ran.stderr) == (3, "")
    ran = forge(folder, "doctor", host="0.0.0.0")
    assert (ran.returncode, "NOW   settings: FORGE_BASE_URL is not set" in ran.stdout) == (3, True)


def test_a_database_of_another_kind_is_refused_with_its_setting(folder):
    a_file(folder)
    ran = forge(folder, "import", "catalog.yaml", database="mysql://localhost/x")
    assert (ran.returncode, "FORGE_DATABASE" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mail", "smtp:/forge:s3cret-pw@mail.example.org"), ("oidc", "https:/client:s3cret-pw@login.example.org"),
        ("database", "postgresql://forge:x@s3cret-pw@127.0.0.1:9/name"),
        ("database", "postgresql://forge:s3cret-pw@127.0.0.1:54x/name"),
        ("database", "postgresql://forge:s3cret-pw@127.0.0.1:9/name"), ("database", "forge:s3cret-pw@127.0.0.1/name"),
        ("database", "postgresql://forge:s3cret-pw@127.0.0.1:9/name?password=s3cret-pw"),
    ],
)  # fmt: skip
def test_no_command_prints_the_password_of_a_setting(folder, name, text):
    a_file(folder)
    for command in (["doctor"], ["import", "catalog.yaml"], ["check"], ["serve", "--port", "0", "--no-worker"]):
        ran = forge(folder, *command, **{name: text})
        assert "s3cret-pw" not in ran.stdout + ran.stderr and "Traceback" not in ran.stderr, command
        if command != ["check"]:  # which needs no database
            assert ran.returncode in (1, 3) and "FORGE_" in ran.stdout + ran.stderr, command


def test_a_data_folder_that_cannot_be_made_is_told(folder):
    a_file(folder)
    (folder / "file").write_text("")
    for arguments in (["serve", "--port", "0"], ["import", "catalog.yaml"]):
        ran = forge(folder, *arguments, data="file/data")
        assert (ran.returncode, "FORGE_DATA" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)


def test_serve_where_others_reach_it_needs_its_public_address(folder):
    a_file(folder)
    ran = forge(folder, "serve", "--host", "0.0.0.0")
    assert (ran.returncode, "FORGE_BASE_URL" in ran.stderr) == (1, True)


@pytest.mark.parametrize("name", [None, *sorted(command_group.commands)])
def test_help_shows_an_example(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    assert ("Example: forge" if name else "Commands:") in helped(*([name] if name else []))
    assert list(folder.iterdir()) == []


def test_a_child_that_reads_mirrors_loads_neither_the_database_nor_the_site():
    """It runs the command's module again when it starts, and takes as long as what that loads."""
    said = "import sys, forge.cli, forge.mirroring.snapshot; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run([sys.executable, "-c", said], env=environment, capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "alembic", "starlette", "jinja2", "tantivy", "markdown"}.isdisjoint(loaded.stdout.split())


def test_a_load_keeps_what_a_mirror_showed(origin, folder):
    mirrored_from(origin, folder)
    forge(folder, "refresh", "galette")
    document = a_catalog(replace(a_project(repository=origin.url("git/tool.git")), name="Galette 2"))
    a_file(folder, document)
    assert forge(folder, "import", "catalog.yaml").stdout == "0 added, 1 changed, 2 dropped.\n"
    store = the_store(folder)
    project = store.public_records.project("galette")
    assert (project.mirror.state, project.record.name) == ("mirrored", "Galette 2")
    assert project.mirror.last_success_at <= datetime.now(UTC)
    store.close()


def test_refresh_ends_at_a_signal_though_a_host_is_silent(origin, folder):
    a_file(folder, a_catalog(a_project(repository=origin.url("silent/x.git"))))
    forge(folder, "import", "catalog.yaml")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32"}
    command = [sys.executable, "-m", "forge.cli", "refresh", "--all"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + SECONDS
        while not origin.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.terminate()
        _, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, "Stopped." in said) == (1, True)
